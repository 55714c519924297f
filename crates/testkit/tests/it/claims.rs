//! Claims that an application or a request asks for, and where a token sends whoever needs more than fits in.

use ropeway_core::directory::{
    AppRoleAssignment, Application, Directory, Group, OptionalClaim, PrincipalType, TenantDirectory,
};
use ropeway_core::ids::{AZURE_CLI, AppId, MICROSOFT_GRAPH, ObjectId};
use ropeway_testkit::sample::{ALPINE, EMPLOYEE_API, LEGACY_TOOL, NIGHTLY_JOB, NIGHTLY_JOB_SECRET};
use ropeway_testkit::{Answer, TestTenant};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::authorization_code::reply;
use crate::authorize::Ask;

const USER: &str = "cloud@alpine.test";
const GRAPH: &str = "https://graph.microsoft.com";

fn alpine(directory: &mut Directory) -> &mut TenantDirectory {
    &mut directory.tenants[0]
}

fn application(directory: &mut Directory, app_id: AppId) -> &mut Application {
    let applications = &mut alpine(directory).tenant.applications;
    applications.iter_mut().find(|app| app.app_id == app_id).unwrap()
}

fn named(names: &[&str]) -> Vec<OptionalClaim> {
    names.iter().map(|name| OptionalClaim::named(name)).collect()
}

#[tokio::test]
async fn a_tenant_file_says_which_optional_claims_a_token_has_and_how_they_are_made() {
    let yaml = r##"
tenants:
  - id: 5e1f0a00-0000-4000-8000-0000000000aa
    displayName: Small
    verifiedDomains: [{ name: small.test, isDefault: true, passwordValidityPeriodInDays: 90 }]
    ropeway: { clock: { frozen: 2026-11-25T08:00:00Z } }
    users:
      - userPrincipalName: me@small.test
        givenName: Mia
        mail: mia@small.test
        passwordProfile: { password: 'Summit-2042' }
        lastPasswordChangeDateTime: 2026-09-06T08:00:00Z
    applications:
      - displayName: API
        identifierUris: ['api://small.test']
        api: { oauth2PermissionScopes: [{ value: Read, type: User }] }
        optionalClaims:
          accessToken:
            - { name: aud, additionalProperties: [use_guid] }
            - { name: idtyp, additionalProperties: [include_user_token] }
            - { name: acct }
            - { name: xms_cc }
      - appId: 5e1f0a00-0000-4000-8000-0000000000ab
        displayName: Tool
        isFallbackPublicClient: true
        optionalClaims: { idToken: [{ name: given_name }, { name: login_hint }, { name: email }, { name: pwd_exp }] }
    oauth2PermissionGrants:
      - { clientId: 5e1f0a00-0000-4000-8000-0000000000ab, consentType: AllPrincipals, resourceId: 'api://small.test', scope: Read }
"##;
    const TOOL: AppId = AppId(Uuid::from_u128(0x5e1f0a00_0000_4000_8000_0000000000ab));
    let tenant = TestTenant::builder().yaml(yaml).start().await.unwrap();
    let request =
        tenant.password("me@small.test").set("client_id", TOOL).scope("openid profile api://small.test/.default");
    let answer = request.send().await.unwrap().granted().unwrap();
    let (access, id) = (answer.access_claims(), answer.id_claims());
    assert!(Uuid::try_parse(access["aud"].as_str().unwrap()).is_ok(), "{access}");
    assert_eq!((&access["idtyp"], &access["acct"], &access["ver"]), (&"user".into(), &0.into(), &"1.0".into()));
    assert_eq!((&id["given_name"], &id["email"]), (&"Mia".into(), &"mia@small.test".into()));
    assert!(id["login_hint"].as_str().unwrap().starts_with("O."));
    // Ten days before the end of ninety; counted from `iat`, which is five minutes back.
    assert_eq!(id["pwd_exp"], "864300");
    assert_eq!(access["pwd_url"], "https://portal.microsoftonline.com/ChangePassword.aspx", "v1.0 tokens always tell");
}

