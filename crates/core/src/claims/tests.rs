#![allow(clippy::unwrap_used, reason = "a failed precondition fails the test")]

use std::net::{IpAddr, Ipv4Addr};

use insta::assert_snapshot;

use super::*;
use crate::directory::{
    AuthenticationType, Group, Identity, IdentityIssuer, PerUserMfaState, TenantSettings, User, UserType,
    VerifiedDomain,
};
use crate::ids::AppId;

const FJORD: TenantId = TenantId(Uuid::from_u128(0x5e1f0a00_0000_4000_8000_000000000002));

/// All that an [`Issue`] borrows, to be changed by a test before it asks.
struct Scene {
    issuer: Issuer,
    tenant: Tenant,
    client: Application,
    resource: Application,
    resource_as_asked: String,
    user: User,
    home: (TenantId, ObjectId),
    groups: Vec<ObjectId>,
    assigned_groups: Vec<(AppId, ObjectId)>,
    directory_roles: Vec<ObjectId>,
    scopes: Vec<String>,
    roles: Vec<String>,
}

impl Scene {
    /// `cloud@alpine.test` through the public Legacy tool at the Employee API.
    fn member() -> Self {
        let tenant = TenantId(Uuid::from_u128(0x5e1f0a00_0000_4000_8000_000000000001));
        let user = user("cloud@alpine.test", UserType::Member);
        Self {
            issuer: Issuer { origin: "https://localhost:8443".to_owned(), style: IssuerStyle::Own },
            tenant: Tenant {
                id: tenant,
                display_name: "Alpine".to_owned(),
                verified_domains: vec![VerifiedDomain {
                    name: "alpine.test".to_owned(),
                    is_default: true,
                    authentication_type: AuthenticationType::Managed,
                    password_validity_period_in_days: None,
                }],
                security_defaults_enabled: false,
                applications: vec![],
                groups: vec![],
                directory_roles: vec![],
                conditional_access_policies: vec![],
                named_locations: vec![],
                home_realm_discovery_policies: vec![],
                settings: TenantSettings::default(),
            },
            client: application(0x0c, "Legacy tool"),
            resource: application(0x0a, "Employee API"),
            resource_as_asked: "api://employees.alpine.test".to_owned(),
            home: (tenant, user.id),
            user,
            groups: vec![],
            assigned_groups: vec![],
            directory_roles: vec![],
            scopes: vec!["Employees.Read".to_owned()],
            roles: vec![],
        }
    }

    /// `guest@fjord.test` in Alpine.
    fn guest() -> Self {
        let mut scene = Self::member();
        scene.user = user("guest_fjord.test#EXT#@alpine.test", UserType::Guest);
        scene.user.mail = Some("guest@fjord.test".to_owned());
        scene.user.identities = vec![identity(IdentityIssuer::ExternalAzureAd)];
        scene.home = (FJORD, ObjectId(Uuid::from_u128(0xf)));
        scene
    }

    /// The Nightly job with its secret and a role.
    fn app_only() -> Self {
        let mut scene = Self::member();
        scene.client = application(0x0f, "Nightly job");
        scene.roles = vec!["Employees.Read.All".to_owned()];
        scene
    }

    fn at_graph(mut self) -> Self {
        self.resource = Application { app_id: MICROSOFT_GRAPH, built_in: true, ..application(1, "Microsoft Graph") };
        self.resource.requested_access_token_version = 1;
        self.resource_as_asked = "https://graph.microsoft.com".to_owned();
        self
    }

    fn issue<'a>(&'a self, subject: Subject<'a>) -> Issue<'a> {
        Issue {
            issuer: &self.issuer,
            tenant: &self.tenant,
            client: &self.client,
            client_proof: match subject {
                Subject::User(_) => ClientProof::None,
                Subject::App => ClientProof::Secret,
            },
            client_capabilities: &[],
            resource: &self.resource,
            resource_as_asked: &self.resource_as_asked,
            subject,
            scopes: &self.scopes,
            openid_scopes: OpenIdScopes { profile: true, email: false },
            resource_roles: &self.roles,
            client_roles: &[],
            ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
            nonce: None,
            now: WallTime::parse_rfc3339("2026-11-25T08:00:00Z").unwrap(),
            lifetime_seconds: 4500,
            uti: [7; 16],
            session: None,
            pairwise_key: &[3; 32],
        }
    }

