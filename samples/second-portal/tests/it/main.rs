//! The portal through its door, against a platform of the test's own.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod platform;
mod portal;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use platform::{Platform, SigningKey, now, with};
use portal::{Portal, cookies, header, leads_to};
use reqwest::{StatusCode, Url};
use serde_json::{Value, json};

const SILENTLY: &str = "/sign-in?how=silently";

#[tokio::test]
async fn whoever_the_platform_knows_is_signed_in_without_a_question() {
    let key = SigningKey::new("k1");
    let platform = Platform::start(&key).await;
    let portal = Portal::start(&platform).await;

    assert!(leads_to(&portal.get("/", "").await, SILENTLY));
    let begun = portal.begin(SILENTLY).await;
    let signed_in = portal.come_back(&begun, &platform, &key).await;
    assert!(leads_to(&signed_in, "/"), "{signed_in:?}");
    let page = portal.get("/", &cookies(&signed_in)).await.text().await.unwrap();

    assert!(page.contains("You were not asked"), "{page}");
    assert!(page.contains("Ada &#60;script&#62;") && page.contains("Cloud &#60;b&#62;user&#60;/b&#62;"), "{page}");
    let asked = &begun.asked;
    assert_eq!((&*asked["prompt"], &*asked["response_type"]), ("none", "code"));
    assert_eq!(asked["redirect_uri"], "http://localhost:5005/signin-oidc");
    assert_eq!(asked["scope"], "openid profile api://employees.alpine.test/Employees.Read");
    let redeemed = &platform.asked()[0];
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, redeemed["code_verifier"].as_bytes()));
    assert_eq!((&*asked["code_challenge_method"], &*asked["code_challenge"]), ("S256", &*challenge));
}

#[tokio::test]
async fn whoever_it_does_not_know_is_asked_and_told_why() {
    let key = SigningKey::new("k1");
    let platform = Platform::start(&key).await;
    let portal = Portal::start(&platform).await;

    for (error, why) in [
        ("login_required", "The platform does not know this browser"),
        ("interaction_required", "has something to ask first"),
        ("consent_required", "you have not agreed yet"),
        ("server_error", "could not answer without a question"),
    ] {
        let begun = portal.begin(SILENTLY).await;
        let query = format!("error={error}&error_description=AADSTS1%3A+%3Cb%3E&state={}", begun.asked["state"]);
        let answer = portal.get(&format!("/signin-oidc?{query}"), &begun.cookie).await;

        assert_eq!((answer.status(), &*cookies(&answer)), (StatusCode::OK, ""), "{error}");
        let page = answer.text().await.unwrap();
        assert!(page.contains(why) && page.contains("AADSTS1: &#60;b&#62;") && page.contains("/sign-in\""), "{page}");
    }

    let begun = portal.begin("/sign-in").await;
    assert!(!begun.asked.contains_key("prompt"), "then the platform may ask");
    let signed_in = portal.come_back(&begun, &platform, &key).await;
    let page = portal.get("/", &cookies(&signed_in)).await.text().await.unwrap();
    assert!(page.contains("You were asked on the platform's own page"), "{page}");
}

#[tokio::test]
async fn a_refusal_on_the_page_is_not_told_as_a_missing_session() {
    let key = SigningKey::new("k1");
    let portal = Portal::start(&Platform::start(&key).await).await;
    let begun = portal.begin("/sign-in?how=choosing").await;
    assert_eq!(begun.asked["prompt"], "select_account");

    let path = format!("/signin-oidc?error=access_denied&error_description=no&state={}", begun.asked["state"]);
    let answer = portal.get(&path, &begun.cookie).await;

    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    assert!(answer.text().await.unwrap().contains("The platform ended the sign-in"));
}

#[tokio::test]
async fn an_answer_that_this_browser_did_not_ask_for_is_not_taken() {
    let key = SigningKey::new("k1");
    let platform = Platform::start(&key).await;
    let portal = Portal::start(&platform).await;
    let (begun, other) = (portal.begin(SILENTLY).await, portal.begin(SILENTLY).await);
    platform.answers_tokens(&key.sign(&platform.claims(&begun.asked["nonce"])));

    let own = &begun.asked["state"];
    let renamed = begun.cookie.replace("second-portal", "modern-portal");
    for (what, cookie) in [("none", ""), ("another browser's", &*other.cookie), ("another application's", &*renamed)] {
        let answer = portal.get(&format!("/signin-oidc?code=c&state={own}"), cookie).await;
        assert_eq!((answer.status(), &*cookies(&answer)), (StatusCode::BAD_REQUEST, ""), "{what}");
    }
    assert_eq!(platform.asked().len(), 0, "no code was sent anywhere");

    assert!(leads_to(&portal.come_back(&begun, &platform, &key).await, "/"), "the right one is taken");
    let again = portal.come_back(&begun, &platform, &key).await;
    assert_eq!((again.status(), platform.asked().len()), (StatusCode::BAD_REQUEST, 1), "and once only");
}

