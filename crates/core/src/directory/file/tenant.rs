use uuid::Uuid;

use super::check::Reader;
use super::names::{Names, Unique};
use super::value::{Located, Object, Value};
use super::{application, consent, group, policy, user};
use crate::directory::{
    AgentState, AuthenticationType, SmartLockout, Tenant, TenantClock, TenantDirectory, TenantSettings, VerifiedDomain,
    built_in,
};
use crate::ids::{CONSUMER_TENANT, ObjectId, TenantId, derived_id};

/// One tenant in the making: what its objects are called and which ids are taken.
pub(super) struct Builder<'r, 'a> {
    pub(super) reader: &'r mut Reader<'a>,
    pub(super) id: TenantId,
    pub(super) names: Names,
    object_ids: Unique,
}

impl<'r, 'a> Builder<'r, 'a> {
    pub(super) fn new(reader: &'r mut Reader<'a>, id: TenantId) -> Self {
        Self { reader, id, names: Names::default(), object_ids: Unique::default() }
    }

    /// The object's id, as written or derived from what it is called by.
    pub(super) fn claim_id(&mut self, object: &Object, kind: &str, name: &str) -> ObjectId {
        let written = object.guid("id");
        let id = written.unwrap_or_else(|| derived_id(self.id, kind, name));
        // A derived id repeats only where the name does; that is told of the name.
        if let Some(field) = written.and_then(|_| object.field("id")) {
            self.object_ids.claim(self.reader, &id.to_string(), field.place, &field.path, "object of a tenant");
        }
        ObjectId(id)
    }
}

/// Builds a tenant from its checked object; what does not fit together becomes a fault.
pub(super) fn build(reader: &mut Reader<'_>, object: &Object, domains: &mut Unique) -> TenantDirectory {
    let verified_domains = verified_domains(reader, object, domains);
    let id = tenant_id(reader, object, &verified_domains);
    let mut builder = Builder::new(reader, id);

    let users = user::users(&mut builder, object, &verified_domains);
    let groups = group::groups(&mut builder, object);
    let applications = application::applications(&mut builder, object);
    let directory_roles = group::directory_roles(&mut builder, object);
    let mut oauth2_permission_grants = built_in::oauth2_permission_grants();
    oauth2_permission_grants.extend(consent::oauth2_permission_grants(&mut builder, object, &applications));
    let app_role_assignments = consent::app_role_assignments(&mut builder, object, &applications);
    let (named_locations, conditional_access_policies) =
        policy::conditional_access(&mut builder, object, &directory_roles);
    let home_realm_discovery_policies = policy::home_realm_discovery_policies(&mut builder, object);
    let settings = object.object("ropeway").map_or_else(TenantSettings::default, |own| settings(builder.reader, own));

    let mut tenant = Tenant {
        id,
        display_name: String::new(),
        verified_domains,
        security_defaults_enabled: object
            .object("securityDefaults")
            .and_then(|defaults| defaults.flag("isEnabled"))
            .unwrap_or(false),
        users_may_consent: users_may_consent(object).unwrap_or(true),
        applications: applications.into_iter().map(|built| built.application).collect(),
        groups,
        directory_roles,
        conditional_access_policies,
        named_locations,
        home_realm_discovery_policies,
        settings,
    };
    tenant.display_name = object.owned("displayName").unwrap_or_else(|| tenant.default_domain());
    TenantDirectory { tenant, users, oauth2_permission_grants, app_role_assignments }
}

/// Users may consent as long as some policy lets them
/// (<https://learn.microsoft.com/entra/identity/enterprise-apps/configure-user-consent>). `None`: nothing is said.
pub(super) fn users_may_consent(object: &Object) -> Option<bool> {
    let permissions = object.object("authorizationPolicy")?.object("defaultUserRolePermissions")?;
    permissions.field("permissionGrantPoliciesAssigned")?;
    let assigned = permissions.list("permissionGrantPoliciesAssigned");
    Some(assigned.iter().any(|policy| text_of(policy).starts_with(FOR_SELF)))
}

/// Policies of this family are about consenting for oneself.
pub(super) const FOR_SELF: &str = "ManagePermissionGrantsForSelf.";

