use serde_json::Value as Json;

use super::check::Reader;
use super::fault::{Fault, Faults, Place};
use super::names::{Sort, Target};
use super::node::{Content, Key, Node};
use super::shape::Kind;
use super::tenant::Builder;
use super::value::{Located, Object, Value};
use super::{application, consent, policy, show, table, tenant, user};
use crate::directory::{
    Application, AuthenticationMethod, ConditionalAccessPolicy, ConsentType, OAuth2PermissionGrant, Tenant,
    TenantDirectory, User,
};
use crate::ids::{ObjectId, derived_id};
use crate::token::strict_json;

/// Reads single objects of a tenant that is already there, in the file's own words, from JSON. A change is a JSON merge
/// patch (RFC 7396) over what [`ObjectReader`]'s counterpart shows: what is not said stays, `null` takes away.
pub struct ObjectReader<'a> {
    /// The tenant that the object is, or will be, in.
    pub tenant: &'a Tenant,
    /// The user of this tenant that a text names: by object id, user principal name or sign-in name.
    pub user: &'a dyn Fn(&str) -> Option<ObjectId>,
}

impl ObjectReader<'_> {
    /// A new user. Without an `id` it has the one that the file would give it.
    ///
    /// # Errors
    /// Every fault of the body.
    pub fn user(&self, body: &[u8]) -> Result<User, Faults> {
        self.build_user(parse(body)?)
    }

    /// The user with what the body changes. Without a password in it the user has none here: the stored one stays.
    ///
    /// # Errors
    /// Every fault of the body.
    pub fn changed_user(&self, user: &User, body: &[u8]) -> Result<User, Faults> {
        let mut whole = Json::from(show::user(&User { password: None, ..user.clone() }));
        reveal_user(&mut whole, user);
        let patch = parse(body)?;
        may_not_change(&patch, "id", &user.id.to_string())?;
        merge(&mut whole, patch);
        self.build_user(whole)
    }

    fn build_user(&self, whole: Json) -> Result<User, Faults> {
        self.build(
            &table::USER,
            |user| listed("users", user),
            whole,
            |builder, tenant| user::users(builder, tenant, &self.tenant.verified_domains).pop(),
        )
    }

    /// A new application, or a built-in one with other values.
    ///
    /// # Errors
    /// Every fault of the body.
    pub fn application(&self, body: &[u8]) -> Result<Application, Faults> {
        self.build_application(parse(body)?)
    }

    /// The application with what the body changes.
    ///
    /// # Errors
    /// Every fault of the body.
    pub fn changed_application(&self, app: &Application, body: &[u8]) -> Result<Application, Faults> {
        let mut patch = parse(body)?;
        may_not_change(&patch, "appId", &app.app_id.to_string())?;
        may_not_change(&patch, "id", &app.id.to_string())?;
        if let Some(patch) = patch.as_object_mut() {
            patch.insert("appId".to_owned(), app.app_id.to_string().into());
        }
        self.build_application(patch)
    }

    fn build_application(&self, body: Json) -> Result<Application, Faults> {
        self.build(
            &table::APPLICATION,
            |app| listed("applications", app),
            body,
            |builder, tenant| {
                let known = self.tenant.applications.clone();
                application::over(builder, tenant, known).into_iter().next().map(|built| built.application)
            },
        )
    }

    /// The consents that the body records: one for each client and principal that it names.
    ///
    /// # Errors
    /// Every fault of the body.
    pub fn grants(&self, body: &[u8]) -> Result<Vec<OAuth2PermissionGrant>, Faults> {
        let body = parse(body)?;
        self.build(
            &table::GRANT,
            |grant| listed("oauth2PermissionGrants", grant),
            body,
            |builder, tenant| {
                let known: Vec<_> = self.tenant.applications.iter().cloned().map(application::known).collect();
                Some(consent::oauth2_permission_grants(builder, tenant, &known))
            },
        )
    }

    /// A new Conditional Access policy. Without an `id` it has the one that the file would give it.
    ///
    /// # Errors
    /// Every fault of the body.
    pub fn policy(&self, body: &[u8]) -> Result<ConditionalAccessPolicy, Faults> {
        self.build_policy(parse(body)?, &[])
    }

    /// The policy with what the body changes.
    ///
    /// # Errors
    /// Every fault of the body.
    pub fn changed_policy(
        &self,
        policy: &ConditionalAccessPolicy,
        body: &[u8],
    ) -> Result<ConditionalAccessPolicy, Faults> {
        let mut whole = show_policy(policy);
        let patch = parse(body)?;
        may_not_change(&patch, "id", &policy.id.to_string())?;
        merge(&mut whole, patch);
        // A user who is gone may stay named: to switch the policy off must be possible.
        let named: Vec<ObjectId> =
            policy.users.include_users.iter().chain(&policy.users.exclude_users).copied().collect();
        self.build_policy(whole, &named)
    }

    fn build_policy(&self, whole: Json, users: &[ObjectId]) -> Result<ConditionalAccessPolicy, Faults> {
        let place = |policy| {
            let policies = holding(&table::CONDITIONAL_ACCESS, "policies", list_of(policy));
            holding(&table::TENANT, "conditionalAccess", Value::Object(policies))
        };
        self.build(&table::POLICY, place, whole, |builder, tenant| {
            for user in users {
                builder.names.add(&user.to_string(), Target::User(*user));
            }
            policy::conditional_access(builder, tenant, &self.tenant.directory_roles).1.pop()
        })
    }

    /// The tenant with other settings: `displayName`, `securityDefaults`, `authorizationPolicy` and what is under `ropeway`.
    ///
    /// # Errors
    /// Every fault of the body.
    pub fn changed_settings(&self, body: &[u8]) -> Result<Tenant, Faults> {
        let patch = parse(body)?;
        let own = ["displayName", "securityDefaults", "authorizationPolicy", "ropeway"];
        if let Some(other) = patch.as_object().and_then(|patch| patch.keys().find(|key| !own.contains(&key.as_str()))) {
            let remedy = format!("only {} can be changed here", own.join(", "));
            return Err(fault(other, "a tenant's settings have no such property", &remedy));
        }
        let mut whole = show_settings(self.tenant);
        merge(&mut whole, patch);
        let mut reader = Reader::new("", &|_| None);
        let object = reader.object(&table::TENANT, &node(&whole), "");
        let changed = object.map(|object| {
            let mut changed = self.tenant.clone();
            changed.display_name = object.owned("displayName").unwrap_or_else(|| self.tenant.default_domain());
            changed.security_defaults_enabled =
                object.object("securityDefaults").and_then(|defaults| defaults.flag("isEnabled")).unwrap_or(false);
            changed.users_may_consent = tenant::users_may_consent(&object).unwrap_or(true);
            if let Some(own) = object.object("ropeway") {
                changed.settings = tenant::settings(&mut reader, own);
                changed.settings.copied_from.clone_from(&self.tenant.settings.copied_from);
            }
            changed
        });
        finish(reader, changed)
    }

    /// Checks one object and builds it in its place of a tenant that holds nothing else but names.
    fn build<T>(
        &self,
        kind: &'static Kind,
        place: impl FnOnce(Object) -> Object,
        body: Json,
        build: impl FnOnce(&mut Builder<'_, '_>, &Object) -> Option<T>,
    ) -> Result<T, Faults> {
        let mut reader = Reader::new("", &|_| None);
        let Some(object) = reader.object(kind, &node(&body), "") else { return finish(reader, None) };
        let tenant = place(object);
        let mut builder = Builder::new(&mut reader, self.tenant.id);
        self.name_everything(&mut builder, &body);
        let built = build(&mut builder, &tenant);
        finish(reader, built)
    }

    fn name_everything(&self, builder: &mut Builder<'_, '_>, body: &Json) {
        for app in &self.tenant.applications {
            application::name(builder, app);
        }
        for group in &self.tenant.groups {
            for name in [group.id.to_string().as_str(), &group.display_name] {
                builder.names.add(name, Target::Group(group.id));
            }
        }
        for location in &self.tenant.named_locations {
            for name in [location.id.to_string().as_str(), &location.display_name] {
                builder.names.add(name, Target::Location(location.id, true));
            }
        }
        self.name_users(builder, body);
    }

    /// There may be a million users: only those that the body names are looked up.
    fn name_users(&self, builder: &mut Builder<'_, '_>, body: &Json) {
        match body {
            Json::String(text) => {
                if builder.names.lookup(text, &[Sort::User]).is_none()
                    && let Some(id) = (self.user)(text)
                {
                    builder.names.add(text, Target::User(id));
                }
            }
            Json::Array(elements) => elements.iter().for_each(|element| self.name_users(builder, element)),
            Json::Object(members) => members.values().for_each(|member| self.name_users(builder, member)),
            _ => {}
        }
    }
}

