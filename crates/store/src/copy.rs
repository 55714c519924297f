//! Whole tenants: copied, put back as they were, dropped.

use ropeway_core::directory::{Password, Tenant, TenantDirectory};
use ropeway_core::ids::TenantId;
use ropeway_core::secret::Secret;
use ropeway_core::time::WallTime;

use crate::error::StoreError;
use crate::tx::{Reads, Tx};

impl Reads<'_> {
    /// One tenant whole, each user with the hash of the password that is stored. A long read: not for an async worker.
    pub fn tenant_directory(&self, tenant: TenantId) -> Result<Option<TenantDirectory>, StoreError> {
        let Some(compiled) = self.tenant(tenant)? else { return Ok(None) };
        let mut users = self.users(tenant)?;
        for user in &mut users {
            user.password = self.password_hash(tenant, user.id)?.map(|hash| Password::Phc(Secret::new(hash)));
        }
        Ok(Some(TenantDirectory {
            tenant: compiled,
            users,
            oauth2_permission_grants: self.all_grants(tenant)?,
            app_role_assignments: self.all_app_role_assignments(tenant)?,
        }))
    }
}

impl Tx<'_> {
    /// Copies a tenant with hashed passwords and without what happened in it: lockouts, marks, sign-ins.
    /// `None`: there is no such tenant.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the new tenant, or one of its domains, is here already.
    pub fn copy_tenant(&self, from: TenantId, to: TenantId, now: WallTime) -> Result<Option<Tenant>, StoreError> {
        let reads = self.reads();
        let Some(original) = reads.tenant_directory(from)? else { return Ok(None) };
        let copy = original.copied_as(to);
        if reads.has_tenant(to)? {
            return Err(StoreError::Conflict(format!("tenant {to} is here already")));
        }
        self.add_tenant(&copy, now)?;
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
        Ok(())
    }
}

const DELETE_TENANT: &str = "DELETE FROM tenant WHERE tenant_id = $1";
const DELETE_OF_TENANT: [&str; 7] = [
    "DELETE FROM tenant_user WHERE tenant_id = $1",
    "DELETE FROM oauth2_permission_grant WHERE tenant_id = $1",
    "DELETE FROM app_role_assignment WHERE tenant_id = $1",
    "DELETE FROM lockout WHERE tenant_id = $1",
    "DELETE FROM attempt WHERE tenant_id = $1",
    "DELETE FROM redeemed WHERE tenant_id = $1",
    "DELETE FROM sign_in WHERE tenant_id = $1",
];
