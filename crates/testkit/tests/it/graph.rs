//! Microsoft Graph: who may do what, what it shows, and that what is done there counts at once.

use std::time::Duration;

use reqwest::Method;
use ropeway_core::directory::{AppRoleAssignment, Directory, PrincipalType};
use ropeway_core::ids::{AZURE_CLI, MICROSOFT_GRAPH};
use ropeway_testkit::sample::{ALPINE, LEGACY_TOOL, NIGHTLY_JOB, PASSWORD, TOTP_SECRET};
use ropeway_testkit::{Answer, TestTenant};
use serde_json::{Value, json};

use crate::authorize::Ask;
use crate::sign_in_page::code;

const GRAPH: &str = "https://graph.microsoft.com/.default";

/// Asks Graph with this token.
async fn ask(tenant: &TestTenant, token: &str, method: Method, path: &str, body: Option<Value>) -> Answer {
    let request = tenant.http().request(method, format!("{}{path}", tenant.origin())).bearer_auth(token);
    let request = match body {
        Some(body) => request.json(&body),
        None => request,
    };
    Answer::read(request.send().await.unwrap()).await.unwrap()
}

async fn get(tenant: &TestTenant, token: &str, path: &str) -> Answer {
    ask(tenant, token, Method::GET, path, None).await
}

/// A Graph token of Azure CLI, which may do everything that its user may.
async fn cli(tenant: &TestTenant, user: &str) -> String {
    let password = tenant.password(user).set("client_id", AZURE_CLI).scope(GRAPH);
    password.send().await.unwrap().granted().unwrap().access_token().to_owned()
}

/// Likewise of the administrator, who has a second factor and so signs in on the page.
async fn administrator(tenant: &TestTenant) -> String {
    let ask = Ask::of(AZURE_CLI, "", "http://localhost:7").set("scope", GRAPH);
    let mut browser = tenant.browser();
    let landed = browser.open(&ask.url()).await.unwrap();
    let factor = browser.sign_in(landed, "admin@alpine.test", PASSWORD).await.unwrap().page().unwrap();
    let landed = browser.submit(&factor, &[("otc", &code(tenant, TOTP_SECRET, 0))]).await.unwrap();
    let stay = landed.page().unwrap();
    let reply = browser.submit(&stay, &[("action", "no")]).await.unwrap().reply().unwrap();
    ask.redeem(tenant, &reply).await.granted().unwrap().access_token().to_owned()
}

/// The nightly job with these permissions of its own.
fn job_with(roles: &'static [&'static str]) -> impl FnOnce(&mut Directory) + Send + 'static {
    move |directory| {
        let alpine = directory.tenants.iter_mut().find(|tenant| tenant.tenant.id == ALPINE).unwrap();
        let graph = alpine.tenant.application(MICROSOFT_GRAPH).unwrap();
        let job = alpine.tenant.application(NIGHTLY_JOB).unwrap().service_principal_id;
        let assigned = roles.iter().map(|role| AppRoleAssignment {
            principal: job,
            principal_type: PrincipalType::ServicePrincipal,
            resource: MICROSOFT_GRAPH,
            app_role: Some(graph.app_roles.iter().find(|known| known.value == *role).unwrap().id),
        });
        let assigned: Vec<_> = assigned.collect();
        alpine.app_role_assignments.extend(assigned);
    }
}

async fn job(tenant: &TestTenant) -> String {
    tenant.client_credentials().scope(GRAPH).send().await.unwrap().granted().unwrap().access_token().to_owned()
}

fn refused(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.body["error"]["code"].as_str().unwrap_or_default())
}

const DENIED: (u16, &str) = (403, "Authorization_RequestDenied");

