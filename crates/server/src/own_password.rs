//! A user changes their own password, by knowing the old one: on their own page and through Graph.

use ropeway_core::error::Denial;
use ropeway_core::secret::Secret;
use ropeway_core::signin::PasswordProof;
use ropeway_core::time::TenantTime;

use crate::admit;
use crate::app::App;
use crate::facts::LoadedHome;
use crate::moment::Moment;
use crate::outcome::Stopped;
use crate::signin;

/// Why it stays as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotChanged {
    /// A federation service, a directory on premises or another tenant keeps it, or there is none.
    Elsewhere,
    /// The old one was not that.
    WrongOld,
    /// Smart lockout.
    Locked,
    /// What is wrong with the new one, in words for its owner.
    Unfit(&'static str),
}

/// Takes the new password; gives when. Guesses at the old one count with all others.
pub(crate) async fn change(
    app: &App,
    moment: &Moment,
    home: &LoadedHome,
    old: &Secret,
    new: &Secret,
) -> Result<Result<TenantTime, NotChanged>, Stopped> {
    if !home.keeps_password() {
        return Ok(Err(NotChanged::Elsewhere));
    }
    let mut open = None;
    let proved = admit::prove(app, moment, home, old, &mut open).await;
    if let Some(attempt) = open {
        attempt.settle(app).await?;
    }
    match proved {
        Ok(PasswordProof::Right) => {}
        Ok(PasswordProof::Wrong | PasswordProof::Unchecked) => return Ok(Err(NotChanged::WrongOld)),
        Err(Stopped::Denied(denial)) if denial == Denial::new(50053) => return Ok(Err(NotChanged::Locked)),
        Err(stopped) => return Err(stopped),
    }
    if let Some(complaint) = signin::complaint(app, home, new, new) {
        return Ok(Err(NotChanged::Unfit(complaint)));
    }
    let phc =
        app.passwords.hash(new, app.source.random()?).await.map_err(|error| Stopped::Unavailable(error.into()))?;
    let now = moment.in_tenant(&home.tenant);
    let (tenant, user) = (home.tenant.id, home.user.id);
    app.store.write(move |tx| signin::change(tx, tenant, user, phc, now)).await?;
    Ok(Ok(now))
}
