use super::*;

#[test]
fn an_application_gets_no_id_token() {
    assert_eq!(Scene::app_only().for_app().id_token(TokenVersion::V2), None);
}

#[test]
fn a_token_is_dated_five_minutes_back_and_lives_its_lifetime_from_now() {
    let scene = Scene::member();
    let issue = scene.for_user();
    let now = issue.now.unix_seconds();

    let (access, id) = (issue.access_token(), issue.id_token(TokenVersion::V2).unwrap());

    for token in [&access, &id] {
        assert_eq!((&token["iat"], &token["nbf"]), (&(now - 300).into(), &(now - 300).into()));
    }
    assert_eq!(access["exp"], now + 4500);
    assert_eq!(id["exp"], now + 3600);
}

#[test]
fn the_subject_is_the_same_for_one_application_and_differs_between_two() {
    let (scene, mut other_user) = (Scene::member(), Scene::member());
    other_user.home.1 = ObjectId(Uuid::from_u128(0x301));
    let sub = |token: Claims| token["sub"].as_str().unwrap().to_owned();

    let access = sub(scene.for_user().access_token());

    assert_eq!(access.len(), 43, "32 bytes in base64url");
    assert_eq!(access, sub(scene.for_user().access_token()));
    assert_ne!(access, sub(scene.for_user().id_token(TokenVersion::V2).unwrap()));
    assert_ne!(access, sub(other_user.for_user().access_token()));
}

#[test]
fn the_identity_provider_is_named_only_for_accounts_from_elsewhere() {
    let fjord = "https://localhost:8443/5e1f0a00-0000-4000-8000-000000000002/";
    for (issuer, home, expected) in [
        (None, None, None),
        (Some(IdentityIssuer::ExternalAzureAd), Some(FJORD), Some(fjord)),
        (Some(IdentityIssuer::MicrosoftAccount), Some(crate::ids::CONSUMER_TENANT), Some("live.com")),
        (Some(IdentityIssuer::Google), None, Some("google.com")),
    ] {
        let mut scene = Scene::member();
        scene.user.identities = issuer.map(identity).into_iter().collect();
        scene.home.0 = home.unwrap_or(scene.home.0);

        let token = scene.for_user().access_token();

        assert_eq!(token.get("idp").map(|idp| idp.as_str().unwrap()), expected);
    }
}

#[test]
fn without_the_profile_scope_a_v2_token_does_not_describe_the_user() {
    let scene = Scene::member();
    let issue = Issue { openid_scopes: OpenIdScopes::default(), ..scene.for_user() };

    let (access, id) = (issue.access_token(), issue.id_token(TokenVersion::V2).unwrap());

    for name in ["name", "preferred_username"] {
        assert!(!access.says(name) && !id.says(name), "{name}");
    }
    assert!(access.says("oid"));
    assert!(!id.says("oid"));
}

#[test]
fn the_email_scope_shows_a_members_mail_in_the_id_token_alone() {
    let mut scene = Scene::member();
    scene.user.mail = Some("cloud@alpine.test".to_owned());
    let without = scene.for_user();
    let with = Issue { openid_scopes: OpenIdScopes { profile: true, email: true }, ..without };

    assert_eq!(with.id_token(TokenVersion::V2).unwrap()["email"], "cloud@alpine.test");
    assert!(!without.id_token(TokenVersion::V2).unwrap().says("email"));
    assert!(!with.access_token().says("email"));
}

#[test]
fn a_nonce_is_repeated_only_when_one_was_sent() {
    let scene = Scene::member();
    let with = Issue { nonce: Some("n-0S6"), ..scene.for_user() };

    assert_eq!(with.id_token(TokenVersion::V2).unwrap()["nonce"], "n-0S6");
    assert!(!scene.for_user().id_token(TokenVersion::V2).unwrap().says("nonce"));
    assert!(!with.access_token().says("nonce"));
}

#[test]
fn the_client_proof_is_told() {
    let scene = Scene::app_only();
    for (client_proof, expected) in
        [(ClientProof::None, "0"), (ClientProof::Secret, "1"), (ClientProof::Certificate, "2")]
    {
        let issue = Issue { client_proof, ..scene.for_app() };
        assert_eq!(issue.access_token()["azpacr"], expected);
    }
}

