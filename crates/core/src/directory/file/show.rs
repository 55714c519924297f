use serde_json::{Map, Value, json};

use super::table::SOFTWARE_OATH;
use super::tenant::FOR_SELF;
use super::value::REDACTED;
use crate::directory::{
    AgentState, AppRole, Application, AuthenticationMethod, AuthenticationType, ClientAppType, ClientPlatform,
    ConditionalAccessPolicy, ConsentType, DelegatedPermission, Directory, GrantControl, GrantOperator, IdentityIssuer,
    MemberType, NamedLocation, OAuth2PermissionGrant, OptionalClaim, PerUserMfaState, PermissionKind, PolicyState,
    RequiredPermission, Tenant, TenantClock, TenantDirectory, TenantSettings, User, UserType, built_in,
};
use crate::ids::{AppId, ObjectId, PermissionId, TenantId};
use crate::time::TenantTime;

/// The directory in the file's own format, ids and defaults filled in. `…` stands in place of every password, client
/// secret and second factor, so that the text can be shown to people; [`super::read`] refuses it there.
/// Built-in applications and their consents are left out unless the file changed them.
pub fn show(directory: &Directory) -> String {
    let tenants: Vec<Value> = directory.tenants.iter().map(tenant).collect();
    let names: Vec<String> = built_in::applications(TenantId(uuid::Uuid::nil()))
        .iter()
        .map(|application| format!("#   {} {}", application.app_id, application.display_name))
        .collect();
    let yaml = serde_saphyr::to_string(&json!({ "tenants": tenants })).unwrap_or_default();
    format!(
        "# {REDACTED} stands in place of each secret. Every tenant also has, with Microsoft's consents:\n{}\n{yaml}",
        names.join("\n")
    )
}

/// Collects what is worth showing.
#[derive(Default)]
pub(super) struct Shown {
    properties: Map<String, Value>,
    /// Over what is built in, an empty list says something.
    keep_empty: bool,
}

impl Shown {
    fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.properties.insert(key.to_owned(), value.into());
        self
    }

    fn with_some<T: Into<Value>>(self, key: &str, value: Option<T>) -> Self {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }

    /// Without what is empty.
    fn with_any(self, key: &str, value: impl Into<Value>) -> Self {
        let value = value.into();
        let empty = value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(Map::is_empty);
        if empty && !self.keep_empty { self } else { self.with(key, value) }
    }

    fn with_true(self, key: &str, value: bool) -> Self {
        if value { self.with(key, true) } else { self }
    }
}

impl From<Shown> for Value {
    fn from(shown: Shown) -> Self {
        Value::Object(shown.properties)
    }
}

fn tenant(directory: &TenantDirectory) -> Value {
    let tenant = &directory.tenant;
    let domains: Vec<Value> = tenant
        .verified_domains
        .iter()
        .map(|domain| {
            json!({
                "name": domain.name,
                "isDefault": domain.is_default,
                "authenticationType": match domain.authentication_type {
                    AuthenticationType::Managed => "Managed",
                    AuthenticationType::Federated => "Federated",
                },
                "passwordValidityPeriodInDays": domain.password_validity_period_in_days.unwrap_or(2_147_483_647),
            })
        })
        .collect();
    let groups = tenant.groups.iter().map(|group| {
        Shown::default()
            .with("id", group.id.to_string())
            .with("displayName", group.display_name.as_str())
            .with("securityEnabled", group.security_enabled)
            .with_any("members", references(directory, &group.members))
    });
    let roles = tenant.directory_roles.iter().map(|role| {
        Shown::default()
            .with("displayName", role.display_name.as_str())
            .with("roleTemplateId", role.role_template_id.to_string())
            .with_any("members", references(directory, &role.members))
    });
    let policies = tenant.home_realm_discovery_policies.iter().map(|policy| {
        let definition =
            json!({ "HomeRealmDiscoveryPolicy": { "AllowCloudPasswordValidation": policy.allow_cloud_password_validation } });
        Shown::default()
            .with_some("displayName", Some(policy.display_name.as_str()).filter(|name| !name.is_empty()))
            .with("definition", json!([definition.to_string()]))
            .with("isOrganizationDefault", policy.is_organization_default)
    });
    Shown::default()
        .with("id", tenant.id.to_string())
        .with("displayName", tenant.display_name.as_str())
        .with_any("verifiedDomains", domains)
        .with("securityDefaults", json!({ "isEnabled": tenant.security_defaults_enabled }))
        .with("authorizationPolicy", authorization_policy(tenant))
        .with_any("users", list(directory.users.iter().map(user)))
        .with_any("groups", list(groups))
        .with_any("directoryRoles", list(roles))
        .with_any("applications", applications(directory))
        .with_any("oauth2PermissionGrants", grants(directory))
        .with_any("appRoleAssignments", assignments(directory))
        .with_any("conditionalAccess", conditional_access(directory))
        .with_any("homeRealmDiscoveryPolicies", list(policies))
        .with("ropeway", settings(&tenant.settings))
        .into()
}

