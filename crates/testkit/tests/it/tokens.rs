//! What is in the tokens.

use insta::assert_json_snapshot;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use ropeway_core::ids::MICROSOFT_GRAPH;
use ropeway_testkit::sample::{EMPLOYEE_API, LEGACY_PORTAL, LEGACY_PORTAL_SECRET, LEGACY_TOOL, NIGHTLY_JOB};
use ropeway_testkit::{Answer, TestTenant};
use serde_json::Value;

fn members(answer: &Answer) -> Vec<&str> {
    answer.body.as_object().unwrap().keys().map(String::as_str).collect()
}

/// A second opinion: another library verifies against our metadata and keys.
pub(crate) async fn verified(tenant: &TestTenant, token: &str, audience: &str) -> Value {
    let get = async |url: &str| Answer::read(tenant.http().get(url).send().await.unwrap()).await.unwrap().body;
    let metadata = get(&format!("{}/v2.0/.well-known/openid-configuration", tenant.authority())).await;
    let keys: JwkSet = serde_json::from_value(get(metadata["jwks_uri"].as_str().unwrap()).await).unwrap();
    let header = decode_header(token).unwrap();
    let key = DecodingKey::from_jwk(keys.find(&header.kid.unwrap()).unwrap()).unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&[audience]);
    validation.set_issuer(&[metadata["issuer"].as_str().unwrap()]);
    decode::<Value>(token, &key, &validation).unwrap().claims
}

/// Blanks what differs from run to run.
fn without_what_changes(mut claims: Value) -> Value {
    for name in ["iss", "iat", "nbf", "exp", "aio", "oid", "rh", "sub", "uti", "xms_ftd"] {
        if let Some(value) = claims.get_mut(name) {
            *value = Value::String(format!("[{name}]"));
        }
    }
    claims
}

#[tokio::test]
async fn the_articles_request_gets_an_id_token_and_an_access_token() {
    let tenant = TestTenant::start().await.unwrap();
    let request = tenant.password("cloud@alpine.test").client(LEGACY_PORTAL, LEGACY_PORTAL_SECRET);
    let answer = request.send().await.unwrap().granted().unwrap();

    assert_eq!(members(&answer), ["token_type", "scope", "expires_in", "ext_expires_in", "access_token", "id_token"]);
    assert_eq!(answer.body["token_type"], "Bearer");
    assert_eq!(answer.body["scope"], "api://employees.alpine.test/Employees.Read api://employees.alpine.test/.default");
    let lifetime = answer.body["expires_in"].as_i64().unwrap();
    assert!((3599..=5399).contains(&lifetime), "{lifetime}");

    let access = verified(&tenant, answer.access_token(), &EMPLOYEE_API.to_string()).await;
    assert_eq!(access["exp"].as_i64().unwrap() - access["iat"].as_i64().unwrap(), lifetime + 1 + 300);
    let id = verified(&tenant, answer.body["id_token"].as_str().unwrap(), &LEGACY_PORTAL.to_string()).await;
    assert_eq!(id["oid"], access["oid"]);
    assert_ne!(id["sub"], access["sub"], "pairwise");
    assert!(id.get("nonce").is_none());
    assert_json_snapshot!(without_what_changes(access), @r#"
    {
      "aud": "e0a91000-0000-4000-8000-00000000000a",
      "iss": "[iss]",
      "iat": "[iat]",
      "nbf": "[nbf]",
      "exp": "[exp]",
      "aio": "[aio]",
      "azp": "e0a91000-0000-4000-8000-00000000000b",
      "azpacr": "1",
      "name": "Cloud user",
      "oid": "[oid]",
      "preferred_username": "cloud@alpine.test",
      "rh": "[rh]",
      "scp": "Employees.Read",
      "sub": "[sub]",
      "tid": "5e1f0a00-0000-4000-8000-000000000001",
      "uti": "[uti]",
      "ver": "2.0",
      "xms_ftd": "[xms_ftd]"
    }
    "#);
}

#[tokio::test]
async fn client_info_comes_when_asked_for_and_names_a_guests_home() {
    use base64::Engine as _;
    let tenant = TestTenant::start().await.unwrap();
    let answer = tenant.password("guest@fjord.test").set("client_info", 1).send().await.unwrap();
    let bytes =
        base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(answer.body["client_info"].as_str().unwrap()).unwrap();
    let info: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(info["utid"], "5e1f0a00-0000-4000-8000-000000000002");
    let claims = answer.access_claims();
    assert_eq!(claims["tid"], "5e1f0a00-0000-4000-8000-000000000001");
    assert_ne!(info["uid"], claims["oid"], "the guest object is another one");
    assert!(claims["idp"].as_str().unwrap().contains("5e1f0a00-0000-4000-8000-000000000002"), "{claims}");
}

#[tokio::test]
async fn an_applications_token_has_roles_and_nothing_else_comes_with_it() {
    let tenant = TestTenant::start().await.unwrap();
    let answer = tenant.client_credentials().send().await.unwrap().granted().unwrap();
    assert_eq!(members(&answer), ["token_type", "expires_in", "ext_expires_in", "access_token"]);
    assert_eq!(answer.body["expires_in"], 3599);
    let claims = verified(&tenant, answer.access_token(), &EMPLOYEE_API.to_string()).await;
    assert_eq!(claims["roles"], serde_json::json!(["Employees.Read.All"]));
    assert_eq!(claims["sub"], claims["oid"]);
    assert_eq!(claims["azp"], NIGHTLY_JOB.to_string());
    assert_eq!(claims["azpacr"], "1");
    for absent in ["scp", "idtyp", "preferred_username", "name"] {
        assert!(claims.get(absent).is_none(), "{absent}");
    }
}

#[tokio::test]
async fn the_secret_may_come_by_basic() {
    use base64::Engine as _;
    let tenant = TestTenant::start().await.unwrap();
    let credential = base64::engine::general_purpose::STANDARD.encode(format!("{NIGHTLY_JOB}:nightly-job-secret"));
    let request = tenant.client_credentials().without("client_id").without("client_secret");
    let answer = request.clone().header("authorization", &format!("Basic {credential}")).send().await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text);
    let wrong = base64::engine::general_purpose::STANDARD.encode(format!("{NIGHTLY_JOB}:wrong"));
    assert_eq!(request.header("authorization", &format!("Basic {wrong}")).send().await.unwrap().code(), Some(7000215));
}

