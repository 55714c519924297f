//! Authentication contexts: a request asks for `acrs`, the policies of that context are asked, and the token says so.

use reqwest::Method;
use ropeway_core::directory::{Application, Directory, OptionalClaim};
use ropeway_core::ids::{AZURE_CLI, AppId};
use ropeway_testkit::sample::{ALPINE, EMPLOYEE_API, MODERN_PORTAL, PASSWORD, TOTP_SECRET};
use ropeway_testkit::{Answer, Browser, Landed, TestTenant};
use serde_json::{Value, json};

use crate::authorize::Ask;
use crate::sign_in_page::code;

const USER: &str = "cloud@alpine.test";
const POLICY: &str = "5e1f0a00-0000-4000-8000-0000000000c1";
const BLOCK: &str = "5e1f0a00-0000-4000-8000-0000000000c2";

/// `cloud@` has an authenticator app, which nothing asks for.
fn with_a_factor(directory: &mut Directory) {
    let users = &mut directory.tenants[0].users;
    let find = |name: &str| users.iter().position(|user| user.user_principal_name == name).unwrap();
    let (cloud, mfa) = (find(USER), find("mfa@alpine.test"));
    users[cloud].authentication_methods = users[mfa].authentication_methods.clone();
}

fn application(directory: &mut Directory, app_id: AppId) -> &mut Application {
    let applications = &mut directory.tenants[0].tenant.applications;
    applications.iter_mut().find(|app| app.app_id == app_id).unwrap()
}

/// A policy asks for a second factor at c1, another blocks at c2; at c3 there is none.
async fn with_contexts(change: impl FnOnce(&mut Directory) + Send + 'static) -> TestTenant {
    let tenant = TestTenant::builder().with(with_a_factor).with(change).start().await.unwrap();
    for (id, control, context) in [(POLICY, "mfa", "c1"), (BLOCK, "block", "C2")] {
        let policy = json!({
            "id": id,
            "displayName": format!("{control} at {context}"),
            "state": "enabled",
            "conditions": {
                "users": { "includeUsers": ["All"] },
                "applications": { "includeAuthenticationContextClassReferences": [context] },
            },
            "grantControls": { "operator": "OR", "builtInControls": [control] },
        });
        let path = format!("tenants/{ALPINE}/conditionalAccess/policies");
        let answer = tenant.control(Method::POST, &path).json(&policy).send().await.unwrap();
        let answer = Answer::read(answer).await.unwrap();
        assert_eq!(answer.status, 201, "{}", answer.text);
        let shown = &answer.body["conditions"]["applications"]["includeAuthenticationContextClassReferences"];
        assert_eq!(*shown, json!([context.to_lowercase()]), "{}", answer.text);
    }
    tenant
}

fn asking_for(token: &str, context: &str) -> Value {
    json!({ token: { "acrs": { "essential": true, "value": context } } })
}

async fn signed_in<'t>(tenant: &'t TestTenant, ask: &Ask) -> (Browser<'t>, Landed) {
    let mut browser = tenant.browser();
    let landed = browser.open(&ask.url()).await.unwrap();
    let landed = browser.sign_in(landed, USER, PASSWORD).await.unwrap();
    (browser, landed)
}

async fn prove(tenant: &TestTenant, browser: &mut Browser<'_>, landed: Landed) -> Landed {
    assert_eq!(landed.testid(), "page-second-factor", "{:?}", landed.code());
    let otc = code(tenant, TOTP_SECRET, 0);
    let landed = browser.submit(&landed.page().unwrap(), &[("otc", &otc)]).await.unwrap();
    match landed.testid() {
        "page-stay-signed-in" => browser.submit(&landed.page().unwrap(), &[("action", "no")]).await.unwrap(),
        _ => landed,
    }
}

