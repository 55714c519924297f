//! A small scene for the tables beside the rules: one tenant, one client, one API, one user, nothing wrong.

use std::net::{IpAddr, Ipv4Addr};

use uuid::Uuid;

use super::account::{Account, Home};
use super::facts::{Facts, PasswordProof, Place, Proofs};
use crate::directory::{
    Application, AuthenticationType, ClientAppType, ConditionalAccessPolicy, ConsentType, DelegatedPermission,
    GrantControl, GrantOperator, OAuth2PermissionGrant, PerUserMfaState, PermissionKind, PolicyApplications,
    PolicyState, PolicyUsers, Tenant, TenantSettings, User, UserType, VerifiedDomain,
};
use crate::ids::{AppId, ObjectId, PermissionId, TenantId};
use crate::oauth::claims_request::ClaimsRequest;
use crate::oauth::scope::ResolvedScopes;
use crate::policy::conditional_access::Signals;
use crate::time::TenantTime;

pub(crate) fn guid(n: u128) -> Uuid {
    Uuid::from_u128(0x5e1f_0a00_0000_4000_8000_0000_0000_0000 + n)
}

pub(crate) fn application(n: u128, name: &str) -> Application {
    Application {
        app_id: AppId(guid(1_000 + n)),
        id: ObjectId(guid(2_000 + n)),
        service_principal_id: ObjectId(guid(3_000 + n)),
        display_name: name.to_owned(),
        identifier_uris: Vec::new(),
        requested_access_token_version: 2,
        oauth2_permission_scopes: Vec::new(),
        app_roles: Vec::new(),
        pre_authorized_applications: Vec::new(),
        required_resource_access: Vec::new(),
        password_credentials: Vec::new(),
        key_credentials: Vec::new(),
        federated_identity_credentials: Vec::new(),
        is_fallback_public_client: false,
        redirect_uris: Vec::new(),
        id_token_issuance: false,
        logout_url: None,
        group_membership_claims: Vec::new(),
        optional_id_token_claims: Vec::new(),
        optional_access_token_claims: Vec::new(),
        account_enabled: true,
        app_role_assignment_required: false,
        foci: false,
        built_in: false,
    }
}

pub(crate) fn api(n: u128, permissions: &[(&str, PermissionKind)]) -> Application {
    let permission = |(index, (value, kind)): (usize, &(&str, PermissionKind))| DelegatedPermission {
        id: PermissionId(guid(4_000 + 100 * n + index as u128)),
        value: (*value).to_owned(),
        kind: *kind,
        is_enabled: true,
        admin_consent_display_name: None,
        user_consent_display_name: None,
    };
    Application {
        identifier_uris: vec!["api://employees.alpine.test".to_owned()],
        oauth2_permission_scopes: permissions.iter().enumerate().map(permission).collect(),
        ..application(n, "Employee API")
    }
}

pub(crate) fn user(name: &str) -> User {
    User {
        id: ObjectId(guid(10)),
        user_principal_name: name.to_owned(),
        display_name: name.to_owned(),
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
        last_password_change: Some(TenantTime(0)),
        disable_password_expiration: false,
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

pub(crate) fn tenant() -> Tenant {
    Tenant {
        id: TenantId(guid(1)),
        display_name: "Alpine".to_owned(),
        verified_domains: vec![VerifiedDomain {
            name: "alpine.test".to_owned(),
            is_default: true,
            authentication_type: AuthenticationType::Managed,
            password_validity_period_in_days: None,
        }],
        security_defaults_enabled: false,
        users_may_consent: true,
        applications: vec![application(1, "Legacy tool"), api(2, &[("Employees.Read", PermissionKind::User)])],
        groups: Vec::new(),
        directory_roles: Vec::new(),
        conditional_access_policies: Vec::new(),
        named_locations: Vec::new(),
        home_realm_discovery_policies: Vec::new(),
        settings: TenantSettings::default(),
    }
}

pub(crate) fn policy(n: u128, control: GrantControl) -> ConditionalAccessPolicy {
    ConditionalAccessPolicy {
        id: ObjectId(guid(90 + n)),
        display_name: format!("{control:?} everybody"),
        state: PolicyState::Enabled,
        users: PolicyUsers { include_all: true, ..PolicyUsers::default() },
        applications: PolicyApplications { include_all: true, ..PolicyApplications::default() },
        client_app_types: Vec::new(),
        locations: None,
        operator: GrantOperator::Or,
        built_in_controls: vec![control],
    }
}

pub(crate) fn signals(user: &User) -> Signals<'_> {
    Signals {
        user,
        groups: &[],
        roles: &[],
        resource: AppId(guid(1_002)),
        client_app_type: ClientAppType::MobileAppsAndDesktopClients,
        ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
        contexts: &[],
    }
}

/// Owned parts that [`Facts`] borrow. Change one, then ask.
pub(crate) struct Scene {
    pub(crate) tenant: Tenant,
    pub(crate) home_tenant: Option<Tenant>,
    pub(crate) user: User,
    pub(crate) is_guest_here: bool,
    pub(crate) known: bool,
    pub(crate) has_password: bool,
    pub(crate) proofs: Proofs,
    pub(crate) locked_until: Option<TenantTime>,
    pub(crate) grants: Vec<OAuth2PermissionGrant>,
    pub(crate) now: TenantTime,
    pub(crate) asked: ResolvedScopes<'static>,
    pub(crate) claims: ClaimsRequest,
}

impl Default for Scene {
    fn default() -> Self {
        // The resource is leaked once per scene: a test's way to borrow from what moves.
        let resource: &'static Application = Box::leak(Box::new(api(2, &[("Employees.Read", PermissionKind::User)])));
        let tenant = tenant();
        let grants = vec![OAuth2PermissionGrant {
            client: tenant.applications[0].app_id,
            consent: ConsentType::AllPrincipals,
            resource: resource.app_id,
            scopes: vec!["Employees.Read".to_owned()],
        }];
        let asked = ResolvedScopes {
            resource,
            resource_as_asked: "api://employees.alpine.test".to_owned(),
            default: true,
            names: Vec::new(),
            by_resource: false,
        };
        Self {
            tenant,
            home_tenant: None,
            user: user("cloud@alpine.test"),
            is_guest_here: true,
            known: true,
            has_password: true,
            proofs: Proofs::Password(PasswordProof::Right),
            locked_until: None,
            grants,
            now: TenantTime(1_000),
            asked,
            claims: ClaimsRequest::default(),
        }
    }
}

impl Scene {
    pub(crate) fn facts(&self) -> Facts<'_> {
        let home = Home {
            tenant: self.home_tenant.as_ref().unwrap_or(&self.tenant),
            user: &self.user,
            has_password: self.has_password,
            now: self.now,
        };
        Facts {
            tenant: &self.tenant,
            tenant_as_asked: "alpine.test",
            client: &self.tenant.applications[0],
            asked: &self.asked,
            claims: &self.claims,
            sign_in_name: &self.user.user_principal_name,
            account: if self.known {
                Account::Known { user: self.is_guest_here.then_some(&self.user), home }
            } else {
                Account::Unknown
            },
            groups: &[],
            roles: &[],
            grants: &self.grants,
            assignments: &[],
            locked_until: self.locked_until,
            proofs: self.proofs,
            place: Place {
                ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
                client_app_type: ClientAppType::MobileAppsAndDesktopClients,
            },
        }
    }
}
