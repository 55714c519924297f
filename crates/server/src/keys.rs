//! The instance's keys: which one signs and seals, which others still count, and how they are replaced.
//!
//! A new signing key is published before it signs, so that everybody who caches the key set has it by then; an old one is
//! published until the last token under it has expired. An old sealing key opens refresh tokens for as long as they live.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use ropeway_core::time::WallTime;
use ropeway_core::token::{KeyRing, SealingKey, SigningKey, SigningKeyMaterial, VerifyingKey};
use ropeway_store::{Store, StoreError, Tx};

use crate::app::{App, SigningKeySource};
use crate::moment::Source;

/// The keys in force at one moment.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(crate) signing: Arc<SigningKey>,
    pub(crate) sealing: KeyRing,
    /// Makes pairwise subjects.
    pub(crate) pairwise: [u8; 32],
    /// Stands for passwords where they are compared without being known: the same wrong one again, also after a restart.
    pub(crate) passwords: [u8; 32],
    /// What tokens of this instance are checked with: those that are published.
    pub(crate) verifying: Vec<VerifyingKey>,
    published: Vec<Arc<SigningKey>>,
    schedule: KeySchedule,
    /// When another key signs, or one is no longer published: from then on these are not the keys in force.
    stale_at: Option<WallTime>,
}

/// Which key does what, and from when to when.
#[derive(Debug, Clone, Default)]
pub struct KeySchedule {
    /// The published signing keys, the oldest first.
    pub signing: Vec<ScheduledKey>,
    /// The sealing keys, the oldest first; the last one seals.
    pub sealing: Vec<(u32, WallTime)>,
}

/// A published signing key.
#[derive(Debug, Clone)]
pub struct ScheduledKey {
    /// Its `kid`.
    pub key_id: String,
    /// When it was made.
    pub created: WallTime,
    /// From when on it signs.
    pub signs_from: WallTime,
    /// Until when it is published; `None` while no other key follows it.
    pub published_until: Option<WallTime>,
    /// Whether it is the one that signs now.
    pub signs: bool,
}

impl Keys {
    /// The keys in the store; those that are missing are made and stored first.
    pub(crate) async fn open(store: &Store, source: &Source, first: &SigningKeySource) -> anyhow::Result<Self> {
        let now = source.wall();
        let (no_signing_key, no_sealing_key) =
            store.read(|reads| Ok((reads.signing_keys()?.is_empty(), reads.sealing_keys()?.is_empty())))?;
        if no_signing_key {
            let material = match first {
                SigningKeySource::Pool(pool) => pool.take().await?,
                SigningKeySource::Given(material) => material.clone(),
            };
            let key = stored(&material, now, now)?;
            store.write(move |tx| tx.add_signing_key(&key)).await?;
        }
        if no_sealing_key {
            let key = source.random::<32>()?.to_vec();
            let key = ropeway_store::SealingKey { key_id: FIRST_SEALING_KEY.to_owned(), key, created: now };
            store.write(move |tx| tx.add_sealing_key(&key)).await?;
        }
        Self::at(store, now)
    }

    /// The keys of the store that are in force at this moment.
    pub(crate) fn at(store: &Store, now: WallTime) -> anyhow::Result<Self> {
        let (mut stored_signing, stored_sealing) =
            store.read(|reads| Ok((reads.signing_keys()?, reads.sealing_keys()?)))?;
        stored_signing.sort_by_key(|key| (key.not_before, key.created));
        let signs = stored_signing.iter().rposition(|key| key.not_before <= now).unwrap_or(0);
        let mut schedule = KeySchedule::default();
        let mut published = Vec::new();
        let mut signing = None;
        let mut changes = BTreeSet::new();
        for (index, key) in stored_signing.iter().enumerate() {
            let successor = stored_signing.get(index + 1);
            let published_until = successor.map(|next| next.not_before.plus_seconds(LONGEST_TOKEN_LIFE));
            if published_until.is_some_and(|until| until <= now) {
                continue;
            }
            changes.extend([Some(key.not_before), published_until].into_iter().flatten().filter(|at| *at > now));
            let parsed = Arc::new(SigningKey::from_material(&material(key)).context("reading a signing key")?);
            if index == signs {
                signing = Some(Arc::clone(&parsed));
            }
            published.push(parsed);
            schedule.signing.push(ScheduledKey {
                key_id: key.key_id.clone(),
                created: key.created,
                signs_from: key.not_before,
                published_until,
                signs: index == signs,
            });
        }
        // The key that signs comes first: some clients take the first key that fits.
        let signing = signing.context("the store holds no signing key")?;
        published.sort_by_key(|key| key.key_id() != signing.key_id());

        let first = key_of(&stored_sealing.first().context("the store holds no sealing key")?.key)?;
        let mut ring = Vec::new();
        for key in &stored_sealing {
            let id: u32 = key.key_id.parse().context("a sealing key's id is no number")?;
            ring.push(SealingKey::new(id, &key_of(&key.key)?).context("reading a sealing key")?);
            schedule.sealing.push((id, key.created));
        }
        let newest = ring.pop().context("the store holds no sealing key")?;
        Ok(Self {
            signing,
            sealing: KeyRing::new(newest, ring),
            pairwise: derived_key(&first, b"pairwise subject\x01"),
            passwords: derived_key(&first, b"password marks\x01"),
            verifying: published.iter().map(|key| VerifyingKey::from(&**key)).collect(),
            published,
            schedule,
            stale_at: changes.first().copied(),
        })
    }

