//! The person's own pages: what they show, and that every deed there takes effect at once.

use std::time::Duration;

use ropeway_testkit::sample::{ALPINE, LEGACY_TOOL, MODERN_PORTAL, MODERN_PORTAL_SECRET, PASSWORD};
use ropeway_testkit::{Browser, Landed, Shown, TestTenant};

use crate::authorize::Ask;

const ACCOUNT: &str = "/_ropeway/account";

async fn at_account(browser: &mut Browser<'_>, user: &str) -> Shown {
    let landed = browser.open(ACCOUNT).await.unwrap();
    browser.sign_in(landed, user, PASSWORD).await.unwrap().page().unwrap()
}

/// Sends one of the page's forms: which one, its hidden fields say.
async fn act(browser: &mut Browser<'_>, page: &Shown, action: &str, fields: &[(&str, &str)]) -> Landed {
    let hidden = |name: &str| {
        let found = page.page.hidden.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let (sid, canary) = (hidden("sid"), hidden("canary"));
    let mut sent = vec![("sid", sid.as_str()), ("canary", canary.as_str()), ("action", action)];
    sent.extend(fields);
    browser.post(ACCOUNT, &sent).await.unwrap()
}

async fn refresh_token(tenant: &TestTenant, browser: &mut Browser<'_>, user: &str) -> String {
    let ask = Ask::modern_portal();
    let landed = browser.open(&ask.url()).await.unwrap();
    let reply = browser.sign_in(landed, user, PASSWORD).await.unwrap().reply().unwrap();
    ask.redeem(tenant, &reply).await.granted().unwrap().refresh_token().to_owned()
}

#[tokio::test]
async fn a_person_sees_where_they_are_signed_in_and_ends_it_there() {
    let tenant = TestTenant::start().await.unwrap();
    let (mut here, mut there) = (tenant.browser(), tenant.browser());
    refresh_token(&tenant, &mut there, "cloud@alpine.test").await;
    let page = at_account(&mut here, "cloud@alpine.test").await;
    assert_eq!(page.page.testid, "page-account", "{}", page.html);
    assert_eq!(page.html.matches("data-testid=\"session\"").count(), 2, "{}", page.html);
    assert!(page.html.contains("Signed in to: Modern portal") && page.html.contains("this browser"), "{}", page.html);

    let elsewhere = page.page.hidden.iter().find(|(name, _)| name == "session").map(|(_, sid)| sid.clone()).unwrap();
    let after = act(&mut here, &page, "end-session", &[("session", &elsewhere)]).await.page().unwrap();
    assert_eq!(after.html.matches("data-testid=\"session\"").count(), 1, "{}", after.html);
    let silent = Ask::second_portal().set("prompt", "none").url();
    assert_eq!(there.open(&silent).await.unwrap().code(), Some(50058));
    assert_eq!(here.open(&silent).await.unwrap().testid(), "application", "this browser stays");
}

#[tokio::test]
async fn signing_out_everywhere_ends_sessions_and_refresh_tokens_at_once() {
    let tenant = TestTenant::start().await.unwrap();
    let (mut here, mut there) = (tenant.browser(), tenant.browser());
    let token = refresh_token(&tenant, &mut there, "cloud@alpine.test").await;
    let others = refresh_token(&tenant, &mut tenant.browser(), "hashsync@alpine.test").await;
    let page = at_account(&mut here, "cloud@alpine.test").await;
    tenant.advance(Duration::from_secs(1)).await.unwrap();
    let out = act(&mut here, &page, "sign-out-everywhere", &[]).await;
    assert_eq!(out.testid(), "page-signed-out");
    let redeem = |token: &str| tenant.refresh(token).client(MODERN_PORTAL, MODERN_PORTAL_SECRET);
    assert_eq!(redeem(&token).send().await.unwrap().code(), Some(50173));
    assert_eq!(redeem(&others).send().await.unwrap().status, 200, "somebody else's");
    let silent = Ask::second_portal().set("prompt", "none").url();
    assert_eq!(there.open(&silent).await.unwrap().code(), Some(50133));
    assert_eq!(here.open(&silent).await.unwrap().code(), Some(50058));
}

#[tokio::test]
async fn a_consent_that_is_withdrawn_is_asked_for_again() {
    let tenant = TestTenant::start().await.unwrap();
    let scope = "openid offline_access api://employees.alpine.test/.default";
    let before = tenant.password("cloud@alpine.test").scope(scope).send().await.unwrap().granted().unwrap();
    let mut browser = tenant.browser();
    let page = at_account(&mut browser, "cloud@alpine.test").await;
    assert!(page.html.contains("Legacy tool") && page.html.contains("Employees.Read"), "{}", page.html);
    let fields = [("tenant", ALPINE.to_string()), ("client", LEGACY_TOOL.to_string())];
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let after = act(&mut browser, &page, "withdraw", &fields).await.page().unwrap();
    assert!(after.html.contains("Withdrawn") && !after.html.contains("Legacy tool"), "{}", after.html);
    assert_eq!(tenant.password("cloud@alpine.test").send().await.unwrap().code(), Some(65001));
    assert_eq!(tenant.refresh(before.refresh_token()).send().await.unwrap().code(), Some(65001));
    assert_eq!(tenant.password("hashsync@alpine.test").send().await.unwrap().status, 200, "somebody else's");
    let guest = at_account(&mut tenant.browser(), "guest@fjord.test").await;
    assert!(guest.html.contains("Legacy tool"), "what a guest allowed elsewhere: {}", guest.html);
}

#[tokio::test]
async fn a_new_password_ends_what_the_old_one_began_but_not_this_browser() {
    let tenant = TestTenant::start().await.unwrap();
    let (mut here, mut there) = (tenant.browser(), tenant.browser());
    refresh_token(&tenant, &mut there, "cloud@alpine.test").await;
    let page = at_account(&mut here, "cloud@alpine.test").await;
    let form = |old: &'static str, new: &'static str, again: &'static str| {
        [("oldpasswd", old), ("newpasswd", new), ("confirmpasswd", again)]
    };
    for (fields, said) in [
        (form("wrong", "Glacier-77", "Glacier-77"), "The old password is wrong."),
        (form(PASSWORD, "Glacier-77", "Glacier-78"), "The two passwords differ."),
        (form(PASSWORD, PASSWORD, PASSWORD), "The new password is the old one."),
        (form(PASSWORD, "glacier", "glacier"), "at least 8 characters"),
    ] {
        let refused = act(&mut here, &page, "change-password", &fields).await.page().unwrap();
        assert!(refused.html.contains(said), "{said}: {}", refused.html);
    }
    assert_eq!(tenant.password("cloud@alpine.test").send().await.unwrap().status, 200, "nothing changed so far");
    tenant.advance(Duration::from_secs(1)).await.unwrap();
    let done = act(&mut here, &page, "change-password", &form(PASSWORD, "Glacier-77", "Glacier-77")).await;
    assert!(done.page().unwrap().html.contains("Your password is changed."));
    assert_eq!(tenant.password("cloud@alpine.test").send().await.unwrap().code(), Some(50126));
    let new = tenant.password("cloud@alpine.test").password_is("Glacier-77").send().await.unwrap();
    assert_eq!(new.status, 200, "{}", new.text);
    let silent = Ask::second_portal().set("prompt", "none").url();
    assert_eq!(here.open(&silent).await.unwrap().testid(), "application");
    assert_eq!(there.open(&silent).await.unwrap().code(), Some(50133));
}

