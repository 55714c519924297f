//! One sign-in, two applications; and the password grant, which has no part in it.

use std::time::Duration;

use ropeway_testkit::sample::{LEGACY_PORTAL, LEGACY_PORTAL_SECRET, PASSWORD, TOTP_SECRET};
use ropeway_testkit::{Browser, Landed, TestTenant};

use crate::authorize::Ask;
use crate::sign_in_page::code;

async fn sign_in<'t>(tenant: &'t TestTenant, user: &str) -> Browser<'t> {
    let mut browser = tenant.browser();
    let landed = browser.open(&Ask::modern_portal().url()).await.unwrap();
    browser.sign_in(landed, user, PASSWORD).await.unwrap().reply().unwrap();
    browser
}

async fn silently(browser: &mut Browser<'_>) -> Landed {
    browser.open(&Ask::second_portal().set("prompt", "none").url()).await.unwrap()
}

#[tokio::test]
async fn the_second_application_asks_nothing_after_the_page() {
    let tenant = TestTenant::start().await.unwrap();
    let mut browser = sign_in(&tenant, "cloud@alpine.test").await;
    for landed in [silently(&mut browser).await, browser.open(&Ask::second_portal().url()).await.unwrap()] {
        let reply = landed.reply().unwrap();
        let answer = Ask::second_portal().redeem(&tenant, &reply).await.granted().unwrap();
        assert_eq!(answer.id_claims()["preferred_username"], "cloud@alpine.test");
    }
}

#[tokio::test]
async fn the_password_grant_neither_makes_nor_uses_a_session() {
    let tenant = TestTenant::start().await.unwrap();
    let granted =
        tenant.password("cloud@alpine.test").client(LEGACY_PORTAL, LEGACY_PORTAL_SECRET).send().await.unwrap();
    assert_eq!(granted.status, 200);
    let cookies: Vec<_> = granted.headers.get_all("set-cookie").iter().collect();
    assert!(cookies.iter().all(|line| !line.to_str().unwrap().starts_with("ESTS")), "{cookies:?}");
    let mut browser = tenant.browser();
    assert_eq!(silently(&mut browser).await.code(), Some(50058));

    let mut browser = sign_in(&tenant, "cloud@alpine.test").await;
    assert_eq!(silently(&mut browser).await.testid(), "application", "after the page it does not ask");
}

