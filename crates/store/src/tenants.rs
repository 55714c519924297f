use ropeway_core::directory::Tenant;
use ropeway_core::ids::TenantId;

use crate::error::StoreError;
use crate::row::to_document;
use crate::tx::{Reads, Tx};

impl Reads<'_> {
    /// Counts the changes to what is kept compiled in memory: tenants with their applications and policies, and keys. A
    /// copy made under another version is stale.
    pub fn directory_version(&self) -> Result<u64, StoreError> {
        let version = self.connection.row(VERSION, &[], |row| row.integer(0))?;
        version
            .and_then(|version| u64::try_from(version).ok())
            .ok_or_else(|| StoreError::Corrupt("the directory version is missing".to_owned()))
    }

    /// Every tenant's compiled part, in the order of arrival.
    pub fn tenants(&self) -> Result<Vec<Tenant>, StoreError> {
        self.connection.rows(TENANTS, &[], |row| row.document(0, "tenant"))
    }

    /// One tenant's compiled part.
    pub fn tenant(&self, tenant: TenantId) -> Result<Option<Tenant>, StoreError> {
        self.connection.row(TENANT, &[tenant.into()], |row| row.document(0, "tenant"))
    }

    /// Every tenant with the directory version under which it was last changed, in the order of arrival.
    pub fn tenant_versions(&self) -> Result<Vec<(TenantId, u64)>, StoreError> {
        self.connection.rows(VERSIONS, &[], |row| {
            let version = row.integer(1)?;
            let version = u64::try_from(version)
                .map_err(|_| StoreError::Corrupt(format!("{version} where a version should be")))?;
            Ok((TenantId(row.guid(0)?), version))
        })
    }

    pub(crate) fn has_tenant(&self, tenant: TenantId) -> Result<bool, StoreError> {
        Ok(self.connection.row(TENANT_EXISTS, &[tenant.into()], |_| Ok(()))?.is_some())
    }
}

impl Tx<'_> {
    /// Stores the tenant's compiled part, in place of the one it had. Raises the directory version.
    pub fn put_tenant(&self, tenant: &Tenant) -> Result<(), StoreError> {
        self.raise_directory_version()?;
        self.connection.execute(PUT_TENANT, &[tenant.id.into(), to_document(tenant)?.into()])?;
        Ok(())
    }

    pub(crate) fn raise_directory_version(&self) -> Result<(), StoreError> {
        self.connection.execute(RAISE_VERSION, &[])?;
        Ok(())
    }
}

const VERSION: &str = "SELECT version FROM directory_version WHERE id = 1";
const RAISE_VERSION: &str = "UPDATE directory_version SET version = version + 1 WHERE id = 1";
const TENANTS: &str = "SELECT document FROM tenant ORDER BY position";
const TENANT: &str = "SELECT document FROM tenant WHERE tenant_id = $1";
const VERSIONS: &str = "SELECT tenant_id, version FROM tenant ORDER BY position";
const TENANT_EXISTS: &str = "SELECT 1 FROM tenant WHERE tenant_id = $1";
const PUT_TENANT: &str = "
    INSERT INTO tenant (tenant_id, position, document, version)
    VALUES ($1, (SELECT COALESCE(MAX(position), 0) + 1 FROM tenant), $2,
        (SELECT version FROM directory_version WHERE id = 1))
    ON CONFLICT (tenant_id) DO UPDATE SET document = excluded.document, version = excluded.version";