    /// The keys that metadata shows, the one that signs first.
    pub(crate) fn published(&self) -> impl Iterator<Item = &SigningKey> {
        self.published.iter().map(AsRef::as_ref)
    }

    pub(crate) fn in_force_at(&self, now: WallTime) -> bool {
        self.stale_at.is_none_or(|at| now < at)
    }
}

impl App {
    /// Which key does what now.
    pub fn key_schedule(&self) -> KeySchedule {
        self.keys().schedule.clone()
    }

    /// Replaces the signing key and the sealing key. The next signing key is published now and signs in a day, when every
    /// client that looks once a day knows it, or `at_once`. While a next key waits already it is the one. The sealing key
    /// seals at once.
    ///
    /// # Errors
    /// A key cannot be made or stored.
    pub async fn rotate_keys(&self, at_once: bool) -> anyhow::Result<()> {
        let now = self.source.wall();
        let signs_from = if at_once { now } else { now.plus_seconds(PUBLISHED_BEFORE_IT_SIGNS) };
        let waiting = self.key_schedule().signing.into_iter().find(|key| key.signs_from > now);
        match waiting {
            Some(next) if at_once => {
                self.store.write(move |tx| tx.start_signing_key(&next.key_id, now)).await?;
            }
            Some(_) => {}
            None => {
                let material = self.key_pool.take().await?;
                let mut key = stored(&material, now, signs_from)?;
                self.store
                    .write(move |tx| {
                        // Two keys of one moment would have no order.
                        let newest = tx.reads().signing_keys()?.last().map(|key| key.created);
                        key.created = newest.map_or(key.created, |newest| key.created.max(WallTime(newest.0 + 1)));
                        tx.add_signing_key(&key)
                    })
                    .await?;
            }
        }
        let fresh = self.source.random::<32>()?.to_vec();
        self.store.write(move |tx| add_sealing_key(tx, fresh, now)).await?;
        self.reload_keys()?;
        tracing::info!("new keys: tokens are signed with {} now", self.keys().signing.key_id());
        Ok(())
    }

    /// Replaces the keys when they are older than `every`, and removes those that nothing living depends on.
    pub(crate) async fn rotate_keys_that_are_due(&self, every: Option<Duration>) -> anyhow::Result<()> {
        let now = self.source.wall();
        let newest = self.key_schedule().signing.iter().map(|key| key.signs_from).max();
        if let (Some(every), Some(newest)) = (every, newest)
            && now.seconds_since(newest) >= i64::try_from(every.as_secs()).unwrap_or(i64::MAX)
        {
            self.rotate_keys(false).await?;
        }
        let removed = self.store.write(move |tx| remove_expired(tx, now)).await?;
        if removed > 0 {
            self.reload_keys()?;
        }
        Ok(())
    }
}

fn add_sealing_key(tx: &Tx<'_>, key: Vec<u8>, now: WallTime) -> Result<(), StoreError> {
    let known = tx.reads().sealing_keys()?;
    let newest = known.iter().filter_map(|key| key.key_id.parse::<u32>().ok()).max().unwrap_or(0);
    let created = known.last().map_or(now, |newest| now.max(WallTime(newest.created.0 + 1)));
    tx.add_sealing_key(&ropeway_store::SealingKey { key_id: (newest + 1).to_string(), key, created })
}

fn remove_expired(tx: &Tx<'_>, now: WallTime) -> Result<usize, StoreError> {
    let mut removed = 0;
    let mut signing = tx.reads().signing_keys()?;
    signing.sort_by_key(|key| (key.not_before, key.created));
    for pair in signing.windows(2) {
        let [old, next] = pair else { continue };
        if next.not_before.plus_seconds(LONGEST_TOKEN_LIFE) <= now {
            tx.remove_signing_key(&old.key_id)?;
            removed += 1;
        }
    }
    let sealing = tx.reads().sealing_keys()?;
    // The first one stays: pairwise subjects are derived from it.
    for pair in sealing.windows(2).skip(1) {
        let [old, next] = pair else { continue };
        if next.created.plus_seconds(LONGEST_REFRESH_TOKEN_LIFE) <= now {
            tx.remove_sealing_key(&old.key_id)?;
            removed += 1;
        }
    }
    Ok(removed)
}

fn stored(
    material: &SigningKeyMaterial,
    created: WallTime,
    not_before: WallTime,
) -> anyhow::Result<ropeway_store::SigningKey> {
    Ok(ropeway_store::SigningKey {
        key_id: SigningKey::from_material(material)?.key_id().to_owned(),
        pkcs8_der: material.pkcs8_der.to_vec(),
        certificate_der: material.certificate_der.clone(),
        created,
        not_before,
    })
}

fn material(stored: &ropeway_store::SigningKey) -> SigningKeyMaterial {
    SigningKeyMaterial { pkcs8_der: stored.pkcs8_der.clone().into(), certificate_der: stored.certificate_der.clone() }
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

const FIRST_SEALING_KEY: &str = "1";
/// Seconds. The longest access token lives 90 minutes; the rest is for clocks that go wrong.
const LONGEST_TOKEN_LIFE: i64 = 2 * 3600;
/// Seconds. Clients are told to look for new keys once a day
/// (<https://learn.microsoft.com/entra/identity-platform/signing-key-rollover>).
const PUBLISHED_BEFORE_IT_SIGNS: i64 = 24 * 3600;
/// Seconds. A refresh token lives 90 days from its last use; a tenant's clock may stand behind.
const LONGEST_REFRESH_TOKEN_LIFE: i64 = 2 * 90 * 24 * 3600;
