use ropeway_core::directory::{
    Directory, Identity, IdentityIssuer, PerUserMfaState, Tenant, TenantDirectory, TenantSettings, User, UserType,
    VerifiedDomain,
};
use ropeway_core::ids::{AppId, ObjectId, TenantId};
use ropeway_core::time::{TenantTime, WallTime};
use ropeway_store::Store;
use uuid::Uuid;

pub(crate) const ALPINE: TenantId = TenantId(Uuid::from_u128(0x5e1f0a00_0000_4000_8000_000000000001));
pub(crate) const FJORD: TenantId = TenantId(Uuid::from_u128(0x5e1f0a00_0000_4000_8000_000000000002));
pub(crate) const NOW: TenantTime = TenantTime(1_800_000_000_000);
pub(crate) const WALL: WallTime = WallTime(1_800_000_000_000);

pub(crate) async fn on_every_medium(test: impl AsyncFn(Store)) {
    test(Store::in_memory().unwrap()).await;
    let directory = tempfile::tempdir().unwrap();
    test(Store::in_directory(directory.path()).unwrap()).await;
}

pub(crate) fn object(number: u128) -> ObjectId {
    ObjectId(Uuid::from_u128(number))
}

pub(crate) fn app(number: u128) -> AppId {
    AppId(Uuid::from_u128(number))
}

pub(crate) fn member(number: u128, user_principal_name: &str) -> User {
    User {
        id: object(number),
        user_principal_name: user_principal_name.to_owned(),
        display_name: "Cloud user".to_owned(),
        given_name: None,
        surname: None,
        mail: None,
        user_type: UserType::Member,
        account_enabled: true,
        identities: Vec::new(),
        on_premises_sync_enabled: false,
        on_premises_immutable_id: None,
        password: None,
        force_change_password_next_sign_in: false,
        last_password_change: None,
        disable_password_expiration: true,
        per_user_mfa_state: PerUserMfaState::Disabled,
        authentication_methods: Vec::new(),
        sign_in_sessions_valid_from: None,
        refresh_tokens_valid_from: None,
        locked_until: None,
        risk_level: None,
        temporary_access_pass: None,
        pass_through: false,
    }
}

pub(crate) fn guest(number: u128, mail: &str, user_principal_name: &str) -> User {
    let home = Identity {
        sign_in_type: "federated".to_owned(),
        issuer: IdentityIssuer::ExternalAzureAd,
        issuer_assigned_id: None,
    };
    User {
        user_type: UserType::Guest,
        mail: Some(mail.to_owned()),
        identities: vec![home],
        ..member(number, user_principal_name)
    }
}

pub(crate) fn tenant(id: TenantId, display_name: &str) -> Tenant {
    Tenant {
        id,
        display_name: display_name.to_owned(),
        verified_domains: vec![VerifiedDomain {
            name: "alpine.test".to_owned(),
            is_default: true,
            authentication_type: ropeway_core::directory::AuthenticationType::Managed,
            password_validity_period_in_days: Some(90),
        }],
        security_defaults_enabled: false,
        users_may_consent: true,
        applications: Vec::new(),
        groups: Vec::new(),
        directory_roles: Vec::new(),
        conditional_access_policies: Vec::new(),
        named_locations: Vec::new(),
        home_realm_discovery_policies: Vec::new(),
        settings: TenantSettings::default(),
    }
}

pub(crate) fn directory(tenants: Vec<(Tenant, Vec<User>)>) -> Directory {
    let whole = |(tenant, users)| TenantDirectory {
        tenant,
        users,
        oauth2_permission_grants: Vec::new(),
        app_role_assignments: Vec::new(),
    };
    Directory { tenants: tenants.into_iter().map(whole).collect() }
}

/// A store that holds Alpine and one user, `cloud@alpine.test` with object id 1.
pub(crate) async fn with_one_user(store: &Store) -> ObjectId {
    let cloud = member(1, "cloud@alpine.test");
    store.import(&directory(vec![(tenant(ALPINE, "Alpine"), vec![cloud])]), WALL).await.unwrap();
    object(1)
}
