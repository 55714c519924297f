use ropeway_core::ids::{AppId, TenantId};
use ropeway_core::signin::Session;
use ropeway_core::time::TenantTime;
use uuid::Uuid;

use crate::error::StoreError;
use crate::row::to_document;
use crate::tx::{Reads, Tx};

impl Reads<'_> {
    /// The accounts that are signed in to in a browser, the latest first. Whether each still counts is not looked at.
    pub fn sessions(&self, browser_hash: &[u8; 32]) -> Result<Vec<Session>, StoreError> {
        self.connection.rows(OF_BROWSER, &[browser_hash.as_slice().into()], |row| row.document(0, "session"))
    }

    /// The applications that the session answered for, each with the tenant it is registered in.
    pub fn apps_of_session(&self, session: Uuid) -> Result<Vec<(TenantId, AppId)>, StoreError> {
        self.connection.rows(APPS, &[session.into()], |row| Ok((TenantId(row.guid(0)?), AppId(row.guid(1)?))))
    }
}

impl Tx<'_> {
    /// Stores a session of this browser, in place of the one that the same account had there.
    pub fn put_session(
        &self,
        browser_hash: &[u8; 32],
        session: &Session,
        expires: TenantTime,
    ) -> Result<(), StoreError> {
        let others =
            [browser_hash.as_slice().into(), session.home_tenant.into(), session.user.into(), session.id.into()];
        self.connection.execute(FORGET_APPS, &others)?;
        self.connection.execute(FORGET, &others)?;
        self.connection.execute(
            PUT,
            &[
                session.id.into(),
                browser_hash.as_slice().into(),
                session.home_tenant.into(),
                session.user.into(),
                expires.into(),
                to_document(session)?.into(),
            ],
        )?;
        Ok(())
    }

    /// Notes that a session answered for an application of this tenant.
    pub fn session_answered(&self, session: Uuid, tenant: TenantId, app: AppId) -> Result<(), StoreError> {
        self.connection.execute(ANSWERED, &[session.into(), tenant.into(), app.into()])?;
        Ok(())
    }

    /// Gives a browser's sessions to its new cookie: the old one opens nothing any more.
    pub fn move_sessions(&self, from: &[u8; 32], to: &[u8; 32]) -> Result<(), StoreError> {
        self.connection.execute(MOVE, &[from.as_slice().into(), to.as_slice().into()])?;
        Ok(())
    }

    /// Ends every session of a browser; the number that there were.
    pub fn end_sessions(&self, browser_hash: &[u8; 32]) -> Result<usize, StoreError> {
        self.connection.execute(END_APPS, &[browser_hash.as_slice().into()])?;
        self.connection.execute(END, &[browser_hash.as_slice().into()])
    }

    /// Ends one session.
    pub fn end_session(&self, session: Uuid) -> Result<(), StoreError> {
        self.connection.execute(END_APPS_OF_ONE, &[session.into()])?;
        self.connection.execute(END_ONE, &[session.into()])?;
        Ok(())
    }

    pub(crate) fn sweep_sessions(&self, tenant: TenantId, now: TenantTime, limit: u32) -> Result<usize, StoreError> {
        let swept = self.connection.execute(SWEEP, &[tenant.into(), now.into(), limit.into()])?;
        if swept > 0 {
            self.connection.execute(SWEEP_APPS, &[])?;
        }
        Ok(swept)
    }
}

const OF_BROWSER: &str =
    "SELECT document FROM browser_session WHERE browser_hash = $1 ORDER BY expires_at DESC, session_id LIMIT 50";
const APPS: &str = "SELECT tenant_id, app_id FROM browser_session_app WHERE session_id = $1";
const FORGET_APPS: &str = "
    DELETE FROM browser_session_app WHERE session_id IN
        (SELECT session_id FROM browser_session
         WHERE browser_hash = $1 AND tenant_id = $2 AND user_id = $3 AND session_id <> $4)";
const FORGET: &str = "
    DELETE FROM browser_session WHERE browser_hash = $1 AND tenant_id = $2 AND user_id = $3 AND session_id <> $4";
const PUT: &str = "
    INSERT INTO browser_session (session_id, browser_hash, tenant_id, user_id, expires_at, document)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (session_id) DO UPDATE SET
        browser_hash = excluded.browser_hash, expires_at = excluded.expires_at, document = excluded.document";
const ANSWERED: &str = "
    INSERT INTO browser_session_app (session_id, tenant_id, app_id) VALUES ($1, $2, $3)
    ON CONFLICT (session_id, tenant_id, app_id) DO NOTHING";
const MOVE: &str = "UPDATE browser_session SET browser_hash = $2 WHERE browser_hash = $1";
const END_APPS: &str = "
    DELETE FROM browser_session_app WHERE session_id IN
        (SELECT session_id FROM browser_session WHERE browser_hash = $1)";
const END: &str = "DELETE FROM browser_session WHERE browser_hash = $1";
const END_APPS_OF_ONE: &str = "DELETE FROM browser_session_app WHERE session_id = $1";
const END_ONE: &str = "DELETE FROM browser_session WHERE session_id = $1";
const SWEEP: &str = "
    DELETE FROM browser_session WHERE session_id IN
        (SELECT session_id FROM browser_session WHERE tenant_id = $1 AND expires_at <= $2 LIMIT $3)";
const SWEEP_APPS: &str = "
    DELETE FROM browser_session_app WHERE session_id NOT IN (SELECT session_id FROM browser_session)";
