//! The nightly job end to end, with real processes: the served tenant, the APIs, and the job itself.

use std::io::{BufRead, BufReader, Read};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::alpine::Alpine;
use crate::browser::Browser;
use crate::ropeway::{Server, Surroundings};

const USER: &str = "cloud@alpine.test";
const PASSWORD: &str = "Summit-2042";
const JOB: &str = "applications/e0a91000-0000-4000-8000-00000000000f";
const DAY: i64 = 86_400;

/// A served tenant, the APIs, and a place for the job's store.
struct Night {
    alpine: Alpine,
    origin: String,
    ca_file: PathBuf,
    api: String,
    _server: Server,
    _api: Killed,
    surroundings: Surroundings,
}

/// A process that ends with the test.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// How a run ended: its exit code, its line, and what it told people.
struct Ended {
    code: i32,
    line: Value,
    told: String,
}

impl Night {
    async fn begin() -> Self {
        let surroundings = Surroundings::new();
        let server = surroundings.serve(&[]);
        let text = |name: &str| server.ready[name].as_str().unwrap().to_owned();
        let (origin, ca_file) = (text("origin"), PathBuf::from(text("caFile")));
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut api = surroundings.program(&binary("employee-api"), &[]);
        api.env("EMPLOYEE_API_LISTEN", format!("127.0.0.1:{port}")).env("AZURE_AUTHORITY_HOST", &origin);
        api.env("ENTRA_CA_FILE", &ca_file).stdout(Stdio::null()).stderr(Stdio::null());
        let api_process = Killed(api.spawn().unwrap());
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let (alpine, api) = (Alpine::on(&server), format!("http://127.0.0.1:{port}"));
        Self { alpine, origin, ca_file, api, _server: server, _api: api_process, surroundings }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.surroundings.program(&binary("nightly-job"), arguments);
        command.env("AZURE_AUTHORITY_HOST", &self.origin).env("ENTRA_CA_FILE", &self.ca_file);
        command.env("TIMESHEETS_URL", format!("{}/api/timesheets", self.api));
        command.env("EMPLOYEES_URL", format!("{}/api/employees", self.api));
        command.env("NIGHTLY_JOB_STORE", self.surroundings.path().join("job/grant.json"));
        command.env("NIGHTLY_JOB_STORE_KEY", "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTMyLWI=");
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    async fn run(&self, arguments: &[&str]) -> Ended {
        Self::ended(self.command(arguments)).await
    }

    async fn ended(mut command: Command) -> Ended {
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let (stdout, told) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        let shown = format!("{stdout}{told}");
        assert!(
            !shown.contains(PASSWORD) && !shown.contains("nightly-job-secret") && !shown.contains("eyJ"),
            "{shown}"
        );
        let line: Value = serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {shown}"));
        Ended { code: output.status.code().unwrap(), line, told }
    }

    async fn by_refresh_token(&self) -> Ended {
        self.run(&["run", "--way", "refresh-token"]).await
    }

    /// A person authorises the job in a browser and answers whatever the page asks.
    async fn authorise(&self, password: &str) {
        let mut job = self.command(&["authorise"]).spawn().unwrap();
        let mut told = BufReader::new(job.stderr.take().unwrap()).lines();
        let url = told.find_map(|line| line.ok().filter(|line| line.starts_with("https://"))).unwrap();
        let mut browser = Browser::trusting(&self.ca_file);
        browser.open(&url).await;
        self.sign_in(&mut browser, password).await;
        assert_eq!(browser.html, "The job is authorised. You may close this page.");
        let stdout = job.wait_with_output().unwrap().stdout;
        let line: Value = serde_json::from_slice(&stdout).unwrap();
        assert_eq!((&line["outcome"], &line["user"]), (&json!("done"), &json!(USER)), "{line}");
    }

    /// Through the pages to wherever they lead.
    async fn sign_in(&self, browser: &mut Browser, password: &str) {
        for _ in 0..10 {
            let page = |testid: &str| browser.shows(testid);
            if page("page-user-name") {
                browser.press("next", &[("loginfmt", USER)]).await;
            } else if page("page-password") {
                browser.press("sign-in", &[("passwd", password)]).await;
            } else if page("page-second-factor") {
                let totp = self.alpine.control(Method::GET, &format!("users/{USER}/totp"), &Value::Null).await.unwrap();
                browser.press("verify", &[("otc", totp.body["code"].as_str().unwrap())]).await;
            } else if page("page-consent") {
                browser.press("accept", &[]).await;
            } else if page("page-stay-signed-in") {
                browser.press("no", &[]).await;
            } else {
                return;
            }
        }
    }

    async fn control(&self, method: Method, path: &str, body: Value) -> Value {
        let answer = self.alpine.control(method, path, &body).await.unwrap();
        assert!((200..300).contains(&answer.status), "{path}: {answer:?}");
        answer.body
    }

    async fn days_pass(&self, days: i64) {
        self.control(Method::POST, "clock/advance", json!({ "seconds": days * DAY })).await;
    }

    /// The night after: it worked before, and is refused now by this code.
    async fn is_refused(&self, code: u32, exit: i32, remedy: &str) {
        let ended = self.by_refresh_token().await;
        let error = &ended.line["error"];
        assert_eq!(error["code"], format!("AADSTS{code}"), "{}", ended.told);
        assert_eq!((ended.code, &ended.line["exitCode"]), (exit, &json!(exit)), "{}", ended.told);
        assert_eq!((&ended.line["outcome"], &ended.line["user"]), (&json!("refused"), &json!(USER)));
        assert!(error["remedy"].as_str().unwrap().contains(remedy), "{error}");
        assert!(ended.line["authorisedAt"].is_string() && ended.told.contains("hint: "), "{}", ended.told);
    }

    async fn works(&self) {
        let ended = self.by_refresh_token().await;
        assert_eq!((ended.code, &ended.line["count"]), (0, &json!(1)), "{}", ended.told);
    }

    /// Begins, is authorised, and works.
    async fn working() -> Self {
        let night = Self::begin().await;
        night.authorise(PASSWORD).await;
        night.works().await;
        // Revocations are exact to the second.
        night.control(Method::POST, "clock/advance", json!({ "seconds": 5 })).await;
        night
    }
}

/// Another program of this workspace, which `cargo test --workspace` has built beside ours.
fn binary(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_BIN_EXE_ropeway")).with_file_name(name);
    assert!(path.exists(), "there is no {}: cargo build -p {name}", path.display());
    path.to_str().unwrap().to_owned()
}

#[tokio::test]
async fn each_of_the_three_ways_does_its_work() {
    let night = Night::begin().await;

    let password = night.run(&["run", "--way", "password"]).await;
    let itself = night.run(&["run", "--way", "client-credentials"]).await;
    let sheet_of_nobody = night.run(&["run", "--way", "client-credentials", "--api", "timesheets"]).await;
    let never = night.by_refresh_token().await;
    night.authorise(PASSWORD).await;
    let refreshed = night.by_refresh_token().await;
    let employees = night.run(&["run", "--way", "refresh-token", "--api", "employees"]).await;

    assert_eq!((password.code, &password.line["user"]), (0, &json!(USER)), "{}", password.told);
    assert_eq!((itself.code, &itself.line["count"]), (0, &json!(4)), "{}", itself.told);
    assert_eq!((sheet_of_nobody.code, &sheet_of_nobody.line["error"]["code"]), (12, &json!("insufficient_scope")));
    let said = sheet_of_nobody.line["error"]["description"].as_str().unwrap();
    assert!(said.starts_with("a time sheet belongs to a person"), "{said}");
    assert_eq!((never.code, &never.line["error"]["code"]), (10, &json!("not_authorised")), "{}", never.told);
    assert_eq!((refreshed.code, &refreshed.line["did"]), (0, &json!("submitted time sheets")), "{}", refreshed.told);
    assert_eq!((employees.code, &employees.line["count"]), (0, &json!(4)), "{}", employees.told);
}

#[tokio::test]
async fn authorised_on_another_device() {
    let night = Night::begin().await;
    let mut job = night.command(&["authorise", "--device-code"]).spawn().unwrap();
    let mut told = String::new();
    let mut stderr = BufReader::new(job.stderr.take().unwrap());
    stderr.read_line(&mut told).unwrap();
    let word = |after: &str| told.split_once(after).unwrap().1.split_whitespace().next().unwrap().to_owned();

    let mut browser = Browser::trusting(&night.ca_file);
    browser.open(&word("open ")).await;
    browser.press("next", &[("otc", &word("code "))]).await;
    night.sign_in(&mut browser, PASSWORD).await;
    assert!(browser.shows("page-confirm-device"), "{}", browser.html);
    browser.press("continue", &[]).await;

    let line: Value = serde_json::from_slice(&job.wait_with_output().unwrap().stdout).unwrap();
    stderr.read_to_string(&mut told).unwrap();
    assert_eq!((&line["outcome"], &line["user"]), (&json!("done"), &json!(USER)), "{line} {told}");
    night.works().await;
}

#[tokio::test]
async fn revoked_sessions_end_it_until_authorised_again() {
    let night = Night::working().await;
    night.control(Method::POST, &format!("users/{USER}/revokeSignInSessions"), Value::Null).await;
    night.is_refused(50173, 10, "nightly-job authorise").await;
    night.control(Method::POST, "clock/advance", json!({ "seconds": 5 })).await;
    night.authorise(PASSWORD).await;
    night.works().await;
}

#[tokio::test]
async fn an_administrators_reset_ends_it_until_authorised_again() {
    let night = Night::working().await;
    let reset = json!({ "newPassword": "Valley-2043" });
    night.control(Method::POST, &format!("users/{USER}/resetPassword"), reset).await;
    night.is_refused(50173, 10, "nightly-job authorise").await;
    night.control(Method::POST, "clock/advance", json!({ "seconds": 5 })).await;
    night.authorise("Valley-2043").await;
    night.works().await;
}

#[tokio::test]
async fn a_disabled_user_ends_it_until_enabled_again() {
    let night = Night::working().await;
    night.control(Method::PATCH, &format!("users/{USER}"), json!({ "accountEnabled": false })).await;
    night.is_refused(50057, 11, "an administrator enables it").await;
    night.control(Method::PATCH, &format!("users/{USER}"), json!({ "accountEnabled": true })).await;
    night.works().await;
}

#[tokio::test]
async fn a_withdrawn_consent_ends_it_until_authorised_again() {
    let night = Night::working().await;
    let user = night.control(Method::GET, &format!("users/{USER}"), Value::Null).await;
    let grants = night.control(Method::GET, "oauth2PermissionGrants", Value::Null).await;
    let of_the_job = |grant: &&Value| {
        grant["principalId"] == user["id"]
            && JOB.ends_with(grant["clientId"].as_str().unwrap())
            && grant["scope"].as_str().unwrap().contains("Timesheets.Submit")
    };
    let grant = grants["value"].as_array().unwrap().iter().find(of_the_job).unwrap()["id"].as_str().unwrap();
    night.control(Method::DELETE, &format!("oauth2PermissionGrants/{grant}"), Value::Null).await;
    night.is_refused(65001, 10, "nightly-job authorise").await;
    night.authorise(PASSWORD).await;
    night.works().await;
}

#[tokio::test]
async fn a_disabled_application_ends_it_until_enabled_again() {
    let night = Night::working().await;
    let enabled = |enabled: bool| json!({ "servicePrincipal": { "accountEnabled": enabled } });
    night.control(Method::PATCH, JOB, enabled(false)).await;
    night.is_refused(7000112, 11, "enables the enterprise application").await;
    night.control(Method::PATCH, JOB, enabled(true)).await;
    night.works().await;
}

#[tokio::test]
async fn a_removed_secret_ends_it_until_the_job_has_a_new_one() {
    let night = Night::working().await;
    night.control(Method::PATCH, JOB, json!({ "passwordCredentials": [] })).await;
    night.is_refused(7000215, 11, "NIGHTLY_JOB_CLIENT_SECRET").await;
    let added = night.control(Method::POST, &format!("{JOB}/addPassword"), json!({})).await;
    let mut command = night.command(&["run", "--way", "refresh-token"]);
    command.env("NIGHTLY_JOB_CLIENT_SECRET", added["secretText"].as_str().unwrap());
    let ended = Night::ended(command).await;
    assert_eq!(ended.code, 0, "{}", ended.told);
}

#[tokio::test]
async fn a_new_policy_ends_it_until_authorised_with_a_second_factor() {
    let night = Night::working().await;
    let app = json!({ "authentication": { "methods": [{
        "@odata.type": "#microsoft.graph.softwareOathAuthenticationMethod",
        "secretKey": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    }] } });
    night.control(Method::PATCH, &format!("users/{USER}"), app).await;
    night.works().await;
    let policy = json!({
        "displayName": "MFA for the job", "state": "enabled",
        "conditions": { "users": { "includeUsers": [USER] }, "applications": { "includeApplications": ["All"] },
            "clientAppTypes": ["all"] },
        "grantControls": { "operator": "OR", "builtInControls": ["mfa"] },
    });
    night.control(Method::POST, "conditionalAccess/policies", policy).await;
    night.is_refused(50076, 10, "nightly-job authorise").await;
    let by_password = night.run(&["run", "--way", "password"]).await;
    assert_eq!((by_password.code, &by_password.line["error"]["code"]), (10, &json!("AADSTS50076")));
    assert!(by_password.told.contains("the password grant has no page"), "{}", by_password.told);
    night.authorise(PASSWORD).await;
    night.works().await;
}

#[tokio::test]
async fn ninety_one_days_unused_end_it_and_eighty_nine_do_not() {
    let night = Night::working().await;
    for _ in 0..2 {
        night.days_pass(89).await;
        night.works().await;
    }
    night.days_pass(91).await;
    night.is_refused(700082, 10, "nightly-job authorise").await;
    night.authorise(PASSWORD).await;
    night.works().await;
}

#[tokio::test]
async fn an_expired_password_and_an_own_change_do_not_end_it() {
    let night = Night::working().await;
    night.control(Method::PATCH, &format!("users/{USER}"), json!({ "passwordPolicies": "None" })).await;
    night.days_pass(89).await;
    night.works().await;
    night.days_pass(2).await;
    night.works().await;
    let by_password = night.run(&["run", "--way", "password"]).await;
    assert_eq!((by_password.code, &by_password.line["error"]["code"]), (10, &json!("AADSTS50055")));

    night
        .control(Method::PATCH, &format!("users/{USER}"), json!({ "passwordPolicies": "DisablePasswordExpiration" }))
        .await;
    let mut browser = Browser::trusting(&night.ca_file);
    browser.open(&format!("{}/_ropeway/account", night.origin)).await;
    night.sign_in(&mut browser, PASSWORD).await;
    let typed = [("oldpasswd", PASSWORD), ("newpasswd", "Valley-2043"), ("confirmpasswd", "Valley-2043")];
    browser.press("change-password", &typed).await;
    assert!(browser.html.contains("Your password is changed."), "{}", browser.html);
    night.works().await;
    let by_password = night.run(&["run", "--way", "password"]).await;
    assert_eq!((by_password.code, &by_password.line["error"]["code"]), (11, &json!("AADSTS50126")));
    assert!(by_password.told.contains("NIGHTLY_JOB_PASSWORD"), "{}", by_password.told);
}

#[tokio::test]
async fn without_the_platform_or_the_api_nothing_is_lost() {
    let night = Night::working().await;
    let run = ["run", "--way", "refresh-token"];
    let changed = async |name: &str, value: &str| {
        let mut command = night.command(&run);
        Night::ended({
            command.env(name, value);
            command
        })
        .await
    };
    assert_eq!(changed("AZURE_AUTHORITY_HOST", "https://localhost:1").await.code, 20);
    assert_eq!(changed("ENTRA_CA_FILE", "").await.code, 20, "an authority that nobody trusts");
    assert_eq!(changed("TIMESHEETS_URL", "http://localhost:1/").await.code, 21);
    assert_eq!(changed("NIGHTLY_JOB_STORE_KEY", "QW5vdGhlci1zZWNyZXQtc2VjcmV0LXNlY3JldC0zMi0=").await.code, 31);
    night.works().await;
}
