//! Does a browser session still speak for its user?

use serde::{Deserialize, Serialize};

use crate::directory::User;
use crate::time::TenantTime;

/// What a session remembers of how it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionProofs {
    /// When the person signed in.
    pub started_at: TenantTime,
    /// When it last answered for the person.
    pub used_at: TenantTime,
    /// The person chose to stay signed in.
    pub persistent: bool,
    /// When the password was proved, if it began with one.
    pub password_at: Option<TenantTime>,
    /// When a second factor was proved.
    pub second_factor_at: Option<TenantTime>,
}

/// Why a session does not count any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Not used for too long.
    Idle,
    /// Sessions were revoked, or the password changed under it.
    Revoked,
}

/// Seconds that a session may lie unused, unless the person chose to stay signed in
/// (<https://learn.microsoft.com/entra/identity/authentication/concept-authentication-web-browser-cookies>).
pub const IDLE_SECONDS: i64 = 86_400;
/// Seconds that a session may lie unused when the person chose to stay signed in, and the life of its cookie.
pub const PERSISTENT_SECONDS: i64 = 90 * 86_400;

/// Asks age and revocation; `user` is the account at home. A revocation of sessions ends every session, a change or reset
/// of the password those that a password began; a password that only expired ends none
/// (<https://learn.microsoft.com/entra/identity-platform/refresh-tokens#token-revocation>, cookies).
pub fn evaluate(session: &SessionProofs, user: &User, now: TenantTime) -> Option<Ended> {
    let revoked = user.sign_in_sessions_valid_from.is_some_and(|valid_from| session.started_at < valid_from);
    let changed = match (session.password_at, user.last_password_change) {
        (Some(proved), Some(changed)) => proved < changed,
        _ => false,
    };
    if revoked || changed {
        return Some(Ended::Revoked);
    }
    let idle = if session.persistent { PERSISTENT_SECONDS } else { IDLE_SECONDS };
    (now.seconds_since(session.used_at) >= idle).then_some(Ended::Idle)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signin::fixture;

    #[test]
    fn age_and_revocation_end_a_session() {
        let day = |days: i64| TenantTime(0).plus_seconds(days * 86_400);
        let user = fixture::user("a@alpine.test");
        let revoked = User { sign_in_sessions_valid_from: Some(day(2)), ..user.clone() };
        let changed = User { last_password_change: Some(day(2)), ..user.clone() };
        let refreshed = User { refresh_tokens_valid_from: Some(day(2)), ..user.clone() };
        let session = SessionProofs {
            started_at: day(1),
            used_at: day(1),
            persistent: false,
            password_at: Some(day(1)),
            second_factor_at: None,
        };
        let kept = SessionProofs { persistent: true, ..session };
        let without_password = SessionProofs { password_at: None, ..kept };
        let in_use = SessionProofs { used_at: day(5), ..session };
        let cases = [
            ("fresh", session, &user, day(1), None),
            ("a day unused", session, &user, day(2), Some(Ended::Idle)),
            ("in use", in_use, &user, day(5), None),
            ("kept, 89 days unused", kept, &user, day(90), None),
            ("kept, 90 days unused", kept, &user, day(91), Some(Ended::Idle)),
            ("revoked", kept, &revoked, day(3), Some(Ended::Revoked)),
            ("password changed", kept, &changed, day(3), Some(Ended::Revoked)),
            ("password changed, none was used", without_password, &changed, day(3), None),
            ("only refresh tokens ended", kept, &refreshed, day(3), None),
        ];
        for (name, session, user, now, expected) in cases {
            assert_eq!(evaluate(&session, user, now), expected, "{name}");
        }
    }
}
