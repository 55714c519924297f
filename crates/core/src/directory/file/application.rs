use std::collections::HashMap;

use super::check::describe_text;
use super::fault::{Place, did_you_mean};
use super::names::{Sort, Target, Unique};
use super::tenant::{Builder, text_of};
use super::value::{Located, Object, Value};
use crate::directory::{
    AppRole, Application, ClientPlatform, DelegatedPermission, FederatedIdentityCredential, KeyCredential, MemberType,
    OptionalClaim, PasswordCredential, PermissionKind, PreAuthorizedApplication, RequiredPermission,
    RequiredResourceAccess, built_in,
};
use crate::ids::{AppId, ObjectId, PermissionId, derived_id, parse_guid};

/// An application and what the model has no place for.
pub(super) struct Built {
    pub(super) application: Application,
    /// Roles without a value: whoever has one is assigned, without a role.
    valueless_roles: Vec<PermissionId>,
}

/// What of an application a permission is looked for in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum PermissionSort {
    Scope,
    Role,
}

/// Builds the applications of a tenant, those that every tenant has included.
pub(super) fn applications(builder: &mut Builder<'_, '_>, tenant: &Object) -> Vec<Built> {
    let built_in = built_in::applications(builder.id);
    over(builder, tenant, built_in)
}

/// Builds the applications that are listed over those that are here already, which come last.
pub(super) fn over(builder: &mut Builder<'_, '_>, tenant: &Object, here: Vec<Application>) -> Vec<Built> {
    let mut bases: HashMap<AppId, Application> = here.iter().cloned().map(|app| (app.app_id, app)).collect();
    let mut app_ids = Unique::default();
    let mut built = Vec::new();
    let mut objects = Vec::new();
    for object in tenant.objects("applications") {
        let Some(app_id) = app_id(builder, object) else {
            builder.names.miss(Sort::Application);
            continue;
        };
        let place = object.field("appId").map_or(object.place, |field| field.place);
        app_ids.claim(builder.reader, &app_id.to_string(), place, &format!("{}.appId", object.path), "application");
        let base = bases.remove(&app_id);
        if object.lacks("displayName") && base.is_none() {
            let found = "an application has no displayName";
            builder.reader.fault(object.place, &object.path, found, "add displayName: what people are shown");
        }
        built.push(application(builder, object, app_id, base));
        objects.push(object);
    }
    built.extend(here.into_iter().filter(|app| bases.contains_key(&app.app_id)).map(known));

    claim_identifier_uris(builder, &built, &objects);
    for Built { application, .. } in &built {
        name(builder, application);
    }
    for (index, object) in objects.into_iter().enumerate() {
        let required = required_resource_access(builder, object, &built);
        let pre_authorized = pre_authorized_applications(builder, object, &built[index].application);
        let application = &mut built[index].application;
        application.required_resource_access =
            required.unwrap_or(std::mem::take(&mut application.required_resource_access));
        application.pre_authorized_applications =
            pre_authorized.unwrap_or(std::mem::take(&mut application.pre_authorized_applications));
    }
    built
}

impl Built {
    /// The permission of this id or value. `Some(None)`: a role that is no more than an assignment.
    pub(super) fn permission(&self, text: &str, sort: PermissionSort) -> Option<Option<PermissionId>> {
        let id = parse_guid(text).ok().map(PermissionId);
        let named = |(known, value): (PermissionId, &str)| (Some(known) == id || value == text).then_some(Some(known));
        match sort {
            PermissionSort::Scope => self
                .application
                .oauth2_permission_scopes
                .iter()
                .find_map(|scope| named((scope.id, scope.value.as_str()))),
            PermissionSort::Role if id.is_some_and(|id| self.valueless_roles.contains(&id)) => Some(None),
            PermissionSort::Role => {
                self.application.app_roles.iter().find_map(|role| named((role.id, role.value.as_str())))
            }
        }
    }

    /// [`Self::permission`], or a fault. Of a built-in application not every permission is here; one that is missing is a note.
    pub(super) fn resolve(
        &self,
        builder: &mut Builder<'_, '_>,
        reference: &Located,
        sort: PermissionSort,
    ) -> Option<Option<PermissionId>> {
        let text = text_of(reference);
        if let Some(found) = self.permission(text, sort) {
            return Some(found);
        }
        self.miss(builder, reference, text, sort);
        None
    }

