//! `serve --data` and `kill -9`: what was answered is there, and nothing is there twice.

use std::collections::HashSet;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use insta::assert_snapshot;
use reqwest::Method;
use rusqlite::Connection;
use serde_json::json;
use tokio::time::sleep;

use crate::alpine::{Alpine, Answer, EMPLOYEE_API, LEGACY_TOOL};
use crate::ropeway::Surroundings;

const KEPT: [&str; 4] = ["--data", "data", "--log", "error"];

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stderr, reason = "a failed run is repeated with its seed")]
async fn whatever_was_answered_survives_a_kill_at_any_moment() {
    let mut moments = Moments::seeded();
    eprintln!("run again with ROPEWAY_TEST_SEED={}", moments.seed);
    let surroundings = Surroundings::new();
    let load = Load::default();

    for round in 0..ROUNDS {
        if round % 3 == 0 {
            let mut start = surroundings.command(&[&["serve", "--listen", "127.0.0.1:0"], &KEPT[..]].concat());
            let mut starting = start.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            sleep(moments.within(300)).await;
            starting.kill().unwrap();
            starting.wait().unwrap();
        }
        let server = surroundings.serve(&KEPT);
        let alpine = Alpine::on(&server);
        load.password_is_as_answered(&alpine).await;
        let tasks = load.begin(&alpine, round).await;

        sleep(moments.within(700)).await;
        load.over.store(true, Ordering::SeqCst);
        server.kill();

        for task in tasks {
            task.await.unwrap();
        }
        load.is_all_in(&surroundings.path().join("data"), round);
    }

    let answered = load.answered();
    let made = [answered.users.len(), answered.consents.len(), answered.passwords.len(), answered.sign_ins.len()];
    assert!(made.iter().all(|made| *made > ROUNDS / 2), "that was no load: {made:?}");
}

#[tokio::test]
async fn a_wrong_password_counts_once_however_often_the_server_dies() {
    let surroundings = Surroundings::new();
    let attempts = async |passwords: &[&str]| {
        let server = surroundings.serve(&KEPT);
        for password in passwords {
            let answer = Alpine::on(&server).sign_in("cloud@alpine.test", password).await.unwrap();
            assert_eq!(answer.code(), 50126);
        }
        server.kill();
        let left = Left::in_directory(&surroundings.path().join("data"));
        left.number("SELECT MAX(failures) FROM lockout")
    };

    assert_eq!(attempts(&["Winter-2041"]).await, 1);
    assert_eq!(attempts(&["Winter-2041", "Winter-2041"]).await, 1, "the same one again");
    assert_eq!(attempts(&["Winter-2042"]).await, 2, "another one");
}

