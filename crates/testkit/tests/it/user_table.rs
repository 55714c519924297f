//! The user table of the sample tenant, row by row and body for body, for the confidential and the public client alike, on
//! both generations of the endpoint. The table in the README is what this test found.

use std::fmt::Write as _;
use std::path::Path;

use ropeway_core::error::catalogue;
use ropeway_core::error::render::EndpointVersion;
use ropeway_core::time::WallTime;
use ropeway_testkit::sample::{ASSIGNED_TOOL, EMPLOYEE_API_URI, LEGACY_PORTAL, LEGACY_PORTAL_SECRET, LEGACY_TOOL};
use ropeway_testkit::{Answer, TestTenant, TokenRequest};

const ALPINE: &str = "5e1f0a00-0000-4000-8000-000000000001";
const EMPLOYEE_API: &str = "e0a91000-0000-4000-8000-00000000000a";
const CORRELATION_ID: &str = "0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f1";

/// One row: the user, what kind of user that is, and the refusal, if it is one.
struct Row {
    user: &'static str,
    kind: &'static str,
    refusal: Option<Refusal>,
}

struct Refusal {
    code: u32,
    error: &'static str,
    text: String,
    error_uri: bool,
    suberror: Option<&'static str>,
    /// The Conditional Access policy that a claims challenge names.
    policy: Option<&'static str>,
    password_change_url: Option<&'static str>,
}

impl Refusal {
    fn new(code: u32, text: &str) -> Self {
        let (text, error) = (text.to_owned(), "invalid_grant");
        Self { code, error, text, error_uri: true, suberror: None, policy: None, password_change_url: None }
    }

    /// The same refusal in v1.0's words, as captured.
    fn on(self, version: EndpointVersion) -> Self {
        match (version, self.code) {
            (EndpointVersion::V2, _) => self,
            (_, 50076 | 50079) => Self { error: "interaction_required", ..self },
            (_, 53003) => Self { error: "interaction_required", policy: None, ..self },
            (_, 50034 | 65001) => Self { suberror: None, ..self },
            (_, 50053) => Self { error: "unauthorized_client", ..self },
            (_, 50055) => Self {
                error: "user_password_expired",
                password_change_url: Some("https://portal.microsoftonline.com/ChangePassword.aspx"),
                ..self
            },
            _ => self,
        }
    }

    fn suberror(self, suberror: &'static str) -> Self {
        Self { suberror: Some(suberror), ..self }
    }
}

fn multi_factor(code: u32, verb: &str) -> Refusal {
    let text = format!(
        "Due to a configuration change made by your administrator, or because you moved to a new location, you must {verb} \
         multi-factor authentication to access '{EMPLOYEE_API}'."
    );
    Refusal::new(code, &text).suberror("basic_action")
}

fn unknown_user() -> Refusal {
    let text = format!(
        "The user account {{EmailHidden}} does not exist in the {ALPINE} directory. To sign into this application, the \
         account must be added to the directory."
    );
    Refusal::new(50034, &text).suberror("bad_token")
}

fn table(client: &str, client_name: &str) -> Vec<Row> {
    let granted = |user, kind| Row { user, kind, refusal: None };
    let refused = |user, kind, refusal| Row { user, kind, refusal: Some(refusal) };
    let wrong = || Refusal::new(50126, "Error validating credentials due to invalid username or password.");
    let expired = || Refusal::new(50055, "Password is expired.").suberror("user_password_expired");
    let no_consent = Refusal {
        error_uri: false,
        ..Refusal::new(
            65001,
            &format!(
                "The user or administrator has not consented to use the application with ID '{client}' named '{client_name}'. \
                 Send an interactive authorization request for this user and resource."
            ),
        )
        .suberror("consent_required")
    };
    let by_policy = |policy, refusal| Refusal { policy: Some(policy), ..refusal };
    let blocked = Refusal::new(
        53003,
        "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.",
    )
    .suberror("message_only");
    vec![
        granted("cloud@alpine.test", "cloud-only member"),
        granted("guest@fjord.test", "guest from another tenant"),
        granted("hashsync@alpine.test", "synced, password hash sync"),
        granted("cloudpw@onprem.alpine.test", "federated domain, cloud password allowed"),
        granted("passthrough@alpine.test", "pass-through authentication"),
        refused("admin@alpine.test", "Global Administrator, second factor", multi_factor(50076, "use")),
        refused("mfa@alpine.test", "second factor required", multi_factor(50076, "use")),
        refused("newmfa@alpine.test", "second factor required, none registered", multi_factor(50079, "enroll in")),
        refused(
            "camfa@alpine.test",
            "Conditional Access asks for MFA",
            by_policy("Require MFA", multi_factor(50076, "use")),
        ),
        refused("blocked@alpine.test", "Conditional Access blocks", by_policy("Block", blocked)),
        refused("noconsent@alpine.test", "nobody consented", no_consent),
        refused("expired@alpine.test", "password expired", expired()),
        refused("mustchange@alpine.test", "password must be changed", expired()),
        refused("onprem@onprem.alpine.test", "federated domain", wrong()),
        refused("personal@live.test", "personal Microsoft account", unknown_user()),
        refused("google@gmail.test", "Google account", unknown_user()),
        refused(
            "nopassword@alpine.test",
            "passkey only",
            Refusal::new(50056, "Invalid or missing password: password does not exist in the directory for this user."),
        ),
        refused("disabled@alpine.test", "account disabled", Refusal::new(50057, "The user account is disabled.")),
        refused(
            "locked@alpine.test",
            "locked",
            Refusal::new(
                50053,
                "The account is locked, you've tried to sign in too many times with an incorrect user ID or password.",
            ),
        ),
        refused("nobody@alpine.test", "no such user", unknown_user()),
    ]
}

