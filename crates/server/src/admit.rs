//! Steps *admit* and *check* of the spine: may this password be tried, and is it the right one? The password grant and the
//! page ask alike, so that one counter bounds the guesses of both.

use ropeway_core::directory::Tenant;
use ropeway_core::error::Denial;
use ropeway_core::ids::ObjectId;
use ropeway_core::secret::Secret;
use ropeway_core::signin::PasswordProof;
use ropeway_store::{Attempt, AttemptId, Outcome, Tx};

use crate::app::App;
use crate::facts::LoadedHome;
use crate::moment::Moment;
use crate::outcome::Stopped;
use crate::password_check::NotChecked;
use crate::record::OpenAttempt;

/// Checks a password. The attempt that it takes is left `open`, for the caller to settle with what comes of it.
///
/// A password that was verified before needs no hash, and no attempt either unless there are
/// failures for it to clear.
pub(crate) async fn prove(
    app: &App,
    moment: &Moment,
    home: &LoadedHome,
    password: &Secret,
    open: &mut Option<OpenAttempt>,
) -> Result<PasswordProof, Stopped> {
    let (tenant, user) = (home.tenant.id, home.user.id);
    let hash = home.password_hash.as_deref();
    if !home.has_failures && app.passwords.remembers(tenant, user, hash, password) {
        return Ok(PasswordProof::Right);
    }
    let settings = home.tenant.settings.smart_lockout;
    let attempt = admit(app, moment, &home.tenant, Guess::Password(user)).await?;
    *open =
        Some(OpenAttempt { id: attempt, outcome: Outcome::Abandoned, now: moment.in_tenant(&home.tenant), settings });
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
    if let Some(attempt) = open {
        attempt.outcome = outcome;
    }
    Ok(if right { PasswordProof::Right } else { PasswordProof::Wrong })
}

/// What is guessed at, and whose it is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Guess {
    Password(ObjectId),
    SecondFactor(ObjectId),
}

/// Takes an attempt, or waits in a bounded queue until one settles: guesses in parallel never exceed the
/// threshold.
pub(crate) async fn admit(app: &App, moment: &Moment, tenant: &Tenant, guess: Guess) -> Result<AttemptId, Stopped> {
    let (id, settings) = (tenant.id, tenant.settings.smart_lockout);
    let now = moment.in_tenant(tenant);
    let _place = app.waiting.enter().map_err(Stopped::Unavailable)?;
    loop {
        let settled = app.waiting.settled();
        let wall = app.source.wall();
        let take = move |tx: &Tx<'_>| match guess {
            Guess::Password(user) => tx.take_attempt(id, user, now, wall, settings),
            Guess::SecondFactor(user) => tx.take_second_factor_attempt(id, user, now, wall, settings),
        };
        let attempt = app.store.write(take).await?;
        match attempt {
            Attempt::Taken(id) => return Ok(id),
            Attempt::Locked { .. } => return Err(Denial::new(50053).into()),
            Attempt::NoneLeft => settled.await,
        }
    }
}
