//! The page on which a person chooses a new password, because the old one expired or must be changed.

use ropeway_core::directory::Password;
use ropeway_core::oauth::form::Form;
use ropeway_core::password;
use ropeway_core::secret::Secret;
use ropeway_store::Tx;

use super::progress::{Notice, Opened};
use super::stand::Stand;
use super::submit::{Effect, Taken, Verdict};
use crate::app::App;
use crate::outcome::Stopped;

/// Takes the new password. It is the user's own change: refresh tokens that the old one began end for public clients.
pub(super) async fn typed(app: &App, opened: &mut Opened, stand: Stand, form: &Form) -> Result<Taken, Stopped> {
    let new = Secret::new(form.first("newpasswd").unwrap_or_default());
    let again = Secret::new(form.first("confirmpasswd").unwrap_or_default());
    let Some(home) = stand.user.and_then(|user| user.home) else { return Ok(Taken::Step(None)) };
    let hash = home.password_hash.as_deref();
    let same = app.passwords.remembers(home.tenant.id, home.user.id, hash, &new);
    let complaint = if !new.matches(&again) {
        Some("The two passwords differ.")
    } else if same {
        Some("The new password is the old one. Choose another.")
    } else {
        password::complaint(&new, &home.user.user_principal_name)
    };
    if let Some(complaint) = complaint {
        opened.visit.progress.notice = Some(Notice { code: 0, text: complaint.to_owned() });
        return Ok(Taken::Step(None));
    }
    let phc =
        app.passwords.hash(&new, app.source.random()?).await.map_err(|error| Stopped::Unavailable(error.into()))?;
    let now = opened.visit.asked.call.moment.in_tenant(&home.tenant);
    opened.visit.progress.password_at = Some(now);
    let (tenant, user) = (home.tenant.id, home.user.id);
    let run = Box::new(move |tx: &Tx<'_>| {
        if let Some(mut user) = tx.reads().user(tenant, user)? {
            user.password = Some(Password::Phc(phc));
            user.force_change_password_next_sign_in = false;
            user.last_password_change = Some(now);
            tx.put_user(tenant, &user)?;
        }
        Ok(Verdict::Counts)
    });
    Ok(Taken::Step(Some(Effect { run, attempt: None })))
}
