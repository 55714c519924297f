use std::error::Error;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;

/// Why the store could not do what was asked. Not finding something is never an error, and a refused sign-in is none either.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The write contradicts what is stored: a key that is taken, or a user that is gone.
    #[error("{0}")]
    Conflict(String),
    /// What is stored cannot be read back.
    #[error("the database is damaged: {0}")]
    Corrupt(String),
    /// The database was written by a newer Ropeway.
    #[error("{} was written by a newer Ropeway (schema version {found}; this one knows up to {known})", .directory.display())]
    TooNew {
        /// The data directory.
        directory: PathBuf,
        /// The version in the database.
        found: i64,
        /// The newest version this binary knows.
        known: i64,
    },
    /// Another process has the data directory open.
    #[error("{} is in use by another Ropeway{}", .directory.display(), .pid.map_or_else(String::new, |pid| format!(" (process {pid})")))]
    InUse {
        /// The data directory.
        directory: PathBuf,
        /// The process that has it, as it says itself.
        pid: Option<u32>,
    },
    /// The disk is full, or the in-memory database has reached its limit of 1 GiB.
    #[error("the database has no room left")]
    Full,
    /// The database cannot be written.
    #[error("the database is read-only")]
    ReadOnly,
    /// The system did not do what the database asked of the disk: a quota is used up, the disk became read-only, or it fails.
    #[error("the data directory cannot be read or written")]
    Disk(#[source] Arc<dyn Error + Send + Sync>),
    /// As many single-use marks are kept as may be: until some expire nothing more can be used up.
    #[error("{most} codes were used up within their lifetime, and no more can be remembered")]
    TooManyMarks {
        /// The most that are kept.
        most: i64,
    },
    /// The data directory cannot be created, opened or locked.
    #[error("the data directory {} cannot be used", .directory.display())]
    Unusable {
        /// The data directory.
        directory: PathBuf,
        /// What the operating system said.
        #[source]
        source: Arc<std::io::Error>,
    },
    /// The writer has ended, or the write did not come to an end: nothing of it is stored.
    #[error("the store's writer has stopped")]
    Stopped,
    /// Any other failure of the database.
    #[error("the database failed")]
    Driver(#[source] Arc<dyn Error + Send + Sync>),
}

impl StoreError {
    /// Whether the same may succeed later, without a change of ours: once the disk has room, say.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Full | Self::ReadOnly | Self::Disk(_) | Self::TooManyMarks { .. })
    }

    /// What the person at the command line can do about it, if anything.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::TooNew { .. } => Some("start the newer Ropeway, or give another directory with --data"),
            Self::InUse { .. } => Some("stop the other one, or give another directory with --data"),
            Self::Full => Some(NO_ROOM),
            Self::Unusable { source, .. } if NO_ROOM_LEFT.contains(&source.kind()) => Some(NO_ROOM),
            Self::Disk(_) => {
                Some("see that the disk of the data directory has room, is within its quota and is writable")
            }
            Self::ReadOnly => Some("make the data directory writable for this user, or give another one with --data"),
            Self::Unusable { .. } => Some("give a directory that this user may write with --data"),
            Self::Corrupt(_) => Some("restore the data directory from a copy, or start afresh with an empty one"),
            Self::TooManyMarks { .. } => Some("wait until some have expired: codes do after ten minutes"),
            Self::Conflict(_) | Self::Stopped | Self::Driver(_) => None,
        }
    }
}

const NO_ROOM_LEFT: [ErrorKind; 3] = [ErrorKind::StorageFull, ErrorKind::QuotaExceeded, ErrorKind::FileTooLarge];
const NO_ROOM: &str = "make room on the disk, or keep the directory on another one with --data";
