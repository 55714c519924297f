//! The change of the person's own password.

use ropeway_core::policy::session_lifetime::{IDLE_SECONDS, PERSISTENT_SECONDS, SessionProofs};
use ropeway_core::secret::Secret;
use ropeway_core::signin::Session;

use super::{Deed, PageCall};
use crate::outcome::Stopped;
use crate::own_password::{self, NotChanged};
use crate::pages::words;
use crate::signin::Person;

/// Takes the old password and the new one. The session of this browser knows the new one at once; the others that began
/// with the old one are over.
pub(super) async fn change(call: &PageCall<'_>, person: &Person) -> Result<Deed, Stopped> {
    let PageCall { app, moment, browser, .. } = call;
    let Some(home) = &person.user.home else { return Ok(Deed::Refused(words::PASSWORD_ELSEWHERE)) };
    let field = |name: &str| Secret::new(call.form.first(name).unwrap_or_default());
    let (old, new) = (field("oldpasswd"), field("newpasswd"));
    if !new.matches(&field("confirmpasswd")) {
        return Ok(Deed::Refused(words::PASSWORDS_DIFFER));
    }
    let now = match own_password::change(app, moment, home, &old, &new).await? {
        Ok(now) => now,
        Err(NotChanged::Elsewhere) => return Ok(Deed::Refused(words::PASSWORD_ELSEWHERE)),
        Err(NotChanged::WrongOld) => return Ok(Deed::Refused(words::WRONG_OLD_PASSWORD)),
        Err(NotChanged::Locked) => return Ok(Deed::Refused(words::TOO_MANY_PASSWORDS)),
        Err(NotChanged::Unfit(complaint)) => return Ok(Deed::Refused(complaint)),
    };
    let proofs = SessionProofs { password_at: Some(now), used_at: now, ..person.session.proofs };
    let session = Session { proofs, ..person.session };
    let expires = now.plus_seconds(if proofs.persistent { PERSISTENT_SECONDS } else { IDLE_SECONDS });
    if let Some(hash) = browser.sessions_hash() {
        let place = browser.place(moment.ip);
        app.store.write(move |tx| tx.put_session(&hash, &session, &place, expires)).await?;
    }
    Ok(Deed::Done("changed"))
}
