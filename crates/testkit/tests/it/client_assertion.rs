//! A client proves itself with a certificate, as real libraries do it.

use std::time::Duration;

use ropeway_core::directory::KeyCredential;
use ropeway_core::time::TenantTime;
use ropeway_testkit::TestTenant;
use ropeway_testkit::sample::{ALPINE, LEGACY_PORTAL, NIGHTLY_JOB};
use serde_json::json;

use crate::client_certificate::{ClientCertificate, WithAssertion, claims, merged};

async fn tenant_with(certificate: &ClientCertificate) -> TestTenant {
    TestTenant::builder().with(certificate.register()).start().await.unwrap()
}

#[tokio::test]
async fn a_certificate_stands_for_a_secret_in_every_grant() {
    let certificate = ClientCertificate::generate();
    let tenant = tenant_with(&certificate).await;
    let endpoint = format!("{}/oauth2/v2.0/token", tenant.authority());
    let of_portal = certificate.assertion(LEGACY_PORTAL, &endpoint);

    let job =
        tenant.client_credentials().assertion(&certificate.assertion(NIGHTLY_JOB, &endpoint)).send().await.unwrap();
    let user = tenant
        .password("cloud@alpine.test")
        .set("client_id", LEGACY_PORTAL)
        .scope("openid offline_access api://employees.alpine.test/.default")
        .assertion(&of_portal)
        .send()
        .await
        .unwrap()
        .granted()
        .unwrap();
    let refreshed = tenant.refresh(user.refresh_token()).set("client_id", LEGACY_PORTAL).assertion(&of_portal);
    let refreshed = refreshed.send().await.unwrap();

    for answer in [job, user, refreshed] {
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.access_claims()["azpacr"], "2");
    }
}

#[tokio::test]
async fn both_algorithms_and_every_form_of_the_audience_are_taken() {
    let certificate = ClientCertificate::generate();
    let tenant = tenant_with(&certificate).await;
    let metadata = tenant.http().get(format!("{}/v2.0/.well-known/openid-configuration", tenant.authority()));
    let metadata: serde_json::Value = metadata.send().await.unwrap().json().await.unwrap();
    let origin = tenant.origin();
    for audience in [
        metadata["token_endpoint"].as_str().unwrap(),
        metadata["issuer"].as_str().unwrap(),
        &format!("{origin}/alpine.test/oauth2/v2.0/token"),
        &format!("{origin}/common/oauth2/v2.0/token"),
        &format!("{origin}/{ALPINE}/oauth2/token"),
    ] {
        for header in [certificate.header(), certificate.rs256_header()] {
            let assertion = certificate.sign(&header, &claims(NIGHTLY_JOB, audience));
            let answer = tenant.client_credentials().assertion(&assertion).at("alpine.test").send().await.unwrap();
            assert_eq!(answer.status, 200, "{audience} {header}: {}", answer.text);
        }
    }
    let elsewhere = certificate.assertion(NIGHTLY_JOB, "https://login.microsoftonline.com/common/oauth2/v2.0/token");
    let answer = tenant.client_credentials().assertion(&elsewhere).send().await.unwrap();
    assert_eq!(answer.code(), Some(700023));
}

#[tokio::test]
async fn one_assertion_may_be_sent_until_it_expires() {
    let certificate = ClientCertificate::generate();
    let tenant = tenant_with(&certificate).await;
    let assertion = certificate.assertion(NIGHTLY_JOB, &format!("{}/oauth2/v2.0/token", tenant.authority()));
    let send = || tenant.client_credentials().assertion(&assertion);

    for _ in 0..2 {
        assert_eq!(send().send().await.unwrap().status, 200);
    }
    tenant.set_wall_clock(ropeway_server::moment::WallClock::Running { offset: 16 * 60_000 });
    assert_eq!(send().send().await.unwrap().code(), Some(700024));
}

#[tokio::test]
async fn another_clients_certificate_proves_nothing() {
    let (mine, of_another) = (ClientCertificate::generate(), ClientCertificate::generate());
    let tenant = tenant_with(&mine).await;
    let credential = of_another.credential();
    tenant
        .app()
        .change_tenant(ALPINE, move |tenant| {
            let portal = tenant.applications.iter_mut().find(|app| app.app_id == LEGACY_PORTAL).unwrap();
            portal.key_credentials = vec![credential];
        })
        .await
        .unwrap();
    let endpoint = format!("{}/oauth2/v2.0/token", tenant.authority());
    let job = |certificate: &ClientCertificate| certificate.assertion(NIGHTLY_JOB, &endpoint);

    assert_eq!(tenant.client_credentials().assertion(&job(&mine)).send().await.unwrap().status, 200);
    let answer = tenant.client_credentials().assertion(&job(&of_another)).send().await.unwrap();
    assert_eq!(answer.code(), Some(700027));
    let disguised = of_another.sign(&mine.header(), &claims(NIGHTLY_JOB, &endpoint));
    let answer = tenant.client_credentials().assertion(&disguised).send().await.unwrap();
    assert_eq!(answer.code(), Some(700027));
    let of_portal = of_another.assertion(LEGACY_PORTAL, &endpoint);
    let answer = tenant.client_credentials().assertion(&of_portal).send().await.unwrap();
    assert_eq!(answer.code(), Some(700021));
    let embedded = merged(&of_another.header(), &json!({ "jwk": {}, "x5c": ["MII"], "jku": "https://example.com" }));
    let embedded = of_another.sign(&embedded, &claims(NIGHTLY_JOB, &endpoint));
    assert_eq!(tenant.client_credentials().assertion(&embedded).send().await.unwrap().code(), Some(700027));
}

#[tokio::test]
async fn a_certificate_ends_in_the_tenants_time() {
    let certificate = ClientCertificate::generate();
    let tenant = tenant_with(&certificate).await;
    let now = tenant.app().tenant_now(ALPINE).unwrap();
    set_end(&tenant, now.plus_seconds(3600)).await;
    let endpoint = format!("{}/oauth2/v2.0/token", tenant.authority());
    let send = || tenant.client_credentials().assertion(&certificate.assertion(NIGHTLY_JOB, &endpoint));

    assert_eq!(send().send().await.unwrap().status, 200);
    tenant.advance(Duration::from_secs(3601)).await.unwrap();
    let answer = send().send().await.unwrap();
    assert_eq!(answer.code(), Some(700027));
    assert!(answer.text.contains("The key used is expired."), "{}", answer.text);
}

async fn set_end(tenant: &TestTenant, end: TenantTime) {
    let change = move |key: &mut KeyCredential| key.end = Some(end);
    tenant
        .app()
        .change_tenant(ALPINE, move |tenant| {
            tenant.applications.iter_mut().flat_map(|app| &mut app.key_credentials).for_each(change);
        })
        .await
        .unwrap();
}
