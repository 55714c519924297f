//! Who asks for a second factor, apart from Conditional Access?

use crate::directory::{PerUserMfaState, Tenant, User};

/// What demands a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demand {
    /// Nothing here.
    None,
    /// The user's own setting (per-user MFA).
    PerUser,
    /// The tenant's security defaults.
    SecurityDefaults,
}

/// Asks the user's setting first, then the tenant's security defaults, which ask everybody
/// (<https://learn.microsoft.com/entra/fundamentals/security-defaults>; that a password grant is always asked is inferred).
pub fn demand(tenant: &Tenant, user: &User) -> Demand {
    if user.per_user_mfa_state != PerUserMfaState::Disabled {
        Demand::PerUser
    } else if tenant.security_defaults_enabled {
        Demand::SecurityDefaults
    } else {
        Demand::None
    }
}
