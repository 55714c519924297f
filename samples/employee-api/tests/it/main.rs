//! The two APIs through their door, against a provider of the test's own.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should stop")]

mod provider;

use std::time::Duration;

use employee_api::{KeyRefresh, Settings};
use provider::{EMPLOYEE_API, Provider, SigningKey, TIMESHEET_API, now, sign_with_hs256, unsigned, with, without};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;

const EMPLOYEES: &str = "/api/employees";
const TIMESHEETS: &str = "/api/timesheets";

struct Api {
    origin: String,
    http: Client,
}

impl Api {
    async fn start(provider: &Provider) -> Self {
        Self::start_with(provider, KeyRefresh::default()).await
    }

    async fn start_with(provider: &Provider, key_refresh: KeyRefresh) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let settings = Settings { key_refresh, ..Settings::for_tenant(&provider.origin, "alpine") };
        tokio::spawn(employee_api::serve(listener, settings));
        Self { origin, http: Client::new() }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.origin))
    }

    async fn get(&self, path: &str, token: &str) -> Response {
        self.request(Method::GET, path).bearer_auth(token).send().await.unwrap()
    }
}

fn challenge(response: &Response) -> &str {
    response.headers().get("www-authenticate").map_or("", |value| value.to_str().unwrap())
}

fn invalid_token(realm: &str, why: &str) -> String {
    format!("Bearer realm=\"{realm}\", error=\"invalid_token\", error_description=\"{why}\"")
}

fn insufficient_scope(realm: &str, scope: &str, why: &str) -> String {
    format!(
        "Bearer realm=\"{realm}\", error=\"insufficient_scope\", scope=\"{realm}/{scope}\", error_description=\"{why}\""
    )
}

const EMPLOYEE_REALM: &str = "api://employees.alpine.test";
const TIMESHEET_REALM: &str = "api://timesheets.alpine.test";

#[tokio::test]
async fn every_right_token_passes() {
    let key = SigningKey::new("k1");
    let provider = Provider::start(&[&key]).await;
    let api = Api::start(&provider).await;

    let right = [
        (EMPLOYEES, provider.user_claims(EMPLOYEE_API, "Employees.Read")),
        (EMPLOYEES, provider.user_claims(EMPLOYEE_API, "Employees.ReadWrite.All")),
        (EMPLOYEES, provider.user_claims(EMPLOYEE_API, "Other.Scope Employees.Read")),
        (EMPLOYEES, provider.application_claims(EMPLOYEE_API, &["Other.Role", "Employees.Read.All"])),
        (TIMESHEETS, provider.user_claims(TIMESHEET_API, "Timesheets.Submit")),
        (EMPLOYEES, with(provider.user_claims(EMPLOYEE_API, "Employees.Read"), "exp", now() - 10)),
        (EMPLOYEES, with(provider.user_claims(EMPLOYEE_API, "Employees.Read"), "nbf", now() + 30)),
    ];
    for (path, claims) in right {
        let response = api.get(path, &key.sign(&claims)).await;
        assert_eq!(response.status(), StatusCode::OK, "{path} {claims}");
        assert_eq!(challenge(&response), "");
        assert!(response.json::<Value>().await.unwrap().is_array());
    }
    assert_eq!(provider.times_asked(), 1, "the keys are read once and kept");
}

