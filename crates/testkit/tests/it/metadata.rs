//! What clients discover us by.

use ropeway_testkit::{Answer, TestTenant};

async fn get(tenant: &TestTenant, path: &str) -> Answer {
    Answer::read(tenant.http().get(format!("{}{path}", tenant.origin())).send().await.unwrap()).await.unwrap()
}

#[tokio::test]
async fn the_configuration_names_the_tenant_by_id_however_it_was_asked() {
    let tenant = TestTenant::start().await.unwrap();
    let by_id = get(&tenant, &format!("/{}/v2.0/.well-known/openid-configuration?appid=x", tenant.id())).await;
    let by_domain = get(&tenant, "/alpine.test/v2.0/.well-known/openid-configuration").await;
    assert_eq!(by_id.text, by_domain.text);
    assert_eq!(by_id.body["issuer"], format!("{}/v2.0", tenant.authority()));
    assert_eq!(by_id.body["token_endpoint"], format!("{}/oauth2/v2.0/token", tenant.authority()));
    assert_eq!(by_id.headers["access-control-allow-origin"], "*");
    assert_eq!(by_id.headers["cache-control"], "max-age=86400, private");
}

#[tokio::test]
async fn aliases_keep_their_alias_and_the_placeholder() {
    let tenant = TestTenant::start().await.unwrap();
    for (alias, issuer) in [
        ("common", "{tenantid}"),
        ("organizations", "{tenantid}"),
        ("consumers", "9188040d-6c67-4c5b-b112-36a304b66dad"),
    ] {
        let document = get(&tenant, &format!("/{alias}/v2.0/.well-known/openid-configuration")).await.body;
        assert_eq!(document["issuer"], format!("{}/{issuer}/v2.0", tenant.origin()));
        assert_eq!(document["token_endpoint"], format!("{}/{alias}/oauth2/v2.0/token", tenant.origin()));
    }
}

#[tokio::test]
async fn v1_has_its_own_configuration_and_all_tenants_keys_at_common() {
    let tenant = TestTenant::start().await.unwrap();
    let origin = tenant.origin();
    let by_id = get(&tenant, &format!("/{}/.well-known/openid-configuration", tenant.id())).await;
    let by_domain = get(&tenant, "/alpine.test/.well-known/openid-configuration").await;
    assert_eq!(by_id.text, by_domain.text);
    assert_eq!(by_id.headers["cache-control"], "max-age=86400, private");
    assert_eq!(by_id.body["issuer"], format!("{}/", tenant.authority()));
    assert_eq!(by_id.body["token_endpoint"], format!("{}/oauth2/token", tenant.authority()));
    assert_eq!(by_id.body["tenant_region_scope"], "WW");
    let members: Vec<&str> = by_id.body.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        members,
        [
            "token_endpoint",
            "token_endpoint_auth_methods_supported",
            "jwks_uri",
            "response_modes_supported",
            "subject_types_supported",
            "id_token_signing_alg_values_supported",
            "response_types_supported",
            "scopes_supported",
            "issuer",
            "microsoft_multi_refresh_token",
            "authorization_endpoint",
            "device_authorization_endpoint",
            "http_logout_supported",
            "frontchannel_logout_supported",
            "end_session_endpoint",
            "claims_supported",
            "check_session_iframe",
            "userinfo_endpoint",
            "kerberos_endpoint",
            "tenant_region_scope",
            "cloud_instance_name",
            "cloud_graph_host_name",
            "msgraph_host",
            "rbac_url",
        ]
    );
    for (alias, issuer) in [
        ("common", "{tenantid}"),
        ("organizations", "{tenantid}"),
        ("consumers", "9188040d-6c67-4c5b-b112-36a304b66dad"),
    ] {
        let document = get(&tenant, &format!("/{alias}/.well-known/openid-configuration")).await.body;
        assert_eq!(document["issuer"], format!("{origin}/{issuer}/"));
        assert_eq!(document["token_endpoint"], format!("{origin}/{alias}/oauth2/token"));
        assert_eq!(document["jwks_uri"], format!("{origin}/common/discovery/keys"));
    }
}

