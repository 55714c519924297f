//! What the portal keeps of a browser: a random id in a cookie, everything else here.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use openidconnect::CsrfToken;

use crate::settings::SessionLimits;

/// Somebody who signed in.
#[derive(Clone)]
pub(crate) struct Session {
    /// What the page calls the user.
    pub(crate) display_name: String,
    pub(crate) user_principal_name: String,
    pub(crate) access_token: String,
    /// The session ends with its access token. There is no refresh token, for a silent sign-in does as well.
    pub(crate) ends_at: Instant,
    /// Whether the platform asked nothing.
    pub(crate) silent: bool,
}

/// Values by the random id in a browser's cookie.
pub(crate) struct Kept<T> {
    cookie_name: &'static str,
    limits: SessionLimits,
    by_id: Mutex<HashMap<String, Entry<T>>>,
}

struct Entry<T> {
    value: T,
    begun_at: Instant,
}

impl<T> Kept<T> {
    pub(crate) fn new(cookie_name: &'static str, limits: SessionLimits) -> Self {
        Self { cookie_name, limits, by_id: Mutex::default() }
    }

    /// Keeps `value` under a new id, and gives the jar with its cookie. What was kept of the same browser goes: an id
    /// from before the sign-in may be known to somebody else.
    pub(crate) fn begin(&self, jar: CookieJar, value: T, now: Instant) -> CookieJar {
        let (jar, _) = self.take(jar, now);
        let id = CsrfToken::new_random_len(ID_BYTES).into_secret();
        let mut by_id = self.by_id.lock().unwrap_or_else(PoisonError::into_inner);
        by_id.retain(|_, entry| self.alive(entry, now));
        if by_id.len() >= self.limits.at_most {
            let oldest = by_id.iter().min_by_key(|(_, entry)| entry.begun_at).map(|(id, _)| id.clone());
            oldest.and_then(|id| by_id.remove(&id));
        }
        by_id.insert(id.clone(), Entry { value, begun_at: now });
        jar.add(self.cookie(id))
    }

    /// What is kept of the browser that sent these cookies.
    pub(crate) fn find(&self, jar: &CookieJar, now: Instant) -> Option<T>
    where
        T: Clone,
    {
        let by_id = self.by_id.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = by_id.get(jar.get(self.cookie_name)?.value())?;
        self.alive(entry, now).then(|| entry.value.clone())
    }

    /// Gives what is kept of the browser and forgets it, here and in its cookie.
    pub(crate) fn take(&self, jar: CookieJar, now: Instant) -> (CookieJar, Option<T>) {
        let entry = jar.get(self.cookie_name).and_then(|sent| {
            let mut by_id = self.by_id.lock().unwrap_or_else(PoisonError::into_inner);
            by_id.remove(sent.value())
        });
        let value = entry.filter(|entry| self.alive(entry, now)).map(|entry| entry.value);
        (jar.remove(self.cookie(String::new())), value)
    }

    fn alive(&self, entry: &Entry<T>, now: Instant) -> bool {
        now.saturating_duration_since(entry.begun_at) < self.limits.lifetime
    }

    fn cookie(&self, id: String) -> Cookie<'static> {
        // A browser sends a cookie of localhost to every port, so its name must be this application's own. `Secure`
        // would keep it from http://localhost in some browsers; add it where the portal is reached by https. `Lax`, and
        // not `Strict`: the browser that comes back from the platform comes from another site.
        Cookie::build((self.cookie_name, id)).path("/").http_only(true).same_site(SameSite::Lax).build()
    }
}

const ID_BYTES: u32 = 32;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    fn kept(at_most: usize) -> Kept<&'static str> {
        Kept::new("test", SessionLimits { lifetime: HOUR, at_most })
    }

    #[test]
    fn what_is_kept_is_found_until_its_life_is_over() {
        let (kept, begin) = (kept(10), Instant::now());
        let jar = kept.begin(CookieJar::new(), "value", begin);

        assert_eq!(kept.find(&jar, begin + HOUR / 2), Some("value"));
        assert_eq!(kept.find(&jar, begin + HOUR), None);
        assert_eq!(kept.take(jar, begin + HOUR).1, None);
    }

    #[test]
    fn what_is_taken_is_given_once() {
        let (kept, now) = (kept(10), Instant::now());
        let jar = kept.begin(CookieJar::new(), "value", now);

        assert_eq!(kept.take(jar.clone(), now).1, Some("value"));
        assert_eq!(kept.take(jar, now).1, None);
    }

    #[test]
    fn one_too_many_drops_the_oldest() {
        let (kept, begin) = (kept(2), Instant::now());
        let jars: Vec<_> = (0..3).map(|n| kept.begin(CookieJar::new(), "value", begin + n * HOUR / 100)).collect();

        let alive = jars.iter().map(|jar| kept.find(jar, begin + HOUR / 2).is_some());
        assert_eq!(alive.collect::<Vec<_>>(), [false, true, true]);
    }
}
