//! The end of a sign-in: the session, the code and the row of the sign-in log in one transaction, then the answer.

use std::sync::Arc;

use ropeway_core::claims::client_info;
use ropeway_core::error::Denial;
use ropeway_core::error::render::EndpointVersion;
use ropeway_core::oauth::authorize::ReplyTo;
use ropeway_core::oauth::scope::OidcScope;
use ropeway_core::policy::session_lifetime::{IDLE_SECONDS, PERSISTENT_SECONDS, SessionProofs};
use ropeway_core::secret::Secret;
use ropeway_core::signin::{Granted, Session};
use ropeway_core::token::{Authorization, AuthorizationCode, CODE_LIFETIME_SECONDS, DeviceAnswer, RefreshTokenProofs};

use super::device;
use super::progress::Opened;
use super::stand::Visit;
use crate::account;
use crate::app::App;
use crate::authorize::{Asked, Purpose, Reaction};
use crate::browser::{self, Browser, SetCookies};
use crate::facts::LoadedUser;
use crate::issue;
use crate::outcome::Stopped;
use crate::pages::{Page, SignedOutPage};

/// Without a page: the browser's session answers.
pub(super) async fn silently(
    app: &App,
    visit: Visit,
    user: Option<LoadedUser>,
    granted: Granted,
    browser: &Browser,
) -> Result<Reaction, Stopped> {
    let user = user.ok_or_else(|| anyhow::anyhow!("granted to nobody"))?;
    Finish { app, visit, user, granted, transaction: None }.finish(browser).await
}

/// At the end of the pages.
pub(super) async fn interactively(
    app: &App,
    opened: Opened,
    user: LoadedUser,
    granted: Granted,
    browser: &Browser,
) -> Result<Reaction, Stopped> {
    let transaction = Some((opened.hash(), opened.version));
    Finish { app, visit: opened.visit, user, granted, transaction }.finish(browser).await
}

/// The person left before the end.
pub(super) async fn left(
    app: &App,
    opened: &Opened,
    parameters: Vec<(&'static str, String)>,
) -> Result<Reaction, Stopped> {
    let asked = &opened.visit.asked;
    let (hash, version, purpose) = (opened.hash(), opened.version, asked.purpose);
    let now = device::now(asked);
    app.store
        .write(move |tx| {
            if tx.close_transaction(&hash, version)?
                && let Purpose::Device { hash, .. } = purpose
            {
                tx.answer_device(&hash, &DeviceAnswer::Declined, now)?;
            }
            Ok(())
        })
        .await?;
    match asked.answer(parameters, SetCookies::default()) {
        Some(reaction) => Ok(reaction),
        None if asked.purpose == Purpose::Account => {
            Ok(Reaction::Last(Box::new(Page::of(&SignedOutPage::default())?), SetCookies::default()))
        }
        None => device::answered(asked, false, SetCookies::default()),
    }
}

struct Finish<'a> {
    app: &'a App,
    visit: Visit,
    user: LoadedUser,
    granted: Granted,
    transaction: Option<([u8; 32], u32)>,
}

impl Finish<'_> {
    async fn finish(self, browser: &Browser) -> Result<Reaction, Stopped> {
        let Self { app, visit, user, granted, transaction } = self;
        let asked = &visit.asked;
        let session = session(app, &visit, &user)?;
        let mut cookies = SetCookies::default();
        // Credentials were typed: whoever knew the browser's cookie before must not know it now.
        let fresh = visit.progress.proved.is_some();
        let before = browser.sessions_hash();
        let browser_hash = match before {
            Some(hash) if !fresh => hash,
            _ => {
                let key = browser::new_key(&app.source)?;
                let hash = browser::hash(key.expose());
                cookies.open_sessions(&key, session.id, session.proofs.persistent);
                hash
            }
        };
        let place = browser.place(asked.call.moment.ip);
        let life = if session.proofs.persistent { PERSISTENT_SECONDS } else { IDLE_SECONDS };
        let session_expires = session.proofs.used_at.plus_seconds(life);
        let key = browser::new_key(&app.source)?;
        let code = match (&asked.reply, asked.request.code) {
            (Some(reply), true) => Some(code(app, asked, reply, &session)?),
            _ => None,
        };
        let device = match asked.purpose {
            Purpose::Device { hash, .. } => {
                Some((hash, DeviceAnswer::Approved(Box::new(authorization(app, asked, &session)?))))
            }
            Purpose::SignIn | Purpose::AdminConsent | Purpose::Account => None,
        };
        let device_now = device::now(asked);
        let code_hash = browser::hash(key.expose());
        let code_expires = asked.call.moment.in_tenant(&asked.tenant).plus_seconds(CODE_LIFETIME_SECONDS);

        let mut draft = super::draft(asked);
        draft.is_of(&user);
        draft.granted();
        let row = draft.row(&asked.tenant)?;
        let told = Arc::new(row.clone());
        let (tenant, client) = (asked.tenant.id, asked.client);
        let finished = app
            .store
            .write(move |tx| {
                if let Some((hash, version)) = transaction
                    && !tx.close_transaction(&hash, version)?
                {
                    return Ok(Finished::Elsewhere);
                }
                if let Some((hash, answer)) = &device
                    && !tx.answer_device(hash, answer, device_now)?
                {
                    return Ok(Finished::DeviceGone);
                }
                if let Some(before) = before.filter(|before| *before != browser_hash) {
                    tx.move_sessions(&before, &browser_hash)?;
                }
                tx.put_session(&browser_hash, &session, &place, session_expires)?;
                tx.session_answered(session.id, tenant, client)?;
                if let Some(code) = &code {
                    tx.put_authorization_code(&code_hash, code, code_expires)?;
                }
                tx.record_sign_in(&row)?;
                Ok(Finished::Here)
            })
            .await?;
        match finished {
            Finished::Here => {}
            // Another request finished this sign-in; its answer is the one that counts.
            Finished::Elsewhere => {
                return Ok(super::view::over(Some(&asked.call), &asked.call.moment, &asked.call.origin));
            }
            Finished::DeviceGone => {
                return Ok(super::view::refusal(&asked.call, &Denial::new(90120), SetCookies::default()));
            }
        }
        // Nobody listens, most of the time.
        drop(app.sign_ins_now.send(told));
        let parameters = answer(app, &visit, user, granted, &session, &key)?;
        match visit.asked.answer(parameters, cookies.clone()) {
            Some(reaction) => Ok(reaction),
            None if visit.asked.purpose == Purpose::Account => Ok(Reaction::Go(account::path_of(session.id), cookies)),
            None => device::answered(&visit.asked, true, cookies),
        }
    }
}

