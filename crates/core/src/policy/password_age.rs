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
    const SECONDS_PER_DAY: i64 = 86_400;
    if user.force_change_password_next_sign_in {
        return PasswordAge::MustChange;
    }
    let domain = user.user_principal_name.rsplit_once('@').and_then(|(_, domain)| home.verified_domain(domain));
    let limit = domain.and_then(|domain| domain.password_validity_period_in_days);
    let (Some(limit), Some(changed), false) = (limit, user.last_password_change, user.disable_password_expiration)
    else {
        return PasswordAge::Current;
    };
    let days = now.seconds_since(changed).div_euclid(SECONDS_PER_DAY);
    if days >= i64::from(limit) { PasswordAge::Expired { days, limit } } else { PasswordAge::Current }
}

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
    }
}
