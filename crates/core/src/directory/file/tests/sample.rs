//! The sample holds what its description says, table by table.

use super::*;
use crate::directory::{
    AuthenticationMethod, AuthenticationType, ClientPlatform, ConsentType, GrantControl, IdentityIssuer, MemberType,
    Password, PerUserMfaState, PermissionKind, PolicyState, PrincipalType, RequiredPermission, Tenant, TenantDirectory,
    User, UserType,
};
use crate::ids::{AZURE_CLI, AZURE_POWERSHELL, AppId, MICROSOFT_GRAPH};
use crate::time::TenantTime;

const TOTP: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

fn tenant(name: &str) -> TenantDirectory {
    sample_directory().tenants.into_iter().find(|tenant| tenant.tenant.display_name == name).unwrap()
}

fn user<'t>(tenant: &'t TenantDirectory, sign_in_name: &str) -> &'t User {
    tenant.users.iter().find(|user| user.sign_in_name() == sign_in_name).unwrap_or_else(|| panic!("{sign_in_name}"))
}

fn app_id(last: &str) -> AppId {
    format!("e0a91000-0000-4000-8000-0000000000{last}").parse().unwrap()
}

fn app<'t>(tenant: &'t Tenant, name: &str) -> &'t crate::directory::Application {
    tenant.applications.iter().find(|app| app.display_name == name).unwrap_or_else(|| panic!("{name}"))
}

#[test]
fn it_is_read_without_a_fault_and_says_nothing_in_vain() {
    let file = right(built_in_sample::FILE);
    assert_eq!(file.without_effect, []);
    let ids: Vec<String> = file.directory.tenants.iter().map(|tenant| tenant.tenant.id.to_string()).collect();
    assert_eq!(
        ids,
        [
            "5e1f0a00-0000-4000-8000-000000000001",
            "5e1f0a00-0000-4000-8000-000000000002",
            "9188040d-6c67-4c5b-b112-36a304b66dad"
        ]
    );
}

#[test]
fn its_domains_are_managed_but_for_the_federated_one() {
    let alpine = tenant("Alpine").tenant;
    assert_eq!(alpine.default_domain(), "alpine.test");
    assert_eq!(alpine.verified_domain("alpine.test").unwrap().password_validity_period_in_days, Some(90));
    let federated =
        |name: &str| alpine.verified_domain(name).unwrap().authentication_type == AuthenticationType::Federated;
    assert!(federated("onprem.alpine.test") && !federated("alpine.test"));
    assert!(tenant("Fjord").tenant.verified_domain("fjord.test").is_some());
    assert!(tenant("Personal Microsoft accounts").tenant.verified_domain("live.test").is_some());
    assert!(!alpine.security_defaults_enabled);
}