#[test]
fn optional_claims_come_from_the_resource_for_access_and_from_the_client_for_id_tokens() {
    let mut scene = Scene::member();
    scene.user.mail = Some("cloud@alpine.test".to_owned());
    scene.user.surname = Some("User".to_owned());
    scene.resource.optional_access_token_claims =
        optional(&["acct", "auth_time", "email", "given_name", "ipaddr", "upn", "xms_cc", "xms_edov", "unknown"]);
    scene.client.optional_id_token_claims = optional(&["family_name", "sid", "verified_primary_email", "upn"]);
    scene.claims_request.client_capabilities = names(&["CP1"]);
    let session = Uuid::from_u128(9);
    let issue = Issue { session: Some(session), ..scene.for_user() };
    let unasked = Scene::member();

    let (access, id) = (issue.access_token(), issue.id_token(TokenVersion::V2).unwrap());

    assert_eq!(access["acct"], 0);
    assert_eq!(access["auth_time"], issue.now.unix_seconds() - 60);
    assert_eq!(access["email"], "cloud@alpine.test");
    assert_eq!(access["given_name"], "Cloud");
    assert_eq!(access["ipaddr"], "127.0.0.1");
    assert_eq!(access["upn"], "cloud@alpine.test");
    assert_eq!(access["xms_cc"], serde_json::json!(["CP1"]));
    assert_eq!(access["xms_edov"], true);
    assert_eq!(access["sid"], session.to_string());
    assert!(!access.says("family_name") && !access.says("unknown"));
    assert_eq!(id["family_name"], "User");
    assert_eq!(id["sid"], session.to_string());
    assert_eq!(id["verified_primary_email"], serde_json::json!(["cloud@alpine.test"]));
    assert!(!id.says("acct"));
    for name in ["acct", "auth_time", "email", "given_name", "ipaddr", "upn", "xms_cc", "xms_edov"] {
        assert!(!unasked.for_user().access_token().says(name), "{name}");
    }
    let unseen = Issue { openid_scopes: OpenIdScopes::default(), ..issue };
    assert!(!unseen.id_token(TokenVersion::V2).unwrap().says("upn"));
}

#[test]
fn a_token_says_whose_it_is_only_when_the_resource_asks() {
    for (asked, of_application, of_user) in [
        (vec![], None, None),
        (optional(&["idtyp"]), Some("app"), None),
        (made("idtyp", "include_user_token"), Some("app"), Some("user")),
    ] {
        let (mut app, mut user) = (Scene::app_only(), Scene::member());
        app.resource.optional_access_token_claims.clone_from(&asked);
        user.resource.optional_access_token_claims.clone_from(&asked);
        let idtyp = |token: Claims| token.get("idtyp").cloned();

        assert_eq!(idtyp(app.for_app().access_token()), of_application.map(serde_json::Value::from), "{asked:?}");
        assert_eq!(idtyp(user.for_user().access_token()), of_user.map(serde_json::Value::from), "{asked:?}");
    }
}

#[test]
fn a_guests_user_principal_name_comes_only_in_the_form_that_is_asked_for() {
    for (asked, expected) in [
        (optional(&["upn"]), None),
        (made("upn", "include_externally_authenticated_upn"), Some("guest_fjord.test#EXT#@alpine.test")),
        (made("upn", "include_externally_authenticated_upn_without_hash"), Some("guest_fjord.test_EXT_@alpine.test")),
    ] {
        let mut scene = Scene::guest();
        scene.client.optional_id_token_claims.clone_from(&asked);
        for version in [TokenVersion::V1, TokenVersion::V2] {
            let token = scene.for_user().id_token(version).unwrap();
            assert_eq!(token.get("upn").cloned(), expected.map(serde_json::Value::from), "{asked:?} {version:?}");
        }
        let mut scene = Scene::member();
        scene.client.optional_id_token_claims = asked;
        assert_eq!(scene.for_user().id_token(TokenVersion::V2).unwrap()["upn"], "cloud@alpine.test");
    }
}

