use ropeway_core::ids::TenantId;
use ropeway_core::time::TenantTime;
use ropeway_core::token::AuthorizationCode;
use uuid::Uuid;

use crate::error::StoreError;
use crate::row::to_document;
use crate::tx::{Reads, Tx};

impl Reads<'_> {
    /// What the code stands for of which this is the SHA-256, and when it ends. Whether it was redeemed is
    /// [`Tx::consume`]'s to say.
    pub fn authorization_code(&self, hash: &[u8; 32]) -> Result<Option<(AuthorizationCode, TenantTime)>, StoreError> {
        self.connection.row(FIND, &[hash.as_slice().into()], |row| {
            Ok((row.document(0, "authorization code")?, TenantTime(row.integer(1)?)))
        })
    }

    /// Whether what came of an authorization was ended, because its code was redeemed twice.
    pub fn authorization_ended(&self, authorization: Uuid) -> Result<bool, StoreError> {
        Ok(self.connection.row(ENDED, &[authorization.into()], |_| Ok(()))?.is_some())
    }
}

impl Tx<'_> {
    /// Stores what a code stands for.
    pub fn put_authorization_code(
        &self,
        hash: &[u8; 32],
        code: &AuthorizationCode,
        expires: TenantTime,
    ) -> Result<(), StoreError> {
        let row = [hash.as_slice().into(), code.authorization.tenant.into(), expires.into(), to_document(code)?.into()];
        self.connection.execute(PUT, &row)?;
        Ok(())
    }

    /// Ends what came of an authorization; remembered until `expires`, when its refresh tokens have died by themselves.
    pub fn end_authorization(
        &self,
        tenant: TenantId,
        authorization: Uuid,
        expires: TenantTime,
    ) -> Result<(), StoreError> {
        self.connection.execute(END, &[authorization.into(), tenant.into(), expires.into()])?;
        Ok(())
    }

    pub(crate) fn sweep_codes(&self, tenant: TenantId, now: TenantTime, limit: u32) -> Result<usize, StoreError> {
        let mut swept = 0;
        for statement in SWEEP {
            swept += self.connection.execute(statement, &[tenant.into(), now.into(), limit.into()])?;
        }
        Ok(swept)
    }
}

const FIND: &str = "SELECT document, expires_at FROM authorization_code WHERE code_hash = $1";
const ENDED: &str = "SELECT authorization_id FROM ended_authorization WHERE authorization_id = $1";
const PUT: &str = "INSERT INTO authorization_code (code_hash, tenant_id, expires_at, document) VALUES ($1, $2, $3, $4)";
const END: &str = "
    INSERT INTO ended_authorization (authorization_id, tenant_id, expires_at) VALUES ($1, $2, $3)
    ON CONFLICT (authorization_id) DO NOTHING";
const SWEEP: [&str; 2] = [
    "DELETE FROM authorization_code WHERE code_hash IN
        (SELECT code_hash FROM authorization_code WHERE tenant_id = $1 AND expires_at <= $2 LIMIT $3)",
    "DELETE FROM ended_authorization WHERE authorization_id IN
        (SELECT authorization_id FROM ended_authorization WHERE tenant_id = $1 AND expires_at <= $2 LIMIT $3)",
];