#[test]
fn its_users_are_those_of_the_table() {
    let alpine = tenant("Alpine");
    let names: Vec<&str> = alpine.users.iter().map(User::sign_in_name).collect();
    assert_eq!(
        names,
        [
            "cloud@alpine.test",
            "guest@fjord.test",
            "hashsync@alpine.test",
            "cloudpw@onprem.alpine.test",
            "passthrough@alpine.test",
            "admin@alpine.test",
            "mfa@alpine.test",
            "newmfa@alpine.test",
            "camfa@alpine.test",
            "blocked@alpine.test",
            "noconsent@alpine.test",
            "expired@alpine.test",
            "mustchange@alpine.test",
            "onprem@onprem.alpine.test",
            "personal@live.test",
            "google@gmail.test",
            "nopassword@alpine.test",
            "unassigned@alpine.test",
            "disabled@alpine.test",
            "locked@alpine.test",
        ]
    );
    let without_password = [
        "guest@fjord.test",
        "onprem@onprem.alpine.test",
        "personal@live.test",
        "google@gmail.test",
        "nopassword@alpine.test",
    ];
    for user in &alpine.users {
        let name = user.sign_in_name();
        match &user.password {
            Some(Password::Plain(password)) => assert_eq!(password.expose(), built_in_sample::PASSWORD, "{name}"),
            Some(Password::Phc(_)) => panic!("{name}"),
            None => assert!(without_password.contains(&name), "{name}"),
        }
        assert_eq!(user.password.is_none(), without_password.contains(&name), "{name}");
        assert_eq!(user.disable_password_expiration, name != "expired@alpine.test", "{name}");
        assert_eq!(user.account_enabled, name != "disabled@alpine.test", "{name}");
        assert_eq!(user.force_change_password_next_sign_in, name == "mustchange@alpine.test", "{name}");
        assert_eq!(user.pass_through, name == "passthrough@alpine.test", "{name}");
        assert_eq!(user.locked_until.is_some(), name == "locked@alpine.test", "{name}");
        assert_eq!(user.last_password_change.is_some(), name == "expired@alpine.test", "{name}");
        assert_eq!(user.temporary_access_pass.is_some(), name == "nopassword@alpine.test", "{name}");
        let enforced = ["admin@alpine.test", "mfa@alpine.test", "newmfa@alpine.test"].contains(&name);
        assert_eq!(user.per_user_mfa_state == PerUserMfaState::Enforced, enforced, "{name}");
        let registered = ["admin@alpine.test", "mfa@alpine.test", "camfa@alpine.test"].contains(&name);
        assert_eq!(user.has_second_factor(), registered, "{name}");
        for AuthenticationMethod::SoftwareOath { secret_key } in &user.authentication_methods {
            assert_eq!(secret_key.expose(), TOTP, "{name}");
        }
    }
    let pass = user(&alpine, "nopassword@alpine.test").temporary_access_pass.as_ref().unwrap();
    assert_eq!(pass.expose(), "alpine-pass-2042");
    assert!(user(&alpine, "expired@alpine.test").last_password_change.unwrap().to_rfc3339().starts_with("2020-"));
    assert!(user(&alpine, "locked@alpine.test").locked_until.unwrap().to_rfc3339().starts_with("9999-"));
    for synced in
        ["hashsync@alpine.test", "cloudpw@onprem.alpine.test", "passthrough@alpine.test", "onprem@onprem.alpine.test"]
    {
        assert!(user(&alpine, synced).on_premises_sync_enabled, "{synced}");
    }
}

#[test]
fn its_guests_have_their_homes() {
    let alpine = tenant("Alpine");
    for (name, issuer) in [
        ("guest@fjord.test", IdentityIssuer::ExternalAzureAd),
        ("personal@live.test", IdentityIssuer::MicrosoftAccount),
        ("google@gmail.test", IdentityIssuer::Google),
    ] {
        let guest = user(&alpine, name);
        assert_eq!((guest.user_type, guest.external_issuer()), (UserType::Guest, Some(&issuer)), "{name}");
        assert!(guest.user_principal_name.ends_with("#EXT#@alpine.test"), "{name}");
    }
    assert_eq!(alpine.users.iter().filter(|user| user.user_type == UserType::Guest).count(), 3);
    for (home, name) in [("Fjord", "guest@fjord.test"), ("Personal Microsoft accounts", "personal@live.test")] {
        let home = tenant(home);
        assert!(matches!(&user(&home, name).password, Some(Password::Plain(_))), "{name}");
    }
}

#[test]
fn its_groups_and_roles_hold_whom_they_should() {
    let alpine = tenant("Alpine");
    let group = |name: &str| alpine.tenant.groups.iter().find(|group| group.display_name == name).unwrap();
    let members: Vec<_> =
        alpine.users.iter().filter(|user| user.user_type == UserType::Member).map(|user| user.id).collect();
    assert!(group("Employees").members.iter().eq(&members));
    assert_eq!(*group("Assigned").members.as_slice(), [user(&alpine, "hashsync@alpine.test").id]);
    let [role] = alpine.tenant.directory_roles.as_slice() else { panic!("one role") };
    assert_eq!(role.role_template_id.to_string(), "62e90394-69f5-4237-9190-012177145e10");
    assert_eq!(*role.members.as_slice(), [user(&alpine, "admin@alpine.test").id]);
}

