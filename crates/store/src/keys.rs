use std::fmt;

use ropeway_core::time::WallTime;

use crate::error::StoreError;
use crate::tx::{Reads, Tx};

/// A key that signs tokens, with the certificate that publishes it.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// The `kid` of tokens and of the JWKS.
    pub key_id: String,
    /// The private key (PKCS #8, DER). Not in `Debug`.
    pub pkcs8_der: Vec<u8>,
    /// The certificate (DER): `x5c`, and hashed `x5t`.
    pub certificate_der: Vec<u8>,
    /// When it was made.
    pub created: WallTime,
    /// From when on it signs; it is published at once, so that everybody knows it by then.
    pub not_before: WallTime,
}

/// A key that seals refresh tokens. Not in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct SealingKey {
    /// Stands in clear in what is sealed with it.
    pub key_id: String,
    /// The AEAD key.
    pub key: Vec<u8>,
    /// When it was made.
    pub created: WallTime,
}

impl Reads<'_> {
    /// Every signing key, the oldest first.
    pub fn signing_keys(&self) -> Result<Vec<SigningKey>, StoreError> {
        self.connection.rows(SIGNING_KEYS, &[], |row| {
            Ok(SigningKey {
                key_id: row.text(0)?,
                pkcs8_der: row.bytes(1)?,
                certificate_der: row.bytes(2)?,
                created: WallTime(row.integer(3)?),
                not_before: WallTime(row.integer(4)?),
            })
        })
    }

    /// Every sealing key, the oldest first.
    pub fn sealing_keys(&self) -> Result<Vec<SealingKey>, StoreError> {
        self.connection.rows(SEALING_KEYS, &[], |row| {
            Ok(SealingKey { key_id: row.text(0)?, key: row.bytes(1)?, created: WallTime(row.integer(2)?) })
        })
    }
}

impl Tx<'_> {
    /// Adds a signing key and raises the directory version. [`StoreError::Conflict`] when its id is taken.
    pub fn add_signing_key(&self, key: &SigningKey) -> Result<(), StoreError> {
        self.connection.execute(
            ADD_SIGNING_KEY,
            &[
                key.key_id.as_str().into(),
                key.pkcs8_der.as_slice().into(),
                key.certificate_der.as_slice().into(),
                key.created.into(),
                key.not_before.into(),
            ],
        )?;
        self.raise_directory_version()
    }

    /// Adds a sealing key and raises the directory version. [`StoreError::Conflict`] when its id is taken.
    pub fn add_sealing_key(&self, key: &SealingKey) -> Result<(), StoreError> {
        self.connection
            .execute(ADD_SEALING_KEY, &[key.key_id.as_str().into(), key.key.as_slice().into(), key.created.into()])?;
        self.raise_directory_version()
    }

    /// Lets a signing key begin to sign at another time and raises the directory version. `false`: there is no such key.
    pub fn start_signing_key(&self, key_id: &str, not_before: WallTime) -> Result<bool, StoreError> {
        let started = self.connection.execute(START_SIGNING_KEY, &[key_id.into(), not_before.into()])? > 0;
        self.raise_directory_version()?;
        Ok(started)
    }

    /// Removes a signing key whose tokens have all expired.
    pub fn remove_signing_key(&self, key_id: &str) -> Result<(), StoreError> {
        self.connection.execute(REMOVE_SIGNING_KEY, &[key_id.into()])?;
        self.raise_directory_version()
    }

    /// Removes a sealing key: what it sealed opens no more.
    pub fn remove_sealing_key(&self, key_id: &str) -> Result<(), StoreError> {
        self.connection.execute(REMOVE_SEALING_KEY, &[key_id.into()])?;
        self.raise_directory_version()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("key_id", &self.key_id).field("not_before", &self.not_before).finish()
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealingKey").field("key_id", &self.key_id).field("created", &self.created).finish()
    }
}

const SIGNING_KEYS: &str = "
    SELECT key_id, pkcs8_der, certificate_der, created_at, not_before FROM signing_key ORDER BY created_at, key_id";
const SEALING_KEYS: &str = "SELECT key_id, key_bytes, created_at FROM sealing_key ORDER BY created_at, key_id";
const START_SIGNING_KEY: &str = "UPDATE signing_key SET not_before = $2 WHERE key_id = $1";
const REMOVE_SIGNING_KEY: &str = "DELETE FROM signing_key WHERE key_id = $1";
const REMOVE_SEALING_KEY: &str = "DELETE FROM sealing_key WHERE key_id = $1";
const ADD_SIGNING_KEY: &str = "
    INSERT INTO signing_key (key_id, pkcs8_der, certificate_der, created_at, not_before) VALUES ($1, $2, $3, $4, $5)";
const ADD_SEALING_KEY: &str = "INSERT INTO sealing_key (key_id, key_bytes, created_at) VALUES ($1, $2, $3)";