#[tokio::test]
async fn a_capability_is_repeated_as_spelt_where_the_resource_opted_in() {
    let tenant = TestTenant::builder()
        .with(|directory| application(directory, EMPLOYEE_API).optional_access_token_claims = named(&["xms_cc"]))
        .start()
        .await
        .unwrap();
    for (spelt, expected) in [("CP1", json!(["CP1"])), ("cp1", json!(["cp1"])), ("other", Value::Null)] {
        let claims = json!({ "access_token": { "xms_cc": { "values": [spelt] } } });
        for request in [tenant.password(USER), tenant.client_credentials()] {
            let answer = request.set("claims", &claims).send().await.unwrap();
            assert_eq!(answer.access_claims()["xms_cc"], expected, "{spelt}: {}", answer.text);
        }
    }
    assert!(tenant.password(USER).send().await.unwrap().access_claims().get("xms_cc").is_none());

    let not_opted_in = TestTenant::start().await.unwrap();
    let claims = json!({ "access_token": { "xms_cc": { "values": ["CP1"] } } });
    let answer = not_opted_in.password(USER).set("claims", claims).send().await.unwrap();
    assert!(answer.access_claims().is_object() && answer.access_claims().get("xms_cc").is_none());
}

#[tokio::test]
async fn the_claims_parameter_asks_for_optional_claims_and_a_challenge_changes_nothing() {
    let tenant = TestTenant::start().await.unwrap();
    let plain = tenant.password(USER).scope("openid profile offline_access api://employees.alpine.test/.default");
    let first = plain.clone().send().await.unwrap();
    assert!(first.id_claims().get("auth_time").is_none());
    let asked = json!({
        "id_token": { "auth_time": { "essential": true }, "acct": { "value": 7 } },
        "access_token": { "capolids": { "essential": true, "values": ["5e1f0a00-0000-4000-8000-000000000001"] } },
    });
    for request in [plain.clone(), tenant.refresh(first.refresh_token())] {
        let answer = request.set("claims", &asked).send().await.unwrap();
        assert_eq!(answer.id_claims()["acct"], 0, "{}", answer.text);
        assert!(answer.id_claims()["auth_time"].as_i64().unwrap() > 1_700_000_000);
        assert!(answer.access_claims().get("capolids").is_none());
    }
    let blocked = tenant.password("camfa@alpine.test").set("claims", &asked).send().await.unwrap();
    assert_eq!(blocked.code(), Some(50076), "a challenge that comes back is no second factor");
    for malformed in ["{", "[]", r#"{"id_token":{"upn":1}}"#, r#"{"id_token":null,"id_token":null}"#] {
        let answer = plain.clone().set("claims", malformed).send().await.unwrap();
        assert_eq!(answer.code(), Some(90100), "{malformed}");
        assert!(answer.body["error_description"].as_str().unwrap().contains("claims"));
    }
    assert_eq!(plain.set("claims", "").send().await.unwrap().status, 200, "empty is absent");
}

#[tokio::test]
async fn what_the_authorization_request_asked_for_is_in_the_tokens_of_its_code() {
    let tenant = TestTenant::builder()
        .with(|directory| application(directory, EMPLOYEE_API).optional_access_token_claims = named(&["xms_cc"]))
        .start()
        .await
        .unwrap();
    let asked = json!({
        "id_token": { "acct": { "essential": true } },
        "access_token": { "xms_cc": { "values": ["CP1"] }, "ipaddr": null },
    });
    let ask = Ask::modern_portal().set("claims", &asked.to_string());
    let answered = reply(&tenant, &ask).await;
    let at_redemption = json!({ "access_token": { "xms_cc": { "values": ["cp1"] }, "acct": null } });
    let redemption = ask.redemption(&tenant, &answered).set("claims", at_redemption);
    let answer = redemption.send().await.unwrap().granted().unwrap();
    let (id, access) = (answer.id_claims(), answer.access_claims());
    assert_eq!(
        (&id["acct"], &access["ipaddr"], &access["acct"]),
        (&json!(0), &json!("127.0.0.1"), &json!(0)),
        "{access}"
    );
    assert_eq!(access["xms_cc"], json!(["cp1"]), "a capability is told once");
    assert!(id.get("ipaddr").is_none() && id.get("auth_time").is_none(), "{id}");
    let refreshed = tenant.refresh(answer.refresh_token()).client(ask.client, ask.secret).send().await.unwrap();
    assert!(refreshed.id_claims().get("acct").is_none(), "a refresh token remembers no wishes: {}", refreshed.text);
}

