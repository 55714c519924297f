//! Azure Resource Manager, as far as `az login` asks.

use reqwest::Method;
use ropeway_core::ids::{AZURE_CLI, TenantId};
use ropeway_core::time::WallTime;
use ropeway_server::moment::WallClock;
use ropeway_testkit::sample::{ALPINE, FJORD, NIGHTLY_JOB, NIGHTLY_JOB_SECRET};
use ropeway_testkit::{Answer, TestTenant};
use serde_json::{Value, json};

const AZURE: &str = "https://management.core.windows.net//.default";
const VERSION: &str = "api-version=2022-12-01";

async fn ask(tenant: &TestTenant, method: Method, path: &str, token: &str) -> Answer {
    let request = tenant.http().request(method, format!("{}{path}", tenant.origin()));
    let request = if token.is_empty() { request } else { request.bearer_auth(token) };
    Answer::read(request.send().await.unwrap()).await.unwrap()
}

async fn look(tenant: &TestTenant, path: &str, token: &str) -> Answer {
    ask(tenant, Method::GET, &format!("{path}?{VERSION}"), token).await
}

async fn user_token(tenant: &TestTenant, user: &str, at: TenantId) -> String {
    let request = tenant.password(user).set("client_id", AZURE_CLI).scope(AZURE).at(at);
    request.send().await.unwrap().granted().unwrap().access_token().to_owned()
}

async fn job_token(tenant: &TestTenant) -> String {
    let request = tenant.client_credentials().client(NIGHTLY_JOB, NIGHTLY_JOB_SECRET).scope(AZURE);
    request.send().await.unwrap().granted().unwrap().access_token().to_owned()
}

fn error(answer: &Answer) -> (u16, &str, &str) {
    let text = |name: &str| answer.body["error"][name].as_str().unwrap_or_default();
    (answer.status, text("code"), text("message"))
}

fn challenge(answer: &Answer) -> &str {
    answer.headers["www-authenticate"].to_str().unwrap()
}