#[tokio::test]
async fn the_password_grant_is_challenged_and_the_page_asks_for_the_second_factor() {
    let tenant = with_contexts(|_| {}).await;
    let plain = tenant.password(USER).send().await.unwrap().granted().unwrap();
    assert!(plain.access_claims().get("acrs").is_none(), "nobody asked");

    let refused = tenant.password(USER).set("claims", asking_for("access_token", "c1")).send().await.unwrap();
    assert_eq!((refused.status, refused.code()), (400, Some(50076)), "{}", refused.text);
    assert_eq!((refused.error(), &refused.body["suberror"]), ("invalid_grant", &"basic_action".into()));
    let challenge = refused.body["claims"].as_str().unwrap();
    let expected = json!({ "access_token": {
        "acrs": { "essential": true, "values": ["c1"] },
        "capolids": { "essential": true, "values": [POLICY] },
    } });
    assert_eq!(serde_json::from_str::<Value>(challenge).unwrap(), expected);

    let ask = Ask::modern_portal().set("claims", challenge);
    let (mut browser, landed) = signed_in(&tenant, &ask).await;
    let reply = prove(&tenant, &mut browser, landed).await.reply().unwrap();
    let tokens = ask.redeem(&tenant, &reply).await.granted().unwrap();
    assert_eq!(tokens.access_claims()["acrs"], json!(["c1"]), "{}", tokens.access_claims());
    assert!(tokens.id_claims().get("acrs").is_none(), "asked for in the access token only");

    let refresh = || tenant.refresh(tokens.refresh_token()).client(ask.client, ask.secret);
    let plain = refresh().send().await.unwrap().granted().unwrap();
    assert!(plain.access_claims().get("acrs").is_none(), "whoever does not ask and did not opt in is not told");
    let again = refresh().set("claims", asking_for("access_token", "c1")).send().await.unwrap().granted().unwrap();
    assert_eq!(again.access_claims()["acrs"], json!(["c1"]));
    let silent = Ask::second_portal().set("prompt", "none").set("claims", &asking_for("id_token", "c1").to_string());
    let reply = browser.open(&silent.url()).await.unwrap().reply().unwrap();
    let second = silent.redeem(&tenant, &reply).await.granted().unwrap();
    assert_eq!(second.id_claims()["acrs"], json!(["c1"]), "the session remembers the second factor");
    assert!(second.access_claims().get("acrs").is_none());
}