#[test]
fn its_applications_are_those_of_the_table() {
    let alpine = tenant("Alpine").tenant;
    let own: Vec<(&str, AppId)> = alpine
        .applications
        .iter()
        .filter(|app| !app.built_in)
        .map(|app| (app.display_name.as_str(), app.app_id))
        .collect();
    assert_eq!(
        own,
        [
            ("Employee API", app_id("0a")),
            ("Timesheet API", app_id("12")),
            ("Legacy portal", app_id("0b")),
            ("Legacy tool", app_id("0c")),
            ("Modern portal", app_id("0d")),
            ("Browser app", app_id("0e")),
            ("Nightly job", app_id("0f")),
            ("Assigned tool", app_id("10")),
            ("Second portal", app_id("11")),
        ]
    );
    for (name, secret) in [
        ("Legacy portal", Some("legacy-portal-secret")),
        ("Legacy tool", None),
        ("Modern portal", Some("modern-portal-secret")),
        ("Browser app", None),
        ("Nightly job", Some("nightly-job-secret")),
        ("Assigned tool", None),
        ("Second portal", Some("second-portal-secret")),
    ] {
        let app = app(&alpine, name);
        assert_eq!(
            app.password_credentials.first().map(|credential| credential.secret_text.expose()),
            secret,
            "{name}"
        );
        let end = app.password_credentials.first().and_then(|credential| credential.end).map(TenantTime::to_rfc3339);
        assert_eq!(end.is_some_and(|end| end.starts_with("9999-12-31")), secret.is_some(), "{name}");
        let public = ["Legacy tool", "Assigned tool"].contains(&name);
        assert_eq!(app.is_fallback_public_client, public, "{name}");
        assert_eq!(app.app_role_assignment_required, name == "Assigned tool", "{name}");
    }
    for (name, platform, uri) in [
        ("Modern portal", ClientPlatform::Web, "http://localhost:5003/signin-oidc"),
        ("Browser app", ClientPlatform::Spa, "http://localhost:5004/"),
        ("Nightly job", ClientPlatform::Web, "http://localhost/authorised"),
        ("Second portal", ClientPlatform::Web, "http://localhost:5005/signin-oidc"),
    ] {
        assert_eq!(app(&alpine, name).redirect_uris, [(platform, uri.to_owned())], "{name}");
    }
}

#[test]
fn its_apis_publish_what_the_table_says_and_know_microsofts_clients() {
    let alpine = tenant("Alpine").tenant;
    for (name, uri, scopes, roles) in [
        (
            "Employee API",
            "api://employees.alpine.test",
            vec![("Employees.Read", PermissionKind::User), ("Employees.ReadWrite.All", PermissionKind::Admin)],
            vec!["Employees.Read.All"],
        ),
        ("Timesheet API", "api://timesheets.alpine.test", vec![("Timesheets.Submit", PermissionKind::User)], vec![]),
    ] {
        let api = app(&alpine, name);
        assert_eq!(api.identifier_uris, [uri.to_owned(), format!("api://{}", api.app_id)]);
        assert_eq!(api.requested_access_token_version, 2);
        let published: Vec<_> =
            api.oauth2_permission_scopes.iter().map(|scope| (scope.value.as_str(), scope.kind)).collect();
        assert_eq!(published, scopes);
        assert_eq!(api.app_roles.iter().map(|role| role.value.as_str()).collect::<Vec<_>>(), roles);
        assert!(api.app_roles.iter().all(|role| role.allowed_member_types == [MemberType::Application]));
        let ids: Vec<_> = api.oauth2_permission_scopes.iter().map(|scope| scope.id).collect();
        let clients: Vec<AppId> = api.pre_authorized_applications.iter().map(|client| client.app_id).collect();
        assert_eq!(clients, [AZURE_CLI, AZURE_POWERSHELL]);
        assert!(api.pre_authorized_applications.iter().all(|client| client.delegated_permission_ids == ids));
    }
}

