//! What is in a tenant: users, applications, consents, policies.

use reqwest::Method;
use ropeway_testkit::TestTenant;
use ropeway_testkit::sample::{ALPINE, EMPLOYEE_API, LEGACY_TOOL, NIGHTLY_JOB, PASSWORD};
use serde_json::{Value, json};

use super::{ask, message, tell_alpine};

#[tokio::test]
async fn a_user_is_made_changed_and_deleted() {
    let tenant = TestTenant::start().await.unwrap();
    let new = json!({ "userPrincipalName": "new@alpine.test", "passwordProfile": { "password": "First-2042" } });
    let sign_in = |password: &str| tenant.password("new@alpine.test").password_is(password).scope("openid");

    let created = tell_alpine(&tenant, Method::POST, "users", new.clone()).await;

    assert_eq!(created.status, 201, "{}", created.text);
    assert!(!created.text.contains("First"), "{}", created.text);
    assert_eq!(created.body["accountEnabled"], true);
    assert_ne!(sign_in("First-2042").send().await.unwrap().code(), Some(50126));
    assert_eq!(sign_in("Second-2042").send().await.unwrap().code(), Some(50126));
    assert_eq!(tell_alpine(&tenant, Method::POST, "users", new).await.status, 409);

    let patch = json!({
        "passwordProfile": { "password": "Second-2042" },
        "authentication": { "requirements": { "perUserMfaState": "enforced" } },
        "passwordPolicies": "DisablePasswordExpiration",
    });
    let patched = tell_alpine(&tenant, Method::PATCH, "users/new@alpine.test", patch).await;
    assert_eq!(patched.status, 200, "{}", patched.text);
    assert_eq!(patched.body["id"], created.body["id"]);
    assert_eq!(sign_in("First-2042").send().await.unwrap().code(), Some(50126));
    assert_eq!(sign_in("Second-2042").send().await.unwrap().code(), Some(50079));
    let path = format!("users/{}", created.body["id"].as_str().unwrap());
    let other_id = json!({ "id": "00000000-0000-4000-8000-000000000000" });
    assert_eq!(tell_alpine(&tenant, Method::PATCH, &path, other_id).await.status, 400);
    let renamed = tell_alpine(&tenant, Method::PATCH, &path, json!({ "displayName": "Renamed" })).await;
    assert_eq!(renamed.body["authentication"]["requirements"]["perUserMfaState"], "enforced");
    let taken = tell_alpine(&tenant, Method::PATCH, &path, json!({ "userPrincipalName": "cloud@alpine.test" })).await;
    assert_eq!(taken.status, 409, "{}", taken.text);

    assert_eq!(ask(&tenant, Method::DELETE, &format!("tenants/{ALPINE}/{path}")).await.status, 204);
    assert_eq!(sign_in("Second-2042").send().await.unwrap().code(), Some(50034));
}