#[tokio::test]
async fn nobody_else_gets_to_the_pages_or_does_anything_there() {
    let tenant = TestTenant::start().await.unwrap();
    let blocked = at_account(&mut tenant.browser(), "blocked@alpine.test").await;
    assert_eq!(blocked.page.code, Some(53003), "the same decision as for every application");
    let factor = at_account(&mut tenant.browser(), "mfa@alpine.test").await;
    assert_eq!(factor.page.testid, "page-second-factor");

    let mut browser = tenant.browser();
    let page = at_account(&mut browser, "cloud@alpine.test").await;
    let sid = page.page.hidden.iter().find(|(name, _)| name == "sid").map(|(_, sid)| sid.clone()).unwrap();
    for canary in ["", "guessed"] {
        let fields = [("sid", sid.as_str()), ("canary", canary), ("action", "sign-out-everywhere")];
        let landed = browser.post(ACCOUNT, &fields).await.unwrap();
        assert_eq!(landed.testid(), "page-account", "a form of nobody's does nothing");
    }
    let mut other = tenant.browser();
    let others = at_account(&mut other, "hashsync@alpine.test").await;
    act(&mut other, &others, "end-session", &[("session", &sid)]).await;
    let still = browser.open(ACCOUNT).await.unwrap();
    assert_eq!(still.testid(), "page-account", "one's own sessions only");
}
