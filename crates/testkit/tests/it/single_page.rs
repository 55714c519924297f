//! Single-page applications: their own rules for codes, refresh tokens and who may read an answer.

use std::time::Duration;

use ropeway_testkit::sample::{BROWSER_APP, BROWSER_APP_REDIRECT};
use ropeway_testkit::{Answer, TestTenant};

use crate::authorization_code::{VERIFIER, reply, with_challenge};
use crate::authorize::Ask;

const ORIGIN: &str = "http://localhost:5004";

fn ask() -> Ask {
    with_challenge(Ask::of(BROWSER_APP, "", BROWSER_APP_REDIRECT))
}

fn allowed(answer: &Answer) -> Option<&str> {
    answer.headers.get("access-control-allow-origin").and_then(|origin| origin.to_str().ok())
}

#[tokio::test]
async fn a_page_redeems_its_code_and_nobody_else_does() {
    let tenant = TestTenant::start().await.unwrap();
    let code = reply(&tenant, &ask()).await;
    let redemption = || ask().redemption(&tenant, &code).set("code_verifier", VERIFIER);
    let without_page = redemption().send().await.unwrap();
    assert_eq!((without_page.code(), allowed(&without_page)), (Some(9002327), None));
    let refused = redemption().set("code_verifier", "x").header("origin", ORIGIN).send().await.unwrap();
    assert_eq!((refused.code(), allowed(&refused)), (Some(50148), Some(ORIGIN)), "a refusal can be read too");
    let elsewhere = redemption().set("code_verifier", "x").header("origin", "https://evil.test").send().await.unwrap();
    assert_eq!(allowed(&elsewhere), None);
    let granted = redemption().header("origin", ORIGIN).send().await.unwrap();
    assert_eq!((granted.status, allowed(&granted)), (200, Some(ORIGIN)), "{}", granted.text);

    let plain = Ask::of(BROWSER_APP, "", BROWSER_APP_REDIRECT);
    let code = reply(&tenant, &plain).await;
    let unproved = plain.redemption(&tenant, &code).header("origin", ORIGIN).send().await.unwrap();
    assert_eq!(unproved.code(), Some(9002325));
}

#[tokio::test]
async fn a_pages_refresh_tokens_live_a_day_and_are_not_extended() {
    let tenant = TestTenant::start().await.unwrap();
    let code = reply(&tenant, &ask()).await;
    let first = ask().redemption(&tenant, &code).set("code_verifier", VERIFIER).header("origin", ORIGIN);
    let first = first.send().await.unwrap().granted().unwrap();
    let refresh = |token: &str| tenant.refresh(token).set("client_id", BROWSER_APP).header("origin", ORIGIN);
    tenant.advance(Duration::from_secs(23 * 3600)).await.unwrap();
    let second = refresh(first.refresh_token()).send().await.unwrap().granted().unwrap();
    let from_elsewhere = tenant.refresh(second.refresh_token()).set("client_id", BROWSER_APP).send().await.unwrap();
    assert_eq!(from_elsewhere.code(), Some(9002327));
    tenant.advance(Duration::from_secs(3600)).await.unwrap();
    assert_eq!(refresh(second.refresh_token()).send().await.unwrap().code(), Some(700084));
}

#[tokio::test]
async fn only_registered_pages_may_ask() {
    let tenant = TestTenant::start().await.unwrap();
    let url = format!("{}/oauth2/v2.0/token", tenant.authority());
    for (origin, expected) in [(ORIGIN, Some(ORIGIN)), ("https://evil.test", None), ("null", None)] {
        let request = tenant.http().request(reqwest::Method::OPTIONS, &url).header("origin", origin);
        let request = request.header("access-control-request-headers", "content-type,x-client-sku");
        let answer = Answer::read(request.send().await.unwrap()).await.unwrap();
        assert_eq!(allowed(&answer), expected, "{origin}");
    }
}
