use super::*;

#[test]
fn a_v2_access_token_for_a_member() {
    assert_snapshot!(text(&Scene::member().for_user().access_token()), @r#"
    {
      "aud": "e0a91000-0000-4000-8000-00000000000a",
      "iss": "https://localhost:8443/5e1f0a00-0000-4000-8000-000000000001/v2.0",
      "iat": 1795593300,
      "nbf": 1795593300,
      "exp": 1795598100,
      "aio": "ATQBZDoxztnTj4aYkGrtp0qudnI2MLa8QySW2WS/toAz7kkrViBdiQa1qyCOXaeq",
      "azp": "e0a91000-0000-4000-8000-00000000000c",
      "azpacr": "0",
      "name": "Cloud user",
      "oid": "00000000-0000-0000-0000-000000000300",
      "preferred_username": "cloud@alpine.test",
      "rh": "1.AUEBAAofXgAAAECAAAAAAAAAAQAQqeAAAABAgAAAAAAAAAoAAABBAQ.",
      "scp": "Employees.Read",
      "sub": "1rzk7m25mYD-lM4VnTOWgGLMg6i5QN-lNLJ85cM6nwk",
      "tid": "5e1f0a00-0000-4000-8000-000000000001",
      "uti": "BwcHBwcHBwcHBwcHBwcHAA",
      "ver": "2.0",
      "xms_ftd": "sUIuHrwcPANys-3gaeJ74kP2zQNydkUYc6r_XFH2Vl08sZDx6NoSG3B6Uki_m1wF"
    }
    "#);
}

#[test]
fn a_v2_access_token_for_a_guest() {
    assert_snapshot!(text(&Scene::guest().for_user().access_token()), @r#"
    {
      "aud": "e0a91000-0000-4000-8000-00000000000a",
      "iss": "https://localhost:8443/5e1f0a00-0000-4000-8000-000000000001/v2.0",
      "iat": 1795593300,
      "nbf": 1795593300,
      "exp": 1795598100,
      "aio": "ATQBZDoxztnTj4aYkGrtp0qudnI2MLa8QySW2WS/toAz7kkrViBdiQa1qyCOXaeq",
      "azp": "e0a91000-0000-4000-8000-00000000000c",
      "azpacr": "0",
      "email": "guest@fjord.test",
      "idp": "https://localhost:8443/5e1f0a00-0000-4000-8000-000000000002/",
      "name": "Cloud user",
      "oid": "00000000-0000-0000-0000-000000000300",
      "preferred_username": "guest@fjord.test",
      "rh": "1.AUEBAAofXgAAAECAAAAAAAAAAQAQqeAAAABAgAAAAAAAAAoAAABBAQ.",
      "scp": "Employees.Read",
      "sub": "2bCRZOYygp38rGjqBndTVa5nEJ6c-i9FE5kllhz2YB0",
      "tid": "5e1f0a00-0000-4000-8000-000000000001",
      "uti": "BwcHBwcHBwcHBwcHBwcHAA",
      "ver": "2.0",
      "xms_ftd": "sUIuHrwcPANys-3gaeJ74kP2zQNydkUYc6r_XFH2Vl08sZDx6NoSG3B6Uki_m1wF"
    }
    "#);
}

#[test]
fn a_v2_access_token_for_an_application() {
    assert_snapshot!(text(&Scene::app_only().for_app().access_token()), @r#"
    {
      "aud": "e0a91000-0000-4000-8000-00000000000a",
      "iss": "https://localhost:8443/5e1f0a00-0000-4000-8000-000000000001/v2.0",
      "iat": 1795593300,
      "nbf": 1795593300,
      "exp": 1795598100,
      "aio": "k2ZgZDoxztnTj4aYkGrtp0qudnI2MLa8QySW2WS/toAz7kkrViBd",
      "azp": "e0a91000-0000-4000-8000-00000000000f",
      "azpacr": "1",
      "oid": "00000000-0000-0000-0000-00000000020f",
      "rh": "1.AUEBAAofXgAAAECAAAAAAAAAAQAQqeAAAABAgAAAAAAAAAoAAABBAQ.",
      "roles": [
        "Employees.Read.All"
      ],
      "sub": "00000000-0000-0000-0000-00000000020f",
      "tid": "5e1f0a00-0000-4000-8000-000000000001",
      "uti": "BwcHBwcHBwcHBwcHBwcHAA",
      "ver": "2.0",
      "xms_ftd": "sUIuHrwcPANys-3gaeJ74kP2zQNydkUYc6r_XFH2Vl08sZDx6NoSG3B6Uki_m1wF"
    }
    "#);
}

#[test]
fn a_v1_access_token_for_a_member_at_graph() {
    let mut scene = Scene::member().at_graph();
    scene.scopes = names(&["User.Read", "profile", "openid", "email"]);

    assert_snapshot!(text(&scene.for_user().access_token()), @r#"
    {
      "aud": "https://graph.microsoft.com",
      "iss": "https://localhost:8443/5e1f0a00-0000-4000-8000-000000000001/",
      "iat": 1795593300,
      "nbf": 1795593300,
      "exp": 1795598100,
      "acct": 0,
      "acr": "1",
      "aio": "ATQBZDoxztnTj4aYkGrtp0qudnI2MLa8QySW2WS/toAz7kkrViBdiQa1qyCOXaeq",
      "amr": [
        "pwd"
      ],
      "app_displayname": "Legacy tool",
      "appid": "e0a91000-0000-4000-8000-00000000000c",
      "appidacr": "0",
      "given_name": "Cloud",
      "idtyp": "user",
      "ipaddr": "127.0.0.1",
      "name": "Cloud user",
      "oid": "00000000-0000-0000-0000-000000000300",
      "puid": "10037793ED980B51",
      "rh": "1.AUEBAAofXgAAAECAAAAAAAAAAQMAAAAAAAAAwAAAAAAAAAAAAABBAQ.",
      "scp": "User.Read profile openid email",
      "sub": "pOJpY5axi5a-zlwOoJQ6MXSoraVplKf0xu8hLfuAecw",
      "tenant_region_scope": "WW",
      "tid": "5e1f0a00-0000-4000-8000-000000000001",
      "unique_name": "cloud@alpine.test",
      "upn": "cloud@alpine.test",
      "uti": "BwcHBwcHBwcHBwcHBwcHAA",
      "ver": "1.0",
      "wids": [
        "b79fbf4d-3ef9-4689-8143-76b194e85509"
      ],
      "xms_ftd": "sUIuHrwcPANys-3gaeJ74kP2zQNydkUYc6r_XFH2Vl08sZDx6NoSG3B6Uki_m1wF",
      "xms_st": {
        "sub": "ZH1Yo374Jiw-pJGEmpx7Qdduf1UvQzp4FNkZNeXnWtY"
      }
    }
    "#);
}

#[test]
fn a_v1_access_token_for_a_guest() {
    let mut scene = Scene::guest();
    scene.resource.requested_access_token_version = 1;

    assert_snapshot!(text(&scene.for_user().access_token()), @r#"
    {
      "aud": "api://employees.alpine.test",
      "iss": "https://localhost:8443/5e1f0a00-0000-4000-8000-000000000001/",
      "iat": 1795593300,
      "nbf": 1795593300,
      "exp": 1795598100,
      "acr": "1",
      "aio": "ATQBZDoxztnTj4aYkGrtp0qudnI2MLa8QySW2WS/toAz7kkrViBdiQa1qyCOXaeq",
      "amr": [
        "pwd"
      ],
      "appid": "e0a91000-0000-4000-8000-00000000000c",
      "appidacr": "0",
      "email": "guest@fjord.test",
      "given_name": "Cloud",
      "idp": "https://localhost:8443/5e1f0a00-0000-4000-8000-000000000002/",
      "ipaddr": "127.0.0.1",
      "name": "Cloud user",
      "oid": "00000000-0000-0000-0000-000000000300",
      "rh": "1.AUEBAAofXgAAAECAAAAAAAAAAQAQqeAAAABAgAAAAAAAAAoAAABBAQ.",
      "scp": "Employees.Read",
      "sub": "2bCRZOYygp38rGjqBndTVa5nEJ6c-i9FE5kllhz2YB0",
      "tid": "5e1f0a00-0000-4000-8000-000000000001",
      "unique_name": "guest@fjord.test",
      "uti": "BwcHBwcHBwcHBwcHBwcHAA",
      "ver": "1.0",
      "xms_ftd": "sUIuHrwcPANys-3gaeJ74kP2zQNydkUYc6r_XFH2Vl08sZDx6NoSG3B6Uki_m1wF"
    }
    "#);
}

#[test]
fn a_v1_access_token_for_an_application() {
    let mut scene = Scene::app_only();
    scene.resource.requested_access_token_version = 1;

    assert_snapshot!(text(&scene.for_app().access_token()), @r#"
    {
      "aud": "api://employees.alpine.test",
      "iss": "https://localhost:8443/5e1f0a00-0000-4000-8000-000000000001/",
      "iat": 1795593300,
      "nbf": 1795593300,
      "exp": 1795598100,
      "aio": "k2ZgZDoxztnTj4aYkGrtp0qudnI2MLa8QySW2WS/toAz7kkrViBd",
      "appid": "e0a91000-0000-4000-8000-00000000000f",
      "appidacr": "1",
      "idp": "https://localhost:8443/5e1f0a00-0000-4000-8000-000000000001/",
      "oid": "00000000-0000-0000-0000-00000000020f",
      "rh": "1.AUEBAAofXgAAAECAAAAAAAAAAQAQqeAAAABAgAAAAAAAAAoAAABBAQ.",
      "roles": [
        "Employees.Read.All"
      ],
      "sub": "00000000-0000-0000-0000-00000000020f",
      "tid": "5e1f0a00-0000-4000-8000-000000000001",
      "uti": "BwcHBwcHBwcHBwcHBwcHAA",
      "ver": "1.0",
      "xms_ftd": "sUIuHrwcPANys-3gaeJ74kP2zQNydkUYc6r_XFH2Vl08sZDx6NoSG3B6Uki_m1wF"
    }
    "#);
}

#[test]
fn a_v1_access_token_for_an_application_at_graph_says_more() {
    let plain = Scene::app_only().for_app().access_token();
    let graph = Scene::app_only().at_graph().for_app().access_token();

    assert_eq!(graph["idtyp"], "app");
    assert_eq!(graph["wids"], serde_json::json!(["0997a1d0-0d1d-4acb-b408-d5ca73121e90"]));
    assert_eq!(graph["app_displayname"], "Nightly job");
    assert!(!plain.says("idtyp"));
}

#[test]
fn a_v2_id_token_for_a_member() {
    assert_snapshot!(text(&Scene::member().for_user().id_token(TokenVersion::V2).unwrap()), @r#"
    {
      "aud": "e0a91000-0000-4000-8000-00000000000c",
      "iss": "https://localhost:8443/5e1f0a00-0000-4000-8000-000000000001/v2.0",
      "iat": 1795593300,
      "nbf": 1795593300,
      "exp": 1795597200,
      "aio": "ATQBZDoxztnTj4aYkGrtp0qudnI2MLa8QySW2WS/toAz7kkrViBdiQa1qyCOXaeq",
      "name": "Cloud user",
      "oid": "00000000-0000-0000-0000-000000000300",
      "preferred_username": "cloud@alpine.test",
      "rh": "1.AUEBAAofXgAAAECAAAAAAAAAAQAQqeAAAABAgAAAAAAAAAwAAABBAQ.",
      "sub": "ZH1Yo374Jiw-pJGEmpx7Qdduf1UvQzp4FNkZNeXnWtY",
      "tid": "5e1f0a00-0000-4000-8000-000000000001",
      "uti": "BwcHBwcHBwcHBwcHBwcHAA",
      "ver": "2.0",
      "xms_ftd": "sUIuHrwcPANys-3gaeJ74kP2zQNydkUYc6r_XFH2Vl08sZDx6NoSG3B6Uki_m1wF"
    }
    "#);
}

#[test]
fn a_v2_id_token_for_a_guest() {
    assert_snapshot!(text(&Scene::guest().for_user().id_token(TokenVersion::V2).unwrap()), @r#"
    {
      "aud": "e0a91000-0000-4000-8000-00000000000c",
      "iss": "https://localhost:8443/5e1f0a00-0000-4000-8000-000000000001/v2.0",
      "iat": 1795593300,
      "nbf": 1795593300,
      "exp": 1795597200,
      "aio": "ATQBZDoxztnTj4aYkGrtp0qudnI2MLa8QySW2WS/toAz7kkrViBdiQa1qyCOXaeq",
      "email": "guest@fjord.test",
      "idp": "https://localhost:8443/5e1f0a00-0000-4000-8000-000000000002/",
      "name": "Cloud user",
      "oid": "00000000-0000-0000-0000-000000000300",
      "preferred_username": "guest@fjord.test",
      "rh": "1.AUEBAAofXgAAAECAAAAAAAAAAQAQqeAAAABAgAAAAAAAAAwAAABBAQ.",
      "sub": "ueXv04FzkdhW21w1EPrqa94AjOmldMk9FzvZp66NIE8",
      "tid": "5e1f0a00-0000-4000-8000-000000000001",
      "uti": "BwcHBwcHBwcHBwcHBwcHAA",
      "ver": "2.0",
      "xms_ftd": "sUIuHrwcPANys-3gaeJ74kP2zQNydkUYc6r_XFH2Vl08sZDx6NoSG3B6Uki_m1wF"
    }
    "#);
}

#[test]
fn a_v1_id_token_for_a_member() {
    assert_snapshot!(text(&Scene::member().for_user().id_token(TokenVersion::V1).unwrap()), @r#"
    {
      "aud": "e0a91000-0000-4000-8000-00000000000c",
      "iss": "https://localhost:8443/5e1f0a00-0000-4000-8000-000000000001/",
      "iat": 1795593300,
      "nbf": 1795593300,
      "exp": 1795597200,
      "acr": "1",
      "aio": "ATQBZDoxztnTj4aYkGrtp0qudnI2MLa8QySW2WS/toAz7kkrViBdiQa1qyCOXaeq",
      "amr": [
        "pwd"
      ],
      "given_name": "Cloud",
      "ipaddr": "127.0.0.1",
      "name": "Cloud user",
      "oid": "00000000-0000-0000-0000-000000000300",
      "rh": "1.AUEBAAofXgAAAECAAAAAAAAAAQAQqeAAAABAgAAAAAAAAAwAAABBAQ.",
      "sub": "ZH1Yo374Jiw-pJGEmpx7Qdduf1UvQzp4FNkZNeXnWtY",
      "tid": "5e1f0a00-0000-4000-8000-000000000001",
      "unique_name": "cloud@alpine.test",
      "upn": "cloud@alpine.test",
      "uti": "BwcHBwcHBwcHBwcHBwcHAA",
      "ver": "1.0",
      "xms_ftd": "sUIuHrwcPANys-3gaeJ74kP2zQNydkUYc6r_XFH2Vl08sZDx6NoSG3B6Uki_m1wF"
    }
    "#);
}
