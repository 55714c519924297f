//! The portal through its door, against a platform of the test's own.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod platform;
mod portal;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use modern_portal::Settings;
use platform::{Platform, SigningKey, now, unsigned, with};
use portal::{Portal, cookies, header, leads_to};
use reqwest::{StatusCode, Url};
use serde_json::{Value, json};

#[tokio::test]
async fn the_platforms_page_signs_in_and_the_employees_are_listed() {
    let key = SigningKey::new("k1");
    let platform = Platform::start(&key).await;
    let portal = Portal::start(&platform).await;

    let welcome = portal.get("/", "").await;
    assert_eq!(welcome.status(), StatusCode::OK);
    assert!(welcome.text().await.unwrap().contains("href=\"/sign-in\""));
    let begun = portal.begin("/sign-in").await;
    let signed_in = portal.come_back(&begun, &platform, &key).await;
    assert!(leads_to(&signed_in, "/"), "{signed_in:?}");
    let home = portal.get("/", &cookies(&signed_in)).await;

    assert_eq!(home.status(), StatusCode::OK);
    let policy = header(&home, "content-security-policy");
    assert!(policy.contains(&format!("form-action 'self' {};", platform.origin)), "{policy}");
    let page = home.text().await.unwrap();
    assert!(page.contains("Ada &#60;script&#62;") && page.contains("Cloud &#60;b&#62;user&#60;/b&#62;"), "{page}");

    let asked = &begun.asked;
    assert_eq!(asked["response_type"], "code");
    assert_eq!(asked["client_id"], "e0a91000-0000-4000-8000-00000000000d");
    assert_eq!(asked["redirect_uri"], "http://localhost:5003/signin-oidc");
    assert_eq!(asked["scope"], "openid profile offline_access api://employees.alpine.test/Employees.Read");
    assert_eq!(asked["code_challenge_method"], "S256");
    assert!(!asked.contains_key("prompt"));
    let redeemed = &platform.asked()[0];
    assert_eq!((&*redeemed["grant_type"], &*redeemed["code"]), ("authorization_code", "the-code"));
    assert_eq!(redeemed["redirect_uri"], asked["redirect_uri"]);
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, redeemed["code_verifier"].as_bytes()));
    assert_eq!(challenge, asked["code_challenge"]);
    assert!(redeemed["authorization"].starts_with("Basic "));
}

#[tokio::test]
async fn every_sign_in_has_its_own_state_nonce_and_challenge() {
    let key = SigningKey::new("k1");
    let portal = Portal::start(&Platform::start(&key).await).await;

    let (one, other) = (portal.begin("/sign-in").await, portal.begin("/sign-in?choose=true").await);

    for name in ["state", "nonce", "code_challenge"] {
        assert_ne!(one.asked[name], other.asked[name], "{name}");
    }
    assert_ne!(one.cookie, other.cookie);
    assert_eq!(other.asked["prompt"], "select_account");
}

#[tokio::test]
async fn an_answer_that_this_browser_did_not_ask_for_is_not_taken() {
    let key = SigningKey::new("k1");
    let platform = Platform::start(&key).await;
    let (portal, another) = (Portal::start(&platform).await, Portal::start(&platform).await);
    let begun = portal.begin("/sign-in").await;
    let (attacker, foreign) = (portal.begin("/sign-in").await, another.begin("/sign-in").await);
    platform.answers_tokens(&key.sign(&platform.claims(&begun.asked["nonce"])));

    let own = &begun.asked["state"];
    let value = begun.cookie.split_once('=').unwrap().1;
    let wrong = [
        ("no cookie", format!("code=c&state={own}"), String::new()),
        ("another application's cookie name", format!("code=c&state={own}"), format!("second-portal-sign-in={value}")),
        ("another application's sign-in", format!("code=c&state={own}"), foreign.cookie.clone()),
        ("another browser's sign-in", format!("code=c&state={}", begun.asked["state"]), attacker.cookie.clone()),
        ("no state", "code=c".to_owned(), portal.begin("/sign-in").await.cookie),
        ("a state of nobody's", "code=c&state=x".to_owned(), portal.begin("/sign-in").await.cookie),
        ("an error of nobody's", "error=access_denied&state=x".to_owned(), portal.begin("/sign-in").await.cookie),
    ];
    for (what, query, cookie) in wrong {
        let answer = portal.get(&format!("/signin-oidc?{query}"), &cookie).await;
        assert_eq!((answer.status(), &*cookies(&answer)), (StatusCode::BAD_REQUEST, ""), "{what}");
    }
    assert_eq!(platform.asked().len(), 0, "no code was sent anywhere");

    let first = portal.come_back(&begun, &platform, &key).await;
    assert!(leads_to(&first, "/"), "the right one is taken: {first:?}");
    let again = portal.come_back(&begun, &platform, &key).await;
    assert_eq!((again.status(), platform.asked().len()), (StatusCode::BAD_REQUEST, 1), "and once only");
}