#[tokio::test]
async fn users_are_read_selected_filtered_and_paged() {
    let tenant = TestTenant::builder().with(job_with(&["User.Read.All"])).start().await.unwrap();
    let token = job(&tenant).await;
    let all = get(&tenant, &token, "/v1.0/users?$select=id,userPrincipalName&$top=3").await;
    assert_eq!(all.status, 200, "{}", all.text);
    assert_eq!(all.headers["odata-version"], "4.0");
    let context = all.body["@odata.context"].as_str().unwrap();
    assert!(context.ends_with("/v1.0/$metadata#users(id,userPrincipalName)"), "{context}");
    assert_eq!(all.body["value"][0].as_object().unwrap().len(), 2);
    let mut names = Vec::new();
    let mut page = all;
    loop {
        names.extend(page.body["value"].as_array().unwrap().iter().map(|user| user["userPrincipalName"].to_string()));
        let Some(next) = page.body["@odata.nextLink"].as_str().map(str::to_owned) else { break };
        page = get(&tenant, &token, next.strip_prefix(tenant.origin()).unwrap()).await;
    }
    let total = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!((total, names.len()), (20, 20), "each once");

    for (query, expected) in [
        ("$filter=userPrincipalName eq 'cloud@alpine.test'", vec!["cloud@alpine.test"]),
        ("$filter=accountEnabled eq false", vec!["disabled@alpine.test"]),
        (
            "$filter=startswith(userPrincipalName,'new') or startswith(userPrincipalName,'pass')&$orderby=userPrincipalName desc",
            vec!["passthrough@alpine.test", "newmfa@alpine.test"],
        ),
        ("$filter=userType eq 'Nobody'", vec![]),
    ] {
        let found = get(&tenant, &token, &format!("/v1.0/users?{}", query.replace(' ', "%20"))).await;
        let found = found.body["value"].as_array().unwrap_or_else(|| panic!("{query}: {}", found.text));
        let found: Vec<_> = found.iter().map(|user| user["userPrincipalName"].as_str().unwrap().to_owned()).collect();
        assert_eq!(found, expected, "{query}");
    }
    let first = get(&tenant, &token, "/v1.0/users?$SELECT=id&$Top=2").await;
    let next = first.body["@odata.nextLink"].as_str().unwrap().strip_prefix(tenant.origin()).unwrap().to_owned();
    let as_linked = get(&tenant, &token, &next).await;
    let as_the_sdk_spells = get(&tenant, &token, &next.replace("$skiptoken", "$skipToken")).await;
    assert_eq!(as_linked.body["value"], as_the_sdk_spells.body["value"]);
    assert_ne!(as_linked.body["value"], first.body["value"], "{}", as_linked.text);
    let counted = get(&tenant, &token, "/v1.0/users?$count=true&$top=1").await;
    assert_eq!(counted.body["@odata.count"], 20);
    let one = get(&tenant, &token, "/v1.0/users/cloud@alpine.test").await;
    assert_eq!(one.body.as_object().unwrap().len(), 12, "the context and what comes unasked: {}", one.text);
    let none = get(&tenant, &token, "/v1.0/users/nobody@alpine.test").await;
    assert_eq!(refused(&none), (404, "Request_ResourceNotFound"));
}

#[tokio::test]
async fn a_query_that_cannot_be_is_refused_with_the_place() {
    let tenant = TestTenant::builder().with(job_with(&["User.Read.All"])).start().await.unwrap();
    let token = job(&tenant).await;
    for (query, code, said) in [
        ("$filter=userPrincipalName is 'x'", "Request_UnsupportedQuery", "at character 18"),
        ("$filter=shoeSize eq 42", "BadRequest", "'shoeSize' on type 'microsoft.graph.user'"),
        ("$select=id,shoeSize", "BadRequest", "'shoeSize'"),
        ("$orderby=displayName sideways", "Request_UnsupportedQuery", "asc or desc"),
        ("$top=0", "Request_UnsupportedQuery", "between 1 and 999"),
        ("$top=many", "Request_UnsupportedQuery", "between 1 and 999"),
        ("$skiptoken=zebra", "Request_UnsupportedQuery", "nextLink"),
        ("$search=x", "Request_UnsupportedQuery", "$search"),
    ] {
        let answer = get(&tenant, &token, &format!("/v1.0/users?{}", query.replace(' ', "%20"))).await;
        assert_eq!(refused(&answer), (400, code), "{query}: {}", answer.text);
        assert!(answer.body["error"]["message"].as_str().unwrap().contains(said), "{query}: {}", answer.text);
    }
}

