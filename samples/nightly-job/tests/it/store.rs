//! The file between two nights.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use crate::job::{Job, key};
use crate::platform::Platform;

#[tokio::test]
async fn two_jobs_at_once_do_not_lose_the_newest_token() {
    let platform = Platform::start().await;
    let job = Job::of(&platform);
    job.is_authorised_with("refresh-0-end").await;

    let jobs: Vec<_> = (0..6).map(|_| job.command(&["run", "--way", "refresh-token"], &[]).spawn().unwrap()).collect();

    for job in jobs {
        let ended = crate::job::ended(job.wait_with_output().await.unwrap());
        assert_eq!(ended.code, 0, "{}", ended.told);
    }
    assert_eq!((job.kept().await, platform.newest()), ("refresh-6-end".to_owned(), "refresh-6-end".to_owned()));
}

#[tokio::test]
async fn a_job_that_waits_for_the_store_is_not_let_in_before_the_other_is_out() {
    let platform = Platform::start().await;
    let job = Job::of(&platform);
    job.is_authorised_with("refresh-0-end").await;
    let store = job.store();
    let lock = store.lock().await.unwrap();
    let mut waiting = job.command(&["run", "--way", "refresh-token"], &[]).spawn().unwrap();
    let early = tokio::time::timeout(std::time::Duration::from_millis(500), waiting.wait()).await;
    assert!(early.is_err() && platform.asked().is_empty());

    drop(lock);

    assert!(waiting.wait().await.unwrap().success());
}

#[tokio::test]
async fn a_store_that_cannot_be_used_is_told_apart_and_left_as_it_is() {
    let platform = Platform::start().await;
    let job = Job::of(&platform);
    job.is_authorised_with("refresh-0-end").await;
    let (file, run) = (job.store_file(), ["run", "--way", "refresh-token"]);
    let good = fs::read(&file).unwrap();
    let check = async |changed: &[(&str, &str)], exit: i32, code: &str| {
        let before = fs::read(&file).ok();
        let ended = job.run(&run, changed).await;
        assert_eq!((ended.code, &ended.line["error"]["code"]), (exit, &json!(code)), "{}", ended.told);
        assert_eq!(fs::read(&file).ok(), before);
        assert!(platform.asked().is_empty());
    };

    check(&[("NIGHTLY_JOB_STORE_KEY", &key(8))], 31, "other_key").await;
    check(&[("NIGHTLY_JOB_CLIENT_ID", "another")], 10, "authorised_elsewhere").await;
    for broken in [&b""[..], b"{}", b"\0\xff", &good[..good.len() / 2], &[&good[..], b"x"].concat()] {
        fs::write(&file, broken).unwrap();
        check(&[], 30, "store_broken").await;
    }
    fs::write(&file, &good).unwrap();
    fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
    check(&[], 30, "store_open_to_others").await;
    fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    let folder = file.parent().unwrap();
    fs::set_permissions(folder, Permissions::from_mode(0o777)).unwrap();
    check(&[], 30, "store_open_to_others").await;
    fs::set_permissions(folder, Permissions::from_mode(0o700)).unwrap();
    check(&[("NIGHTLY_JOB_STORE", "/dev/null/grant.json")], 30, "store_unusable").await;
    check(&[("NIGHTLY_JOB_STORE", folder.join("none.json").to_str().unwrap())], 10, "not_authorised").await;

    assert_eq!(job.run(&run, &[]).await.code, 0);
}