#[tokio::test]
async fn who_asks_how_long_ago_it_may_be_is_told_when_it_was() {
    let tenant = TestTenant::start().await.unwrap();
    for (ask, told) in [(Ask::modern_portal().set("max_age", "3600"), true), (Ask::modern_portal(), false)] {
        let answered = reply(&tenant, &ask).await;
        let tokens = ask.redeem(&tenant, &answered).await.granted().unwrap();
        assert_eq!(tokens.id_claims().get("auth_time").is_some(), told, "{}", tokens.id_claims());
    }
}

#[tokio::test]
async fn a_redeemed_token_still_says_when_the_password_was_typed() {
    let tenant = TestTenant::start().await.unwrap();
    let claims = json!({ "id_token": { "auth_time": null } });
    let scope = "openid offline_access api://employees.alpine.test/.default";
    let first = tenant.password(USER).scope(scope).set("claims", &claims).send().await.unwrap();
    tenant.advance(std::time::Duration::from_secs(3600)).await.unwrap();
    let later = tenant.refresh(first.refresh_token()).set("claims", &claims).send().await.unwrap();
    let auth_time = |answer: &Answer| answer.id_claims()["auth_time"].as_i64().unwrap();
    assert_eq!(auth_time(&first) - auth_time(&later), 3600, "an hour of tenant time, on the clock of the tokens");
}

#[tokio::test]
async fn a_guest_is_told_by_acct_and_idp_and_by_upn_only_on_demand() {
    let external = |name: &str| OptionalClaim {
        name: name.to_owned(),
        additional_properties: vec!["include_externally_authenticated_upn".to_owned()],
    };
    let tenant = TestTenant::builder()
        .with(move |directory| {
            application(directory, EMPLOYEE_API).optional_access_token_claims = named(&["acct", "upn"]);
            application(directory, LEGACY_TOOL).optional_id_token_claims = vec![external("upn")];
        })
        .start()
        .await
        .unwrap();
    let guest = tenant.password("guest@fjord.test").send().await.unwrap().granted().unwrap();
    let (access, id) = (guest.access_claims(), guest.id_claims());
    assert_eq!(access["acct"], 1);
    assert_eq!(access["idp"], format!("{}/5e1f0a00-0000-4000-8000-000000000002/", tenant.origin()));
    assert!(access.get("upn").is_none());
    assert!(id["upn"].as_str().unwrap().contains("#EXT#@"), "{id}");
    let member = tenant.password(USER).send().await.unwrap().granted().unwrap();
    assert_eq!((&member.access_claims()["acct"], &member.access_claims()["upn"]), (&0.into(), &USER.into()));
    assert!(member.access_claims().get("idp").is_none());
}

