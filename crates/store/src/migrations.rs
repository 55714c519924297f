//! Brings a database to the newest schema, one numbered script after the other.

use std::path::Path;

use crate::dialect::{BEGIN_WRITE, Connection};
use crate::error::StoreError;

/// Runs the scripts that the database has not seen, in one transaction. `directory` is for the error alone.
pub(crate) fn migrate(connection: &Connection, directory: Option<&Path>) -> Result<(), StoreError> {
    connection.batch(BEGIN_WRITE)?;
    let outcome = apply(connection, directory);
    connection.batch(if outcome.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
    outcome
}

fn apply(connection: &Connection, directory: Option<&Path>) -> Result<(), StoreError> {
    if !connection.has_table("schema_version")? {
        connection.batch(
            "CREATE TABLE schema_version (id BIGINT PRIMARY KEY, version BIGINT NOT NULL);
             INSERT INTO schema_version (id, version) VALUES (1, 0);",
        )?;
    }
    let found = connection
        .row("SELECT version FROM schema_version WHERE id = 1", &[], |row| row.integer(0))?
        .ok_or_else(|| StoreError::Corrupt("the schema version is missing".to_owned()))?;
    let known = i64::try_from(SCRIPTS.len()).unwrap_or(i64::MAX);
    let missing = usize::try_from(found)
        .ok()
        .and_then(|applied| SCRIPTS.get(applied..))
        .ok_or_else(|| StoreError::TooNew { directory: directory.unwrap_or(Path::new("")).to_owned(), found, known })?;
    for script in missing {
        connection.batch(script)?;
    }
    connection.execute("UPDATE schema_version SET version = $1 WHERE id = 1", &[known.into()])?;
    Ok(())
}

/// In order; a script that was released is never edited.
const SCRIPTS: [&str; 5] = [
    include_str!("../migrations/0001_directory.sql"),
    include_str!("../migrations/0002_tenant_version.sql"),
    include_str!("../migrations/0003_browser.sql"),
    include_str!("../migrations/0004_device_codes.sql"),
    include_str!("../migrations/0005_session_place.sql"),
];
