//! The directory: what a tenant is made of, in Microsoft Graph's names and shapes.
//!
//! [`Tenant`] holds what is small and changes seldom (domains, applications, groups, policies) and is kept compiled in
//! memory; users, consents and assignments may be many and live beside it in [`TenantDirectory`], row by row in the
//! store. Reading all of it from a file is [`mod@file`]; what every tenant has is [`built_in`], the one served without a
//! file is [`sample`].

mod application;
mod authentication_context;
pub mod built_in;
mod certificate;
mod consent;
mod copy;
pub mod file;
mod group;
mod policy;
pub mod sample;
mod tenant;
mod user;

pub use application::{
    AppRole, Application, ClientPlatform, DelegatedPermission, FederatedIdentityCredential, KeyCredential, MemberType,
    OptionalClaim, PasswordCredential, PermissionKind, PreAuthorizedApplication, RequiredPermission,
    RequiredResourceAccess,
};
pub use authentication_context::AuthenticationContext;
pub use certificate::CertificateDer;
pub use consent::{AppRoleAssignment, ConsentType, OAuth2PermissionGrant, PrincipalType};
pub use copy::copied_id;
pub use group::{DirectoryRole, Group};
pub use policy::{
    ClientAppType, ConditionalAccessPolicy, GrantControl, GrantOperator, HomeRealmDiscoveryPolicy, LocationCondition,
    NamedLocation, PolicyApplications, PolicyState, PolicyUsers,
};
pub use tenant::{
    AgentState, AuthenticationType, SmartLockout, Tenant, TenantClock, TenantDirectory, TenantSettings, VerifiedDomain,
};
pub use user::{AuthenticationMethod, Identity, IdentityIssuer, Password, PerUserMfaState, User, UserType};

/// All tenants of one instance, as a tenant file describes them and with what is built in.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    /// The tenants in the order of the file; the consumer tenant is always among them.
    pub tenants: Vec<TenantDirectory>,
}
