//! The page on which a person registers an authenticator app.

use ropeway_core::directory::AuthenticationMethod;
use ropeway_core::oauth::form::Form;
use ropeway_core::secret::Secret;
use ropeway_core::totp;
use ropeway_store::Tx;
use url::Url;

use super::progress::Opened;
use super::second_factor::{check, digits};
use super::stand::Stand;
use super::submit::{Effect, Taken, Verdict};
use crate::app::App;
use crate::outcome::Stopped;

/// Draws a secret and keeps it with the transaction, so that a reload shows the same one.
pub(super) async fn begin(app: &App, opened: &mut Opened) -> Result<(), Stopped> {
    opened.visit.progress.enrolling = Some(totp::new_secret(&app.source.random::<20>()?));
    let (hash, version, document) = (opened.hash(), opened.version, opened.visit.progress.document()?);
    if app.store.write(move |tx| tx.advance_transaction(&hash, version, &document)).await? {
        opened.version += 1;
    }
    Ok(())
}

/// A code of the new secret shows that the app has it: the method is registered, and the factor proved.
pub(super) async fn typed(app: &App, opened: &mut Opened, stand: Stand, form: &Form) -> Result<Taken, Stopped> {
    let Some(secret) = opened.visit.progress.enrolling.clone().map(Secret::new) else { return Ok(Taken::Step(None)) };
    let used = check(app, opened, &stand, &digits(form), std::slice::from_ref(&secret)).await?;
    let (Some(used), Some(home)) = (used, stand.user.and_then(|user| user.home)) else { return Ok(Taken::Step(None)) };
    let progress = &mut opened.visit.progress;
    progress.second_factor_at = Some(opened.visit.asked.call.moment.in_tenant(&home.tenant));
    progress.proved = Some((home.tenant.id, home.user.id));
    progress.enrolling = None;
    let (tenant, user) = (home.tenant.id, home.user.id);
    let attempt = used.attempt;
    let run = Box::new(move |tx: &Tx<'_>| {
        if (used.run)(tx)? == Verdict::Used {
            return Ok(Verdict::Used);
        }
        if let Some(mut user) = tx.reads().user(tenant, user)? {
            user.authentication_methods.push(AuthenticationMethod::SoftwareOath { secret_key: secret });
            tx.put_user(tenant, &user)?;
        }
        Ok(Verdict::Counts)
    });
    Ok(Taken::Step(Some(Effect { run, attempt })))
}

/// What an authenticator app reads from the picture.
pub(super) fn otpauth_url(tenant: &str, sign_in_name: &str, secret: &str) -> String {
    let encoded =
        |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20");
    let label = format!("otpauth://totp/{}:{}", encoded(tenant), encoded(sign_in_name));
    match Url::parse(&label) {
        Ok(mut url) => {
            url.query_pairs_mut().append_pair("secret", secret).append_pair("issuer", tenant);
            url.into()
        }
        Err(_) => label,
    }
}
