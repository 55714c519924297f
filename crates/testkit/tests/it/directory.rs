//! Users, guests and the directory on disk.

use ropeway_core::directory::PolicyUsers;
use ropeway_testkit::TestTenant;
use ropeway_testkit::sample::{ALPINE, FJORD};

#[tokio::test]
async fn a_guests_password_and_second_factor_are_the_home_tenants() {
    let tenant = TestTenant::start().await.unwrap();
    let ask = || async { tenant.password("guest@fjord.test").send().await.unwrap().code() };
    assert_eq!(ask().await, None);
    let mfa = ropeway_core::directory::PerUserMfaState::Enforced;
    tenant.app().change_user(FJORD, "guest@fjord.test", move |user| user.per_user_mfa_state = mfa).await.unwrap();
    assert_eq!(ask().await, Some(50079));
    tenant.app().change_user(FJORD, "guest@fjord.test", |user| user.account_enabled = false).await.unwrap();
    assert_eq!(ask().await, Some(50057));
    tenant.app().delete_user(FJORD, "guest@fjord.test").await.unwrap();
    assert_eq!(ask().await, Some(50034));
}

#[tokio::test]
async fn a_guests_own_name_in_the_tenant_is_not_what_is_typed() {
    let tenant = TestTenant::start().await.unwrap();
    let guest = tenant.password("guest_fjord.test#EXT#@alpine.test").send().await.unwrap();
    assert_eq!(guest.code(), Some(50034));
}

#[tokio::test]
async fn names_are_compared_without_case() {
    let tenant = TestTenant::start().await.unwrap();
    assert_eq!(tenant.password("CLOUD@Alpine.Test").send().await.unwrap().code(), None);
}

#[tokio::test]
async fn a_changed_password_counts_at_once() {
    let tenant = TestTenant::start().await.unwrap();
    let ask = |password: &'static str| {
        let request = tenant.password("cloud@alpine.test").password_is(password);
        async move { request.send().await.unwrap().code() }
    };
    assert_eq!(ask("Summit-2042").await, None);
    let new = ropeway_core::secret::Secret::new("Valley-2043");
    tenant.app().change_password(ALPINE, "cloud@alpine.test", &new).await.unwrap();
    assert_eq!(ask("Summit-2042").await, Some(50126));
    assert_eq!(ask("Valley-2043").await, None);
}

#[tokio::test]
async fn a_policy_that_is_added_holds_on_the_very_next_request() {
    let tenant = TestTenant::start().await.unwrap();
    let ask = || async { tenant.password("cloud@alpine.test").send().await.unwrap().code() };
    assert_eq!(ask().await, None);
    let block_everybody = |tenant: &mut ropeway_core::directory::Tenant| {
        let block =
            tenant.conditional_access_policies.iter_mut().find(|policy| policy.display_name == "Block").unwrap();
        block.users = PolicyUsers { include_all: true, ..PolicyUsers::default() };
    };
    tenant.app().change_tenant(ALPINE, block_everybody).await.unwrap();
    assert_eq!(ask().await, Some(53003));
}

#[tokio::test]
async fn what_the_data_directory_holds_outlives_the_server() {
    let data = tempfile::tempdir().unwrap();
    let start = || TestTenant::builder().data(data.path()).start();
    let first = start().await.unwrap();
    let scope = "openid offline_access api://employees.alpine.test/.default";
    let refresh_token =
        first.password("cloud@alpine.test").scope(scope).send().await.unwrap().refresh_token().to_owned();
    let subject = first.password("cloud@alpine.test").send().await.unwrap().access_claims()["sub"].clone();
    first.app().delete_user(ALPINE, "mfa@alpine.test").await.unwrap();
    for number in 0..10 {
        first.password("hashsync@alpine.test").password_is(&format!("wrong {number}")).send().await.unwrap();
    }
    first.stop().await;

    let again = start().await.unwrap();
    assert_eq!(
        again.password("mfa@alpine.test").send().await.unwrap().code(),
        Some(50034),
        "the deleted user stays deleted"
    );
    assert_eq!(again.password("hashsync@alpine.test").send().await.unwrap().code(), Some(50053), "the lockout holds");
    let refreshed = again.refresh(&refresh_token).send().await.unwrap();
    assert_eq!(refreshed.status, 200, "{}", refreshed.text);
    assert_eq!(refreshed.access_claims()["sub"], subject, "the same user is the same subject");
    assert_eq!(again.password("cloud@alpine.test").send().await.unwrap().code(), None);
    assert!(!again.app().sign_ins(ALPINE).unwrap().is_empty());
}

#[tokio::test]
async fn every_sign_in_leaves_its_row_granted_or_refused() {
    let tenant = TestTenant::start().await.unwrap();
    let granted = tenant.password("cloud@alpine.test").send().await.unwrap();
    let refused = tenant.password("camfa@alpine.test").send().await.unwrap();
    let rows = tenant.app().sign_ins(ALPINE).unwrap();
    let seen: Vec<_> = rows.iter().map(|row| (row.user_principal_name.as_str(), row.error_code)).collect();
    assert_eq!(seen, [("cloud@alpine.test", 0), ("camfa@alpine.test", 50076)]);
    for (row, answer) in rows.iter().zip([&granted, &refused]) {
        assert_eq!(row.id.to_string(), answer.headers["x-ms-request-id"].to_str().unwrap());
        assert_eq!(row.grant, "password");
        assert!(row.detail.value()["trace"].as_array().is_some_and(|trace| !trace.is_empty()));
    }
    assert_eq!(rows[1].detail.value()["appliedConditionalAccessPolicies"][0]["result"], "failure");
}