#[tokio::test]
async fn an_id_token_that_cannot_be_believed_begins_no_session() {
    let key = SigningKey::new("k1");
    let platform = Platform::start(&key).await;
    let portal = Portal::start(&platform).await;
    assert!(!portal.session(&platform, &key).await.is_empty(), "the right one does");

    let none = unsigned(&json!({ "alg": "none", "kid": "k1" }), &platform.claims("n"));
    let strangers = SigningKey::new("k1");
    type Forgery<'f> = (&'f str, Box<dyn Fn(&str) -> String + 'f>);
    let changed = |name: &'static str, value: Value| -> Forgery<'_> {
        let (key, platform) = (&key, &platform);
        (name, Box::new(move |nonce| key.sign(&with(platform.claims(nonce), name, value.clone()))))
    };
    let forgeries = [
        changed("nonce", json!("another")),
        changed("nonce", Value::Null),
        changed("aud", json!("e0a91000-0000-4000-8000-00000000000b")),
        changed("iss", json!(format!("{}/fjord/v2.0", platform.origin))),
        changed("exp", json!(now() - 600)),
        ("another's key", Box::new(|nonce| strangers.sign(&platform.claims(nonce)))),
        ("alg none", Box::new(|_| format!("{none}."))),
    ];
    for (what, forge) in forgeries {
        let begun = portal.begin("/sign-in").await;
        platform.answers_tokens(&forge(&begun.asked["nonce"]));
        let path = format!("/signin-oidc?code=c&state={}", begun.asked["state"]);
        let answer = portal.get(&path, &begun.cookie).await;
        assert_eq!((answer.status(), &*cookies(&answer)), (StatusCode::BAD_GATEWAY, ""), "{what}");
    }
}

#[tokio::test]
async fn metadata_of_another_issuer_is_not_believed() {
    let key = SigningKey::new("k1");
    let platform = Platform::start(&key).await;
    platform.claims_to_be("https://login.test/alpine/v2.0");
    let portal = Portal::start(&platform).await;

    let answer = portal.get("/sign-in", "").await;

    assert_eq!((answer.status(), &*cookies(&answer)), (StatusCode::BAD_GATEWAY, ""));
}

#[tokio::test]
async fn a_new_key_of_the_platform_is_found() {
    let (key, newer) = (SigningKey::new("k1"), SigningKey::new("k2"));
    let platform = Platform::start(&key).await;
    let portal = Portal::start(&platform).await;
    portal.session(&platform, &key).await;

    platform.publish(&newer);

    assert!(!portal.session(&platform, &newer).await.is_empty());
}

#[tokio::test]
async fn a_refusal_of_the_platform_is_shown_as_text() {
    let key = SigningKey::new("k1");
    let platform = Platform::start(&key).await;
    let portal = Portal::start(&platform).await;
    let begun = portal.begin("/sign-in").await;

    let query = "error=access_denied&error_description=AADSTS65004%3A+User+declined+%3Cscript%3E";
    let path = format!("/signin-oidc?{query}&state={}", begun.asked["state"]);
    let answer = portal.get(&path, &begun.cookie).await;

    assert_eq!((answer.status(), &*cookies(&answer)), (StatusCode::FORBIDDEN, ""));
    let page = answer.text().await.unwrap();
    assert!(page.contains("AADSTS65004: User declined &#60;script&#62;"), "{page}");
}

#[tokio::test]
async fn a_code_that_the_platform_refuses_begins_no_session() {
    let key = SigningKey::new("k1");
    let platform = Platform::start(&key).await;
    let portal = Portal::start(&platform).await;
    let begun = portal.begin("/sign-in").await;
    let refusal = json!({ "error": "invalid_grant", "error_description": "AADSTS54005: code was already redeemed" });
    platform.answers(StatusCode::BAD_REQUEST, refusal);

    let path = format!("/signin-oidc?code=c&state={}", begun.asked["state"]);
    let answer = portal.get(&path, &begun.cookie).await;

    assert_eq!((answer.status(), &*cookies(&answer)), (StatusCode::FORBIDDEN, ""));
    assert!(answer.text().await.unwrap().contains("AADSTS54005"));
}

#[tokio::test]
async fn an_access_token_is_renewed_without_the_user() {
    let key = SigningKey::new("k1");
    let platform = Platform::start(&key).await;
    let portal = Portal::start(&platform).await;
    let cookie = portal.session(&platform, &key).await;
    let renewed = json!({ "token_type": "Bearer", "expires_in": 4000, "access_token": platform::ACCESS_TOKEN,
        "refresh_token": "refresh-2" });
    platform.answers(StatusCode::OK, renewed);

    for _ in 0..2 {
        assert!(leads_to(&portal.post("/renew", &cookie).send().await.unwrap(), "/"));
    }

    let asked = platform.asked();
    let sent: Vec<_> = asked[1..].iter().map(|form| (&*form["grant_type"], &*form["refresh_token"])).collect();
    assert_eq!(sent, [("refresh_token", "refresh-1"), ("refresh_token", "refresh-2")]);
    let page = portal.get("/", &cookie).await.text().await.unwrap();
    assert!(page.contains("<span data-testid=\"renewals\">2</span>"), "{page}");
}