#[tokio::test]
async fn a_session_remembers_the_second_factor() {
    let tenant = TestTenant::start().await.unwrap();
    let mut browser = tenant.browser();
    let landed = browser.open(&Ask::modern_portal().url()).await.unwrap();
    let landed = browser.sign_in(landed, "mfa@alpine.test", PASSWORD).await.unwrap();
    let landed = browser.submit(&landed.page().unwrap(), &[("otc", &code(&tenant, TOTP_SECRET, 0))]).await.unwrap();
    browser.submit(&landed.page().unwrap(), &[("action", "yes")]).await.unwrap().reply().unwrap();
    let reply = silently(&mut browser).await.reply().unwrap();
    let answer = Ask::second_portal().redeem(&tenant, &reply).await.granted().unwrap();
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn what_would_have_to_be_asked_is_told_to_a_silent_request() {
    let tenant = TestTenant::start().await.unwrap();
    let mut browser = sign_in(&tenant, "cloud@alpine.test").await;
    let app = tenant.app();
    app.change_user(tenant.id(), "cloud@alpine.test", |user| {
        user.per_user_mfa_state = ropeway_core::directory::PerUserMfaState::Enforced;
    })
    .await
    .unwrap();
    let landed = silently(&mut browser).await;
    assert_eq!(landed.code(), Some(50079));
    assert_eq!(landed.reply().unwrap().get("error"), "interaction_required");

    let mut browser = sign_in(&tenant, "hashsync@alpine.test").await;
    app.revoke_sign_in_sessions(tenant.id(), "hashsync@alpine.test").await.unwrap();
    assert_eq!(silently(&mut browser).await.code(), Some(50133));
    let asked = browser.open(&Ask::second_portal().url()).await.unwrap();
    assert_eq!(asked.testid(), "page-password");
}

#[tokio::test]
async fn a_session_lasts_a_day_unused_and_a_kept_one_ninety() {
    let tenant = TestTenant::start().await.unwrap();
    let hour = Duration::from_secs(3600);
    let mut browser = sign_in(&tenant, "cloud@alpine.test").await;
    let mut kept = tenant.browser();
    let landed = kept.open(&Ask::modern_portal().url()).await.unwrap();
    let name = landed.page().unwrap();
    let password = kept.submit(&name, &[("loginfmt", "cloud@alpine.test")]).await.unwrap().page().unwrap();
    let stay = kept.submit(&password, &[("passwd", PASSWORD)]).await.unwrap().page().unwrap();
    kept.submit(&stay, &[("action", "yes")]).await.unwrap().reply().unwrap();

    tenant.advance(23 * hour).await.unwrap();
    assert_eq!(silently(&mut browser).await.testid(), "application");
    assert_eq!(silently(&mut browser).await.code(), None);
    tenant.advance(24 * hour).await.unwrap();
    assert_eq!(silently(&mut browser).await.code(), Some(50058));
    tenant.advance(24 * 88 * hour).await.unwrap();
    assert_eq!(silently(&mut kept).await.code(), None);
    tenant.advance(24 * 90 * hour).await.unwrap();
    assert_eq!(silently(&mut kept).await.code(), Some(50058));
}

#[tokio::test]
async fn with_several_accounts_the_person_or_a_hint_says_which() {
    let tenant = TestTenant::start().await.unwrap();
    let mut browser = sign_in(&tenant, "cloud@alpine.test").await;
    let other = Ask::modern_portal().set("prompt", "login");
    let landed = browser.open(&other.url()).await.unwrap();
    let first = browser.sign_in(landed, "hashsync@alpine.test", PASSWORD).await.unwrap().reply().unwrap();
    let sid = first.get("session_state").to_owned();

    assert_eq!(silently(&mut browser).await.code(), Some(16000));
    let silent = Ask::second_portal().set("prompt", "none");
    for (ask, user) in [
        (silent.clone().set("login_hint", "cloud@alpine.test"), "cloud@alpine.test"),
        (silent.clone().set("sid", &sid), "hashsync@alpine.test"),
    ] {
        let reply = browser.open(&ask.url()).await.unwrap().reply().unwrap();
        let answer = Ask::second_portal().redeem(&tenant, &reply).await.granted().unwrap();
        assert_eq!(answer.id_claims()["preferred_username"], user);
    }
    let picker = browser.open(&Ask::second_portal().url()).await.unwrap().page().unwrap();
    assert_eq!((picker.page.testid.as_str(), picker.page.accounts.len()), ("page-choose-account", 2));
    let (name, session) = picker.page.accounts[0].clone();
    let reply = browser.submit(&picker, &[("session", &session)]).await.unwrap().reply().unwrap();
    let answer = Ask::second_portal().redeem(&tenant, &reply).await.granted().unwrap();
    assert_eq!(answer.id_claims()["preferred_username"], name);
}

#[tokio::test]
async fn prompt_and_max_age_ask_again() {
    let tenant = TestTenant::start().await.unwrap();
    let mut browser = sign_in(&tenant, "cloud@alpine.test").await;
    tenant.advance(Duration::from_secs(100)).await.unwrap();
    for (ask, page) in [
        (Ask::second_portal().set("prompt", "login"), "page-user-name"),
        (Ask::second_portal().set("prompt", "login").set("login_hint", "cloud@alpine.test"), "page-password"),
        (Ask::second_portal().set("prompt", "select_account"), "page-choose-account"),
        (Ask::second_portal().set("prompt", "consent"), "page-consent"),
        (Ask::second_portal().set("max_age", "60"), "page-password"),
        (Ask::second_portal().set("max_age", "600"), "application"),
    ] {
        assert_eq!(browser.open(&ask.url()).await.unwrap().testid(), page, "{}", ask.url());
    }
    let silent = Ask::second_portal().set("prompt", "none").set("max_age", "60");
    assert_eq!(browser.open(&silent.url()).await.unwrap().code(), Some(50058));
}

#[tokio::test]
async fn the_cookie_of_before_the_sign_in_opens_nothing_after_it() {
    let tenant = TestTenant::start().await.unwrap();
    let mut browser = sign_in(&tenant, "cloud@alpine.test").await;
    let before = browser.cookies().clone();
    let landed = browser.open(&Ask::modern_portal().set("prompt", "login").url()).await.unwrap();
    browser.sign_in(landed, "cloud@alpine.test", PASSWORD).await.unwrap().reply().unwrap();
    assert_ne!(before["ESTSAUTH"], browser.cookies()["ESTSAUTH"]);
    let mut thief = tenant.browser();
    thief.cookies().clone_from(&before);
    assert_eq!(silently(&mut thief).await.code(), Some(50058));
    assert_eq!(silently(&mut browser).await.code(), None);
}
