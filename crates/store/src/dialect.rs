//! The one file that knows which database runs the statements: SQLite.
//!
//! In memory and in a directory differ in how connections are opened, and in how many: a database in memory has one, which
//! all take in turns; in a directory the write-ahead log lets one write while others read.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, ErrorCode, OpenFlags, ToSql, ffi};

use crate::error::StoreError;
use crate::row::Value;

/// Where the database lives.
pub(crate) enum Medium {
    /// In memory: each connection opened would have a database of its own.
    Memory,
    /// In this directory, which is locked against other processes.
    Directory { path: PathBuf, _lock: File },
}

impl Medium {
    /// `ropeway.db` in this directory, which is created if need be and locked against other processes.
    pub(crate) fn directory(path: &Path) -> Result<Self, StoreError> {
        let unusable =
            |error: std::io::Error| StoreError::Unusable { directory: path.to_owned(), source: Arc::new(error) };
        create_private_directory(path).map_err(unusable)?;
        let lock = lock(path)?;
        // SQLite gives its log and index files the mode of the database file.
        private_file(&path.join(DATABASE_FILE)).map_err(unusable)?;
        Ok(Self::Directory { path: path.to_owned(), _lock: lock })
    }

    /// The data directory, if there is one.
    pub(crate) fn path(&self) -> Option<&Path> {
        match self {
            Self::Memory => None,
            Self::Directory { path, .. } => Some(path),
        }
    }

    /// Whether several connections see the same database.
    pub(crate) fn is_shared(&self) -> bool {
        matches!(self, Self::Directory { .. })
    }

    /// The one connection that writes.
    pub(crate) fn open_writer(&self) -> Result<Connection, StoreError> {
        let connection = self.open()?;
        match self {
            // Pages of 4 KiB: 1 GiB.
            Self::Memory => connection.batch("PRAGMA max_page_count = 262144;")?,
            // FULL: an acknowledged write survives a power cut.
            Self::Directory { .. } => connection.batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?,
        }
        Ok(connection)
    }

    /// One of the connections that read.
    pub(crate) fn open_reader(&self) -> Result<Connection, StoreError> {
        let connection = self.open()?;
        // KiB at most: room for what is above the leaves of a million users' trees, so that a sign-in reads leaves only.
        connection.batch("PRAGMA query_only = ON; PRAGMA cache_size = -32768;")?;
        Ok(connection)
    }

    fn open(&self) -> Result<Connection, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let sqlite = match self {
            Self::Memory => rusqlite::Connection::open_in_memory_with_flags(flags),
            Self::Directory { path, .. } => rusqlite::Connection::open_with_flags(path.join(DATABASE_FILE), flags),
        }
        .map_err(from_sqlite)?;
        sqlite.busy_timeout(BUSY_TIMEOUT).map_err(from_sqlite)?;
        sqlite.set_prepared_statement_cache_capacity(STATEMENTS);
        let connection = Connection { sqlite };
        connection.batch("PRAGMA temp_store = MEMORY; PRAGMA cache_size = -4096;")?;
        Ok(connection)
    }
}

/// A connection to the database. Statements are prepared once and kept.
pub(crate) struct Connection {
    sqlite: rusqlite::Connection,
}

