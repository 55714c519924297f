//! Whose account is it, and who can check its password?

use crate::directory::{AuthenticationType, IdentityIssuer, Tenant, User};
use crate::time::TenantTime;

/// The account behind the name that was typed, as far as the tenant knows it.
#[derive(Debug, Clone, Copy)]
pub enum Account<'a> {
    /// Nobody of that name.
    Unknown,
    /// An external user whose account only a partner can vouch for.
    AtPartner {
        /// The guest object.
        user: &'a User,
        /// Who vouches.
        partner: Partner,
    },
    /// A user of an Entra tenant.
    Known {
        /// The object in the tenant that was asked; `None` if the user is not a guest there.
        user: Option<&'a User>,
        /// Where the password is.
        home: Home<'a>,
    },
}

/// The tenant and the object that hold a user's credentials: for a member the same as the user, for a guest another tenant's.
#[derive(Debug, Clone, Copy)]
pub struct Home<'a> {
    /// The home tenant.
    pub tenant: &'a Tenant,
    /// The user's object there.
    pub user: &'a User,
    /// Whether the directory holds a password that can be checked.
    pub has_password: bool,
    /// The home tenant's time: password age and lockout are measured in it.
    pub now: TenantTime,
}

/// Another identity provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Partner {
    /// The federation service of the user's domain.
    FederationService,
    /// Microsoft's provider of personal accounts.
    MicrosoftAccount,
    /// Google.
    Google,
}

impl<'a> Home<'a> {
    /// Whether the user's domain is federated.
    pub fn is_federated(&self) -> bool {
        let domain = self.user.user_principal_name.rsplit_once('@').map_or("", |(_, domain)| domain);
        self.tenant
            .verified_domain(domain)
            .is_some_and(|domain| domain.authentication_type == AuthenticationType::Federated)
    }

    /// Whether a federated user's synchronised hash may be used
    /// (<https://learn.microsoft.com/entra/identity-platform/v2-oauth-ropc>, home-realm-discovery policy).
    pub fn allows_cloud_password_validation(&self) -> bool {
        self.has_password
            && self
                .tenant
                .home_realm_discovery_policies
                .iter()
                .any(|policy| policy.is_organization_default && policy.allow_cloud_password_validation)
    }
}

impl Partner {
    /// The partner that vouches for accounts of this issuer; another Entra tenant is none.
    pub fn of_issuer(issuer: &IdentityIssuer) -> Option<Self> {
        match issuer {
            IdentityIssuer::MicrosoftAccount => Some(Self::MicrosoftAccount),
            IdentityIssuer::Google => Some(Self::Google),
            IdentityIssuer::ExternalAzureAd | IdentityIssuer::Other(_) => None,
        }
    }
}
