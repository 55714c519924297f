//! `grant_type=password` (RFC 6749 §4.3): ROPC. Nothing here knows why it may be refused; `decide` does.

use ropeway_core::error::Denial;
use ropeway_core::error::render::EndpointVersion;
use ropeway_core::ids::CONSUMER_TENANT;
use ropeway_core::oauth::tenant_segment::TenantSegment;
use ropeway_core::oauth::token::PasswordRequest;
use ropeway_core::signin::{Decision, PasswordProof, Proofs, Step};

use crate::admit;
use crate::app::App;
use crate::facts::Whose;
use crate::issue::{Approved, Basis};
use crate::outcome::Stopped;
use crate::record::Draft;
use crate::sign_in::{self, Question};
use crate::token::{Call, Request};

/// Takes the request to its decision. v2.0 refuses `/common` and `/consumers` before anything else is looked at
/// (AADSTS9001023, captured); v1.0 finds the tenant of `/common` by the name's domain (captured), and has no tokens for
/// personal accounts (AADSTS500201).
pub(crate) async fn decide(app: &App, call: &Call, request: Request, draft: &mut Draft) -> Result<Approved, Stopped> {
    let alias = matches!(request.segment, TenantSegment::Common | TenantSegment::Consumers);
    if alias && call.version == EndpointVersion::V2 {
        return Err(Denial::new(9001023).into());
    }
    let credential = call.credential()?;
    let PasswordRequest { username, password, target } = PasswordRequest::read(&call.form, call.version)?;
    draft.user_principal_name.clone_from(&username);
    let tenant = request.tenant(Some(&username))?;
    draft.tenant = Some(tenant.clone());
    if tenant.id == CONSUMER_TENANT && call.version == EndpointVersion::V1 {
        return Err(Denial::new(500201).into());
    }
    let (client, client_proof) = request.client(app, call, &tenant, &credential, false, draft).await?;
    let scope = target.parse(&[])?;
    let asked = scope.resolve(&tenant, &call.origin)?;
    draft.resource = Some(asked.resource.app_id);

    let user = sign_in::load(app, &request.snapshot, &tenant, client, Whose::SignInName(&username), draft)?;
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
    let unchecked = Proofs::Password(PasswordProof::Unchecked);
    let ruling = question.decide(call, unchecked);
    if ruling.decision != Decision::Interrupt(Step::Password) {
        return question.conclude(call, unchecked, ruling, Basis::Password, draft);
    }
    let Some(home) = &question.user.home else {
        return question.conclude(call, unchecked, ruling, Basis::Password, draft);
    };
    let proof = admit::prove(app, &call.moment, home, &password, &mut draft.attempt).await?;
    let proofs = Proofs::Password(proof);
    let ruling = question.decide(call, proofs);
    question.conclude(call, proofs, ruling, Basis::Password, draft)
}
