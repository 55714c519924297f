//! Refresh tokens, as far as the password grant gives them.

use std::time::Duration;

use ropeway_core::directory::{Application, ConsentType, OAuth2PermissionGrant, PolicyUsers, Tenant};
use ropeway_core::ids::{AZURE_CLI, AZURE_POWERSHELL, TenantId};
use ropeway_core::secret::Secret;
use ropeway_testkit::sample::{
    ALPINE, ASSIGNED_TOOL, EMPLOYEE_API, FJORD, LEGACY_PORTAL, LEGACY_PORTAL_SECRET, LEGACY_TOOL,
};
use ropeway_testkit::{Answer, TestTenant};

const USER: &str = "cloud@alpine.test";
const SCOPE: &str = "openid profile offline_access api://employees.alpine.test/.default";
const DAY: Duration = Duration::from_secs(86_400);

async fn signed_in(tenant: &TestTenant) -> Answer {
    tenant.password(USER).scope(SCOPE).set("client_info", 1).send().await.unwrap().granted().unwrap()
}

#[tokio::test]
async fn offline_access_gives_one_and_without_it_there_is_none() {
    let tenant = TestTenant::start().await.unwrap();
    let with = signed_in(&tenant).await;
    assert!(with.refresh_token().starts_with("1.A"), "{}", with.refresh_token());
    assert!(!with.body["scope"].as_str().unwrap().contains("offline_access"));
    assert!(with.body.get("foci").is_none());
    assert_eq!(tenant.password(USER).send().await.unwrap().refresh_token(), "");
}

#[tokio::test]
async fn it_is_redeemed_again_and_again_and_for_other_resources() {
    let tenant = TestTenant::start().await.unwrap();
    let first = signed_in(&tenant).await;
    for _ in 0..2 {
        let again = tenant.refresh(first.refresh_token()).send().await.unwrap().granted().unwrap();
        assert_eq!(again.access_claims()["oid"], first.access_claims()["oid"]);
        assert_eq!(again.access_claims()["scp"], "Employees.Read");
        assert_ne!(again.refresh_token(), first.refresh_token());
        assert_eq!(again.id_claims()["preferred_username"], USER);
    }
    let graph =
        tenant.refresh(first.refresh_token()).scope("https://graph.microsoft.com/User.Read").send().await.unwrap();
    assert_eq!(graph.access_claims()["aud"], "https://graph.microsoft.com", "{}", graph.text);
    for segment in ["organizations", "common", "alpine.test"] {
        let elsewhere = tenant.refresh(first.refresh_token()).at(segment).send().await.unwrap();
        assert_eq!(elsewhere.status, 200, "{segment}: {}", elsewhere.text);
    }
}

#[tokio::test]
async fn it_ends_after_90_days_unused_and_lives_on_when_used() {
    let tenant = TestTenant::start().await.unwrap();
    let first = signed_in(&tenant).await;
    tenant.advance(89 * DAY).await.unwrap();
    let second = tenant.refresh(first.refresh_token()).send().await.unwrap().granted().unwrap();
    tenant.advance(2 * DAY).await.unwrap();
    assert_eq!(tenant.refresh(first.refresh_token()).send().await.unwrap().code(), Some(700082));
    assert_eq!(tenant.refresh(second.refresh_token()).send().await.unwrap().status, 200);
}

#[tokio::test]
async fn an_administrator_may_ask_for_another_password_and_a_guests_is_not_theirs_to_reset() {
    let tenant = TestTenant::start().await.unwrap();
    let (app, handed_out) = (tenant.app(), Secret::new("Valley-2043"));
    app.reset_password(ALPINE, USER, &handed_out, true).await.unwrap();
    assert_eq!(tenant.password(USER).send().await.unwrap().code(), Some(50126), "the old one");
    let first_use = tenant.password(USER).password_is("Valley-2043").send().await.unwrap();
    assert_eq!(first_use.code(), Some(50055));
    let of_guest = app.reset_password(ALPINE, "guest@fjord.test", &handed_out, false).await.unwrap_err();
    assert!(of_guest.to_string().contains("home account"), "{of_guest}");
    assert_eq!(tenant.password("guest@fjord.test").send().await.unwrap().status, 200);
}