#[test]
fn a_v1_audience_is_what_was_asked_unless_the_resource_wants_its_id() {
    for (asked, expected) in [
        (optional(&["aud"]), "api://employees.alpine.test"),
        (made("aud", "use_guid"), "e0a91000-0000-4000-8000-00000000000a"),
    ] {
        let mut scene = Scene::member();
        scene.resource.requested_access_token_version = 1;
        scene.resource.optional_access_token_claims = asked;
        assert_eq!(scene.for_user().access_token()["aud"], expected);
    }
}

#[test]
fn the_claims_parameter_adds_optional_claims_but_neither_capabilities_nor_what_needs_a_registration() {
    let mut scene = Scene::guest();
    scene.user.given_name = Some("Gaston".to_owned());
    scene.claims_request = ClaimsRequest {
        id_token: names(&["auth_time", "given_name", "upn", "nothing", "aud", "groups"]),
        access_token: names(&["acct", "capolids", "xms_cc", "idtyp", "nbf", "roles"]),
        client_capabilities: names(&["cp1"]),
        ..ClaimsRequest::default()
    };
    let issue = scene.for_user();

    let (access, id) = (issue.access_token(), issue.id_token(TokenVersion::V2).unwrap());

    assert_eq!(access["acct"], 1);
    assert_eq!(id["auth_time"], issue.now.unix_seconds() - 60);
    assert_eq!(id["given_name"], "Gaston");
    assert_eq!(id["aud"], scene.client.app_id.to_string());
    assert_eq!(access["nbf"], issue.now.unix_seconds() - 300);
    for absent in ["capolids", "idtyp", "given_name", "roles"] {
        assert!(!access.says(absent), "{absent}");
    }
    for absent in ["upn", "nothing", "acct", "groups"] {
        assert!(!id.says(absent), "{absent}");
    }
}

#[test]
fn a_password_that_expires_soon_is_told_in_v1_tokens_and_where_it_is_asked_for() {
    let mut scene = Scene::member();
    scene.client.optional_id_token_claims = optional(&["pwd_exp", "pwd_url"]);
    let told = |scene: &Scene| {
        let (v1, v2) = (scene.for_user().id_token(TokenVersion::V1).unwrap(), scene.for_user().access_token());
        let id = scene.for_user().id_token(TokenVersion::V2).unwrap();
        [v1, v2, id].map(|token| token.get("pwd_exp").cloned().zip(token.get("pwd_url").cloned()))
    };
    assert_eq!(told(&scene), [None, None, None]);

    scene.password_expires_in = Some(86_400);

    let expected = Some(("86700".into(), "https://portal.microsoftonline.com/ChangePassword.aspx".into()));
    assert_eq!(told(&scene), [expected.clone(), None, expected]);
}

#[test]
fn a_login_hint_names_the_account_to_whoever_can_read_it() {
    let mut scene = Scene::member();
    assert!(!scene.for_user().id_token(TokenVersion::V2).unwrap().says("login_hint"));
    scene.client.optional_id_token_claims = optional(&["login_hint"]);
    scene.resource.optional_access_token_claims = optional(&["login_hint"]);

    let id = scene.for_user().id_token(TokenVersion::V2).unwrap();

    let hint = id["login_hint"].as_str().unwrap().strip_prefix("O.").unwrap();
    let message = URL_SAFE_NO_PAD.decode(hint).unwrap();
    assert!(hint.starts_with("CiQ") && message.ends_with(b"\x1a\x11cloud@alpine.test"), "{hint}");
    assert!(!scene.for_user().access_token().says("login_hint"));
}

#[test]
fn a_guests_object_id_at_home_is_told_to_microsofts_own_apis_but_graph() {
    let arm = |mut scene: Scene| {
        scene.resource = Application { built_in: true, requested_access_token_version: 1, ..scene.resource };
        scene
    };
    assert_eq!(arm(Scene::guest()).for_user().access_token()["home_oid"], Scene::guest().home.1.to_string());
    for scene in [arm(Scene::member()), Scene::guest().at_graph(), Scene::guest()] {
        assert!(!scene.for_user().access_token().says("home_oid"));
    }
}

