//! The password page.

use ropeway_core::error::Denial;
use ropeway_core::oauth::form::Form;
use ropeway_core::secret::Secret;
use ropeway_core::signin::PasswordProof;

use super::progress::{Notice, Opened};
use super::record_refusal;
use super::stand::Stand;
use super::submit::Taken;
use crate::admit;
use crate::app::App;
use crate::outcome::Stopped;
use crate::pages::words;

/// Checks the password by the counter that the password grant's guesses are bounded by.
pub(super) async fn typed(app: &App, opened: &mut Opened, stand: Stand, form: &Form) -> Result<Taken, Stopped> {
    let password = Secret::new(form.first("passwd").unwrap_or_default());
    if password.expose().is_empty() {
        opened.visit.progress.notice = Some(Notice { code: 0, text: words::PASSWORD_WANTED.to_owned() });
        return Ok(Taken::Step(None));
    }
    let Some(home) = stand.user.as_ref().and_then(|user| user.home.as_ref()) else { return Ok(Taken::Step(None)) };
    let moment = opened.visit.asked.call.moment;
    let mut draft = super::draft(&opened.visit.asked);
    let proved = admit::prove(app, &moment, home, &password, &mut draft.attempt).await;
    draft.settle(app).await?;
    let denial = match proved {
        Ok(PasswordProof::Right) => {
            let progress = &mut opened.visit.progress;
            progress.password_at = Some(moment.in_tenant(&home.tenant));
            progress.proved = Some((home.tenant.id, home.user.id));
            return Ok(Taken::Step(None));
        }
        Ok(PasswordProof::Wrong | PasswordProof::Unchecked) => Denial::new(50126),
        Err(Stopped::Denied(denial)) => denial,
        Err(stopped) => return Err(stopped),
    };
    let text = if denial.code() == 50126 { words::WRONG_PASSWORD.to_owned() } else { words::LOCKED.to_owned() };
    opened.visit.progress.notice = Some(Notice { code: denial.code(), text });
    record_refusal(app, &opened.visit.asked, Some(&stand), &denial).await?;
    Ok(Taken::Step(None))
}
