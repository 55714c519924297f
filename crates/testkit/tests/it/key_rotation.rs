//! Keys are replaced while tokens of the old ones still count.

use std::time::Duration;

use employee_api::{KeyRefresh, Settings};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use reqwest::Method;
use ropeway_server::moment::WallClock;
use ropeway_testkit::sample::{ALPINE, EMPLOYEE_API};
use ropeway_testkit::{Answer, TestTenant};
use serde_json::{Value, json};
use tokio::net::TcpListener;

async fn key_set(tenant: &TestTenant) -> JwkSet {
    let url = format!("{}/discovery/v2.0/keys", tenant.authority());
    tenant.http().get(url).send().await.unwrap().json().await.unwrap()
}

async fn rotate(tenant: &TestTenant, now: bool) -> Value {
    let request = tenant.control(Method::POST, "keys/rotate").json(&json!({ "now": now }));
    let answer = Answer::read(request.send().await.unwrap()).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

fn key_id(token: &str) -> String {
    decode_header(token).unwrap().kid.unwrap()
}

fn verifies(token: &str, keys: &JwkSet) -> bool {
    let Some(key) = keys.find(&key_id(token)) else { return false };
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&[EMPLOYEE_API.to_string()]);
    validation.validate_exp = false;
    decode::<Value>(token, &DecodingKey::from_jwk(key).unwrap(), &validation).is_ok()
}

fn states(keys: &Value) -> Vec<&str> {
    keys["signing"].as_array().unwrap().iter().map(|key| key["state"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn tokens_of_before_and_after_verify_with_one_key_set() {
    let tenant = TestTenant::start().await.unwrap();
    let before = tenant.token("cloud@alpine.test").await.unwrap();

    let keys = rotate(&tenant, true).await;

    assert_eq!(states(&keys), ["previous", "current"]);
    let after = tenant.token("cloud@alpine.test").await.unwrap();
    assert_ne!(key_id(&before), key_id(&after));
    let published = key_set(&tenant).await;
    assert!(verifies(&before, &published) && verifies(&after, &published));
}

#[tokio::test]
async fn a_next_key_is_published_for_a_day_before_it_signs() {
    let tenant = TestTenant::start().await.unwrap();
    let start = tenant.app().source.wall();
    let before = tenant.token("cloud@alpine.test").await.unwrap();

    let keys = rotate(&tenant, false).await;

    assert_eq!(states(&keys), ["current", "next"]);
    assert_eq!(states(&rotate(&tenant, false).await), ["current", "next"], "the one that waits is the next");
    let early = key_set(&tenant).await;
    assert_eq!(early.keys.len(), 2);
    let at = |seconds| tenant.set_wall_clock(WallClock::Frozen { at: start.plus_seconds(seconds) });
    at(23 * 3600);
    assert_eq!(key_id(&tenant.token("cloud@alpine.test").await.unwrap()), key_id(&before));
    at(24 * 3600 + 60);
    let after = tenant.token("cloud@alpine.test").await.unwrap();
    assert_ne!(key_id(&after), key_id(&before));
    assert!(verifies(&after, &early), "whoever read the keys a day ago knows the new one");
    assert!(verifies(&before, &key_set(&tenant).await));
    at(27 * 3600);
    let late = key_set(&tenant).await;
    assert!(!verifies(&before, &late), "every token of the old key has expired");
    assert!(verifies(&after, &late));
}

#[tokio::test]
async fn a_next_key_can_be_told_to_sign_at_once() {
    let tenant = TestTenant::start().await.unwrap();
    let waiting = rotate(&tenant, false).await;
    let next = waiting["signing"][1]["keyId"].as_str().unwrap();

    let keys = rotate(&tenant, true).await;

    assert_eq!(states(&keys), ["previous", "current"]);
    assert_eq!(key_id(&tenant.token("cloud@alpine.test").await.unwrap()), next);
}

#[tokio::test]
async fn refresh_tokens_of_before_are_still_opened() {
    let data = tempfile::tempdir().unwrap();
    let tenant = TestTenant::builder().data(data.path()).start().await.unwrap();
    let request =
        tenant.password("cloud@alpine.test").scope("openid offline_access api://employees.alpine.test/.default");
    let before = request.send().await.unwrap().granted().unwrap();
    let subject = before.access_claims()["sub"].clone();

    let keys = rotate(&tenant, true).await;

    assert_eq!(keys["sealing"].as_array().map(Vec::len), Some(2));
    let refreshed = tenant.refresh(before.refresh_token()).send().await.unwrap().granted().unwrap();
    assert_eq!(refreshed.access_claims()["sub"], subject, "pairwise subjects do not depend on the newest key");
    tenant.stop().await;
    let tenant = TestTenant::builder().data(data.path()).start().await.unwrap();
    for token in [before.refresh_token(), refreshed.refresh_token()] {
        let again = tenant.refresh(token).send().await.unwrap().granted().unwrap();
        assert_eq!(again.access_claims()["sub"], subject);
    }
}

#[tokio::test]
async fn upkeep_replaces_an_old_key_and_removes_what_nobody_needs() {
    let tenant = TestTenant::start().await.unwrap();
    let app = tenant.app();
    let (start, every) = (app.source.wall(), Some(Duration::from_hours(90 * 24)));
    let at = |days: i64| tenant.set_wall_clock(WallClock::Frozen { at: start.plus_seconds(days * 86_400) });
    let signing = || app.key_schedule().signing.len();
    at(89);
    app.upkeep_once(every).await.unwrap();
    assert_eq!(signing(), 1);

    at(91);
    app.upkeep_once(None).await.unwrap();
    assert_eq!(signing(), 1, "nothing is replaced where nobody wants it");
    app.upkeep_once(every).await.unwrap();
    assert_eq!(signing(), 2);
    app.upkeep_once(every).await.unwrap();
    assert_eq!(signing(), 2);

    at(93);
    app.upkeep_once(every).await.unwrap();
    assert_eq!(signing(), 1);
    assert!(tenant.token("cloud@alpine.test").await.is_ok());
    assert_eq!(app.key_schedule().sealing.len(), 2, "the first is what pairwise subjects are derived from");
}

#[tokio::test]
async fn an_api_looks_up_a_key_that_it_does_not_know() {
    let tenant = TestTenant::start().await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/api/employees", listener.local_addr().unwrap());
    let mut settings = Settings::for_tenant(tenant.origin(), &ALPINE.to_string());
    settings.ca_file = Some(tenant.ca_file().to_owned());
    settings.key_refresh = KeyRefresh { pause_after_unknown_key: Duration::ZERO, ..KeyRefresh::default() };
    let api = tokio::spawn(employee_api::serve(listener, settings));
    let call = async |token: &str| {
        let request = tenant.http().get(&url).bearer_auth(token);
        request.send().await.unwrap().status().as_u16()
    };
    let before = tenant.token("cloud@alpine.test").await.unwrap();
    assert_eq!(call(&before).await, 200);

    rotate(&tenant, true).await;

    let after = tenant.token("cloud@alpine.test").await.unwrap();
    assert_eq!(call(&after).await, 200);
    assert_eq!(call(&before).await, 200);
    api.abort();
}