/// 201 groups around one user, and what is needed to ask Graph for them.
fn with_many_groups(directory: &mut Directory) {
    let Some(graph) = alpine(directory).tenant.application(MICROSOFT_GRAPH) else { return };
    let read_all = graph.app_roles.iter().find(|role| role.value == "Directory.Read.All").unwrap().id;
    let alpine = alpine(directory);
    let user = alpine.users.iter().find(|user| user.user_principal_name == USER).unwrap().id;
    let job = alpine.tenant.application(NIGHTLY_JOB).unwrap().service_principal_id;
    alpine.tenant.groups.extend((0..200).map(|number| Group {
        id: ObjectId(Uuid::from_u128(0x6000 + number)),
        display_name: format!("Group {number}"),
        security_enabled: number != 0,
        members: [user].into(),
    }));
    alpine.app_role_assignments.push(AppRoleAssignment {
        principal: job,
        principal_type: PrincipalType::ServicePrincipal,
        resource: MICROSOFT_GRAPH,
        app_role: Some(read_all),
    });
    application(directory, EMPLOYEE_API).group_membership_claims = vec!["All".to_owned()];
}

async fn ask(tenant: &TestTenant, url: &str, token: &str, body: &'static str) -> Answer {
    let request = tenant.http().post(url).bearer_auth(token).header("content-type", "application/json").body(body);
    Answer::read(request.send().await.unwrap()).await.unwrap()
}

async fn graph_token(tenant: &TestTenant, user: &str) -> String {
    let answer = tenant.password(user).scope(&format!("{GRAPH}/User.Read")).send().await.unwrap();
    answer.granted().unwrap().access_token().to_owned()
}