#[test]
fn its_clients_declare_exactly_what_is_consented() {
    let alpine = tenant("Alpine");
    let consenting: Vec<&User> =
        alpine.users.iter().filter(|user| user.sign_in_name() != "noconsent@alpine.test").collect();
    assert_eq!(consenting.len(), 19);
    let clients = ["0b", "0c", "0d", "0e", "0f", "10", "11"].map(app_id);
    let graph = ["openid", "profile", "email", "offline_access", "User.Read"];
    for client in clients {
        let mut expected = vec![(app_id("0a"), vec!["Employees.Read"]), (MICROSOFT_GRAPH, graph.to_vec())];
        if client == app_id("0f") {
            expected.push((app_id("12"), vec!["Timesheets.Submit"]));
        }
        let mut declared: Vec<(AppId, Vec<&str>)> = Vec::new();
        let mut roles = Vec::new();
        for required in &alpine.tenant.application(client).unwrap().required_resource_access {
            let resource = alpine.tenant.application(required.resource).unwrap();
            let mut scopes = Vec::new();
            for permission in &required.resource_access {
                match permission {
                    RequiredPermission::Scope(id) => scopes.extend(
                        resource.oauth2_permission_scopes.iter().filter(|s| s.id == *id).map(|s| s.value.as_str()),
                    ),
                    RequiredPermission::Role(id) => {
                        roles.extend(resource.app_roles.iter().filter(|r| r.id == *id).map(|r| r.value.as_str()));
                    }
                }
            }
            declared.push((required.resource, scopes));
        }
        expected.sort();
        declared.sort();
        assert_eq!(declared, expected, "{client}");
        assert_eq!(roles, if client == app_id("0f") { vec!["Employees.Read.All"] } else { vec![] }, "{client}");
        for user in &consenting {
            let mut granted: Vec<(AppId, Vec<&str>)> = alpine
                .oauth2_permission_grants
                .iter()
                .filter(|grant| grant.client == client && grant.consent == ConsentType::Principal(user.id))
                .map(|grant| (grant.resource, grant.scopes.iter().map(String::as_str).collect()))
                .collect();
            granted.sort();
            assert_eq!(granted, expected, "{client} {}", user.sign_in_name());
        }
    }
    let unwanted = alpine.oauth2_permission_grants.iter().filter(|grant| match grant.consent {
        ConsentType::AllPrincipals => clients.contains(&grant.client),
        ConsentType::Principal(id) => id == user(&alpine, "noconsent@alpine.test").id,
    });
    assert_eq!(unwanted.count(), 0);
    let microsofts = alpine.oauth2_permission_grants.iter().filter(|grant| grant.consent == ConsentType::AllPrincipals);
    assert_eq!(microsofts.count(), 4);
}

#[test]
fn its_assignments_are_the_jobs_role_and_the_tools_users() {
    let alpine = tenant("Alpine");
    let job = app(&alpine.tenant, "Nightly job").service_principal_id;
    let role = app(&alpine.tenant, "Employee API").app_roles[0].id;
    let group = alpine.tenant.groups.iter().find(|group| group.display_name == "Assigned").unwrap().id;
    let assignments: Vec<_> = alpine
        .app_role_assignments
        .iter()
        .map(|assignment| (assignment.principal, assignment.principal_type, assignment.resource, assignment.app_role))
        .collect();
    assert_eq!(
        assignments,
        [
            (job, PrincipalType::ServicePrincipal, app_id("0a"), Some(role)),
            (user(&alpine, "cloud@alpine.test").id, PrincipalType::User, app_id("10"), None),
            (group, PrincipalType::Group, app_id("10"), None),
        ]
    );
}

#[test]
fn its_policies_ask_camfa_for_more_and_block_blocked() {
    let alpine = tenant("Alpine");
    for (name, control, user_name) in
        [("Require MFA", GrantControl::Mfa, "camfa@alpine.test"), ("Block", GrantControl::Block, "blocked@alpine.test")]
    {
        let policy = alpine.tenant.conditional_access_policies.iter().find(|known| known.display_name == name).unwrap();
        assert_eq!(policy.state, PolicyState::Enabled);
        assert_eq!(policy.users.include_users, [user(&alpine, user_name).id]);
        assert!(policy.applications.include_all);
        assert_eq!(policy.built_in_controls, [control]);
    }
    assert_eq!(alpine.tenant.conditional_access_policies.len(), 2);
    let [policy] = alpine.tenant.home_realm_discovery_policies.as_slice() else { panic!("one policy") };
    assert!(policy.is_organization_default && policy.allow_cloud_password_validation);
}