#[tokio::test]
async fn the_scopes_that_were_asked_first_are_asked_again_when_none_are_named() {
    let tenant = TestTenant::start().await.unwrap();
    let first = signed_in(&tenant).await;
    let other = tenant.refresh(first.refresh_token()).scope("User.Read offline_access").send().await.unwrap();
    assert_eq!(other.body["scope"], "User.Read", "{}", other.text);
    assert!(other.body.get("id_token").is_none(), "openid was not asked for this time");
    let again = tenant.refresh(other.refresh_token()).send().await.unwrap();
    assert_eq!(again.access_claims()["aud"], EMPLOYEE_API.to_string(), "{}", again.text);
    assert_eq!(again.id_claims()["preferred_username"], USER);
}

#[tokio::test]
async fn scopes_of_several_resources_get_a_token_for_the_first() {
    let tenant = TestTenant::start().await.unwrap();
    let first = signed_in(&tenant).await;
    let (employees, graph) = ("api://employees.alpine.test/Employees.Read", "https://graph.microsoft.com/User.Read");
    for (scope, audience, echoed) in [
        (format!("{employees} {graph}"), EMPLOYEE_API.to_string(), employees),
        (format!("{graph} {employees}"), "https://graph.microsoft.com".to_owned(), graph),
    ] {
        let answer = tenant.refresh(first.refresh_token()).scope(&scope).send().await.unwrap();
        assert_eq!(answer.access_claims()["aud"], audience, "{}", answer.text);
        assert_eq!(answer.body["scope"], echoed);
        assert_eq!(tenant.password(USER).scope(&scope).send().await.unwrap().code(), Some(28000), "{scope}");
    }
}

#[tokio::test]
async fn consent_bounds_what_it_is_redeemed_for() {
    let tenant = TestTenant::start().await.unwrap();
    let first = signed_in(&tenant).await;
    let redeem = |scope: &'static str| tenant.refresh(first.refresh_token()).scope(scope);
    for not_consented in
        ["api://timesheets.alpine.test/.default", "api://employees.alpine.test/Employees.ReadWrite.All"]
    {
        let answer = redeem(not_consented).send().await.unwrap();
        assert_eq!(answer.code(), Some(65001), "{not_consented}");
        assert_eq!(answer.body["suberror"], "consent_required");
    }
    assert_eq!(redeem("api://employees.alpine.test/Employees.Read").send().await.unwrap().status, 200);
}

/// What happens to client, consent and policies after the token was issued counts: each with its own code.
#[tokio::test]
async fn a_change_to_client_consent_or_policies_is_told_by_its_own_code() {
    let tenant = TestTenant::start().await.unwrap();
    let app = tenant.app();
    let first = signed_in(&tenant).await;
    let portal = tenant.password(USER).scope(SCOPE).client(LEGACY_PORTAL, LEGACY_PORTAL_SECRET).send().await.unwrap();
    let redeem = || tenant.refresh(first.refresh_token());
    let redeem_portal = || tenant.refresh(portal.refresh_token()).client(LEGACY_PORTAL, LEGACY_PORTAL_SECRET);
    assert_eq!(redeem().send().await.unwrap().status, 200);
    assert_eq!(redeem_portal().send().await.unwrap().status, 200);

    let user = app.user_id(ALPINE, USER).unwrap();
    let consent = OAuth2PermissionGrant {
        client: LEGACY_TOOL,
        consent: ConsentType::Principal(user),
        resource: EMPLOYEE_API,
        scopes: vec!["Employees.Read".to_owned()],
    };
    app.withdraw_grant(ALPINE, consent.clone()).await.unwrap();
    assert_eq!(redeem().send().await.unwrap().code(), Some(65001));
    assert!(app.withdraw_grant(ALPINE, consent.clone()).await.is_err(), "there is none any more");
    app.grant(ALPINE, consent).await.unwrap();
    assert_eq!(redeem().send().await.unwrap().status, 200);

    let require_mfa = |tenant: &mut Tenant| {
        let policy = tenant.conditional_access_policies.iter_mut().find(|policy| policy.display_name == "Require MFA");
        policy.unwrap().users = PolicyUsers { include_all: true, ..PolicyUsers::default() };
    };
    app.change_tenant(ALPINE, require_mfa).await.unwrap();
    let answer = redeem().send().await.unwrap();
    assert_eq!(answer.code(), Some(50079), "{}", answer.text);
    assert!(answer.body["claims"].as_str().unwrap().contains("capolids"), "{}", answer.text);
    app.change_tenant(ALPINE, |tenant| tenant.conditional_access_policies.clear()).await.unwrap();
    assert_eq!(redeem().send().await.unwrap().status, 200);

    let change_clients = |change: fn(&mut Application)| {
        app.change_tenant(ALPINE, move |tenant| {
            let changed = |client: &&mut Application| [LEGACY_TOOL, LEGACY_PORTAL].contains(&client.app_id);
            tenant.applications.iter_mut().filter(changed).for_each(change);
        })
    };
    change_clients(|client| client.password_credentials.clear()).await.unwrap();
    assert_eq!(redeem_portal().send().await.unwrap().code(), Some(7000215));
    assert_eq!(redeem().send().await.unwrap().status, 200, "the other client needs none");
    change_clients(|client| client.account_enabled = false).await.unwrap();
    assert_eq!(redeem().send().await.unwrap().code(), Some(7000112));
}

