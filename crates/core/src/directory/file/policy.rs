use super::check::describe_text;
use super::group::role_template_id;
use super::names::{Sort, Target};
use super::table::IP_NAMED_LOCATION;
use super::tenant::{Builder, text_of};
use super::value::{Located, Object, Value};
use crate::directory::{
    AuthenticationContext, ClientAppType, ConditionalAccessPolicy, DirectoryRole, GrantControl, GrantOperator,
    HomeRealmDiscoveryPolicy, LocationCondition, NamedLocation, PolicyApplications, PolicyState, PolicyUsers,
};
use crate::ids::{AppId, ObjectId, parse_guid};

/// Builds named locations and Conditional Access policies; all other objects must be known by then.
pub(super) fn conditional_access(
    builder: &mut Builder<'_, '_>,
    tenant: &Object,
    roles: &[DirectoryRole],
) -> (Vec<NamedLocation>, Vec<ConditionalAccessPolicy>) {
    let Some(object) = tenant.object("conditionalAccess") else { return Default::default() };
    let locations = object.objects("namedLocations").filter_map(|object| named_location(builder, object)).collect();
    let policies = object.objects("policies").filter_map(|object| Policy::new(object, roles).build(builder)).collect();
    (locations, policies)
}

fn named_location(builder: &mut Builder<'_, '_>, object: &Object) -> Option<NamedLocation> {
    let Some(name) = object.text("displayName") else {
        builder.names.miss(Sort::Location);
        return None;
    };
    let id = builder.claim_id(object, "namedLocation", name);
    let by_address = object.word("@odata.type").is_none_or(|kind| kind == IP_NAMED_LOCATION);
    for known_as in [id.to_string().as_str(), name] {
        builder.names.add(known_as, Target::Location(id, by_address));
    }
    if !by_address {
        builder.reader.note(object.place, &object.path, "a location by country has no effect here".to_owned());
        return None;
    }
    let range = |range: &Object| match range.field("cidrAddress")?.value {
        Value::Network(address, prefix) => Some((address, prefix)),
        _ => None,
    };
    Some(NamedLocation {
        id,
        display_name: name.to_owned(),
        is_trusted: object.flag("isTrusted").unwrap_or(false),
        ip_ranges: object.objects("ipRanges").filter_map(range).collect(),
    })
}

/// A policy while it is built.
struct Policy<'o> {
    object: &'o Object,
    roles: &'o [DirectoryRole],
    state: PolicyState,
    must_be_off: bool,
}

impl<'o> Policy<'o> {
    fn new(object: &'o Object, roles: &'o [DirectoryRole]) -> Self {
        let state = match object.word("state") {
            Some("disabled") => PolicyState::Disabled,
            Some("enabledForReportingButNotEnforced") => PolicyState::EnabledForReportingButNotEnforced,
            _ => PolicyState::Enabled,
        };
        Self { object, roles, state, must_be_off: object.must_be_off }
    }

    fn build(mut self, builder: &mut Builder<'_, '_>) -> Option<ConditionalAccessPolicy> {
        let name = self.object.text("displayName")?;
        let id = builder.claim_id(self.object, "conditionalAccessPolicy", name);
        let conditions = self.object.object("conditions")?;
        let users = conditions.object("users").map_or_else(Default::default, |users| self.users(builder, users));
        let applications = conditions
            .object("applications")
            .map_or_else(Default::default, |applications| self.applications(builder, applications));
        let locations = conditions.object("locations").map(|locations| self.locations(builder, locations));
        let controls = self.object.object("grantControls");
        Some(ConditionalAccessPolicy {
            id,
            display_name: name.to_owned(),
            // Evaluated without what is unsupported, even a report would be wrong.
            state: if self.must_be_off { PolicyState::Disabled } else { self.state },
            users,
            applications,
            client_app_types: conditions.words("clientAppTypes").map(client_app_type).collect(),
            locations,
            operator: match controls.and_then(|controls| controls.word("operator")) {
                Some("AND") => GrantOperator::And,
                _ => GrantOperator::Or,
            },
            built_in_controls: controls
                .into_iter()
                .flat_map(|controls| controls.words("builtInControls"))
                .map(|word| if word == "block" { GrantControl::Block } else { GrantControl::Mfa })
                .collect(),
        })
    }