#[tokio::test]
async fn permissions_reach_as_far_as_their_holder() {
    let tenant = TestTenant::start().await.unwrap();
    let (cloud, admin) = (cli(&tenant, "cloud@alpine.test").await, administrator(&tenant).await);
    assert_eq!(get(&tenant, &cloud, "/v1.0/me").await.status, 200);
    assert_eq!(get(&tenant, &cloud, "/v1.0/users/mfa@alpine.test").await.status, 200);
    let disable = json!({ "accountEnabled": false });
    let path = "/v1.0/users/mfa@alpine.test";
    let by_user = ask(&tenant, &cloud, Method::PATCH, path, Some(disable.clone())).await;
    assert_eq!(refused(&by_user), DENIED);
    assert_eq!(refused(&get(&tenant, &cloud, "/v1.0/auditLogs/signIns").await), DENIED);
    let of_others = ask(&tenant, &cloud, Method::POST, &format!("{path}/revokeSignInSessions"), None).await;
    assert_eq!(refused(&of_others), DENIED);
    let by_admin = ask(&tenant, &admin, Method::PATCH, path, Some(disable)).await;
    assert_eq!((by_admin.status, by_admin.text.as_str()), (204, ""));
    let shown = get(&tenant, &admin, &format!("{path}?$select=accountEnabled")).await;
    assert_eq!(shown.body["accountEnabled"], false);

    let scopes = "openid https://graph.microsoft.com/User.Read";
    let narrow = tenant.password("cloud@alpine.test").scope(scopes).send().await.unwrap().granted().unwrap();
    assert_eq!(get(&tenant, narrow.access_token(), "/v1.0/me").await.status, 200);
    assert_eq!(refused(&get(&tenant, narrow.access_token(), "/v1.0/users").await), DENIED);
    let mine = ask(&tenant, narrow.access_token(), Method::PATCH, "/v1.0/me", Some(json!({ "surname": "X" }))).await;
    assert_eq!(refused(&mine), DENIED);
    let nobody = ask(&tenant, "garbage", Method::GET, "/v1.0/users", None).await;
    assert_eq!(refused(&nobody), (401, "InvalidAuthenticationToken"));
}

#[tokio::test]
async fn an_administrator_resets_a_password_and_says_what_is_changed() {
    let tenant = TestTenant::start().await.unwrap();
    let admin = administrator(&tenant).await;
    let path = "/v1.0/users/cloud@alpine.test";
    let patch = |body: Value| ask(&tenant, &admin, Method::PATCH, path, Some(body));
    let profile = |force: bool| json!({ "passwordProfile": { "password": "Glacier-77", "forceChangePasswordNextSignIn": force } });
    assert_eq!(patch(profile(true)).await.status, 204);
    let with_new = || tenant.password("cloud@alpine.test").password_is("Glacier-77");
    assert_eq!(with_new().send().await.unwrap().code(), Some(50055), "must change it first");
    assert_eq!(patch(profile(false)).await.status, 204);
    assert_eq!(with_new().send().await.unwrap().status, 200);
    assert_eq!(tenant.password("cloud@alpine.test").send().await.unwrap().code(), Some(50126));
    assert_eq!(patch(json!({ "displayName": "Wolke" })).await.status, 204);
    assert_eq!(get(&tenant, &admin, path).await.body["displayName"], "Wolke");
    for (body, said) in [
        (json!({ "id": "x" }), "read-only"),
        (json!({ "shoeSize": 42 }), "'shoeSize'"),
        (json!({ "displayName": 42 }), "displayName"),
        (json!([]), "payload"),
    ] {
        let answer = patch(body).await;
        assert_eq!(answer.status, 400, "{}", answer.text);
        assert!(answer.body["error"]["message"].as_str().unwrap().contains(said), "{said}: {}", answer.text);
    }
}