#[tokio::test]
async fn microsoft_graph_gets_v1_tokens_by_bare_and_by_full_scope_names() {
    let tenant = TestTenant::start().await.unwrap();
    for (scope, echoed, audience) in [
        ("User.Read openid profile", "openid profile User.Read", "https://graph.microsoft.com"),
        (
            "https://graph.microsoft.com/User.Read",
            "https://graph.microsoft.com/User.Read",
            "https://graph.microsoft.com",
        ),
        (
            "https://graph.microsoft.com//.default",
            "https://graph.microsoft.com//User.Read https://graph.microsoft.com//.default",
            "https://graph.microsoft.com/",
        ),
        ("openid", "openid User.Read", "https://graph.microsoft.com"),
    ] {
        let answer = tenant.password("cloud@alpine.test").scope(scope).send().await.unwrap().granted().unwrap();
        assert_eq!(answer.body["scope"], echoed, "{scope}");
        let claims = answer.access_claims();
        assert_eq!((&claims["ver"], &claims["aud"]), (&"1.0".into(), &audience.into()), "{scope}");
        assert_eq!(claims["appid"], LEGACY_TOOL.to_string());
        assert_eq!(claims["unique_name"], "cloud@alpine.test");
    }
    let own_origin =
        tenant.password("cloud@alpine.test").scope(&format!("{}/User.Read", tenant.origin())).send().await.unwrap();
    assert_eq!(own_origin.status, 200, "{}", own_origin.text);
    assert_eq!(
        tenant.app().tenant(tenant.id()).unwrap().application(MICROSOFT_GRAPH).unwrap().requested_access_token_version,
        1
    );
}

#[tokio::test]
async fn the_resource_chooses_the_version_and_a_v1_audience_is_what_was_asked() {
    let tenant = TestTenant::builder()
        .with(|directory| {
            let applications = &mut directory.tenants[0].tenant.applications;
            applications.iter_mut().find(|app| app.app_id == EMPLOYEE_API).unwrap().requested_access_token_version = 1;
        })
        .start()
        .await
        .unwrap();
    for resource in ["api://employees.alpine.test", "e0a91000-0000-4000-8000-00000000000a"] {
        let answer = tenant.password("cloud@alpine.test").scope(&format!("{resource}/.default")).send().await.unwrap();
        assert_eq!(answer.access_claims()["aud"], resource);
        assert_eq!(answer.access_claims()["ver"], "1.0");
    }
}

#[tokio::test]
async fn groups_and_roles_are_in_the_token_where_the_application_asks() {
    let tenant = TestTenant::builder()
        .with(|directory| {
            let applications = &mut directory.tenants[0].tenant.applications;
            let api = applications.iter_mut().find(|app| app.app_id == EMPLOYEE_API).unwrap();
            api.group_membership_claims = vec!["SecurityGroup".to_owned()];
        })
        .start()
        .await
        .unwrap();
    let claims = tenant.password("cloud@alpine.test").send().await.unwrap().access_claims();
    assert_eq!(claims["groups"].as_array().map(Vec::len), Some(1), "{claims}");
    let guest = tenant.password("guest@fjord.test").send().await.unwrap().access_claims();
    assert!(guest.get("groups").is_none(), "{guest}");
}

#[tokio::test]
async fn scopes_beyond_the_consented_are_refused_and_consented_ones_come_together() {
    let tenant = TestTenant::start().await.unwrap();
    let ask = |scope: &str| tenant.password("cloud@alpine.test").scope(scope);
    let named = ask("api://employees.alpine.test/Employees.Read").send().await.unwrap();
    assert_eq!(named.body["scope"], "api://employees.alpine.test/Employees.Read");
    assert_eq!(ask("api://employees.alpine.test/Employees.ReadWrite.All").send().await.unwrap().code(), Some(65001));
    assert_eq!(ask("api://timesheets.alpine.test/.default").send().await.unwrap().code(), Some(65001));
}

#[tokio::test]
async fn organizations_and_a_domain_name_find_the_tenant() {
    let tenant = TestTenant::start().await.unwrap();
    for segment in ["organizations", "alpine.test", "ONPREM.alpine.test"] {
        let answer = tenant.password("cloud@alpine.test").at(segment).send().await.unwrap();
        assert_eq!(answer.status, 200, "{segment}: {}", answer.text);
        assert_eq!(answer.access_claims()["tid"], tenant.id().to_string());
    }
}