impl Connection {
    /// Runs one statement with its parameters `$1`, `$2`, … and says how many rows it changed.
    pub(crate) fn execute(&self, statement: &str, parameters: &[Value<'_>]) -> Result<usize, StoreError> {
        let mut prepared = self.prepare(statement, parameters)?;
        prepared.raw_execute().map_err(from_sqlite)
    }

    /// Reads every row that the statement yields.
    pub(crate) fn rows<T>(
        &self,
        statement: &str,
        parameters: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut prepared = self.prepare(statement, parameters)?;
        let mut rows = prepared.raw_query();
        let mut found = Vec::new();
        while let Some(row) = rows.next().map_err(from_sqlite)? {
            found.push(read(&Row(row))?);
        }
        Ok(found)
    }

    /// Reads the first row that the statement yields.
    pub(crate) fn row<T>(
        &self,
        statement: &str,
        parameters: &[Value<'_>],
        read: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let mut prepared = self.prepare(statement, parameters)?;
        let mut rows = prepared.raw_query();
        rows.next().map_err(from_sqlite)?.map(|row| read(&Row(row))).transpose()
    }

    /// Runs several statements without parameters, for instance a migration.
    pub(crate) fn batch(&self, statements: &str) -> Result<(), StoreError> {
        self.sqlite.execute_batch(statements).map_err(from_sqlite)
    }

    /// Whether a transaction is open. Some failures, a full disk among them, end it.
    pub(crate) fn in_transaction(&self) -> bool {
        !self.sqlite.is_autocommit()
    }

    /// Whether the database has a table of this name.
    pub(crate) fn has_table(&self, name: &str) -> Result<bool, StoreError> {
        self.sqlite.table_exists(None, name).map_err(from_sqlite)
    }

    fn prepare(&self, statement: &str, parameters: &[Value<'_>]) -> Result<CachedStatement<'_>, StoreError> {
        let mut prepared = self.sqlite.prepare_cached(statement).map_err(from_sqlite)?;
        // By name: SQLite numbers `$n` in the order of appearance, PostgreSQL by n.
        for (name, value) in PARAMETER_NAMES.iter().zip(parameters) {
            prepared.raw_bind_parameter(*name, value).map_err(from_sqlite)?;
        }
        Ok(prepared)
    }
}

/// Statements that differ between databases.
pub(crate) const BEGIN_READ: &str = "BEGIN";
pub(crate) const BEGIN_WRITE: &str = "BEGIN IMMEDIATE";

/// A script of migrations as this database spells it.
pub(crate) fn spelled(script: &str) -> String {
    script.replace("SEQUENCE_KEY", "INTEGER PRIMARY KEY").replace("KEPT_BY_KEY", "WITHOUT ROWID")
}

/// One row of an answer; columns count from 0.
pub(crate) struct Row<'a>(&'a rusqlite::Row<'a>);

impl Row<'_> {
    pub(crate) fn text(&self, column: usize) -> Result<String, StoreError> {
        self.0.get(column).map_err(from_sqlite)
    }

    pub(crate) fn optional_text(&self, column: usize) -> Result<Option<String>, StoreError> {
        self.0.get(column).map_err(from_sqlite)
    }

    /// A text where it lies, for what is read out of it at once.
    pub(crate) fn text_in_place(&self, column: usize) -> Result<&str, StoreError> {
        let value = self.0.get_ref(column).map_err(from_sqlite)?;
        value.as_str().map_err(|_| StoreError::Corrupt("no text where one should be".to_owned()))
    }

    /// A text where it lies, which may be null.
    pub(crate) fn optional_text_in_place(&self, column: usize) -> Result<Option<&str>, StoreError> {
        let value = self.0.get_ref(column).map_err(from_sqlite)?;
        value.as_str_or_null().map_err(|_| StoreError::Corrupt("no text where one should be".to_owned()))
    }

    pub(crate) fn integer(&self, column: usize) -> Result<i64, StoreError> {
        self.0.get(column).map_err(from_sqlite)
    }

    pub(crate) fn optional_integer(&self, column: usize) -> Result<Option<i64>, StoreError> {
        self.0.get(column).map_err(from_sqlite)
    }

    pub(crate) fn bytes(&self, column: usize) -> Result<Vec<u8>, StoreError> {
        self.0.get(column).map_err(from_sqlite)
    }

    pub(crate) fn optional_bytes(&self, column: usize) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.get(column).map_err(from_sqlite)
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Integer(number) => ValueRef::Integer(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::OwnedText(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn from_sqlite(error: rusqlite::Error) -> StoreError {
    use rusqlite::Error;
    match &error {
        Error::SqliteFailure(failure, message) => match (failure.code, failure.extended_code) {
            (_, ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY) => {
                StoreError::Conflict(message.clone().unwrap_or_else(|| "the key is taken".to_owned()))
            }
            (ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase, _) => StoreError::Corrupt(error.to_string()),
            (ErrorCode::DiskFull, _) => StoreError::Full,
            (ErrorCode::ReadOnly, _) => StoreError::ReadOnly,
            (ErrorCode::SystemIoFailure, _) => StoreError::Disk(Arc::new(error)),
            _ => StoreError::Driver(Arc::new(error)),
        },
        Error::FromSqlConversionFailure(..) | Error::IntegralValueOutOfRange(..) | Error::InvalidColumnType(..) => {
            StoreError::Corrupt(error.to_string())
        }
        _ => StoreError::Driver(Arc::new(error)),
    }
}

/// The lock is the operating system's and ends with the process; the number in the file is for people.
fn lock(directory: &Path) -> Result<File, StoreError> {
    let unusable =
        |error: std::io::Error| StoreError::Unusable { directory: directory.to_owned(), source: Arc::new(error) };
    let mut file = private_file(&directory.join(LOCK_FILE)).map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            file.read_to_string(&mut holder).map_err(unusable)?;
            return Err(StoreError::InUse { directory: directory.to_owned(), pid: holder.trim().parse().ok() });
        }
        Err(TryLockError::Error(error)) => return Err(unusable(error)),
    }
    file.set_len(0).map_err(unusable)?;
    file.rewind().map_err(unusable)?;
    writeln!(file, "{}", std::process::id()).map_err(unusable)?;
    Ok(file)
}

fn create_private_directory(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Opens or creates the file so that only its owner may read it: it holds password hashes and keys.
fn private_file(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(file)
}

const DATABASE_FILE: &str = "ropeway.db";
const LOCK_FILE: &str = "ropeway.lock";
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const STATEMENTS: usize = 100;
const PARAMETER_NAMES: [&str; 12] = ["$1", "$2", "$3", "$4", "$5", "$6", "$7", "$8", "$9", "$10", "$11", "$12"];