fn list(items: impl Iterator<Item = impl Into<Value>>) -> Value {
    Value::Array(items.map(Into::into).collect())
}

fn moment(moment: Option<TenantTime>) -> Option<String> {
    moment.map(TenantTime::to_rfc3339)
}

pub(super) fn settings(settings: &TenantSettings) -> Shown {
    let mut clock = match settings.clock {
        TenantClock::Offset { seconds } if seconds < 0 => {
            json!({ "offset": format!("-PT{}S", seconds.unsigned_abs()) })
        }
        TenantClock::Offset { seconds } => json!({ "offset": format!("PT{seconds}S") }),
        TenantClock::Frozen { at } => json!({ "frozen": at.to_rfc3339() }),
    };
    if settings.tokens_follow_clock {
        clock["tokens"] = "tenant".into();
    }
    let lockout = settings.smart_lockout;
    Shown::default()
        .with("clock", clock)
        .with_some("replay", settings.replay_entra.then_some("entra"))
        .with(
            "passThroughAgent",
            match settings.pass_through_agent {
                AgentState::Up => "up",
                AgentState::Down => "down",
            },
        )
        .with(
            "smartLockout",
            json!({ "threshold": lockout.threshold, "durationInSeconds": lockout.duration_in_seconds }),
        )
}

pub(super) fn user(user: &User) -> Shown {
    let identities = user.identities.iter().map(|identity| {
        let issuer = match &identity.issuer {
            IdentityIssuer::ExternalAzureAd => "ExternalAzureAD",
            IdentityIssuer::MicrosoftAccount => "MicrosoftAccount",
            IdentityIssuer::Google => "google.com",
            IdentityIssuer::Other(issuer) => issuer,
        };
        Shown::default()
            .with("signInType", identity.sign_in_type.as_str())
            .with("issuer", issuer)
            .with_some("issuerAssignedId", identity.issuer_assigned_id.as_deref())
    });
    let profile = Shown::default()
        .with_some("password", user.password.as_ref().map(|_| REDACTED))
        .with_true("forceChangePasswordNextSignIn", user.force_change_password_next_sign_in);
    let methods = user.authentication_methods.iter().map(|method| match method {
        AuthenticationMethod::SoftwareOath { .. } => json!({ "@odata.type": SOFTWARE_OATH, "secretKey": REDACTED }),
    });
    let per_user = match user.per_user_mfa_state {
        PerUserMfaState::Disabled => None,
        PerUserMfaState::Enabled => Some(json!({ "perUserMfaState": "enabled" })),
        PerUserMfaState::Enforced => Some(json!({ "perUserMfaState": "enforced" })),
    };
    let authentication = Shown::default().with_some("requirements", per_user).with_any("methods", list(methods));
    let own = Shown::default()
        .with_some("lockedUntilDateTime", moment(user.locked_until))
        .with_some("riskLevel", user.risk_level.as_deref())
        .with_some("temporaryAccessPass", user.temporary_access_pass.as_ref().map(|_| REDACTED))
        .with_true("passThrough", user.pass_through);
    Shown::default()
        .with("id", user.id.to_string())
        .with("userPrincipalName", user.user_principal_name.as_str())
        .with("displayName", user.display_name.as_str())
        .with_some("givenName", user.given_name.as_deref())
        .with_some("surname", user.surname.as_deref())
        .with_some("mail", user.mail.as_deref())
        .with_some("userType", (user.user_type == UserType::Guest).then_some("Guest"))
        .with_some("accountEnabled", (!user.account_enabled).then_some(false))
        .with_any("identities", list(identities))
        .with_true("onPremisesSyncEnabled", user.on_premises_sync_enabled)
        .with_some("onPremisesImmutableId", user.on_premises_immutable_id.as_deref())
        .with_any("passwordProfile", profile)
        .with_some("passwordPolicies", user.disable_password_expiration.then_some("DisablePasswordExpiration"))
        .with_some("lastPasswordChangeDateTime", moment(user.last_password_change))
        .with_some("signInSessionsValidFromDateTime", moment(user.sign_in_sessions_valid_from))
        .with_some("refreshTokensValidFromDateTime", moment(user.refresh_tokens_valid_from))
        .with_any("authentication", authentication)
        .with_any("ropeway", own)
}

