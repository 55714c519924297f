#![allow(clippy::unwrap_used, reason = "a failed precondition fails the test")]

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::task::JoinSet;
use uuid::Uuid;

use super::*;

const TENANT: TenantId = TenantId(Uuid::from_u128(1));
const USER: ObjectId = ObjectId(Uuid::from_u128(2));
const OTHER: ObjectId = ObjectId(Uuid::from_u128(3));
const LIMITS: Limits = Limits { workers: 2, waiting: 4, remembered: 3 };

fn checker(limits: Limits) -> PasswordChecker {
    PasswordChecker::new(HashingCost::TEST_KIT, limits, [9; 32])
}

fn secret(text: &str) -> Secret {
    Secret::new(text)
}

async fn hashed(checker: &PasswordChecker, password: &str) -> String {
    checker.hash(&secret(password), [1; 16]).await.unwrap().expose().to_owned()
}

#[tokio::test]
async fn the_right_password_is_right_and_remembered_and_a_wrong_one_neither() {
    let checker = checker(LIMITS);
    let hash = hashed(&checker, "right").await;
    for (password, expected) in [("wrong", false), ("right", true), ("right", true), ("", false)] {
        let right = checker.check(TENANT, USER, Some(&hash), &secret(password)).await.unwrap();

        assert_eq!(right, expected, "{password}");
        assert_eq!(checker.remembers(TENANT, USER, Some(&hash), &secret(password)), expected, "{password}");
    }
}

#[tokio::test]
async fn what_is_remembered_holds_for_one_hash_whoever_has_it() {
    let checker = checker(LIMITS);
    let hash = hashed(&checker, "right").await;
    let changed = checker.hash(&secret("right"), [2; 16]).await.unwrap();
    checker.check(TENANT, USER, Some(&hash), &secret("right")).await.unwrap();
    let remembers = |tenant, hash: &str, password| checker.remembers(tenant, USER, Some(hash), &secret(password));

    assert!(remembers(TENANT, &hash, "right"));
    assert!(remembers(TenantId(Uuid::from_u128(7)), &hash, "right"), "a copied user has the hash of the original");
    assert!(!remembers(TENANT, &hash, "wrong"));
    assert!(!remembers(TENANT, changed.expose(), "right"));
    assert!(!checker.remembers(TENANT, USER, None, &secret("right")));
}

#[tokio::test]
async fn only_so_many_right_passwords_are_remembered_and_the_oldest_goes_first() {
    let checker = checker(LIMITS);
    let mut hashes = Vec::new();
    for salt in 10..14 {
        let hash = checker.hash(&secret("right"), [salt; 16]).await.unwrap();
        assert!(checker.check(TENANT, USER, Some(hash.expose()), &secret("right")).await.unwrap());
        hashes.push(hash);
    }

    let remembered = hashes.iter().map(|hash| checker.remembers(TENANT, USER, Some(hash.expose()), &secret("right")));

    assert_eq!(remembered.collect::<Vec<_>>(), [false, true, true, true]);
    assert!(checker.check(TENANT, USER, Some(hashes[0].expose()), &secret("right")).await.unwrap());
}

#[tokio::test]
async fn a_password_from_the_file_is_checked_without_a_hash() {
    let checker = checker(LIMITS);
    checker.learn_plain(TENANT, USER, &secret("right"));

    for (user, password, expected) in [(USER, "right", true), (USER, "wrong", false), (OTHER, "right", false)] {
        assert_eq!(checker.remembers(TENANT, user, None, &secret(password)), expected, "{password}");
        assert_eq!(checker.check(TENANT, user, None, &secret(password)).await.unwrap(), expected, "{password}");
    }
    assert!(checker.knows_plain(TENANT, USER) && !checker.knows_plain(TENANT, OTHER));
    checker.forget_plain(TENANT, USER);
    assert!(!checker.knows_plain(TENANT, USER));
    assert!(!checker.check(TENANT, USER, None, &secret("right")).await.unwrap());
}

#[tokio::test]
async fn a_stored_hash_outweighs_the_password_from_the_file() {
    let checker = checker(LIMITS);
    checker.learn_plain(TENANT, USER, &secret("old"));
    let hash = hashed(&checker, "new").await;

    assert!(!checker.remembers(TENANT, USER, Some(&hash), &secret("old")));
    assert!(!checker.check(TENANT, USER, Some(&hash), &secret("old")).await.unwrap());
    assert!(checker.check(TENANT, USER, Some(&hash), &secret("new")).await.unwrap());
}

#[tokio::test]
async fn passwords_from_the_file_are_hashed_stored_and_stay_remembered() {
    let checker = checker(LIMITS);
    let unhashed = |user, password| Unhashed { tenant: TENANT, user, password: secret(password), salt: [4; 16] };
    let stored = Mutex::new(Vec::new());

    checker
        .hash_all(vec![unhashed(OTHER, "theirs"), unhashed(USER, "mine")], |_, user, hash| {
            // The first one fails to be stored: it must not keep the second from being hashed.
            let outcome = if user == OTHER { Err(anyhow::anyhow!("disk full")) } else { Ok(()) };
            locked(&stored).push((user, hash.expose().to_owned()));
            async { outcome }
        })
        .await;

    let stored = stored.into_inner().unwrap();
    assert_eq!(stored.iter().map(|(user, _)| *user).collect::<Vec<_>>(), [OTHER, USER]);
    assert!(checker.remembers(TENANT, USER, Some(&stored[1].1), &secret("mine")));
    assert!(locked(&checker.0.memories).is_empty(), "a server that has nothing to do holds no memory for hashing");
    assert!(checker.check(TENANT, OTHER, Some(&stored[0].1), &secret("theirs")).await.unwrap());
}

