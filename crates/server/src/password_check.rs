//! Step *check*: is the password right? As many hashes at once as cores, a bounded queue before them, and a memory of
//! what was right before.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt;
use std::num::NonZero;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use ropeway_core::ids::{ObjectId, TenantId};
use ropeway_core::password::{self, HashingCost, HashingMemory, NotAPasswordHash, NotHashable};
use ropeway_core::secret::Secret;
use tokio::sync::Semaphore;

/// Checks passwords. Cheap to clone; all clones share queue and memory.
#[derive(Clone)]
pub(crate) struct PasswordChecker(Arc<Inner>);

struct Inner {
    cost: HashingCost,
    key: hmac::Key,
    /// A place for everybody who hashes or waits to.
    places: Arc<Semaphore>,
    workers: Arc<Semaphore>,
    memories: Mutex<Vec<HashingMemory>>,
    verified: Mutex<Verified>,
    plain: Mutex<Plain>,
}

/// Whose password it is.
type Owner = (TenantId, ObjectId);

/// Passwords from the file.
#[derive(Default)]
struct Plain {
    known: HashMap<Owner, Known>,
    /// Copies that wait for the hash of a password that is still to be hashed.
    waiting: HashMap<Owner, Vec<Owner>>,
}

#[derive(Clone, Copy)]
struct Known {
    mark: Mark,
    /// The user whose password is hashed: another one for the user of a tenant's copy.
    root: Owner,
}

/// How much a [`PasswordChecker`] does at once and remembers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Hashes at once.
    pub(crate) workers: usize,
    /// Checks that may wait for a worker.
    pub(crate) waiting: usize,
    /// Right passwords remembered.
    pub(crate) remembered: usize,
}

impl Default for Limits {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        Self { workers: cores, waiting: 256, remembered: 100_000 }
    }
}

/// A password from the tenant file that is still to be hashed.
#[derive(Debug)]
pub(crate) struct Unhashed {
    pub(crate) tenant: TenantId,
    pub(crate) user: ObjectId,
    pub(crate) password: Secret,
    /// Random.
    pub(crate) salt: [u8; 16],
}

/// Why a password was not checked.
#[derive(Debug)]
pub(crate) enum NotChecked {
    /// All places are taken: 503 with `Retry-After`.
    Busy,
    /// The stored hash cannot be read.
    BadHash(NotAPasswordHash),
    /// The configured cost cannot be used.
    BadCost(NotHashable),
    /// The server is stopping.
    Stopping,
}

impl fmt::Display for NotChecked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Busy => "too many passwords are being checked",
            Self::BadHash(_) => "the stored password hash cannot be used",
            Self::BadCost(_) => "the password cannot be hashed",
            Self::Stopping => "the server is stopping",
        })
    }
}

impl std::error::Error for NotChecked {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::BadHash(error) => Some(error),
            Self::BadCost(error) => Some(error),
            Self::Busy | Self::Stopping => None,
        }
    }
}

impl PasswordChecker {
    /// `key` must be random: everything remembered is a keyed hash under it.
    pub(crate) fn new(cost: HashingCost, limits: Limits, key: [u8; 32]) -> Self {
        Self(Arc::new(Inner {
            cost,
            key: hmac::Key::new(hmac::HMAC_SHA256, &key),
            places: Arc::new(Semaphore::new(limits.workers.saturating_add(limits.waiting))),
            workers: Arc::new(Semaphore::new(limits.workers)),
            memories: Mutex::default(),
            verified: Mutex::new(Verified::new(limits.remembered)),
            plain: Mutex::default(),
        }))
    }

    /// Whether this very password is known to be right without hashing. `false` says nothing about the password.
    ///
    /// `hash` is the stored PHC string, `None` while the password from the file has none yet. Since the hash is part of
    /// what is remembered, a changed password makes what was known useless.
    pub(crate) fn remembers(&self, tenant: TenantId, user: ObjectId, hash: Option<&str>, password: &Secret) -> bool {
        match hash {
            Some(hash) => self.0.verified().contains(&self.verified_mark(hash, password)),
            None => self.is_plain(tenant, user, password),
        }
    }

