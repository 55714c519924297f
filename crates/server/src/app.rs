//! The running application: what every request is answered with.

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use arc_swap::ArcSwap;
use ropeway_core::claims::{Issuer, IssuerStyle};
use ropeway_core::directory::{Directory, Password, Tenant, TenantDirectory};
use ropeway_core::ids::{ObjectId, TenantId};
use ropeway_core::oauth::tenant_segment::TenantSegment;
use ropeway_core::oauth::user_realm::Realm;
use ropeway_core::password::HashingCost;
use ropeway_core::secret::Secret;
use ropeway_core::token::SigningKeyMaterial;
use ropeway_store::{Imported, SignIn, Store, StoreError};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::device_pace::DevicePace;
use crate::issuer_keys::IssuerKeys;
use crate::key_pool::KeyPool;
use crate::keys::Keys;
use crate::moment::Source;
use crate::outbound::Outbound;
use crate::outcome::Stopped;
use crate::password_check::{Limits, PasswordChecker, Unhashed};
use crate::snapshot::{Snapshot, Snapshots};
use crate::waiting::Waiting;

/// What an application is made from.
pub struct AppConfig {
    /// The tenants to serve. Those that the data directory already holds stay as they are there.
    pub directory: Directory,
    /// Where the directory is kept; `None` keeps it in memory.
    pub data: Option<PathBuf>,
    /// The origin that clients see, without a slash at the end.
    pub origin: String,
    /// Whose host names issuers have.
    pub issuer_style: IssuerStyle,
    /// What hashing a password costs.
    pub hashing_cost: HashingCost,
    /// Where a first signing key comes from.
    pub signing_key: SigningKeySource,
    /// The bearer token of the control API; `None` serves no control API.
    pub control_key: Option<Secret>,
    /// Certificates in PEM that are trusted, besides the system's, where the server asks others: for an issuer's keys.
    pub trusted_ca_files: Vec<PathBuf>,
}

/// Where an instance that has no signing key yet gets one.
pub enum SigningKeySource {
    /// From a pool of spares, so that starting does not wait for key generation.
    Pool(KeyPool),
    /// This one: for many instances in one process.
    Given(SigningKeyMaterial),
}

/// Everything that requests share. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

/// What [`App`] points at.
pub struct Inner {
    /// Clock and randomness.
    pub source: Source,
    pub(crate) store: Store,
    pub(crate) passwords: PasswordChecker,
    pub(crate) waiting: Waiting,
    pub(crate) device_pace: DevicePace,
    pub(crate) control_key: Option<Secret>,
    pub(crate) key_pool: KeyPool,
    /// What the tenant files say, for [`App::reset_tenant`].
    pub(crate) file: Directory,
    /// Every row of the sign-in log, as it is committed.
    pub(crate) sign_ins_now: broadcast::Sender<Arc<SignIn>>,
    pub(crate) stopping: CancellationToken,
    background: TaskTracker,
    pub(crate) snapshots: Snapshots,
    pub(crate) issuer_keys: IssuerKeys,
    keys: ArcSwap<Keys>,
    main_origin: String,
    issuer_style: IssuerStyle,
}