/// The session that the sign-in leaves: the one that the account has in this browser, used, strengthened or begun anew, or
/// a new one. It keeps its id, which is the `sid` that applications know and are told at sign-out.
fn session(app: &App, visit: &Visit, user: &LoadedUser) -> Result<Session, Stopped> {
    let home = user.home.as_ref().ok_or_else(|| anyhow::anyhow!("granted to nobody"))?;
    let now = visit.asked.call.moment.in_tenant(&home.tenant);
    let progress = &visit.progress;
    let of_account = |session: &Session| (session.home_tenant, session.user) == (home.tenant.id, home.user.id);
    let known = visit.accounts.iter().map(|account| account.session).find(of_account);
    let chosen = visit.chosen().is_some_and(|account| of_account(&account.session));
    let retyped = progress.password_at.is_some();
    Ok(match known {
        Some(session) if chosen && !retyped => Session {
            proofs: SessionProofs {
                used_at: now,
                persistent: session.proofs.persistent || progress.stay == Some(true),
                second_factor_at: progress.second_factor_at.or(session.proofs.second_factor_at),
                ..session.proofs
            },
            ..session
        },
        _ => Session {
            id: known.map_or_else(|| app.source.id(), |session| Ok(session.id))?,
            home_tenant: home.tenant.id,
            user: home.user.id,
            proofs: SessionProofs {
                started_at: now,
                used_at: now,
                persistent: progress.stay == Some(true),
                password_at: progress.password_at,
                second_factor_at: progress.second_factor_at,
            },
        },
    })
}

fn code(app: &App, asked: &Asked, reply: &ReplyTo, session: &Session) -> Result<AuthorizationCode, Stopped> {
    let redirect_uri = &reply.redirect_uri;
    Ok(AuthorizationCode {
        authorization: authorization(app, asked, session)?,
        segment: asked.call.tenant_segment.clone(),
        redirect_uri: redirect_uri.text.clone(),
        redirect_uri_explicit: redirect_uri.explicit,
        platform: redirect_uri.platform,
        challenge: asked.request.challenge.clone(),
    })
}

/// What the application may have of this sign-in.
fn authorization(app: &App, asked: &Asked, session: &Session) -> Result<Authorization, Stopped> {
    Ok(Authorization {
        id: app.source.id()?,
        client: asked.client,
        tenant: asked.tenant.id,
        nonce: asked.request.nonce.clone(),
        scopes: asked.request.scope.words(),
        by_resource: asked.request.scope.by_resource,
        claims: asked.request.claims.clone(),
        home_tenant: session.home_tenant,
        user: session.user,
        session: session.id,
        proofs: proofs(session),
        issued_at: session.proofs.used_at,
    })
}

/// Whether this request is the one that finished the sign-in.
enum Finished {
    Here,
    Elsewhere,
    /// The device's code is over, or was answered in another browser.
    DeviceGone,
}

fn proofs(session: &Session) -> RefreshTokenProofs {
    RefreshTokenProofs { password_at: session.proofs.password_at, mfa_at: session.proofs.second_factor_at }
}

/// The parameters in the captured order: `code`, `id_token`, `client_info`; then `state`; then `session_state`.
fn answer(
    app: &App,
    visit: &Visit,
    user: LoadedUser,
    granted: Granted,
    session: &Session,
    key: &Secret,
) -> Result<Vec<(&'static str, String)>, Stopped> {
    let asked = &visit.asked;
    let mut parameters = Vec::new();
    if asked.purpose == Purpose::AdminConsent {
        parameters.push(("admin_consent", "True".to_owned()));
        parameters.push(("tenant", asked.tenant.id.to_string()));
        if asked.call.version == EndpointVersion::V2 {
            parameters.push(("scope", asked.request.scope.raw.clone()));
        }
        return Ok(parameters);
    }
    let account = user.home.as_ref().map(|home| (home.user.id, home.tenant.id));
    if asked.request.code {
        parameters.push(("code", key.expose().to_owned()));
    }
    if asked.request.id_token && asked.request.scope.asks(OidcScope::Openid) {
        let code = asked.request.code.then_some(key);
        let basis =
            issue::Basis::Session { session: session.id, proofs: proofs(session), nonce: asked.request.nonce.clone() };
        let token = issue::id_token(app, asked, user, granted, basis, code)?;
        parameters.push(("id_token", token.expose().to_owned()));
    }
    if asked.call.form.first("client_info") == Some("1")
        && let Some((user, tenant)) = account
    {
        parameters.push(("client_info", client_info(user, tenant)));
    }
    parameters.push(("session_state", session.id.to_string()));
    Ok(parameters)
}
