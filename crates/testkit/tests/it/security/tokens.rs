//! Whose token it is, and which answer it belongs to (TK-03, TK-08, TK-09).

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Method;
use ropeway_core::ids::{AZURE_CLI, TenantId};
use ropeway_testkit::sample::{ALPINE, FJORD, MODERN_PORTAL};
use ropeway_testkit::{Answer, TestTenant};
use serde_json::{Value, json};

use crate::authorization_code::reply;
use crate::authorize::Ask;
use crate::tokens::verified;

const GRAPH: &str = "https://graph.microsoft.com/.default";

async fn graph_token(tenant: &TestTenant, user: &str, at: TenantId) -> String {
    let request = tenant.password(user).set("client_id", AZURE_CLI).scope(GRAPH).at(at);
    request.send().await.unwrap().granted().unwrap().access_token().to_owned()
}

async fn ask(tenant: &TestTenant, token: &str, method: Method, path: &str, body: &Value) -> Answer {
    let request = tenant.http().request(method, format!("{}{path}", tenant.origin())).bearer_auth(token).json(body);
    Answer::read(request.send().await.unwrap()).await.unwrap()
}

/// TK-03: Graph's addresses name no tenant, the token does; so another tenant's users are not there. What the control API
/// asks for is no token at all. `arm` has the same of a subscription.
#[tokio::test]
async fn a_token_of_one_tenant_opens_nothing_of_another() {
    let tenant = TestTenant::start().await.unwrap();
    let alpine = graph_token(&tenant, "cloud@alpine.test", ALPINE).await;
    let fjord = graph_token(&tenant, "guest@fjord.test", FJORD).await;
    let own = ask(&tenant, &alpine, Method::GET, "/v1.0/users/cloud@alpine.test", &Value::Null).await;
    assert_eq!(own.status, 200, "{}", own.text);
    let id = own.body["id"].as_str().unwrap();
    let me = ask(&tenant, &fjord, Method::GET, "/v1.0/me", &Value::Null).await;
    assert_eq!((me.status, &me.body["userPrincipalName"]), (200, &"guest@fjord.test".into()), "{}", me.text);

    let foreign = [format!("/v1.0/users/{id}"), "/v1.0/users/cloud@alpine.test".to_owned()];
    for path in &foreign {
        let read = ask(&tenant, &fjord, Method::GET, path, &Value::Null).await;
        assert_eq!((read.status, &read.body["error"]["code"]), (404, &"Request_ResourceNotFound".into()), "{path}");
        let changed = ask(&tenant, &fjord, Method::PATCH, path, &json!({ "displayName": "Mine" })).await;
        assert!([403, 404].contains(&changed.status), "{path}: {}", changed.text);
    }
    let unchanged = ask(&tenant, &alpine, Method::GET, "/v1.0/users/cloud@alpine.test", &Value::Null).await;
    assert_eq!(unchanged.body["displayName"], own.body["displayName"]);
    let everybody = ask(&tenant, &fjord, Method::GET, "/v1.0/users", &Value::Null).await;
    assert_eq!(everybody.status, 200, "{}", everybody.text);
    assert!(!everybody.text.contains("alpine.test"), "{}", everybody.text);
    assert!(everybody.text.contains("guest@fjord.test"), "{}", everybody.text);

    let (head, rest) = fjord.split_once('.').unwrap();
    let (body, signature) = rest.split_once('.').unwrap();
    let claims = String::from_utf8(URL_SAFE_NO_PAD.decode(body).unwrap()).unwrap();
    let moved = URL_SAFE_NO_PAD.encode(claims.replace(&FJORD.to_string(), &ALPINE.to_string()));
    let forged = ask(&tenant, &format!("{head}.{moved}.{signature}"), Method::GET, "/v1.0/me", &Value::Null).await;
    assert_eq!(forged.status, 401, "{}", forged.text);

    for token in [&alpine, &fjord] {
        let path = format!("/_ropeway/api/v1/tenants/{FJORD}/users");
        assert_eq!(ask(&tenant, token, Method::GET, &path, &Value::Null).await.status, 401);
    }
    let control = tenant.control(Method::GET, &format!("tenants/{FJORD}/users")).send().await.unwrap();
    assert_eq!(control.status(), 200);
}

/// The modern portal, which may have id tokens from the authorize endpoint as well.
async fn with_id_tokens() -> TestTenant {
    let tenant = TestTenant::start().await.unwrap();
    let allowed = json!({ "web": { "implicitGrantSettings": { "enableIdTokenIssuance": true } } });
    let path = format!("tenants/{ALPINE}/applications/{MODERN_PORTAL}");
    assert_eq!(tenant.control(Method::PATCH, &path).json(&allowed).send().await.unwrap().status(), 200);
    tenant
}

/// TK-08: an id token that comes with a code names it, and each repeats the nonce as it was sent. There is no `at_hash`:
/// the authorize endpoint gives no access token.
#[tokio::test]
async fn an_id_token_names_its_code_and_repeats_its_nonce() {
    let tenant = with_id_tokens().await;
    let nonce = "n +/%26=ä\"\\";
    for (response_type, mode) in [
        ("id_token", None),
        ("id_token", Some("form_post")),
        ("code id_token", None),
        ("id_token code", Some("form_post")),
    ] {
        let ask = Ask::modern_portal().set("response_type", response_type).set("nonce", nonce);
        let ask = match mode {
            Some(mode) => ask.set("response_mode", mode),
            None => ask,
        };
        let answered = reply(&tenant, &ask).await;
        let claims = verified(&tenant, answered.get("id_token"), &MODERN_PORTAL.to_string()).await;
        assert_eq!(claims["nonce"], nonce, "{response_type} {mode:?}");
        assert_eq!(claims["preferred_username"], "cloud@alpine.test");
        assert!(claims.get("at_hash").is_none() && !answered.parameters.contains_key("access_token"));
        if response_type == "id_token" {
            assert!(claims.get("c_hash").is_none() && !answered.parameters.contains_key("code"), "{claims}");
            continue;
        }
        let hash = digest(&SHA256, answered.get("code").as_bytes());
        assert_eq!(claims["c_hash"], URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16]));
        let redeemed = ask.redeem(&tenant, &answered).await.granted().unwrap();
        assert_eq!(redeemed.id_claims()["nonce"], nonce);
        assert!(redeemed.id_claims().get("c_hash").is_none());
    }
    let ask = Ask::modern_portal().without("nonce");
    let answered = reply(&tenant, &ask).await;
    let redeemed = ask.redeem(&tenant, &answered).await.granted().unwrap();
    assert!(redeemed.id_claims().get("nonce").is_none(), "none was sent");
}

/// TK-09: whoever wants an id token from the authorize endpoint sends a nonce.
#[tokio::test]
async fn no_id_token_comes_from_the_page_without_a_nonce() {
    let tenant = with_id_tokens().await;
    for response_type in ["id_token", "code id_token"] {
        let ask = Ask::modern_portal().set("response_type", response_type);
        for without in [ask.clone().without("nonce"), ask.clone().set("nonce", "")] {
            let landed = tenant.browser().open(&without.url()).await.unwrap();
            assert_eq!(landed.code(), Some(900144), "{response_type}");
            let told = landed.reply().unwrap();
            assert_eq!((told.get("error"), told.get("state")), ("invalid_request", "st&te"));
        }
        assert_eq!(tenant.browser().open(&ask.url()).await.unwrap().testid(), "page-user-name", "{response_type}");
    }
}