impl App {
    /// Opens the store, brings in the tenants it does not have yet, and takes or makes the keys. Passwords from the file
    /// are known at once and hashed in the background.
    ///
    /// # Errors
    /// The store or a key cannot be had.
    pub async fn start(config: AppConfig, source: Source) -> anyhow::Result<(Self, Imported)> {
        let store = match &config.data {
            Some(directory) => Store::in_directory(directory).context("opening the data directory")?,
            None => Store::in_memory().context("opening the database in memory")?,
        };
        let imported = store.import(&config.directory, source.wall()).await.context("bringing in the tenant file")?;
        let keys = Keys::open(&store, &source, &config.signing_key).await?;
        let key_pool = match config.signing_key {
            SigningKeySource::Pool(pool) => pool,
            SigningKeySource::Given(_) => KeyPool::new(None),
        };
        let passwords = PasswordChecker::new(config.hashing_cost, Limits::default(), keys.passwords);
        let app = Self(Arc::new(Inner {
            source,
            store,
            passwords,
            waiting: Waiting::default(),
            device_pace: DevicePace::default(),
            control_key: config.control_key,
            key_pool,
            file: config.directory,
            sign_ins_now: broadcast::Sender::new(SIGN_INS_HELD_FOR_LISTENERS),
            stopping: CancellationToken::new(),
            background: TaskTracker::new(),
            issuer_keys: IssuerKeys::new(Outbound::new(config.trusted_ca_files)),
            snapshots: Snapshots::default(),
            keys: ArcSwap::from_pointee(keys),
            main_origin: config.origin,
            issuer_style: config.issuer_style,
        }));
        app.learn_passwords_of_file()?;
        app.snapshot().map_err(|stopped| anyhow::anyhow!("compiling the directory: {stopped:?}"))?;
        Ok((app, imported))
    }

    /// Every password of the file that the store has no hash of: of tenants that are new, and of those, copies too, that
    /// an earlier run did not live to hash.
    fn learn_passwords_of_file(&self) -> anyhow::Result<()> {
        let mut to_learn = Vec::new();
        for tenant in self.tenants()? {
            if let Some(directory) = self.as_in_file(&tenant) {
                to_learn.push(directory);
            }
        }
        self.learn_passwords(&to_learn)
    }

    /// Passwords in clear: checked against what the file says until their hash is stored.
    pub(crate) fn learn_passwords(&self, directories: &[TenantDirectory]) -> anyhow::Result<()> {
        let mut unhashed = Vec::new();
        for TenantDirectory { tenant, users, .. } in directories {
            for user in users {
                let Some(Password::Plain(password)) = &user.password else { continue };
                // One by one, by key: the store may hold a million users whom no file names.
                if !self.store.read(|reads| reads.lacks_hash(tenant.id, user.id))? {
                    continue;
                }
                self.passwords.learn_plain(tenant.id, user.id, password);
                let password = password.clone();
                unhashed.push(Unhashed { tenant: tenant.id, user: user.id, password, salt: self.source.random()? });
            }
        }
        if unhashed.is_empty() {
            return Ok(());
        }
        let app = self.clone();
        self.background.spawn(async move {
            let hashing = async {
                tokio::time::sleep(FIRST_REQUESTS_GO_FIRST).await;
                app.passwords.hash_all(unhashed, |tenant, user, hash| app.store_first_hash(tenant, user, hash)).await;
            };
            tokio::select! {
                // What is not hashed by then is hashed by the next run.
                () = app.stopping.cancelled() => {}
                () = hashing => {}
            }
        });
        Ok(())
    }

    /// The tenant as the file has it; for a copy, as a copy made at once would have it.
    pub(crate) fn as_in_file(&self, tenant: &Tenant) -> Option<TenantDirectory> {
        let mut descent = tenant.settings.copied_from.iter().chain([&tenant.id]);
        let first = descent.next()?;
        let mut directory = self.file.tenants.iter().find(|known| known.tenant.id == *first)?.clone();
        for copy in descent {
            directory = directory.copied_as(*copy);
        }
        Some(directory)
    }

    /// Stores the hash of a password from the file, unless the password was changed meanwhile. While the disk takes
    /// nothing it waits, and with it the next password.
    async fn store_first_hash(&self, tenant: TenantId, user: ObjectId, hash: Secret) -> anyhow::Result<()> {
        let mut told = false;
        loop {
            let hash = hash.clone();
            let write = self.store.write(move |tx| match tx.reads().password_hash(tenant, user)? {
                Some(_) => Ok(()),
                None => tx.set_password_hash(tenant, user, &hash, None).map(|_| ()),
            });
            match write.await {
                Err(error) if error.may_pass() => {
                    if !std::mem::replace(&mut told, true) {
                        tracing::warn!("a password hash waits to be stored: {:#}", anyhow::Error::new(error));
                    }
                    tokio::time::sleep(BEFORE_THE_NEXT_TRY).await;
                }
                written => return Ok(written?),
            }
        }
    }
}