#[tokio::test]
async fn a_hash_that_cannot_be_read_is_our_failure() {
    let outcome = checker(LIMITS).check(TENANT, USER, Some("Summit-2042"), &secret("Summit-2042")).await;

    assert!(matches!(outcome, Err(NotChecked::BadHash(_))));
}

#[tokio::test]
async fn a_full_queue_is_busy_at_once_and_free_again_later() {
    let checker = checker(Limits { workers: 1, waiting: 2, remembered: 0 });
    let hash = hashed(&checker, "right").await;
    let held = Arc::clone(&checker.0.workers).acquire_owned().await.unwrap();
    let mut waiting = JoinSet::new();
    for _ in 0..3 {
        let (checker, hash) = (checker.clone(), hash.clone());
        waiting.spawn(async move { checker.check(TENANT, USER, Some(&hash), &secret("right")).await });
    }
    // On the test's single thread the three have taken their places once this task has yielded.
    tokio::task::yield_now().await;

    let turned_away = checker.check(TENANT, USER, Some(&hash), &secret("right")).await;
    drop(held);
    let answers = waiting.join_all().await;

    assert!(matches!(turned_away, Err(NotChecked::Busy)));
    assert!(answers.into_iter().all(|answer| answer.unwrap()));
    assert!(checker.check(TENANT, USER, Some(&hash), &secret("right")).await.unwrap());
}

#[tokio::test]
async fn who_gives_up_waiting_leaves_the_queue() {
    let checker = checker(Limits { workers: 1, waiting: 0, remembered: 0 });
    let hash = hashed(&checker, "right").await;
    let held = Arc::clone(&checker.0.workers).acquire_owned().await.unwrap();
    let impatient = {
        let (checker, hash) = (checker.clone(), hash.clone());
        tokio::spawn(async move { checker.check(TENANT, USER, Some(&hash), &secret("right")).await })
    };
    tokio::task::yield_now().await;
    assert!(matches!(checker.check(TENANT, USER, Some(&hash), &secret("right")).await, Err(NotChecked::Busy)));

    impatient.abort();
    assert!(impatient.await.unwrap_err().is_cancelled());
    drop(held);

    assert!(checker.check(TENANT, USER, Some(&hash), &secret("right")).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_more_hash_at_once_than_there_are_workers() {
    let checker = checker(Limits { workers: 2, waiting: 100, remembered: 0 });
    let hash = hashed(&checker, "right").await;
    let rights = Arc::new(AtomicUsize::new(0));
    let mut checks = JoinSet::new();
    for number in 0..40 {
        let (checker, hash, rights) = (checker.clone(), hash.clone(), Arc::clone(&rights));
        checks.spawn(async move {
            let password = if number % 2 == 0 { "right" } else { "wrong" };
            if checker.check(TENANT, USER, Some(&hash), &secret(password)).await.unwrap() {
                rights.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    checks.join_all().await;

    assert_eq!(rights.load(Ordering::Relaxed), 20);
    // A worker takes a memory and gives it back, so there are as many memories as ever hashed at once.
    assert!(locked(&checker.0.memories).len() <= 2);
    assert_eq!(checker.0.places.available_permits(), 102);
}

#[test]
fn a_fingerprint_tells_wrong_passwords_of_one_user_apart() {
    let checker = checker(LIMITS);
    let fingerprint = |user, password| checker.fingerprint(TENANT, user, &secret(password));

    assert_eq!(fingerprint(USER, "a"), fingerprint(USER, "a"));
    assert_ne!(fingerprint(USER, "a"), fingerprint(USER, "b"));
    assert_ne!(fingerprint(USER, "a"), fingerprint(OTHER, "a"));
}

#[test]
fn debug_shows_nothing() {
    assert_eq!(format!("{:?}", checker(LIMITS)), "PasswordChecker(…)");
}

#[tokio::test]
async fn a_copied_user_has_the_password_of_the_file_and_its_hash() {
    let checker = checker(LIMITS);
    let copy = TenantId(Uuid::from_u128(7));
    let again = TenantId(Uuid::from_u128(8));
    checker.learn_plain(TENANT, USER, &secret("right"));

    checker.share_plain((TENANT, USER), (copy, OTHER));
    checker.share_plain((copy, OTHER), (again, OTHER));
    checker.share_plain((TENANT, OTHER), (copy, USER));

    assert!(checker.remembers(copy, OTHER, None, &secret("right")));
    assert!(checker.remembers(again, OTHER, None, &secret("right")));
    assert!(!checker.remembers(copy, OTHER, None, &secret("wrong")));
    assert!(!checker.knows_plain(copy, USER), "the original has none");
    let stored = Mutex::new(Vec::new());
    let unhashed = Unhashed { tenant: TENANT, user: USER, password: secret("right"), salt: [4; 16] };
    checker
        .hash_all(vec![unhashed], |tenant, user, _| {
            locked(&stored).push((tenant, user));
            // A copy made meanwhile is told too.
            if tenant == TENANT {
                checker.share_plain((TENANT, USER), (TenantId(Uuid::from_u128(9)), USER));
            }
            async { Ok(()) }
        })
        .await;
    let expected = [(TENANT, USER), (copy, OTHER), (again, OTHER), (TenantId(Uuid::from_u128(9)), USER)];
    assert_eq!(*locked(&stored), expected);
    checker.forget_tenant(copy);
    assert!(!checker.knows_plain(copy, OTHER) && checker.knows_plain(again, OTHER));
}
