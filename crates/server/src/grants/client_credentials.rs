//! `grant_type=client_credentials`: an application for itself (RFC 6749 §4.4).

use ropeway_core::error::Denial;
use ropeway_core::oauth::scope::{AskedScope, DEFAULT_SCOPE};
use ropeway_core::oauth::token::ClientCredentialsRequest;
use ropeway_core::policy::assignment;

use crate::app::App;
use crate::issue::{Approved, Who};
use crate::outcome::Stopped;
use crate::record::Draft;
use crate::token::{Call, Request};

/// Takes the request to its decision. No tenant can be guessed for an application: `/common` and its like are AADSTS50059.
pub(crate) async fn decide(app: &App, call: &Call, request: Request, draft: &mut Draft) -> Result<Approved, Stopped> {
    let tenant = request.tenant(None)?;
    let credential = call.credential()?;
    let ClientCredentialsRequest { target } = ClientCredentialsRequest::read(&call.form, call.version)?;
    let (client, proof) = request.client(app, call, &tenant, &credential, true, draft).await?;

    let mut scope = target.parse(&[])?;
    // Clients add OpenID Connect's scopes here, and Entra ignores them (captured).
    scope.oidc.clear();
    if scope.scopes.is_empty() || scope.scopes.iter().any(|scope| scope.value != DEFAULT_SCOPE) {
        let offending = scope.scopes.iter().find(|scope| scope.value != DEFAULT_SCOPE).map(AskedScope::to_string);
        return Err(Denial::new(1002012).with("scope", offending.unwrap_or(scope.raw)).into());
    }
    let asked = scope.resolve(&tenant, &call.origin)?;
    draft.resource = Some(asked.resource.app_id);
    draft.user_principal_name.clone_from(&client.display_name);

    let assignments = app.store.read(|reads| reads.app_role_assignments(tenant.id, &[client.service_principal_id]))?;
    if !assignment::satisfied(asked.resource, &assignments) {
        let denial = Denial::new(501051)
            .with("appId", client.app_id)
            .with("appName", &client.display_name)
            .with("resource", asked.resource.app_id)
            .with("resourceName", &asked.resource.display_name);
        return Err(denial.into());
    }
    let roles = assignment::role_values(asked.resource, &assignments);
    Ok(Approved {
        client: client.app_id,
        client_proof: proof,
        resource: asked.resource.app_id,
        resource_as_asked: asked.resource_as_asked,
        scope,
        claims: request.claims,
        who: Who::Application { roles },
        tenant,
    })
}
