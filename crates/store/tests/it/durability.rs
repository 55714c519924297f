use std::path::Path;

use ropeway_core::directory::SmartLockout;
use ropeway_core::secret::Secret;
use ropeway_store::{Attempt, Outcome, SealingKey, Store, StoreError};

use crate::fixtures::{ALPINE, NOW, WALL, member, object, with_one_user};

/// Opens it, saying which way it failed if it did.
fn open(directory: &Path) -> Result<Store, StoreError> {
    Store::in_directory(directory)
}

#[tokio::test]
async fn what_was_stored_is_there_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let nested = directory.path().join("not/there/yet");
    {
        let store = open(&nested).unwrap();
        let cloud = with_one_user(&store).await;
        store
            .write(move |tx| {
                tx.set_password_hash(ALPINE, cloud, &Secret::new("hash"), None)?;
                tx.add_sealing_key(&SealingKey { key_id: "1".to_owned(), key: vec![1; 32], created: WALL })?;
                tx.consume(ALPINE, "code", &[1; 32], NOW.plus_seconds(60), NOW)?;
                let settings = SmartLockout::default();
                if let Attempt::Taken(attempt) = tx.take_attempt(ALPINE, cloud, NOW, WALL, settings)? {
                    tx.settle_attempt(attempt, Outcome::Wrong { fingerprint: [1; 32] }, NOW, settings)?;
                }
                Ok(())
            })
            .await
            .unwrap();
    }

    let store = open(&nested).unwrap();

    store
        .read(|reads| {
            assert_eq!(reads.tenants()?.len(), 1);
            assert_eq!(reads.password_hash(ALPINE, object(1))?.as_deref(), Some("hash"));
            assert_eq!(reads.sealing_keys()?.len(), 1);
            assert_eq!(reads.lockout(ALPINE, object(1))?.failures, 1);
            Ok(())
        })
        .unwrap();
    let again = store.write(|tx| tx.consume(ALPINE, "code", &[1; 32], NOW.plus_seconds(60), NOW)).await;
    assert!(!again.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whatever_was_acknowledged_survives_a_kill() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).unwrap();
    let writes: Vec<_> = (1..=200_u128)
        .map(|number| {
            let store = store.clone();
            let name = format!("user{number}@alpine.test");
            tokio::spawn(async move { store.write(move |tx| tx.put_user(ALPINE, &member(number, &name))).await })
        })
        .collect();
    for write in writes {
        write.await.unwrap().unwrap();
    }

    // What a killed process leaves: the files as they are, nothing closed.
    let left_behind = tempfile::tempdir().unwrap();
    for file in ["ropeway.db", "ropeway.db-wal"] {
        std::fs::copy(directory.path().join(file), left_behind.path().join(file)).unwrap();
    }
    let recovered = open(left_behind.path()).unwrap();

    assert_eq!(recovered.read(|reads| reads.users(ALPINE)).unwrap().len(), 200);
    assert_eq!(store.read(|reads| reads.users(ALPINE)).unwrap().len(), 200);
}

#[test]
fn a_directory_belongs_to_one_store_at_a_time() {
    let directory = tempfile::tempdir().unwrap();
    let first = open(directory.path()).unwrap();

    let second = open(directory.path()).err().unwrap();
    drop(first);
    let third = open(directory.path());

    let process = std::process::id();
    assert!(matches!(second, StoreError::InUse { pid: Some(pid), .. } if pid == process), "{second:?}");
    let said = second.to_string();
    assert!(said.ends_with(&format!("is in use by another Ropeway (process {process})")), "{said}");
    assert!(second.hint().is_some_and(|hint| hint.contains("--data")));
    third.unwrap();
}

#[test]
fn a_newer_schema_is_refused_and_left_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    drop(open(directory.path()).unwrap());
    let file = directory.path().join("ropeway.db");
    let version = |sql: &str| rusqlite::Connection::open(&file).unwrap().execute_batch(sql).unwrap();

    version("UPDATE schema_version SET version = 99");
    let refused = open(directory.path()).err().unwrap();
    let StoreError::TooNew { found: 99, known, .. } = refused else { panic!("{refused:?}") };
    version(&format!("UPDATE schema_version SET version = {known}"));
    let accepted = open(directory.path());

    assert!(refused.hint().is_some_and(|hint| hint.contains("newer Ropeway")));
    accepted.unwrap();
}

#[test]
fn a_file_that_is_no_database_is_called_damaged() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("ropeway.db"), "not a database, and long enough to be sure".repeat(100))
        .unwrap();

    let refused = open(directory.path()).err().unwrap();

    assert!(matches!(refused, StoreError::Corrupt(_)), "{refused:?}");
}

#[test]
fn a_path_that_is_no_directory_is_unusable() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "").unwrap();

    let refused = open(&file).err().unwrap();

    assert!(matches!(refused, StoreError::Unusable { .. }), "{refused:?}");
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_called_damaged_and_not_shown() {
    let directory = tempfile::tempdir().unwrap();
    with_one_user(&open(directory.path()).unwrap()).await;
    let file = rusqlite::Connection::open(directory.path().join("ropeway.db")).unwrap();
    file.execute_batch(r#"UPDATE tenant_user SET document = '{"secret_key": "JBSWY3DP"}'"#).unwrap();
    drop(file);

    let refused = open(directory.path()).unwrap().read(|reads| reads.user(ALPINE, object(1))).err().unwrap();

    assert_eq!(refused.to_string(), "the database is damaged: a user cannot be read: Data");
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("ropeway.db");
    std::fs::write(&file, "").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();

    let _store = open(directory.path()).unwrap();

    for name in ["ropeway.db", "ropeway.db-wal", "ropeway.db-shm", "ropeway.lock"] {
        let mode = std::fs::metadata(directory.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}
