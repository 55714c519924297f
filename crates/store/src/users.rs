use std::collections::HashSet;

use ropeway_core::directory::{Password, User};
use ropeway_core::ids::{ObjectId, TenantId};
use ropeway_core::secret::Secret;
use ropeway_core::time::TenantTime;

use crate::dialect::Row;
use crate::error::StoreError;
use crate::lockout::second_factor_counter;
use crate::row::to_document;
use crate::tx::{Reads, Tx};

/// A user object with what checking its password takes, which signing in reads in one go.
#[derive(Debug, Clone)]
pub struct StoredUser {
    /// The object.
    pub user: User,
    /// The Argon2id PHC string of its password. `None`: no password, or not hashed yet.
    pub password_hash: Option<String>,
}

impl Reads<'_> {
    /// [`Reads::user_by_sign_in_name`], with the password's hash.
    pub fn stored_user_by_sign_in_name(&self, tenant: TenantId, name: &str) -> Result<Option<StoredUser>, StoreError> {
        self.connection.row(BY_SIGN_IN_NAME, &[tenant.into(), name.to_lowercase().into()], stored_user)
    }

    /// [`Reads::user`], with the password's hash.
    pub fn stored_user(&self, tenant: TenantId, id: ObjectId) -> Result<Option<StoredUser>, StoreError> {
        self.connection.row(BY_ID, &[tenant.into(), id.into()], stored_user)
    }

    /// The user who signs in to this tenant under this name, compared without case: a member's user principal name, a
    /// guest's mail. An `#EXT#` name finds nobody.
    pub fn user_by_sign_in_name(&self, tenant: TenantId, name: &str) -> Result<Option<User>, StoreError> {
        self.connection.row(BY_SIGN_IN_NAME, &[tenant.into(), name.to_lowercase().into()], user)
    }

    /// The user object with this id.
    pub fn user(&self, tenant: TenantId, id: ObjectId) -> Result<Option<User>, StoreError> {
        self.connection.row(BY_ID, &[tenant.into(), id.into()], user)
    }

    /// Up to `limit` users of the tenant after the first `skipped`, in the order of arrival.
    pub fn some_users(&self, tenant: TenantId, skipped: u32, limit: u32) -> Result<Vec<User>, StoreError> {
        self.connection.rows(SOME_USERS, &[tenant.into(), skipped.into(), limit.into()], user)
    }

    /// The user whose user principal name or sign-in name this is, compared without case.
    pub fn user_by_name(&self, tenant: TenantId, name: &str) -> Result<Option<User>, StoreError> {
        match self.user_by_sign_in_name(tenant, name)? {
            Some(found) => Ok(Some(found)),
            None => self.connection.row(BY_PRINCIPAL_NAME, &[tenant.into(), name.to_lowercase().into()], user),
        }
    }

    /// The users of whom no password hash is stored. A long list: not for an async worker.
    pub fn users_without_hash(&self, tenant: TenantId) -> Result<HashSet<ObjectId>, StoreError> {
        let ids = self.connection.rows(WITHOUT_HASH, &[tenant.into()], |row| Ok(ObjectId(row.guid(0)?)))?;
        Ok(ids.into_iter().collect())
    }

    /// Whether this is a user of whom no password hash is stored.
    pub fn lacks_hash(&self, tenant: TenantId, user: ObjectId) -> Result<bool, StoreError> {
        Ok(self.connection.row(LACKS_HASH, &[tenant.into(), user.into()], |_| Ok(()))?.is_some())
    }

    /// Every user of the tenant, in the order of arrival. A long list: not for an async worker.
    pub fn users(&self, tenant: TenantId) -> Result<Vec<User>, StoreError> {
        self.connection.rows(USERS, &[tenant.into()], user)
    }

    /// The Argon2id PHC string of the user's password. `None`: no such user, no password, or not hashed yet.
    pub fn password_hash(&self, tenant: TenantId, user: ObjectId) -> Result<Option<String>, StoreError> {
        let found = self.connection.row(HASH, &[tenant.into(), user.into()], |row| row.optional_text(0))?;
        Ok(found.flatten())
    }
}

