use std::net::IpAddr;

use ropeway_core::ids::{AppId, ObjectId, TenantId};
use ropeway_core::time::TenantTime;
use serde::Serialize;
use serde::de::IgnoredAny;
use serde_json::Value as Json;
use uuid::Uuid;

use crate::dialect::Row;
use crate::error::StoreError;
use crate::row::to_document;
use crate::tx::{Reads, Tx};

/// One attempt to sign in, granted or refused: a row of the sign-in log.
#[derive(Debug, Clone, PartialEq)]
pub struct SignIn {
    /// The request's trace id.
    pub id: Uuid,
    /// The tenant that was asked.
    pub tenant: TenantId,
    /// When, in the tenant's time.
    pub at: TenantTime,
    /// The user object, if one was found.
    pub user: Option<ObjectId>,
    /// The name as it was typed; for an application on its own, its name.
    pub user_principal_name: String,
    /// The client.
    pub app: Option<AppId>,
    /// The API that the token was asked for.
    pub resource: Option<AppId>,
    /// Where the request came from.
    pub ip: Option<IpAddr>,
    /// The `grant_type`.
    pub grant: String,
    /// The AADSTS code; 0 is success.
    pub error_code: u32,
    /// Whatever else explains the outcome, for instance the trace of rules. Never a secret.
    pub detail: Detail,
}

/// A JSON value kept as the text that is stored: it comes with every sign-in, and few are ever looked into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail(String);

impl Detail {
    /// What this says, as JSON.
    ///
    /// # Errors
    /// It cannot be written as JSON.
    pub fn of(said: &impl Serialize) -> Result<Self, StoreError> {
        to_document(said).map(Self)
    }

    fn read(row: &Row<'_>, column: usize) -> Result<Self, StoreError> {
        row.document::<IgnoredAny>(column, "sign-in")?;
        row.text(column).map(Self)
    }

    /// What it says.
    pub fn value(&self) -> Json {
        // What does not read as JSON was refused when its row was read.
        serde_json::from_str(&self.0).unwrap_or_default()
    }
}

impl Reads<'_> {
    /// Up to `limit` rows from `since` on, the oldest first. A long list: not for an async worker.
    pub fn sign_ins_since(&self, tenant: TenantId, since: TenantTime, limit: u32) -> Result<Vec<SignIn>, StoreError> {
        self.connection.rows(SINCE, &[tenant.into(), since.into(), limit.into()], sign_in)
    }

    /// Up to `limit` rows from `since` on, the newest first. A long list: not for an async worker.
    pub fn newest_sign_ins(&self, tenant: TenantId, since: TenantTime, limit: u32) -> Result<Vec<SignIn>, StoreError> {
        self.connection.rows(NEWEST, &[tenant.into(), since.into(), limit.into()], sign_in)
    }
}

impl Reads<'_> {
    /// Up to `limit` rows that were recorded before the one with this number, the latest first, each with its own number.
    /// A long list: not for an async worker.
    pub fn sign_ins_before(&self, tenant: TenantId, before: i64, limit: u32) -> Result<Vec<(i64, SignIn)>, StoreError> {
        self.connection
            .rows(BEFORE, &[tenant.into(), before.into(), limit.into()], |row| Ok((row.integer(11)?, sign_in(row)?)))
    }
}

impl Tx<'_> {
    /// Adds a row to the log.
    pub fn record_sign_in(&self, sign_in: &SignIn) -> Result<(), StoreError> {
        self.connection.execute(
            RECORD,
            &[
                sign_in.id.into(),
                sign_in.tenant.into(),
                sign_in.at.into(),
                sign_in.user.into(),
                sign_in.user_principal_name.as_str().into(),
                sign_in.app.into(),
                sign_in.resource.into(),
                sign_in.ip.map(|ip| ip.to_string()).into(),
                sign_in.grant.as_str().into(),
                sign_in.error_code.into(),
                sign_in.detail.0.as_str().into(),
            ],
        )?;
        Ok(())
    }

    pub(crate) fn sweep_sign_ins(&self, tenant: TenantId, now: TenantTime, limit: u32) -> Result<usize, StoreError> {
        let oldest = now.plus_seconds(-DAYS_KEPT * 86_400);
        self.connection.execute(SWEEP, &[tenant.into(), oldest.into(), limit.into()])
    }

    pub(crate) fn trim_sign_ins(&self, kept: i64, limit: u32) -> Result<usize, StoreError> {
        self.connection.execute(TRIM, &[kept.into(), limit.into()])
    }
}

