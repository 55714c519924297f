//! Brings a database to the newest schema, one numbered script after the other.

use std::path::Path;

use crate::dialect::{BEGIN_WRITE, Connection, spelled};
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
        connection.batch(&spelled(script))?;
    }
    connection.execute("UPDATE schema_version SET version = $1 WHERE id = 1", &[known.into()])?;
    Ok(())
}

/// In order; a script that was released is never edited.
const SCRIPTS: [&str; 6] = [
    include_str!("../migrations/0001_directory.sql"),
    include_str!("../migrations/0002_tenant_version.sql"),
    include_str!("../migrations/0003_browser.sql"),
    include_str!("../migrations/0004_device_codes.sql"),
    include_str!("../migrations/0005_session_place.sql"),
    include_str!("../migrations/0006_one_tree.sql"),
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use crate::dialect::Medium;

    use super::*;

    #[test]
    fn tables_that_are_made_anew_keep_their_rows() {
        let connection = Medium::Memory.open_writer().unwrap();
        for script in SCRIPTS.iter().take(5) {
            connection.batch(&spelled(script)).unwrap();
        }
        connection
            .batch(
                "CREATE TABLE schema_version (id BIGINT PRIMARY KEY, version BIGINT NOT NULL);
                 INSERT INTO schema_version VALUES (1, 5);
                 INSERT INTO sign_in VALUES (7, 'late', 't', 2, NULL, 'u', NULL, NULL, NULL, 'password', 0, '{}');
                 INSERT INTO sign_in VALUES (3, 'early', 't', 1, 'u', 'u', 'a', 'r', 'i', 'password', 50126, '{}');
                 INSERT INTO oauth2_permission_grant VALUES ('t', 'c', 'p', 'r', '[\"s\"]');
                 INSERT INTO app_role_assignment VALUES ('t', 'p', 'r', '', 'User');
                 INSERT INTO redeemed VALUES ('t', 'code', x'01', 9), ('t', 'code', x'02', 9);",
            )
            .unwrap();

        migrate(&connection, None).unwrap();

        let texts = |query: &str| connection.rows(query, &[], |row| row.text(0)).unwrap();
        assert_eq!(texts("SELECT sequence || sign_in_id || error_code FROM sign_in"), ["3early50126", "7late0"]);
        assert_eq!(texts("SELECT principal_id || scopes FROM oauth2_permission_grant"), ["p[\"s\"]"]);
        assert_eq!(texts("SELECT principal_id || principal_type FROM app_role_assignment"), ["pUser"]);
        assert_eq!(texts("SELECT '' || marks FROM redeemed_total"), ["2"]);
        connection
            .batch(
                "INSERT INTO sign_in (sign_in_id, tenant_id, created_at, user_principal_name, grant_type, error_code, detail)
                 VALUES ('next', 't', 3, 'u', 'password', 0, '{}')",
            )
            .unwrap();
        assert_eq!(texts("SELECT '' || MAX(sequence) FROM sign_in"), ["8"]);
    }
}