    /// Whether this is the user's password. Without a hash, only a password from the file can be right.
    ///
    /// Dropping the future leaves the queue; a hash that has begun ends in the background and keeps its worker until then.
    pub(crate) async fn check(
        &self,
        tenant: TenantId,
        user: ObjectId,
        hash: Option<&str>,
        password: &Secret,
    ) -> Result<bool, NotChecked> {
        let Some(hash) = hash else { return Ok(self.is_plain(tenant, user, password)) };
        let place = Arc::clone(&self.0.places).try_acquire_owned().map_err(|_| NotChecked::Busy)?;
        let worker = Arc::clone(&self.0.workers).acquire_owned().await.map_err(|_| NotChecked::Stopping)?;
        // Whoever waited behind the same password need not hash it again.
        if self.remembers(tenant, user, Some(hash), password) {
            return Ok(true);
        }
        let (checker, hash, password) = (self.clone(), hash.to_owned(), password.clone());
        let hashing = tokio::task::spawn_blocking(move || {
            let _held = (place, worker);
            let right = checker
                .0
                .with_memory(|memory| password::verify(&hash, &password, memory))
                .map_err(NotChecked::BadHash)?;
            if right {
                checker.remember(&hash, &password);
            }
            Ok(right)
        });
        hashing.await.map_err(|_| NotChecked::Stopping)?
    }

    /// Takes a password from the file as known, so that it can be checked before it is hashed.
    pub(crate) fn learn_plain(&self, tenant: TenantId, user: ObjectId, password: &Secret) {
        let (owner, mark) = ((tenant, user), self.mark(PLAIN, &[], password));
        let mut plain = self.0.plain();
        plain.known.insert(owner, Known { mark, root: owner });
        plain.waiting.insert(owner, Vec::new());
    }

    /// Lets the user of a tenant's copy have the password from the file that the original has, if it has one. Call it
    /// before the copy reads the stored hash: a hash that comes later is then stored for the copy too.
    pub(crate) fn share_plain(&self, original: (TenantId, ObjectId), copy: (TenantId, ObjectId)) {
        let mut plain = self.0.plain();
        let Some(known) = plain.known.get(&original).copied() else { return };
        plain.known.insert(copy, known);
        if let Some(waiting) = plain.waiting.get_mut(&known.root) {
            waiting.push(copy);
        }
    }

    /// Forgets the passwords from the file of a whole tenant: it was deleted.
    pub(crate) fn forget_tenant(&self, tenant: TenantId) {
        self.0.plain().known.retain(|(of, _), _| *of != tenant);
    }

    /// The copies whose password was hashed with this user's; none when all were told and later ones find the hash stored.
    fn copies_waiting(&self, root: Owner) -> Vec<Owner> {
        let mut plain = self.0.plain();
        let copies = plain.waiting.get_mut(&root).map(std::mem::take).unwrap_or_default();
        if copies.is_empty() {
            plain.waiting.remove(&root);
        }
        copies
    }

    /// Whether a password from the file is known for the user. Asked about users without a stored hash only: once there
    /// is one, it alone counts.
    pub(crate) fn knows_plain(&self, tenant: TenantId, user: ObjectId) -> bool {
        self.0.plain().known.contains_key(&(tenant, user))
    }

    /// Forgets the password from the file: the user was deleted.
    pub(crate) fn forget_plain(&self, tenant: TenantId, user: ObjectId) {
        self.0.plain().known.remove(&(tenant, user));
    }

    /// Hashes passwords from the file one after the other, leaving the other workers to sign-ins, and gives each hash to
    /// `store`. One that cannot be stored is logged and stays checkable until the server ends.
    pub(crate) async fn hash_all<Stored>(
        &self,
        passwords: Vec<Unhashed>,
        store: impl Fn(TenantId, ObjectId, Secret) -> Stored,
    ) where
        Stored: Future<Output = anyhow::Result<()>>,
    {
        for Unhashed { tenant, user, password, salt } in passwords {
            let hash = match self.hash(&password, salt).await {
                Ok(hash) => hash,
                Err(NotChecked::Stopping) => return,
                Err(error) => {
                    tracing::error!(error = %error, tenant = %tenant, user = %user, "a password from the file was not hashed");
                    continue;
                }
            };
            self.remember(hash.expose(), &password);
            let mut owners = vec![(tenant, user)];
            while !owners.is_empty() {
                for (tenant, user) in owners {
                    if let Err(error) = store(tenant, user, hash.clone()).await {
                        tracing::error!(error = format!("{error:#}"), tenant = %tenant, user = %user, "a password hash was not stored");
                    }
                }
                owners = self.copies_waiting((tenant, user));
            }
        }
        self.release_memory();
    }