#[tokio::test]
async fn a_reset_and_a_revocation_end_refresh_tokens() {
    let tenant = TestTenant::start().await.unwrap();
    let scope = "openid offline_access api://employees.alpine.test/.default";
    let sign_in = async |password: &str| {
        let request = tenant.password("cloud@alpine.test").password_is(password).scope(scope);
        request.send().await.unwrap().granted().unwrap().refresh_token().to_owned()
    };
    let code = async |token: &str| tenant.refresh(token).send().await.unwrap().code();
    let first = sign_in(PASSWORD).await;
    assert_eq!(code(&first).await, None);
    tenant.advance(std::time::Duration::from_secs(1)).await.unwrap();

    let reset = tell_alpine(&tenant, Method::POST, "users/cloud@alpine.test/resetPassword", json!({})).await;

    let password = reset.body["newPassword"].as_str().unwrap();
    assert_eq!(code(&first).await, Some(50173));
    assert_eq!(tenant.password("cloud@alpine.test").send().await.unwrap().code(), Some(50126));
    tenant.advance(std::time::Duration::from_secs(1)).await.unwrap();
    let second = sign_in(password).await;
    assert_eq!(code(&second).await, None);
    tenant.advance(std::time::Duration::from_secs(1)).await.unwrap();
    let path = format!("tenants/{ALPINE}/users/cloud@alpine.test/revokeSignInSessions");
    assert_eq!(ask(&tenant, Method::POST, &path).await.status, 204);
    assert_eq!(code(&second).await, Some(50173));

    let own = json!({ "newPassword": "Own-2042", "forceChangePasswordNextSignIn": true });
    assert_eq!(
        tell_alpine(&tenant, Method::POST, "users/cloud@alpine.test/resetPassword", own.clone()).await.status,
        200
    );
    let changed = tenant.password("cloud@alpine.test").password_is("Own-2042").send().await.unwrap();
    assert_eq!(changed.code(), Some(50055));
    let guest = tell_alpine(&tenant, Method::POST, "users/guest@fjord.test/resetPassword", own).await;
    assert_eq!(guest.status, 400, "{}", guest.text);
}

#[tokio::test]
async fn a_change_leaves_alone_what_it_does_not_say() {
    let tenant = TestTenant::start().await.unwrap();
    let users = ask(&tenant, Method::GET, &format!("tenants/{ALPINE}/users?top=1000")).await;
    let users = users.body["value"].as_array().unwrap().clone();
    assert!(users.len() > 15);
    for user in users {
        let path = format!("users/{}", user["id"].as_str().unwrap());
        let changed = tell_alpine(&tenant, Method::PATCH, &path, json!({ "givenName": "Ada" })).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
        let mut expected = user.clone();
        expected["givenName"] = "Ada".into();
        assert_eq!(changed.body, expected);
    }
    // Secrets that are not shown are still there.
    assert_eq!(tenant.password("mfa@alpine.test").send().await.unwrap().code(), Some(50076));
    assert_eq!(ask(&tenant, Method::GET, &format!("tenants/{ALPINE}/users/mfa@alpine.test/totp")).await.status, 200);
    assert_eq!(tenant.client_credentials().send().await.unwrap().status, 200);
}

#[tokio::test]
async fn a_locked_user_is_unlocked() {
    let tenant = TestTenant::start().await.unwrap();
    let sign_in = async |user: &str| tenant.password(user).send().await;
    for number in 0..10 {
        tenant.password("cloud@alpine.test").password_is(&format!("wrong {number}")).send().await.unwrap();
    }
    for user in ["cloud@alpine.test", "locked@alpine.test"] {
        assert_eq!(sign_in(user).await.unwrap().code(), Some(50053), "{user}");

        let unlocked = ask(&tenant, Method::POST, &format!("tenants/{ALPINE}/users/{user}/unlock")).await;

        assert_eq!(unlocked.status, 204, "{}", unlocked.text);
        assert_eq!(sign_in(user).await.unwrap().status, 200, "{user}");
    }
}

#[tokio::test]
async fn the_code_of_the_authenticator_app_is_that_of_the_clock_that_stamps() {
    let tenant = TestTenant::start().await.unwrap();
    let path = format!("tenants/{ALPINE}/users/mfa@alpine.test/totp");
    let frozen = json!({ "frozenAt": "2005-03-18T01:58:29Z", "tokens": "tenant" });
    tell_alpine(&tenant, Method::PUT, "clock", frozen).await;

    let code = ask(&tenant, Method::GET, &path).await;

    let key = ropeway_core::secret::Secret::new("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP");
    let expected = ropeway_core::totp::code(&key, ropeway_core::time::WallTime::from_unix_seconds(1_111_111_109));
    assert_eq!(code.body, json!({ "code": expected, "secondsLeft": 1 }));
    let without = ask(&tenant, Method::GET, &path.replace("mfa@", "cloud@")).await;
    assert_eq!(without.status, 404);
}

