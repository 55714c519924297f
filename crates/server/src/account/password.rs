//! The change of the person's own password.

use ropeway_core::error::Denial;
use ropeway_core::oauth::form::Form;
use ropeway_core::policy::session_lifetime::{IDLE_SECONDS, PERSISTENT_SECONDS, SessionProofs};
use ropeway_core::secret::Secret;
use ropeway_core::signin::{PasswordProof, Session};

use super::{Deed, Visit};
use crate::admit;
use crate::facts::LoadedHome;
use crate::outcome::Stopped;
use crate::record::Draft;
use crate::signin::{self, Person};

/// Whether there is a password here to change: not that of a federation service, a directory on premises or nobody.
pub(super) fn is_kept_here(home: &LoadedHome) -> bool {
    home.has_password && !home.user.pass_through
}

/// Takes the old password and the new one. Guesses at the old one count with all others; the session of this browser knows
/// the new one at once, and the others that began with the old one are over.
pub(super) async fn change(visit: &Visit<'_>, person: &Person) -> Result<Deed, Stopped> {
    let Visit { app, moment, browser, .. } = visit;
    let Some(home) = person.user.home.as_ref().filter(|home| is_kept_here(home)) else {
        return Ok(Deed::Refused("Your organisation keeps your password elsewhere. Change it there."));
    };
    let field = |name: &str| Secret::new(visit.form.first(name).unwrap_or_default());
    let (old, new, again) = (field("oldpasswd"), field("newpasswd"), field("confirmpasswd"));
    let mut draft = Draft::new(&visit.call(Form::default()));
    let proved = admit::prove(app, moment, home, &old, &mut draft).await;
    draft.settle(app).await?;
    match proved {
        Ok(PasswordProof::Right) => {}
        Ok(PasswordProof::Wrong | PasswordProof::Unchecked) => {
            return Ok(Deed::Refused("The old password is wrong."));
        }
        Err(Stopped::Denied(denial)) if denial == Denial::new(50053) => {
            return Ok(Deed::Refused("Too many wrong passwords. Try again later."));
        }
        Err(stopped) => return Err(stopped),
    }
    if let Some(complaint) = signin::complaint(app, home, &new, &again) {
        return Ok(Deed::Refused(complaint));
    }
    let phc =
        app.passwords.hash(&new, app.source.random()?).await.map_err(|error| Stopped::Unavailable(error.into()))?;
    let now = moment.in_tenant(&home.tenant);
    let (tenant, user) = (home.tenant.id, home.user.id);
    let proofs = SessionProofs { password_at: Some(now), used_at: now, ..person.session.proofs };
    let session = Session { proofs, ..person.session };
    let expires = now.plus_seconds(if proofs.persistent { PERSISTENT_SECONDS } else { IDLE_SECONDS });
    let (place, browser_hash) = (browser.place(moment.ip), browser.sessions_hash());
    app.store
        .write(move |tx| {
            signin::change(tx, tenant, user, phc, now)?;
            match browser_hash {
                Some(hash) => tx.put_session(&hash, &session, &place, expires),
                None => Ok(()),
            }
        })
        .await?;
    Ok(Deed::Done("changed"))
}