/// What this object may be called in the file: a name where it leads to nothing else, else the id.
fn reference(directory: &TenantDirectory, id: ObjectId) -> String {
    let (users, groups) = (&directory.users, &directory.tenant.groups);
    let user = users.iter().find(|user| user.id == id).map(User::sign_in_name);
    let group = groups.iter().find(|group| group.id == id).map(|group| group.display_name.as_str());
    let Some(name) = user.or(group) else {
        let apps = &directory.tenant.applications;
        let app = apps.iter().find(|app| app.service_principal_id == id);
        return app.map_or_else(|| id.to_string(), |app| app.app_id.to_string());
    };
    let called = |known: &str| usize::from(known.eq_ignore_ascii_case(name));
    let times: usize = users.iter().map(|user| called(user.sign_in_name())).sum::<usize>()
        + groups.iter().map(|group| called(&group.display_name)).sum::<usize>();
    if times == 1 { name.to_owned() } else { id.to_string() }
}

fn references<'i>(directory: &TenantDirectory, ids: impl IntoIterator<Item = &'i ObjectId>) -> Vec<String> {
    ids.into_iter().map(|id| reference(directory, *id)).collect()
}

fn resource_name(directory: &TenantDirectory, app_id: AppId) -> String {
    let uri = directory.tenant.application(app_id).and_then(|app| app.identifier_uris.first());
    uri.cloned().unwrap_or_else(|| app_id.to_string())
}

fn applications(directory: &TenantDirectory) -> Value {
    let built_in = built_in::applications(directory.tenant.id);
    let as_built_in = |app: &Application| {
        let base = built_in.iter().find(|known| known.app_id == app.app_id);
        base.is_some_and(|base| serde_json::to_value(base).ok() == serde_json::to_value(app).ok())
    };
    list(directory.tenant.applications.iter().filter(|app| !as_built_in(app)).map(|app| application(directory, app)))
}

