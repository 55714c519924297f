//! The v1.0 endpoint: `resource` instead of scopes, strings for numbers, and the same spine behind it.

use insta::assert_json_snapshot;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use ropeway_core::claims::IssuerStyle;
use ropeway_core::ids::AZURE_CLI;
use ropeway_core::time::WallTime;
use ropeway_testkit::sample::{
    ALPINE, EMPLOYEE_API, EMPLOYEE_API_URI, LEGACY_PORTAL, LEGACY_PORTAL_SECRET, LEGACY_TOOL, NIGHTLY_JOB,
    TIMESHEET_API_URI,
};
use ropeway_testkit::{Answer, TestTenant, TokenRequest};
use serde_json::{Value, json};

const USER: &str = "cloud@alpine.test";
const GRAPH: &str = "https://graph.microsoft.com";

fn ask<'t>(tenant: &'t TestTenant, user: &str) -> TokenRequest<'t> {
    tenant.password(user).v1(EMPLOYEE_API_URI)
}

async fn granted(request: TokenRequest<'_>) -> Answer {
    request.send().await.unwrap().granted().unwrap()
}

fn members(answer: &Answer) -> Vec<&str> {
    answer.body.as_object().unwrap().keys().map(String::as_str).collect()
}

async fn get(tenant: &TestTenant, url: &str) -> Value {
    Answer::read(tenant.http().get(url).send().await.unwrap()).await.unwrap().body
}

/// A second opinion: another library verifies against v1.0's metadata and keys.
async fn verified(tenant: &TestTenant, token: &str, audience: &str) -> Value {
    let metadata = get(tenant, &format!("{}/.well-known/openid-configuration", tenant.authority())).await;
    let keys: JwkSet = serde_json::from_value(get(tenant, metadata["jwks_uri"].as_str().unwrap()).await).unwrap();
    let key = DecodingKey::from_jwk(keys.find(&decode_header(token).unwrap().kid.unwrap()).unwrap()).unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&[audience]);
    validation.set_issuer(&[metadata["issuer"].as_str().unwrap()]);
    decode::<Value>(token, &key, &validation).unwrap().claims
}

#[tokio::test]
async fn a_password_gets_strings_for_numbers_short_scopes_and_always_a_refresh_token() {
    let now = 1_795_593_600;
    let wall = WallTime::from_unix_seconds(now);
    let tenant = TestTenant::builder().frozen_at(wall).start().await.unwrap();
    let answer = granted(ask(&tenant, USER)).await;
    assert_eq!(
        members(&answer),
        [
            "token_type",
            "scope",
            "expires_in",
            "ext_expires_in",
            "expires_on",
            "not_before",
            "resource",
            "access_token",
            "refresh_token"
        ]
    );
    let claims = answer.access_claims();
    assert_eq!(answer.body["scope"], "Employees.Read");
    assert_eq!(answer.body["resource"], EMPLOYEE_API_URI);
    assert_eq!(answer.body["expires_on"], claims["exp"].to_string());
    assert_eq!(answer.body["not_before"], (now - 300).to_string());
    let lifetime: i64 = answer.body["expires_in"].as_str().unwrap().parse().unwrap();
    assert_eq!(claims["exp"].as_i64().unwrap(), now + lifetime + 1);
    assert_eq!(answer.body["ext_expires_in"], answer.body["expires_in"]);
    // The resource chooses the token's version, whatever the endpoint.
    assert_eq!((&claims["ver"], &claims["aud"]), (&"2.0".into(), &EMPLOYEE_API.to_string().into()));
    assert_eq!(claims["preferred_username"], USER);

    let v2 = granted(tenant.password(USER)).await;
    assert!(v2.body["expires_in"].is_i64() && v2.body.get("expires_on").is_none() && v2.refresh_token().is_empty());
}

