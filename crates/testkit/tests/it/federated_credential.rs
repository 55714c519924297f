//! A client proves itself with a token of an outside issuer.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ropeway_core::claims::IssuerStyle;
use ropeway_core::directory::{FederatedIdentityCredential, Tenant};
use ropeway_server::moment::WallClock;
use ropeway_testkit::sample::{ALPINE, EMPLOYEE_API, NIGHTLY_JOB};
use ropeway_testkit::{Answer, TestTenant};
use serde_json::{Value, json};

use crate::client_certificate::{ClientCertificate, WithAssertion};
use crate::outside_issuer::{AUDIENCE, CONFIGURATION, OutsideIssuer};

const SUBJECT: &str = "repo:alpine/jobs:ref:refs/heads/main";

/// Lets the nightly job prove itself by such tokens, and by nothing else.
pub(crate) async fn register(tenant: &TestTenant, issuer: &str, subject: &str, audience: &str) {
    let credential = FederatedIdentityCredential {
        name: "outside".to_owned(),
        issuer: issuer.to_owned(),
        subject: subject.to_owned(),
        audiences: vec![audience.to_owned()],
    };
    let change = move |tenant: &mut Tenant| {
        let job = tenant.applications.iter_mut().find(|app| app.app_id == NIGHTLY_JOB).unwrap();
        job.password_credentials.clear();
        job.federated_identity_credentials = vec![credential];
    };
    tenant.app().change_tenant(ALPINE, change).await.unwrap();
}

async fn present(tenant: &TestTenant, token: &str) -> Answer {
    tenant.client_credentials().assertion(token).send().await.unwrap()
}

async fn with_issuer() -> (OutsideIssuer, TestTenant) {
    let issuer = OutsideIssuer::start().await;
    let tenant = TestTenant::builder().trusting(issuer.ca_file()).start().await.unwrap();
    register(&tenant, &issuer.url, SUBJECT, AUDIENCE).await;
    (issuer, tenant)
}

#[tokio::test]
async fn an_outside_issuers_token_is_as_good_as_a_certificate() {
    let (issuer, tenant) = with_issuer().await;

    let answer = present(&tenant, &issuer.token(SUBJECT)).await;

    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.access_claims()["azpacr"], "2");
    assert_eq!(present(&tenant, &issuer.token(SUBJECT)).await.status, 200);
    assert_eq!(issuer.asked(), [CONFIGURATION, "/keys"], "its keys are kept");
}