pub(super) fn application(directory: &TenantDirectory, app: &Application) -> Shown {
    let shown = || Shown { keep_empty: app.built_in, ..Shown::default() };
    let pre_authorized = app.pre_authorized_applications.iter().map(|client| {
        let ids: Vec<String> = client.delegated_permission_ids.iter().map(|id| scope_name(app, *id)).collect();
        json!({ "appId": client.app_id, "delegatedPermissionIds": ids })
    });
    let api = shown()
        .with("requestedAccessTokenVersion", app.requested_access_token_version)
        .with_any("oauth2PermissionScopes", list(app.oauth2_permission_scopes.iter().map(scope)))
        .with_any("preAuthorizedApplications", list(pre_authorized));
    let secrets = app.password_credentials.iter().map(|credential| {
        Shown::default()
            .with_some("displayName", credential.display_name.as_deref())
            .with("secretText", REDACTED)
            .with_some("startDateTime", moment(credential.start))
            .with_some("endDateTime", moment(credential.end))
    });
    let keys = app.key_credentials.iter().map(|credential| {
        use base64::Engine as _;
        Shown::default()
            .with_some("displayName", credential.display_name.as_deref())
            .with("key", base64::engine::general_purpose::STANDARD.encode(&*credential.certificate_der))
            .with_some("startDateTime", moment(credential.start))
            .with_some("endDateTime", moment(credential.end))
    });
    let federated = app.federated_identity_credentials.iter().map(|credential| {
        Shown::default()
            .with("name", credential.name.as_str())
            .with("issuer", credential.issuer.as_str())
            .with("subject", credential.subject.as_str())
            .with("audiences", credential.audiences.clone())
    });
    let platform = |platform: ClientPlatform| {
        let uris = app.redirect_uris.iter().filter(|(on, _)| *on == platform).map(|(_, uri)| uri.as_str());
        shown().with_any("redirectUris", list(uris))
    };
    let issuance = shown().with_true("enableIdTokenIssuance", app.id_token_issuance);
    let web = platform(ClientPlatform::Web)
        .with_any("implicitGrantSettings", issuance)
        .with_some("logoutUrl", app.logout_url.as_deref());
    let claim = |claim: &OptionalClaim| {
        Shown::default()
            .with("name", claim.name.as_str())
            .with_any("additionalProperties", claim.additional_properties.clone())
    };
    let claims = |claims: &[OptionalClaim]| list(claims.iter().map(claim));
    let optional_claims = shown()
        .with_any("idToken", claims(&app.optional_id_token_claims))
        .with_any("accessToken", claims(&app.optional_access_token_claims));
    let principal = Shown::default()
        .with("id", app.service_principal_id.to_string())
        .with_some("accountEnabled", (!app.account_enabled).then_some(false))
        .with_true("appRoleAssignmentRequired", app.app_role_assignment_required);
    shown()
        .with("id", app.id.to_string())
        .with("appId", app.app_id.to_string())
        .with("displayName", app.display_name.as_str())
        .with_any("identifierUris", app.identifier_uris.clone())
        .with("api", api)
        .with_any("appRoles", list(app.app_roles.iter().map(role)))
        .with_any("requiredResourceAccess", required_resource_access(directory, app))
        .with_any("passwordCredentials", list(secrets))
        .with_any("keyCredentials", list(keys))
        .with_any("federatedIdentityCredentials", list(federated))
        .with("isFallbackPublicClient", app.is_fallback_public_client)
        .with_any("web", web)
        .with_any("spa", platform(ClientPlatform::Spa))
        .with_any("publicClient", platform(ClientPlatform::PublicClient))
        .with_any("groupMembershipClaims", app.group_membership_claims.clone())
        .with_any("optionalClaims", optional_claims)
        .with("servicePrincipal", principal)
}

pub(super) fn authorization_policy(tenant: &Tenant) -> Value {
    let assigned = tenant.users_may_consent.then(|| format!("{FOR_SELF}microsoft-user-default-legacy"));
    json!({ "defaultUserRolePermissions": { "permissionGrantPoliciesAssigned": assigned.into_iter().collect::<Vec<_>>() } })
}

fn scope(scope: &DelegatedPermission) -> Shown {
    Shown::default()
        .with("id", scope.id.to_string())
        .with("value", scope.value.as_str())
        .with(
            "type",
            match scope.kind {
                PermissionKind::User => "User",
                PermissionKind::Admin => "Admin",
            },
        )
        .with_some("isEnabled", (!scope.is_enabled).then_some(false))
        .with_some("adminConsentDisplayName", scope.admin_consent_display_name.as_deref())
        .with_some("userConsentDisplayName", scope.user_consent_display_name.as_deref())
}

fn role(role: &AppRole) -> Shown {
    let member_types = role.allowed_member_types.iter().map(|member_type| match member_type {
        MemberType::User => "User",
        MemberType::Application => "Application",
    });
    Shown::default()
        .with("id", role.id.to_string())
        .with("value", role.value.as_str())
        .with("displayName", role.display_name.as_str())
        .with("allowedMemberTypes", list(member_types))
        .with_some("isEnabled", (!role.is_enabled).then_some(false))
}