    /// Tells that this application has no such permission.
    pub(super) fn miss(&self, builder: &mut Builder<'_, '_>, place: &Located, text: &str, sort: PermissionSort) {
        let name = &self.application.display_name;
        let (word, known): (&str, Vec<&str>) = match sort {
            PermissionSort::Scope => (
                "delegated permission",
                self.application.oauth2_permission_scopes.iter().map(|s| s.value.as_str()).collect(),
            ),
            PermissionSort::Role => ("app role", self.application.app_roles.iter().map(|r| r.value.as_str()).collect()),
        };
        if self.application.built_in {
            let note = format!("{word} {text} of {name} has no effect here: Ropeway does not know it");
            return builder.reader.note(place.place, &place.path, note);
        }
        let remedy = match known.is_empty() {
            true => format!("{name} publishes no {word}"),
            false => did_you_mean(text, known.iter().copied(), &format!("{name} has {}", known.join(", "))),
        };
        let found = format!("{}, which is no {word} of {name}", describe_text(text));
        builder.reader.fault(place.place, &place.path, found, remedy);
    }
}

/// An application that was built before.
pub(super) fn known(application: Application) -> Built {
    Built { application, valueless_roles: Vec::new() }
}

/// What is here already claims its names first; it stands behind the applications of the file.
fn claim_identifier_uris(builder: &mut Builder<'_, '_>, built: &[Built], objects: &[&Object]) {
    let mut identifier_uris = Unique::default();
    for uri in built.iter().skip(objects.len()).flat_map(|built| &built.application.identifier_uris) {
        identifier_uris.claim(builder.reader, uri, Place::default(), "", "application");
    }
    for uri in objects.iter().flat_map(|object| object.list("identifierUris")) {
        identifier_uris.claim(builder.reader, text_of(uri), uri.place, &uri.path, "application");
    }
}

fn app_id(builder: &Builder<'_, '_>, object: &Object) -> Option<AppId> {
    let derived = || object.text("displayName").map(|name| derived_id(builder.id, "appId", name));
    match object.lacks("appId") {
        true => derived().map(AppId),
        false => object.guid("appId").map(AppId),
    }
}

/// What the entry says, over what is built in, if it is.
fn application(builder: &mut Builder<'_, '_>, object: &Object, app_id: AppId, base: Option<Application>) -> Built {
    let name = app_id.to_string();
    let mut app = base.unwrap_or_else(|| built_in::blank(builder.id, app_id));
    let id = object.field("id").map(|_| builder.claim_id(object, "application", &name));
    app.id = id.unwrap_or(app.id);
    let mut valueless_roles = Vec::new();
    if let Some(display_name) = object.owned("displayName") {
        app.display_name = display_name;
    }
    if object.field("identifierUris").is_some() {
        app.identifier_uris = object.list("identifierUris").iter().map(|uri| text_of(uri).to_owned()).collect();
    }
    if let Some(api) = object.object("api") {
        if let Some(version) = api.number("requestedAccessTokenVersion") {
            app.requested_access_token_version = u8::try_from(version).unwrap_or(1);
        }
        if api.field("oauth2PermissionScopes").is_some() {
            app.oauth2_permission_scopes = delegated_permissions(builder, api, app_id);
        }
    }
    if object.field("appRoles").is_some() {
        (app.app_roles, valueless_roles) = app_roles(builder, object, app_id);
    }
    if object.field("passwordCredentials").is_some() {
        app.password_credentials = object.objects("passwordCredentials").filter_map(password_credential).collect();
    }
    if object.field("keyCredentials").is_some() {
        app.key_credentials = object.objects("keyCredentials").filter_map(key_credential).collect();
    }
    if object.field("federatedIdentityCredentials").is_some() {
        app.federated_identity_credentials = federated_identity_credentials(builder, object);
    }
    if let Some(flag) = object.flag("isFallbackPublicClient") {
        app.is_fallback_public_client = flag;
    }
    for (platform, key) in
        [(ClientPlatform::Web, "web"), (ClientPlatform::Spa, "spa"), (ClientPlatform::PublicClient, "publicClient")]
    {
        if let Some(uris) = object
            .object(key)
            .and_then(|on_platform| on_platform.field("redirectUris").map(|_| on_platform.list("redirectUris")))
        {
            app.redirect_uris.retain(|(known, _)| *known != platform);
            app.redirect_uris.extend(uris.iter().map(|uri| (platform, text_of(uri).to_owned())));
        }
    }
    if let Some(web) = object.object("web") {
        if let Some(flag) =
            web.object("implicitGrantSettings").and_then(|settings| settings.flag("enableIdTokenIssuance"))
        {
            app.id_token_issuance = flag;
        }
        if web.field("logoutUrl").is_some() {
            app.logout_url = web.text("logoutUrl").map(str::to_owned);
        }
    }
    if object.field("groupMembershipClaims").is_some() {
        let words = object.words("groupMembershipClaims").filter(|word| *word != "None");
        app.group_membership_claims = words.map(str::to_owned).collect();
    }
    if let Some(claims) = object.object("optionalClaims") {
        let listed = |key| claims.objects(key).filter_map(optional_claim).collect();
        app.optional_id_token_claims = listed("idToken");
        app.optional_access_token_claims = listed("accessToken");
    }
    if let Some(principal) = object.object("servicePrincipal") {
        let id = principal.field("id").map(|_| builder.claim_id(principal, "servicePrincipal", &name));
        app.service_principal_id = id.unwrap_or(app.service_principal_id);
        app.account_enabled = principal.flag("accountEnabled").unwrap_or(app.account_enabled);
        app.app_role_assignment_required =
            principal.flag("appRoleAssignmentRequired").unwrap_or(app.app_role_assignment_required);
    }
    Built { application: app, valueless_roles }
}

