use std::path::Path;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use ropeway_core::directory::{Directory, SmartLockout, Tenant};
use ropeway_core::ids::TenantId;
use ropeway_core::time::{TenantTime, WallTime};
use tokio::sync::{mpsc, oneshot};

use crate::connections::Connections;
use crate::dialect::Medium;
use crate::error::StoreError;
use crate::import::Imported;
use crate::migrations;
use crate::sign_ins::SignIn;
use crate::tx::{Reads, Tx};
use crate::writer::{self, Write};

/// The directory and what happened in it. Cloning gives another handle to the same one.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    connections: Arc<Connections>,
    /// `None` only while dropping: the writer ends when the last sender is gone.
    queue: Option<mpsc::Sender<Write>>,
    writer: Option<JoinHandle<()>>,
    sign_ins_kept: i64,
}

/// Where the outcome of a write arrives.
type Answer<T> = oneshot::Receiver<Result<T, StoreError>>;

/// What a sweep removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Single-use marks whose life had ended.
    pub redeemed: usize,
    /// Browser sessions, unfinished sign-ins and codes whose life had ended, or beyond the cap.
    pub of_browsers: usize,
    /// Sign-in rows older than 30 days or beyond the cap.
    pub sign_ins: usize,
}

impl Store {
    /// An empty store in memory. It is gone with its last handle. Holds up to 1 GiB and 100,000 sign-in rows.
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::open(Medium::Memory, SIGN_INS_IN_MEMORY)
    }

    /// The store kept in this directory, made if it does not exist. Holds up to 10,000,000 sign-in rows.
    ///
    /// # Errors
    /// [`StoreError::InUse`] while another process has it, [`StoreError::TooNew`] when a newer Ropeway wrote it,
    /// [`StoreError::Unusable`] when the directory cannot be created or written.
    pub fn in_directory(directory: &Path) -> Result<Self, StoreError> {
        Self::open(Medium::directory(directory)?, SIGN_INS_ON_DISK)
    }

    fn open(medium: Medium, sign_ins_kept: i64) -> Result<Self, StoreError> {
        let connections = Arc::new(Connections::open(medium)?);
        migrations::migrate(&connections.writer(), connections.path())?;
        let (queue, writes) = mpsc::channel(QUEUE);
        let of_writer = Arc::clone(&connections);
        let writer = thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || writer::run(&of_writer, writes))
            .map_err(|error| StoreError::Driver(Arc::new(error)))?;
        let inner = Inner { connections, queue: Some(queue), writer: Some(writer), sign_ins_kept };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Reads several things as they are at one moment, on the caller's thread: microseconds, so fit for an async worker
    /// as long as no long list is asked for; in memory everybody else waits meanwhile. Do not call `read` inside `read`: it
    /// waits for itself.
    pub fn read<T>(&self, read: impl FnOnce(&Reads<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.inner.connections.read(|connection| read(&Reads { connection }))
    }

    /// Changes something, whole or not at all; answers when it is committed (in a directory: on the disk). The change
    /// waits in a queue and may share its commit with others; one that fails does not touch the others. It is done even
    /// when nobody waits for the answer any more.
    ///
    /// Keep slow work out of `change`: it holds up every other write, and in memory every read.
    pub async fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.queue(Write::new(change)).await
    }

    /// Adds a row to the sign-in log, as [`Store::write`] would: what a sign-in costs that changes nothing else. In memory
    /// on the caller's thread, where one statement takes less time than waking the writer.
    pub async fn record_sign_in(&self, sign_in: Arc<SignIn>) -> Result<(), StoreError> {
        if let Some(connection) = self.inner.connections.writer_in_memory() {
            return Tx { connection: &connection }.record_sign_in(&sign_in);
        }
        self.queue(Write::of_one_statement(move |tx| tx.record_sign_in(&sign_in))).await
    }

    async fn queue<T>(&self, (write, answer): (Write, Answer<T>)) -> Result<T, StoreError> {
        let queue = self.inner.queue.as_ref().ok_or(StoreError::Stopped)?;
        queue.send(write).await.map_err(|_| StoreError::Stopped)?;
        answer.await.map_err(|_| StoreError::Stopped)?
    }

    /// Takes over the tenants that are not here yet, whole, and leaves those alone that are. Plain passwords are not
    /// stored: keep them, hash them, and hand the hashes to [`Tx::set_password_hash`]. A password whose last change is
    /// not given counts as changed at `now`, in the tenant's time.
    pub async fn import(&self, directory: &Directory, now: WallTime) -> Result<Imported, StoreError> {
        let directory = directory.clone();
        self.write(move |tx| tx.import(&directory, now)).await
    }

    /// The part of every tenant that is kept compiled in memory, in the order of arrival, and the version it has.
    pub fn tenants(&self) -> Result<(u64, Vec<Tenant>), StoreError> {
        self.read(|reads| Ok((reads.directory_version()?, reads.tenants()?)))
    }

    /// Removes what has outlived its time: single-use marks, sessions, codes and unfinished sign-ins that expired, sign-in rows older than 30 days or beyond the
    /// cap. Times are the tenants' own. Works in small steps, so that other writes are not held up.
    pub async fn sweep(&self, clocks: &[(TenantId, TenantTime)]) -> Result<Swept, StoreError> {
        let mut swept = Swept::default();
        for &(tenant, now) in clocks {
            swept.redeemed += self.in_steps(move |tx| tx.sweep_redeemed(tenant, now, SWEEP_STEP)).await?;
            swept.of_browsers += self.in_steps(move |tx| tx.sweep_sessions(tenant, now, SWEEP_STEP)).await?;
            swept.of_browsers += self.in_steps(move |tx| tx.sweep_transactions(tenant, now, SWEEP_STEP)).await?;
            swept.of_browsers += self.in_steps(move |tx| tx.sweep_codes(tenant, now, SWEEP_STEP)).await?;
            swept.of_browsers += self.in_steps(move |tx| tx.sweep_devices(tenant, now, SWEEP_STEP)).await?;
            swept.sign_ins += self.in_steps(move |tx| tx.sweep_sign_ins(tenant, now, SWEEP_STEP)).await?;
        }
        swept.of_browsers += self.in_steps(|tx| tx.trim_transactions(TRANSACTIONS_KEPT, SWEEP_STEP)).await?;
        let kept = self.inner.sign_ins_kept;
        swept.sign_ins += self.in_steps(move |tx| tx.trim_sign_ins(kept, SWEEP_STEP)).await?;
        Ok(swept)
    }

    /// Counts attempts that a crash left open more than 30 seconds of `wall` time ago as failures, also those of users who
    /// never come back, and gives how many users that were. Works in small steps.
    pub async fn fail_overdue_attempts(
        &self,
        tenant: TenantId,
        now: TenantTime,
        wall: WallTime,
        settings: SmartLockout,
    ) -> Result<usize, StoreError> {
        self.in_steps(move |tx| tx.fail_overdue_of(SWEEP_STEP, tenant, now, wall, settings)).await
    }

    async fn in_steps(
        &self,
        step: impl Fn(&Tx<'_>) -> Result<usize, StoreError> + Copy + Send + 'static,
    ) -> Result<usize, StoreError> {
        let mut total = 0;
        loop {
            let removed = self.write(step).await?;
            total += removed;
            if removed == 0 {
                return Ok(total);
            }
        }
    }
}

impl Drop for Inner {
    /// Waits for the writes that were queued, so that the directory is free for the next who opens it.
    fn drop(&mut self) {
        self.queue = None;
        if let Some(writer) = self.writer.take()
            && writer.thread().id() != thread::current().id()
        {
            // A panic of the writer was reported where it happened.
            drop(writer.join());
        }
    }
}

const SIGN_INS_IN_MEMORY: i64 = 100_000;
const SIGN_INS_ON_DISK: i64 = 10_000_000;
const QUEUE: usize = 4096;
const TRANSACTIONS_KEPT: i64 = 100_000;
const SWEEP_STEP: u32 = 2_000;
