//! A disk that takes nothing more: refused with 503, nothing issued, and on again as soon as there is room.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use insta::assert_snapshot;
use reqwest::Method;
use serde_json::json;

use crate::alpine::{Alpine, Answer, LEGACY_TOOL};
use crate::durability::Left;
use crate::ropeway::{Server, Surroundings};

const KEPT: [&str; 2] = ["--data", "data"];

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_may_not_grow_is_503_until_it_may() {
    let (surroundings, data) = surroundings();
    let server = surroundings.serve_in(&WITHOUT_THE_SIGNAL, &KEPT);
    let pid = server.pid();
    // The log of the database is full at the size it has: its next page does not fit.
    let full = || limit_files(pid, &fs::metadata(data.join("ropeway.db-wal")).unwrap().len().to_string());
    takes_nothing_and_goes_on(server, &data, full, || limit_files(pid, "unlimited")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_cannot_be_written_at_all_is_503_until_it_can() {
    let (surroundings, data) = surroundings();
    let server = surroundings.serve_in(&WITHOUT_THE_SIGNAL, &KEPT);
    let pid = server.pid();
    takes_nothing_and_goes_on(server, &data, || limit_files(pid, "0"), || limit_files(pid, "unlimited")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_503_until_there_is_room() {
    let (surroundings, data) = surroundings();
    let script = "mount -t tmpfs -o size=8m tmpfs data && exec \"$@\"";
    if !namespaces_are_allowed(&surroundings) {
        return;
    }
    let server = surroundings.serve_in(&[&OWN_MOUNTS[..], &["sh", "-c", script, "sh"]].concat(), &KEPT);
    // The disk is the server's own, and seen through its process.
    let inside = Path::new("/proc").join(server.pid().to_string()).join("root").join(data.strip_prefix("/").unwrap());
    let filler = inside.join("filler");
    let full = || {
        let mut file = File::create(&filler).unwrap();
        while file.write(&[0; 4096]).is_ok() {}
    };
    takes_nothing_and_goes_on(server, &inside, full, || fs::remove_file(&filler).unwrap()).await;
}

#[test]
fn a_start_on_a_full_disk_says_so_and_leaves_nothing_half() {
    let (surroundings, _) = surroundings();
    assert_eq!(surroundings.serve(&KEPT).stop("-TERM").0, Some(0));
    let script = "trap '' XFSZ; ulimit -f 0; exec \"$@\"";
    let binary = env!("CARGO_BIN_EXE_ropeway");
    let mut full = surroundings.program("/bin/sh", &["-c", script, "sh", binary, "serve", "--listen", "127.0.0.1:0"]);
    full.args(KEPT);

    let shown = surroundings.shown(full, "");

    assert_snapshot!(shown, @r"
    exit code 1
    --- stderr
    error: opening the data directory
    caused by: the data directory data cannot be used
    caused by: File too large (os error 27)

    hint: make room on the disk, or keep the directory on another one with --data
    ");
    assert_eq!(surroundings.serve(&KEPT).stop("-TERM").0, Some(0), "with room it starts");
}

#[test]
fn a_read_only_disk_is_refused_at_the_start_with_the_remedy() {
    let (surroundings, _) = surroundings();
    if !namespaces_are_allowed(&surroundings) {
        return;
    }
    let script = "mount -t tmpfs -o ro tmpfs data && exec \"$@\"";
    let binary = env!("CARGO_BIN_EXE_ropeway");
    let serve = ["sh", "-c", script, "sh", binary, "serve", "--listen", "127.0.0.1:0", "--data", "data"];
    let read_only = surroundings.program(OWN_MOUNTS[0], &[&OWN_MOUNTS[1..], &serve].concat());

    assert_snapshot!(surroundings.shown(read_only, ""), @r"
    exit code 1
    --- stderr
    error: opening the data directory
    caused by: the data directory data cannot be used
    caused by: Read-only file system (os error 30)

    hint: give a directory that this user may write with --data
    ");
}

/// What every disk without room has in common.
async fn takes_nothing_and_goes_on(server: Server, data: &Path, full: impl Fn(), room: impl Fn()) {
    let alpine = Alpine::on(&server);
    let user = json!({ "userPrincipalName": "new@alpine.test", "displayName": "New" });
    let cloud = async |password: &str| alpine.sign_in("cloud@alpine.test", password).await.unwrap();
    let granted = cloud("Summit-2042").await;
    let refresh = granted.body["refresh_token"].as_str().unwrap().to_owned();
    let refresh = [("grant_type", "refresh_token"), ("client_id", LEGACY_TOOL), ("refresh_token", &refresh)];
    let mut recorded = HashSet::from([granted.request_id, cloud("Winter-2041").await.request_id]);

    full();
    let mut refused = vec![
        cloud("Summit-2042").await,
        cloud("Winter-2042").await,
        alpine.token(&refresh).await.unwrap(),
        alpine.token(&JOB).await.unwrap(),
        alpine.sign_in("nobody@alpine.test", "Summit-2042").await.unwrap(),
        alpine.control(Method::POST, "users", &user).await.unwrap(),
    ];
    let many = [(); 20].map(|()| {
        let alpine = alpine.clone();
        tokio::spawn(async move { alpine.sign_in("hashsync@alpine.test", "Summit-2042").await.unwrap() })
    });
    for one in many {
        refused.push(one.await.unwrap());
    }

    for Answer { status, retry_after, body, .. } in &refused {
        assert_eq!((*status, retry_after.as_deref()), (503, Some("1")), "{body}");
        assert!(!body.to_string().contains("token"), "{body}");
    }
    let reading = ["/common/v2.0/.well-known/openid-configuration", "/_ropeway/health/ready"];
    for path in reading {
        assert_eq!(alpine.get(path).await.unwrap().status, 200, "{path}");
    }
    let listed = alpine.control(Method::GET, "users", &json!({})).await.unwrap();
    assert_eq!(listed.status, 200);
    assert!(!listed.body.to_string().contains("new@alpine.test"));

    room();
    for answer in [cloud("Summit-2042").await, alpine.token(&refresh).await.unwrap(), alpine.token(&JOB).await.unwrap()]
    {
        assert_eq!(answer.status, 200, "{answer:?}");
        recorded.insert(answer.request_id);
    }
    let created = alpine.control(Method::POST, "users", &user).await.unwrap();
    assert_eq!(created.status, 201, "{created:?}");

    let left = Left::in_directory(data);
    assert_eq!(left.texts("PRAGMA integrity_check"), HashSet::from(["ok".to_owned()]));
    assert_eq!(left.texts("SELECT sign_in_id FROM sign_in"), recorded);
    assert_eq!(left.number("SELECT COALESCE(MAX(failures), 0) FROM lockout"), 0, "the right password came last");
    let (code, _, log) = server.stop("-TERM");
    assert_eq!(code, Some(0));
    // One line for each request that says what helps. Passwords of the file that are not hashed by then wait for room.
    let (refusals, others): (Vec<&str>, Vec<&str>) = log
        .lines()
        .filter(|line| line.contains(" ERROR "))
        .partition(|line| line.contains(WHY) && HELP.iter().any(|help| line.contains(help)));
    assert_eq!((refusals.len(), others), (refused.len(), Vec::new()), "{log}");
    assert_eq!(log.matches(" INFO refused ").count(), 1, "what was not recorded was not refused either: {log}");
}

/// With an empty data directory.
fn surroundings() -> (Surroundings, PathBuf) {
    let surroundings = Surroundings::new();
    let data = surroundings.path().join("data");
    fs::create_dir(&data).unwrap();
    (surroundings, data)
}

/// How long a file of the process may become; with `0` it cannot write to any.
fn limit_files(pid: u32, bytes: &str) {
    let limit = format!("--fsize={bytes}:");
    assert!(Command::new("prlimit").args(["--pid", &pid.to_string(), &limit]).status().unwrap().success());
}

#[expect(clippy::print_stderr, reason = "a test that cannot run here says so")]
fn namespaces_are_allowed(surroundings: &Surroundings) -> bool {
    let mut tried = surroundings.program(OWN_MOUNTS[0], &OWN_MOUNTS[1..]);
    let allowed = tried.args(["mount", "-t", "tmpfs", "tmpfs", "data"]).status().is_ok_and(|status| status.success());
    if !allowed {
        eprintln!("not run: this machine does not let the test mount a disk of its own (unshare --user --mount)");
    }
    allowed
}

const WHY: &str = " nothing can be recorded, so nothing is done: ";
const HELP: [&str; 2] = ["; make room on the disk", "; see that the disk of the data directory has room"];
/// The signal that would end a process whose file may not grow; without it, writing fails as on a full disk.
const WITHOUT_THE_SIGNAL: [&str; 4] = ["/bin/sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh"];
const OWN_MOUNTS: [&str; 4] = ["/usr/bin/unshare", "--user", "--map-root-user", "--mount"];

const JOB: [(&str, &str); 4] = [
    ("grant_type", "client_credentials"),
    ("client_id", "e0a91000-0000-4000-8000-00000000000f"),
    ("client_secret", "nightly-job-secret"),
    ("scope", "api://employees.alpine.test/.default"),
];
