//! A person authorises the job.

use std::collections::HashMap;
use std::os::unix::fs::PermissionsExt;
use std::process::Output;

use reqwest::Url;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::Child;

use crate::job::{Ended, Job, ended};
use crate::platform::{CLIENT, Platform};

/// A job that waits for a browser to come back.
struct Waiting {
    child: Child,
    told: BufReader<tokio::process::ChildStderr>,
    asked: HashMap<String, String>,
}

impl Waiting {
    async fn start(job: &Job) -> Self {
        let mut child = job.command(&["authorise"], &[]).spawn().unwrap();
        let mut told = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        while !line.starts_with("http") {
            line.clear();
            assert_ne!(told.read_line(&mut line).await.unwrap(), 0, "it ended");
        }
        let asked = Url::parse(line.trim()).unwrap().query_pairs().into_owned().collect();
        Self { child, told, asked }
    }

    /// The browser comes back, and is shown this.
    async fn come_back(&self, query: &str) -> String {
        let page = reqwest::get(format!("{}?{query}", self.asked["redirect_uri"])).await.unwrap();
        page.text().await.unwrap()
    }

    async fn end(mut self) -> Ended {
        let mut stderr = Vec::new();
        self.told.read_to_end(&mut stderr).await.unwrap();
        let Output { status, stdout, .. } = self.child.wait_with_output().await.unwrap();
        ended(Output { status, stdout, stderr })
    }
}

#[tokio::test]
async fn in_a_browser_and_the_job_lives_on_it() {
    let platform = Platform::start().await;
    let job = Job::of(&platform);
    let waiting = Waiting::start(&job).await;
    let asked = waiting.asked.clone();
    assert_eq!((&*asked["client_id"], &*asked["response_type"]), (CLIENT, "code"));
    assert_eq!(asked["scope"], "openid profile offline_access api://timesheets.alpine.test/Timesheets.Submit");
    assert_eq!((&*asked["code_challenge_method"], &*asked["prompt"]), ("S256", "select_account"));
    assert!(asked["redirect_uri"].starts_with("http://localhost:") && asked["redirect_uri"].ends_with("/authorised"));
    platform.was_asked_with(&asked["nonce"]);

    for foreign in ["code=stolen&state=another", "code=stolen", ""] {
        assert!(waiting.come_back(foreign).await.contains("goes on waiting"), "{foreign}");
    }
    assert_eq!(platform.asked().len(), 0, "no foreign code was redeemed");
    let page = waiting.come_back(&format!("code=the-code&state={}", asked["state"])).await;
    let ended = waiting.end().await;

    assert!(page.contains("is authorised"), "{page}");
    assert_eq!(ended.code, 0, "{}", ended.told);
    assert_eq!((&ended.line["way"], &ended.line["user"]), (&json!("authorise"), &json!("cloud@alpine.test")));
    assert_eq!(ended.line["authorisedAt"].as_str().unwrap().len(), "2042-01-06T03:00:00Z".len());
    let redeemed = &platform.asked()[0];
    assert_eq!((&*redeemed["code"], &redeemed["redirect_uri"]), ("the-code", &asked["redirect_uri"]));
    assert!(redeemed.contains_key("code_verifier"));
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&job.store_file()), mode(job.store_file().parent().unwrap())), (0o600, 0o700));
    assert!(!std::fs::read_to_string(job.store_file()).unwrap().contains("refresh-"));
    let run = job.by_refresh_token().await;
    assert_eq!((run.code, &run.line["authorisedAt"]), (0, &ended.line["authorisedAt"]), "{}", run.told);
}

#[tokio::test]
async fn in_a_browser_and_the_platform_or_the_person_says_no() {
    let platform = Platform::start().await;
    let job = Job::of(&platform);
    job.is_authorised_with("refresh-0-end").await;
    let waiting = Waiting::start(&job).await;
    let declined = "error=access_denied&error_description=AADSTS65004%3A+User+declined+to+consent";
    let page = waiting.come_back(&format!("{declined}&state={}", waiting.asked["state"])).await;
    let ended = waiting.end().await;
    assert!(page.contains("not authorised: the person declined"), "{page}");
    assert_eq!((ended.code, &ended.line["error"]["code"]), (10, &json!("AADSTS65004")), "{}", ended.told);

    let waiting = Waiting::start(&job).await;
    platform.was_asked_with("another nonce");
    waiting.come_back(&format!("code=the-code&state={}", waiting.asked["state"])).await;
    let ended = waiting.end().await;
    assert_eq!(ended.code, 20, "an id token of another sign-in: {}", ended.told);
    assert_eq!(job.kept().await, "refresh-0-end", "what was there is still there");
}

#[tokio::test]
async fn on_another_device() {
    let platform = Platform::start().await;
    let job = Job::of(&platform);
    platform.answers_first(&["authorization_pending", "authorization_pending"]);

    let ended = job.run(&["authorise", "--device-code"], &[]).await;

    assert_eq!(ended.code, 0, "{}", ended.told);
    let told = format!("open {}/devicelogin on any device and enter the code ABCD1234", platform.origin);
    assert!(ended.told.contains(&told), "{}", ended.told);
    assert_eq!(platform.asked().len(), 3);
    assert_eq!(platform.asked()[0]["device_code"], "the-device");
    assert_eq!(job.by_refresh_token().await.code, 0);

    for (error, cause) in [
        ("authorization_declined", "the person declined"),
        ("access_denied", "the person declined"),
        ("expired_token", "nobody signed in in time"),
    ] {
        let kept = job.kept().await;
        platform.answers_first(&["authorization_pending", error]);
        let ended = job.run(&["authorise", "--device-code"], &[]).await;
        assert_eq!((ended.code, &ended.line["error"]["cause"]), (10, &json!(cause)), "{error}: {}", ended.told);
        assert_eq!(job.kept().await, kept);
    }
}
