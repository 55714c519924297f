//! `tenants/{tenant}/oauth2PermissionGrants`: delegated consents.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use http::StatusCode;
use ropeway_core::directory::file::{ObjectReader, grant_id, show_grant};
use ropeway_core::directory::{ConsentType, OAuth2PermissionGrant};
use ropeway_store::StoreError;
use serde_json::Value;

use super::answer::{Body, ErrorBody, List, Refusal, change, find_tenant};
use super::users;
use crate::app::App;

/// Lists the consents, Microsoft's own clients' too.
#[utoipa::path(get, path = "/tenants/{tenant}/oauth2PermissionGrants", tag = "consents",
    operation_id = "listOAuth2PermissionGrants", params(("tenant" = String, Path, description = "Id or domain")),
    responses((status = 200, description = "The consents", body = List<Value>)))]
pub(crate) async fn list(State(app): State<App>, Path(tenant): Path<String>) -> Result<Json<List<Value>>, Refusal> {
    let tenant = find_tenant(&app, &tenant)?;
    let grants = app.store.read(|reads| reads.all_grants(tenant.id))?;
    Ok(Json(List { value: grants.iter().map(|grant| show_grant(&tenant, grant)).collect() }))
}

/// Records a consent, one for each client and principal that is named. Scopes are added to those of a consent for the same
/// client, resource and principal.
#[utoipa::path(post, path = "/tenants/{tenant}/oauth2PermissionGrants", tag = "consents",
    operation_id = "createOAuth2PermissionGrant", params(("tenant" = String, Path, description = "Id or domain")),
    request_body(content = ref("#/components/schemas/oAuth2PermissionGrant")),
    responses(
        (status = 201, description = "The consents as they are now", body = List<Value>),
        (status = 400, description = "The body is wrong", body = ErrorBody),
    ))]
pub(crate) async fn create(
    State(app): State<App>,
    Path(tenant): Path<String>,
    body: Body,
) -> Result<(StatusCode, Json<List<Value>>), Refusal> {
    let tenant = find_tenant(&app, &tenant)?;
    let recorded = change(&app, {
        let tenant = Arc::clone(&tenant);
        move |tx| {
            let reads = tx.reads();
            let user = |name: &str| users::named(&reads, tenant.id, name).ok().flatten().map(|user| user.id);
            let mut grants = match (ObjectReader { tenant: &tenant, user: &user }).grants(body.bytes()) {
                Ok(grants) => grants,
                Err(faults) => return Ok(Err(faults.into())),
            };
            let known = reads.all_grants(tenant.id)?;
            for grant in &mut grants {
                if let Some(before) = known.iter().find(|known| same_place(known, grant)) {
                    add_scopes(grant, before);
                }
                tx.put_grant(tenant.id, grant)?;
            }
            Ok::<_, StoreError>(Ok(grants))
        }
    });
    let value = recorded.await?.iter().map(|grant| show_grant(&tenant, grant)).collect();
    Ok((StatusCode::CREATED, Json(List { value })))
}

/// Takes a consent back.
#[utoipa::path(delete, path = "/tenants/{tenant}/oauth2PermissionGrants/{grant}", tag = "consents",
    operation_id = "deleteOAuth2PermissionGrant",
    params(("tenant" = String, Path, description = "Id or domain"),
        ("grant" = String, Path, description = "The consent's id")),
    responses(
        (status = 204, description = "It is gone"),
        (status = 404, description = "There is no such consent", body = ErrorBody),
    ))]
pub(crate) async fn delete(
    State(app): State<App>,
    Path((tenant, grant)): Path<(String, String)>,
) -> Result<StatusCode, Refusal> {
    let tenant = find_tenant(&app, &tenant)?;
    change(&app, move |tx| {
        let grants = tx.reads().all_grants(tenant.id)?;
        let found = grants.iter().find(|known| grant_id(&tenant, known).to_string().eq_ignore_ascii_case(&grant));
        let Some(found) = found else {
            return Ok(Err(Refusal::not_found(format!("there is no consent {grant}; GET lists them with their ids"))));
        };
        tx.remove_grant(tenant.id, found)?;
        Ok(Ok(()))
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn same_place(one: &OAuth2PermissionGrant, other: &OAuth2PermissionGrant) -> bool {
    let principal = |grant: &OAuth2PermissionGrant| match grant.consent {
        ConsentType::AllPrincipals => None,
        ConsentType::Principal(user) => Some(user),
    };
    (one.client, one.resource, principal(one)) == (other.client, other.resource, principal(other))
}

fn add_scopes(grant: &mut OAuth2PermissionGrant, before: &OAuth2PermissionGrant) {
    let added = std::mem::take(&mut grant.scopes);
    grant.scopes.clone_from(&before.scopes);
    for scope in added {
        if !grant.scopes.contains(&scope) {
            grant.scopes.push(scope);
        }
    }
}