/// The user in the file's words, with what goes without saying and without secrets.
pub fn show_user(user: &User) -> Json {
    let mut shown = Json::from(show::user(user));
    if let Some(members) = shown.as_object_mut() {
        members.entry("accountEnabled").or_insert(true.into());
        members.entry("userType").or_insert("Member".into());
    }
    shown
}

/// The application in the file's words, without secrets.
pub fn show_application(tenant: &Tenant, app: &Application) -> Json {
    let directory = TenantDirectory {
        tenant: tenant.clone(),
        users: Vec::new(),
        oauth2_permission_grants: Vec::new(),
        app_role_assignments: Vec::new(),
    };
    show::application(&directory, app).into()
}

/// The consent in the file's words; `id` is [`grant_id`].
pub fn show_grant(tenant: &Tenant, grant: &OAuth2PermissionGrant) -> Json {
    let (consent_type, principal) = match grant.consent {
        ConsentType::AllPrincipals => ("AllPrincipals", Json::Null),
        ConsentType::Principal(user) => ("Principal", user.to_string().into()),
    };
    serde_json::json!({
        "id": grant_id(tenant, grant),
        "clientId": grant.client,
        "consentType": consent_type,
        "principalId": principal,
        "resourceId": grant.resource,
        "scope": grant.scopes.join(" "),
    })
}