    fn users(&self, builder: &mut Builder<'_, '_>, object: &Object) -> PolicyUsers {
        let mut users = PolicyUsers::default();
        for reference in object.list("includeUsers") {
            match text_of(reference) {
                "All" => users.include_all = true,
                "None" => {}
                "GuestsOrExternalUsers" => users.include_guests = true,
                _ => users.include_users.extend(object_id(builder, reference, Sort::User)),
            }
        }
        for reference in object.list("excludeUsers") {
            match text_of(reference) {
                "GuestsOrExternalUsers" => users.exclude_guests = true,
                _ => users.exclude_users.extend(object_id(builder, reference, Sort::User)),
            }
        }
        let groups = |builder: &mut Builder<'_, '_>, list: &[Located]| -> Vec<ObjectId> {
            list.iter().filter_map(|reference| object_id(builder, reference, Sort::Group)).collect()
        };
        users.include_groups = groups(builder, object.list("includeGroups"));
        users.exclude_groups = groups(builder, object.list("excludeGroups"));
        users.include_roles = object.list("includeRoles").iter().filter_map(|role| self.role(builder, role)).collect();
        users.exclude_roles = object.list("excludeRoles").iter().filter_map(|role| self.role(builder, role)).collect();
        users
    }

    /// A directory role's template. Graph takes every template id, whether the role is activated or not.
    fn role(&self, builder: &mut Builder<'_, '_>, reference: &Located) -> Option<ObjectId> {
        let text = text_of(reference);
        if let Ok(id) = parse_guid(text) {
            return Some(ObjectId(id));
        }
        if let Some(role) = self.roles.iter().find(|role| role.display_name.eq_ignore_ascii_case(text)) {
            return Some(role.role_template_id);
        }
        let known = role_template_id(text);
        // A template id that was not derived from the name is Microsoft's.
        if known.0.get_version_num() != 5 {
            return Some(known);
        }
        let found = format!("{}, which is no directory role", describe_text(text));
        let remedy = "expected a role template's id, or a role's name as under directoryRoles";
        builder.reader.fault(reference.place, &reference.path, found, remedy);
        None
    }

    fn applications(&mut self, builder: &mut Builder<'_, '_>, object: &Object) -> PolicyApplications {
        let mut applications = PolicyApplications::default();
        for reference in object.list("includeApplications") {
            match text_of(reference) {
                "All" => applications.include_all = true,
                "None" => {}
                _ => applications.include.extend(self.application(builder, reference)),
            }
        }
        let contexts = object.list("includeAuthenticationContextClassReferences").iter();
        applications.include_contexts =
            contexts.filter_map(|context| AuthenticationContext::of_tenant(text_of(context))).collect();
        for reference in object.list("excludeApplications") {
            applications.exclude.extend(self.application(builder, reference));
        }
        applications
    }

    fn application(&mut self, builder: &mut Builder<'_, '_>, reference: &Located) -> Option<AppId> {
        let text = text_of(reference);
        if matches!(text, "Office365" | "MicrosoftAdminPortals") {
            self.unsupported(builder, reference, &format!("the group of applications {text}"));
            return None;
        }
        if let Ok(id) = parse_guid(text)
            && builder.names.lookup(text, &[Sort::Application]).is_none()
        {
            let note = format!("application {text} is not here, so that a policy that names it never matches it");
            builder.reader.note(reference.place, &reference.path, note);
            return Some(AppId(id));
        }
        match builder.names.resolve(builder.reader, reference, &[Sort::Application])? {
            Target::Application(app_id, _) => Some(app_id),
            _ => None,
        }
    }

    fn locations(&mut self, builder: &mut Builder<'_, '_>, object: &Object) -> LocationCondition {
        let mut locations = LocationCondition::default();
        for reference in object.list("includeLocations") {
            match text_of(reference) {
                "All" => locations.include_all = true,
                "AllTrusted" => locations.include_trusted = true,
                _ => locations.include.extend(self.location(builder, reference)),
            }
        }
        for reference in object.list("excludeLocations") {
            match text_of(reference) {
                "AllTrusted" => locations.exclude_trusted = true,
                _ => locations.exclude.extend(self.location(builder, reference)),
            }
        }
        locations
    }

