//! The page on which a person chooses a new password, because the old one expired or must be changed.

use ropeway_core::directory::Password;
use ropeway_core::ids::{ObjectId, TenantId};
use ropeway_core::oauth::form::Form;
use ropeway_core::password;
use ropeway_core::secret::Secret;
use ropeway_core::time::TenantTime;
use ropeway_store::{StoreError, Tx};

use super::progress::{Notice, Opened};
use super::stand::Stand;
use super::submit::{Effect, Taken, Verdict};
use crate::app::App;
use crate::facts::LoadedHome;
use crate::outcome::Stopped;
use crate::pages::words;

/// Takes the new password. It is the user's own change: refresh tokens that the old one began end for public clients.
pub(super) async fn typed(app: &App, opened: &mut Opened, stand: Stand, form: &Form) -> Result<Taken, Stopped> {
    let new = Secret::new(form.first("newpasswd").unwrap_or_default());
    let again = Secret::new(form.first("confirmpasswd").unwrap_or_default());
    let Some(home) = stand.user.and_then(|user| user.home) else { return Ok(Taken::Step(None)) };
    if let Some(complaint) = complaint(app, &home, &new, &again) {
        opened.visit.progress.notice = Some(Notice { code: 0, text: complaint.to_owned() });
        return Ok(Taken::Step(None));
    }
    let phc =
        app.passwords.hash(&new, app.source.random()?).await.map_err(|error| Stopped::Unavailable(error.into()))?;
    let now = opened.visit.asked.call.moment.in_tenant(&home.tenant);
    opened.visit.progress.password_at = Some(now);
    let (tenant, user) = (home.tenant.id, home.user.id);
    let run = Box::new(move |tx: &Tx<'_>| {
        change(tx, tenant, user, phc, now)?;
        Ok(Verdict::Counts)
    });
    Ok(Taken::Step(Some(Effect { run, attempt: None })))
}

/// What is wrong with a new password, in words for its owner.
pub(crate) fn complaint(app: &App, home: &LoadedHome, new: &Secret, again: &Secret) -> Option<&'static str> {
    let hash = home.password_hash.as_deref();
    if !new.matches(again) {
        Some(words::PASSWORDS_DIFFER)
    } else if app.passwords.remembers(home.tenant.id, home.user.id, hash, new) {
        Some(words::SAME_PASSWORD)
    } else {
        password::complaint(new, &home.user.user_principal_name)
    }
}

/// Writes a password that its owner chose.
pub(crate) fn change(
    tx: &Tx<'_>,
    tenant: TenantId,
    user: ObjectId,
    phc: Secret,
    now: TenantTime,
) -> Result<(), StoreError> {
    if let Some(mut user) = tx.reads().user(tenant, user)? {
        user.password = Some(Password::Phc(phc));
        user.force_change_password_next_sign_in = false;
        user.last_password_change = Some(now);
        tx.put_user(tenant, &user)?;
    }
    Ok(())
}
