//! `grant_type=refresh_token` (RFC 6749 §6): the same question again, with proofs remembered.

use ropeway_core::error::Denial;
use ropeway_core::oauth::tenant_segment::TenantSegment;
use ropeway_core::oauth::token::RefreshTokenRequest;
use ropeway_core::policy::refresh_lifetime::Remembered;
use ropeway_core::signin::Proofs;
use ropeway_core::token::RefreshToken;

use crate::app::App;
use crate::facts::Whose;
use crate::issue::{Approved, Basis};
use crate::outcome::Stopped;
use crate::record::Draft;
use crate::sign_in::{self, Question};
use crate::token::{Call, Request};

/// Takes the request to its decision. The token is bound to user and client, not to the tenant of the path, nor to a
/// resource (<https://learn.microsoft.com/entra/identity-platform/refresh-tokens>); Microsoft's family of clients shares
/// its tokens. One that is not ours is AADSTS9002313, another client's AADSTS700007, one whose code was redeemed twice
/// AADSTS70000 (inferred).
pub(crate) async fn decide(app: &App, call: &Call, request: Request, draft: &mut Draft) -> Result<Approved, Stopped> {
    let credential = call.credential()?;
    let RefreshTokenRequest { token, target } = RefreshTokenRequest::read(&call.form, call.version)?;
    let opened = RefreshToken::open(&app.keys().sealing, token.expose());

    let tenant = match (&request.segment, &opened) {
        (TenantSegment::Id(_) | TenantSegment::Domain(_), _) => request.tenant(None)?,
        (_, Some(token)) => {
            request.snapshot.tenant(token.resource_tenant).cloned().ok_or_else(|| Denial::new(50059))?
        }
        (_, None) => return Err(Denial::new(9002313).into()),
    };
    draft.tenant = Some(tenant.clone());
    let confidential = opened.as_ref().is_some_and(|token| token.client_is_confidential);
    let (client, client_proof) = request.client(app, call, &tenant, &credential, confidential, draft).await?;
    let token = opened.ok_or_else(|| Denial::new(9002313))?;
    let of_the_family = client.foci && tenant.application(token.client).is_some_and(|issued_to| issued_to.foci);
    if token.client != client.app_id && !of_the_family {
        return Err(Denial::new(700007).into());
    }
    call.redeemed_by(token.single_page)?;
    let ended = token.authorization.map(|id| app.store.read(|reads| reads.authorization_ended(id))).transpose()?;
    if ended == Some(true) {
        return Err(Denial::new(70000).into());
    }
    let mut scope = target.parse(&token.default_scopes)?;
    scope.keep_first_resource(&tenant, &call.origin);
    let asked = scope.resolve(&tenant, &call.origin)?;
    draft.resource = Some(asked.resource.app_id);

    let whose = Whose::HomeObject(token.home_tenant, token.user);
    let user = sign_in::load(app, &request.snapshot, &tenant, client, whose, draft)?;
    let proofs = Proofs::Remembered(Remembered {
        issued_at: token.issued_at,
        password_at: token.proofs.password_at,
        second_factor_at: token.proofs.mfa_at,
        confidential_client: token.client_is_confidential,
        single_page_since: token.single_page.then_some(token.first_issued_at),
    });
    let question = Question {
        grant: request.grant,
        tenant_as_asked: call.tenant_as_asked(&tenant),
        tenant: &tenant,
        client,
        client_proof,
        scope: &scope,
        asked: &asked,
        claims: request.claims,
        user,
    };
    let ruling = question.decide(call, proofs);
    question.conclude(call, proofs, ruling, Basis::Refresh(token), draft)
}
