//! Refresh tokens, as far as password tokens go.

use std::time::Duration;

use ropeway_testkit::sample::{ALPINE, LEGACY_PORTAL, LEGACY_PORTAL_SECRET};
use ropeway_testkit::{Answer, TestTenant};

const USER: &str = "cloud@alpine.test";
const SCOPE: &str = "openid profile offline_access api://employees.alpine.test/.default";
const DAY: Duration = Duration::from_secs(86_400);

async fn signed_in(tenant: &TestTenant) -> Answer {
    tenant.password(USER).scope(SCOPE).set("client_info", 1).send().await.unwrap().granted().unwrap()
}

#[tokio::test]
async fn offline_access_gives_one_and_without_it_there_is_none() {
    let tenant = TestTenant::start().await.unwrap();
    let with = signed_in(&tenant).await;
    assert!(with.refresh_token().starts_with("1.A"), "{}", with.refresh_token());
    assert!(!with.body["scope"].as_str().unwrap().contains("offline_access"));
    assert!(with.body.get("foci").is_none());
    assert_eq!(tenant.password(USER).send().await.unwrap().refresh_token(), "");
}

#[tokio::test]
async fn it_is_redeemed_again_and_again_and_for_other_resources() {
    let tenant = TestTenant::start().await.unwrap();
    let first = signed_in(&tenant).await;
    for _ in 0..2 {
        let again = tenant.refresh(first.refresh_token()).send().await.unwrap().granted().unwrap();
        assert_eq!(again.access_claims()["oid"], first.access_claims()["oid"]);
        assert_eq!(again.access_claims()["scp"], "Employees.Read");
        assert_ne!(again.refresh_token(), first.refresh_token());
        assert_eq!(again.id_claims()["preferred_username"], USER);
    }
    let graph =
        tenant.refresh(first.refresh_token()).scope("https://graph.microsoft.com/User.Read").send().await.unwrap();
    assert_eq!(graph.access_claims()["aud"], "https://graph.microsoft.com", "{}", graph.text);
    for segment in ["organizations", "common", "alpine.test"] {
        let elsewhere = tenant.refresh(first.refresh_token()).at(segment).send().await.unwrap();
        assert_eq!(elsewhere.status, 200, "{segment}: {}", elsewhere.text);
    }
}

#[tokio::test]
async fn it_ends_after_90_days_unused_and_lives_on_when_used() {
    let tenant = TestTenant::start().await.unwrap();
    let first = signed_in(&tenant).await;
    tenant.advance(89 * DAY).await.unwrap();
    let second = tenant.refresh(first.refresh_token()).send().await.unwrap().granted().unwrap();
    tenant.advance(2 * DAY).await.unwrap();
    assert_eq!(tenant.refresh(first.refresh_token()).send().await.unwrap().code(), Some(700082));
    assert_eq!(tenant.refresh(second.refresh_token()).send().await.unwrap().status, 200);
}

#[tokio::test]
async fn the_users_own_password_change_ends_a_public_clients_and_not_a_confidential_ones() {
    let tenant = TestTenant::start().await.unwrap();
    let public = signed_in(&tenant).await;
    let portal = tenant.password(USER).scope(SCOPE).client(LEGACY_PORTAL, LEGACY_PORTAL_SECRET).send().await.unwrap();
    tenant.advance(DAY).await.unwrap();
    tenant.app().change_password(ALPINE, USER, &ropeway_core::secret::Secret::new("Valley-2043")).await.unwrap();
    assert_eq!(tenant.refresh(public.refresh_token()).send().await.unwrap().code(), Some(50173));
    let confidential =
        tenant.refresh(portal.refresh_token()).client(LEGACY_PORTAL, LEGACY_PORTAL_SECRET).send().await.unwrap();
    assert_eq!(confidential.status, 200, "{}", confidential.text);
}

#[tokio::test]
async fn an_expired_password_does_not_end_it() {
    let tenant = TestTenant::start().await.unwrap();
    let first = signed_in(&tenant).await;
    tenant.app().change_user(ALPINE, USER, |user| user.force_change_password_next_sign_in = true).await.unwrap();
    assert_eq!(tenant.password(USER).send().await.unwrap().code(), Some(50055));
    assert_eq!(tenant.refresh(first.refresh_token()).send().await.unwrap().status, 200);
}