impl Tx<'_> {
    /// Stores the user, in place of the one with the same id. Without `password` the stored hash stays; a PHC string
    /// replaces it; a plain password only removes it, and [`Tx::set_password_hash`] must follow.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when another user of the tenant has the sign-in name or the user principal name.
    pub fn put_user(&self, tenant: TenantId, user: &User) -> Result<(), StoreError> {
        let keep_hash = i64::from(user.password.is_none());
        let hash = match &user.password {
            Some(Password::Phc(phc)) => Some(phc.expose()),
            Some(Password::Plain(_)) | None => None,
        };
        self.connection.execute(
            PUT_USER,
            &[
                tenant.into(),
                user.id.into(),
                sign_in_key(user).into(),
                user.user_principal_name.to_lowercase().into(),
                user.locked_until.into(),
                to_document(user)?.into(),
                hash.into(),
                user.temporary_access_pass.as_ref().map(Secret::expose).into(),
                keep_hash.into(),
            ],
        )?;
        Ok(())
    }

    /// Removes the user with consents, assignments and lockout. `false`: there was none.
    pub fn delete_user(&self, tenant: TenantId, user: ObjectId) -> Result<bool, StoreError> {
        let key = || [tenant.into(), user.into()];
        for statement in DELETE_OF_USER {
            self.connection.execute(statement, &key())?;
        }
        self.end_lockout(tenant, second_factor_counter(tenant, user))?;
        Ok(self.connection.execute(DELETE_USER, &key())? > 0)
    }

    /// Stores the hash of a password that was changed or reset at `changed_at`. With `None` it is the first hash of a
    /// password that came in clear, and gives way to a hash that is already there: the user may have changed the
    /// password while the old one was being hashed. `false`: nothing was stored.
    pub fn set_password_hash(
        &self,
        tenant: TenantId,
        user: ObjectId,
        phc: &Secret,
        changed_at: Option<TenantTime>,
    ) -> Result<bool, StoreError> {
        let key = [tenant.into(), user.into(), phc.expose().into()];
        let Some(changed_at) = changed_at else {
            return Ok(self.connection.execute(SET_FIRST_HASH, &key)? > 0);
        };
        let Some(mut user) = self.reads().user(tenant, user)? else {
            return Ok(false);
        };
        user.last_password_change = Some(changed_at);
        user.password = Some(Password::Phc(phc.clone()));
        self.put_user(tenant, &user)?;
        Ok(true)
    }
}

/// What the user types, in lower case. An `#EXT#` name is nobody's to type: the mail stands in, if there is one.
pub(crate) fn sign_in_key(user: &User) -> Option<String> {
    let name = user.sign_in_name().to_lowercase();
    if name.contains("#ext#") { user.mail.as_deref().map(str::to_lowercase) } else { Some(name) }
}

fn user(row: &Row<'_>) -> Result<User, StoreError> {
    let user: User = row.document(0, "user")?;
    Ok(User { temporary_access_pass: row.optional_text(1)?.map(Secret::new), ..user })
}

fn stored_user(row: &Row<'_>) -> Result<StoredUser, StoreError> {
    Ok(StoredUser { user: user(row)?, password_hash: row.optional_text(2)? })
}

const BY_SIGN_IN_NAME: &str = "
    SELECT document, temporary_access_pass, password_hash FROM tenant_user
    WHERE tenant_id = $1 AND sign_in_name = $2";
const BY_ID: &str = "
    SELECT document, temporary_access_pass, password_hash FROM tenant_user
    WHERE tenant_id = $1 AND user_id = $2";
const USERS: &str = "SELECT document, temporary_access_pass FROM tenant_user WHERE tenant_id = $1 ORDER BY position";
const SOME_USERS: &str = "
    SELECT document, temporary_access_pass FROM tenant_user
    WHERE tenant_id = $1 ORDER BY position LIMIT $3 OFFSET $2";
const BY_PRINCIPAL_NAME: &str =
    "SELECT document, temporary_access_pass FROM tenant_user WHERE tenant_id = $1 AND user_principal_name = $2";
const WITHOUT_HASH: &str = "SELECT user_id FROM tenant_user WHERE tenant_id = $1 AND password_hash IS NULL";
const LACKS_HASH: &str = "SELECT 1 FROM tenant_user WHERE tenant_id = $1 AND user_id = $2 AND password_hash IS NULL";
const HASH: &str = "SELECT password_hash FROM tenant_user WHERE tenant_id = $1 AND user_id = $2";
const PUT_USER: &str = "
    INSERT INTO tenant_user (tenant_id, user_id, position, sign_in_name, user_principal_name, locked_until, document,
        password_hash, temporary_access_pass)
    VALUES ($1, $2, (SELECT COALESCE(MAX(position), 0) + 1 FROM tenant_user WHERE tenant_id = $1), $3, $4, $5, $6, $7, $8)
    ON CONFLICT (tenant_id, user_id) DO UPDATE SET
        sign_in_name = excluded.sign_in_name,
        user_principal_name = excluded.user_principal_name,
        locked_until = excluded.locked_until,
        document = excluded.document,
        password_hash = CASE WHEN $9 = 1 THEN tenant_user.password_hash ELSE excluded.password_hash END,
        temporary_access_pass = excluded.temporary_access_pass";
const SET_FIRST_HASH: &str = "
    UPDATE tenant_user SET password_hash = $3 WHERE tenant_id = $1 AND user_id = $2 AND password_hash IS NULL";
const DELETE_USER: &str = "DELETE FROM tenant_user WHERE tenant_id = $1 AND user_id = $2";
const DELETE_OF_USER: [&str; 5] = [
    "DELETE FROM oauth2_permission_grant WHERE tenant_id = $1 AND principal_id = $2",
    "DELETE FROM app_role_assignment WHERE tenant_id = $1 AND principal_id = $2",
    "DELETE FROM lockout WHERE tenant_id = $1 AND user_id = $2",
    "DELETE FROM attempt WHERE tenant_id = $1 AND user_id = $2",
    "DELETE FROM browser_session WHERE tenant_id = $1 AND user_id = $2",
];