#[tokio::test]
async fn every_wrong_token_is_refused_as_rfc_6750_says() {
    let key = SigningKey::new("k1");
    let strangers_key = SigningKey::new("k1");
    let unpublished = SigningKey::new("k2");
    let provider = Provider::start(&[&key]).await;
    let api = Api::start(&provider).await;
    let user = || provider.user_claims(EMPLOYEE_API, "Employees.Read");
    let header = |alg: &str| json!({ "typ": "JWT", "alg": alg, "kid": "k1" });
    let public_key = key.public_key();

    let unreadable = "the token cannot be read as a v2.0 access token";
    let incomplete = "the token lacks one of the claims exp, nbf, iss, aud";
    let invalid = [
        ("wrong key", strangers_key.sign(&user()), "the signature does not fit the token"),
        ("alg none", unsigned(&header("none"), &user()), unreadable),
        ("alg None", unsigned(&header("None"), &user()), unreadable),
        ("RS256 unsigned", unsigned(&header("RS256"), &user()), "the signature does not fit the token"),
        (
            "HS256 with the public key",
            sign_with_hs256(&header("HS256"), &user(), public_key),
            "the token is not signed with RS256",
        ),
        ("alg RS512", key.sign_with_header(&header("RS512"), &user()), "the token is not signed with RS256"),
        ("alg PS256", key.sign_with_header(&header("PS256"), &user()), "the token is not signed with RS256"),
        ("missing kid", key.sign_with_header(&json!({ "alg": "RS256" }), &user()), "the token does not name its key"),
        ("unknown kid", unpublished.sign(&user()), "the token is signed with a key that the issuer does not publish"),
        (
            "critical extension",
            key.sign_with_header(&json!({ "alg": "RS256", "kid": "k1", "crit": ["b64"], "b64": true }), &user()),
            "the token demands an extension that this API does not know",
        ),
        (
            "wrong issuer",
            key.sign(&with(user(), "iss", "http://localhost/other/v2.0")),
            "the token is from another issuer",
        ),
        (
            "issuer with a slash more",
            key.sign(&with(user(), "iss", format!("{}/", provider.issuer()))),
            "the token is from another issuer",
        ),
        ("a list of issuers", key.sign(&with(user(), "iss", json!([provider.issuer()]))), unreadable),
        ("no issuer", key.sign(&without(user(), "iss")), unreadable),
        ("wrong audience", key.sign(&with(user(), "aud", TIMESHEET_API)), "the token is for another API"),
        ("audience of v1", key.sign(&with(user(), "aud", EMPLOYEE_REALM)), "the token is for another API"),
        ("a list of audiences", key.sign(&with(user(), "aud", json!([EMPLOYEE_API]))), unreadable),
        ("no audience", key.sign(&without(user(), "aud")), unreadable),
        ("expired", key.sign(&with(user(), "exp", now() - 120)), "the token has expired"),
        ("no expiry", key.sign(&without(user(), "exp")), incomplete),
        ("expiry as text", key.sign(&with(user(), "exp", "never")), incomplete),
        ("not yet valid", key.sign(&with(user(), "nbf", now() + 120)), "the token is not valid yet"),
        ("no beginning", key.sign(&without(user(), "nbf")), incomplete),
        ("v1 token", key.sign(&with(user(), "ver", "1.0")), "the token is not a v2.0 token"),
        ("no version", key.sign(&without(user(), "ver")), unreadable),
        ("ID token", key.sign(&without(user(), "azp")), "the token is not an access token"),
        ("not a JWT", "garbage".to_owned(), unreadable),
        ("three dots", "...".to_owned(), unreadable),
        ("a part more", format!("e30.{}", key.sign(&user())), unreadable),
    ];
    for (name, token, why) in invalid {
        let response = api.get(EMPLOYEES, &token).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{name}");
        assert_eq!(challenge(&response), invalid_token(EMPLOYEE_REALM, why), "{name}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body, json!({ "error": "invalid_token", "message": why }), "{name}");
    }
    assert_eq!(api.get(EMPLOYEES, &key.sign(&user())).await.status(), StatusCode::OK, "the control");
}

#[tokio::test]
async fn a_good_token_without_the_permission_is_forbidden() {
    let key = SigningKey::new("k1");
    let provider = Provider::start(&[&key]).await;
    let api = Api::start(&provider).await;
    let lacks_read = insufficient_scope(EMPLOYEE_REALM, "Employees.Read", "the token lacks the scope Employees.Read");
    let lacks_role = insufficient_scope(
        EMPLOYEE_REALM,
        ".default",
        "the token has neither a scope nor the application role Employees.Read.All",
    );
    let lacks_submit =
        insufficient_scope(TIMESHEET_REALM, "Timesheets.Submit", "the token lacks the scope Timesheets.Submit");
    let no_person = insufficient_scope(
        TIMESHEET_REALM,
        "Timesheets.Submit",
        "a time sheet belongs to a person: this API takes tokens of signed-in users only, and this one was issued to \
         an application by itself",
    );
    let user = |scp: &str| provider.user_claims(EMPLOYEE_API, scp);
    let application = |roles: &[&str]| provider.application_claims(EMPLOYEE_API, roles);

    let forbidden = [
        (EMPLOYEES, user("Other.Scope"), &lacks_read),
        (EMPLOYEES, user(""), &lacks_read),
        (EMPLOYEES, user("employees.read"), &lacks_read),
        (EMPLOYEES, user("Employees.Read.All"), &lacks_read),
        (EMPLOYEES, with(user("Other.Scope"), "roles", json!(["Employees.Read.All"])), &lacks_read),
        (EMPLOYEES, without(user(""), "scp"), &lacks_role),
        (EMPLOYEES, application(&[]), &lacks_role),
        (EMPLOYEES, application(&["Other.Role"]), &lacks_role),
        (EMPLOYEES, application(&["Employees.Read"]), &lacks_role),
        (TIMESHEETS, provider.user_claims(TIMESHEET_API, "Employees.Read"), &lacks_submit),
        (TIMESHEETS, provider.application_claims(TIMESHEET_API, &[]), &no_person),
        (TIMESHEETS, provider.application_claims(TIMESHEET_API, &["Timesheets.Submit"]), &no_person),
    ];
    for (path, claims, expected) in forbidden {
        let response = api.get(path, &key.sign(&claims)).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{path} {claims}");
        assert_eq!(challenge(&response), expected, "{path} {claims}");
        assert_eq!(response.json::<Value>().await.unwrap()["error"], "insufficient_scope");
    }
}

#[tokio::test]
async fn a_token_counts_only_in_one_authorization_header() {
    let key = SigningKey::new("k1");
    let provider = Provider::start(&[&key]).await;
    let api = Api::start(&provider).await;
    let token = key.sign(&provider.user_claims(EMPLOYEE_API, "Employees.Read"));
    let get = || api.request(Method::GET, EMPLOYEES);
    let plain = "Bearer realm=\"api://employees.alpine.test\"";

    let no_token = [
        get(),
        get().header("authorization", "Basic YWxwaW5lOnN1bW1pdA=="),
        get().header("authorization", &token),
        api.request(Method::GET, &format!("{EMPLOYEES}?access_token={token}")),
        get().header("content-type", "application/x-www-form-urlencoded").body(format!("access_token={token}")),
    ];
    for request in no_token {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(challenge(&response), plain);
        assert_eq!(response.json::<Value>().await.unwrap()["error"], "no_token");
    }

    let twice = get().bearer_auth(&token).header("authorization", format!("Bearer {token}")).send().await.unwrap();
    assert_eq!(twice.status(), StatusCode::BAD_REQUEST);
    assert_eq!(
        challenge(&twice),
        format!(
            "{plain}, error=\"invalid_request\", error_description=\"the request has more than one Authorization header\""
        )
    );
    assert_eq!(get().bearer_auth(&token).send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn a_new_key_is_picked_up_with_the_first_token_that_names_it() {
    let [old, new] = ["old", "new"].map(SigningKey::new);
    let provider = Provider::start(&[&old]).await;
    let api = Api::start(&provider).await;
    let claims = provider.user_claims(EMPLOYEE_API, "Employees.Read");
    assert_eq!(api.get(EMPLOYEES, &old.sign(&claims)).await.status(), StatusCode::OK);

    provider.publish(&[&old, &new]);

    assert_eq!(api.get(EMPLOYEES, &new.sign(&claims)).await.status(), StatusCode::OK);
    assert_eq!(api.get(EMPLOYEES, &old.sign(&claims)).await.status(), StatusCode::OK);
    assert_eq!(provider.times_asked(), 2);

    provider.publish(&[&new]);
    assert_eq!(provider.times_asked(), 2, "a key that is known is not asked for");
}

#[tokio::test]
async fn many_first_requests_at_once_read_the_keys_once() {
    let key = SigningKey::new("k1");
    let provider = Provider::start(&[&key]).await;
    let api = Api::start(&provider).await;
    let token = key.sign(&provider.user_claims(EMPLOYEE_API, "Employees.Read"));

    let mut requests = tokio::task::JoinSet::new();
    for _ in 0..20 {
        requests.spawn(api.request(Method::GET, EMPLOYEES).bearer_auth(&token).send());
    }
    for response in requests.join_all().await {
        assert_eq!(response.unwrap().status(), StatusCode::OK);
    }

    assert_eq!(provider.times_asked(), 1);
}

#[tokio::test]
async fn made_up_key_ids_do_not_hammer_the_provider() {
    let key = SigningKey::new("k1");
    let provider = Provider::start(&[&key]).await;
    let api = Api::start(&provider).await;
    let claims = provider.user_claims(EMPLOYEE_API, "Employees.Read");
    assert_eq!(api.get(EMPLOYEES, &key.sign(&claims)).await.status(), StatusCode::OK);

    for n in 0..50 {
        let forged = key.sign_with_header(&json!({ "alg": "RS256", "kid": format!("made-up-{n}") }), &claims);
        assert_eq!(api.get(EMPLOYEES, &forged).await.status(), StatusCode::UNAUTHORIZED);
    }

    assert_eq!(provider.times_asked(), 2, "once at start, once for the first unknown key id");
    assert_eq!(api.get(EMPLOYEES, &key.sign(&claims)).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn keys_that_are_old_are_read_again_and_a_withdrawn_key_stops_working() {
    let [old, new] = ["old", "new"].map(SigningKey::new);
    let provider = Provider::start(&[&old]).await;
    let always = KeyRefresh { max_age: Duration::ZERO, ..KeyRefresh::default() };
    let api = Api::start_with(&provider, always).await;
    let token = old.sign(&provider.user_claims(EMPLOYEE_API, "Employees.Read"));
    assert_eq!(api.get(EMPLOYEES, &token).await.status(), StatusCode::OK);

    provider.publish(&[&new]);

    assert_eq!(api.get(EMPLOYEES, &token).await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_unreachable_provider_is_told_as_503_and_not_blamed_on_the_token() {
    let key = SigningKey::new("k1");
    let provider = Provider::start(&[&key]).await;
    provider.is_down(true);
    let at_once = KeyRefresh { pause_after_failure: Duration::ZERO, ..KeyRefresh::default() };
    let api = Api::start_with(&provider, at_once).await;
    let token = key.sign(&provider.user_claims(EMPLOYEE_API, "Employees.Read"));

    let response = api.get(EMPLOYEES, &token).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(challenge(&response), "");
    assert_eq!(response.headers()["retry-after"], "1");
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["error"], "provider_unreachable");
    assert!(body["message"].as_str().unwrap().contains("says nothing about the token"));

    provider.is_down(false);
    assert_eq!(api.get(EMPLOYEES, &token).await.status(), StatusCode::OK, "and it recovers by itself");
}

#[tokio::test]
async fn keys_read_before_serve_on_while_the_provider_is_down() {
    let [known, new] = ["known", "new"].map(SigningKey::new);
    let provider = Provider::start(&[&known]).await;
    let impatient = KeyRefresh { max_age: Duration::ZERO, ..KeyRefresh::default() };
    let api = Api::start_with(&provider, impatient).await;
    let claims = provider.user_claims(EMPLOYEE_API, "Employees.Read");
    assert_eq!(api.get(EMPLOYEES, &known.sign(&claims)).await.status(), StatusCode::OK);

    provider.is_down(true);

    assert_eq!(api.get(EMPLOYEES, &known.sign(&claims)).await.status(), StatusCode::OK);
    let unknown = api.get(EMPLOYEES, &new.sign(&claims)).await;
    assert_eq!(unknown.status(), StatusCode::SERVICE_UNAVAILABLE, "whether the key is good cannot be known");
    let forged = SigningKey::new("known").sign(&claims);
    assert_eq!(api.get(EMPLOYEES, &forged).await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn odd_keys_in_the_set_are_passed_over() {
    let [key, foreign, encryption] = ["k1", "foreign", "encryption"].map(SigningKey::new);
    let provider = Provider::start(&[]).await;
    let own = key.published(&provider.issuer());
    provider.publish_raw(vec![
        json!({ "kty": "EC", "crv": "P-256", "kid": "curve", "x": "AA", "y": "AA" }),
        json!({ "kty": "OKP" }),
        foreign.published("http://localhost/another/v2.0"),
        with(encryption.published(&provider.issuer()), "use", "enc"),
        without(without(own, "issuer"), "use"),
    ]);
    let api = Api::start(&provider).await;
    let claims = provider.user_claims(EMPLOYEE_API, "Employees.Read");

    assert_eq!(api.get(EMPLOYEES, &key.sign(&claims)).await.status(), StatusCode::OK);
    for other in [foreign, encryption] {
        assert_eq!(api.get(EMPLOYEES, &other.sign(&claims)).await.status(), StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn a_user_hands_in_time_sheets_and_sees_only_their_own() {
    let key = SigningKey::new("k1");
    let provider = Provider::start(&[&key]).await;
    let api = Api::start(&provider).await;
    let claims = provider.user_claims(TIMESHEET_API, "Timesheets.Submit");
    let token = key.sign(&claims);
    let colleague = key.sign(&with(claims, "oid", "11111111-0000-4000-8000-000000000002"));
    let sheet = json!({ "weekStarting": "2042-01-06", "hours": 38.5 });

    let created = api.request(Method::POST, TIMESHEETS).bearer_auth(&token).json(&sheet).send().await.unwrap();

    assert_eq!(created.status(), StatusCode::CREATED);
    let expected = json!({
        "id": 1, "userId": "11111111-0000-4000-8000-000000000001", "submittedBy": "Cloud user",
        "weekStarting": "2042-01-06", "hours": 38.5, "note": ""
    });
    assert_eq!(created.json::<Value>().await.unwrap(), expected);
    assert_eq!(api.get(TIMESHEETS, &token).await.json::<Value>().await.unwrap(), json!([expected]));
    assert_eq!(api.get(TIMESHEETS, &colleague).await.json::<Value>().await.unwrap(), json!([]));
}

#[tokio::test]
async fn a_bad_time_sheet_is_looked_at_only_after_the_token() {
    let key = SigningKey::new("k1");
    let provider = Provider::start(&[&key]).await;
    let api = Api::start(&provider).await;
    let token = key.sign(&provider.user_claims(TIMESHEET_API, "Timesheets.Submit"));
    let post = || api.request(Method::POST, TIMESHEETS).header("content-type", "application/json");

    let bad = [
        ("{", StatusCode::BAD_REQUEST),
        ("{}", StatusCode::UNPROCESSABLE_ENTITY),
        (r#"{"weekStarting":"2042-01-06","hours":38,"userId":"x"}"#, StatusCode::UNPROCESSABLE_ENTITY),
        (r#"{"weekStarting":"next week","hours":38}"#, StatusCode::UNPROCESSABLE_ENTITY),
        (r#"{"weekStarting":"2042-01-06","hours":-1}"#, StatusCode::UNPROCESSABLE_ENTITY),
        (r#"{"weekStarting":"2042-01-06","hours":169}"#, StatusCode::UNPROCESSABLE_ENTITY),
    ];
    for (body, status) in bad {
        let response = post().bearer_auth(&token).body(body).send().await.unwrap();
        assert_eq!(response.status(), status, "{body}");
        assert_eq!(response.json::<Value>().await.unwrap()["error"], "bad_body");
        assert_eq!(post().body(body).send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    }
    let long = post().bearer_auth(&token).body("x".repeat(20_000)).send().await.unwrap();
    assert_eq!(long.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let text = api.request(Method::POST, TIMESHEETS).bearer_auth(&token).body("{}").send().await.unwrap();
    assert_eq!(text.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(api.get("/api", &token).await.status(), StatusCode::NOT_FOUND);
    let delete = api.request(Method::DELETE, TIMESHEETS).bearer_auth(&token).send().await.unwrap();
    assert_eq!(delete.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(delete.headers()["allow"], "GET,HEAD,POST");
}

#[tokio::test]
async fn pages_of_the_one_origin_may_call_and_read_refusals() {
    let key = SigningKey::new("k1");
    let provider = Provider::start(&[&key]).await;
    let api = Api::start(&provider).await;
    let preflight = |origin: &str| {
        api.request(Method::OPTIONS, TIMESHEETS)
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization,content-type")
            .send()
    };

    let allowed = preflight("http://localhost:5004").await.unwrap();
    assert_eq!(allowed.status(), StatusCode::NO_CONTENT);
    assert_eq!(allowed.headers()["access-control-allow-origin"], "http://localhost:5004");
    assert_eq!(allowed.headers()["access-control-allow-methods"], "GET, POST");
    assert_eq!(allowed.headers()["access-control-allow-headers"], "authorization, content-type");

    for other in ["http://localhost:5005", "https://localhost:5004", "null", "http://localhost:5004.test"] {
        let refused = preflight(other).await.unwrap();
        assert!(!refused.headers().contains_key("access-control-allow-origin"), "{other}");
        assert!(!refused.headers().contains_key("access-control-allow-headers"), "{other}");
    }

    let page = api.request(Method::GET, EMPLOYEES).header("origin", "http://localhost:5004").send().await.unwrap();
    assert_eq!(page.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(page.headers()["access-control-allow-origin"], "http://localhost:5004");
    assert_eq!(page.headers()["access-control-expose-headers"], "www-authenticate");
    assert_eq!(page.headers()["vary"], "origin");
}

#[tokio::test]
async fn settings_that_would_spoil_every_answer_are_refused_at_start() {
    let good = || Settings::for_tenant("localhost:1", "alpine");
    assert_eq!(good().metadata_url, "https://localhost:1/alpine/v2.0/.well-known/openid-configuration");
    let mut quoted = good();
    quoted.employee_api.identifier_uri = "api://\"".to_owned();
    let table = [
        (quoted, "is not a URI"),
        (Settings { cors_origin: "http://\n".to_owned(), ..good() }, "is no origin"),
        (Settings { ca_file: Some("/no/such/file.pem".into()), ..good() }, "reading the CA file /no/such/file.pem"),
    ];
    for (settings, why) in table {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let error = employee_api::serve(listener, settings).await.unwrap_err();
        assert!(format!("{error:#}").contains(why), "{error:#}");
    }
}
