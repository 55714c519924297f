//! The connections to one database, and who uses which when.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::dialect::{BEGIN_READ, Connection, Medium};
use crate::error::StoreError;

/// In a directory one connection writes while others read, each in a transaction of its own. In memory one connection
/// does both, in turns: what it reads lies where it was written, while every other connection would copy each page and
/// drop its copies at the next commit.
pub(crate) struct Connections {
    medium: Medium,
    writer: Mutex<Connection>,
    /// Those that nobody reads from just now; `None` in memory.
    idle_readers: Option<Mutex<Vec<Connection>>>,
}

impl Connections {
    pub(crate) fn open(medium: Medium) -> Result<Self, StoreError> {
        let writer = Mutex::new(medium.open_writer()?);
        let idle_readers = medium.is_shared().then(Mutex::default);
        Ok(Self { medium, writer, idle_readers })
    }

    /// The data directory, if there is one.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.medium.path()
    }

    /// The connection that writes, for one at a time.
    pub(crate) fn writer(&self) -> MutexGuard<'_, Connection> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection that writes, where a commit does not wait for a disk. Not while a transaction is open that could not
    /// be ended: what is written in it may be taken back.
    pub(crate) fn writer_in_memory(&self) -> Option<MutexGuard<'_, Connection>> {
        let in_memory = self.idle_readers.is_none();
        in_memory.then(|| self.writer()).filter(|connection| !connection.in_transaction())
    }

    /// Reads several things as they are at one moment.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let Some(idle) = &self.idle_readers else {
            // No transaction: nobody else can write before the connection is given back.
            return read(&self.writer());
        };
        let idle = || idle.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = idle().pop();
        let connection = match taken {
            Some(connection) => connection,
            None => self.medium.open_reader()?,
        };
        connection.execute(BEGIN_READ, &[])?;
        let outcome = read(&connection);
        // A connection that cannot end its transaction is not used again.
        connection.execute("COMMIT", &[])?;
        idle().push(connection);
        outcome
    }
}