#[test]
fn a_data_directory_of_a_newer_ropeway_is_refused_with_the_remedy() {
    let surroundings = Surroundings::new();
    assert_eq!(surroundings.serve(&KEPT).stop("-TERM").0, Some(0));
    let database = Connection::open(surroundings.path().join("data/ropeway.db")).unwrap();
    database.execute_batch("UPDATE schema_version SET version = 99").unwrap();
    let known = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../store/migrations")).unwrap().count();

    let shown = surroundings.run(&["serve", "--listen", "127.0.0.1:0", "--data", "data"]);

    assert_snapshot!(shown.replace(&format!("up to {known})"), "up to [KNOWN])"), @r"
    exit code 1
    --- stderr
    error: opening the data directory
    caused by: data was written by a newer Ropeway (schema version 99; this one knows up to [KNOWN])

    hint: start the newer Ropeway, or give another directory with --data
    ");
}

/// Requests at once, and what was answered.
#[derive(Clone, Default)]
struct Load {
    answered: Arc<Mutex<Answered>>,
    /// Answers may fail to come from now on.
    over: Arc<AtomicBool>,
}

/// What must be there.
#[derive(Default)]
struct Answered {
    users: Vec<String>,
    /// The users who consented.
    consents: Vec<String>,
    passwords: Vec<Password>,
    /// The ids of rows of the sign-in log.
    sign_ins: Vec<String>,
}

#[derive(Clone)]
struct Password {
    of: String,
    answered: String,
    /// The next one, which may have been set or not.
    asked: Option<String>,
}

impl Load {
    /// Begins requests that follow one another until no answer comes.
    async fn begin(&self, alpine: &Alpine, round: usize) -> Vec<tokio::task::JoinHandle<()>> {
        self.over.store(false, Ordering::SeqCst);
        let name = |who: &str| format!("{who}-{round}@alpine.test");
        for who in ["guessed", "owner"] {
            let answer = create(alpine, &name(who), Some("Summit-2042")).await.unwrap();
            assert_eq!(answer.status, 201, "{answer:?}");
            self.answered().users.push(name(who));
        }
        let password = Password { of: name("owner"), answered: "Summit-2042".to_owned(), asked: None };
        self.answered().passwords.push(password);
        vec![
            self.go_on(alpine, "made", round, Self::make_a_user),
            self.go_on(alpine, "made-too", round, Self::make_a_user),
            self.go_on(alpine, "consenting", round, Self::consent),
            self.go_on(alpine, "owner", round, Self::change_the_password),
            self.go_on(alpine, "cloud", round, Self::sign_in),
            self.go_on(alpine, "one", round, Self::guess),
            self.go_on(alpine, "two", round, Self::guess),
            self.go_on(alpine, "three", round, Self::guess),
        ]
    }

    fn go_on<F>(
        &self,
        alpine: &Alpine,
        who: &'static str,
        round: usize,
        request: fn(Self, Alpine, &'static str, usize, usize) -> F,
    ) -> tokio::task::JoinHandle<()>
    where
        F: Future<Output = reqwest::Result<()>> + Send + 'static,
    {
        let (load, alpine) = (self.clone(), alpine.clone());
        tokio::spawn(async move {
            for number in 0.. {
                if let Err(error) = request(load.clone(), alpine.clone(), who, round, number).await {
                    assert!(load.over.load(Ordering::SeqCst), "no answer from a living server: {error:?}");
                    return;
                }
            }
        })
    }

    async fn make_a_user(self, alpine: Alpine, who: &'static str, round: usize, number: usize) -> reqwest::Result<()> {
        let name = format!("{who}-{round}-{number}@alpine.test");
        let answer = create(&alpine, &name, None).await?;
        assert_eq!(answer.status, 201, "{answer:?}");
        self.answered().users.push(name);
        Ok(())
    }

    async fn consent(self, alpine: Alpine, who: &'static str, round: usize, number: usize) -> reqwest::Result<()> {
        self.clone().make_a_user(alpine.clone(), who, round, number).await?;
        let name = format!("{who}-{round}-{number}@alpine.test");
        let consent = json!({ "clientId": LEGACY_TOOL, "resourceId": EMPLOYEE_API, "consentType": "Principal",
            "principalId": name, "scope": "Employees.Read" });
        let answer = alpine.control(Method::POST, "oauth2PermissionGrants", &consent).await?;
        assert_eq!(answer.status, 201, "{answer:?}");
        self.answered().consents.push(name);
        Ok(())
    }

    async fn change_the_password(
        self,
        alpine: Alpine,
        who: &'static str,
        round: usize,
        number: usize,
    ) -> reqwest::Result<()> {
        let (name, new) = (format!("{who}-{round}@alpine.test"), format!("Summit-{number}"));
        let set = |asked: Option<String>| {
            let mut answered = self.answered();
            let password = answered.passwords.last_mut().unwrap();
            match asked {
                Some(asked) => password.asked = Some(asked),
                None => password.answered = password.asked.take().unwrap(),
            }
        };
        set(Some(new.clone()));
        let change = json!({ "passwordProfile": { "password": new } });
        let answer = alpine.control(Method::PATCH, &format!("users/{name}"), &change).await?;
        assert_eq!(answer.status, 200, "{answer:?}");
        set(None);
        Ok(())
    }

    async fn sign_in(self, alpine: Alpine, who: &'static str, _: usize, _: usize) -> reqwest::Result<()> {
        let answer = alpine.sign_in(&format!("{who}@alpine.test"), "Summit-2042").await?;
        assert_eq!(answer.status, 200, "{answer:?}");
        self.answered().sign_ins.push(answer.request_id);
        Ok(())
    }

    async fn guess(self, alpine: Alpine, who: &'static str, round: usize, number: usize) -> reqwest::Result<()> {
        let answer = alpine.sign_in(&format!("guessed-{round}@alpine.test"), &format!("{who}-{number}")).await?;
        assert!([50126, 50053].contains(&answer.code()), "{answer:?}");
        self.answered().sign_ins.push(answer.request_id);
        Ok(())
    }

    /// The owner's password is the last one that was answered, or the one that was asked for when the server died.
    async fn password_is_as_answered(&self, alpine: &Alpine) {
        let Some(Password { of, answered, asked }) = self.answered().passwords.last().cloned() else { return };
        let mut codes = Vec::new();
        for candidate in [Some(answered), asked].into_iter().flatten() {
            let answer = alpine.sign_in(&of, &candidate).await.unwrap();
            codes.push(answer.code());
            self.answered().sign_ins.push(answer.request_id);
        }
        // Nobody consented for this user, which is found out once the password was right.
        assert!(codes.contains(&65001), "neither password of {of} is right: {codes:?}");
    }

    /// What a killed server left is whole, holds everything that was answered, and counts nothing twice.
    fn is_all_in(&self, data: &Path, round: usize) {
        let left = Left::in_directory(data);
        assert_eq!(left.texts("PRAGMA integrity_check"), HashSet::from(["ok".to_owned()]));
        let answered = self.answered();
        let users = left.texts("SELECT user_principal_name FROM tenant_user");
        let consents = left.texts(
            "SELECT user_principal_name FROM tenant_user u JOIN oauth2_permission_grant g
             ON g.tenant_id = u.tenant_id AND g.principal_id = u.user_id",
        );
        let sign_ins = left.texts("SELECT sign_in_id FROM sign_in");
        for (kept, found) in
            [(&answered.users, users), (&answered.consents, consents), (&answered.sign_ins, sign_ins.clone())]
        {
            let lost: Vec<_> = kept.iter().filter(|kept| !found.contains(*kept)).collect();
            assert!(lost.is_empty(), "answered and lost: {lost:?}");
        }
        assert_eq!(left.number("SELECT COUNT(*) FROM sign_in"), sign_ins.len() as i64, "no row is there twice");
        // Every guess is another password, and its row and its failure are one transaction. One that a kill cut off counts
        // without a row once it is overdue, in a later round.
        let miscounted = left.texts(&format!(
            "SELECT name || ' has ' || failures || ' failures and ' || rows || ' rows' FROM (
                SELECT u.user_principal_name AS name, l.failures AS failures,
                    (SELECT COUNT(*) FROM sign_in s WHERE s.user_id = l.user_id AND s.error_code = 50126) AS rows
                FROM lockout l JOIN tenant_user u USING (tenant_id, user_id)
                WHERE u.user_principal_name LIKE 'guessed-%')
             WHERE failures NOT BETWEEN rows
                AND rows + CASE name WHEN 'guessed-{round}@alpine.test' THEN 0 ELSE {GUESSERS} END"
        ));
        assert_eq!(miscounted, HashSet::new());
        let left_open = left.texts(
            "SELECT user_id || ' has ' || open_attempts FROM lockout l WHERE open_attempts <>
                (SELECT COUNT(*) FROM attempt a WHERE a.tenant_id = l.tenant_id AND a.user_id = l.user_id)",
        );
        assert_eq!(left_open, HashSet::new());
    }

    fn answered(&self) -> MutexGuard<'_, Answered> {
        self.answered.lock().unwrap()
    }
}