#[tokio::test]
async fn more_groups_than_fit_are_where_the_token_says() {
    let tenant = TestTenant::builder().with(with_many_groups).start().await.unwrap();
    let claims = tenant.password(USER).send().await.unwrap().granted().unwrap().access_claims();
    assert!(claims.get("groups").is_none());
    assert_eq!(claims["_claim_names"], json!({ "groups": "src1" }));
    let endpoint = claims["_claim_sources"]["src1"]["endpoint"].as_str().unwrap().to_owned();
    assert_eq!(
        endpoint,
        format!("{}/v1.0/users/{}/getMemberObjects", tenant.origin(), claims["oid"].as_str().unwrap())
    );

    let own = graph_token(&tenant, USER).await;
    let by_user = ask(&tenant, &endpoint, &own, r#"{"securityEnabledOnly":false}"#).await;
    assert_eq!(by_user.status, 200, "{}", by_user.text);
    assert_eq!(by_user.body["value"].as_array().unwrap().len(), 201, "200 and Employees");
    assert_eq!(by_user.body["@odata.context"], format!("{}/v1.0/$metadata#Collection(Edm.String)", tenant.origin()));
    assert!(by_user.headers["content-type"].to_str().unwrap().starts_with("application/json"));

    let security = ask(&tenant, &endpoint, &own, r#"{"securityEnabledOnly":true}"#).await;
    assert_eq!(security.body["value"].as_array().unwrap().len(), 200, "{}", security.text);
    let me = ask(&tenant, &format!("{}/v1.0/me/getMemberObjects", tenant.origin()), &own, "{}").await;
    assert_eq!(me.body["value"], by_user.body["value"]);
    let by_name = ask(&tenant, &format!("{}/v1.0/users/{USER}/getMemberObjects", tenant.origin()), &own, "{}").await;
    assert_eq!(by_name.body["value"], by_user.body["value"]);

    let job = tenant.client_credentials().client(NIGHTLY_JOB, NIGHTLY_JOB_SECRET).scope(&format!("{GRAPH}/.default"));
    let job = job.send().await.unwrap().granted().unwrap();
    let by_job = ask(&tenant, &endpoint, job.access_token(), "{}").await;
    assert_eq!(by_job.body["value"], by_user.body["value"], "{}", by_job.text);
}

#[tokio::test]
async fn groups_are_told_to_whom_they_concern() {
    let tenant = TestTenant::start().await.unwrap();
    let of = |user: &str| {
        let id = tenant.app().user_id(ALPINE, user).unwrap();
        format!("{}/v1.0/users/{id}/getMemberObjects", tenant.origin())
    };
    let (own, other) = (of(USER), of("hashsync@alpine.test"));
    let token = graph_token(&tenant, USER).await;
    assert_eq!(ask(&tenant, &own, &token, "{}").await.status, 200);

    let denied = ask(&tenant, &other, &token, "{}").await;
    assert_eq!((denied.status, &denied.body["error"]["code"]), (403, &"Authorization_RequestDenied".into()));
    assert_eq!(denied.body["error"]["message"], "Insufficient privileges to complete the operation.");
    assert!(denied.body["error"]["innerError"]["request-id"].is_string(), "{}", denied.text);
    let by_azure_cli = tenant.password(USER).set("client_id", AZURE_CLI).scope(&format!("{GRAPH}/.default"));
    let by_azure_cli = by_azure_cli.send().await.unwrap().granted().unwrap();
    assert_eq!(ask(&tenant, &other, by_azure_cli.access_token(), "{}").await.status, 200, "it has User.Read.All");
    let job = tenant.client_credentials().scope(&format!("{GRAPH}/.default")).send().await.unwrap();
    let without_roles = ask(&tenant, &own, job.access_token(), "{}").await;
    assert_eq!(without_roles.status, 403, "{}", without_roles.text);
    let me = format!("{}/v1.0/me/getMemberObjects", tenant.origin());
    assert_eq!(ask(&tenant, &me, job.access_token(), "{}").await.status, 400, "an application is nobody's me");

    let gone = format!("{}/v1.0/users/5e1f0a00-0000-4000-8000-0000000000ff/getMemberObjects", tenant.origin());
    let not_found = ask(&tenant, &gone, by_azure_cli.access_token(), "{}").await;
    assert_eq!((not_found.status, &not_found.body["error"]["code"]), (404, &"Request_ResourceNotFound".into()));
    let malformed = ask(&tenant, &own, &token, "{").await;
    assert_eq!((malformed.status, &malformed.body["error"]["code"]), (400, &"BadRequest".into()));
}

#[tokio::test]
async fn only_an_access_token_for_graph_opens_graph() {
    let tenant = TestTenant::start().await.unwrap();
    let url = format!("{}/v1.0/me/getMemberObjects", tenant.origin());
    let answer = tenant.password(USER).scope(&format!("openid {GRAPH}/User.Read")).send().await.unwrap();
    let (token, id_token) = (answer.access_token(), answer.body["id_token"].as_str().unwrap());
    assert_eq!(ask(&tenant, &url, token, "{}").await.status, 200);

    let for_employees = tenant.token(USER).await.unwrap();
    let middle = token.len() / 2;
    let changed = format!(
        "{}{}{}",
        &token[..middle],
        if &token[middle..=middle] == "A" { "B" } else { "A" },
        &token[middle + 1..]
    );
    for (what, token) in [
        ("no token", ""),
        ("garbage", "a.b.c"),
        ("an id token", id_token),
        ("another API's", &for_employees),
        ("a changed one", &changed),
    ] {
        let refused = ask(&tenant, &url, token, "{}").await;
        assert_eq!(
            (refused.status, &refused.body["error"]["code"]),
            (401, &"InvalidAuthenticationToken".into()),
            "{what}"
        );
        let challenge = refused.headers["www-authenticate"].to_str().unwrap();
        assert!(
            challenge.starts_with("Bearer realm=\"\"") && challenge.contains(&MICROSOFT_GRAPH.to_string()),
            "{challenge}"
        );
    }
    let without = Answer::read(tenant.http().post(&url).body("{}").send().await.unwrap()).await.unwrap();
    assert_eq!(without.body["error"]["message"], "Access token is empty.");

    let now = tenant.app().source.wall();
    tenant.set_wall_clock(ropeway_server::moment::WallClock::Frozen { at: now.plus_seconds(2 * 3600) });
    let expired = ask(&tenant, &url, token, "{}").await;
    assert_eq!(expired.status, 401);
    assert_eq!(expired.body["error"]["message"], "Lifetime validation failed, the token is expired.");
}
