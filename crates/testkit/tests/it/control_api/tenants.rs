//! Tenants whole: copies, reset, clock, settings, the sign-in log.

use reqwest::Method;
use ropeway_testkit::TestTenant;
use ropeway_testkit::sample::{ALPINE, EMPLOYEE_API, FJORD, PASSWORD};
use serde_json::{Value, json};

use super::{ask, message, tell, tell_alpine};

#[tokio::test]
async fn a_copy_is_a_tenant_of_its_own_in_which_every_password_works_at_once() {
    let tenant = TestTenant::start().await.unwrap();

    let copied = tell(&tenant, Method::POST, "tenants", json!({ "from": ALPINE })).await;

    assert_eq!(copied.status, 201, "{}", copied.text);
    let id = copied.body["tenantId"].as_str().unwrap();
    let domain = copied.body["domains"][0].as_str().unwrap();
    assert_eq!(domain, format!("{}.alpine.test", &id[..8]));
    let in_copy = |name: &str| tenant.password(&format!("{name}@{domain}")).at(id);
    let granted = in_copy("cloud").send().await.unwrap().granted().unwrap();
    assert_eq!(granted.access_claims()["tid"], id);
    assert_eq!(granted.access_claims()["aud"], EMPLOYEE_API.to_string());
    let original = tenant.password("cloud@alpine.test").send().await.unwrap().granted().unwrap();
    assert_ne!(original.access_claims()["oid"], granted.access_claims()["oid"]);
    assert_eq!(in_copy("mfa").send().await.unwrap().code(), Some(50076));
    assert_eq!(in_copy("camfa").send().await.unwrap().code(), Some(50076));
    assert_eq!(in_copy("blocked").send().await.unwrap().code(), Some(53003));
    assert_eq!(in_copy("expired").send().await.unwrap().code(), Some(50055));
    assert_eq!(in_copy("locked").send().await.unwrap().code(), Some(50053));
    assert_eq!(in_copy("cloud").password_is("wrong").send().await.unwrap().code(), Some(50126));
    assert_eq!(in_copy("noconsent").send().await.unwrap().code(), Some(65001));
    let guest = tenant.password("guest@fjord.test").at(id).send().await.unwrap().granted().unwrap();
    assert_eq!(guest.access_claims()["tid"], id);
    let job = tenant.client_credentials().at(id).send().await.unwrap().granted().unwrap();
    assert_eq!(job.access_claims()["roles"], json!(["Employees.Read.All"]));
    // The original's users are strangers in the copy.
    assert_eq!(tenant.password("cloud@alpine.test").at(id).send().await.unwrap().code(), Some(50020));

    let user = format!("tenants/{id}/users/cloud@{domain}");
    let changed = tell(&tenant, Method::PATCH, &user, json!({ "accountEnabled": false })).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(in_copy("cloud").send().await.unwrap().code(), Some(50057));
    assert!(tenant.token("cloud@alpine.test").await.is_ok());

    assert_eq!(ask(&tenant, Method::DELETE, &format!("tenants/{id}")).await.status, 204);
    assert_eq!(in_copy("cloud").send().await.unwrap().code(), Some(90002));
    assert_eq!(ask(&tenant, Method::DELETE, &format!("tenants/{id}")).await.status, 404);
    assert_eq!(ask(&tenant, Method::DELETE, &format!("tenants/{ALPINE}")).await.status, 409);
}

