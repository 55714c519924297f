//! Whole tenants: copied, put back as they were, dropped.

use ropeway_core::directory::{Tenant, TenantDirectory};
use ropeway_core::ids::TenantId;
use ropeway_core::time::WallTime;

use crate::error::StoreError;
use crate::row::to_document;
use crate::tx::Tx;
use crate::users::sign_in_key;

impl Tx<'_> {
    /// Copies a tenant with hashed passwords and without what happened in it: lockouts, marks, sign-ins. There are many
    /// consents for each user, so the database copies those by itself. `None`: there is no such tenant.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the new tenant is here already.
    pub fn copy_tenant(&self, from: TenantId, to: TenantId) -> Result<Option<Tenant>, StoreError> {
        let reads = self.reads();
        let Some(tenant) = reads.tenant(from)? else { return Ok(None) };
        if reads.has_tenant(to)? {
            return Err(StoreError::Conflict(format!("tenant {to} is here already")));
        }
        let original = TenantDirectory {
            tenant,
            users: reads.users(from)?,
            oauth2_permission_grants: Vec::new(),
            app_role_assignments: reads.all_app_role_assignments(from)?,
        };
        let copy = original.copied_as(to);
        self.put_tenant(&copy.tenant)?;
        for (old, user) in original.users.iter().zip(&copy.users) {
            let values = [
                from.into(),
                old.id.into(),
                to.into(),
                user.id.into(),
                sign_in_key(user).into(),
                user.user_principal_name.to_lowercase().into(),
                to_document(user)?.into(),
            ];
            self.connection.execute(COPY_USER, &values)?;
        }
        for assignment in &copy.app_role_assignments {
            self.put_app_role_assignment(to, assignment)?;
        }
        for statement in COPY_GRANTS {
            self.connection.execute(statement, &[from.into(), to.into()])?;
        }
        Ok(Some(copy.tenant))
    }

    /// Puts a tenant back as `directory` has it, and forgets what happened in it. It keeps its place among the tenants.
    pub fn replace_tenant(&self, directory: &TenantDirectory, now: WallTime) -> Result<(), StoreError> {
        self.forget_tenant(directory.tenant.id)?;
        self.add_tenant(directory, now)
    }

    /// Removes a tenant with everything in it. `false`: there was none.
    pub fn delete_tenant(&self, tenant: TenantId) -> Result<bool, StoreError> {
        self.forget_tenant(tenant)?;
        let existed = self.connection.execute(DELETE_TENANT, &[tenant.into()])? > 0;
        self.raise_directory_version()?;
        Ok(existed)
    }

    fn forget_tenant(&self, tenant: TenantId) -> Result<(), StoreError> {
        for statement in DELETE_OF_TENANT {
            self.connection.execute(statement, &[tenant.into()])?;
        }
        self.forget_redeemed(tenant)
    }
}

const COPY_USER: &str = "
    INSERT INTO tenant_user (tenant_id, user_id, position, sign_in_name, user_principal_name, locked_until, document,
        password_hash, temporary_access_pass)
    SELECT $3, $4, position, $5, $6, locked_until, $7, password_hash, temporary_access_pass
    FROM tenant_user WHERE tenant_id = $1 AND user_id = $2";
/// A copied user has the position of the original: that is how a consent finds whose it is.
const COPY_GRANTS: [&str; 2] = [
    "INSERT INTO oauth2_permission_grant (tenant_id, client_id, principal_id, resource_id, scopes)
    SELECT $2, client_id, '', resource_id, scopes FROM oauth2_permission_grant
    WHERE tenant_id = $1 AND principal_id = ''",
    "INSERT INTO oauth2_permission_grant (tenant_id, client_id, principal_id, resource_id, scopes)
    SELECT $2, g.client_id, copied.user_id, g.resource_id, g.scopes FROM oauth2_permission_grant g
    JOIN tenant_user original ON original.tenant_id = $1 AND original.user_id = g.principal_id
    JOIN tenant_user copied ON copied.tenant_id = $2 AND copied.position = original.position
    WHERE g.tenant_id = $1",
];
const DELETE_TENANT: &str = "DELETE FROM tenant WHERE tenant_id = $1";
const DELETE_OF_TENANT: [&str; 11] = [
    "DELETE FROM tenant_user WHERE tenant_id = $1",
    "DELETE FROM oauth2_permission_grant WHERE tenant_id = $1",
    "DELETE FROM app_role_assignment WHERE tenant_id = $1",
    "DELETE FROM lockout WHERE tenant_id = $1",
    "DELETE FROM attempt WHERE tenant_id = $1",
    "DELETE FROM sign_in WHERE tenant_id = $1",
    "DELETE FROM browser_session_app WHERE tenant_id = $1",
    "DELETE FROM browser_session WHERE tenant_id = $1",
    "DELETE FROM sign_in_transaction WHERE tenant_id = $1",
    "DELETE FROM authorization_code WHERE tenant_id = $1",
    "DELETE FROM ended_authorization WHERE tenant_id = $1",
];
