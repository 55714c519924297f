//! Does a refresh token still count?

use crate::directory::User;
use crate::time::TenantTime;

/// What of a refresh token and its user decides whether it still counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remembered {
    /// When this very token was issued.
    pub issued_at: TenantTime,
    /// When the password was proved that the chain of tokens began with; `None` if it began without one.
    pub password_at: Option<TenantTime>,
    /// When a second factor was proved.
    pub second_factor_at: Option<TenantTime>,
    /// Whether a client that proves itself holds the token.
    pub confidential_client: bool,
    /// When the first of a single-page application's line was issued: those are not extended by use.
    pub single_page_since: Option<TenantTime>,
}

/// What is wrong with a refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lapsed {
    /// Not used for too long.
    Inactive {
        /// When it was issued.
        issued_at: TenantTime,
        /// How long it may lie unused.
        days: i64,
    },
    /// A single-page application's day is over.
    SinglePage {
        /// When this token was issued.
        issued_at: TenantTime,
    },
    /// The user's sessions were revoked, or the password changed under it.
    Revoked {
        /// When it was issued.
        issued_at: TenantTime,
        /// Tokens from before this moment do not count.
        valid_from: TenantTime,
    },
}

/// Days that a refresh token may lie unused
/// (<https://learn.microsoft.com/entra/identity-platform/refresh-tokens#token-lifetime>).
pub const INACTIVE_DAYS: i64 = 90;
/// Hours that a single-page application's refresh tokens live from the first of their line
/// (<https://learn.microsoft.com/entra/identity-platform/refresh-tokens#token-lifetime>).
pub const SINGLE_PAGE_HOURS: i64 = 24;

/// Asks age and revocation. `user` is the account at home.
///
/// A revocation of sessions ends every refresh token, and so does an administrator's reset of the password. A user's own
/// change ends those that a password began and a public client holds; a confidential client's stay. The password's expiry
/// ends none (<https://learn.microsoft.com/entra/identity-platform/refresh-tokens#token-revocation>). There is no longest
/// life but for a single-page application's: whoever uses another token in time has it for ever.
pub fn evaluate(remembered: &Remembered, user: &User, now: TenantTime) -> Option<Lapsed> {
    const SECONDS_PER_DAY: i64 = 86_400;
    let Remembered { issued_at, password_at, confidential_client, single_page_since, .. } = *remembered;
    let for_every_token = user.sign_in_sessions_valid_from.max(user.refresh_tokens_valid_from);
    let for_password_tokens = user.last_password_change.filter(|_| !confidential_client);
    let revoked = for_every_token
        .filter(|valid_from| issued_at < *valid_from)
        .max(for_password_tokens.filter(|changed| password_at.is_some_and(|proved| proved < *changed)));
    if let Some(valid_from) = revoked {
        return Some(Lapsed::Revoked { issued_at, valid_from });
    }
    if single_page_since.is_some_and(|since| now.seconds_since(since) >= SINGLE_PAGE_HOURS * 3600) {
        return Some(Lapsed::SinglePage { issued_at });
    }
    if now.seconds_since(issued_at) >= INACTIVE_DAYS * SECONDS_PER_DAY {
        return Some(Lapsed::Inactive { issued_at, days: INACTIVE_DAYS });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signin::fixture;

    #[test]
    fn age_and_revocation_end_a_refresh_token() {
        let day = |days: i64| TenantTime(0).plus_seconds(days * 86_400);
        let user = fixture::user("a@alpine.test");
        let revoked = User { sign_in_sessions_valid_from: Some(day(2)), ..user.clone() };
        let reset = User { refresh_tokens_valid_from: Some(day(2)), ..user.clone() };
        let all = User { last_password_change: Some(day(3)), ..revoked.clone() };
        let changed = User { last_password_change: Some(day(2)), ..user.clone() };
        let token = Remembered {
            issued_at: day(1),
            password_at: Some(day(1)),
            second_factor_at: None,
            confidential_client: false,
            single_page_since: None,
        };
        let single_page = Remembered { issued_at: day(2), single_page_since: Some(day(1)), ..token };
        let confidential = Remembered { confidential_client: true, ..token };
        let later = Remembered { issued_at: day(3), ..token };
        let without_password = Remembered { password_at: None, ..token };
        let confidential_without_password = Remembered { password_at: None, ..confidential };
        let gone = |valid_from| Some(Lapsed::Revoked { issued_at: day(1), valid_from });
        let cases = [
            ("in use", &token, &user, day(90), None),
            ("90 days unused", &token, &user, day(91), Some(Lapsed::Inactive { issued_at: day(1), days: 90 })),
            (
                "a browser's, extended by no use",
                &single_page,
                &user,
                day(2),
                Some(Lapsed::SinglePage { issued_at: day(2) }),
            ),
            ("sessions revoked", &token, &revoked, day(3), gone(day(2))),
            ("sessions revoked, confidential", &confidential, &revoked, day(3), gone(day(2))),
            ("issued after the revocation", &later, &revoked, day(4), None),
            ("reset by an administrator", &token, &reset, day(3), gone(day(2))),
            ("reset, confidential", &confidential, &reset, day(3), gone(day(2))),
            ("reset, none was used", &without_password, &reset, day(3), gone(day(2))),
            ("issued after the reset", &later, &reset, day(4), None),
            ("of several dates the latest is told", &token, &all, day(4), gone(day(3))),
            ("of those that count", &confidential, &all, day(4), gone(day(2))),
            ("password changed, public client", &token, &changed, day(3), gone(day(2))),
            ("password changed, confidential client", &confidential, &changed, day(3), None),
            ("password changed, none was used", &without_password, &changed, day(3), None),
            ("password changed, neither", &confidential_without_password, &changed, day(3), None),
            (
                "90 days unused, confidential",
                &confidential,
                &user,
                day(91),
                Some(Lapsed::Inactive { issued_at: day(1), days: 90 }),
            ),
        ];
        for (name, token, user, now, expected) in cases {
            assert_eq!(evaluate(token, user, now), expected, "{name}");
        }
    }
}