fn sign_in(row: &Row<'_>) -> Result<SignIn, StoreError> {
    let ip = row.optional_text(7)?.map(|text| text.parse()).transpose();
    Ok(SignIn {
        id: row.guid(0)?,
        tenant: TenantId(row.guid(1)?),
        at: TenantTime(row.integer(2)?),
        user: row.optional_guid(3)?.map(ObjectId),
        user_principal_name: row.text(4)?,
        app: row.optional_guid(5)?.map(AppId),
        resource: row.optional_guid(6)?.map(AppId),
        ip: ip.map_err(|_| StoreError::Corrupt("a sign-in's address cannot be read".to_owned()))?,
        grant: row.text(8)?,
        error_code: row.count(9)?,
        detail: Detail::read(row, 10)?,
    })
}

const DAYS_KEPT: i64 = 30;
const SINCE: &str = "
    SELECT sign_in_id, tenant_id, created_at, user_id, user_principal_name, app_id, resource_id, ip_address,
        grant_type, error_code, detail
    FROM sign_in WHERE tenant_id = $1 AND created_at >= $2 ORDER BY created_at, sequence LIMIT $3";
const NEWEST: &str = "
    SELECT sign_in_id, tenant_id, created_at, user_id, user_principal_name, app_id, resource_id, ip_address,
        grant_type, error_code, detail
    FROM sign_in WHERE tenant_id = $1 AND created_at >= $2 ORDER BY created_at DESC, sequence DESC LIMIT $3";
const BEFORE: &str = "
    SELECT sign_in_id, tenant_id, created_at, user_id, user_principal_name, app_id, resource_id, ip_address,
        grant_type, error_code, detail, sequence
    FROM sign_in WHERE tenant_id = $1 AND sequence < $2 ORDER BY sequence DESC LIMIT $3";
const RECORD: &str = "
    INSERT INTO sign_in (sign_in_id, tenant_id, created_at, user_id, user_principal_name, app_id,
        resource_id, ip_address, grant_type, error_code, detail)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
const SWEEP: &str = "
    DELETE FROM sign_in WHERE sequence IN
        (SELECT sequence FROM sign_in WHERE tenant_id = $1 AND created_at < $2 LIMIT $3)";
const TRIM: &str = "
    DELETE FROM sign_in WHERE sequence IN
        (SELECT sequence FROM sign_in WHERE sequence <= (SELECT MAX(sequence) FROM sign_in) - $1
         ORDER BY sequence LIMIT $2)";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use crate::Store;

    use super::*;

    #[tokio::test]
    async fn beyond_the_cap_the_oldest_rows_go_whatever_their_date() {
        let store = Store::in_memory().unwrap();
        let tenant = TenantId(Uuid::from_u128(1));
        let row = |at| SignIn {
            id: Uuid::nil(),
            tenant,
            at: TenantTime(at),
            user: None,
            user_principal_name: String::new(),
            app: None,
            resource: None,
            ip: None,
            grant: "password".to_owned(),
            error_code: 0,
            detail: Detail::of(&Json::Null).unwrap(),
        };
        let rows: Vec<_> = [5, 1, 4, 2, 3].map(row).into();
        store.write(move |tx| rows.iter().try_for_each(|row| tx.record_sign_in(row))).await.unwrap();

        let steps = [(); 3].map(|()| store.write(|tx| tx.trim_sign_ins(2, 2)));
        let mut removed = Vec::new();
        for step in steps {
            removed.push(step.await.unwrap());
        }

        assert_eq!(removed, [2, 1, 0]);
        let left = store.read(|reads| reads.sign_ins_since(tenant, TenantTime(0), 9)).unwrap();
        assert_eq!(left.iter().map(|row| row.at.0).collect::<Vec<_>>(), [2, 3]);
    }
}
