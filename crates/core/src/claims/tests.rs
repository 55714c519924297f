#![allow(clippy::unwrap_used, reason = "a failed precondition fails the test")]

mod bodies;
mod rules;

use std::net::{IpAddr, Ipv4Addr};

use insta::assert_snapshot;

use super::*;
use crate::directory::{
    AuthenticationType, Group, Identity, IdentityIssuer, OptionalClaim, PerUserMfaState, TenantSettings, User,
    UserType, VerifiedDomain,
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
    claims_request: ClaimsRequest,
    password_expires_in: Option<i64>,
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
                users_may_consent: true,
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
            claims_request: ClaimsRequest::default(),
            password_expires_in: None,
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
            claims_request: &self.claims_request,
            resource: &self.resource,
            resource_as_asked: &self.resource_as_asked,
            subject,
            scopes: &self.scopes,
            openid_scopes: OpenIdScopes { profile: true, email: false },
            resource_roles: &self.roles,
            client_roles: &[],
            contexts: &[],
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
            password_expires_in: self.password_expires_in,
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
        federated_identity_credentials: vec![],
        is_fallback_public_client: true,
        redirect_uris: vec![],
        id_token_issuance: false,
        logout_url: None,
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
        refresh_tokens_valid_from: None,
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

fn optional(names: &[&str]) -> Vec<OptionalClaim> {
    names.iter().map(|name| OptionalClaim::named(name)).collect()
}

fn made(name: &str, property: &str) -> Vec<OptionalClaim> {
    vec![OptionalClaim { additional_properties: names(&[property]), ..OptionalClaim::named(name) }]
}

fn text(claims: &Claims) -> String {
    serde_json::to_string_pretty(claims).unwrap()
}

impl std::ops::Index<&str> for Claims {
    type Output = serde_json::Value;

    fn index(&self, name: &str) -> &serde_json::Value {
        self.get(name).unwrap()
    }
}

impl Claims {
    fn says(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}