/// What the person at the command line can do about a failure of [`App::start`], if anything.
pub fn start_hint(error: &anyhow::Error) -> Option<&'static str> {
    error.downcast_ref().and_then(StoreError::hint)
}

impl Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Inner {
    /// The directory as it is now.
    pub(crate) fn snapshot(&self) -> Result<Arc<Snapshot>, Stopped> {
        Ok(self.store.read(|reads| self.snapshots.current(reads))?)
    }

    /// A tenant's compiled part as it is now.
    ///
    /// # Errors
    /// There is no such tenant, or the store failed.
    pub fn tenant(&self, tenant: TenantId) -> anyhow::Result<Arc<Tenant>> {
        let snapshot = self.store.read(|reads| self.snapshots.current(reads))?;
        snapshot.tenant(tenant).cloned().with_context(|| format!("no tenant {tenant}"))
    }

    /// The tenants as they are now, the consumer tenant among them.
    ///
    /// # Errors
    /// The store failed.
    pub fn tenants(&self) -> anyhow::Result<Vec<Tenant>> {
        Ok(self.store.tenants()?.1)
    }

    /// The keys in force.
    pub(crate) fn keys(&self) -> Arc<Keys> {
        let keys = self.keys.load_full();
        if keys.in_force_at(self.source.wall()) {
            return keys;
        }
        self.reload_keys().unwrap_or_else(|error| {
            tracing::error!("the keys cannot be read anew, so the old ones stay in use: {error:#}");
            keys
        })
    }

    pub(crate) fn reload_keys(&self) -> anyhow::Result<Arc<Keys>> {
        let keys = Arc::new(Keys::at(&self.store, self.source.wall())?);
        self.keys.store(Arc::clone(&keys));
        Ok(keys)
    }

    /// Ends what would go on by itself and keep the store open: [`App::upkeep`], streams of sign-in events, the hashing of
    /// passwords. Requests are answered as before.
    pub async fn stop(&self) {
        self.stopping.cancel();
        self.background.close();
        self.background.wait().await;
    }

    pub(crate) fn main_origin(&self) -> &str {
        &self.main_origin
    }

    /// The issuer as a client of this origin sees it.
    pub(crate) fn issuer(&self, origin: &str) -> Issuer {
        Issuer { origin: origin.to_owned(), style: self.issuer_style }
    }

    /// Whether the tenant of this path segment asks for Entra's answers to the last header (`replay: entra`).
    pub(crate) fn replays_as_entra(&self, segment: &str) -> bool {
        let Ok(segment) = TenantSegment::parse(segment) else { return false };
        let Ok(snapshot) = self.snapshot() else { return false };
        snapshot.tenant_of_segment(&segment).is_some_and(|tenant| tenant.settings.replay_entra)
    }

    /// Where users with this name's domain sign in.
    pub(crate) fn realm_of(&self, sign_in_name: &str) -> Result<Realm, Stopped> {
        let snapshot = self.snapshot()?;
        Ok(Realm::of(sign_in_name, |domain| snapshot.tenant_of_domain(domain).map(AsRef::as_ref)))
    }
}

/// Work in the background begins so much later: whoever starts a server wants its first answers, and cores are few.
pub(crate) const FIRST_REQUESTS_GO_FIRST: Duration = Duration::from_millis(100);
const BEFORE_THE_NEXT_TRY: Duration = Duration::from_secs(1);
/// A listener that is further behind misses the oldest.
const SIGN_INS_HELD_FOR_LISTENERS: usize = 1024;
