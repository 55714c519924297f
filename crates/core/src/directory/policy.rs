use serde::{Deserialize, Serialize};

use super::AuthenticationContext;
use crate::ids::{AppId, ObjectId};

/// A Conditional Access policy (Graph: `conditionalAccessPolicy`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConditionalAccessPolicy {
    /// The value in a claims challenge's `capolids`.
    pub id: ObjectId,
    /// Shown to people.
    pub display_name: String,
    /// Whether it acts.
    pub state: PolicyState,
    /// `conditions.users`.
    pub users: PolicyUsers,
    /// `conditions.applications`.
    pub applications: PolicyApplications,
    /// `conditions.clientAppTypes`; empty means all.
    pub client_app_types: Vec<ClientAppType>,
    /// `conditions.locations`; `None` means anywhere.
    pub locations: Option<LocationCondition>,
    /// `grantControls.operator`.
    pub operator: GrantOperator,
    /// `grantControls.builtInControls`.
    pub built_in_controls: Vec<GrantControl>,
}

/// Graph: `conditionalAccessPolicyState`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PolicyState {
    /// Acts.
    Enabled,
    /// Does nothing.
    Disabled,
    /// Is evaluated and reported, and refuses nobody.
    EnabledForReportingButNotEnforced,
}

/// Graph: `conditionalAccessUsers`. Role names are role template ids.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyUsers {
    /// `includeUsers` holds `All`.
    pub include_all: bool,
    /// `includeUsers` holds `GuestsOrExternalUsers`.
    pub include_guests: bool,
    /// The rest of `includeUsers`.
    pub include_users: Vec<ObjectId>,
    /// `includeGroups`.
    pub include_groups: Vec<ObjectId>,
    /// `includeRoles`.
    pub include_roles: Vec<ObjectId>,
    /// `excludeUsers` holds `GuestsOrExternalUsers`.
    pub exclude_guests: bool,
    /// The rest of `excludeUsers`.
    pub exclude_users: Vec<ObjectId>,
    /// `excludeGroups`.
    pub exclude_groups: Vec<ObjectId>,
    /// `excludeRoles`.
    pub exclude_roles: Vec<ObjectId>,
}

/// Graph: `conditionalAccessApplications`. The resource decides, not the client.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyApplications {
    /// `includeApplications` holds `All`.
    pub include_all: bool,
    /// The rest of `includeApplications`.
    pub include: Vec<AppId>,
    /// `excludeApplications`.
    pub exclude: Vec<AppId>,
    /// `includeAuthenticationContextClassReferences`: requests for one of these, whatever the resource.
    #[serde(default)]
    pub include_contexts: Vec<AuthenticationContext>,
}

/// Graph: `conditionalAccessClientApp`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClientAppType {
    /// Every kind.
    All,
    /// The sign-in page in a browser.
    Browser,
    /// Everything that speaks OAuth without the page, the password grant among it.
    MobileAppsAndDesktopClients,
    /// Exchange ActiveSync.
    ExchangeActiveSync,
    /// Legacy authentication.
    Other,
}

/// Graph: `conditionalAccessLocations`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocationCondition {
    /// `includeLocations` holds `All`.
    pub include_all: bool,
    /// `includeLocations` holds `AllTrusted`.
    pub include_trusted: bool,
    /// The rest of `includeLocations`.
    pub include: Vec<ObjectId>,
    /// `excludeLocations` holds `AllTrusted`.
    pub exclude_trusted: bool,
    /// The rest of `excludeLocations`.
    pub exclude: Vec<ObjectId>,
}

/// A location by address ranges (Graph: `ipNamedLocation`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedLocation {
    /// Referred to by policies.
    pub id: ObjectId,
    /// Shown to people.
    pub display_name: String,
    /// `isTrusted`.
    pub is_trusted: bool,
    /// `ipRanges[].cidrAddress` as network address and prefix length.
    pub ip_ranges: Vec<(std::net::IpAddr, u8)>,
}

/// How several controls combine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum GrantOperator {
    /// All of them.
    And,
    /// Any of them.
    Or,
}

/// Graph: `conditionalAccessGrantControl`, as far as it acts here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum GrantControl {
    /// Refuses.
    Block,
    /// Asks for a second factor.
    Mfa,
}

/// Graph: `homeRealmDiscoveryPolicy`, as far as it acts here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HomeRealmDiscoveryPolicy {
    /// Shown to people.
    pub display_name: String,
    /// Whether it holds for every application.
    pub is_organization_default: bool,
    /// `definition` says `AllowCloudPasswordValidation: true`: users of federated domains whose hash is here may use it.
    pub allow_cloud_password_validation: bool,
}
