//! What the redemption of a code can be refused with.

use std::time::Duration;

use ropeway_core::directory::{GrantControl, PerUserMfaState, PolicyUsers};
use ropeway_core::error::catalogue::RaisedBy;
use ropeway_core::time::TenantTime;
use ropeway_testkit::sample::{
    ALPINE, BROWSER_APP, BROWSER_APP_REDIRECT, FJORD, LEGACY_TOOL, NIGHTLY_JOB, NIGHTLY_JOB_SECRET, PASSWORD,
    SECOND_PORTAL, SECOND_PORTAL_SECRET, TIMESHEET_API_URI,
};
use ropeway_testkit::{Reply, TestTenant, TokenRequest};

use super::{Raised, raise, raise_v1};
use crate::authorization_code::{VERIFIER, with_challenge};
use crate::authorize::Ask;

async fn code(tenant: &TestTenant, ask: &Ask, user: &str) -> Reply {
    let mut browser = tenant.browser();
    let landed = browser.open(&ask.url()).await.unwrap();
    browser.sign_in(landed, user, PASSWORD).await.unwrap().reply().unwrap()
}

/// A redemption by the nightly job, which can prove itself in every way.
pub(super) async fn of_nightly_job(tenant: &TestTenant) -> TokenRequest<'_> {
    let ask = Ask::of(NIGHTLY_JOB, NIGHTLY_JOB_SECRET, "http://localhost:7/authorised");
    let code = code(tenant, &ask, "cloud@alpine.test").await;
    ask.redemption(tenant, &code).without("client_secret")
}

pub(super) async fn authorization_code(raised: &mut Raised) {
    let by = RaisedBy::AuthorizationCode;
    let tenant = TestTenant::start().await.unwrap();
    let ask = Ask::modern_portal();
    let cloud = code(&tenant, &ask, "cloud@alpine.test").await;
    let redeem = || ask.redemption(&tenant, &cloud);
    for missing in ["code", "client_id"] {
        raise(raised, by, redeem().without(missing), 900144).await;
    }
    let unknown = "e0a91000-0000-4000-8000-0000000000ff";
    let nobody = "00000000-0000-0000-0000-000000000000";
    for (request, expected) in [
        (redeem().add("code", "x"), 90100),
        (redeem().set("claims", "{"), 90100),
        (redeem().set("resource", "https://graph.microsoft.com"), 901002),
        (redeem().set("code", "garbage"), 9002313),
        (redeem().set("code", "garbage").at("organizations"), 9002313),
        (redeem().set("client_id", unknown), 700016),
        (redeem().set("client_id", nobody), 700038),
        (redeem().set("client_id", LEGACY_TOOL), 700025),
        (redeem().without("client_secret"), 7000218),
        (redeem().set("client_secret", "wrong"), 7000215),
        (redeem().client(SECOND_PORTAL, SECOND_PORTAL_SECRET), 700007),
        (redeem().at("organizations"), 700005),
        (redeem().at(FJORD), 700016),
        (redeem().without("redirect_uri"), 700009),
        (redeem().set("redirect_uri", "http://localhost:5003/other"), 500112),
        (redeem().set("code_verifier", VERIFIER), 501481),
        (redeem().header("origin", "http://localhost:5003"), 9002326),
        (redeem().scope("employees/Read"), 70011),
        (redeem().scope("api://unknown.alpine.test/.default"), 500011),
        (redeem().scope(&format!("{TIMESHEET_API_URI}/.default")), 65001),
    ] {
        raise(raised, by, request, expected).await;
    }
    raise_v1(raised, by, redeem().v1(TIMESHEET_API_URI), 650057).await;
    raise_v1(raised, by, redeem().v1("https://graph.microsoft.com").at("consumers"), 90027).await;

    let challenged = with_challenge(Ask::modern_portal());
    let bound = code(&tenant, &challenged, "cloud@alpine.test").await;
    raise(raised, by, challenged.redemption(&tenant, &bound), 50148).await;
    let page = Ask::of(BROWSER_APP, "", BROWSER_APP_REDIRECT);
    let of_page = code(&tenant, &page, "cloud@alpine.test").await;
    raise(raised, by, page.redemption(&tenant, &of_page), 9002327).await;
    raise(raised, by, page.redemption(&tenant, &of_page).header("origin", "http://localhost:5004"), 9002325).await;

    of_the_user(raised, &tenant).await;

    assert_eq!(redeem().send().await.unwrap().status, 200, "nothing of all that used the code up");
    raise(raised, by, redeem(), 54005).await;
    let late = code(&tenant, &ask, "cloud@alpine.test").await;
    tenant.advance(Duration::from_secs(600)).await.unwrap();
    raise(raised, by, ask.redemption(&tenant, &late), 70008).await;
    ends_of_lines(raised, &tenant).await;

    let app = tenant.app();
    app.change_tenant(ALPINE, |tenant| {
        let secrets = tenant.applications.iter_mut().flat_map(|app| &mut app.password_credentials);
        secrets.for_each(|secret| secret.end = Some(TenantTime(0)));
    })
    .await
    .unwrap();
    raise(raised, by, redeem(), 7000222).await;
    app.change_tenant(ALPINE, |tenant| tenant.applications.iter_mut().for_each(|app| app.account_enabled = false))
        .await
        .unwrap();
    raise(raised, by, redeem(), 7000112).await;
}

