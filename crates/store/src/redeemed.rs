use ropeway_core::ids::TenantId;
use ropeway_core::time::TenantTime;

use crate::error::StoreError;
use crate::tx::Tx;

impl Tx<'_> {
    /// Uses up something that may be used once: a code, a TOTP step, an assertion. `true` for exactly one caller, whoever
    /// commits first; `false` for all others and once `expires` has come. The mark is kept until then.
    ///
    /// `kind` keeps things of different kinds apart; `hash` is the SHA-256 of what is used up.
    pub fn consume(
        &self,
        tenant: TenantId,
        kind: &str,
        hash: &[u8; 32],
        expires: TenantTime,
        now: TenantTime,
    ) -> Result<bool, StoreError> {
        if expires <= now {
            return Ok(false);
        }
        let mark = [tenant.into(), kind.into(), hash.as_slice().into(), expires.into()];
        Ok(self.connection.execute(CONSUME, &mark)? == 1)
    }

    pub(crate) fn sweep_redeemed(&self, tenant: TenantId, now: TenantTime, limit: u32) -> Result<usize, StoreError> {
        self.connection.execute(SWEEP, &[tenant.into(), now.into(), limit.into()])
    }
}

const CONSUME: &str = "
    INSERT INTO redeemed (tenant_id, kind, hash, expires_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (tenant_id, kind, hash) DO NOTHING";
const SWEEP: &str = "
    DELETE FROM redeemed WHERE (tenant_id, kind, hash) IN
        (SELECT tenant_id, kind, hash FROM redeemed WHERE tenant_id = $1 AND expires_at <= $2 LIMIT $3)";
