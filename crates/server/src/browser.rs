//! The browser a request comes from: which cookies it holds, and which it gets. Names and attributes are Entra's
//! (<https://learn.microsoft.com/entra/identity/authentication/concept-authentication-web-browser-cookies>).

use std::net::IpAddr;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use http::header::{self, HeaderMap, HeaderValue};
use ropeway_core::policy::session_lifetime::PERSISTENT_SECONDS;
use ropeway_core::secret::Secret;
use ropeway_store::SessionPlace;
use uuid::Uuid;

use crate::moment::Source;

/// What a browser showed of itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Browser {
    /// Binds an unfinished sign-in to this browser; no proof of anything.
    context: Option<Secret>,
    /// Opens the browser's sessions.
    sessions: Option<Secret>,
    /// How it calls itself.
    user_agent: String,
}

/// The cookies that an answer sets.
#[derive(Debug, Clone, Default)]
pub(crate) struct SetCookies(Vec<Cookie<'static>>);

impl Browser {
    /// Reads the request's cookies. Those of other applications on the same host are nobody's here.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut browser = Self::default();
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let mut session = None;
        for cookie in lines.flat_map(Cookie::split_parse).flatten() {
            let value = || Some(Secret::new(cookie.value())).filter(|value| value.expose().len() == KEY_CHARACTERS);
            match cookie.name() {
                CONTEXT if browser.context.is_none() => browser.context = value(),
                PERSISTENT if browser.sessions.is_none() => browser.sessions = value(),
                SESSION if session.is_none() => session = value(),
                _ => {}
            }
        }
        browser.sessions = browser.sessions.or(session);
        let user_agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        browser.user_agent = user_agent.chars().take(LONGEST_USER_AGENT).collect();
        browser
    }

    /// What the browser's sessions are found by.
    pub(crate) fn sessions_hash(&self) -> Option<[u8; 32]> {
        self.sessions.as_ref().map(|key| hash(key.expose()))
    }

    /// What a person will recognise its sessions by.
    pub(crate) fn place(&self, ip: IpAddr) -> SessionPlace {
        SessionPlace { ip: ip.to_string(), user_agent: self.user_agent.clone() }
    }

    /// What forms of the person's own pages carry: nobody knows it who does not hold the session's cookie.
    pub(crate) fn canary(&self) -> Option<Secret> {
        let key = self.sessions.as_ref()?;
        Some(Secret::new(URL_SAFE_NO_PAD.encode(hash(&format!("canary {}", key.expose())))))
    }

    /// What its unfinished sign-ins are bound to.
    pub(crate) fn context_hash(&self) -> Option<[u8; 32]> {
        self.context.as_ref().map(|key| hash(key.expose()))
    }

    /// As [`Browser::context_hash`]; a browser that has no such cookie gets one.
    pub(crate) fn context_or_new(&self, source: &Source, cookies: &mut SetCookies) -> anyhow::Result<[u8; 32]> {
        if let Some(hash) = self.context_hash() {
            return Ok(hash);
        }
        let key = new_key(source)?;
        cookies.0.push(cookie(CONTEXT, key.expose().to_owned()).build());
        Ok(hash(key.expose()))
    }
}

impl SetCookies {
    /// Gives the browser a new key to its sessions. `persistent` outlives the browser's own session.
    pub(crate) fn open_sessions(&mut self, key: &Secret, session: Uuid, persistent: bool) {
        let key = key.expose();
        self.0.push(cookie(SESSION, key.to_owned()).build());
        if persistent {
            let life = Duration::seconds(PERSISTENT_SECONDS);
            self.0.push(cookie(PERSISTENT, key.to_owned()).max_age(life).build());
        } else {
            self.0.push(cookie(PERSISTENT, "").max_age(Duration::ZERO).build());
        }
        // Scripts may read this one: it tells that somebody is signed in, and opens nothing.
        self.0.push(cookie(LIGHT, session.to_string()).http_only(false).build());
    }

    /// Takes the sessions' cookies away.
    pub(crate) fn end_sessions(&mut self) {
        for name in [SESSION, PERSISTENT, LIGHT] {
            self.0.push(cookie(name, "").max_age(Duration::ZERO).build());
        }
    }

    /// Writes them onto an answer.
    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        for cookie in &self.0 {
            // A cookie of ours is made of characters that a header takes.
            if let Ok(value) = HeaderValue::from_str(&cookie.to_string()) {
                headers.append(header::SET_COOKIE, value);
            }
        }
    }
}

/// 256 random bits, 43 characters on the wire: a cookie, a code, a transaction.
pub(crate) fn new_key(source: &Source) -> anyhow::Result<Secret> {
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(source.random::<32>()?)))
}

/// What the store knows such a value by.
pub(crate) fn hash(key: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, key.as_bytes()).as_ref());
    hash
}

/// `SameSite=None`, because a `form_post` answer and a hidden frame come from another site (captured).
fn cookie(name: &'static str, value: impl Into<std::borrow::Cow<'static, str>>) -> cookie::CookieBuilder<'static> {
    Cookie::build((name, value)).path("/").secure(true).http_only(true).same_site(SameSite::None)
}

const CONTEXT: &str = "esctx";
const SESSION: &str = "ESTSAUTH";
const PERSISTENT: &str = "ESTSAUTHPERSISTENT";
const LIGHT: &str = "ESTSAUTHLIGHT";
const KEY_CHARACTERS: usize = 43;
const LONGEST_USER_AGENT: usize = 300;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn only_our_own_cookies_are_read() {
        let key = "k".repeat(KEY_CHARACTERS);
        let mut headers = HeaderMap::new();
        let line = format!("legacy-portal-session={key}; ESTSAUTH={key}; broken; esctx=short");
        headers.insert(header::COOKIE, HeaderValue::from_str(&line).unwrap());
        let browser = Browser::of(&headers);
        assert_eq!(browser.sessions_hash(), Some(hash(&key)));
        assert_eq!(browser.context_hash(), None);
    }

    #[test]
    fn every_cookie_is_secure_and_crosses_sites() {
        let source = Source::default();
        let mut cookies = SetCookies::default();
        Browser::default().context_or_new(&source, &mut cookies).unwrap();
        cookies.open_sessions(&new_key(&source).unwrap(), Uuid::nil(), true);
        let mut headers = HeaderMap::new();
        cookies.write(&mut headers);
        assert_eq!(headers.len(), 4);
        for line in headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().unwrap();
            assert!(line.contains("Secure") && line.contains("SameSite=None") && line.contains("Path=/"), "{line}");
            assert_eq!(line.contains("HttpOnly"), !line.starts_with("ESTSAUTHLIGHT"), "{line}");
        }
    }
}
