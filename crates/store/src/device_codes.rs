use ropeway_core::ids::TenantId;
use ropeway_core::time::TenantTime;
use ropeway_core::token::{Authorization, DeviceAnswer, DeviceCode, UserCode};

use crate::dialect::Row;
use crate::error::StoreError;
use crate::row::to_document;
use crate::tx::{Reads, Tx};

/// A device that waits for a person's answer, or for its tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingDevice {
    /// The SHA-256 of its code.
    pub hash: [u8; 32],
    /// What it asked.
    pub code: DeviceCode,
    /// What the person answered.
    pub answer: DeviceAnswer,
    /// When its code ends.
    pub expires: TenantTime,
}

/// Whether a device's request was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It waits.
    Yes,
    /// Another one has this user code: draw again.
    Taken,
    /// As many wait as may.
    Full,
}

impl Reads<'_> {
    /// The device of whose code this is the SHA-256.
    pub fn device(&self, hash: &[u8; 32]) -> Result<Option<WaitingDevice>, StoreError> {
        self.connection.row(FIND, &[hash.as_slice().into()], waiting)
    }

    /// The device whose request a person means by this code.
    pub fn device_of(&self, code: &UserCode) -> Result<Option<WaitingDevice>, StoreError> {
        self.connection.row(FIND_BY_USER_CODE, &[code.as_str().into()], waiting)
    }
}

impl Tx<'_> {
    /// Keeps a device's request until it is answered or over.
    pub fn put_device(
        &self,
        hash: &[u8; 32],
        user_code: &UserCode,
        code: &DeviceCode,
        expires: TenantTime,
    ) -> Result<Kept, StoreError> {
        if self.connection.row(IS_FULL, &[CAP.into()], |_| Ok(()))?.is_some() {
            return Ok(Kept::Full);
        }
        let row = [
            hash.as_slice().into(),
            user_code.as_str().into(),
            code.tenant.into(),
            expires.into(),
            PENDING.into(),
            to_document(code)?.into(),
        ];
        Ok(if self.connection.execute(PUT, &row)? == 1 { Kept::Yes } else { Kept::Taken })
    }

    /// Notes the person's answer, `now` in the time of the tenant that the device asked in. `true` for the first one that is
    /// in time, and for no other.
    pub fn answer_device(&self, hash: &[u8; 32], answer: &DeviceAnswer, now: TenantTime) -> Result<bool, StoreError> {
        let (number, authorization) = match answer {
            DeviceAnswer::Pending => return Ok(false),
            DeviceAnswer::Declined => (DECLINED, None),
            DeviceAnswer::Approved(authorization) => (APPROVED, Some(to_document(authorization.as_ref())?)),
        };
        let row = [hash.as_slice().into(), number.into(), authorization.into(), now.into()];
        Ok(self.connection.execute(ANSWER, &row)? == 1)
    }

    pub(crate) fn sweep_devices(&self, tenant: TenantId, now: TenantTime, limit: u32) -> Result<usize, StoreError> {
        self.connection.execute(SWEEP, &[tenant.into(), now.into(), limit.into()])
    }
}

fn waiting(row: &Row<'_>) -> Result<WaitingDevice, StoreError> {
    let hash = row.bytes(0)?.try_into();
    let answer = match row.integer(2)? {
        PENDING => DeviceAnswer::Pending,
        DECLINED => DeviceAnswer::Declined,
        _ => DeviceAnswer::Approved(Box::new(row.document::<Authorization>(4, "authorization of a device")?)),
    };
    Ok(WaitingDevice {
        hash: hash.map_err(|_| StoreError::Corrupt("a device code's hash is not 32 bytes".to_owned()))?,
        expires: TenantTime(row.integer(1)?),
        answer,
        code: row.document(3, "device code")?,
    })
}

/// More than wait in any test; a flood is refused and not kept.
const CAP: u32 = 100_000;

const PENDING: i64 = 0;
const DECLINED: i64 = 1;
const APPROVED: i64 = 2;

const FIND: &str = "
    SELECT device_hash, expires_at, answer, document, authorization_document FROM device_code WHERE device_hash = $1";
const FIND_BY_USER_CODE: &str = "
    SELECT device_hash, expires_at, answer, document, authorization_document FROM device_code WHERE user_code = $1";
const IS_FULL: &str = "SELECT 1 FROM device_code LIMIT 1 OFFSET $1";
const PUT: &str = "
    INSERT INTO device_code (device_hash, user_code, tenant_id, expires_at, answer, document)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (user_code) DO NOTHING";
const ANSWER: &str = "
    UPDATE device_code SET answer = $2, authorization_document = $3 WHERE device_hash = $1 AND answer = 0 AND expires_at > $4";
const SWEEP: &str = "
    DELETE FROM device_code WHERE device_hash IN
        (SELECT device_hash FROM device_code WHERE tenant_id = $1 AND expires_at <= $2 LIMIT $3)";