/// A consent has no id of its own: this one stands for its client, principal and resource.
pub fn grant_id(tenant: &Tenant, grant: &OAuth2PermissionGrant) -> ObjectId {
    let principal = match grant.consent {
        ConsentType::AllPrincipals => String::new(),
        ConsentType::Principal(user) => user.to_string(),
    };
    let name = format!("{}/{principal}/{}", grant.client, grant.resource);
    ObjectId(derived_id(tenant.id, "oauth2PermissionGrant", &name))
}

/// The policy in the file's words, everything named by id.
pub fn show_policy(policy: &ConditionalAccessPolicy) -> Json {
    show::policy(&TenantDirectory::nameless(), policy).into()
}

/// What [`ObjectReader::changed_settings`] changes.
pub fn show_settings(tenant: &Tenant) -> Json {
    serde_json::json!({
        "displayName": tenant.display_name,
        "securityDefaults": { "isEnabled": tenant.security_defaults_enabled },
        "authorizationPolicy": show::authorization_policy(tenant),
        "ropeway": Json::from(show::settings(&tenant.settings)),
    })
}

impl TenantDirectory {
    /// A tenant in which nothing has a name, so that references are shown as ids.
    fn nameless() -> Self {
        tenant::consumer_tenant()
    }
}

fn parse(body: &[u8]) -> Result<Json, Faults> {
    strict_json::parse(body).map_err(|error| {
        let place = Place {
            line: u64::try_from(error.line()).unwrap_or(0),
            column: u64::try_from(error.column()).unwrap_or(0),
        };
        let text = error.to_string();
        let placed = format!(" at line {} column {}", error.line(), error.column());
        let found = format!("this is no JSON: {}", text.trim_end_matches(&placed));
        let remedy = "correct it and try again".to_owned();
        Faults(vec![Fault { file: String::new(), place, path: String::new(), found, remedy }])
    })
}

fn fault(path: &str, found: &str, remedy: &str) -> Faults {
    Faults(vec![Fault {
        file: String::new(),
        place: Place::default(),
        path: path.to_owned(),
        found: found.to_owned(),
        remedy: remedy.to_owned(),
    }])
}

fn may_not_change(patch: &Json, name: &str, is: &str) -> Result<(), Faults> {
    match patch.get(name) {
        Some(Json::String(text)) if !text.eq_ignore_ascii_case(is) => {
            Err(fault(name, &format!("{name} is {is} and stays so"), "leave it out, or make a new object"))
        }
        _ => Ok(()),
    }
}

fn finish<T>(reader: Reader<'_>, built: Option<T>) -> Result<T, Faults> {
    match built {
        Some(built) if reader.faults.is_empty() => Ok(built),
        _ if reader.faults.is_empty() => Err(fault("", "found nothing that could be used", "expected an object")),
        _ => Err(Faults(reader.faults)),
    }
}

/// RFC 7396.
fn merge(target: &mut Json, patch: Json) {
    let Json::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Json::Object(serde_json::Map::new());
    }
    let Some(members) = target.as_object_mut() else { return };
    for (name, value) in patch {
        if value.is_null() {
            members.shift_remove(&name);
        } else {
            merge(members.entry(name).or_insert(Json::Null), value);
        }
    }
}

/// Puts secrets where [`show::user`] left them out, so that what is not changed is read as it was.
fn reveal_user(shown: &mut Json, user: &User) {
    if let (Some(place), Some(pass)) = (shown.pointer_mut("/ropeway/temporaryAccessPass"), &user.temporary_access_pass)
    {
        *place = pass.expose().into();
    }
    for (index, AuthenticationMethod::SoftwareOath { secret_key }) in user.authentication_methods.iter().enumerate() {
        if let Some(place) = shown.pointer_mut(&format!("/authentication/methods/{index}/secretKey")) {
            *place = secret_key.expose().into();
        }
    }
}

fn node(json: &Json) -> Node {
    let content = match json {
        Json::Null => Content::Null,
        Json::Bool(flag) => Content::Flag(*flag),
        Json::Number(number) => Content::Number(number.to_string()),
        Json::String(text) => Content::Text(text.clone()),
        Json::Array(elements) => Content::List(elements.iter().map(node).collect()),
        Json::Object(members) => {
            let key = |name: &String| Key { place: Place::default(), name: name.clone() };
            Content::Map(members.iter().map(|(name, value)| (key(name), node(value))).collect())
        }
    };
    Node { place: Place::default(), content }
}

/// A tenant with this one object in one of its lists.
fn listed(list: &'static str, object: Object) -> Object {
    holding(&table::TENANT, list, list_of(object))
}

fn list_of(object: Object) -> Value {
    Value::List(vec![Located { place: Place::default(), path: String::new(), value: Value::Object(object) }])
}

fn holding(kind: &'static Kind, name: &'static str, value: Value) -> Object {
    let field = Located { place: Place::default(), path: String::new(), value };
    Object {
        kind,
        place: Place::default(),
        path: String::new(),
        fields: vec![(name, field)],
        faulty: Vec::new(),
        must_be_off: false,
    }
}
