//! Must the password be changed before it counts?

use crate::directory::{Tenant, User};
use crate::time::TenantTime;

/// What there is to say about a password that was right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordAge {
    /// Good.
    Current,
    /// Older than the domain allows.
    Expired {
        /// Whole days since the last change.
        days: i64,
        /// What the domain allows.
        limit: u32,
    },
    /// An administrator asked for a change at the next sign-in.
    MustChange,
}

/// Asked of a password presented now, never of a refresh token
/// (<https://learn.microsoft.com/microsoft-365/admin/manage/set-password-expiration-policy>).
pub fn evaluate(home: &Tenant, user: &User, now: TenantTime) -> PasswordAge {
    if user.force_change_password_next_sign_in {
        return PasswordAge::MustChange;
    }
    let Some((changed, limit)) = expiring(home, user) else { return PasswordAge::Current };
    let days = now.seconds_since(changed).div_euclid(SECONDS_PER_DAY);
    if days >= i64::from(limit) { PasswordAge::Expired { days, limit } } else { PasswordAge::Current }
}

/// Seconds until the password expires, if that is within the days in which users are notified (Graph's default of
/// `passwordNotificationWindowInDays`): what `pwd_exp` says
/// (<https://learn.microsoft.com/entra/identity-platform/optional-claims-reference>).
pub fn expires_soon(home: &Tenant, user: &User, now: TenantTime) -> Option<i64> {
    let (changed, limit) = expiring(home, user)?;
    let left = changed.plus_seconds(i64::from(limit) * SECONDS_PER_DAY).seconds_since(now);
    (1..=NOTIFICATION_DAYS * SECONDS_PER_DAY).contains(&left).then_some(left)
}

/// When the password was set and how many days it may last; `None` if it lasts for ever.
fn expiring(home: &Tenant, user: &User) -> Option<(TenantTime, u32)> {
    let (_, domain) = user.user_principal_name.rsplit_once('@')?;
    let limit = home.verified_domain(domain)?.password_validity_period_in_days?;
    Some((user.last_password_change?, limit)).filter(|_| !user.disable_password_expiration)
}

const SECONDS_PER_DAY: i64 = 86_400;
const NOTIFICATION_DAYS: i64 = 14;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signin::fixture;

    #[test]
    fn a_password_expires_on_the_day_the_domain_says() {
        let mut tenant = fixture::tenant();
        tenant.verified_domains[0].password_validity_period_in_days = Some(90);
        let changed = TenantTime(0);
        let user = User { last_password_change: Some(changed), ..fixture::user("a@alpine.test") };
        let exempt = User { disable_password_expiration: true, ..user.clone() };
        let asked = User { force_change_password_next_sign_in: true, ..exempt.clone() };
        let day = |days: i64| changed.plus_seconds(days * 86_400);
        let cases = [
            ("day 89", &user, day(89), PasswordAge::Current),
            ("day 90", &user, day(90), PasswordAge::Expired { days: 90, limit: 90 }),
            ("exempt", &exempt, day(9_000), PasswordAge::Current),
            ("must change", &asked, day(0), PasswordAge::MustChange),
        ];
        for (name, user, now, expected) in cases {
            assert_eq!(evaluate(&tenant, user, now), expected, "{name}");
        }
        let soon = [(75, None), (76, Some(14)), (89, Some(1)), (90, None), (200, None)];
        for (now, left) in soon {
            assert_eq!(expires_soon(&tenant, &user, day(now)), left.map(|days| days * SECONDS_PER_DAY), "day {now}");
        }
        assert_eq!(expires_soon(&tenant, &exempt, day(80)), None);
    }
}