/// What happens to an account between the page and the redemption.
async fn of_the_user(raised: &mut Raised, tenant: &TestTenant) {
    let by = RaisedBy::AuthorizationCode;
    let (app, ask, user) = (tenant.app(), Ask::modern_portal(), "hashsync@alpine.test");
    let synced = code(tenant, &ask, user).await;
    let redeem = || ask.redemption(tenant, &synced);
    app.change_user(ALPINE, user, |user| user.per_user_mfa_state = PerUserMfaState::Enforced).await.unwrap();
    raise(raised, by, redeem(), 50079).await;
    app.change_user(ALPINE, user, |user| {
        let secret_key = ropeway_core::secret::Secret::new(ropeway_testkit::sample::TOTP_SECRET);
        user.authentication_methods.push(ropeway_core::directory::AuthenticationMethod::SoftwareOath { secret_key });
    })
    .await
    .unwrap();
    raise(raised, by, redeem(), 50076).await;
    app.change_user(ALPINE, user, |user| user.per_user_mfa_state = PerUserMfaState::Disabled).await.unwrap();
    app.change_tenant(ALPINE, |tenant| {
        let policies = &mut tenant.conditional_access_policies;
        policies.retain(|policy| policy.built_in_controls == [GrantControl::Block]);
        policies
            .iter_mut()
            .for_each(|policy| policy.users = PolicyUsers { include_all: true, ..PolicyUsers::default() });
    })
    .await
    .unwrap();
    raise(raised, by, redeem(), 53003).await;
    app.change_tenant(ALPINE, |tenant| {
        tenant.conditional_access_policies.clear();
        let modern = Ask::modern_portal().client;
        let portal = tenant.applications.iter_mut().filter(|app| app.app_id == modern);
        portal.for_each(|app| app.app_role_assignment_required = true);
    })
    .await
    .unwrap();
    raise(raised, by, redeem(), 50105).await;
    app.change_tenant(ALPINE, |tenant| {
        tenant.applications.iter_mut().for_each(|app| app.app_role_assignment_required = false);
    })
    .await
    .unwrap();
    app.revoke_sign_in_sessions(ALPINE, user).await.unwrap();
    tenant.advance(Duration::from_secs(1)).await.unwrap();
    app.revoke_sign_in_sessions(ALPINE, user).await.unwrap();
    raise(raised, by, redeem(), 50173).await;
    app.change_user(ALPINE, user, |user| user.sign_in_sessions_valid_from = None).await.unwrap();
    app.change_user(ALPINE, user, |user| user.account_enabled = false).await.unwrap();
    raise(raised, by, redeem(), 50057).await;
    app.delete_user(ALPINE, user).await.unwrap();
    raise(raised, by, redeem(), 50034).await;

    let guest = code(tenant, &ask, "guest@fjord.test").await;
    app.delete_user(ALPINE, "guest@fjord.test").await.unwrap();
    raise(raised, by, ask.redemption(tenant, &guest), 50020).await;
}

/// What ends the refresh tokens that came of a code.
async fn ends_of_lines(raised: &mut Raised, tenant: &TestTenant) {
    let by = RaisedBy::RefreshToken;
    let ask = Ask::modern_portal();
    let twice = code(tenant, &ask, "cloud@alpine.test").await;
    let first = ask.redeem(tenant, &twice).await.granted().unwrap();
    assert_eq!(ask.redeem(tenant, &twice).await.code(), Some(54005));
    raise(raised, by, tenant.refresh(first.refresh_token()).client(ask.client, ask.secret), 70000).await;

    let kept = ask.redeem(tenant, &code(tenant, &ask, "cloud@alpine.test").await).await.granted().unwrap();
    let of_page = tenant.refresh(kept.refresh_token()).client(ask.client, ask.secret);
    raise(raised, by, of_page.header("origin", "http://localhost:5003"), 9002326).await;

    let page = with_challenge(Ask::of(BROWSER_APP, "", BROWSER_APP_REDIRECT));
    let origin = "http://localhost:5004";
    let redemption = page.redemption(tenant, &code(tenant, &page, "cloud@alpine.test").await);
    let redemption = redemption.set("code_verifier", VERIFIER).header("origin", origin);
    let tokens = redemption.send().await.unwrap().granted().unwrap();
    let refresh = || tenant.refresh(tokens.refresh_token()).set("client_id", BROWSER_APP);
    raise(raised, by, refresh(), 9002327).await;
    tenant.advance(Duration::from_secs(24 * 3600)).await.unwrap();
    raise(raised, by, refresh().header("origin", origin), 700084).await;
}