/// The consumer tenant of a file that does not list it: no domain, nobody in it.
pub(super) fn consumer_tenant() -> TenantDirectory {
    TenantDirectory {
        tenant: Tenant {
            id: CONSUMER_TENANT,
            display_name: "Personal Microsoft accounts".to_owned(),
            verified_domains: Vec::new(),
            security_defaults_enabled: false,
            users_may_consent: true,
            applications: built_in::applications(CONSUMER_TENANT),
            groups: Vec::new(),
            directory_roles: Vec::new(),
            conditional_access_policies: Vec::new(),
            named_locations: Vec::new(),
            home_realm_discovery_policies: Vec::new(),
            settings: TenantSettings::default(),
        },
        users: Vec::new(),
        oauth2_permission_grants: built_in::oauth2_permission_grants(),
        app_role_assignments: Vec::new(),
    }
}

fn tenant_id(reader: &mut Reader<'_>, object: &Object, domains: &[VerifiedDomain]) -> TenantId {
    if let Some(id) = object.guid("id") {
        return TenantId(id);
    }
    let default = domains.iter().find(|domain| domain.is_default).or(domains.first());
    match default {
        Some(domain) => TenantId(derived_id(TenantId(Uuid::nil()), "tenant", &domain.name)),
        None => {
            if object.lacks("id") && object.lacks("verifiedDomains") {
                let remedy = "add an id, or a domain under verifiedDomains to derive it from";
                reader.fault(object.place, &object.path, "a tenant has neither id nor domain", remedy);
            }
            TenantId(Uuid::nil())
        }
    }
}

fn verified_domains(reader: &mut Reader<'_>, tenant: &Object, domains: &mut Unique) -> Vec<VerifiedDomain> {
    let mut built: Vec<VerifiedDomain> = Vec::new();
    for object in tenant.objects("verifiedDomains") {
        let (Some(name), Some(field)) = (object.owned("name"), object.field("name")) else { continue };
        domains.claim(reader, &name, field.place, &field.path, "tenant's domain");
        let is_default = object.flag("isDefault").unwrap_or(false);
        if is_default && built.iter().any(|domain| domain.is_default) {
            let remedy = "set isDefault on one domain of the tenant only";
            reader.fault(object.place, &object.path, "a second default domain", remedy);
        }
        built.push(VerifiedDomain {
            name,
            is_default,
            authentication_type: match object.word("authenticationType") {
                Some("Federated") => AuthenticationType::Federated,
                _ => AuthenticationType::Managed,
            },
            password_validity_period_in_days: match object.number("passwordValidityPeriodInDays") {
                Some(NEVER) => None,
                // Graph: "if the property isn't set, a default value of 90 days is used" (domain resource type).
                days => Some(days.and_then(|days| u32::try_from(days).ok()).unwrap_or(90)),
            },
        });
    }
    if let Some(first) =
        built.first_mut().filter(|_| tenant.objects("verifiedDomains").all(|d| d.flag("isDefault") != Some(true)))
    {
        first.is_default = true;
    }
    built
}

pub(super) fn settings(reader: &mut Reader<'_>, object: &Object) -> TenantSettings {
    let defaults = TenantSettings::default();
    let lockout = object.object("smartLockout");
    let lockout_number = |name, default: u32| {
        lockout.and_then(|lockout| lockout.number(name)).and_then(|n| u32::try_from(n).ok()).unwrap_or(default)
    };
    TenantSettings {
        clock: object.object("clock").map_or(defaults.clock, |object| clock(reader, object)),
        replay_entra: object.word("replay") == Some("entra"),
        pass_through_agent: match object.word("passThroughAgent") {
            Some("down") => AgentState::Down,
            _ => AgentState::Up,
        },
        smart_lockout: SmartLockout {
            threshold: lockout_number("threshold", defaults.smart_lockout.threshold),
            duration_in_seconds: lockout_number("durationInSeconds", defaults.smart_lockout.duration_in_seconds),
        },
        tokens_follow_clock: object.object("clock").and_then(|clock| clock.word("tokens")) == Some("tenant"),
        copied_from: Vec::new(),
    }
}

fn clock(reader: &mut Reader<'_>, object: &Object) -> TenantClock {
    match (object.seconds("offset"), object.moment("frozen")) {
        (Some(_), Some(_)) => {
            let remedy = "keep offset (it runs) or frozen (it stands still)";
            reader.fault(object.place, &object.path, "a clock cannot both run and stand still", remedy);
            TenantClock::Offset { seconds: 0 }
        }
        (_, Some(at)) => TenantClock::Frozen { at },
        (seconds, None) => TenantClock::Offset { seconds: seconds.unwrap_or(0) },
    }
}

/// Text of a value that was read as text.
pub(super) fn text_of(located: &Located) -> &str {
    match &located.value {
        Value::Text(text) => text,
        _ => "",
    }
}

/// Graph's number of days for "never".
const NEVER: i64 = 2_147_483_647;