fn required_resource_access(directory: &TenantDirectory, app: &Application) -> Value {
    list(app.required_resource_access.iter().map(|required| {
        let resource = directory.tenant.application(required.resource);
        let access = required.resource_access.iter().map(|permission| {
            let (id, kind) = match permission {
                RequiredPermission::Scope(id) => {
                    (resource.map_or_else(|| id.to_string(), |app| scope_name(app, *id)), "Scope")
                }
                RequiredPermission::Role(id) => {
                    (resource.map_or_else(|| id.to_string(), |app| role_name(app, *id)), "Role")
                }
            };
            json!({ "id": id, "type": kind })
        });
        json!({ "resourceAppId": resource_name(directory, required.resource), "resourceAccess": list(access) })
    }))
}

fn scope_name(app: &Application, id: PermissionId) -> String {
    let scope = app.oauth2_permission_scopes.iter().find(|scope| scope.id == id);
    scope.map_or_else(|| id.to_string(), |scope| scope.value.clone())
}

fn role_name(app: &Application, id: PermissionId) -> String {
    let role = app.app_roles.iter().find(|role| role.id == id);
    role.map_or_else(|| id.to_string(), |role| role.value.clone())
}

/// Clients with the same consents are told together, as are the users of one client.
fn grants(directory: &TenantDirectory) -> Value {
    let built_in = built_in::oauth2_permission_grants();
    // Client, resource, scopes, and the users; no user: for all principals.
    let mut of_client: Vec<(&OAuth2PermissionGrant, Vec<ObjectId>)> = Vec::new();
    for grant in directory.oauth2_permission_grants.iter().filter(|grant| !built_in.contains(grant)) {
        let ConsentType::Principal(user) = grant.consent else {
            of_client.push((grant, Vec::new()));
            continue;
        };
        let same = |known: &&mut (&OAuth2PermissionGrant, Vec<ObjectId>)| {
            !known.1.is_empty()
                && (known.0.client, known.0.resource, &known.0.scopes) == (grant.client, grant.resource, &grant.scopes)
        };
        match of_client.iter_mut().find(same) {
            Some((_, users)) => users.push(user),
            None => of_client.push((grant, vec![user])),
        }
    }
    let mut together: Vec<(Vec<AppId>, &OAuth2PermissionGrant, Vec<ObjectId>)> = Vec::new();
    for (grant, users) in of_client {
        match together.iter_mut().find(|(_, known, known_users)| {
            (known.resource, &known.scopes) == (grant.resource, &grant.scopes) && *known_users == users
        }) {
            Some((clients, _, _)) => clients.push(grant.client),
            None => together.push((vec![grant.client], grant, users)),
        }
    }
    list(together.into_iter().map(|(clients, grant, users)| {
        Shown::default()
            .with("clientId", one_or_many(clients.iter().map(ToString::to_string).collect()))
            .with("consentType", if users.is_empty() { "AllPrincipals" } else { "Principal" })
            .with_any("principalId", one_or_many(references(directory, &users)))
            .with("resourceId", resource_name(directory, grant.resource))
            .with("scope", grant.scopes.join(" "))
    }))
}

fn one_or_many(mut names: Vec<String>) -> Value {
    if names.len() == 1 { names.remove(0).into() } else { names.into() }
}

fn assignments(directory: &TenantDirectory) -> Value {
    list(directory.app_role_assignments.iter().map(|assignment| {
        let resource = directory.tenant.application(assignment.resource);
        let role = assignment.app_role.map(|id| resource.map_or_else(|| id.to_string(), |app| role_name(app, id)));
        Shown::default()
            .with("principalId", reference(directory, assignment.principal))
            .with("resourceId", resource_name(directory, assignment.resource))
            .with_some("appRoleId", role)
    }))
}

