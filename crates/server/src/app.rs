//! The running application: what every request is answered with.

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use arc_swap::ArcSwap;
use ropeway_core::claims::{Issuer, IssuerStyle};
use ropeway_core::directory::{AuthenticationType, Directory, Password, Tenant, TenantDirectory};
use ropeway_core::ids::{CONSUMER_TENANT, ObjectId, TenantId};
use ropeway_core::oauth::tenant_segment::TenantSegment;
use ropeway_core::oauth::user_realm::Realm;
use ropeway_core::password::HashingCost;
use ropeway_core::secret::Secret;
use ropeway_core::token::{KeyRing, SealingKey, SigningKey, SigningKeyMaterial};
use ropeway_store::{Imported, Store};

use crate::key_pool::KeyPool;
use crate::moment::Source;
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
    snapshots: Snapshots,
    keys: ArcSwap<Keys>,
    main_origin: String,
    issuer_style: IssuerStyle,
}

/// The instance's keys.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(crate) signing: SigningKey,
    pub(crate) sealing: KeyRing,
    /// Makes pairwise subjects.
    pub(crate) pairwise: [u8; 32],
    /// Stands for passwords where they are compared without being known: the same wrong one again, also after a restart.
    passwords: [u8; 32],
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
        let keys = Keys::open(&store, &source, config.signing_key).await?;
        let passwords = PasswordChecker::new(config.hashing_cost, Limits::default(), keys.passwords);
        let app = Self(Arc::new(Inner {
            source,
            store,
            passwords,
            waiting: Waiting::default(),
            snapshots: Snapshots::default(),
            keys: ArcSwap::from_pointee(keys),
            main_origin: config.origin,
            issuer_style: config.issuer_style,
        }));
        app.learn_passwords(&config.directory, &imported)?;
        app.snapshot().map_err(|stopped| anyhow::anyhow!("compiling the directory: {stopped:?}"))?;
        Ok((app, imported))
    }

    /// Passwords of tenants that are new to the store: checked against what the file says until their hash is stored.
    fn learn_passwords(&self, directory: &Directory, imported: &Imported) -> anyhow::Result<()> {
        let mut unhashed = Vec::new();
        for TenantDirectory { tenant, users, .. } in &directory.tenants {
            let new = imported.added.contains(&tenant.id);
            for user in users.iter().filter(|_| new) {
                let Some(Password::Plain(password)) = &user.password else { continue };
                self.passwords.learn_plain(tenant.id, user.id, password);
                let password = password.clone();
                unhashed.push(Unhashed { tenant: tenant.id, user: user.id, password, salt: self.source.random()? });
            }
        }
        let app = self.clone();
        tokio::spawn(async move {
            app.passwords.hash_all(unhashed, |tenant, user, hash| app.store_first_hash(tenant, user, hash)).await;
        });
        Ok(())
    }

    /// Stores the hash of a password from the file, unless the password was changed meanwhile.
    async fn store_first_hash(&self, tenant: TenantId, user: ObjectId, hash: Secret) -> anyhow::Result<()> {
        let write = self.store.write(move |tx| match tx.reads().password_hash(tenant, user)? {
            Some(_) => Ok(()),
            None => tx.set_password_hash(tenant, user, &hash, None).map(|_| ()),
        });
        Ok(write.await?)
    }
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

    pub(crate) fn keys(&self) -> Arc<Keys> {
        self.keys.load_full()
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
        let Some(tenant) = snapshot.tenant_of_name(sign_in_name) else { return Ok(Realm::Unknown) };
        let name = sign_in_name.rsplit_once('@').map_or("", |(_, domain)| domain);
        let Some(domain) = tenant.verified_domain(name) else { return Ok(Realm::Unknown) };
        let name = domain.name.clone();
        Ok(match domain.authentication_type {
            _ if tenant.id == CONSUMER_TENANT => Realm::ConsumerAccount,
            AuthenticationType::Managed => Realm::Managed { domain: name },
            AuthenticationType::Federated => Realm::Federated { domain: name },
        })
    }
}

impl Keys {
    /// The keys in the store; those that are missing are made and stored first.
    async fn open(store: &Store, source: &Source, first: SigningKeySource) -> anyhow::Result<Self> {
        let (signing, sealing) = store.read(|reads| Ok((reads.signing_keys()?, reads.sealing_keys()?)))?;
        let signing = match signing.last() {
            Some(stored) => SigningKeyMaterial {
                pkcs8_der: stored.pkcs8_der.clone().into(),
                certificate_der: stored.certificate_der.clone(),
            },
            None => {
                let material = match first {
                    SigningKeySource::Pool(pool) => pool.take().await?,
                    SigningKeySource::Given(material) => material,
                };
                store_signing_key(store, source, &material).await?;
                material
            }
        };
        let signing = SigningKey::from_material(&signing).context("reading the signing key")?;
        let (sealing, first) = match (sealing.last(), sealing.first()) {
            (Some(newest), Some(first)) => (key_of(&newest.key)?, key_of(&first.key)?),
            _ => {
                let key: [u8; 32] = source.random()?;
                store_sealing_key(store, source, key).await?;
                (key, key)
            }
        };
        let sealing = SealingKey::new(1, &sealing).context("reading the sealing key")?;
        Ok(Self {
            signing,
            sealing: KeyRing::new(sealing, Vec::new()),
            pairwise: derived_key(&first, b"pairwise subject\x01"),
            passwords: derived_key(&first, b"password marks\x01"),
        })
    }

    /// The keys that metadata shows.
    pub(crate) fn published(&self) -> [&SigningKey; 1] {
        [&self.signing]
    }
}

async fn store_signing_key(store: &Store, source: &Source, material: &SigningKeyMaterial) -> anyhow::Result<()> {
    let created = source.wall();
    let key = ropeway_store::SigningKey {
        key_id: SigningKey::from_material(material)?.key_id().to_owned(),
        pkcs8_der: material.pkcs8_der.to_vec(),
        certificate_der: material.certificate_der.clone(),
        created,
        not_before: created,
    };
    Ok(store.write(move |tx| tx.add_signing_key(&key)).await?)
}

async fn store_sealing_key(store: &Store, source: &Source, key: [u8; 32]) -> anyhow::Result<()> {
    let key = ropeway_store::SealingKey { key_id: "1".to_owned(), key: key.to_vec(), created: source.wall() };
    Ok(store.write(move |tx| tx.add_sealing_key(&key)).await?)
}

fn key_of(bytes: &[u8]) -> anyhow::Result<[u8; 32]> {
    bytes.try_into().context("a sealing key of 32 bytes is kept with another length")
}

/// A key of the directory's own, the same for its whole life: the expand step of RFC 5869 with one block.
fn derived_key(first_sealing_key: &[u8; 32], purpose: &[u8]) -> [u8; 32] {
    use aws_lc_rs::hmac;
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, first_sealing_key), purpose);
    let mut key = [0; 32];
    key.copy_from_slice(tag.as_ref());
    key
}
