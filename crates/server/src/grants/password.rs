//! `grant_type=password` (RFC 6749 §4.3): ROPC. Nothing here knows why it may be refused; `decide` does.

use ropeway_core::directory::SmartLockout;
use ropeway_core::error::Denial;
use ropeway_core::error::render::EndpointVersion;
use ropeway_core::ids::CONSUMER_TENANT;
use ropeway_core::oauth::tenant_segment::TenantSegment;
use ropeway_core::oauth::token::PasswordRequest;
use ropeway_core::secret::Secret;
use ropeway_core::signin::{Decision, PasswordProof, Proofs, Step};
use ropeway_store::{Attempt, AttemptId, Outcome};

use crate::app::App;
use crate::facts::{LoadedHome, Whose};
use crate::issue::Approved;
use crate::outcome::Stopped;
use crate::password_check::NotChecked;
use crate::record::{Draft, OpenAttempt};
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

    let user = sign_in::load(app, &request, &tenant, client, Whose::SignInName(&username), draft)?;
    let question = Question {
        grant: request.grant,
        tenant_as_asked: call.tenant_as_asked(&tenant),
        tenant: &tenant,
        client,
        client_proof,
        scope: &scope,
        asked: &asked,
        user,
    };
    let unchecked = Proofs::Password(PasswordProof::Unchecked);
    let ruling = question.decide(call, unchecked);
    if ruling.decision != Decision::Interrupt(Step::Password) {
        return question.conclude(call, unchecked, ruling, None, draft);
    }
    let Some(home) = &question.user.home else {
        return question.conclude(call, unchecked, ruling, None, draft);
    };
    let proof = prove(app, call, home, &password, draft).await?;
    let proofs = Proofs::Password(proof);
    let ruling = question.decide(call, proofs);
    question.conclude(call, proofs, ruling, None, draft)
}

/// Steps *admit* and *check*. A password that was verified before needs no hash, and no attempt either unless there are
/// failures for it to clear.
async fn prove(
    app: &App,
    call: &Call,
    home: &LoadedHome,
    password: &Secret,
    draft: &mut Draft,
) -> Result<PasswordProof, Stopped> {
    let (tenant, user) = (home.tenant.id, home.user.id);
    let hash = home.password_hash.as_deref();
    if !home.has_failures && app.passwords.remembers(tenant, user, hash, password) {
        return Ok(PasswordProof::Right);
    }
    let settings = home.tenant.settings.smart_lockout;
    let attempt = admit(app, call, home, settings).await?;
    draft.attempt = Some(OpenAttempt {
        id: attempt,
        outcome: Outcome::Abandoned,
        now: call.moment.in_tenant(&home.tenant),
        settings,
    });
    let checked = app.passwords.check(tenant, user, hash, password).await;
    let right = checked.map_err(|error| match error {
        NotChecked::Busy | NotChecked::Stopping => Stopped::Unavailable(error.into()),
        NotChecked::BadHash(_) | NotChecked::BadCost(_) => Stopped::Broken(error.into()),
    })?;
    let outcome = if right {
        Outcome::Right
    } else {
        Outcome::Wrong { fingerprint: app.passwords.fingerprint(tenant, user, password) }
    };
    if let Some(attempt) = &mut draft.attempt {
        attempt.outcome = outcome;
    }
    Ok(if right { PasswordProof::Right } else { PasswordProof::Wrong })
}

/// Takes an attempt, or waits in a bounded queue until one settles: guesses in parallel never exceed the threshold.
async fn admit(app: &App, call: &Call, home: &LoadedHome, settings: SmartLockout) -> Result<AttemptId, Stopped> {
    let (tenant, user) = (home.tenant.id, home.user.id);
    let now = call.moment.in_tenant(&home.tenant);
    let _place = app.waiting.enter().map_err(Stopped::Unavailable)?;
    loop {
        let settled = app.waiting.settled();
        let wall = app.source.wall();
        let attempt = app.store.write(move |tx| tx.take_attempt(tenant, user, now, wall, settings)).await?;
        match attempt {
            Attempt::Taken(id) => return Ok(id),
            Attempt::Locked { .. } => return Err(Denial::new(50053).into()),
            Attempt::NoneLeft => settled.await,
        }
    }
}
