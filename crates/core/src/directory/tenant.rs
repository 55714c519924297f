use serde::{Deserialize, Serialize};

use super::{
    AppRoleAssignment, Application, ConditionalAccessPolicy, DirectoryRole, Group, HomeRealmDiscoveryPolicy,
    NamedLocation, OAuth2PermissionGrant, User,
};
use crate::ids::{AppId, ObjectId, TenantId};
use crate::time::{TenantTime, WallTime};

/// One tenant whole: its small, compiled part and everything of which there may be many.
#[derive(Debug, Clone)]
pub struct TenantDirectory {
    /// Domains, applications, groups, policies.
    pub tenant: Tenant,
    /// The user objects of this tenant, guests included.
    pub users: Vec<User>,
    /// Delegated consents.
    pub oauth2_permission_grants: Vec<OAuth2PermissionGrant>,
    /// Application permissions and assignments of users and groups to applications.
    pub app_role_assignments: Vec<AppRoleAssignment>,
}

fn yes() -> bool {
    true
}

/// What of a tenant is small and changes seldom. Users, consents and assignments are not in here.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Tenant {
    /// The `tid` claim.
    pub id: TenantId,
    /// Shown to people, and the `displayName` of Graph's organization.
    pub display_name: String,
    /// The domains whose users sign in here.
    pub verified_domains: Vec<VerifiedDomain>,
    /// Whether security defaults are on: every user needs a second factor.
    pub security_defaults_enabled: bool,
    /// Whether users may consent for themselves to what needs no administrator (`authorizationPolicy`:
    /// `defaultUserRolePermissions.permissionGrantPoliciesAssigned` is not empty).
    #[serde(default = "yes")]
    pub users_may_consent: bool,
    /// Registrations and service principals, built-in ones included.
    pub applications: Vec<Application>,
    /// Groups with their direct members.
    pub groups: Vec<Group>,
    /// Activated directory roles with their members.
    pub directory_roles: Vec<DirectoryRole>,
    /// Conditional Access policies in the order of the file.
    pub conditional_access_policies: Vec<ConditionalAccessPolicy>,
    /// Locations that policies name.
    pub named_locations: Vec<NamedLocation>,
    /// Home-realm-discovery policies.
    pub home_realm_discovery_policies: Vec<HomeRealmDiscoveryPolicy>,
    /// What Graph has no word for.
    pub settings: TenantSettings,
}

impl Tenant {
    /// The application with this `appId`, if it is registered or present as a service principal here.
    pub fn application(&self, app_id: AppId) -> Option<&Application> {
        self.applications.iter().find(|app| app.app_id == app_id)
    }

    /// The domain of this name, compared without case.
    pub fn verified_domain(&self, name: &str) -> Option<&VerifiedDomain> {
        self.verified_domains.iter().find(|domain| domain.name.eq_ignore_ascii_case(name))
    }

    /// The default domain's name, else the first one's, else the tenant id.
    pub fn default_domain(&self) -> String {
        let domains = &self.verified_domains;
        let default = domains.iter().find(|domain| domain.is_default).or(domains.first());
        default.map_or_else(|| self.id.to_string(), |domain| domain.name.clone())
    }

    /// The groups this object is a direct member of: what assignment to an application looks at, where nesting does not
    /// count (<https://learn.microsoft.com/entra/identity/enterprise-apps/assign-user-or-group-access-portal>).
    pub fn direct_groups(&self, member: ObjectId) -> Vec<ObjectId> {
        self.groups.iter().filter(|group| group.members.contains(&member)).map(|group| group.id).collect()
    }

    /// Every group this object belongs to, directly or through other groups, in the order of the file.
    pub fn transitive_groups(&self, member: ObjectId) -> Vec<ObjectId> {
        let mut found: Vec<ObjectId> = Vec::new();
        let mut to_visit = vec![member];
        while let Some(id) = to_visit.pop() {
            for group in self.groups.iter().filter(|group| group.members.contains(&id)) {
                if !found.contains(&group.id) {
                    found.push(group.id);
                    to_visit.push(group.id);
                }
            }
        }
        self.groups.iter().map(|group| group.id).filter(|id| found.contains(id)).collect()
    }
}

/// A domain whose ownership was proved: users with this suffix sign in at this tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifiedDomain {
    /// In lower case.
    pub name: String,
    /// The one that stands for the tenant.
    pub is_default: bool,
    /// Who checks the passwords of its users.
    pub authentication_type: AuthenticationType,
    /// Days until a password expires; `None` means never (Graph's 2147483647).
    pub password_validity_period_in_days: Option<u32>,
}

/// Who checks the passwords of a domain's users (Graph: `domain.authenticationType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AuthenticationType {
    /// Entra itself.
    Managed,
    /// A federation service.
    Federated,
}

/// What the file keeps under the tenant's `ropeway:` key, for want of a Graph property.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantSettings {
    /// How this tenant's time stands to the wall clock.
    pub clock: TenantClock,
    /// `replay: entra`: do not help MSAL Python forget a 400 answer.
    pub replay_entra: bool,
    /// Whether the pass-through authentication agent answers.
    pub pass_through_agent: AgentState,
    /// Smart lockout.
    pub smart_lockout: SmartLockout,
    /// `clock: { tokens: tenant }`: tokens and TOTP follow the tenant's clock instead of the wall clock.
    #[serde(default)]
    pub tokens_follow_clock: bool,
    /// Of a copy: the tenant of the file that it comes from, and the copies in between.
    #[serde(default)]
    pub copied_from: Vec<TenantId>,
}

impl TenantSettings {
    /// What outsiders are shown as the time: the wall clock, or the tenant's where tokens follow it.
    pub fn stamps_at(&self, wall: WallTime) -> WallTime {
        if self.tokens_follow_clock { WallTime(self.clock.at(wall).0) } else { wall }
    }
}

impl Default for TenantSettings {
    fn default() -> Self {
        Self {
            clock: TenantClock::Offset { seconds: 0 },
            replay_entra: false,
            pass_through_agent: AgentState::Up,
            smart_lockout: SmartLockout::default(),
            tokens_follow_clock: false,
            copied_from: Vec::new(),
        }
    }
}

/// How a tenant's time is made from the wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TenantClock {
    /// Runs with the wall clock, so many seconds ahead (or behind, when negative).
    Offset {
        /// Seconds ahead of the wall clock.
        seconds: i64,
    },
    /// Stands still.
    Frozen {
        /// The moment it shows.
        at: TenantTime,
    },
}

impl TenantClock {
    /// What the tenant's clock shows at this moment of the wall clock.
    pub fn at(self, wall: WallTime) -> TenantTime {
        match self {
            Self::Offset { seconds } => TenantTime(wall.0).plus_seconds(seconds),
            Self::Frozen { at } => at,
        }
    }
}

/// Whether the on-premises agent of pass-through authentication answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AgentState {
    /// It checks passwords.
    Up,
    /// It does not answer: AADSTS80002.
    Down,
}

/// Smart lockout's settings (<https://learn.microsoft.com/entra/identity/authentication/howto-password-smart-lockout>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmartLockout {
    /// Different wrong passwords until the account locks. Entra's default: 10.
    pub threshold: u32,
    /// Length of the first lockout; later ones are longer. Entra's default: 60.
    pub duration_in_seconds: u32,
}

impl Default for SmartLockout {
    fn default() -> Self {
        Self { threshold: 10, duration_in_seconds: 60 }
    }
}