#[tokio::test]
async fn an_application_is_registered_changed_and_deleted() {
    let tenant = TestTenant::start().await.unwrap();
    let new = json!({
        "displayName": "New tool",
        "isFallbackPublicClient": true,
        "requiredResourceAccess": [{
            "resourceAppId": "api://employees.alpine.test",
            "resourceAccess": [{ "id": "Employees.Read", "type": "Scope" }],
        }],
    });

    let created = tell_alpine(&tenant, Method::POST, "applications", new.clone()).await;

    assert_eq!(created.status, 201, "{}", created.text);
    let app_id = created.body["appId"].as_str().unwrap();
    let sign_in = tenant.password("cloud@alpine.test").set("client_id", app_id);
    assert_eq!(sign_in.send().await.unwrap().code(), Some(65001));
    let consent = json!({
        "clientId": app_id, "consentType": "Principal", "principalId": "cloud@alpine.test",
        "resourceId": "api://employees.alpine.test", "scope": "Employees.Read",
    });
    let consented = tell_alpine(&tenant, Method::POST, "oauth2PermissionGrants", consent).await;
    assert_eq!(consented.status, 201, "{}", consented.text);
    assert_eq!(sign_in.send().await.unwrap().status, 200);
    assert_eq!(tell_alpine(&tenant, Method::POST, "applications", new).await.status, 409);

    let path = format!("applications/{app_id}");
    let off = json!({ "servicePrincipal": { "accountEnabled": false } });
    let changed = tell_alpine(&tenant, Method::PATCH, &path, off).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(changed.body["displayName"], "New tool");
    assert_eq!(sign_in.send().await.unwrap().code(), Some(7000112));
    let wrong = json!({ "identifierUris": ["api://employees.alpine.test"] });
    let taken = tell_alpine(&tenant, Method::PATCH, &path, wrong).await;
    assert!(message(&taken).contains("which an application that is here has already"), "{}", taken.text);

    assert_eq!(ask(&tenant, Method::DELETE, &format!("tenants/{ALPINE}/{path}")).await.status, 204);
    assert_eq!(sign_in.send().await.unwrap().code(), Some(700016));
    let graph = format!("tenants/{ALPINE}/applications/00000003-0000-0000-c000-000000000000");
    assert_eq!(ask(&tenant, Method::DELETE, &graph).await.status, 409);
    let grants = ask(&tenant, Method::GET, &format!("tenants/{ALPINE}/oauth2PermissionGrants")).await;
    assert!(!grants.text.contains(app_id));
}

#[tokio::test]
async fn a_client_secret_is_added_and_removed() {
    let tenant = TestTenant::start().await.unwrap();
    let path = format!("applications/{NIGHTLY_JOB}");
    let new = json!({ "passwordCredential": { "displayName": "second" } });

    let added = tell_alpine(&tenant, Method::POST, &format!("{path}/addPassword"), new).await;

    let secret = added.body["secretText"].as_str().unwrap();
    let request = tenant.client_credentials().client(NIGHTLY_JOB, secret);
    assert_eq!(request.send().await.unwrap().status, 200);
    assert_eq!(tenant.client_credentials().send().await.unwrap().status, 200);
    let shown = ask(&tenant, Method::GET, &format!("tenants/{ALPINE}/{path}")).await;
    assert!(!shown.text.contains(secret), "{}", shown.text);
    let remove = json!({ "displayName": "second" });
    let removed = tell_alpine(&tenant, Method::POST, &format!("{path}/removePassword"), remove.clone()).await;
    assert_eq!(removed.status, 204, "{}", removed.text);
    assert_eq!(request.send().await.unwrap().code(), Some(7000215));
    assert_eq!(tell_alpine(&tenant, Method::POST, &format!("{path}/removePassword"), remove).await.status, 404);
}

