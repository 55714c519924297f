//! Redeeming a code: every binding is checked, and one request wins.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ropeway_testkit::sample::{FJORD, PASSWORD, SECOND_PORTAL, SECOND_PORTAL_SECRET};
use ropeway_testkit::{Reply, TestTenant};

use crate::authorize::Ask;

/// Signs in and comes back with the answer.
pub(crate) async fn reply(tenant: &TestTenant, ask: &Ask) -> Reply {
    let mut browser = tenant.browser();
    let landed = browser.open(&ask.url()).await.unwrap();
    browser.sign_in(landed, "cloud@alpine.test", PASSWORD).await.unwrap().reply().unwrap()
}

pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk-and-more";

pub(crate) fn with_challenge(ask: Ask) -> Ask {
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, VERIFIER.as_bytes()));
    ask.set("code_challenge", &challenge).set("code_challenge_method", "S256")
}

#[tokio::test]
async fn a_code_is_bound_to_all_that_its_request_said() {
    let tenant = TestTenant::start().await.unwrap();
    let plain = Ask::modern_portal();
    let challenged = with_challenge(Ask::modern_portal());
    let of = |ask: &Ask, answered: &Reply| ask.redemption(&tenant, answered);

    let code = reply(&tenant, &plain).await;
    let cases = [
        (of(&plain, &code).set("code", "not-a-code"), 9002313),
        (of(&plain, &code).without("client_secret"), 7000218),
        (of(&plain, &code).set("client_secret", "wrong"), 7000215),
        (of(&plain, &code).client(SECOND_PORTAL, SECOND_PORTAL_SECRET), 700007),
        (of(&plain, &code).set("redirect_uri", "http://localhost:5003/other"), 500112),
        (of(&plain, &code).set("redirect_uri", "http://localhost:5999/signin-oidc"), 500112),
        (of(&plain, &code).without("redirect_uri"), 700009),
        (of(&plain, &code).set("code_verifier", VERIFIER), 501481),
        (of(&plain, &code).header("origin", "http://localhost:5003"), 9002326),
        (of(&plain, &code).at("common"), 700005),
        (of(&plain, &code).at(FJORD), 700016),
    ];
    for (request, expected) in cases {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.code(), Some(expected), "{}", answer.text);
    }
    assert_eq!(plain.redeem(&tenant, &code).await.status, 200, "none of these used the code up");

    let code = reply(&tenant, &challenged).await;
    assert_eq!(of(&challenged, &code).send().await.unwrap().code(), Some(50148));
    let wrong = of(&challenged, &code).set("code_verifier", VERIFIER.replace('d', "e"));
    assert_eq!(wrong.send().await.unwrap().code(), Some(501481));
    let right = of(&challenged, &code).set("code_verifier", VERIFIER).send().await.unwrap();
    assert_eq!(right.status, 200, "{}", right.text);
}

#[tokio::test]
async fn a_code_that_comes_twice_is_refused_and_ends_what_it_had_brought() {
    let tenant = TestTenant::start().await.unwrap();
    let ask = Ask::modern_portal();
    let code = reply(&tenant, &ask).await;
    let first = ask.redeem(&tenant, &code).await.granted().unwrap();
    let refresh = || tenant.refresh(first.refresh_token()).client(ask.client, ask.secret);
    assert_eq!(refresh().send().await.unwrap().status, 200);
    let second = ask.redeem(&tenant, &code).await;
    assert_eq!(second.code(), Some(54005), "{}", second.text);
    assert_eq!(refresh().send().await.unwrap().code(), Some(70000));
}

#[tokio::test]
async fn of_many_at_once_one_wins() {
    let tenant = TestTenant::start().await.unwrap();
    let ask = Ask::modern_portal();
    let code = reply(&tenant, &ask).await;
    let requests: Vec<_> = (0..20).map(|_| ask.redemption(&tenant, &code)).collect();
    let answers = crate::lockout::futures_like::join_all(requests.iter().map(|request| request.send())).await;
    let codes: Vec<_> = answers.into_iter().map(|answer| answer.unwrap().code()).collect();
    assert_eq!(codes.iter().filter(|code| code.is_none()).count(), 1, "{codes:?}");
    assert_eq!(codes.iter().filter(|code| **code == Some(54005)).count(), 19, "{codes:?}");
}

#[tokio::test]
async fn a_code_lives_for_ten_minutes() {
    let tenant = TestTenant::start().await.unwrap();
    let ask = Ask::modern_portal();
    let (early, late) = (reply(&tenant, &ask).await, reply(&tenant, &ask).await);
    tenant.advance(Duration::from_secs(590)).await.unwrap();
    assert_eq!(ask.redeem(&tenant, &early).await.status, 200);
    tenant.advance(Duration::from_secs(10)).await.unwrap();
    assert_eq!(ask.redeem(&tenant, &late).await.code(), Some(70008));
}

#[tokio::test]
async fn what_ends_an_account_ends_its_codes() {
    let tenant = TestTenant::start().await.unwrap();
    let ask = Ask::modern_portal();
    let code = reply(&tenant, &ask).await;
    let app = tenant.app();
    app.change_user(tenant.id(), "cloud@alpine.test", |user| user.account_enabled = false).await.unwrap();
    assert_eq!(ask.redeem(&tenant, &code).await.code(), Some(50057));
}

#[tokio::test]
async fn on_common_the_person_says_which_tenant() {
    let tenant = TestTenant::start().await.unwrap();
    for alias in ["common", "organizations"] {
        let ask = Ask::modern_portal().at(alias);
        let code = reply(&tenant, &ask).await;
        let answer = ask.redeem(&tenant, &code).await.granted().unwrap();
        assert_eq!(answer.id_claims()["tid"], tenant.id().to_string());
    }
}

#[tokio::test]
async fn the_v1_endpoint_answers_with_v1_tokens() {
    let tenant = TestTenant::start().await.unwrap();
    let ask = Ask::modern_portal().without("scope").set("resource", "api://employees.alpine.test");
    let mut browser = tenant.browser();
    let landed = browser.open(&ask.v1_url()).await.unwrap();
    let code = browser.sign_in(landed, "cloud@alpine.test", PASSWORD).await.unwrap().reply().unwrap();
    let answer = ask.redemption(&tenant, &code).v1("api://employees.alpine.test").send().await.unwrap();
    assert_eq!((answer.status, answer.id_claims()["ver"].as_str()), (200, Some("1.0")), "{}", answer.text);
}
