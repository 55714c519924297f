//! The accounts that are signed in to in a browser, and which of them an application means.

use ropeway_core::claims::name_of_login_hint;
use ropeway_core::directory::User;
use ropeway_core::error::Denial;
use ropeway_core::oauth::authorize::Prompt;
use ropeway_core::policy::session_lifetime;
use ropeway_core::signin::Session;
use uuid::Uuid;

use crate::app::App;
use crate::authorize::Asked;
use crate::browser::Browser;
use crate::moment::Moment;
use crate::outcome::Stopped;

/// One of them.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) session: Session,
    pub(crate) sign_in_name: String,
    pub(crate) display_name: String,
    /// Seconds since the person last proved who they are.
    pub(crate) proved_seconds_ago: i64,
}

/// Whom an authorization request means.
#[derive(Debug)]
pub(super) enum Chosen {
    /// An account of this browser.
    Session(Uuid),
    /// A name that is not signed in to, or must sign in again.
    Name(String),
    /// Nobody: the person is asked.
    Nobody,
    /// Nobody, and `prompt=none` is to be told this.
    Refused(Denial),
}

/// The accounts whose sessions still count.
pub(super) fn signed_in(app: &App, moment: &Moment, browser: &Browser) -> Result<Vec<Account>, Stopped> {
    let Some(hash) = browser.sessions_hash() else { return Ok(Vec::new()) };
    let snapshot = app.snapshot()?;
    let sessions = app.store.read(|reads| {
        let mut found: Vec<(Session, User)> = Vec::new();
        for session in reads.sessions(&hash)? {
            found.extend(reads.user(session.home_tenant, session.user)?.map(|user| (session, user)));
        }
        Ok(found)
    })?;
    let mut accounts = Vec::new();
    for (session, user) in sessions {
        let Some(home) = snapshot.tenant(session.home_tenant) else { continue };
        let now = moment.in_tenant(home);
        if session_lifetime::evaluate(&session.proofs, &user, now) == Some(session_lifetime::Ended::Idle) {
            continue;
        }
        let proved = session.proofs.password_at.max(session.proofs.second_factor_at);
        accounts.push(Account {
            session,
            sign_in_name: user.sign_in_name().to_owned(),
            display_name: user.display_name.clone(),
            proved_seconds_ago: proved.map_or(i64::MAX, |at| now.seconds_since(at)),
        });
    }
    Ok(accounts)
}

/// Hints first, then the only session there is; a `domain_hint` rules out those of other tenants (inferred). `max_age` and `prompt=login` want the credentials afresh.
pub(super) fn choose(asked: &Asked, accounts: &[Account]) -> Chosen {
    let request = &asked.request;
    let hint = request.login_hint.as_deref().map(name_of_login_hint);
    let hint = hint.as_deref();
    let named = |name: Option<&str>| name.map_or(Chosen::Nobody, |name| Chosen::Name(name.to_owned()));
    match request.prompt {
        Some(Prompt::Login) => return named(hint),
        Some(Prompt::SelectAccount) => return Chosen::Nobody,
        Some(Prompt::None | Prompt::Consent) | None => {}
    }
    let found = if let Some(sid) = &request.sid {
        match accounts.iter().find(|account| account.session.id.to_string() == *sid) {
            Some(account) => Some(account),
            None => return Chosen::Refused(Denial::new(160021)),
        }
    } else if let Some(hint) = hint {
        accounts.iter().find(|account| is_meant(account, hint))
    } else {
        let mut meant = accounts.iter().filter(|account| asked.may_mean(account.session.home_tenant));
        match (meant.next(), meant.next()) {
            (Some(_), Some(_)) => return Chosen::Refused(several(asked)),
            (only, _) => only,
        }
    };
    match found {
        Some(account) if request.max_age.is_some_and(|age| account.proved_seconds_ago > age) => {
            Chosen::Name(account.sign_in_name.clone())
        }
        Some(account) => Chosen::Session(account.session.id),
        None => named(hint),
    }
}

fn is_meant(account: &Account, hint: &str) -> bool {
    account.sign_in_name.eq_ignore_ascii_case(hint)
}

fn several(asked: &Asked) -> Denial {
    Denial::new(16000)
        .with("idp", format!("{}/{}/", asked.call.origin, asked.tenant.id))
        .with("tenant", &asked.tenant.display_name)
        .with("appId", asked.client)
        .with("appName", asked.application().map_or("", |client| &client.display_name))
}