/// A member of a security group, a distribution list and a group assigned to the API, who is an administrator.
fn scene_with_groups() -> Scene {
    let mut scene = Scene::member();
    let group = |number: u128, security_enabled| Group {
        id: ObjectId(Uuid::from_u128(number)),
        display_name: String::new(),
        security_enabled,
        members: Default::default(),
    };
    scene.tenant.groups = vec![group(1, true), group(2, false), group(3, true)];
    scene.groups = scene.tenant.groups.iter().map(|group| group.id).collect();
    scene.assigned_groups = vec![(scene.resource.app_id, scene.groups[2])];
    scene.directory_roles = vec![ObjectId(Uuid::from_u128(0x62e9))];
    scene
}

#[test]
fn groups_are_listed_as_the_application_asks() {
    let mut scene = scene_with_groups();
    let id = |number: u128| Uuid::from_u128(number).to_string();
    let roles = || Some(vec![id(0x62e9), "b79fbf4d-3ef9-4689-8143-76b194e85509".to_owned()]);
    for (asked, groups, wids) in [
        (vec![], None, None),
        (vec!["SecurityGroup"], Some(vec![id(1), id(3)]), None),
        (vec!["All"], Some(vec![id(1), id(2), id(3)]), roles()),
        (vec!["DirectoryRole"], None, roles()),
        (vec!["ApplicationGroup"], Some(vec![id(3)]), None),
        (vec!["ApplicationGroup", "DirectoryRole"], Some(vec![id(3)]), roles()),
        (vec!["None"], None, None),
    ] {
        scene.resource.group_membership_claims = names(&asked);

        let token = scene.for_user().access_token();

        assert_eq!(token.get("groups").cloned(), groups.map(serde_json::Value::from), "{asked:?}");
        assert_eq!(token.get("wids").cloned(), wids.map(serde_json::Value::from), "{asked:?}");
        assert!(!scene.for_user().id_token(TokenVersion::V2).unwrap().says("groups"), "the client did not ask");
    }
}

#[test]
fn groups_come_as_roles_or_by_name_where_the_application_asks() {
    for (membership, property, claim, expected) in [
        ("ApplicationGroup", "cloud_displayname", "groups", "Readers"),
        ("ApplicationGroup", "sam_account_name", "groups", "00000000-0000-0000-0000-000000000003"),
        ("ApplicationGroup", "emit_as_roles", "roles", "00000000-0000-0000-0000-000000000003"),
        ("SecurityGroup", "cloud_displayname", "groups", "00000000-0000-0000-0000-000000000001"),
    ] {
        let mut scene = scene_with_groups();
        scene.tenant.groups[2].display_name = "Readers".to_owned();
        scene.resource.group_membership_claims = names(&[membership]);
        scene.resource.optional_access_token_claims = made("groups", property);

        let token = scene.for_user().access_token();

        assert_eq!(token[claim][0], expected, "{membership} {property}");
        assert_eq!(token.says("groups"), claim == "groups");
    }
}

#[test]
fn more_than_200_groups_become_a_pointer() {
    let mut scene = Scene::member();
    scene.resource.group_membership_claims = names(&["All"]);
    for (count, listed) in [(200, true), (201, false)] {
        scene.groups = (1..=count).map(|number| ObjectId(Uuid::from_u128(number))).collect();

        let token = scene.for_user().access_token();

        assert_eq!(token.says("groups"), listed);
        assert_eq!(token.says("_claim_names"), !listed);
        assert_eq!(token.says("_claim_sources"), !listed);
    }
    let token = scene.for_user().access_token();
    let endpoint = format!("https://localhost:8443/v1.0/users/{}/getMemberObjects", scene.user.id);
    assert_eq!(token["_claim_names"], serde_json::json!({ "groups": "src1" }));
    assert_eq!(token["_claim_sources"], serde_json::json!({ "src1": { "endpoint": endpoint } }));
}

#[test]
fn client_info_is_what_entra_sends() {
    let uid = "38acbfa6-2f1f-46c1-a0ca-a4cf4eb6d55e".parse().unwrap();
    let utid = "323626f5-1bfe-48cd-8902-ddfdfd44e1ce".parse().unwrap();

    assert_eq!(
        client_info(uid, utid),
        "eyJ1aWQiOiIzOGFjYmZhNi0yZjFmLTQ2YzEtYTBjYS1hNGNmNGViNmQ1NWUiLCJ1dGlkIjoiMzIzNjI2ZjUtMWJmZS00OGNkLTg5MDItZGRmZGZkNDRlMWNlIn0"
    );
}
