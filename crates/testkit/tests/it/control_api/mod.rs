//! The control API, as a test in another language uses it.

mod directory;
mod tenants;

use reqwest::Method;
use ropeway_testkit::sample::{ALPINE, LEGACY_PORTAL, PASSWORD};
use ropeway_testkit::{Answer, TestTenant};
use serde_json::{Value, json};

async fn ask(tenant: &TestTenant, method: Method, path: &str) -> Answer {
    Answer::read(tenant.control(method, path).send().await.unwrap()).await.unwrap()
}

async fn tell(tenant: &TestTenant, method: Method, path: &str, body: Value) -> Answer {
    Answer::read(tenant.control(method, path).json(&body).send().await.unwrap()).await.unwrap()
}

/// The same for the tenant that requests go to.
async fn tell_alpine(tenant: &TestTenant, method: Method, path: &str, body: Value) -> Answer {
    tell(tenant, method, &format!("tenants/{ALPINE}/{path}"), body).await
}

fn message(answer: &Answer) -> &str {
    answer.body["error"]["message"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn only_the_control_key_opens_it() {
    let tenant = TestTenant::start().await.unwrap();
    let url = format!("{}/_ropeway/api/v1/tenants", tenant.origin());
    let key = tenant.control_key().expose();
    for (authorization, status) in [
        (format!("Bearer {key}"), 200),
        (format!("bearer {key}"), 200),
        (format!("Basic {key}"), 401),
        (format!("Bearer {}", &key[1..]), 401),
        ("Bearer ".to_owned(), 401),
        (key.to_owned(), 401),
    ] {
        let request = tenant.http().get(&url).header("authorization", &authorization);
        let answer = Answer::read(request.send().await.unwrap()).await.unwrap();
        assert_eq!(answer.status, status, "{authorization}");
    }
    let unknown = Answer::read(tenant.http().get(&url).send().await.unwrap()).await.unwrap();
    assert_eq!(unknown.status, 401);
    assert_eq!(unknown.headers["www-authenticate"], "Bearer realm=\"ropeway\"");
    assert_eq!(unknown.body["error"]["code"], "InvalidAuthenticationToken");
    assert!(message(&unknown).contains("controlKey"), "{}", unknown.text);
    assert!(!unknown.headers.contains_key("access-control-allow-origin"));
    // What is not there is not told to strangers either.
    let stranger = tenant.http().get(format!("{url}/nobody")).send().await.unwrap();
    assert_eq!(stranger.status(), 401);
}

#[tokio::test]
async fn the_document_lists_every_endpoint_and_every_reference_in_it_leads_somewhere() {
    let tenant = TestTenant::start().await.unwrap();
    let url = format!("{}/_ropeway/api/openapi.json", tenant.origin());
    let answer = Answer::read(tenant.http().get(url).send().await.unwrap()).await.unwrap();

    assert_eq!(answer.body["openapi"].as_str().map(|version| &version[..3]), Some("3.1"));
    let paths = answer.body["paths"].as_object().unwrap();
    let listed: Vec<String> = paths
        .iter()
        .map(|(path, methods)| {
            let methods = methods.as_object().unwrap().keys().filter(|key| *key != "parameters");
            format!("{} {path}", methods.map(|method| method.to_uppercase()).collect::<Vec<_>>().join(" "))
        })
        .collect();
    insta::assert_snapshot!(listed.join("\n"), @r"
    GET /keys
    POST /keys/rotate
    GET POST /tenants
    GET DELETE PATCH /tenants/{tenant}
    GET POST /tenants/{tenant}/applications
    GET DELETE PATCH /tenants/{tenant}/applications/{application}
    POST /tenants/{tenant}/applications/{application}/addPassword
    POST /tenants/{tenant}/applications/{application}/removePassword
    GET PUT /tenants/{tenant}/clock
    POST /tenants/{tenant}/clock/advance
    GET POST /tenants/{tenant}/conditionalAccess/policies
    GET PUT DELETE PATCH /tenants/{tenant}/conditionalAccess/policies/{policy}
    GET POST /tenants/{tenant}/oauth2PermissionGrants
    DELETE /tenants/{tenant}/oauth2PermissionGrants/{grant}
    POST /tenants/{tenant}/reset
    GET /tenants/{tenant}/signIns
    GET /tenants/{tenant}/signIns/stream
    GET POST /tenants/{tenant}/users
    GET DELETE PATCH /tenants/{tenant}/users/{user}
    POST /tenants/{tenant}/users/{user}/resetPassword
    POST /tenants/{tenant}/users/{user}/revokeSignInSessions
    GET /tenants/{tenant}/users/{user}/totp
    POST /tenants/{tenant}/users/{user}/unlock
    ");
    let mut references = Vec::new();
    collect_references(&answer.body, &mut references);
    assert!(references.len() > 50, "{}", references.len());
    for reference in references {
        assert!(answer.body.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
}

fn collect_references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|member| collect_references(member, found));
        }
        Value::Array(elements) => elements.iter().for_each(|element| collect_references(element, found)),
        _ => {}
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_body_is_said_with_its_place() {
    let tenant = TestTenant::start().await.unwrap();
    let users = format!("tenants/{ALPINE}/users");
    for (body, expected) in [
        ("{\"userPrincipalName\": \"new@alpine.test\",\n  }", "line 2, column 3: this is no JSON"),
        (r#"{"mail":"a@alpine.test","mail":"b@alpine.test"}"#, "a member is repeated"),
        (
            r#"{"userPrincipalName":"new@alpine.test","displyName":"New"}"#,
            "displyName: a user has no such property; did you mean displayName?",
        ),
        (
            r#"{"userPrincipalName":"new@elsewhere.test"}"#,
            "userPrincipalName: elsewhere.test is no domain of this tenant",
        ),
        (r#"{"displayName":"New"}"#, "a user has no userPrincipalName"),
        (
            r#"{"userPrincipalName":"new@alpine.test","accountEnabled":"no"}"#,
            "accountEnabled: found \"no\"; expected true or false",
        ),
        (
            r#"{"userPrincipalName":"new@alpine.test","passwordProfile":{"password":7}}"#,
            "passwordProfile.password: found a number",
        ),
        ("[]", "found a list"),
        ("", "this is no JSON"),
    ] {
        let answer = Answer::read(tenant.control(Method::POST, &users).body(body).send().await.unwrap()).await.unwrap();
        assert_eq!(answer.status, 400, "{body}: {}", answer.text);
        assert_eq!(answer.body["error"]["code"], "Request_BadRequest");
        assert!(message(&answer).contains(expected), "{body}: {}", answer.text);
    }
    let clock = tell_alpine(&tenant, Method::PUT, "clock", json!({ "offsetSecond": 1 })).await;
    assert!(
        message(&clock).contains("unknown field `offsetSecond`, expected one of `offsetSeconds`"),
        "{}",
        clock.text
    );
    let large = tenant.control(Method::POST, &users).body(" ".repeat(1024 * 1024 + 1)).send().await.unwrap();
    assert_eq!(large.status(), 413);
    assert_eq!(ask(&tenant, Method::GET, "nothing").await.status, 404);
    assert_eq!(ask(&tenant, Method::DELETE, "keys").await.status, 405);
    let elsewhere = ask(&tenant, Method::GET, "tenants/nowhere.test/users").await;
    assert_eq!(
        (elsewhere.status, message(&elsewhere)),
        (404, "there is no tenant nowhere.test; GET tenants lists them")
    );
}

#[tokio::test]
async fn what_a_tenant_holds_is_listed_without_a_secret() {
    let tenant = TestTenant::start().await.unwrap();
    for path in ["", "/users", "/applications", "/oauth2PermissionGrants", "/conditionalAccess/policies", "/clock"] {
        let listed = ask(&tenant, Method::GET, &format!("tenants/{ALPINE}{path}")).await;
        assert_eq!(listed.status, 200, "{path}");
        for secret in [PASSWORD, "legacy-portal-secret", "JBSWY3DP", "alpine-pass-2042", "$argon2"] {
            assert!(!listed.text.contains(secret), "{path} shows {secret}");
        }
    }
    let portal = ask(&tenant, Method::GET, &format!("tenants/{ALPINE}/applications/{LEGACY_PORTAL}")).await;
    assert_eq!(portal.body["displayName"], "Legacy portal");
    let tenants = ask(&tenant, Method::GET, "tenants").await;
    assert_eq!(tenants.body["value"].as_array().map(Vec::len), Some(3));
}