pub(super) fn name(builder: &mut Builder<'_, '_>, application: &Application) {
    let target = Target::Application(application.app_id, application.service_principal_id);
    let ids =
        [application.app_id.to_string(), application.id.to_string(), application.service_principal_id.to_string()];
    for name in ids.iter().chain(&application.identifier_uris) {
        builder.names.add(name, target);
    }
    builder.names.add_display_name(&application.display_name, application.app_id);
}

fn delegated_permissions(builder: &mut Builder<'_, '_>, api: &Object, app_id: AppId) -> Vec<DelegatedPermission> {
    let (mut values, mut ids) = (Unique::default(), Unique::default());
    let mut scopes = Vec::new();
    for object in api.objects("oauth2PermissionScopes") {
        let (Some(value), Some(field)) = (object.text("value"), object.field("value")) else { continue };
        let id = permission_id(builder, object, "scope", app_id, value, &mut ids);
        values.claim(builder.reader, value, field.place, &field.path, "delegated permission of an application");
        if value.contains(char::is_whitespace) {
            builder.reader.fault(
                field.place,
                &field.path,
                "a scope with a space in it",
                "scopes are told apart by spaces",
            );
        }
        scopes.push(DelegatedPermission {
            id,
            value: value.to_owned(),
            kind: match object.word("type") {
                Some("Admin") => PermissionKind::Admin,
                _ => PermissionKind::User,
            },
            is_enabled: object.flag("isEnabled").unwrap_or(true),
            admin_consent_display_name: object.owned("adminConsentDisplayName"),
            user_consent_display_name: object.owned("userConsentDisplayName"),
        });
    }
    scopes
}

fn app_roles(builder: &mut Builder<'_, '_>, object: &Object, app_id: AppId) -> (Vec<AppRole>, Vec<PermissionId>) {
    let (mut values, mut ids) = (Unique::default(), Unique::default());
    let (mut roles, mut valueless) = (Vec::new(), Vec::new());
    for object in object.objects("appRoles") {
        let (Some(value), Some(field)) = (object.text("value"), object.field("value")) else {
            valueless.extend(object.guid("id").map(PermissionId));
            continue;
        };
        let id = permission_id(builder, object, "appRole", app_id, value, &mut ids);
        values.claim(builder.reader, value, field.place, &field.path, "app role of an application");
        let member_type = |word| match word {
            "User" => MemberType::User,
            _ => MemberType::Application,
        };
        roles.push(AppRole {
            id,
            value: value.to_owned(),
            display_name: object.text("displayName").unwrap_or(value).to_owned(),
            allowed_member_types: object.words("allowedMemberTypes").map(member_type).collect(),
            is_enabled: object.flag("isEnabled").unwrap_or(true),
        });
    }
    (roles, valueless)
}

fn permission_id(
    builder: &mut Builder<'_, '_>,
    object: &Object,
    kind: &str,
    app_id: AppId,
    value: &str,
    ids: &mut Unique,
) -> PermissionId {
    let id = object.guid("id").unwrap_or_else(|| derived_id(builder.id, kind, &format!("{app_id}/{value}")));
    if let Some(field) = object.field("id") {
        ids.claim(builder.reader, &id.to_string(), field.place, &field.path, "permission of an application");
    }
    PermissionId(id)
}

fn optional_claim(object: &Object) -> Option<OptionalClaim> {
    let additional_properties = object.list("additionalProperties").iter().map(|property| text_of(property).to_owned());
    Some(OptionalClaim { name: object.owned("name")?, additional_properties: additional_properties.collect() })
}

fn password_credential(object: &Object) -> Option<PasswordCredential> {
    Some(PasswordCredential {
        display_name: object.owned("displayName"),
        secret_text: object.secret("secretText")?.clone(),
        start: object.moment("startDateTime"),
        end: object.moment("endDateTime"),
    })
}

fn key_credential(object: &Object) -> Option<KeyCredential> {
    let Value::Der(certificate_der) = &object.field("key")?.value else { return None };
    Some(KeyCredential {
        display_name: object.owned("displayName"),
        certificate_der: certificate_der.clone().into(),
        start: object.moment("startDateTime"),
        end: object.moment("endDateTime"),
    })
}

