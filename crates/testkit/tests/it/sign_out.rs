//! Signing out ends the session here and in the browser; only a registered address is gone back to.

use ropeway_testkit::sample::{ALPINE, MODERN_PORTAL_REDIRECT, PASSWORD};
use ropeway_testkit::{Landed, TestTenant};

use crate::authorize::Ask;

#[tokio::test]
async fn after_a_sign_out_everything_is_asked_again() {
    let tenant = TestTenant::start().await.unwrap();
    for version in ["oauth2/v2.0", "oauth2"] {
        let mut browser = tenant.browser();
        let ask = Ask::modern_portal();
        let landed = browser.open(&ask.url()).await.unwrap();
        let reply = browser.sign_in(landed, "cloud@alpine.test", PASSWORD).await.unwrap().reply().unwrap();
        let tokens = ask.redeem(&tenant, &reply).await.granted().unwrap();
        let before = browser.cookies().clone();

        let url = format!("/{ALPINE}/{version}/logout?post_logout_redirect_uri={MODERN_PORTAL_REDIRECT}&state=s%261");
        let Landed::Application(back) = browser.open(&url).await.unwrap() else { panic!("signed out, and not back") };
        assert_eq!((back.to.as_str(), back.get("state")), (MODERN_PORTAL_REDIRECT, "s&1"));
        assert!(!browser.cookies().contains_key("ESTSAUTH"));
        let silent = Ask::second_portal().set("prompt", "none").url();
        assert_eq!(browser.open(&silent).await.unwrap().code(), Some(50058));
        browser.cookies().clone_from(&before);
        assert_eq!(browser.open(&silent).await.unwrap().code(), Some(50058), "the old cookie opens nothing");
        let refreshed = tenant.refresh(tokens.refresh_token()).client(ask.client, ask.secret).send().await.unwrap();
        assert_eq!(refreshed.status, 200, "tokens live on, as in Entra: {}", refreshed.text);
    }
}

#[tokio::test]
async fn an_address_that_nobody_registered_is_not_gone_to() {
    let tenant = TestTenant::start().await.unwrap();
    for address in ["https://evil.test/", "http://localhost:5003/elsewhere", "javascript:alert(1)", "//evil.test"] {
        let url = format!("/{ALPINE}/oauth2/v2.0/logout?post_logout_redirect_uri={address}");
        let shown = tenant.browser().open(&url).await.unwrap().page().unwrap();
        assert_eq!(shown.page.testid, "page-signed-out", "{address}");
        assert!(!shown.html.contains("evil.test"), "{}", shown.html);
    }
}

#[tokio::test]
async fn applications_with_a_logout_url_are_told_in_a_hidden_frame() {
    let tenant = TestTenant::start().await.unwrap();
    tenant
        .app()
        .change_tenant(ALPINE, |tenant| {
            let modern = Ask::modern_portal().client;
            for app in tenant.applications.iter_mut().filter(|app| app.app_id == modern) {
                app.logout_url = Some("http://localhost:5003/signed-out".to_owned());
            }
        })
        .await
        .unwrap();
    let mut browser = tenant.browser();
    let landed = browser.open(&Ask::modern_portal().url()).await.unwrap();
    let reply = browser.sign_in(landed, "cloud@alpine.test", PASSWORD).await.unwrap().reply().unwrap();
    // Typed once more for another application: the first is told all the same, of the session that it knows.
    let landed = browser.open(&Ask::second_portal().set("prompt", "login").url()).await.unwrap();
    let again = browser.sign_in(landed, "cloud@alpine.test", PASSWORD).await.unwrap().reply().unwrap();
    assert_eq!(again.get("session_state"), reply.get("session_state"));
    let shown = browser.open(&format!("/{ALPINE}/oauth2/v2.0/logout")).await.unwrap().page().unwrap();
    let frame = format!("http://localhost:5003/signed-out?sid={}", reply.get("session_state"));
    assert!(shown.html.contains(&frame), "{}", shown.html);
    assert!(shown.policy.contains("frame-src http://localhost:5003"), "{}", shown.policy);
}
