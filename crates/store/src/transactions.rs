use ropeway_core::ids::TenantId;
use ropeway_core::time::TenantTime;

use crate::error::StoreError;
use crate::tx::{Reads, Tx};

/// A sign-in on the page that is not finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// The tenant in whose time it expires.
    pub tenant: TenantId,
    /// The SHA-256 of the cookie of the one browser that may go on with it.
    pub browser_hash: [u8; 32],
    /// Counts the steps: each is taken once.
    pub version: u32,
    /// When it ends unfinished.
    pub expires: TenantTime,
    /// Where it stands: the pages' own words.
    pub document: String,
}

impl Reads<'_> {
    /// The transaction of which this is the SHA-256.
    pub fn transaction(&self, hash: &[u8; 32]) -> Result<Option<Transaction>, StoreError> {
        self.connection.row(FIND, &[hash.as_slice().into()], |row| {
            let browser_hash = row.bytes(1)?.try_into();
            Ok(Transaction {
                tenant: TenantId(row.guid(0)?),
                browser_hash: browser_hash
                    .map_err(|_| StoreError::Corrupt("a browser's hash is not 32 bytes".to_owned()))?,
                version: row.count(2)?,
                expires: TenantTime(row.integer(3)?),
                document: row.text(4)?,
            })
        })
    }
}

impl Tx<'_> {
    /// Opens a transaction.
    pub fn open_transaction(&self, hash: &[u8; 32], transaction: &Transaction) -> Result<(), StoreError> {
        self.connection.execute(
            OPEN,
            &[
                hash.as_slice().into(),
                transaction.tenant.into(),
                transaction.browser_hash.as_slice().into(),
                transaction.version.into(),
                transaction.expires.into(),
                transaction.document.as_str().into(),
            ],
        )?;
        Ok(())
    }

    /// Takes the step that follows `version`. `true` for exactly one caller.
    pub fn advance_transaction(&self, hash: &[u8; 32], version: u32, document: &str) -> Result<bool, StoreError> {
        Ok(self.connection.execute(ADVANCE, &[hash.as_slice().into(), version.into(), document.into()])? == 1)
    }

    /// Finishes the transaction that stands at `version`. `true` for exactly one caller.
    pub fn close_transaction(&self, hash: &[u8; 32], version: u32) -> Result<bool, StoreError> {
        Ok(self.connection.execute(CLOSE, &[hash.as_slice().into(), version.into()])? == 1)
    }

    pub(crate) fn sweep_transactions(
        &self,
        tenant: TenantId,
        now: TenantTime,
        limit: u32,
    ) -> Result<usize, StoreError> {
        self.connection.execute(SWEEP, &[tenant.into(), now.into(), limit.into()])
    }

    /// Drops the oldest beyond `kept`.
    pub(crate) fn trim_transactions(&self, kept: i64, limit: u32) -> Result<usize, StoreError> {
        self.connection.execute(TRIM, &[kept.into(), limit.into()])
    }
}

const FIND: &str = "
    SELECT tenant_id, browser_hash, version, expires_at, document FROM sign_in_transaction WHERE transaction_hash = $1";
const OPEN: &str = "
    INSERT INTO sign_in_transaction (transaction_hash, tenant_id, browser_hash, version, expires_at, document)
    VALUES ($1, $2, $3, $4, $5, $6)";
const ADVANCE: &str = "
    UPDATE sign_in_transaction SET version = version + 1, document = $3 WHERE transaction_hash = $1 AND version = $2";
const CLOSE: &str = "DELETE FROM sign_in_transaction WHERE transaction_hash = $1 AND version = $2";
const SWEEP: &str = "
    DELETE FROM sign_in_transaction WHERE transaction_hash IN
        (SELECT transaction_hash FROM sign_in_transaction WHERE tenant_id = $1 AND expires_at <= $2 LIMIT $3)";
const TRIM: &str = "
    DELETE FROM sign_in_transaction WHERE transaction_hash IN
        (SELECT transaction_hash FROM sign_in_transaction ORDER BY expires_at DESC LIMIT $2 OFFSET $1)";
