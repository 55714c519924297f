//! Bad input gets Entra's error or a clear 4xx; never a 500, never a hang.

use proptest::prelude::*;
use ropeway_testkit::{Answer, TestTenant};

async fn post(tenant: &TestTenant, path: &str, content_type: &str, body: Vec<u8>) -> Answer {
    let url = format!("{}/{path}/token", tenant.authority());
    let request = tenant.http().post(url).header("content-type", content_type).body(body);
    Answer::read(request.send().await.unwrap()).await.unwrap()
}

#[tokio::test]
async fn every_malformed_request_has_its_answer() {
    let tenant = TestTenant::start().await.unwrap();
    let form = "application/x-www-form-urlencoded";
    let cases: [(&str, Vec<u8>, u16, Option<u32>); 8] = [
        (form, b"".to_vec(), 400, Some(900144)),
        (form, b"&&&==&".to_vec(), 400, Some(900144)),
        (form, b"grant_type=password&grant_type=password".to_vec(), 400, Some(90100)),
        (form, b"grant_type=%ff%fe".to_vec(), 400, Some(90013)),
        (form, vec![0; 4096], 400, Some(900144)),
        ("application/json", br#"{"grant_type":"password"}"#.to_vec(), 400, Some(900144)),
        ("multipart/form-data; boundary=x", b"--x".to_vec(), 400, Some(900144)),
        (form, vec![b'a'; 512 * 1024], 413, None),
    ];
    for (content_type, body, status, code) in cases {
        let shown: String = String::from_utf8_lossy(&body).chars().take(40).collect();
        for path in ["oauth2/v2.0", "oauth2"] {
            let answer = post(&tenant, path, content_type, body.clone()).await;
            assert_eq!(
                (answer.status, answer.code()),
                (status, code),
                "{path} {content_type} {shown}: {}",
                answer.text
            );
        }
    }
    assert_eq!(tenant.password("cloud@alpine.test").send().await.unwrap().status, 200);
}

#[tokio::test]
async fn absurd_headers_and_names_are_answered() {
    let tenant = TestTenant::start().await.unwrap();
    for (name, value) in [
        ("authorization", "Basic"),
        ("authorization", "Basic ===="),
        ("authorization", "Bearer x"),
        ("client-request-id", "'; drop table users; --"),
        ("x-client-sku", "\u{7f}MSAL"),
    ] {
        let request = tenant.http().post(format!("{}/oauth2/v2.0/token", tenant.authority()));
        let Ok(value) = reqwest::header::HeaderValue::from_bytes(value.as_bytes()) else { continue };
        let answer =
            Answer::read(request.header(name, value).form(&[("grant_type", "password")]).send().await.unwrap())
                .await
                .unwrap();
        assert_eq!(answer.status, 400, "{name}: {}", answer.text);
    }
    let long = "x".repeat(10_000);
    for user in ["", " ", "@", "a@b@alpine.test", "ü@alpine.test", "a\"b@alpine.test", "%00@alpine.test", &long] {
        let answer = tenant.password(user).send().await.unwrap();
        assert_eq!(answer.status, 400, "{}", answer.text);
        assert!(!answer.text.contains("\\\""), "{}", answer.text);
    }
    for segment in ["..", "%2e%2e", "a%2fb", "alpine.test%00", &"x".repeat(300)] {
        let answer = tenant.password("cloud@alpine.test").at(segment).send().await.unwrap();
        assert!((400..500).contains(&answer.status), "{segment}: {} {}", answer.status, answer.text);
    }
}

#[tokio::test]
async fn absurd_names_have_a_realm_or_are_refused() {
    let tenant = TestTenant::start().await.unwrap();
    let long = "x".repeat(60_000);
    for (name, status, account_type) in [
        ("cloud@alpine.test", 200, "Managed"),
        ("%F0%9F%9A%A0@ALPINE.test", 200, "Managed"),
        ("a%40b%2Fc%3Fd@alpine.test", 200, "Managed"),
        ("@", 200, "Unknown"),
        ("%00", 200, "Unknown"),
        ("%", 200, "Unknown"),
        (&long, 200, "Unknown"),
        ("%ff@alpine.test", 400, ""),
        ("", 404, ""),
    ] {
        let url = format!("{}/common/userrealm/{name}?api-version=1.0", tenant.origin());
        let answer = Answer::read(tenant.http().get(url).send().await.unwrap()).await.unwrap();
        let shown: String = name.chars().take(40).collect();
        assert_eq!(answer.status, status, "{shown}: {}", answer.text);
        assert!(answer.text.contains(account_type), "{shown}: {}", answer.text);
    }
}

#[test]
fn arbitrary_parameters_never_break_the_server() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let tenant = runtime.block_on(TestTenant::start()).unwrap();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig { cases: 128, ..ProptestConfig::default() });
    let value = prop_oneof![
        ".{0,40}",
        Just("password".to_owned()),
        Just("cloud@alpine.test".to_owned()),
        Just("openid".to_owned())
    ];
    let name = prop::sample::select(vec![
        "grant_type",
        "client_id",
        "client_secret",
        "username",
        "password",
        "scope",
        "refresh_token",
        "client_info",
        "resource",
        "client_assertion",
        "claims",
    ]);
    runner
        .run(&prop::collection::vec((name, value), 0..8), |parameters| {
            let mut request = tenant.request();
            for (name, value) in &parameters {
                request = request.add(name, value);
            }
            let answer = runtime.block_on(request.send()).unwrap();
            prop_assert!(answer.status < 500, "{}", answer.text);
            prop_assert!(answer.status == 200 || answer.code().is_some(), "{}", answer.text);
            Ok(())
        })
        .unwrap();
}