#[tokio::test]
async fn a_consent_is_taken_back() {
    let tenant = TestTenant::start().await.unwrap();
    let me = ask(&tenant, Method::GET, &format!("tenants/{ALPINE}/users/cloud@alpine.test")).await;
    let grants = ask(&tenant, Method::GET, &format!("tenants/{ALPINE}/oauth2PermissionGrants")).await;
    let mine = |grant: &&Value| {
        grant["principalId"] == me.body["id"]
            && grant["clientId"] == LEGACY_TOOL.to_string()
            && grant["resourceId"] == EMPLOYEE_API.to_string()
    };
    let grant = grants.body["value"].as_array().unwrap().iter().find(mine).unwrap();
    assert!(tenant.token("cloud@alpine.test").await.is_ok());

    let path = format!("tenants/{ALPINE}/oauth2PermissionGrants/{}", grant["id"].as_str().unwrap());
    assert_eq!(ask(&tenant, Method::DELETE, &path).await.status, 204);

    assert_eq!(tenant.password("cloud@alpine.test").send().await.unwrap().code(), Some(65001));
    assert_eq!(ask(&tenant, Method::DELETE, &path).await.status, 404);
}

#[tokio::test]
async fn policies_are_made_switched_replaced_and_deleted() {
    let tenant = TestTenant::start().await.unwrap();
    let blocked = tenant.password("blocked@alpine.test");
    assert_eq!(blocked.send().await.unwrap().code(), Some(53003));

    let off =
        tell_alpine(&tenant, Method::PATCH, "conditionalAccess/policies/Block", json!({ "state": "disabled" })).await;
    assert_eq!(off.status, 200, "{}", off.text);
    assert_eq!(blocked.send().await.unwrap().status, 200);

    let new = json!({
        "displayName": "No tools", "state": "enabled",
        "conditions": {
            "users": { "includeUsers": ["cloud@alpine.test"] },
            "applications": { "includeApplications": ["api://employees.alpine.test"] },
        },
        "grantControls": { "operator": "OR", "builtInControls": ["block"] },
    });
    let created = tell_alpine(&tenant, Method::POST, "conditionalAccess/policies", new.clone()).await;
    assert_eq!(created.status, 201, "{}", created.text);
    assert_eq!(tenant.password("cloud@alpine.test").send().await.unwrap().code(), Some(53003));
    assert_eq!(tell_alpine(&tenant, Method::POST, "conditionalAccess/policies", new.clone()).await.status, 409);

    // Whoever a policy names may be deleted, and the policy is still changeable.
    assert_eq!(ask(&tenant, Method::DELETE, &format!("tenants/{ALPINE}/users/cloud@alpine.test")).await.status, 204);
    let path = format!("conditionalAccess/policies/{}", created.body["id"].as_str().unwrap());
    let off = tell_alpine(&tenant, Method::PATCH, &path, json!({ "state": "disabled" })).await;
    assert_eq!(off.status, 200, "{}", off.text);
    let mut other = new;
    other["conditions"]["users"]["includeUsers"] = json!(["hashsync@alpine.test"]);
    let replaced = tell_alpine(&tenant, Method::PUT, &path, other.clone()).await;
    assert_eq!((replaced.status, &replaced.body["id"]), (200, &created.body["id"]), "{}", replaced.text);
    assert_eq!(tenant.password("hashsync@alpine.test").send().await.unwrap().code(), Some(53003));
    other["conditions"]["users"]["includeUsers"] = json!(["nobody@alpine.test"]);
    let wrong = tell_alpine(&tenant, Method::PUT, &path, other).await;
    assert!(message(&wrong).contains("which is no user of this tenant"), "{}", wrong.text);
    assert_eq!(ask(&tenant, Method::DELETE, &format!("tenants/{ALPINE}/{path}")).await.status, 204);
    assert_eq!(tenant.password("hashsync@alpine.test").send().await.unwrap().status, 200);
}
