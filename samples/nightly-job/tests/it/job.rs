//! The job's process, in surroundings of its own.

use std::path::PathBuf;
use std::process::{Output, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use nightly_job::StoreKey;
use nightly_job::store::{Grant, GrantStore};
use openidconnect::RefreshToken;
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use crate::platform::{CLIENT, Platform};

pub(crate) struct Job {
    folder: TempDir,
    pub(crate) issuer: String,
    variables: Vec<(&'static str, String)>,
}

/// How a process ended: its exit code, the one line on stdout, and what it told people.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) line: Value,
    pub(crate) told: String,
}

pub(crate) fn key(byte: u8) -> String {
    STANDARD.encode([byte; 32])
}

impl Job {
    pub(crate) fn of(platform: &Platform) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let api = |name: &str| format!("{}/api/{name}", platform.origin);
        let variables = vec![
            ("AZURE_AUTHORITY_HOST", platform.origin.clone()),
            ("AZURE_TENANT_ID", "alpine".to_owned()),
            ("TIMESHEETS_URL", api("timesheets")),
            ("EMPLOYEES_URL", api("employees")),
            ("NIGHTLY_JOB_PASSWORD", "the-password".to_owned()),
            ("NIGHTLY_JOB_CLIENT_SECRET", "the-secret".to_owned()),
            ("NIGHTLY_JOB_STORE_KEY", key(7)),
            ("NIGHTLY_JOB_STORE", folder.path().join("state/grant.json").to_str().unwrap().to_owned()),
        ];
        Self { folder, issuer: format!("{}/alpine/v2.0", platform.origin), variables }
    }

    pub(crate) fn store_file(&self) -> PathBuf {
        self.folder.path().join("state/grant.json")
    }

    pub(crate) fn command(&self, arguments: &[&str], changed: &[(&str, &str)]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nightly-job"));
        command.args(arguments).env_clear().envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.envs(changed.iter().copied()).stdin(Stdio::null()).kill_on_drop(true);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs it to its end.
    pub(crate) async fn run(&self, arguments: &[&str], changed: &[(&str, &str)]) -> Ended {
        ended(self.command(arguments, changed).output().await.unwrap())
    }

    pub(crate) async fn by_refresh_token(&self) -> Ended {
        self.run(&["run", "--way", "refresh-token"], &[]).await
    }

    pub(crate) fn store(&self) -> GrantStore {
        GrantStore::new(self.store_file(), StoreKey::from_base64(&key(7)).unwrap())
    }

    /// The refresh token that is kept now.
    pub(crate) async fn kept(&self) -> String {
        let grant = self.store().lock().await.unwrap().load().unwrap().unwrap();
        grant.refresh_token.secret().clone()
    }

    /// As if a person had authorised the job before the test, and got this token.
    pub(crate) async fn is_authorised_with(&self, refresh_token: &str) {
        let grant = Grant {
            issuer: self.issuer.clone(),
            client_id: CLIENT.to_owned(),
            user: "cloud@alpine.test".to_owned(),
            authorised_at: "2042-01-06T03:00:00Z".to_owned(),
            refresh_token: RefreshToken::new(refresh_token.to_owned()),
        };
        self.store().lock().await.unwrap().save(&grant).unwrap();
    }
}

/// What every run must keep to: one line of JSON with the exit code, and no secret anywhere.
pub(crate) fn ended(output: Output) -> Ended {
    let (stdout, told) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    for secret in ["the-password", "the-secret", "access-token", "refresh-", "the-device", &key(7), &key(8)] {
        // The name of the way is no secret.
        let shown = format!("{stdout}{told}").replace("refresh-token", "");
        assert!(!shown.contains(secret), "{secret} is shown: {shown}");
    }
    let code = output.status.code().unwrap();
    let line = serde_json::from_str(&stdout).unwrap_or(Value::Null);
    if line != Value::Null {
        assert_eq!((stdout.lines().count(), line["exitCode"].as_i64()), (1, Some(code.into())), "{stdout}");
        assert_eq!(line["outcome"] == "done", code == 0, "{stdout}");
        assert_eq!(line.get("error").is_some(), code != 0, "{stdout}");
    }
    Ended { code, line, told }
}
