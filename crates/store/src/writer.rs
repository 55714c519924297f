//! The writer: one thread, one connection, many writes to a commit.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::vec::Drain;

use tokio::sync::{mpsc, oneshot};

use crate::connections::Connections;
use crate::dialect::{BEGIN_WRITE, Connection};
use crate::error::StoreError;
use crate::tx::Tx;

/// A queued write. It runs inside a savepoint of a transaction that it shares with others, or learns why there is none.
pub(crate) struct Write {
    run: Run,
    /// The database undoes it by itself if it fails, for it is one statement: no savepoint is needed.
    is_one_statement: bool,
}

type Run = Box<dyn FnOnce(Result<&Tx<'_>, StoreError>) -> Done + Send>;

/// A write that ran: whether its changes are to be kept, and how to tell whoever waits once the transaction has ended.
struct Done {
    failure: Option<StoreError>,
    tell: Tell,
}

type Tell = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

impl Write {
    /// Wraps what is to be done, and gives the place where its answer arrives after the commit.
    pub(crate) fn new<T: Send + 'static>(
        change: impl FnOnce(&Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> (Self, oneshot::Receiver<Result<T, StoreError>>) {
        Self::of(change, false)
    }

    /// As [`Write::new`], for what is one statement.
    pub(crate) fn of_one_statement<T: Send + 'static>(
        change: impl FnOnce(&Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> (Self, oneshot::Receiver<Result<T, StoreError>>) {
        Self::of(change, true)
    }

    fn of<T: Send + 'static>(
        change: impl FnOnce(&Tx<'_>) -> Result<T, StoreError> + Send + 'static,
        is_one_statement: bool,
    ) -> (Self, oneshot::Receiver<Result<T, StoreError>>) {
        let (answer, receiver) = oneshot::channel();
        let run = move |tx: Result<&Tx<'_>, StoreError>| {
            let outcome = tx.and_then(change);
            let failure = outcome.as_ref().err().cloned();
            // Nobody may be waiting any more: the request was cancelled, the write stands.
            let tell = move |committed: Result<(), StoreError>| {
                drop(answer.send(outcome.and_then(|value| committed.map(|()| value))));
            };
            Done { failure, tell: Box::new(tell) }
        };
        (Self { run: Box::new(run), is_one_statement }, receiver)
    }
}

/// Takes writes until every sender is gone.
pub(crate) fn run(connections: &Connections, mut queue: mpsc::Receiver<Write>) {
    let mut batch = Vec::with_capacity(LARGEST_BATCH);
    while queue.blocking_recv_many(&mut batch, LARGEST_BATCH) > 0 {
        let mut writes = batch.drain(..);
        // More than one round only when a failure ended the transaction under the writes still to come.
        while writes.len() > 0 {
            commit_together(connections, &mut writes);
        }
    }
}

fn commit_together(connections: &Connections, writes: &mut Drain<'_, Write>) {
    let guard = connections.writer();
    let connection = &*guard;
    let mut to_tell: Vec<Tell> = Vec::new();
    // A write that shares its transaction with nobody needs no savepoint, for which SQLite copies every page it changes.
    let is_alone = writes.len() == 1;
    let mut ended = connection.execute(BEGIN_WRITE, &[]).map(drop);
    while ended.is_ok()
        && let Some(write) = writes.next()
    {
        ended = match write {
            write if is_alone => alone(connection, write, &mut to_tell),
            write if write.is_one_statement => one_statement(connection, write, &mut to_tell),
            write => in_savepoint(connection, write, &mut to_tell),
        };
    }
    ended = ended.and_then(|()| connection.execute("COMMIT", &[]).map(drop));
    if let Err(error) = &ended {
        if to_tell.is_empty() {
            // The transaction could not even begin.
            to_tell.extend(writes.map(|write| (write.run)(Err(error.clone())).tell));
        }
        if connection.in_transaction() {
            drop(connection.execute("ROLLBACK", &[]));
        }
    }
    drop(guard);
    for tell in to_tell {
        tell(ended.clone());
    }
}

/// A write that fails loses the transaction, which is its own.
fn alone(connection: &Connection, write: Write, to_tell: &mut Vec<Tell>) -> Result<(), StoreError> {
    change(connection, write, to_tell).map_or(Ok(()), Err)
}

/// A statement that fails has changed nothing. An error means that the transaction itself is lost.
fn one_statement(connection: &Connection, write: Write, to_tell: &mut Vec<Tell>) -> Result<(), StoreError> {
    change(connection, write, to_tell).filter(|_| !connection.in_transaction()).map_or(Ok(()), Err)
}

/// A write that fails takes back its own changes only. An error means that the transaction itself is lost.
fn in_savepoint(connection: &Connection, write: Write, to_tell: &mut Vec<Tell>) -> Result<(), StoreError> {
    connection.execute("SAVEPOINT one_write", &[])?;
    if let Some(failure) = change(connection, write, to_tell) {
        if !connection.in_transaction() {
            return Err(failure);
        }
        connection.execute("ROLLBACK TO SAVEPOINT one_write", &[])?;
    }
    connection.execute("RELEASE SAVEPOINT one_write", &[]).map(drop)
}

/// Does what was queued; gives the failure, if it failed.
fn change(connection: &Connection, write: Write, to_tell: &mut Vec<Tell>) -> Option<StoreError> {
    // Whoever waits for a write that panicked learns it from the closed channel.
    match catch_unwind(AssertUnwindSafe(|| (write.run)(Ok(&Tx { connection })))) {
        Ok(done) => {
            to_tell.push(done.tell);
            done.failure
        }
        Err(_) => Some(StoreError::Stopped),
    }
}

/// Enough to share a commit among all who wait, few enough that readers of a database in memory wait a millisecond.
const LARGEST_BATCH: usize = 128;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use crate::dialect::Medium;

    use super::*;

    #[test]
    fn a_full_database_fails_the_write_that_does_not_fit_and_the_writer_goes_on() {
        let connections = Connections::open(Medium::Memory).unwrap();
        connections.writer().batch("CREATE TABLE note (text TEXT); PRAGMA max_page_count = 20;").unwrap();
        let (sender, queue) = mpsc::channel(10);
        let insert = |size: usize| {
            let (write, answer) = Write::new(move |tx| {
                tx.connection.execute("INSERT INTO note (text) VALUES ($1)", &["x".repeat(size).into()])
            });
            sender.try_send(write).unwrap();
            answer
        };
        let answers = [insert(10), insert(1_000_000), insert(20)];

        drop(sender);
        run(&connections, queue);

        let outcomes = answers.map(|answer| answer.blocking_recv().unwrap());
        assert!(matches!(outcomes, [_, Err(StoreError::Full), Ok(1)]), "{outcomes:?}");
        let stored = connections.writer().rows("SELECT LENGTH(text) FROM note", &[], |row| row.integer(0)).unwrap();
        let acknowledged: Vec<i64> = if outcomes[0].is_ok() { vec![10, 20] } else { vec![20] };
        assert_eq!(stored, acknowledged);
    }

    #[test]
    fn a_single_statement_that_fails_takes_nothing_else_along() {
        let connections = Connections::open(Medium::Memory).unwrap();
        connections.writer().batch("CREATE TABLE note (text TEXT UNIQUE); PRAGMA max_page_count = 20;").unwrap();
        let (sender, queue) = mpsc::channel(10);
        let insert = |text: String| {
            let (write, answer) = Write::of_one_statement(move |tx| {
                tx.connection.execute("INSERT INTO note (text) VALUES ($1)", &[text.as_str().into()])
            });
            sender.try_send(write).unwrap();
            answer
        };
        let answers = ["a", "a", "b"].map(|text| insert(text.to_owned()));
        let too_large = insert("x".repeat(1_000_000));
        let after = insert("c".to_owned());

        drop(sender);
        run(&connections, queue);

        let outcomes = answers.map(|answer| answer.blocking_recv().unwrap());
        let too_large = too_large.blocking_recv().unwrap();
        let after = after.blocking_recv().unwrap();
        assert!(matches!(too_large, Err(StoreError::Full)), "{too_large:?}");
        assert!(outcomes[1].is_err(), "{outcomes:?}");
        let stored: Vec<String> = connections.writer().rows("SELECT text FROM note", &[], |row| row.text(0)).unwrap();
        let acknowledged = [("a", &outcomes[0]), ("b", &outcomes[2]), ("c", &after)];
        let acknowledged: Vec<_> =
            acknowledged.iter().filter(|(_, told)| told.is_ok()).map(|(text, _)| *text).collect();
        assert_eq!(stored, acknowledged, "what was told to be written is, and nothing else");
        assert!(after.is_ok(), "{after:?}");
    }

    #[test]
    fn writes_that_find_no_transaction_learn_why() {
        let connections = Connections::open(Medium::Memory).unwrap();
        connections.writer().batch("BEGIN").unwrap();
        let (sender, queue) = mpsc::channel(10);
        let (write, answer) = Write::new(|_| Ok(()));
        sender.try_send(write).unwrap();

        drop(sender);
        run(&connections, queue);

        assert!(matches!(answer.blocking_recv().unwrap(), Err(StoreError::Driver(_))));
    }
}