#[tokio::test]
async fn what_a_synced_user_has_from_on_premises_is_not_changed_here() {
    let tenant = TestTenant::start().await.unwrap();
    let admin = administrator(&tenant).await;
    let patch = |body: Value| ask(&tenant, &admin, Method::PATCH, "/v1.0/users/hashsync@alpine.test", Some(body));
    for body in [json!({ "displayName": "Wolke" }), json!({ "passwordProfile": { "password": "Glacier-77" } })] {
        let answer = patch(body).await;
        assert_eq!(refused(&answer), (400, "Request_BadRequest"));
        assert!(answer.body["error"]["message"].as_str().unwrap().contains("on-premises mastered"), "{}", answer.text);
    }
    assert_eq!(tenant.password("hashsync@alpine.test").send().await.unwrap().status, 200);
    assert_eq!(patch(json!({ "accountEnabled": false })).await.status, 204);
    assert_eq!(tenant.password("hashsync@alpine.test").send().await.unwrap().code(), Some(50057));
}

#[tokio::test]
async fn people_end_their_own_sign_ins_and_change_their_password() {
    let tenant = TestTenant::start().await.unwrap();
    let scope = "openid offline_access api://employees.alpine.test/.default";
    let before = tenant.password("cloud@alpine.test").scope(scope).send().await.unwrap().granted().unwrap();
    let cloud = cli(&tenant, "cloud@alpine.test").await;
    let change = |old: &str, new: &str| {
        let body = json!({ "currentPassword": old, "newPassword": new });
        ask(&tenant, &cloud, Method::POST, "/v1.0/me/changePassword", Some(body))
    };
    assert_eq!(refused(&change("wrong", "Glacier-77").await), (400, "Request_BadRequest"));
    assert_eq!(refused(&change(PASSWORD, "short").await), (400, "Request_BadRequest"));
    tenant.advance(Duration::from_secs(1)).await.unwrap();
    assert_eq!(change(PASSWORD, "Glacier-77").await.status, 204);
    assert_eq!(tenant.refresh(before.refresh_token()).send().await.unwrap().code(), Some(50173));

    let new = tenant.password("cloud@alpine.test").password_is("Glacier-77").scope(scope);
    let new = new.send().await.unwrap().granted().unwrap();
    tenant.advance(Duration::from_secs(1)).await.unwrap();
    let revoked = ask(&tenant, &cloud, Method::POST, "/v1.0/me/revokeSignInSessions", None).await;
    assert_eq!((revoked.status, &revoked.body["value"]), (200, &json!(true)));
    assert!(revoked.body["@odata.context"].as_str().unwrap().ends_with("/v1.0/$metadata#Edm.Boolean"));
    assert_eq!(tenant.refresh(new.refresh_token()).send().await.unwrap().code(), Some(50173));
}

#[tokio::test]
async fn consents_are_listed_and_taken_back() {
    let tenant = TestTenant::start().await.unwrap();
    let admin = administrator(&tenant).await;
    let client = tenant.app().tenant(ALPINE).unwrap().application(LEGACY_TOOL).unwrap().service_principal_id;
    let filter = format!("/v1.0/oauth2PermissionGrants?$filter=clientId%20eq%20'{client}'&$top=999");
    let all = get(&tenant, &admin, &filter).await;
    assert_eq!(all.status, 200, "{}", all.text);
    let user = tenant.app().user_id(ALPINE, "cloud@alpine.test").unwrap().to_string();
    let own: Vec<_> =
        all.body["value"].as_array().unwrap().iter().filter(|grant| grant["principalId"] == user).collect();
    assert_eq!(own.len(), 2, "the Employee API and Graph: {}", all.text);
    for grant in own {
        let path = format!("/v1.0/oauth2PermissionGrants/{}", grant["id"].as_str().unwrap());
        assert_eq!(get(&tenant, &admin, &path).await.body["scope"], grant["scope"]);
        let cloud = cli(&tenant, "hashsync@alpine.test").await;
        assert_eq!(refused(&ask(&tenant, &cloud, Method::DELETE, &path, None).await), DENIED);
        assert_eq!(ask(&tenant, &admin, Method::DELETE, &path, None).await.status, 204);
        assert_eq!(ask(&tenant, &admin, Method::DELETE, &path, None).await.status, 404);
    }
    assert_eq!(tenant.password("cloud@alpine.test").send().await.unwrap().code(), Some(65001));
    assert_eq!(tenant.password("hashsync@alpine.test").send().await.unwrap().status, 200, "somebody else's");
}

