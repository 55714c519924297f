use ropeway_core::ids::{AppId, ObjectId, TenantId};
use ropeway_core::signin::Session;
use ropeway_core::time::TenantTime;
use uuid::Uuid;

use crate::error::StoreError;
use crate::row::to_document;
use crate::tx::{Reads, Tx};

/// A browser session with what a person recognises it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenSession {
    /// The session.
    pub session: Session,
    /// The SHA-256 of its browser's cookie.
    pub browser_hash: [u8; 32],
    /// Where it was last used.
    pub place: SessionPlace,
}

/// Where a session is used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionPlace {
    /// The browser's address, as text.
    pub ip: String,
    /// How the browser calls itself.
    pub user_agent: String,
}

impl Reads<'_> {
    /// The accounts that are signed in to in a browser, the latest first. Whether each still counts is not looked at.
    pub fn sessions(&self, browser_hash: &[u8; 32]) -> Result<Vec<Session>, StoreError> {
        self.connection.rows(OF_BROWSER, &[browser_hash.as_slice().into()], |row| row.document(0, "session"))
    }

    /// Every browser's session of this user, the latest first. Whether each still counts is not looked at.
    pub fn sessions_of_user(&self, home: TenantId, user: ObjectId) -> Result<Vec<OpenSession>, StoreError> {
        self.connection.rows(OF_USER, &[home.into(), user.into()], |row| {
            let browser_hash = row.bytes(1)?.try_into();
            Ok(OpenSession {
                session: row.document(0, "session")?,
                browser_hash: browser_hash
                    .map_err(|_| StoreError::Corrupt("a browser's hash is not 32 bytes".to_owned()))?,
                place: SessionPlace { ip: row.text(2)?, user_agent: row.text(3)? },
            })
        })
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
        place: &SessionPlace,
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
                place.ip.as_str().into(),
                place.user_agent.as_str().into(),
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

    /// Ends every session of a user, in whatever browser.
    pub fn end_sessions_of_user(&self, home: TenantId, user: ObjectId) -> Result<(), StoreError> {
        self.connection.execute(END_APPS_OF_USER, &[home.into(), user.into()])?;
        self.connection.execute(END_OF_USER, &[home.into(), user.into()])?;
        Ok(())
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
const OF_USER: &str = "
    SELECT document, browser_hash, ip, user_agent FROM browser_session
    WHERE tenant_id = $1 AND user_id = $2 ORDER BY expires_at DESC, session_id LIMIT 200";
const APPS: &str = "SELECT tenant_id, app_id FROM browser_session_app WHERE session_id = $1";
const FORGET_APPS: &str = "
    DELETE FROM browser_session_app WHERE session_id IN
        (SELECT session_id FROM browser_session
         WHERE browser_hash = $1 AND tenant_id = $2 AND user_id = $3 AND session_id <> $4)";
const FORGET: &str = "
    DELETE FROM browser_session WHERE browser_hash = $1 AND tenant_id = $2 AND user_id = $3 AND session_id <> $4";
const PUT: &str = "
    INSERT INTO browser_session (session_id, browser_hash, tenant_id, user_id, expires_at, document, ip, user_agent)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (session_id) DO UPDATE SET
        browser_hash = excluded.browser_hash, expires_at = excluded.expires_at, document = excluded.document,
        ip = excluded.ip, user_agent = excluded.user_agent";
const ANSWERED: &str = "
    INSERT INTO browser_session_app (session_id, tenant_id, app_id) VALUES ($1, $2, $3)
    ON CONFLICT (session_id, tenant_id, app_id) DO NOTHING";
const MOVE: &str = "UPDATE browser_session SET browser_hash = $2 WHERE browser_hash = $1";
const END_APPS: &str = "
    DELETE FROM browser_session_app WHERE session_id IN
        (SELECT session_id FROM browser_session WHERE browser_hash = $1)";
const END: &str = "DELETE FROM browser_session WHERE browser_hash = $1";
const END_APPS_OF_ONE: &str = "DELETE FROM browser_session_app WHERE session_id = $1";
const END_APPS_OF_USER: &str = "
    DELETE FROM browser_session_app WHERE session_id IN
        (SELECT session_id FROM browser_session WHERE tenant_id = $1 AND user_id = $2)";
const END_OF_USER: &str = "DELETE FROM browser_session WHERE tenant_id = $1 AND user_id = $2";
const END_ONE: &str = "DELETE FROM browser_session WHERE session_id = $1";
const SWEEP: &str = "
    DELETE FROM browser_session WHERE session_id IN
        (SELECT session_id FROM browser_session WHERE tenant_id = $1 AND expires_at <= $2 LIMIT $3)";
const SWEEP_APPS: &str = "
    DELETE FROM browser_session_app WHERE session_id NOT IN (SELECT session_id FROM browser_session)";