async fn create(alpine: &Alpine, name: &str, password: Option<&str>) -> reqwest::Result<Answer> {
    let mut user = json!({ "userPrincipalName": name, "displayName": name });
    if let Some(password) = password {
        user["passwordProfile"] = json!({ "password": password });
        user["passwordPolicies"] = json!("DisablePasswordExpiration");
    }
    alpine.control(Method::POST, "users", &user).await
}

/// A copy of what a killed server left, so that the server itself finds it untouched.
pub(crate) struct Left {
    database: Connection,
    _copy: tempfile::TempDir,
}

impl Left {
    pub(crate) fn in_directory(data: &Path) -> Self {
        let copy = tempfile::tempdir().unwrap();
        for file in ["ropeway.db", "ropeway.db-wal"] {
            std::fs::copy(data.join(file), copy.path().join(file)).unwrap();
        }
        Self { database: Connection::open(copy.path().join("ropeway.db")).unwrap(), _copy: copy }
    }

    pub(crate) fn texts(&self, query: &str) -> HashSet<String> {
        let mut statement = self.database.prepare(query).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    pub(crate) fn number(&self, query: &str) -> i64 {
        self.database.query_row(query, [], |row| row.get(0)).unwrap()
    }
}

/// Moments at random (SplitMix64).
struct Moments {
    seed: u64,
    state: u64,
}

impl Moments {
    #[expect(clippy::disallowed_methods, reason = "a failed run is repeated with its seed")]
    fn seeded() -> Self {
        let given = std::env::var("ROPEWAY_TEST_SEED").ok().map(|seed| seed.parse().expect("a number"));
        let seed = given.unwrap_or_else(|| RandomState::new().build_hasher().finish());
        Self { seed, state: seed }
    }

    fn within(&mut self, milliseconds: u64) -> Duration {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        Duration::from_micros((mixed ^ mixed >> 31) % (milliseconds * 1000))
    }
}

const ROUNDS: usize = 12;
/// Guesses that a kill can cut off.
const GUESSERS: usize = 3;
