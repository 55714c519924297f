//! What the authorize endpoint and its pages can refuse.

use ropeway_core::directory::{AgentState, PerUserMfaState};
use ropeway_core::error::catalogue::{self, RaisedBy};
use ropeway_testkit::sample::{ALPINE, ASSIGNED_TOOL, LEGACY_TOOL, PASSWORD};
use ropeway_testkit::{Browser, Landed, TestTenant};

use super::Raised;
use crate::authorize::{Ask, faults_on_a_page, faults_told};
use crate::device_code::Device;

/// Holds where a browser has landed against the catalogue's row.
fn note(raised: &mut Raised, landed: &Landed, code: u32) {
    assert_eq!(landed.code(), Some(code), "{landed:?}");
    let row = catalogue::find(code).unwrap();
    if let Landed::Application(reply) = landed {
        let error = if row.error == "invalid_grant" { "interaction_required" } else { row.error };
        assert_eq!(reply.get("error"), error, "{reply:?}");
    }
    raised.insert((RaisedBy::Authorize, code));
}

async fn signed_in(browser: &mut Browser<'_>, ask: &Ask, user: &str) -> Landed {
    let landed = browser.open(&ask.url()).await.unwrap();
    browser.sign_in(landed, user, PASSWORD).await.unwrap()
}

pub(super) async fn authorize(raised: &mut Raised) {
    let tenant = TestTenant::start().await.unwrap();
    for (ask, code) in faults_on_a_page() {
        note(raised, &tenant.browser().open(&ask.url()).await.unwrap(), code);
    }
    for (ask, code, _) in faults_told() {
        note(raised, &tenant.browser().open(&ask.url()).await.unwrap(), code);
    }
    for (address, code) in [
        (format!("/{ALPINE}/oauth2/v2.0/authorize?client_id=%ff"), 90013),
        (format!("/{ALPINE}/oauth2/v2.0/authorize?state={}", "x".repeat(40_000)), 90015),
        ("/consumers/oauth2/authorize?client_id=x".to_owned(), 90027),
        (format!("/{ALPINE}/login?ctx=gone"), 50089),
    ] {
        note(raised, &tenant.browser().open(&address).await.unwrap(), code);
    }
    user_codes(raised, &tenant).await;
    of_the_user(raised, &tenant).await;
    silent(raised, &tenant).await;

    let app = tenant.app();
    app.change_tenant(ALPINE, |tenant| tenant.applications.iter_mut().for_each(|app| app.account_enabled = false))
        .await
        .unwrap();
    note(raised, &tenant.browser().open(&Ask::modern_portal().url()).await.unwrap(), 7000112);
}

/// What is typed at the page for a device's code.
async fn user_codes(raised: &mut Raised, tenant: &TestTenant) {
    let mut browser = tenant.browser();
    let page = browser.open("/devicelogin").await.unwrap().page().unwrap();
    note(raised, &browser.submit(&page, &[("otc", " ")]).await.unwrap(), 90119);
    note(raised, &browser.submit(&page, &[("otc", "AAAAAAAAA")]).await.unwrap(), 70018);
    let device = Device::ask(tenant).await;
    device.approve(&mut browser, "cloud@alpine.test").await;
    note(raised, &device.type_code(&mut browser).await, 90120);
}

async fn of_the_user(raised: &mut Raised, tenant: &TestTenant) {
    let ask = Ask::modern_portal();
    tenant
        .app()
        .change_tenant(ALPINE, |tenant| {
            tenant.settings.pass_through_agent = AgentState::Down;
            let portal = tenant.applications.iter_mut().find(|app| app.app_id == LEGACY_TOOL).unwrap();
            portal
                .redirect_uris
                .push((ropeway_core::directory::ClientPlatform::PublicClient, "http://localhost".to_owned()));
            let tool = tenant.applications.iter_mut().find(|app| app.app_id == ASSIGNED_TOOL).unwrap();
            tool.redirect_uris
                .push((ropeway_core::directory::ClientPlatform::PublicClient, "http://localhost".to_owned()));
        })
        .await
        .unwrap();
    for (user, code) in [
        ("nobody@alpine.test", 50034),
        ("disabled@alpine.test", 50057),
        ("locked@alpine.test", 50053),
        ("nopassword@alpine.test", 50056),
        ("blocked@alpine.test", 53003),
        ("passthrough@alpine.test", 80002),
        ("native@fjord.test", 50034),
    ] {
        note(raised, &signed_in(&mut tenant.browser(), &ask, user).await, code);
    }
    let assigned = Ask::of(ASSIGNED_TOOL, "", "http://localhost:1");
    note(raised, &signed_in(&mut tenant.browser(), &assigned, "unassigned@alpine.test").await, 50105);
    let mut browser = tenant.browser();
    let landed = browser.open(&ask.url()).await.unwrap();
    note(raised, &browser.sign_in(landed, "cloud@alpine.test", "wrong").await.unwrap(), 50126);
    let landed = signed_in(&mut browser, &ask, "mfa@alpine.test").await;
    note(raised, &browser.submit(&landed.page().unwrap(), &[("otc", "000000")]).await.unwrap(), 500121);
    let landed = signed_in(&mut browser, &ask, "noconsent@alpine.test").await;
    note(raised, &browser.submit(&landed.page().unwrap(), &[("action", "cancel")]).await.unwrap(), 65004);
}

/// Every question that `prompt=none` cannot ask.
async fn silent(raised: &mut Raised, tenant: &TestTenant) {
    let (app, user) = (tenant.app(), "hashsync@alpine.test");
    let silent = Ask::second_portal().set("prompt", "none").url();
    let mut browser = tenant.browser();
    signed_in(&mut browser, &Ask::modern_portal(), user).await.reply().unwrap();
    let other = Ask::second_portal().set("prompt", "none").set("scope", "api://timesheets.alpine.test/.default");
    note(raised, &browser.open(&other.url()).await.unwrap(), 65001);
    app.change_user(ALPINE, user, |user| user.per_user_mfa_state = PerUserMfaState::Enforced).await.unwrap();
    note(raised, &browser.open(&silent).await.unwrap(), 50079);
    app.change_user(ALPINE, user, |user| {
        let secret_key = ropeway_core::secret::Secret::new(ropeway_testkit::sample::TOTP_SECRET);
        user.authentication_methods.push(ropeway_core::directory::AuthenticationMethod::SoftwareOath { secret_key });
    })
    .await
    .unwrap();
    note(raised, &browser.open(&silent).await.unwrap(), 50076);
    app.revoke_sign_in_sessions(ALPINE, user).await.unwrap();
    tenant.advance(std::time::Duration::from_secs(1)).await.unwrap();
    app.revoke_sign_in_sessions(ALPINE, user).await.unwrap();
    note(raised, &browser.open(&silent).await.unwrap(), 50133);

    let mut two = tenant.browser();
    signed_in(&mut two, &Ask::modern_portal(), "cloud@alpine.test").await.reply().unwrap();
    let again = Ask::modern_portal().set("prompt", "login");
    signed_in(&mut two, &again, "cloudpw@onprem.alpine.test").await.reply().unwrap();
    note(raised, &two.open(&silent).await.unwrap(), 16000);
    let mut guest = tenant.browser();
    signed_in(&mut guest, &Ask::modern_portal(), "guest@fjord.test").await.reply().unwrap();
    app.delete_user(ALPINE, "guest@fjord.test").await.unwrap();
    note(raised, &guest.open(&silent).await.unwrap(), 50020);
}