#[tokio::test]
async fn the_sign_in_log_tells_every_attempt_with_its_code_policies_and_protocol() {
    let tenant = TestTenant::builder().with(job_with(&["AuditLog.Read.All"])).start().await.unwrap();
    for user in ["cloud@alpine.test", "mfa@alpine.test", "camfa@alpine.test", "blocked@alpine.test"] {
        tenant.password(user).send().await.unwrap();
    }
    let token = job(&tenant).await;
    let list = async |path: &str| {
        let answer = get(&tenant, &token, &path.replace(' ', "%20")).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.body
    };
    let interactive = list("/beta/auditLogs/signIns").await;
    let rows = interactive["value"].as_array().unwrap();
    let seen: Vec<_> =
        rows.iter().map(|row| (row["userPrincipalName"].as_str(), row["status"]["errorCode"].as_i64())).collect();
    assert_eq!(
        seen,
        [
            (Some("blocked@alpine.test"), Some(53003)),
            (Some("camfa@alpine.test"), Some(50076)),
            (Some("mfa@alpine.test"), Some(50076)),
            (Some("cloud@alpine.test"), Some(0)),
        ],
        "the latest first"
    );
    let blocked = &rows[0];
    assert_eq!(blocked["authenticationProtocol"], "ropc");
    assert_eq!(blocked["conditionalAccessStatus"], "failure");
    let policies = blocked["appliedConditionalAccessPolicies"].as_array().unwrap();
    let outcome = |name: &str| policies.iter().find(|policy| policy["displayName"] == name).unwrap()["result"].as_str();
    assert_eq!((outcome("Block"), outcome("Require MFA")), (Some("failure"), Some("notApplied")));
    assert_eq!(rows[3]["status"]["failureReason"], "Other.");
    assert_eq!(rows[3]["conditionalAccessStatus"], "notApplied");

    let v1 = list("/v1.0/auditLogs/signIns?$top=1").await;
    assert!(v1["value"][0].get("authenticationProtocol").is_none(), "a word of the beta resource");
    let next = v1["@odata.nextLink"].as_str().unwrap().strip_prefix(tenant.origin()).unwrap().to_owned();
    let second = list(&next).await;
    assert_eq!(second["value"][0]["userPrincipalName"], "camfa@alpine.test");
    let one = list(&format!("/v1.0/auditLogs/signIns/{}", blocked["id"].as_str().unwrap())).await;
    assert_eq!(one["status"]["errorCode"], 53003);

    for (filter, expected) in [
        ("userPrincipalName eq 'mfa@alpine.test'", 1),
        ("status/errorCode eq 50076", 2),
        ("status/errorCode ne 0 and conditionalAccessStatus eq 'failure'", 2),
        ("createdDateTime ge 2020-01-01T00:00:00Z", 4),
        ("signInEventTypes/any(t: t eq 'servicePrincipal')", 1),
        ("authenticationProtocol eq 'deviceCode'", 0),
    ] {
        let found = list(&format!("/v1.0/auditLogs/signIns?$filter={filter}")).await;
        assert_eq!(found["value"].as_array().unwrap().len(), expected, "{filter}: {found}");
    }
    let oldest = list("/v1.0/auditLogs/signIns?$orderby=createdDateTime asc&$top=1").await;
    assert_eq!(oldest["value"][0]["userPrincipalName"], "cloud@alpine.test");
    let all_the_same = list("/beta/auditLogs/signIns?orderBy=createdDateTime asc&filter=isInteractive eq true").await;
    let names = |list: &Value| {
        list["value"].as_array().unwrap().iter().map(|row| row["userPrincipalName"].to_string()).collect::<Vec<_>>()
    };
    let latest_first = names(&interactive);
    assert_eq!(names(&all_the_same), latest_first.into_iter().rev().collect::<Vec<_>>(), "within a second, too");
    let newest = list("/v1.0/auditLogs/signIns?$orderby=createdDateTime desc&$top=1").await;
    assert_eq!(newest["value"][0]["userPrincipalName"], "blocked@alpine.test");
}
