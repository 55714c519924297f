//! The page for the code of an authenticator app. A code is taken once per user, and guesses are counted per user, whatever
//! the browser.

use ropeway_core::directory::AuthenticationMethod;
use ropeway_core::error::Denial;
use ropeway_core::oauth::form::Form;
use ropeway_core::secret::Secret;
use ropeway_core::totp;
use ropeway_store::{Outcome, Tx};

use super::progress::{Notice, Opened};
use super::record_refusal;
use super::stand::Stand;
use super::submit::{Effect, Taken, Verdict};
use crate::admit::{self, Guess};
use crate::app::App;
use crate::browser;
use crate::facts::LoadedUser;
use crate::outcome::Stopped;
use crate::pages::words;
use crate::record::OpenAttempt;

/// Checks the code.
pub(super) async fn typed(app: &App, opened: &mut Opened, stand: Stand, form: &Form) -> Result<Taken, Stopped> {
    let code = digits(form);
    let secrets = stand.user.as_ref().map(registered).unwrap_or_default();
    match check(app, opened, &stand, &code, &secrets).await? {
        Some(used) => {
            let home = stand.user.as_ref().and_then(|user| user.home.as_ref());
            let progress = &mut opened.visit.progress;
            progress.second_factor_at = home.map(|home| opened.visit.asked.call.moment.in_tenant(&home.tenant));
            progress.proved = home.map(|home| (home.tenant.id, home.user.id));
            Ok(Taken::Step(Some(used)))
        }
        None => Ok(Taken::Step(None)),
    }
}

/// Holds a code against these secrets. What comes back uses it up; `None`: it is wrong, said in a notice and in the log.
pub(super) async fn check(
    app: &App,
    opened: &mut Opened,
    stand: &Stand,
    code: &str,
    secrets: &[Secret],
) -> Result<Option<Effect>, Stopped> {
    let Some(home) = stand.user.as_ref().and_then(|user| user.home.as_ref()) else { return Ok(None) };
    let moment = opened.visit.asked.call.moment;
    let (tenant, user) = (home.tenant.id, home.user.id);
    let settings = home.tenant.settings.smart_lockout;
    let now = moment.in_tenant(&home.tenant);
    let attempt = match admit::admit(app, &moment, &home.tenant, Guess::SecondFactor(user)).await {
        Ok(attempt) => attempt,
        Err(Stopped::Denied(denial)) => {
            let text = words::TOO_MANY_CODES.to_owned();
            opened.visit.progress.notice = Some(Notice { code: denial.code(), text });
            record_refusal(app, &opened.visit.asked, Some(stand), &denial).await?;
            return Ok(None);
        }
        Err(stopped) => return Err(stopped),
    };
    let shown = home.tenant.settings.stamps_at(moment.wall);
    let attempt = OpenAttempt { id: attempt, outcome: Outcome::Right, now, settings };
    let step = secrets.iter().find_map(|secret| totp::matching_step(secret, code, shown));
    if let Some(step) = step {
        let mark = browser::hash(&format!("{}:{step}", home.user.id));
        let run = Box::new(move |tx: &Tx<'_>| {
            let first = tx.consume(tenant, "totp", &mark, now.plus_seconds(REMEMBERED_SECONDS), now)?;
            if first {
                tx.settle_attempt(attempt.id, attempt.outcome, now, settings)?;
                return Ok(Verdict::Counts);
            }
            attempt.give_back(tx)?;
            Ok(Verdict::Used)
        });
        return Ok(Some(Effect { run, attempt: Some(attempt) }));
    }
    let fingerprint = app.passwords.fingerprint(tenant, user, &Secret::new(code));
    app.store.write(move |tx| tx.settle_attempt(attempt.id, Outcome::Wrong { fingerprint }, now, settings)).await?;
    app.waiting.settle();
    opened.visit.progress.notice = Some(wrong());
    record_refusal(app, &opened.visit.asked, Some(stand), &Denial::new(500_121)).await?;
    Ok(None)
}

/// The digits that were typed, without the spaces that people put between them.
pub(super) fn digits(form: &Form) -> String {
    form.first("otc").unwrap_or_default().chars().filter(|c| !c.is_whitespace()).collect()
}

fn registered(user: &LoadedUser) -> Vec<Secret> {
    let at_home = user.home.iter().flat_map(|home| &home.user.authentication_methods);
    let here = user.user.iter().flat_map(|user| &user.authentication_methods);
    let secret = |method: &AuthenticationMethod| match method {
        AuthenticationMethod::SoftwareOath { secret_key } => secret_key.clone(),
    };
    at_home.chain(here).map(secret).collect()
}

/// What is said of a code that is wrong or was used.
pub(super) fn wrong() -> Notice {
    Notice { code: 500_121, text: words::WRONG_CODE.to_owned() }
}

/// Longer than any code is taken.
const REMEMBERED_SECONDS: i64 = 300;
