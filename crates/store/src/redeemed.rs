use ropeway_core::ids::TenantId;
use ropeway_core::time::TenantTime;

use crate::error::StoreError;
use crate::row::Value;
use crate::tx::Tx;

impl Tx<'_> {
    /// Uses up something that may be used once: a code, a TOTP step, an assertion. `true` for exactly one caller, whoever
    /// commits first; `false` for all others and once `expires` has come. The mark is kept until then.
    ///
    /// `kind` keeps things of different kinds apart; `hash` is the SHA-256 of what is used up.
    ///
    /// # Errors
    /// [`StoreError::TooManyMarks`] when as many marks as may be are kept: it is not used up, and may be tried again.
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
        self.mark([tenant.into(), kind.into(), hash.as_slice().into(), expires.into()], MARKS_KEPT)
    }

    fn mark(&self, mark: [Value<'_>; 4], most: i64) -> Result<bool, StoreError> {
        if self.connection.execute(CONSUME, &mark)? == 0 {
            return Ok(false);
        }
        // Whoever gets the error takes the mark back with everything else of the write.
        match self.connection.execute(COUNT, &[most.into()])? {
            0 => Err(StoreError::TooManyMarks { most }),
            _ => Ok(true),
        }
    }

    pub(crate) fn sweep_redeemed(&self, tenant: TenantId, now: TenantTime, limit: u32) -> Result<usize, StoreError> {
        let swept = self.connection.execute(SWEEP, &[tenant.into(), now.into(), limit.into()])?;
        self.uncount(swept)?;
        Ok(swept)
    }

    /// Forgets every mark of a tenant that is going.
    pub(crate) fn forget_redeemed(&self, tenant: TenantId) -> Result<(), StoreError> {
        let forgotten = self.connection.execute(FORGET, &[tenant.into()])?;
        self.uncount(forgotten)
    }

    fn uncount(&self, gone: usize) -> Result<(), StoreError> {
        if gone > 0 {
            self.connection.execute(UNCOUNT, &[i64::try_from(gone).unwrap_or(i64::MAX).into()])?;
        }
        Ok(())
    }
}

/// Codes live for ten minutes: this many are more than a thousand a second.
const MARKS_KEPT: i64 = 1_000_000;

const CONSUME: &str = "
    INSERT INTO redeemed (tenant_id, kind, hash, expires_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (tenant_id, kind, hash) DO NOTHING";
const COUNT: &str = "UPDATE redeemed_total SET marks = marks + 1 WHERE id = 1 AND marks < $1";
const UNCOUNT: &str = "UPDATE redeemed_total SET marks = marks - $1 WHERE id = 1";
const FORGET: &str = "DELETE FROM redeemed WHERE tenant_id = $1";
const SWEEP: &str = "
    DELETE FROM redeemed WHERE (tenant_id, kind, hash) IN
        (SELECT tenant_id, kind, hash FROM redeemed WHERE tenant_id = $1 AND expires_at <= $2 LIMIT $3)";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use uuid::Uuid;

    use crate::Store;

    use super::*;

    #[tokio::test]
    async fn beyond_the_cap_nothing_is_used_up_until_a_mark_expires() {
        let store = Store::in_memory().unwrap();
        let tenant = TenantId(Uuid::from_u128(1));
        let consume = async |number: u8, expires: i64| {
            let mark = move |tx: &Tx<'_>| {
                let hash = [number; 32];
                tx.mark([tenant.into(), "code".into(), hash.as_slice().into(), TenantTime(expires).into()], 2)
            };
            store.write(mark).await
        };

        assert!(consume(1, 10).await.unwrap());
        assert!(consume(2, 20).await.unwrap());
        assert!(matches!(consume(3, 30).await, Err(StoreError::TooManyMarks { most: 2 })));
        assert!(!consume(1, 10).await.unwrap(), "what was used up stays used up");

        let swept = store.write(move |tx| tx.sweep_redeemed(tenant, TenantTime(10), 9)).await.unwrap();
        assert_eq!(swept, 1);
        assert!(consume(3, 30).await.unwrap(), "the refused one left no mark");
        assert!(consume(4, 40).await.is_err());

        store.write(move |tx| tx.forget_redeemed(tenant)).await.unwrap();
        assert!(consume(4, 40).await.unwrap());
    }
}