#[tokio::test]
async fn v1_keys_are_the_same_and_name_no_issuer() {
    let tenant = TestTenant::start().await.unwrap();
    let at_common = get(&tenant, "/common/discovery/keys").await;
    let at_tenant = get(&tenant, &format!("/{}/discovery/keys", tenant.id())).await;
    let v2 = get(&tenant, &format!("/{}/discovery/v2.0/keys", tenant.id())).await;
    assert_eq!(at_common.text, at_tenant.text);
    assert_eq!(at_common.headers["access-control-allow-origin"], "*");
    let key = &at_common.body["keys"][0];
    assert_eq!((&key["kid"], &key["n"]), (&v2.body["keys"][0]["kid"], &v2.body["keys"][0]["n"]));
    assert!(key.get("issuer").is_none() && key.get("cloud_instance_name").is_none(), "{key}");
}

#[tokio::test]
async fn keys_have_what_verifiers_look_for() {
    let tenant = TestTenant::start().await.unwrap();
    let keys = get(&tenant, &format!("/{}/discovery/v2.0/keys", tenant.id())).await.body;
    let key = &keys["keys"][0];
    for member in ["kty", "use", "kid", "x5t", "n", "e", "x5c", "issuer"] {
        assert!(!key[member].is_null(), "{member}");
    }
    assert_eq!((&key["kty"], &key["use"], &key["kid"]), (&"RSA".into(), &"sig".into(), &key["x5t"]));
}

#[tokio::test]
async fn instance_discovery_knows_its_own_host_with_and_without_port() {
    let tenant = TestTenant::start().await.unwrap();
    let host = tenant.origin().strip_prefix("https://").unwrap().to_owned();
    let name = host.split(':').next().unwrap().to_owned();
    for asked in [&host, &name] {
        let path = format!(
            "/common/discovery/instance?api-version=1.1&authorization_endpoint=https://{asked}/{}/oauth2/v2.0/authorize",
            tenant.id()
        );
        let document = get(&tenant, &path).await.body;
        let endpoint = format!("{}/v2.0/.well-known/openid-configuration", tenant.authority());
        assert_eq!(document["tenant_discovery_endpoint"], endpoint, "{asked}");
        assert_eq!(document["metadata"][0]["aliases"][0], host);
    }
}

#[tokio::test]
async fn every_kind_of_user_has_its_realm() {
    let tenant = TestTenant::start().await.unwrap();
    for (user, account_type, domain) in [
        ("cloud@alpine.test", "Managed", Some("alpine.test")),
        ("nobody@alpine.test", "Managed", Some("alpine.test")),
        ("guest@fjord.test", "Managed", Some("fjord.test")),
        ("onprem@onprem.alpine.test", "Federated", Some("onprem.alpine.test")),
        ("personal@live.test", "Federated", Some("live.com")),
        ("google@gmail.test", "Unknown", None),
        ("nothing", "Unknown", None),
    ] {
        for path in ["userrealm", "UserRealm"] {
            let realm = get(&tenant, &format!("/common/{path}/{user}?api-version=1.0")).await;
            assert_eq!(realm.status, 200);
            assert_eq!(realm.body["account_type"], account_type, "{user}");
            assert_eq!(realm.body.get("domain_name").and_then(|name| name.as_str()), domain, "{user}");
        }
    }
}

#[tokio::test]
async fn the_error_page_explains_and_health_answers() {
    let tenant = TestTenant::start().await.unwrap();
    let page = get(&tenant, "/error?code=50076").await;
    assert!(page.status == 200 && page.text.contains("AADSTS50076"), "{}", page.text);
    assert_eq!(get(&tenant, "/error?code=1").await.status, 404);
    for path in ["live", "ready"] {
        assert_eq!(get(&tenant, &format!("/_ropeway/health/{path}")).await.status, 200);
    }
    assert_eq!(get(&tenant, "/nowhere").await.status, 404);
}