    /// Gives the working memory of hashes back to the system, 19 MiB for each that ever ran at once. The next hash takes its
    /// memory anew, which costs it a quarter of its time.
    pub(crate) fn release_memory(&self) {
        locked(&self.0.memories).clear();
    }

    /// The PHC string of a password. `salt` must be random. Waits for a worker as long as it takes.
    pub(crate) async fn hash(&self, password: &Secret, salt: [u8; 16]) -> Result<Secret, NotChecked> {
        let worker = Arc::clone(&self.0.workers).acquire_owned().await.map_err(|_| NotChecked::Stopping)?;
        let (checker, password) = (self.clone(), password.clone());
        let hashing = tokio::task::spawn_blocking(move || {
            let _held = worker;
            checker.0.with_memory(|memory| password::hash(&password, salt, checker.0.cost, memory))
        });
        hashing.await.map_err(|_| NotChecked::Stopping)?.map_err(NotChecked::BadCost)
    }

    /// Tells wrong passwords of one user apart without keeping them. Another process gives another fingerprint.
    pub(crate) fn fingerprint(&self, tenant: TenantId, user: ObjectId, password: &Secret) -> [u8; 32] {
        self.mark(FINGERPRINT, &[tenant.0.as_bytes(), user.0.as_bytes()], password)
    }

    fn is_plain(&self, tenant: TenantId, user: ObjectId, password: &Secret) -> bool {
        let presented = self.mark(PLAIN, &[], password);
        let plain = self.0.plain();
        let known = plain.known.get(&(tenant, user));
        known.is_some_and(|known| verify_slices_are_equal(&known.mark, &presented).is_ok())
    }

    fn remember(&self, hash: &str, password: &Secret) {
        let mark = self.verified_mark(hash, password);
        self.0.verified().insert(mark);
    }

    /// That a password fits a hash holds for whoever has that hash: its salt is random, so two users share it only when
    /// one is a copy of the other.
    fn verified_mark(&self, hash: &str, password: &Secret) -> Mark {
        // A PHC string holds no zero byte, so hash and password cannot flow into one another.
        self.mark(VERIFIED, &[hash.as_bytes(), &[0]], password)
    }

    /// `about` has the same length, or an end that shows, for each purpose.
    fn mark(&self, purpose: u8, about: &[&[u8]], password: &Secret) -> Mark {
        let mut context = hmac::Context::with_key(&self.0.key);
        context.update(&[purpose]);
        about.iter().for_each(|part| context.update(part));
        context.update(password.expose().as_bytes());
        let mut mark = [0; 32];
        mark.copy_from_slice(context.sign().as_ref());
        mark
    }
}

impl Inner {
    fn with_memory<T>(&self, hash: impl FnOnce(&mut HashingMemory) -> T) -> T {
        let mut memory = locked(&self.memories).pop().unwrap_or_default();
        let outcome = hash(&mut memory);
        locked(&self.memories).push(memory);
        outcome
    }

    fn verified(&self) -> MutexGuard<'_, Verified> {
        locked(&self.verified)
    }

    fn plain(&self) -> MutexGuard<'_, Plain> {
        locked(&self.plain)
    }
}

impl fmt::Debug for PasswordChecker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordChecker(…)")
    }
}

/// What was verified, the oldest forgotten first.
struct Verified {
    marks: HashSet<Mark>,
    oldest_first: VecDeque<Mark>,
    most: usize,
}

impl Verified {
    fn new(most: usize) -> Self {
        Self { marks: HashSet::new(), oldest_first: VecDeque::new(), most }
    }

    fn contains(&self, mark: &Mark) -> bool {
        self.marks.contains(mark)
    }

    fn insert(&mut self, mark: Mark) {
        if self.most == 0 || !self.marks.insert(mark) {
            return;
        }
        self.oldest_first.push_back(mark);
        if self.oldest_first.len() > self.most
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.marks.remove(&oldest);
        }
    }
}

/// A keyed hash of a password and of whose it is.
type Mark = [u8; 32];

/// A panic while the lock was held leaves these maps whole.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

const VERIFIED: u8 = 0;
const PLAIN: u8 = 1;
const FINGERPRINT: u8 = 2;

#[cfg(test)]
mod tests;