fn expected_body(tenant: &TestTenant, answer: &Answer, refusal: &Refusal) -> String {
    let Refusal { code, error, text, .. } = refusal;
    let trace_id = answer.headers["x-ms-request-id"].to_str().unwrap();
    let at = "2026-11-25 08:00:00Z";
    let mut body = format!(
        r#"{{"error":"{error}","error_description":"AADSTS{code}: {text} Trace ID: {trace_id} Correlation ID: {CORRELATION_ID} Timestamp: {at}","error_codes":[{code}],"timestamp":"{at}","trace_id":"{trace_id}","correlation_id":"{CORRELATION_ID}""#
    );
    if refusal.error_uri {
        write!(body, r#","error_uri":"{}/error?code={code}""#, tenant.origin()).unwrap();
    }
    if let Some(suberror) = refusal.suberror {
        write!(body, r#","suberror":"{suberror}""#).unwrap();
    }
    if let Some(policy) = refusal.policy {
        let id = policy_id(tenant, policy);
        write!(
            body,
            r#","claims":"{{\"access_token\":{{\"capolids\":{{\"essential\":true,\"values\":[\"{id}\"]}}}}}}""#
        )
        .unwrap();
    }
    if let Some(url) = refusal.password_change_url {
        write!(body, r#","password_change_url":"{url}""#).unwrap();
    }
    body.push('}');
    body
}

fn policy_id(tenant: &TestTenant, name: &str) -> String {
    let tenant = tenant.app().tenant(tenant.id()).unwrap();
    let policy = tenant.conditional_access_policies.iter().find(|policy| policy.display_name == name).unwrap();
    policy.id.to_string()
}

async fn frozen() -> TestTenant {
    TestTenant::builder().frozen_at(WallTime::parse_rfc3339("2026-11-25T08:00:00Z").unwrap()).start().await.unwrap()
}

fn by<'t>(tenant: &'t TestTenant, version: EndpointVersion, client: &str, user: &str) -> TokenRequest<'t> {
    let request = tenant.password(user).header("client-request-id", CORRELATION_ID);
    let request = if version == EndpointVersion::V1 { request.v1(EMPLOYEE_API_URI) } else { request };
    if client == "Legacy portal" { request.client(LEGACY_PORTAL, LEGACY_PORTAL_SECRET) } else { request }
}

#[tokio::test]
async fn every_user_gets_what_the_table_says() {
    let v2 = ask_for_everybody(EndpointVersion::V2).await;
    let v1 = ask_for_everybody(EndpointVersion::V1).await;
    assert_eq!(v1, v2, "the bodies differ, the codes do not");
    compare_with_readme(&v2);
}

/// Asks for every user by both clients, holds each answer against the table body for body, and returns the README's table.
async fn ask_for_everybody(version: EndpointVersion) -> String {
    let tenant = frozen().await;
    let mut readme = String::from("| user | kind | password grant |\n| --- | --- | --- |\n");
    for (client, id) in [("Legacy portal", LEGACY_PORTAL), ("Legacy tool", LEGACY_TOOL)] {
        for row in table(&id.to_string(), client) {
            let answer = by(&tenant, version, client, row.user).send().await.unwrap();
            let cell = match row.refusal.map(|refusal| refusal.on(version)) {
                None => {
                    assert_eq!(answer.status, 200, "{} by {client}: {}", row.user, answer.text);
                    let claims = answer.access_claims();
                    assert_eq!(claims["scp"], "Employees.Read", "{}", row.user);
                    assert_eq!(claims["preferred_username"], row.user);
                    assert_eq!(claims["tid"], ALPINE);
                    "tokens".to_owned()
                }
                Some(refusal) => {
                    assert_eq!(answer.text, expected_body(&tenant, &answer, &refusal), "{} by {client}", row.user);
                    assert_eq!(answer.status, 400, "{}", row.user);
                    let row = catalogue::find(refusal.code).unwrap();
                    format!("AADSTS{} {}", row.code, row.name).trim_end().to_owned()
                }
            };
            if client == "Legacy tool" {
                writeln!(readme, "| `{}` | {} | {cell} |", row.user, row.kind).unwrap();
            }
        }
    }
    readme
}

#[tokio::test]
async fn assigned_tool_lets_in_assigned_users_only() {
    let tenant = frozen().await;
    for (user, granted) in
        [("cloud@alpine.test", true), ("hashsync@alpine.test", true), ("unassigned@alpine.test", false)]
    {
        let answer = tenant.password(user).set("client_id", ASSIGNED_TOOL).send().await.unwrap();
        assert_eq!(answer.code(), (!granted).then_some(50105), "{user}: {}", answer.text);
    }
    let other_client = tenant.password("unassigned@alpine.test").send().await.unwrap();
    assert_eq!(other_client.status, 200, "another client does not ask: {}", other_client.text);
    let text = tenant.password("unassigned@alpine.test").set("client_id", ASSIGNED_TOOL).send().await.unwrap().text;
    let expected = format!(
        "AADSTS50105: Your administrator has configured the application Assigned tool ('{ASSIGNED_TOOL}') to block users unless \
         they are specifically granted ('assigned') access to the application. The signed in user 'unassigned@alpine.test' is \
         blocked because they are not a direct member of a group with access, nor had access directly assigned by an \
         administrator. Please contact your administrator to assign access to this application."
    );
    assert!(text.contains(&expected), "{text}");
}

#[tokio::test]
async fn a_group_within_the_assigned_group_is_not_assigned() {
    let tenant = TestTenant::builder()
        .with(|directory| {
            let alpine = &mut directory.tenants[0];
            let unassigned =
                alpine.users.iter().find(|user| user.user_principal_name == "unassigned@alpine.test").unwrap().id;
            let mut inner = alpine.tenant.groups.iter().find(|group| group.display_name == "Assigned").unwrap().clone();
            inner.id = ropeway_core::ids::ObjectId(ropeway_core::ids::derived_id(alpine.tenant.id, "group", "Inner"));
            inner.display_name = "Inner".to_owned();
            inner.members = [unassigned].into();
            let outer = alpine.tenant.groups.iter_mut().find(|group| group.display_name == "Assigned").unwrap();
            outer.members.insert(inner.id);
            alpine.tenant.groups.push(inner);
        })
        .start()
        .await
        .unwrap();
    let ask = || async {
        tenant.password("unassigned@alpine.test").set("client_id", ASSIGNED_TOOL).send().await.unwrap().code()
    };
    assert_eq!(ask().await, Some(50105), "a member of a group in the assigned group");
    let join_directly = |tenant: &mut ropeway_core::directory::Tenant| {
        let inner = tenant.groups.iter().find(|group| group.display_name == "Inner").unwrap().members.clone();
        tenant.groups.iter_mut().find(|group| group.display_name == "Assigned").unwrap().members.extend(inner);
    };
    tenant.app().change_tenant(tenant.id(), join_directly).await.unwrap();
    assert_eq!(ask().await, None, "a direct member");
}

#[tokio::test]
async fn a_wrong_password_is_50126_whatever_else_is_wrong_with_the_user() {
    let tenant = frozen().await;
    for user in [
        "cloud@alpine.test",
        "mfa@alpine.test",
        "expired@alpine.test",
        "disabled@alpine.test",
        "noconsent@alpine.test",
        "guest@fjord.test",
    ] {
        let answer = tenant.password(user).password_is("wrong").send().await.unwrap();
        assert_eq!(answer.code(), Some(50126), "{user}");
    }
}

#[tokio::test]
async fn pass_through_fails_with_its_agent() {
    use ropeway_core::directory::AgentState;

    let tenant = frozen().await;
    let ask = || async { tenant.password("passthrough@alpine.test").send().await.unwrap().code() };
    assert_eq!(ask().await, None);
    let set = |state| tenant.app().change_tenant(tenant.id(), move |tenant| tenant.settings.pass_through_agent = state);
    set(AgentState::Down).await.unwrap();
    assert_eq!(ask().await, Some(80002));
    set(AgentState::Up).await.unwrap();
    assert_eq!(ask().await, None);
}

/// The README's table stands between two marks. `ROPEWAY_UPDATE=1` writes it anew.
#[expect(clippy::disallowed_methods, reason = "a test has no command line to be told by")]
fn compare_with_readme(found: &str) {
    const BEGIN: &str = "<!-- user table: made by the test every_user_gets_what_the_table_says -->\n";
    const END: &str = "<!-- end of the user table -->";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = readme.split_once(BEGIN).expect("the README marks where its user table begins");
    let (written, after) = rest.split_once(END).expect("the README marks where its user table ends");
    if std::env::var_os("ROPEWAY_UPDATE").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{found}{END}{after}")).unwrap();
    } else {
        assert_eq!(written, found, "run the test with ROPEWAY_UPDATE=1 to write the README's table anew");
    }
}