    fn location(&mut self, builder: &mut Builder<'_, '_>, reference: &Located) -> Option<ObjectId> {
        if text_of(reference) == MFA_TRUSTED_ADDRESSES {
            self.unsupported(builder, reference, "the location \"MFA trusted IPs\"");
            return None;
        }
        match builder.names.resolve(builder.reader, reference, &[Sort::Location])? {
            Target::Location(id, true) => Some(id),
            _ => {
                self.unsupported(builder, reference, "a location by country");
                None
            }
        }
    }

    fn unsupported(&mut self, builder: &mut Builder<'_, '_>, reference: &Located, what: &str) {
        let off = self.state != PolicyState::Enabled;
        self.must_be_off |= off;
        builder.reader.unsupported_in_policy(reference.place, &reference.path, what, off);
    }
}

fn object_id(builder: &mut Builder<'_, '_>, reference: &Located, sort: Sort) -> Option<ObjectId> {
    match builder.names.resolve(builder.reader, reference, &[sort])? {
        Target::User(id) | Target::Group(id) => Some(id),
        Target::Application(..) | Target::Location(..) => None,
    }
}

fn client_app_type(word: &str) -> ClientAppType {
    match word {
        "browser" => ClientAppType::Browser,
        "mobileAppsAndDesktopClients" => ClientAppType::MobileAppsAndDesktopClients,
        "exchangeActiveSync" => ClientAppType::ExchangeActiveSync,
        "other" => ClientAppType::Other,
        _ => ClientAppType::All,
    }
}

/// Builds the home-realm-discovery policies.
pub(super) fn home_realm_discovery_policies(
    builder: &mut Builder<'_, '_>,
    tenant: &Object,
) -> Vec<HomeRealmDiscoveryPolicy> {
    let mut policies = Vec::new();
    for object in tenant.objects("homeRealmDiscoveryPolicies") {
        let mut allow_cloud_password_validation = false;
        for definition in object.list("definition") {
            allow_cloud_password_validation |= allows_cloud_password_validation(builder, definition);
        }
        policies.push(HomeRealmDiscoveryPolicy {
            display_name: object.owned("displayName").unwrap_or_default(),
            is_organization_default: object.flag("isOrganizationDefault").unwrap_or(false),
            allow_cloud_password_validation,
        });
    }
    policies
}

/// Reads the JSON text in a definition
/// (<https://learn.microsoft.com/entra/identity/enterprise-apps/home-realm-discovery-policy>).
fn allows_cloud_password_validation(builder: &mut Builder<'_, '_>, definition: &Located) -> bool {
    let (place, path) = (definition.place, definition.path.as_str());
    let parsed: Option<serde_json::Value> = serde_json::from_str(text_of(definition)).ok();
    let Some(policy) = parsed.as_ref().and_then(|json| json.get("HomeRealmDiscoveryPolicy")?.as_object()) else {
        let found = describe_text(text_of(definition));
        let remedy = r#"expected JSON text {"HomeRealmDiscoveryPolicy":{"AllowCloudPasswordValidation":true}}"#;
        builder.reader.fault(place, path, found, remedy);
        return false;
    };
    for (name, value) in policy {
        let silent =
            value.is_null() || *value == false || value.get("Enabled").is_some_and(|enabled| *enabled == false);
        match name.as_str() {
            "AllowCloudPasswordValidation" if !value.is_boolean() => {
                builder.reader.fault(place, path, format!("{name} is {value}"), "expected true or false");
            }
            "AllowCloudPasswordValidation" | "Version" => {}
            "AlternateIdLogin" if !silent => {
                let found = "AlternateIdLogin is not supported yet and would change who may sign in";
                builder.reader.fault(place, path, found, "remove it");
            }
            _ if silent => {}
            "AccelerateToFederatedDomain" | "PreferredDomain" | "AlternateIdLogin" => {
                let note = format!("{name} of a home-realm-discovery policy has no effect here");
                builder.reader.note(place, path, note);
            }
            _ => {
                let remedy = "expected AllowCloudPasswordValidation";
                builder.reader.fault(
                    place,
                    path,
                    format!("{name} is no part of a home-realm-discovery policy"),
                    remedy,
                );
            }
        }
    }
    policy.get("AllowCloudPasswordValidation").is_some_and(|allowed| *allowed == true)
}

/// Entra's id of the location "MFA trusted IPs".
const MFA_TRUSTED_ADDRESSES: &str = "00000000-0000-0000-0000-000000000000";