#[tokio::test]
async fn an_id_token_that_cannot_be_believed_begins_no_session() {
    let key = SigningKey::new("k1");
    let strangers = SigningKey::new("k1");
    let platform = Platform::start(&key).await;
    let portal = Portal::start(&platform).await;

    let wrong = [
        ("nonce", json!("another"), &key),
        ("aud", json!("e0a91000-0000-4000-8000-00000000000d"), &key),
        ("iss", json!(format!("{}/fjord/v2.0", platform.origin)), &key),
        ("exp", json!(now() - 600), &key),
        ("name", Value::Null, &strangers),
    ];
    for (name, value, signer) in wrong {
        let begun = portal.begin(SILENTLY).await;
        platform.answers_tokens(&signer.sign(&with(platform.claims(&begun.asked["nonce"]), name, value)));
        let path = format!("/signin-oidc?code=c&state={}", begun.asked["state"]);
        let answer = portal.get(&path, &begun.cookie).await;
        assert_eq!((answer.status(), &*cookies(&answer)), (StatusCode::BAD_GATEWAY, ""), "{name}");
    }
    assert!(!portal.session(&platform, &key).await.is_empty(), "the right one does");
}

#[tokio::test]
async fn a_session_ends_with_its_token_and_another_one_begins_silently() {
    let key = SigningKey::new("k1");
    let platform = Platform::start(&key).await;
    let portal = Portal::start(&platform).await;
    let begun = portal.begin(SILENTLY).await;
    let id_token = key.sign(&platform.claims(&begun.asked["nonce"]));
    let body = json!({ "token_type": "Bearer", "expires_in": 0, "access_token": "short", "id_token": id_token });
    platform.answers(StatusCode::OK, body);

    let path = format!("/signin-oidc?code=c&state={}", begun.asked["state"]);
    let cookie = cookies(&portal.get(&path, &begun.cookie).await);

    assert!(leads_to(&portal.get("/", &cookie).await, SILENTLY));
}

#[tokio::test]
async fn a_token_that_the_api_does_not_take_does_not_send_the_browser_round_in_circles() {
    let key = SigningKey::new("k1");
    let platform = Platform::start(&key).await;
    let portal = Portal::start(&platform).await;
    let begun = portal.begin(SILENTLY).await;
    let id_token = key.sign(&platform.claims(&begun.asked["nonce"]));
    let body = json!({ "token_type": "Bearer", "expires_in": 4000, "access_token": "wrong", "id_token": id_token });
    platform.answers(StatusCode::OK, body);

    let path = format!("/signin-oidc?code=c&state={}", begun.asked["state"]);
    let cookie = cookies(&portal.get(&path, &begun.cookie).await);
    let home = portal.get("/", &cookie).await;

    assert_eq!(home.status(), StatusCode::FORBIDDEN);
    assert!(home.text().await.unwrap().contains("The Employee API does not take the access token"));
}

#[tokio::test]
async fn signing_out_ends_the_session_here_and_goes_on_to_the_platform() {
    let key = SigningKey::new("k1");
    let platform = Platform::start(&key).await;
    let portal = Portal::start(&platform).await;
    let cookie = portal.session(&platform, &key).await;
    assert_eq!(portal.get("/", &cookie).await.status(), StatusCode::OK);

    let foreign = portal.post("/sign-out", &cookie).header("sec-fetch-site", "same-site").send().await.unwrap();
    assert_eq!(foreign.status(), StatusCode::FORBIDDEN, "another port of localhost may not");
    let signed_out = portal.post("/sign-out", &cookie).send().await.unwrap();

    assert_eq!(signed_out.status(), StatusCode::SEE_OTHER);
    let url = Url::parse(header(&signed_out, "location")).unwrap();
    assert_eq!(url.path(), "/alpine/oauth2/v2.0/logout");
    assert!(leads_to(&portal.get("/", &cookie).await, SILENTLY));
}

#[tokio::test]
async fn another_applications_cookie_is_not_accepted() {
    let key = SigningKey::new("k1");
    let platform = Platform::start(&key).await;
    let (portal, another) = (Portal::start(&platform).await, Portal::start(&platform).await);
    let (own, foreign) = (portal.session(&platform, &key).await, another.session(&platform, &key).await);
    let value = own.strip_prefix("second-portal-session=").unwrap();

    assert_eq!(portal.get("/", &own).await.status(), StatusCode::OK);
    for cookie in [&*foreign, &format!("modern-portal-session={value}"), &format!("second-portal-sign-in={value}")] {
        assert!(leads_to(&portal.get("/", cookie).await, SILENTLY), "{cookie}");
    }
}