#[tokio::test]
async fn a_copy_keeps_its_passwords_when_the_server_starts_again() {
    let data = tempfile::tempdir().unwrap();
    let tenant = TestTenant::builder().data(data.path()).start().await.unwrap();
    let copied = tell(&tenant, Method::POST, "tenants", json!({ "from": ALPINE })).await;
    let again = tell(&tenant, Method::POST, "tenants", json!({ "from": copied.body["tenantId"] })).await;
    tenant.stop().await;

    let tenant = TestTenant::builder().data(data.path()).start().await.unwrap();

    for copy in [copied, again] {
        let (id, domain) = (copy.body["tenantId"].as_str().unwrap(), copy.body["domains"][0].as_str().unwrap());
        let answer = tenant.password(&format!("cloud@{domain}")).at(id).send().await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
}

#[tokio::test]
async fn a_copy_of_a_user_with_a_changed_password_has_the_changed_one() {
    let tenant = TestTenant::start().await.unwrap();
    let secret = ropeway_core::secret::Secret::new("Other-2042");
    tenant.app().change_password(ALPINE, "cloud@alpine.test", &secret).await.unwrap();

    let copied = tell(&tenant, Method::POST, "tenants", json!({ "from": "alpine.test" })).await;

    let (id, domain) = (copied.body["tenantId"].as_str().unwrap(), copied.body["domains"][0].as_str().unwrap());
    let user = format!("cloud@{domain}");
    let with = |password: &str| tenant.password(&user).at(id).password_is(password);
    assert_eq!(with(PASSWORD).send().await.unwrap().code(), Some(50126));
    assert_eq!(with("Other-2042").send().await.unwrap().status, 200);
}

#[tokio::test]
async fn reset_puts_back_what_the_file_says_in_a_copy_too() {
    let tenant = TestTenant::start().await.unwrap();
    let copied = tell(&tenant, Method::POST, "tenants", json!({ "from": ALPINE })).await;
    let id = copied.body["tenantId"].as_str().unwrap();
    for (tenant_id, domain) in
        [(ALPINE.to_string(), "alpine.test"), (id.to_owned(), copied.body["domains"][0].as_str().unwrap())]
    {
        let user = format!("cloud@{domain}");
        let sign_in = tenant.password(&user).at(&tenant_id);
        let before = sign_in.send().await.unwrap().granted().unwrap().access_claims()["oid"].clone();
        let path = |rest: &str| format!("tenants/{tenant_id}/{rest}");
        assert_eq!(ask(&tenant, Method::DELETE, &path(&format!("users/{user}"))).await.status, 204);
        assert_eq!(tell(&tenant, Method::PUT, &path("clock"), json!({ "offsetSeconds": 99 })).await.status, 200);
        assert_eq!(sign_in.send().await.unwrap().code(), Some(50034));

        assert_eq!(ask(&tenant, Method::POST, &path("reset")).await.status, 204);

        assert_eq!(sign_in.send().await.unwrap().granted().unwrap().access_claims()["oid"], before);
        let log = ask(&tenant, Method::GET, &path("signIns")).await;
        assert_eq!(log.body["value"].as_array().map(Vec::len), Some(1));
        assert_eq!(ask(&tenant, Method::GET, &path("clock")).await.body["offsetSeconds"], 0);
    }
}

#[tokio::test]
async fn tenant_time_moves_without_tokens_unless_they_follow_it() {
    let tenant = TestTenant::start().await.unwrap();
    let issued = async || {
        let claims = tenant.password("cloud@alpine.test").send().await.unwrap().granted().unwrap().access_claims();
        // As Entra's, a token begins five minutes before it is issued.
        claims["iat"].as_i64().unwrap() + 300
    };
    let now = tenant.app().source.wall().unix_seconds();
    const YEAR: i64 = 365 * 86_400;

    let advanced = tell_alpine(&tenant, Method::POST, "clock/advance", json!({ "seconds": YEAR })).await;

    assert_eq!((&advanced.body["offsetSeconds"], &advanced.body["tokens"]), (&json!(YEAR), &json!("wall")));
    assert!((issued().await - now).abs() < 60);
    assert_eq!(tell_alpine(&tenant, Method::PUT, "clock", json!({ "tokens": "tenant" })).await.status, 200);
    assert!((issued().await - now - YEAR).abs() < 60);
    let frozen = json!({ "frozenAt": "2030-01-01T00:00:00Z" });
    let frozen = tell_alpine(&tenant, Method::PUT, "clock", frozen).await;
    assert_eq!((&frozen.body["now"], &frozen.body["tokens"]), (&json!("2030-01-01T00:00:00Z"), &json!("tenant")));
    assert_eq!(issued().await, 1_893_456_000);
    for wrong in
        [json!({}), json!({ "frozenAt": "soon" }), json!({ "offsetSeconds": 1, "frozenAt": "2030-01-01T00:00:00Z" })]
    {
        assert_eq!(tell_alpine(&tenant, Method::PUT, "clock", wrong).await.status, 400);
    }
}

#[tokio::test]
async fn settings_of_a_tenant_are_changed() {
    let tenant = TestTenant::start().await.unwrap();
    let settings = format!("tenants/{ALPINE}");
    let down = json!({ "ropeway": { "passThroughAgent": "down", "smartLockout": { "threshold": 2 } } });

    let changed = tell(&tenant, Method::PATCH, &settings, down).await;

    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(changed.body["ropeway"]["smartLockout"], json!({ "threshold": 2, "durationInSeconds": 60 }));
    assert_eq!(tenant.password("passthrough@alpine.test").send().await.unwrap().code(), Some(80002));
    for wrong in ["a", "b"] {
        tenant.password("cloud@alpine.test").password_is(wrong).send().await.unwrap();
    }
    assert_eq!(tenant.password("cloud@alpine.test").send().await.unwrap().code(), Some(50053));
    let secure = json!({ "securityDefaults": { "isEnabled": true } });
    assert_eq!(tell(&tenant, Method::PATCH, &settings, secure).await.status, 200);
    assert_eq!(tenant.password("hashsync@alpine.test").send().await.unwrap().code(), Some(50079));
    let replay = tell(&tenant, Method::PATCH, &settings, json!({ "ropeway": { "replay": "entra" } })).await;
    assert_eq!(replay.body["ropeway"]["replay"], "entra");
    let replay = tell(&tenant, Method::PATCH, &settings, json!({ "ropeway": { "replay": null } })).await;
    assert_eq!(
        (&replay.body["ropeway"]["replay"], &replay.body["ropeway"]["passThroughAgent"]),
        (&Value::Null, &json!("down"))
    );
    let users = tell(&tenant, Method::PATCH, &settings, json!({ "users": [] })).await;
    assert!(
        message(&users)
            .contains("only displayName, securityDefaults, authorizationPolicy, ropeway can be changed here"),
        "{}",
        users.text
    );
}

#[tokio::test]
async fn sign_ins_are_listed_newest_first_and_followed() {
    let tenant = TestTenant::start().await.unwrap();
    let path = format!("tenants/{ALPINE}/signIns");
    let mut followed = tenant.control(Method::GET, &format!("{path}/stream")).send().await.unwrap();
    assert_eq!(followed.headers()["content-type"], "text/event-stream");

    tenant.password("guest@fjord.test").at(FJORD).send().await.unwrap();
    tenant.password("cloud@alpine.test").send().await.unwrap();
    tenant.password("mfa@alpine.test").send().await.unwrap();

    let listed = ask(&tenant, Method::GET, &format!("{path}?top=2")).await;
    let rows = listed.body["value"].as_array().unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!(
        (&rows[0]["userPrincipalName"], &rows[0]["status"]["errorCode"]),
        (&json!("mfa@alpine.test"), &json!(50076))
    );
    assert_eq!((&rows[1]["status"]["errorCode"], &rows[1]["appDisplayName"]), (&json!(0), &json!("Legacy tool")));
    let mut events = String::new();
    while events.matches("\n\n").count() < 2 {
        events.push_str(std::str::from_utf8(&followed.chunk().await.unwrap().unwrap()).unwrap());
    }
    let data: Vec<Value> = events
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|data| serde_json::from_str(data).unwrap())
        .collect();
    assert_eq!((&data[0], &data[1]), (&rows[1], &rows[0]));
    assert!(events.starts_with("event: signIn\n"), "{events}");
    // Later in the tenant's time there is nothing.
    let later = ask(&tenant, Method::GET, &format!("{path}?since=9999-01-01T00:00:00Z")).await;
    assert_eq!(later.body["value"], json!([]));
    assert_eq!(ask(&tenant, Method::GET, &format!("{path}?since=yesterday")).await.status, 400);

    tenant.app().stop().await;
    while let Some(rest) = followed.chunk().await.unwrap() {
        assert!(rest.is_empty(), "{rest:?}");
    }
}