fn federated_identity_credentials(
    builder: &mut Builder<'_, '_>,
    application: &Object,
) -> Vec<FederatedIdentityCredential> {
    let mut names = Unique::default();
    let mut credentials = Vec::new();
    for object in application.objects("federatedIdentityCredentials") {
        let (Some(name), Some(subject)) = (object.field("name"), object.owned("subject")) else { continue };
        let Some(issuer) = object.field("issuer") else { continue };
        names.claim(builder.reader, text_of(name), name.place, &name.path, "federated credential of an application");
        if !text_of(issuer).starts_with("https://") {
            let found = format!("{}, which is not https", describe_text(text_of(issuer)));
            let remedy = "write the https URL under which the issuer publishes its metadata";
            builder.reader.fault(issuer.place, &issuer.path, found, remedy);
        }
        let audiences = match object.field("audiences") {
            Some(_) => object.list("audiences").iter().map(|audience| text_of(audience).to_owned()).collect(),
            None => vec![TOKEN_EXCHANGE.to_owned()],
        };
        credentials.push(FederatedIdentityCredential {
            name: text_of(name).to_owned(),
            issuer: text_of(issuer).to_owned(),
            subject,
            audiences,
        });
    }
    credentials
}

fn required_resource_access(
    builder: &mut Builder<'_, '_>,
    object: &Object,
    built: &[Built],
) -> Option<Vec<RequiredResourceAccess>> {
    object.field("requiredResourceAccess")?;
    let mut required = Vec::new();
    for entry in object.objects("requiredResourceAccess") {
        let Some(reference) = entry.field("resourceAppId") else { continue };
        let Some(resource) = resource(builder, reference, built) else { continue };
        let mut resource_access = Vec::new();
        for access in entry.objects("resourceAccess") {
            let (Some(id), Some(kind)) = (access.field("id"), access.word("type")) else { continue };
            let sort = if kind == "Scope" { PermissionSort::Scope } else { PermissionSort::Role };
            if let Some(Some(id)) = resource.resolve(builder, id, sort) {
                resource_access.push(match sort {
                    PermissionSort::Scope => RequiredPermission::Scope(id),
                    PermissionSort::Role => RequiredPermission::Role(id),
                });
            }
        }
        required.push(RequiredResourceAccess { resource: resource.application.app_id, resource_access });
    }
    Some(required)
}

/// The API of this name. One that is named by a GUID may live outside the file: Microsoft's own are many.
fn resource<'b>(builder: &mut Builder<'_, '_>, reference: &Located, built: &'b [Built]) -> Option<&'b Built> {
    let text = text_of(reference);
    if parse_guid(text).is_ok() && builder.names.lookup(text, &[Sort::Application]).is_none() {
        let note = format!("API {text} has no effect here: no such application");
        builder.reader.note(reference.place, &reference.path, note);
        return None;
    }
    match builder.names.resolve(builder.reader, reference, &[Sort::Application])? {
        Target::Application(app_id, _) => built.iter().find(|built| built.application.app_id == app_id),
        _ => None,
    }
}

fn pre_authorized_applications(
    builder: &mut Builder<'_, '_>,
    object: &Object,
    application: &Application,
) -> Option<Vec<PreAuthorizedApplication>> {
    let api = object.object("api")?;
    api.field("preAuthorizedApplications")?;
    let own = Built { application: application.clone(), valueless_roles: Vec::new() };
    let mut pre_authorized = Vec::new();
    for entry in api.objects("preAuthorizedApplications") {
        let Some(reference) = entry.field("appId") else { continue };
        // Graph takes any appId here, for instance that of a client in another tenant.
        let app_id =
            match (parse_guid(text_of(reference)), builder.names.lookup(text_of(reference), &[Sort::Application])) {
                (_, Some(Target::Application(app_id, _))) => app_id,
                (Ok(guid), _) => AppId(guid),
                (Err(_), _) => match builder.names.resolve(builder.reader, reference, &[Sort::Application]) {
                    Some(Target::Application(app_id, _)) => app_id,
                    _ => continue,
                },
            };
        let permissions = entry.list("delegatedPermissionIds").iter().chain(entry.list("permissionIds"));
        let delegated_permission_ids =
            permissions.filter_map(|id| own.resolve(builder, id, PermissionSort::Scope).flatten()).collect();
        pre_authorized.push(PreAuthorizedApplication { app_id, delegated_permission_ids });
    }
    Some(pre_authorized)
}

/// The service principal behind a reference to an application.
pub(super) fn application_of(target: Option<Target>) -> Option<(AppId, ObjectId)> {
    match target? {
        Target::Application(app_id, service_principal_id) => Some((app_id, service_principal_id)),
        _ => None,
    }
}

/// What Microsoft's libraries and documents ask outside issuers for.
const TOKEN_EXCHANGE: &str = "api://AzureADTokenExchange";