    fn for_user(&self) -> Issue<'_> {
        self.issue(Subject::User(UserSubject {
            user: &self.user,
            home_tenant: self.home.0,
            home_object: self.home.1,
            groups: &self.groups,
            assigned_groups: &self.assigned_groups,
            directory_roles: &self.directory_roles,
            amr: &[Amr::Pwd],
            auth_time: WallTime::parse_rfc3339("2026-11-25T07:59:00Z"),
        }))
    }

    fn for_app(&self) -> Issue<'_> {
        self.issue(Subject::App)
    }
}

fn application(number: u128, display_name: &str) -> Application {
    Application {
        app_id: AppId(Uuid::from_u128(0xe0a91000_0000_4000_8000_000000000000 + number)),
        id: ObjectId(Uuid::from_u128(0x100 + number)),
        service_principal_id: ObjectId(Uuid::from_u128(0x200 + number)),
        display_name: display_name.to_owned(),
        identifier_uris: vec![],
        requested_access_token_version: 2,
        oauth2_permission_scopes: vec![],
        app_roles: vec![],
        pre_authorized_applications: vec![],
        required_resource_access: vec![],
        password_credentials: vec![],
        key_credentials: vec![],
        is_fallback_public_client: true,
        redirect_uris: vec![],
        group_membership_claims: vec![],
        optional_id_token_claims: vec![],
        optional_access_token_claims: vec![],
        account_enabled: true,
        app_role_assignment_required: false,
        foci: false,
        built_in: false,
    }
}

fn user(user_principal_name: &str, user_type: UserType) -> User {
    User {
        id: ObjectId(Uuid::from_u128(0x300)),
        user_principal_name: user_principal_name.to_owned(),
        display_name: "Cloud user".to_owned(),
        given_name: Some("Cloud".to_owned()),
        surname: None,
        mail: None,
        user_type,
        account_enabled: true,
        identities: vec![],
        on_premises_sync_enabled: false,
        on_premises_immutable_id: None,
        password: None,
        force_change_password_next_sign_in: false,
        last_password_change: None,
        disable_password_expiration: true,
        per_user_mfa_state: PerUserMfaState::Disabled,
        authentication_methods: vec![],
        sign_in_sessions_valid_from: None,
        locked_until: None,
        risk_level: None,
        temporary_access_pass: None,
        pass_through: false,
    }
}

fn identity(issuer: IdentityIssuer) -> Identity {
    Identity { sign_in_type: "federated".to_owned(), issuer, issuer_assigned_id: None }
}