#[tokio::test]
async fn openid_decides_whether_an_id_token_comes_and_it_is_signed() {
    let tenant = TestTenant::start().await.unwrap();
    let without = granted(ask(&tenant, USER)).await;
    assert_eq!(without.body.get("id_token"), None);
    let profile_alone = granted(ask(&tenant, USER).scope("profile offline_access anything")).await;
    assert_eq!(profile_alone.body.get("id_token"), None, "v1.0 reads no other scope");

    let with = granted(ask(&tenant, USER).client(LEGACY_PORTAL, LEGACY_PORTAL_SECRET).scope("openid")).await;
    let token = with.body["id_token"].as_str().unwrap();
    let header = decode_header(token).unwrap();
    assert_eq!((header.alg, &header.kid), (Algorithm::RS256, &header.x5t));
    let mut claims = verified(&tenant, token, &LEGACY_PORTAL.to_string()).await;
    for name in ["iss", "iat", "nbf", "exp", "aio", "oid", "rh", "sub", "uti", "xms_ftd"] {
        claims[name] = json!(format!("[{name}]"));
    }
    assert_json_snapshot!(claims, @r#"
    {
      "aud": "e0a91000-0000-4000-8000-00000000000b",
      "iss": "[iss]",
      "iat": "[iat]",
      "nbf": "[nbf]",
      "exp": "[exp]",
      "acr": "1",
      "aio": "[aio]",
      "amr": [
        "pwd"
      ],
      "ipaddr": "127.0.0.1",
      "name": "Cloud user",
      "oid": "[oid]",
      "rh": "[rh]",
      "sub": "[sub]",
      "tid": "5e1f0a00-0000-4000-8000-000000000001",
      "unique_name": "cloud@alpine.test",
      "upn": "cloud@alpine.test",
      "uti": "[uti]",
      "ver": "1.0",
      "xms_ftd": "[xms_ftd]"
    }
    "#);
}

#[tokio::test]
async fn common_finds_the_tenant_by_the_names_domain() {
    let tenant = TestTenant::start().await.unwrap();
    for segment in ["common", "organizations", "onprem.alpine.test"] {
        let answer = granted(ask(&tenant, USER).at(segment)).await;
        assert_eq!(answer.access_claims()["tid"], ALPINE.to_string(), "{segment}");
    }
    assert_eq!(tenant.password(USER).at("common").send().await.unwrap().code(), Some(9001023), "v2.0 does not");
    let unknown = ask(&tenant, "nobody@alpine.test").at("common").send().await.unwrap();
    let text = unknown.body["error_description"].as_str().unwrap();
    assert!(text.contains(&format!("does not exist in the {ALPINE} directory")), "{text}");
}

#[tokio::test]
async fn a_v1_resource_gets_a_v1_token_for_the_name_that_was_asked() {
    let tenant = TestTenant::start().await.unwrap();
    let graph = granted(ask(&tenant, USER).v1(GRAPH)).await;
    assert_eq!(graph.body["scope"], "openid profile email User.Read", "all that is granted");
    let claims = graph.access_claims();
    assert_eq!(claims["scp"], graph.body["scope"]);
    assert_eq!((&claims["ver"], &claims["aud"]), (&"1.0".into(), &GRAPH.into()));
    assert_eq!(claims["iss"], format!("{}/", tenant.authority()));
    for resource in ["https://management.core.windows.net/", "https://management.azure.com"] {
        let answer = granted(ask(&tenant, USER).v1(resource).set("client_id", AZURE_CLI)).await;
        assert_eq!(answer.access_claims()["aud"], resource);
        assert_eq!((&answer.body["resource"], &answer.body["foci"]), (&resource.into(), &"1".into()));
        assert_eq!(answer.body["scope"], "user_impersonation");
    }
    let by_id = granted(ask(&tenant, USER).v1(&EMPLOYEE_API.to_string())).await;
    assert_eq!(by_id.body["resource"], EMPLOYEE_API.to_string());
}

#[tokio::test]
async fn a_guests_tokens_name_the_home_as_identity_provider() {
    let tenant = TestTenant::start().await.unwrap();
    let answer = granted(ask(&tenant, "guest@fjord.test").scope("openid")).await;
    let home = format!("{}/5e1f0a00-0000-4000-8000-000000000002/", tenant.origin());
    assert_eq!(answer.id_claims()["idp"], home);
    assert_eq!(answer.id_claims()["unique_name"], "guest@fjord.test");
    assert_eq!(granted(ask(&tenant, USER).scope("openid")).await.id_claims().get("idp"), None);
}

#[tokio::test]
async fn an_application_gets_its_token_by_resource() {
    let tenant = TestTenant::start().await.unwrap();
    let answer = granted(tenant.client_credentials().v1(EMPLOYEE_API_URI)).await;
    assert_eq!(
        members(&answer),
        ["token_type", "expires_in", "ext_expires_in", "expires_on", "not_before", "resource", "access_token"]
    );
    assert_eq!(answer.body["expires_in"], "3599");
    assert_eq!(answer.access_claims()["roles"], json!(["Employees.Read.All"]));
    let graph = granted(tenant.client_credentials().v1(GRAPH)).await.access_claims();
    assert_eq!((&graph["appid"], &graph["aud"]), (&NIGHTLY_JOB.to_string().into(), &GRAPH.into()));
}

#[tokio::test]
async fn a_refresh_token_works_on_both_endpoints_and_for_other_resources() {
    let tenant = TestTenant::start().await.unwrap();
    let first = granted(ask(&tenant, USER).scope("openid")).await;
    let redeem = || tenant.refresh(first.refresh_token()).v1(GRAPH);

    let same = granted(redeem().without("resource")).await;
    assert_eq!(same.body["resource"], EMPLOYEE_API_URI, "what is left out is what was asked first");
    assert_eq!(same.id_claims()["ver"], "1.0");
    assert!(!same.refresh_token().is_empty() && same.refresh_token() != first.refresh_token());

    let other = granted(redeem()).await;
    assert_eq!(other.access_claims()["aud"], GRAPH);
    let at_common = granted(redeem().at("common")).await;
    assert_eq!(at_common.access_claims()["tid"], ALPINE.to_string());

    let on_v2 = granted(tenant.refresh(first.refresh_token())).await;
    assert_eq!(on_v2.body["scope"], "api://employees.alpine.test/Employees.Read api://employees.alpine.test/.default");
    assert_eq!(on_v2.id_claims()["ver"], "2.0");
    let from_v2 = granted(tenant.password(USER).scope("User.Read offline_access")).await;
    let on_v1 = granted(tenant.refresh(from_v2.refresh_token()).v1(GRAPH).without("resource")).await;
    assert_eq!((&on_v1.body["resource"], on_v1.body.get("id_token")), (&GRAPH.into(), None));
}

#[tokio::test]
async fn an_api_that_the_client_does_not_declare_is_an_invalid_resource() {
    let tenant = TestTenant::start().await.unwrap();
    let refused = ask(&tenant, USER).v1(TIMESHEET_API_URI).send().await.unwrap();
    assert_eq!((refused.status, refused.code()), (401, Some(650057)), "{}", refused.text);
    let text = refused.body["error_description"].as_str().unwrap();
    let listed = format!(
        "Client app ID: {LEGACY_TOOL}(Legacy tool). Resource value from request: {TIMESHEET_API_URI}. Resource app ID: \
         e0a91000-0000-4000-8000-000000000012. List of valid resources from app registration: {EMPLOYEE_API}, \
         00000003-0000-0000-c000-000000000000."
    );
    assert!(text.contains(&listed), "{text}");

    let pre_authorised = ask(&tenant, USER).v1(TIMESHEET_API_URI).set("client_id", AZURE_CLI).send().await.unwrap();
    assert_eq!(pre_authorised.status, 200, "{}", pre_authorised.text);
    let unconsented = ask(&tenant, "noconsent@alpine.test").send().await.unwrap();
    assert_eq!(unconsented.code(), Some(65001), "declared, and a matter of consent");
    let wrong = ask(&tenant, USER).v1(TIMESHEET_API_URI).password_is("wrong").send().await.unwrap();
    assert_eq!(wrong.code(), Some(50126), "nothing is said before the password was right");
}

#[tokio::test]
async fn both_issuer_styles_in_both_versions() {
    for (style, v1, v2) in [
        (IssuerStyle::Own, None, None),
        (IssuerStyle::Entra, Some("https://sts.windows.net"), Some("https://login.microsoftonline.com")),
    ] {
        let tenant = TestTenant::builder().issuer_style(style).start().await.unwrap();
        let v1 = format!("{}/{ALPINE}/", v1.unwrap_or(tenant.origin()));
        let v2 = format!("{}/{ALPINE}/v2.0", v2.unwrap_or(tenant.origin()));
        let metadata = async |path: &str| {
            get(&tenant, &format!("{}{path}/.well-known/openid-configuration", tenant.authority())).await
        };

        // Access tokens follow the resource, id tokens the endpoint, metadata both.
        let on_v1 = granted(ask(&tenant, USER).v1(GRAPH).scope("openid")).await;
        assert_eq!((&on_v1.access_claims()["iss"], &on_v1.id_claims()["iss"]), (&json!(v1), &json!(v1)));
        let on_v2 = granted(tenant.password(USER)).await;
        assert_eq!((&on_v2.access_claims()["iss"], &on_v2.id_claims()["iss"]), (&json!(v2), &json!(v2)));
        assert_eq!((&metadata("").await["issuer"], &metadata("/v2.0").await["issuer"]), (&json!(v1), &json!(v2)));
        let keys = get(&tenant, &format!("{}/discovery/v2.0/keys", tenant.authority())).await;
        assert_eq!(keys["keys"][0]["issuer"], v2);

        // What a client would call stays on our own origin.
        for path in ["", "/v2.0"] {
            let document = metadata(path).await;
            for member in ["token_endpoint", "jwks_uri", "authorization_endpoint"] {
                assert!(document[member].as_str().unwrap().starts_with(tenant.origin()), "{member}");
            }
        }
    }
}