#[tokio::test]
async fn the_metadata_name_the_endpoints_that_are_here() {
    let tenant = TestTenant::start().await.unwrap();
    let origin = tenant.origin();

    let now = ask(&tenant, Method::GET, "/metadata/endpoints?api-version=2022-09-01", "").await;
    let older = ask(&tenant, Method::GET, "/metadata/endpoints?api-version=2020-06-01", "").await;

    let expected = json!({
        "name": "Ropeway",
        "authentication": {
            "loginEndpoint": origin,
            "audiences": ["https://management.core.windows.net/", "https://management.azure.com/"],
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "resourceManager": format!("{origin}/"),
        "microsoftGraphResourceId": format!("{origin}/"),
        "graph": "https://graph.windows.net/",
        "graphAudience": "https://graph.windows.net/",
        "suffixes": {},
    });
    assert_eq!((now.status, &now.body), (200, &expected));
    assert_eq!((older.status, older.body), (200, json!([expected])));
}

#[tokio::test]
async fn every_request_says_a_version() {
    let tenant = TestTenant::start().await.unwrap();
    let token = user_token(&tenant, "cloud@alpine.test", ALPINE).await;
    for path in ["/metadata/endpoints", "/tenants", "/subscriptions", "/subscriptions/s/resourceGroups"] {
        let none = ask(&tenant, Method::GET, path, &token).await;
        assert_eq!(
            error(&none),
            (
                400,
                "MissingApiVersionParameter",
                "The api-version query parameter (?api-version=) is required for all requests."
            )
        );
        let wrong = ask(&tenant, Method::GET, &format!("{path}?api-version=newest"), &token).await;
        assert_eq!(error(&wrong), (400, "InvalidApiVersionParameter", "The api-version 'newest' is invalid."));
    }
}

#[tokio::test]
async fn a_user_sees_the_tenants_it_is_in_and_the_one_subscription_of_the_tokens_tenant() {
    let tenant = TestTenant::start().await.unwrap();
    let ids = |answer: &Answer| -> Vec<String> {
        let value = answer.body["value"].as_array().unwrap();
        value.iter().map(|tenant| tenant["tenantId"].as_str().unwrap().to_owned()).collect()
    };
    for (user, at, expected) in [
        ("cloud@alpine.test", ALPINE, vec![ALPINE]),
        ("guest@fjord.test", FJORD, vec![FJORD, ALPINE]),
        ("guest@fjord.test", ALPINE, vec![ALPINE, FJORD]),
    ] {
        let token = user_token(&tenant, user, at).await;
        let tenants = look(&tenant, "/tenants", &token).await;
        assert_eq!(tenants.status, 200, "{}", tenants.text);
        assert_eq!(ids(&tenants), expected.iter().map(ToString::to_string).collect::<Vec<_>>(), "{user} at {at}");
        let subscriptions = look(&tenant, "/subscriptions", &token).await;
        assert_eq!(ids(&subscriptions), [at.to_string()]);
    }

    let token = user_token(&tenant, "cloud@alpine.test", ALPINE).await;
    let tenants = look(&tenant, "/tenants", &token).await;
    assert_eq!(
        tenants.body["value"][0],
        json!({
            "id": format!("/tenants/{ALPINE}"),
            "tenantId": ALPINE,
            "displayName": "Alpine",
            "domains": ["alpine.test", "onprem.alpine.test"],
            "tenantCategory": "Home",
            "defaultDomain": "alpine.test",
            "tenantType": "AAD",
        })
    );
    let subscriptions = look(&tenant, "/subscriptions", &token).await;
    let subscription = &subscriptions.body["value"][0];
    assert_eq!(subscription["displayName"], "Ropeway test");
    assert_eq!(subscription["state"], "Enabled");
    assert_eq!(subscriptions.body["count"], json!({ "type": "Total", "value": 1 }));
    let alone = look(&tenant, subscription["id"].as_str().unwrap(), &token).await;
    assert_eq!(alone.body, *subscription);
    assert_eq!(alone.headers["content-type"], "application/json; charset=utf-8");
    assert!(alone.headers.contains_key("x-ms-request-id"));
}

#[tokio::test]
async fn an_application_sees_its_own_tenant_only() {
    let tenant = TestTenant::start().await.unwrap();
    let token = job_token(&tenant).await;
    for path in ["/tenants", "/subscriptions"] {
        let answer = look(&tenant, path, &token).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let tenants: Vec<&Value> =
            answer.body["value"].as_array().unwrap().iter().map(|one| &one["tenantId"]).collect();
        assert_eq!(tenants, [&json!(ALPINE)]);
    }
}

#[tokio::test]
async fn the_subscription_is_empty_and_others_are_not_found() {
    let tenant = TestTenant::start().await.unwrap();
    let token = user_token(&tenant, "cloud@alpine.test", ALPINE).await;
    let own = look(&tenant, "/subscriptions", &token).await.body["value"][0]["id"].as_str().unwrap().to_owned();
    let fjord = user_token(&tenant, "guest@fjord.test", FJORD).await;
    let foreign = look(&tenant, "/subscriptions", &fjord).await.body["value"][0]["id"].as_str().unwrap().to_owned();

    let groups = look(&tenant, &format!("{own}/resourcegroups"), &token).await;
    assert_eq!((groups.status, &groups.body), (200, &json!({ "value": [] })));
    let group = look(&tenant, &format!("{own}/resourceGroups/mine"), &token).await;
    assert_eq!(error(&group), (404, "ResourceGroupNotFound", "Resource group 'mine' could not be found."));
    let provider = look(&tenant, &format!("{own}/providers"), &token).await;
    assert_eq!((provider.status, error(&provider).1), (404, "NotFound"));
    let nowhere = look(&tenant, "/subscriptions/5e1f0a00-0000-4000-8000-0000000000ff", &token).await;
    assert_eq!(
        error(&nowhere),
        (404, "SubscriptionNotFound", "The subscription '5e1f0a00-0000-4000-8000-0000000000ff' could not be found.")
    );
    let elsewhere = look(&tenant, &foreign, &token).await;
    assert_eq!((elsewhere.status, error(&elsewhere).1), (401, "InvalidAuthenticationTokenTenant"));
    let right_authority = format!(r#"authorization_uri="{}/{FJORD}""#, tenant.origin());
    assert!(challenge(&elsewhere).contains(&right_authority), "{}", challenge(&elsewhere));
}

#[tokio::test]
async fn a_users_write_is_challenged_for_a_second_factor_and_an_applications_is_not_authorized() {
    let tenant = TestTenant::start().await.unwrap();
    let token = user_token(&tenant, "cloud@alpine.test", ALPINE).await;
    let job = job_token(&tenant).await;
    let own = look(&tenant, "/subscriptions", &token).await.body["value"][0]["id"].as_str().unwrap().to_owned();
    let group = format!("{own}/resourcegroups/mine");
    for method in [Method::PUT, Method::PATCH, Method::POST, Method::DELETE] {
        let answer = ask(&tenant, method.clone(), &format!("{group}?{VERSION}"), &token).await;
        let (status, code, message) = error(&answer);
        assert_eq!((status, code), (401, "RequestDisallowedByAzure"), "{method}");
        assert!(message.starts_with("Resource 'mine' was disallowed by Azure: "), "{message}");
        assert_eq!(
            challenge(&answer),
            format!(
                r#"Bearer realm="", authorization_uri="{}/common/oauth2/authorize", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnsiYWNycyI6eyJlc3NlbnRpYWwiOnRydWUsInZhbHVlcyI6WyJwMSJdfX19""#,
                tenant.origin()
            )
        );
        let answer = ask(&tenant, method.clone(), &format!("{group}?{VERSION}"), &job).await;
        let (status, code, message) = error(&answer);
        assert_eq!((status, code), (403, "AuthorizationFailed"), "{method}");
        assert!(message.contains(&NIGHTLY_JOB.to_string()) && message.contains(&group), "{message}");
        assert!(!answer.headers.contains_key("www-authenticate"));
    }
}

#[tokio::test]
async fn only_an_access_token_for_azure_service_management_opens_it() {
    let tenant = TestTenant::start().await.unwrap();
    let token = user_token(&tenant, "cloud@alpine.test", ALPINE).await;
    assert_eq!(look(&tenant, "/tenants", &token).await.status, 200, "the control");

    let missing = look(&tenant, "/subscriptions", "").await;
    assert_eq!(
        error(&missing),
        (401, "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.")
    );
    assert_eq!(
        challenge(&missing),
        format!(
            r#"Bearer authorization_uri="{}/", error="invalid_token", error_description="The authentication failed because of missing 'Authorization' header.""#,
            tenant.origin()
        )
    );
    let (head, signature) = token.rsplit_once('.').unwrap();
    let tampered = format!("{head}.{}", signature.chars().rev().collect::<String>());
    for wrong in ["not.a.token", &tampered] {
        let answer = look(&tenant, "/tenants", wrong).await;
        assert_eq!(error(&answer), (401, "InvalidAuthenticationToken", "The access token is invalid."), "{wrong}");
        assert!(challenge(&answer).contains(r#"error="invalid_token""#));
    }
    let for_the_api = tenant.token("cloud@alpine.test").await.unwrap();
    let answer = look(&tenant, "/tenants", &for_the_api).await;
    assert_eq!((answer.status, error(&answer).1), (401, "InvalidAuthenticationTokenAudience"));
    assert!(error(&answer).2.contains("'https://management.azure.com/'"), "{}", answer.text);
}

#[tokio::test]
async fn an_expired_token_is_told_in_the_spelling_of_azure() {
    let at = WallTime::parse_rfc3339("2026-08-05T13:07:09Z").unwrap();
    let tenant = TestTenant::builder().frozen_at(at).start().await.unwrap();
    let token = user_token(&tenant, "cloud@alpine.test", ALPINE).await;
    tenant.set_wall_clock(WallClock::Frozen { at: at.plus_seconds(86_400) });
    let answer = look(&tenant, "/tenants", &token).await;
    let (status, code, message) = error(&answer);
    assert_eq!((status, code), (401, "ExpiredAuthenticationToken"));
    assert!(message.ends_with("is earlier than current UTC time '8/6/2026 1:07:09 PM'."), "{message}");
}
