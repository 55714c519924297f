//! The portal's own session: a random id in a cookie, everything else here.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context;
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::settings::SessionLimits;

/// Somebody who signed in.
#[derive(Clone)]
pub(crate) struct Session {
    /// What the page calls the user.
    pub(crate) display_name: String,
    pub(crate) user_principal_name: String,
    /// For the Employee API. The browser never sees it.
    pub(crate) access_token: String,
}

pub(crate) struct Sessions {
    limits: SessionLimits,
    by_id: Mutex<HashMap<String, Kept>>,
}

struct Kept {
    session: Session,
    ends_at: Instant,
    begun_at: Instant,
}

impl Sessions {
    pub(crate) fn new(limits: SessionLimits) -> Self {
        Self { limits, by_id: Mutex::default() }
    }

    /// Begins a session that ends with its access token, and gives the jar with its cookie. A session of the same
    /// browser ends: an id from before the sign-in may be known to somebody else.
    pub(crate) fn begin(
        &self,
        jar: CookieJar,
        session: Session,
        token_lives: Duration,
        now: Instant,
    ) -> anyhow::Result<CookieJar> {
        let jar = self.end(jar);
        let id = new_id()?;
        let ends_at = now + token_lives.min(self.limits.lifetime);
        let mut by_id = self.by_id.lock().unwrap_or_else(PoisonError::into_inner);
        by_id.retain(|_, kept| kept.ends_at > now);
        if by_id.len() >= self.limits.at_most {
            let oldest = by_id.iter().min_by_key(|(_, kept)| kept.begun_at).map(|(id, _)| id.clone());
            oldest.and_then(|id| by_id.remove(&id));
        }
        by_id.insert(id.clone(), Kept { session, ends_at, begun_at: now });
        Ok(jar.add(cookie(id)))
    }

    /// The session of the browser that sent these cookies.
    pub(crate) fn find(&self, jar: &CookieJar, now: Instant) -> Option<Session> {
        let by_id = self.by_id.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = by_id.get(jar.get(COOKIE)?.value())?;
        (kept.ends_at > now).then(|| kept.session.clone())
    }

    /// Ends the browser's session, here and in its cookie.
    pub(crate) fn end(&self, jar: CookieJar) -> CookieJar {
        if let Some(sent) = jar.get(COOKIE) {
            self.by_id.lock().unwrap_or_else(PoisonError::into_inner).remove(sent.value());
        }
        jar.remove(cookie(String::new()))
    }
}

fn cookie(id: String) -> Cookie<'static> {
    // A browser sends a cookie of localhost to every port, so its name must be this application's own. `Secure` would
    // keep it from http://localhost in some browsers; add it where the portal is reached by https.
    Cookie::build((COOKIE, id)).path("/").http_only(true).same_site(SameSite::Lax).build()
}

/// 256 random bits.
fn new_id() -> anyhow::Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).context("the system gives no random bytes")?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

const COOKIE: &str = "legacy-portal-session";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    fn sessions(at_most: usize) -> Sessions {
        Sessions::new(SessionLimits { lifetime: 8 * HOUR, at_most })
    }

    fn session(name: &str) -> Session {
        Session { display_name: name.into(), user_principal_name: name.into(), access_token: "token".into() }
    }

    fn found(sessions: &Sessions, jar: &CookieJar, now: Instant) -> Option<String> {
        sessions.find(jar, now).map(|session| session.display_name)
    }

    #[test]
    fn a_session_ends_with_its_token_and_never_lives_longer_than_the_limit() {
        let (sessions, begin) = (sessions(10), Instant::now());
        let short = sessions.begin(CookieJar::new(), session("short"), HOUR, begin).unwrap();
        let long = sessions.begin(CookieJar::new(), session("long"), 99 * HOUR, begin).unwrap();

        assert_eq!(found(&sessions, &short, begin + HOUR / 2).as_deref(), Some("short"));
        assert_eq!(found(&sessions, &short, begin + HOUR), None);
        assert_eq!(found(&sessions, &long, begin + 7 * HOUR).as_deref(), Some("long"));
        assert_eq!(found(&sessions, &long, begin + 8 * HOUR), None);
    }

    #[test]
    fn one_session_too_many_ends_the_oldest() {
        let (sessions, begin) = (sessions(2), Instant::now());
        let jars: Vec<_> = (0..3)
            .map(|n| sessions.begin(CookieJar::new(), session("user"), HOUR, begin + n * HOUR / 100).unwrap())
            .collect();

        let alive = jars.iter().map(|jar| found(&sessions, jar, begin + HOUR / 2).is_some());
        assert_eq!(alive.collect::<Vec<_>>(), [false, true, true]);
    }

    #[test]
    fn a_new_sign_in_ends_the_browsers_old_session() {
        let (sessions, now) = (sessions(10), Instant::now());
        let first = sessions.begin(CookieJar::new(), session("first"), HOUR, now).unwrap();
        let second = sessions.begin(first.clone(), session("second"), HOUR, now).unwrap();

        assert_eq!(found(&sessions, &first, now), None);
        assert_eq!(found(&sessions, &second, now).as_deref(), Some("second"));
    }
}