#[tokio::test]
async fn an_issuer_that_no_credential_names_is_never_asked() {
    let (issuer, tenant) = with_issuer().await;
    register(&tenant, "https://other.test", SUBJECT, AUDIENCE).await;
    assert_eq!(present(&tenant, &issuer.token(SUBJECT)).await.code(), Some(700211));
    register(&tenant, &issuer.url, "other", AUDIENCE).await;
    assert_eq!(present(&tenant, &issuer.token(SUBJECT)).await.code(), Some(700213));

    assert_eq!(issuer.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn a_new_key_is_asked_for_but_not_at_every_request() {
    let (issuer, tenant) = with_issuer().await;
    let new = ClientCertificate::generate().signing_key();
    let start = tenant.app().source.wall();
    let after = |seconds: i64| tenant.set_wall_clock(WallClock::Frozen { at: start.plus_seconds(seconds) });
    after(0);
    assert_eq!(present(&tenant, &issuer.token(SUBJECT)).await.status, 200);
    issuer.publish(&[&issuer.key, &new]);

    after(9);
    assert_eq!(present(&tenant, &issuer.token_by(&new, SUBJECT)).await.code(), Some(700027));
    assert_eq!(issuer.asked().len(), 2);
    after(10);
    assert_eq!(present(&tenant, &issuer.token_by(&new, SUBJECT)).await.status, 200);
    assert_eq!(issuer.asked().len(), 4);

    issuer.publish(&[&new]);
    assert_eq!(present(&tenant, &issuer.token(SUBJECT)).await.status, 200, "still kept");
}

#[tokio::test]
async fn whatever_is_wrong_with_the_issuer_is_one_refusal() {
    let (issuer, tenant) = with_issuer().await;
    let configuration = |changes: Value| {
        let mut configuration = issuer.configuration();
        configuration.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        configuration.to_string()
    };
    let right = configuration(json!({}));
    let elsewhere = format!("302 Found\r\nlocation: {}/elsewhere", issuer.url);
    issuer.answers("/elsewhere", "200 OK", &right);
    let padded = format!("{right}{}", " ".repeat(256 * 1024));
    let cases = [
        ("no document", "404 Not Found", String::new()),
        ("a failure", "500 Internal Server Error", right.clone()),
        ("a redirect", elsewhere.as_str(), String::new()),
        ("no JSON", "200 OK", "<html>".to_owned()),
        ("too long", "200 OK", padded),
        ("another issuer's", "200 OK", configuration(json!({ "issuer": "https://other.test" }))),
        ("keys without https", "200 OK", configuration(json!({ "jwks_uri": "http://localhost/keys" }))),
        ("keys on a private host", "200 OK", configuration(json!({ "jwks_uri": "https://10.0.0.1/keys" }))),
        (
            "keys in the cloud's metadata",
            "200 OK",
            configuration(json!({ "jwks_uri": "https://169.254.169.254/keys" })),
        ),
        ("keys on another name of this machine", "200 OK", {
            configuration(json!({ "jwks_uri": format!("{}/keys", issuer.url.replace("localhost", "127.0.0.1")) }))
        }),
        ("no keys", "200 OK", configuration(json!({ "jwks_uri": format!("{}/nowhere", issuer.url) }))),
    ];
    for (name, status, body) in cases {
        issuer.answers(CONFIGURATION, status, &body);
        let answer = present(&tenant, &issuer.token(SUBJECT)).await;
        assert_eq!(answer.code(), Some(50166), "{name}: {}", answer.text);
    }
    assert!(!issuer.asked().contains(&"/elsewhere".to_owned()));
    issuer.answers(CONFIGURATION, "200 OK", &right);
    assert_eq!(present(&tenant, &issuer.token(SUBJECT)).await.status, 200);
}

#[tokio::test]
async fn an_issuer_with_a_certificate_that_nobody_vouches_for_is_not_believed() {
    let issuer = OutsideIssuer::start().await;
    let tenant = TestTenant::start().await.unwrap();
    register(&tenant, &issuer.url, SUBJECT, AUDIENCE).await;

    assert_eq!(present(&tenant, &issuer.token(SUBJECT)).await.code(), Some(50166));
    assert_eq!(issuer.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn another_tenants_application_is_taken_and_its_user_is_not() {
    let outside = TestTenant::start().await.unwrap();
    let tenant = TestTenant::start().await.unwrap();
    let audience = EMPLOYEE_API.to_string();
    let of_application = outside.client_credentials().send().await.unwrap();
    let of_user = outside.token("cloud@alpine.test").await.unwrap();
    let issuer = format!("{}/v2.0", outside.authority());
    let subject = of_application.access_claims()["sub"].as_str().unwrap().to_owned();

    register(&tenant, &issuer, &subject, &audience).await;
    let answer = present(&tenant, of_application.access_token()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);

    let claims = claims_of(&of_user);
    register(&tenant, &issuer, claims["sub"].as_str().unwrap(), &audience).await;
    assert_eq!(present(&tenant, &of_user).await.code(), Some(700229));
}

#[tokio::test]
async fn our_own_tokens_are_checked_without_leaving_the_process() {
    for style in [IssuerStyle::Own, IssuerStyle::Entra] {
        let tenant = TestTenant::builder().issuer_style(style).start().await.unwrap();
        let token = tenant.client_credentials().send().await.unwrap();
        let claims = token.access_claims();
        let (issuer, subject) = (claims["iss"].as_str().unwrap(), claims["sub"].as_str().unwrap());
        register(&tenant, issuer, subject, &EMPLOYEE_API.to_string()).await;

        let answer = present(&tenant, token.access_token()).await;

        assert_eq!(answer.status, 200, "{style:?}: {}", answer.text);
    }
}

/// The claims, unverified.
pub(crate) fn claims_of(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// The token with another issuer, which makes its signature wrong.
pub(crate) fn renamed(token: &str, issuer: &str) -> String {
    let mut claims = claims_of(token);
    claims["iss"] = issuer.into();
    let (header, signature) = (token.split('.').next().unwrap(), token.split('.').next_back().unwrap());
    format!("{header}.{}.{signature}", URL_SAFE_NO_PAD.encode(claims.to_string()))
}

/// Takes the job's federated credential away.
pub(crate) async fn forget(tenant: &TestTenant) {
    let change = |tenant: &mut Tenant| {
        let job = tenant.applications.iter_mut().find(|app| app.app_id == NIGHTLY_JOB).unwrap();
        job.federated_identity_credentials.clear();
    };
    tenant.app().change_tenant(ALPINE, change).await.unwrap();
}