fn conditional_access(directory: &TenantDirectory) -> Shown {
    let policies = &directory.tenant.conditional_access_policies;
    let locations = &directory.tenant.named_locations;
    Shown::default()
        .with_any("policies", list(policies.iter().map(|shown| policy(directory, shown))))
        .with_any("namedLocations", list(locations.iter().map(named_location)))
}

pub(super) fn policy(directory: &TenantDirectory, policy: &ConditionalAccessPolicy) -> Shown {
    let words = |flags: &[(bool, &str)], rest: Vec<String>| -> Value {
        let flags = flags.iter().filter(|(set, _)| *set).map(|(_, word)| (*word).to_owned());
        list(flags.chain(rest))
    };
    let ids = |ids: &[ObjectId]| -> Vec<String> { ids.iter().map(ToString::to_string).collect() };
    let apps = |apps: &[AppId]| -> Vec<String> { apps.iter().map(ToString::to_string).collect() };
    let users = &policy.users;
    let include = [(users.include_all, "All"), (users.include_guests, "GuestsOrExternalUsers")];
    let shown_users = Shown::default()
        .with_any("includeUsers", words(&include, references(directory, &users.include_users)))
        .with_any("includeGroups", references(directory, &users.include_groups))
        .with_any("includeRoles", ids(&users.include_roles))
        .with_any(
            "excludeUsers",
            words(&[(users.exclude_guests, "GuestsOrExternalUsers")], references(directory, &users.exclude_users)),
        )
        .with_any("excludeGroups", references(directory, &users.exclude_groups))
        .with_any("excludeRoles", ids(&users.exclude_roles));
    let applications = Shown::default()
        .with_any(
            "includeApplications",
            words(&[(policy.applications.include_all, "All")], apps(&policy.applications.include)),
        )
        .with_any("excludeApplications", apps(&policy.applications.exclude))
        .with_any(
            "includeAuthenticationContextClassReferences",
            list(policy.applications.include_contexts.iter().map(ToString::to_string)),
        );
    let locations = policy.locations.as_ref().map(|locations| {
        let include = [(locations.include_all, "All"), (locations.include_trusted, "AllTrusted")];
        Shown::default()
            .with_any("includeLocations", words(&include, ids(&locations.include)))
            .with_any("excludeLocations", words(&[(locations.exclude_trusted, "AllTrusted")], ids(&locations.exclude)))
    });
    let conditions = Shown::default()
        .with("users", shown_users)
        .with("applications", applications)
        .with_any("clientAppTypes", list(policy.client_app_types.iter().copied().map(client_app_type)))
        .with_some("locations", locations);
    let controls = policy.built_in_controls.iter().map(|control| match control {
        GrantControl::Block => "block",
        GrantControl::Mfa => "mfa",
    });
    let operator = match policy.operator {
        GrantOperator::And => "AND",
        GrantOperator::Or => "OR",
    };
    Shown::default()
        .with("id", policy.id.to_string())
        .with("displayName", policy.display_name.as_str())
        .with(
            "state",
            match policy.state {
                PolicyState::Enabled => "enabled",
                PolicyState::Disabled => "disabled",
                PolicyState::EnabledForReportingButNotEnforced => "enabledForReportingButNotEnforced",
            },
        )
        .with("conditions", conditions)
        .with("grantControls", json!({ "operator": operator, "builtInControls": list(controls) }))
}

fn client_app_type(kind: ClientAppType) -> &'static str {
    match kind {
        ClientAppType::All => "all",
        ClientAppType::Browser => "browser",
        ClientAppType::MobileAppsAndDesktopClients => "mobileAppsAndDesktopClients",
        ClientAppType::ExchangeActiveSync => "exchangeActiveSync",
        ClientAppType::Other => "other",
    }
}

fn named_location(location: &NamedLocation) -> Shown {
    let ranges =
        location.ip_ranges.iter().map(|(address, prefix)| json!({ "cidrAddress": format!("{address}/{prefix}") }));
    Shown::default()
        .with("id", location.id.to_string())
        .with("displayName", location.display_name.as_str())
        .with("isTrusted", location.is_trusted)
        .with_any("ipRanges", list(ranges))
}
