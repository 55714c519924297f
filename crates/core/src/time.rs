//! Two times, two types.
//!
//! [`WallTime`] is what outsiders stamp or check (`iat`, `exp`, certificates, assertions). [`TenantTime`] is what a
//! directory remembers (password age, lockout, sessions, expiry of secrets); the tenant's owner may move it without
//! invalidating a token. Both count milliseconds since the Unix epoch. Neither type can read a clock.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

macro_rules! instant {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl $name {
            /// Whole seconds since the Unix epoch, as JWT's NumericDate counts (RFC 7519 §2).
            pub fn unix_seconds(self) -> i64 {
                self.0.div_euclid(1000)
            }

            /// From whole seconds since the Unix epoch.
            pub fn from_unix_seconds(seconds: i64) -> Self {
                Self(seconds.saturating_mul(1000))
            }

            /// This instant moved by so many seconds, forwards or backwards.
            pub fn plus_seconds(self, seconds: i64) -> Self {
                Self(self.0.saturating_add(seconds.saturating_mul(1000)))
            }

            /// Seconds from `earlier` to this instant; negative when `earlier` is later.
            pub fn seconds_since(self, earlier: Self) -> i64 {
                self.0.saturating_sub(earlier.0).div_euclid(1000)
            }

            /// Reads an RFC 3339 date and time, as Microsoft Graph writes them.
            pub fn parse_rfc3339(text: &str) -> Option<Self> {
                let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
                i64::try_from(moment.unix_timestamp_nanos() / 1_000_000).ok().map(Self)
            }

            /// RFC 3339 in UTC with whole seconds, as Microsoft Graph writes them: `2026-11-25T08:00:00Z`.
            pub fn to_rfc3339(self) -> String {
                let m = self.date_time();
                format!(
                    "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
                    m.year(), u8::from(m.month()), m.day(), m.hour(), m.minute(), m.second()
                )
            }

            /// Entra's own spelling in error bodies: `2026-11-25 08:00:00Z`.
            pub fn to_entra_timestamp(self) -> String {
                self.to_rfc3339().replacen('T', " ", 1)
            }

            fn date_time(self) -> OffsetDateTime {
                // Out of the range of years that can be written, the epoch stands in: such a value cannot come from a clock or a file.
                OffsetDateTime::UNIX_EPOCH
                    .checked_add(Duration::milliseconds(self.0))
                    .unwrap_or(OffsetDateTime::UNIX_EPOCH)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.to_rfc3339())
            }
        }
    };
}

instant! {
    /// The time of the world outside: what other parties stamp and check.
    WallTime
}
instant! {
    /// The time a tenant's directory lives in: what it remembers is measured in it.
    TenantTime
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_one_moment() {
        let moment = WallTime::parse_rfc3339("2026-11-25T09:00:00.250+01:00");
        assert_eq!(moment.map(WallTime::to_rfc3339).as_deref(), Some("2026-11-25T08:00:00Z"));
        assert_eq!(moment.map(WallTime::to_entra_timestamp).as_deref(), Some("2026-11-25 08:00:00Z"));
    }

    #[test]
    fn seconds_round_towards_the_past() {
        assert_eq!(TenantTime(-1).unix_seconds(), -1);
        assert_eq!(TenantTime(1_999).seconds_since(TenantTime(0)), 1);
    }

    #[test]
    fn the_year_9999_fits() {
        assert_eq!(
            TenantTime::parse_rfc3339("9999-12-31T23:59:59Z").map(TenantTime::to_rfc3339).as_deref(),
            Some("9999-12-31T23:59:59Z")
        );
    }
}
