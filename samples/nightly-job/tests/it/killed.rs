//! `kill -9` at any moment: the file is the old one or the new one, whole.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nightly_job::StoreKey;
use nightly_job::store::{Grant, GrantStore};
use openidconnect::RefreshToken;

use crate::job::{Job, key};
use crate::platform::Platform;

#[tokio::test]
async fn a_writer_that_is_killed_leaves_the_old_token_or_the_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state/grant.json");
    let mut random = Random(SEED);
    let mut last = 0;
    for round in 0..ROUNDS {
        let mut writer = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "killed::writes_until_it_is_killed", "--nocapture"])
            .env("KILLED_WRITER_FILE", &file)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut told = BufReader::new(writer.stderr.take().unwrap());
        let mut line = String::new();
        told.read_line(&mut line).unwrap();
        tokio::time::sleep(Duration::from_micros(random.below(20_000))).await;
        writer.kill().unwrap();
        writer.wait().unwrap();
        let rest = told.lines().map_while(Result::ok);
        let acknowledged = [line.trim().to_owned()].into_iter().chain(rest).filter_map(|line| line.parse::<u64>().ok());
        let acknowledged = acknowledged.max().unwrap_or(last);

        let store = GrantStore::new(file.clone(), StoreKey::from_base64(&key(7)).unwrap());
        let grant = store.lock().await.unwrap().load().unwrap().unwrap();
        let kept: u64 = grant.refresh_token.secret().parse().unwrap();
        assert!(kept == acknowledged || kept == acknowledged + 1, "round {round}: {kept}, {acknowledged}");
        last = kept;
        let left = std::fs::read_dir(file.parent().unwrap()).unwrap().count();
        assert!(left <= 3, "round {round}: killed writers leave {left} files");
    }
    assert!(last > ROUNDS, "it was killed while it was writing: {last}");
}

/// The process that is killed: writes tokens that count up, and says which are written.
#[tokio::test]
#[ignore = "it is started by the test above, and never ends"]
async fn writes_until_it_is_killed() {
    let Some(file) = std::env::var_os("KILLED_WRITER_FILE") else { return };
    let store = GrantStore::new(PathBuf::from(file), StoreKey::from_base64(&key(7)).unwrap());
    let lock = store.lock().await.unwrap();
    let mut number = lock.load().unwrap().map_or(0, |grant| grant.refresh_token.secret().parse().unwrap());
    loop {
        number += 1;
        // Longer than a page, so that half a file would be seen.
        let grant = Grant {
            issuer: "i".repeat(10_000),
            client_id: String::new(),
            user: String::new(),
            authorised_at: String::new(),
            refresh_token: RefreshToken::new(u64::to_string(&number)),
        };
        lock.save(&grant).unwrap();
        std::io::stderr().write_all(format!("{number}\n").as_bytes()).unwrap();
    }
}

#[tokio::test]
async fn a_job_that_is_killed_can_be_run_again() {
    let platform = Platform::start().await;
    let job = Job::of(&platform);
    job.is_authorised_with("refresh-0-end").await;
    let began = Instant::now();
    assert_eq!(job.by_refresh_token().await.code, 0);
    // Wherever a run is, and sometimes after its end.
    let bound = u64::try_from(began.elapsed().as_micros()).unwrap() * 5 / 4;
    let mut random = Random(SEED);
    let (mut renewed, mut old) = (0, 0);
    for round in 0..JOB_ROUNDS {
        let (kept, given) = (job.kept().await, platform.newest());
        // The one before stays good at Entra.
        platform.takes(&kept);
        let mut running = job.command(&["run", "--way", "refresh-token"], &[]).spawn().unwrap();
        tokio::time::sleep(Duration::from_micros(random.below(bound))).await;
        let _ = running.start_kill();
        running.wait().await.unwrap();

        let now = job.kept().await;
        assert!(now == kept || now == platform.newest(), "round {round}: {now} after {kept} and {given}");
        if now == kept { old += 1 } else { renewed += 1 }
    }
    platform.takes(&job.kept().await);
    assert_eq!(job.by_refresh_token().await.code, 0);
    assert!(old > 0 && renewed > 0, "killed before and after: {old} and {renewed}");
}

/// The same rounds in every run (xorshift64).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

const SEED: u64 = 0x6e69_6768_746c_7921;
const ROUNDS: u64 = 60;
const JOB_ROUNDS: u32 = 40;