#[tokio::test]
async fn a_token_about_to_end_is_renewed_before_the_api_is_called() {
    let key = SigningKey::new("k1");
    let platform = Platform::start(&key).await;
    let portal = Portal::start(&platform).await;
    let begun = portal.begin("/sign-in").await;
    let id_token = key.sign(&platform.claims(&begun.asked["nonce"]));
    let old = json!({ "token_type": "Bearer", "expires_in": 60, "access_token": "old", "refresh_token": "refresh-1",
        "id_token": id_token });
    platform.answers(StatusCode::OK, old);
    let path = format!("/signin-oidc?code=c&state={}", begun.asked["state"]);
    let cookie = cookies(&portal.get(&path, &begun.cookie).await);
    platform.answers(
        StatusCode::OK,
        json!({ "token_type": "Bearer", "expires_in": 4000, "access_token": platform::ACCESS_TOKEN }),
    );

    let home = portal.get("/", &cookie).await;

    assert_eq!(home.status(), StatusCode::OK);
    assert!(home.text().await.unwrap().contains("<span data-testid=\"renewals\">1</span>"));
}

#[tokio::test]
async fn a_refused_renewal_ends_the_session_and_an_outage_does_not() {
    let key = SigningKey::new("k1");
    let platform = Platform::start(&key).await;
    let portal = Portal::start(&platform).await;
    let cookie = portal.session(&platform, &key).await;

    platform.answers(StatusCode::SERVICE_UNAVAILABLE, Value::Null);
    let outage = portal.post("/renew", &cookie).send().await.unwrap();
    assert_eq!(outage.status(), StatusCode::BAD_GATEWAY);
    assert_eq!(portal.get("/", &cookie).await.status(), StatusCode::OK);
    assert!(portal.get("/", &cookie).await.text().await.unwrap().contains("data-testid=\"employees\""));

    let refusal =
        json!({ "error": "invalid_grant", "error_description": "AADSTS50173: The provided grant has expired" });
    platform.answers(StatusCode::BAD_REQUEST, refusal);
    let refused = portal.post("/renew", &cookie).send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    assert!(refused.text().await.unwrap().contains("AADSTS50173"));
    assert!(!portal.get("/", &cookie).await.text().await.unwrap().contains("data-testid=\"employees\""));
}

#[tokio::test]
async fn signing_out_ends_the_session_here_and_goes_on_to_the_platform() {
    let key = SigningKey::new("k1");
    let platform = Platform::start(&key).await;
    let portal = Portal::start(&platform).await;
    let cookie = portal.session(&platform, &key).await;

    let signed_out = portal.post("/sign-out", &cookie).send().await.unwrap();

    assert_eq!(signed_out.status(), StatusCode::SEE_OTHER);
    let url = Url::parse(header(&signed_out, "location")).unwrap();
    assert_eq!(url.path(), "/alpine/oauth2/v2.0/logout");
    let back = url.query_pairs().find(|(name, _)| name == "post_logout_redirect_uri").unwrap().1.into_owned();
    assert_eq!(back, "http://localhost:5003/signin-oidc");
    assert!(leads_to(&portal.get("/signin-oidc", "").await, "/"), "the platform leads back here");
    assert!(!portal.get("/", &cookie).await.text().await.unwrap().contains("data-testid=\"employees\""));
}

#[tokio::test]
async fn another_applications_cookie_is_not_accepted() {
    let key = SigningKey::new("k1");
    let platform = Platform::start(&key).await;
    let (portal, another) = (Portal::start(&platform).await, Portal::start(&platform).await);
    let (own, foreign) = (portal.session(&platform, &key).await, another.session(&platform, &key).await);
    let value = own.strip_prefix("modern-portal-session=").unwrap();
    let listed = async |cookie: &str| {
        let page = portal.get("/", cookie).await.text().await.unwrap();
        page.contains("data-testid=\"employees\"")
    };

    assert!(listed(&own).await);
    assert!(listed(&format!("legacy-portal-session=x; {own}")).await);
    for cookie in [&*foreign, &format!("legacy-portal-session={value}"), &format!("modern-portal-sign-in={value}")] {
        assert!(!listed(cookie).await, "{cookie}");
    }
}

#[tokio::test]
async fn a_form_on_another_site_signs_nobody_out() {
    let key = SigningKey::new("k1");
    let platform = Platform::start(&key).await;
    let portal = Portal::start(&platform).await;
    let cookie = portal.session(&platform, &key).await;

    // Another port of localhost is another origin of the same site.
    for site in ["same-site", "cross-site"] {
        let answer = portal.post("/sign-out", &cookie).header("sec-fetch-site", site).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{site}");
    }
    assert!(portal.get("/", &cookie).await.text().await.unwrap().contains("data-testid=\"employees\""));
    let own = portal.post("/sign-out", &cookie).header("sec-fetch-site", "same-origin").send().await.unwrap();
    assert_eq!(own.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_platform_that_is_down_is_told() {
    let portal = Portal::start_with(Settings::for_tenant("http://127.0.0.1:1", "alpine")).await;

    let answer = portal.get("/sign-in", "").await;

    assert_eq!(answer.status(), StatusCode::BAD_GATEWAY);
    assert!(answer.text().await.unwrap().contains("cannot be reached"));
}