#[tokio::test]
async fn it_is_the_clients_own_except_within_microsofts_family() {
    let tenant = TestTenant::start().await.unwrap();
    let by_azure_cli = tenant.password(USER).set("client_id", AZURE_CLI).scope(SCOPE).send().await.unwrap();
    assert_eq!(by_azure_cli.body["foci"], "1", "{}", by_azure_cli.text);
    let by_tool = signed_in(&tenant).await;

    let by_powershell =
        tenant.refresh(by_azure_cli.refresh_token()).set("client_id", AZURE_POWERSHELL).send().await.unwrap();
    assert_eq!(by_powershell.access_claims()["azp"], AZURE_POWERSHELL.to_string(), "{}", by_powershell.text);
    assert_eq!(by_powershell.body["foci"], "1");
    let back = tenant.refresh(by_powershell.refresh_token()).set("client_id", AZURE_CLI).send().await.unwrap();
    assert_eq!(back.status, 200, "{}", back.text);

    for (token, client) in [(&by_azure_cli, LEGACY_TOOL), (&by_tool, AZURE_CLI), (&by_tool, ASSIGNED_TOOL)] {
        let refused = tenant.refresh(token.refresh_token()).set("client_id", client).send().await.unwrap();
        assert_eq!(refused.code(), Some(700007), "{}", refused.text);
        assert_eq!(refused.body["error"], "invalid_grant");
        assert_eq!(refused.body["suberror"], "client_mismatch");
    }
}

#[tokio::test]
async fn a_guest_redeems_at_home_and_abroad_and_nobody_else_does() {
    let tenant = TestTenant::start().await.unwrap();
    let graph = "openid profile offline_access https://graph.microsoft.com/.default";
    let sign_in = |user: &str, at: TenantId| {
        let request = tenant.password(user).set("client_id", AZURE_CLI).scope(graph).at(at).set("client_info", 1);
        async move { request.send().await.unwrap() }
    };
    let redeem = |token: &Answer, at: TenantId| {
        let request = tenant.refresh(token.refresh_token()).set("client_id", AZURE_CLI).at(at).set("client_info", 1);
        async move { request.send().await.unwrap() }
    };
    let at_home = sign_in("guest@fjord.test", FJORD).await;
    let abroad = redeem(&at_home, ALPINE).await;
    assert_eq!(abroad.access_claims()["tid"], ALPINE.to_string(), "{}", abroad.text);
    assert_eq!(abroad.access_claims()["oid"], tenant.app().user_id(ALPINE, "guest@fjord.test").unwrap().to_string());
    assert!(abroad.access_claims()["idp"].as_str().unwrap().contains(&FJORD.to_string()));
    assert_eq!(abroad.body["client_info"], at_home.body["client_info"], "one account to the client's cache");
    let back = redeem(&abroad, FJORD).await;
    assert_eq!(back.access_claims()["oid"], at_home.access_claims()["oid"], "{}", back.text);

    let member = sign_in(USER, ALPINE).await;
    assert_eq!(redeem(&member, FJORD).await.code(), Some(50020));

    // Sessions are the home account's: only the home tenant can end them.
    tenant.app().revoke_sign_in_sessions(ALPINE, "guest@fjord.test").await.unwrap();
    assert_eq!(redeem(&at_home, ALPINE).await.status, 200);
    tenant.app().revoke_sign_in_sessions(FJORD, "guest@fjord.test").await.unwrap();
    for at in [ALPINE, FJORD] {
        assert_eq!(redeem(&at_home, at).await.code(), Some(50173));
    }
}