fn names(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

fn text(claims: &Map<String, Value>) -> String {
    serde_json::to_string_pretty(claims).unwrap()
}

#[test]
fn a_v2_access_token_for_a_member() {
    assert_snapshot!(text(&Scene::member().for_user().access_token()), @r#"
    {
      "aud": "e0a91000-0000-4000-8000-00000000000a",
      "iss": "https://localhost:8443/5e1f0a00-0000-4000-8000-000000000001/v2.0",
      "iat": 1795593300,
      "nbf": 1795593300,
      "exp": 1795598100,
      "aio": "ATQB4QOreU/dPzz3cXfqT5s1ZQc9F2CNvu+KShypi1tcg0N25C2EesRJoAEoozxQ",
      "azp": "e0a91000-0000-4000-8000-00000000000c",
      "azpacr": "0",
      "name": "Cloud user",
      "oid": "00000000-0000-0000-0000-000000000300",
      "preferred_username": "cloud@alpine.test",
      "rh": "1.AUEBAAofXgAAAECAAAAAAAAAAQAQqeAAAABAgAAAAAAAAAoAAABBAQ.",
      "scp": "Employees.Read",
      "sub": "1rzk7m25mYD-lM4VnTOWgGLMg6i5QN-lNLJ85cM6nwk",
      "tid": "5e1f0a00-0000-4000-8000-000000000001",
      "uti": "BwcHBwcHBwcHBwcHBwcHAA",
      "ver": "2.0",
      "xms_ftd": "GZCDz7ZaHdE7IQIJSWB0PhBAdWpoqil5GcH_qDFyliAnlnm_0Q1Z81llct2z0RJ4"
    }
    "#);
}

#[test]
fn a_v2_access_token_for_a_guest() {
    assert_snapshot!(text(&Scene::guest().for_user().access_token()), @r#"
    {
      "aud": "e0a91000-0000-4000-8000-00000000000a",
      "iss": "https://localhost:8443/5e1f0a00-0000-4000-8000-000000000001/v2.0",
      "iat": 1795593300,
      "nbf": 1795593300,
      "exp": 1795598100,
      "aio": "ATQB4QOreU/dPzz3cXfqT5s1ZQc9F2CNvu+KShypi1tcg0N25C2EesRJoAEoozxQ",
      "azp": "e0a91000-0000-4000-8000-00000000000c",
      "azpacr": "0",
      "email": "guest@fjord.test",
      "idp": "https://localhost:8443/5e1f0a00-0000-4000-8000-000000000002/",
      "name": "Cloud user",
      "oid": "00000000-0000-0000-0000-000000000300",
      "preferred_username": "guest@fjord.test",
      "rh": "1.AUEBAAofXgAAAECAAAAAAAAAAQAQqeAAAABAgAAAAAAAAAoAAABBAQ.",
      "scp": "Employees.Read",
      "sub": "2bCRZOYygp38rGjqBndTVa5nEJ6c-i9FE5kllhz2YB0",
      "tid": "5e1f0a00-0000-4000-8000-000000000001",
      "uti": "BwcHBwcHBwcHBwcHBwcHAA",
      "ver": "2.0",
      "xms_ftd": "GZCDz7ZaHdE7IQIJSWB0PhBAdWpoqil5GcH_qDFyliAnlnm_0Q1Z81llct2z0RJ4"
    }
    "#);
}

#[test]
fn a_v2_access_token_for_an_application() {
    assert_snapshot!(text(&Scene::app_only().for_app().access_token()), @r#"
    {
      "aud": "e0a91000-0000-4000-8000-00000000000a",
      "iss": "https://localhost:8443/5e1f0a00-0000-4000-8000-000000000001/v2.0",
      "iat": 1795593300,
      "nbf": 1795593300,
      "exp": 1795598100,
      "aio": "k2Zg4QOreU/dPzz3cXfqT5s1ZQc9F2CNvu+KShypi1tcg0N25C2E",
      "azp": "e0a91000-0000-4000-8000-00000000000f",
      "azpacr": "1",
      "oid": "00000000-0000-0000-0000-00000000020f",
      "rh": "1.AUEBAAofXgAAAECAAAAAAAAAAQAQqeAAAABAgAAAAAAAAAoAAABBAQ.",
      "roles": [
        "Employees.Read.All"
      ],
      "sub": "00000000-0000-0000-0000-00000000020f",
      "tid": "5e1f0a00-0000-4000-8000-000000000001",
      "uti": "BwcHBwcHBwcHBwcHBwcHAA",
      "ver": "2.0",
      "xms_ftd": "GZCDz7ZaHdE7IQIJSWB0PhBAdWpoqil5GcH_qDFyliAnlnm_0Q1Z81llct2z0RJ4"
    }
    "#);
}

#[test]
fn a_v1_access_token_for_a_member_at_graph() {
    let mut scene = Scene::member().at_graph();
    scene.scopes = names(&["User.Read", "profile", "openid", "email"]);

    assert_snapshot!(text(&scene.for_user().access_token()), @r#"
    {
      "aud": "https://graph.microsoft.com",
      "iss": "https://localhost:8443/5e1f0a00-0000-4000-8000-000000000001/",
      "iat": 1795593300,
      "nbf": 1795593300,
      "exp": 1795598100,
      "acct": 0,
      "acr": "1",
      "aio": "ATQB4QOreU/dPzz3cXfqT5s1ZQc9F2CNvu+KShypi1tcg0N25C2EesRJoAEoozxQ",
      "amr": [
        "pwd"
      ],
      "app_displayname": "Legacy tool",
      "appid": "e0a91000-0000-4000-8000-00000000000c",
      "appidacr": "0",
      "given_name": "Cloud",
      "idtyp": "user",
      "ipaddr": "127.0.0.1",
      "name": "Cloud user",
      "oid": "00000000-0000-0000-0000-000000000300",
      "puid": "10037793ED980B51",
      "rh": "1.AUEBAAofXgAAAECAAAAAAAAAAQMAAAAAAAAAwAAAAAAAAAAAAABBAQ.",
      "scp": "User.Read profile openid email",
      "sub": "pOJpY5axi5a-zlwOoJQ6MXSoraVplKf0xu8hLfuAecw",
      "tenant_region_scope": "WW",
      "tid": "5e1f0a00-0000-4000-8000-000000000001",
      "unique_name": "cloud@alpine.test",
      "upn": "cloud@alpine.test",
      "uti": "BwcHBwcHBwcHBwcHBwcHAA",
      "ver": "1.0",
      "wids": [
        "b79fbf4d-3ef9-4689-8143-76b194e85509"
      ],
      "xms_ftd": "GZCDz7ZaHdE7IQIJSWB0PhBAdWpoqil5GcH_qDFyliAnlnm_0Q1Z81llct2z0RJ4",
      "xms_st": {
        "sub": "ZH1Yo374Jiw-pJGEmpx7Qdduf1UvQzp4FNkZNeXnWtY"
      }
    }
    "#);
}

#[test]
fn a_v1_access_token_for_a_guest() {
    let mut scene = Scene::guest();
    scene.resource.requested_access_token_version = 1;

    assert_snapshot!(text(&scene.for_user().access_token()), @r#"
    {
      "aud": "api://employees.alpine.test",
      "iss": "https://localhost:8443/5e1f0a00-0000-4000-8000-000000000001/",
      "iat": 1795593300,
      "nbf": 1795593300,
      "exp": 1795598100,
      "acr": "1",
      "aio": "ATQB4QOreU/dPzz3cXfqT5s1ZQc9F2CNvu+KShypi1tcg0N25C2EesRJoAEoozxQ",
      "amr": [
        "pwd"
      ],
      "appid": "e0a91000-0000-4000-8000-00000000000c",
      "appidacr": "0",
      "email": "guest@fjord.test",
      "given_name": "Cloud",
      "idp": "https://localhost:8443/5e1f0a00-0000-4000-8000-000000000002/",
      "ipaddr": "127.0.0.1",
      "name": "Cloud user",
      "oid": "00000000-0000-0000-0000-000000000300",
      "rh": "1.AUEBAAofXgAAAECAAAAAAAAAAQAQqeAAAABAgAAAAAAAAAoAAABBAQ.",
      "scp": "Employees.Read",
      "sub": "2bCRZOYygp38rGjqBndTVa5nEJ6c-i9FE5kllhz2YB0",
      "tid": "5e1f0a00-0000-4000-8000-000000000001",
      "unique_name": "guest@fjord.test",
      "uti": "BwcHBwcHBwcHBwcHBwcHAA",
      "ver": "1.0",
      "xms_ftd": "GZCDz7ZaHdE7IQIJSWB0PhBAdWpoqil5GcH_qDFyliAnlnm_0Q1Z81llct2z0RJ4"
    }
    "#);
}

#[test]
fn a_v1_access_token_for_an_application() {
    let mut scene = Scene::app_only();
    scene.resource.requested_access_token_version = 1;

    assert_snapshot!(text(&scene.for_app().access_token()), @r#"
    {
      "aud": "api://employees.alpine.test",
      "iss": "https://localhost:8443/5e1f0a00-0000-4000-8000-000000000001/",
      "iat": 1795593300,
      "nbf": 1795593300,
      "exp": 1795598100,
      "aio": "k2Zg4QOreU/dPzz3cXfqT5s1ZQc9F2CNvu+KShypi1tcg0N25C2E",
      "appid": "e0a91000-0000-4000-8000-00000000000f",
      "appidacr": "1",
      "idp": "https://localhost:8443/5e1f0a00-0000-4000-8000-000000000001/",
      "oid": "00000000-0000-0000-0000-00000000020f",
      "rh": "1.AUEBAAofXgAAAECAAAAAAAAAAQAQqeAAAABAgAAAAAAAAAoAAABBAQ.",
      "roles": [
        "Employees.Read.All"
      ],
      "sub": "00000000-0000-0000-0000-00000000020f",
      "tid": "5e1f0a00-0000-4000-8000-000000000001",
      "uti": "BwcHBwcHBwcHBwcHBwcHAA",
      "ver": "1.0",
      "xms_ftd": "GZCDz7ZaHdE7IQIJSWB0PhBAdWpoqil5GcH_qDFyliAnlnm_0Q1Z81llct2z0RJ4"
    }
    "#);
}

#[test]
fn a_v1_access_token_for_an_application_at_graph_says_more() {
    let plain = Scene::app_only().for_app().access_token();
    let graph = Scene::app_only().at_graph().for_app().access_token();

    assert_eq!(graph["idtyp"], "app");
    assert_eq!(graph["wids"], serde_json::json!(["0997a1d0-0d1d-4acb-b408-d5ca73121e90"]));
    assert_eq!(graph["app_displayname"], "Nightly job");
    assert!(!plain.contains_key("idtyp"));
}

#[test]
fn a_v2_id_token_for_a_member() {
    assert_snapshot!(text(&Scene::member().for_user().id_token(TokenVersion::V2).unwrap()), @r#"
    {
      "aud": "e0a91000-0000-4000-8000-00000000000c",
      "iss": "https://localhost:8443/5e1f0a00-0000-4000-8000-000000000001/v2.0",
      "iat": 1795593300,
      "nbf": 1795593300,
      "exp": 1795597200,
      "aio": "ATQB4QOreU/dPzz3cXfqT5s1ZQc9F2CNvu+KShypi1tcg0N25C2EesRJoAEoozxQ",
      "name": "Cloud user",
      "oid": "00000000-0000-0000-0000-000000000300",
      "preferred_username": "cloud@alpine.test",
      "rh": "1.AUEBAAofXgAAAECAAAAAAAAAAQAQqeAAAABAgAAAAAAAAAwAAABBAQ.",
      "sub": "ZH1Yo374Jiw-pJGEmpx7Qdduf1UvQzp4FNkZNeXnWtY",
      "tid": "5e1f0a00-0000-4000-8000-000000000001",
      "uti": "BwcHBwcHBwcHBwcHBwcHAA",
      "ver": "2.0",
      "xms_ftd": "GZCDz7ZaHdE7IQIJSWB0PhBAdWpoqil5GcH_qDFyliAnlnm_0Q1Z81llct2z0RJ4"
    }
    "#);
}

#[test]
fn a_v2_id_token_for_a_guest() {
    assert_snapshot!(text(&Scene::guest().for_user().id_token(TokenVersion::V2).unwrap()), @r#"
    {
      "aud": "e0a91000-0000-4000-8000-00000000000c",
      "iss": "https://localhost:8443/5e1f0a00-0000-4000-8000-000000000001/v2.0",
      "iat": 1795593300,
      "nbf": 1795593300,
      "exp": 1795597200,
      "aio": "ATQB4QOreU/dPzz3cXfqT5s1ZQc9F2CNvu+KShypi1tcg0N25C2EesRJoAEoozxQ",
      "email": "guest@fjord.test",
      "idp": "https://localhost:8443/5e1f0a00-0000-4000-8000-000000000002/",
      "name": "Cloud user",
      "oid": "00000000-0000-0000-0000-000000000300",
      "preferred_username": "guest@fjord.test",
      "rh": "1.AUEBAAofXgAAAECAAAAAAAAAAQAQqeAAAABAgAAAAAAAAAwAAABBAQ.",
      "sub": "ueXv04FzkdhW21w1EPrqa94AjOmldMk9FzvZp66NIE8",
      "tid": "5e1f0a00-0000-4000-8000-000000000001",
      "uti": "BwcHBwcHBwcHBwcHBwcHAA",
      "ver": "2.0",
      "xms_ftd": "GZCDz7ZaHdE7IQIJSWB0PhBAdWpoqil5GcH_qDFyliAnlnm_0Q1Z81llct2z0RJ4"
    }
    "#);
}

#[test]
fn a_v1_id_token_for_a_member() {
    assert_snapshot!(text(&Scene::member().for_user().id_token(TokenVersion::V1).unwrap()), @r#"
    {
      "aud": "e0a91000-0000-4000-8000-00000000000c",
      "iss": "https://localhost:8443/5e1f0a00-0000-4000-8000-000000000001/",
      "iat": 1795593300,
      "nbf": 1795593300,
      "exp": 1795597200,
      "acr": "1",
      "aio": "ATQB4QOreU/dPzz3cXfqT5s1ZQc9F2CNvu+KShypi1tcg0N25C2EesRJoAEoozxQ",
      "amr": [
        "pwd"
      ],
      "given_name": "Cloud",
      "ipaddr": "127.0.0.1",
      "name": "Cloud user",
      "oid": "00000000-0000-0000-0000-000000000300",
      "rh": "1.AUEBAAofXgAAAECAAAAAAAAAAQAQqeAAAABAgAAAAAAAAAwAAABBAQ.",
      "sub": "ZH1Yo374Jiw-pJGEmpx7Qdduf1UvQzp4FNkZNeXnWtY",
      "tid": "5e1f0a00-0000-4000-8000-000000000001",
      "unique_name": "cloud@alpine.test",
      "upn": "cloud@alpine.test",
      "uti": "BwcHBwcHBwcHBwcHBwcHAA",
      "ver": "1.0",
      "xms_ftd": "GZCDz7ZaHdE7IQIJSWB0PhBAdWpoqil5GcH_qDFyliAnlnm_0Q1Z81llct2z0RJ4"
    }
    "#);
}

#[test]
fn an_application_gets_no_id_token() {
    assert_eq!(Scene::app_only().for_app().id_token(TokenVersion::V2), None);
}

#[test]
fn a_token_is_dated_five_minutes_back_and_lives_its_lifetime_from_now() {
    let scene = Scene::member();
    let issue = scene.for_user();
    let now = issue.now.unix_seconds();

    let (access, id) = (issue.access_token(), issue.id_token(TokenVersion::V2).unwrap());

    for token in [&access, &id] {
        assert_eq!((&token["iat"], &token["nbf"]), (&(now - 300).into(), &(now - 300).into()));
    }
    assert_eq!(access["exp"], now + 4500);
    assert_eq!(id["exp"], now + 3600);
}

#[test]
fn the_subject_is_the_same_for_one_application_and_differs_between_two() {
    let (scene, mut other_user) = (Scene::member(), Scene::member());
    other_user.home.1 = ObjectId(Uuid::from_u128(0x301));
    let sub = |token: Map<String, Value>| token["sub"].as_str().unwrap().to_owned();

    let access = sub(scene.for_user().access_token());

    assert_eq!(access.len(), 43, "32 bytes in base64url");
    assert_eq!(access, sub(scene.for_user().access_token()));
    assert_ne!(access, sub(scene.for_user().id_token(TokenVersion::V2).unwrap()));
    assert_ne!(access, sub(other_user.for_user().access_token()));
}

#[test]
fn the_identity_provider_is_named_only_for_accounts_from_elsewhere() {
    let fjord = "https://localhost:8443/5e1f0a00-0000-4000-8000-000000000002/";
    for (issuer, home, expected) in [
        (None, None, None),
        (Some(IdentityIssuer::ExternalAzureAd), Some(FJORD), Some(fjord)),
        (Some(IdentityIssuer::MicrosoftAccount), Some(crate::ids::CONSUMER_TENANT), Some("live.com")),
        (Some(IdentityIssuer::Google), None, Some("google.com")),
    ] {
        let mut scene = Scene::member();
        scene.user.identities = issuer.map(identity).into_iter().collect();
        scene.home.0 = home.unwrap_or(scene.home.0);

        let token = scene.for_user().access_token();

        assert_eq!(token.get("idp").map(|idp| idp.as_str().unwrap()), expected);
    }
}

#[test]
fn without_the_profile_scope_a_v2_token_does_not_describe_the_user() {
    let scene = Scene::member();
    let issue = Issue { openid_scopes: OpenIdScopes::default(), ..scene.for_user() };

    let (access, id) = (issue.access_token(), issue.id_token(TokenVersion::V2).unwrap());

    for name in ["name", "preferred_username"] {
        assert!(!access.contains_key(name) && !id.contains_key(name), "{name}");
    }
    assert!(access.contains_key("oid"));
    assert!(!id.contains_key("oid"));
}

#[test]
fn the_email_scope_shows_a_members_mail_in_the_id_token_alone() {
    let mut scene = Scene::member();
    scene.user.mail = Some("cloud@alpine.test".to_owned());
    let without = scene.for_user();
    let with = Issue { openid_scopes: OpenIdScopes { profile: true, email: true }, ..without };

    assert_eq!(with.id_token(TokenVersion::V2).unwrap()["email"], "cloud@alpine.test");
    assert!(!without.id_token(TokenVersion::V2).unwrap().contains_key("email"));
    assert!(!with.access_token().contains_key("email"));
}

#[test]
fn a_nonce_is_repeated_only_when_one_was_sent() {
    let scene = Scene::member();
    let with = Issue { nonce: Some("n-0S6"), ..scene.for_user() };

    assert_eq!(with.id_token(TokenVersion::V2).unwrap()["nonce"], "n-0S6");
    assert!(!scene.for_user().id_token(TokenVersion::V2).unwrap().contains_key("nonce"));
    assert!(!with.access_token().contains_key("nonce"));
}

#[test]
fn the_client_proof_is_told() {
    let scene = Scene::app_only();
    for (client_proof, expected) in
        [(ClientProof::None, "0"), (ClientProof::Secret, "1"), (ClientProof::Certificate, "2")]
    {
        let issue = Issue { client_proof, ..scene.for_app() };
        assert_eq!(issue.access_token()["azpacr"], expected);
    }
}

#[test]
fn optional_claims_come_from_the_resource_for_access_and_from_the_client_for_id_tokens() {
    let mut scene = Scene::member();
    scene.user.mail = Some("cloud@alpine.test".to_owned());
    scene.user.surname = Some("User".to_owned());
    scene.resource.optional_access_token_claims =
        names(&["acct", "auth_time", "email", "given_name", "ipaddr", "upn", "xms_cc", "xms_edov", "unknown"]);
    scene.client.optional_id_token_claims = names(&["family_name", "sid", "verified_primary_email", "upn"]);
    let session = Uuid::from_u128(9);
    let issue = Issue { client_capabilities: &["CP1".to_owned()], session: Some(session), ..scene.for_user() };
    let unasked = Scene::member();

    let (access, id) = (issue.access_token(), issue.id_token(TokenVersion::V2).unwrap());

    assert_eq!(access["acct"], 0);
    assert_eq!(access["auth_time"], issue.now.unix_seconds() - 60);
    assert_eq!(access["email"], "cloud@alpine.test");
    assert_eq!(access["given_name"], "Cloud");
    assert_eq!(access["ipaddr"], "127.0.0.1");
    assert_eq!(access["upn"], "cloud@alpine.test");
    assert_eq!(access["xms_cc"], serde_json::json!(["CP1"]));
    assert_eq!(access["xms_edov"], true);
    assert_eq!(access["sid"], session.to_string());
    assert!(!access.contains_key("family_name") && !access.contains_key("unknown"));
    assert_eq!(id["family_name"], "User");
    assert_eq!(id["sid"], session.to_string());
    assert_eq!(id["verified_primary_email"], serde_json::json!(["cloud@alpine.test"]));
    assert!(!id.contains_key("acct"));
    for name in ["acct", "auth_time", "email", "given_name", "ipaddr", "upn", "xms_cc", "xms_edov"] {
        assert!(!unasked.for_user().access_token().contains_key(name), "{name}");
    }
    let unseen = Issue { openid_scopes: OpenIdScopes::default(), ..issue };
    assert!(!unseen.id_token(TokenVersion::V2).unwrap().contains_key("upn"));
}

#[test]
fn an_application_token_says_what_it_is_only_when_the_resource_asks() {
    let mut scene = Scene::app_only();
    assert!(!scene.for_app().access_token().contains_key("idtyp"));

    scene.resource.optional_access_token_claims = names(&["idtyp"]);

    assert_eq!(scene.for_app().access_token()["idtyp"], "app");
    assert!(!scene.for_user().access_token().contains_key("idtyp"));
}

/// A member of a security group, a distribution list and a group assigned to the API, who is an administrator.
fn scene_with_groups() -> Scene {
    let mut scene = Scene::member();
    let group = |number: u128, security_enabled| Group {
        id: ObjectId(Uuid::from_u128(number)),
        display_name: String::new(),
        security_enabled,
        members: vec![],
    };
    scene.tenant.groups = vec![group(1, true), group(2, false), group(3, true)];
    scene.groups = scene.tenant.groups.iter().map(|group| group.id).collect();
    scene.assigned_groups = vec![(scene.resource.app_id, scene.groups[2])];
    scene.directory_roles = vec![ObjectId(Uuid::from_u128(0x62e9))];
    scene
}

#[test]
fn groups_are_listed_as_the_application_asks() {
    let mut scene = scene_with_groups();
    let id = |number: u128| Uuid::from_u128(number).to_string();
    let roles = || Some(vec![id(0x62e9), "b79fbf4d-3ef9-4689-8143-76b194e85509".to_owned()]);
    for (asked, groups, wids) in [
        (vec![], None, None),
        (vec!["SecurityGroup"], Some(vec![id(1), id(3)]), None),
        (vec!["All"], Some(vec![id(1), id(2), id(3)]), roles()),
        (vec!["DirectoryRole"], None, roles()),
        (vec!["ApplicationGroup"], Some(vec![id(3)]), None),
        (vec!["ApplicationGroup", "DirectoryRole"], Some(vec![id(3)]), roles()),
        (vec!["None"], None, None),
    ] {
        scene.resource.group_membership_claims = names(&asked);

        let token = scene.for_user().access_token();

        assert_eq!(token.get("groups").cloned(), groups.map(Value::from), "{asked:?}");
        assert_eq!(token.get("wids").cloned(), wids.map(Value::from), "{asked:?}");
        assert!(!scene.for_user().id_token(TokenVersion::V2).unwrap().contains_key("groups"), "the client did not ask");
    }
}

#[test]
fn more_than_200_groups_become_a_pointer() {
    let mut scene = Scene::member();
    scene.resource.group_membership_claims = names(&["All"]);
    for (count, listed) in [(200, true), (201, false)] {
        scene.groups = (1..=count).map(|number| ObjectId(Uuid::from_u128(number))).collect();

        let token = scene.for_user().access_token();

        assert_eq!(token.contains_key("groups"), listed);
        assert_eq!(token.contains_key("_claim_names"), !listed);
        assert_eq!(token.contains_key("_claim_sources"), !listed);
    }
    let token = scene.for_user().access_token();
    let endpoint = format!("https://localhost:8443/v1.0/users/{}/getMemberObjects", scene.user.id);
    assert_eq!(token["_claim_names"], serde_json::json!({ "groups": "src1" }));
    assert_eq!(token["_claim_sources"], serde_json::json!({ "src1": { "endpoint": endpoint } }));
}

#[test]
fn client_info_is_what_entra_sends() {
    let uid = "38acbfa6-2f1f-46c1-a0ca-a4cf4eb6d55e".parse().unwrap();
    let utid = "323626f5-1bfe-48cd-8902-ddfdfd44e1ce".parse().unwrap();

    assert_eq!(
        client_info(uid, utid),
        "eyJ1aWQiOiIzOGFjYmZhNi0yZjFmLTQ2YzEtYTBjYS1hNGNmNGViNmQ1NWUiLCJ1dGlkIjoiMzIzNjI2ZjUtMWJmZS00OGNkLTg5MDItZGRmZGZkNDRlMWNlIn0"
    );
}