#[tokio::test]
async fn a_session_without_the_factor_is_stepped_up_and_not_silently() {
    let tenant = with_contexts(|_| {}).await;
    let (mut browser, landed) = signed_in(&tenant, &Ask::modern_portal()).await;
    assert_eq!(landed.testid(), "application");
    let ask = Ask::modern_portal().set("claims", &asking_for("access_token", "c1").to_string());
    let silent = browser.open(&ask.clone().set("prompt", "none").url()).await.unwrap();
    assert_eq!(silent.code(), Some(50076));
    let told = silent.reply().unwrap();
    assert_eq!(told.get("error"), "interaction_required");
    assert!(told.get("claims").contains(r#""acrs""#) && told.get("claims").contains(POLICY), "{:?}", told.parameters);
    let landed = browser.open(&ask.url()).await.unwrap();
    let reply = prove(&tenant, &mut browser, landed).await.reply().unwrap();
    let tokens = ask.redeem(&tenant, &reply).await.granted().unwrap();
    assert_eq!(tokens.access_claims()["acrs"], json!(["c1"]));
}

#[tokio::test]
async fn a_context_that_blocks_blocks_and_one_without_a_policy_is_granted() {
    let tenant = with_contexts(|_| {}).await;
    let claims = asking_for("access_token", "c2");
    let blocked = tenant.password(USER).set("claims", &claims).send().await.unwrap();
    assert_eq!(blocked.code(), Some(53003), "{}", blocked.text);
    assert!(blocked.body["claims"].as_str().unwrap().contains(BLOCK));
    let (_, landed) = signed_in(&tenant, &Ask::modern_portal().set("claims", &claims.to_string())).await;
    assert_eq!((landed.testid(), landed.code()), ("page-refusal", Some(53003)));

    let free = tenant.password(USER).set("claims", asking_for("access_token", "c3")).send().await.unwrap();
    assert_eq!(free.granted().unwrap().access_claims()["acrs"], json!(["c3"]));
    for none in ["strong", "c100", "cp1"] {
        let answer = tenant.password(USER).set("claims", asking_for("access_token", none)).send().await.unwrap();
        assert!(answer.granted().unwrap().access_claims().get("acrs").is_none(), "{none} is no context");
    }
    let job = tenant.client_credentials().set("claims", asking_for("access_token", "c3")).send().await.unwrap();
    assert!(job.granted().unwrap().access_claims().get("acrs").is_none(), "for an application there are none");
}

#[tokio::test]
async fn an_application_that_opted_in_is_told_of_every_context_that_asks_nothing_more() {
    let tenant = with_contexts(|directory| {
        let acrs = || vec![OptionalClaim::named("acrs")];
        application(directory, EMPLOYEE_API).optional_access_token_claims = acrs();
        application(directory, MODERN_PORTAL).optional_id_token_claims = acrs();
    })
    .await;
    let without = tenant.password(USER).send().await.unwrap().granted().unwrap();
    assert!(without.access_claims().get("acrs").is_none(), "c1 wants a second factor, c2 blocks");
    let ask = Ask::modern_portal().set("claims", &asking_for("access_token", "c3").to_string());
    let (mut browser, landed) = signed_in(&tenant, &ask).await;
    assert_eq!(landed.testid(), "application");
    let step_up = Ask::modern_portal().set("claims", &asking_for("access_token", "p1").to_string());
    let landed = browser.open(&step_up.url()).await.unwrap();
    prove(&tenant, &mut browser, landed).await.reply().unwrap();
    let reply = browser.open(&ask.url()).await.unwrap().reply().unwrap();
    let tokens = ask.redeem(&tenant, &reply).await.granted().unwrap();
    assert_eq!(tokens.access_claims()["acrs"], json!(["c1", "c3"]), "{}", tokens.access_claims());
    assert_eq!(tokens.id_claims()["acrs"], json!(["c1"]), "{}", tokens.id_claims());
}

#[tokio::test]
async fn the_challenge_of_azure_resource_manager_is_met_by_a_second_factor() {
    let tenant = TestTenant::builder().with(with_a_factor).start().await.unwrap();
    let scope = "https://management.core.windows.net//.default";
    let ask = Ask::of(AZURE_CLI, "", "http://localhost:7").set("scope", scope);
    let put = async |token: &str| {
        let list = tenant.http().get(format!("{}/subscriptions?api-version=2022-12-01", tenant.origin()));
        let list = Answer::read(list.bearer_auth(token).send().await.unwrap()).await.unwrap();
        let id = list.body["value"][0]["id"].as_str().unwrap();
        let url = format!("{}{id}/resourcegroups/mine?api-version=2022-12-01", tenant.origin());
        Answer::read(tenant.http().put(url).bearer_auth(token).json(&json!({})).send().await.unwrap()).await.unwrap()
    };
    let first = tenant.password(USER).set("client_id", AZURE_CLI).scope(scope).send().await.unwrap();
    let refused = put(first.granted().unwrap().access_token()).await;
    assert_eq!(refused.status, 401, "{}", refused.text);
    let challenge = refused.headers["www-authenticate"].to_str().unwrap();
    let claims = challenge.split("claims=\"").nth(1).unwrap().trim_end_matches('"');
    let claims = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, claims).unwrap();
    let claims = String::from_utf8(claims).unwrap();

    let silent = tenant.password(USER).set("client_id", AZURE_CLI).scope(scope).set("claims", &claims);
    let silent = silent.send().await.unwrap();
    assert_eq!(
        (silent.code(), silent.body["claims"].as_str()),
        (Some(50076), Some(claims.as_str())),
        "{}",
        silent.text
    );
    let ask = ask.set("claims", &claims);
    let (mut browser, landed) = signed_in(&tenant, &ask).await;
    let reply = prove(&tenant, &mut browser, landed).await.reply().unwrap();
    let tokens = ask.redeem(&tenant, &reply).await.granted().unwrap();
    assert_eq!(tokens.access_claims()["acrs"], json!(["p1"]));
    let authorized = put(tokens.access_token()).await;
    assert_eq!((authorized.status, &authorized.body["error"]["code"]), (403, &"AuthorizationFailed".into()));
}
