//! Changing the directory of a running application, in process: what the test library holds.

use anyhow::{Context, bail};
use ropeway_core::directory::{OAuth2PermissionGrant, Tenant, TenantClock, User};
use ropeway_core::ids::{ObjectId, TenantId};
use ropeway_core::secret::Secret;
use ropeway_core::time::TenantTime;
use ropeway_store::SignIn;

use crate::app::App;

impl App {
    /// Changes what is compiled of a tenant: settings, policies, applications, groups.
    ///
    /// # Errors
    /// There is no such tenant, or the store failed.
    pub async fn change_tenant(
        &self,
        tenant: TenantId,
        change: impl FnOnce(&mut Tenant) + Send + 'static,
    ) -> anyhow::Result<()> {
        let changed = self
            .store
            .write(move |tx| {
                let Some(mut tenant) = tx.reads().tenants()?.into_iter().find(|found| found.id == tenant) else {
                    return Ok(false);
                };
                change(&mut tenant);
                tx.put_tenant(&tenant).map(|()| true)
            })
            .await?;
        if !changed {
            bail!("no tenant {tenant}");
        }
        Ok(())
    }

    /// Changes a user, found by the name that is typed to sign in.
    ///
    /// # Errors
    /// There is no such user, or the store failed.
    pub async fn change_user(
        &self,
        tenant: TenantId,
        sign_in_name: &str,
        change: impl FnOnce(&mut User) + Send + 'static,
    ) -> anyhow::Result<()> {
        let name = sign_in_name.to_owned();
        let changed = self
            .store
            .write(move |tx| {
                let Some(mut user) = tx.reads().user_by_sign_in_name(tenant, &name)? else { return Ok(false) };
                change(&mut user);
                tx.put_user(tenant, &user).map(|()| true)
            })
            .await?;
        if !changed {
            bail!("nobody signs in to {tenant} as {sign_in_name}");
        }
        Ok(())
    }

    /// Gives a user a new password, as its owner would: the old one is wrong from now on.
    ///
    /// # Errors
    /// There is no such user, or the store failed.
    pub async fn change_password(&self, tenant: TenantId, sign_in_name: &str, password: &Secret) -> anyhow::Result<()> {
        let user = self.user_id(tenant, sign_in_name)?;
        let now = self.tenant_now(tenant)?;
        let hash = self.passwords.hash(password, self.source.random()?).await?;
        self.passwords.forget_plain(tenant, user);
        self.store.write(move |tx| tx.set_password_hash(tenant, user, &hash, Some(now))).await?;
        Ok(())
    }

    /// Records a delegated consent.
    ///
    /// # Errors
    /// The store failed.
    pub async fn grant(&self, tenant: TenantId, grant: OAuth2PermissionGrant) -> anyhow::Result<()> {
        Ok(self.store.write(move |tx| tx.put_grant(tenant, &grant)).await?)
    }

    /// Deletes a user.
    ///
    /// # Errors
    /// There is no such user, or the store failed.
    pub async fn delete_user(&self, tenant: TenantId, sign_in_name: &str) -> anyhow::Result<()> {
        let user = self.user_id(tenant, sign_in_name)?;
        self.passwords.forget_plain(tenant, user);
        self.store.write(move |tx| tx.delete_user(tenant, user)).await?;
        Ok(())
    }

    /// Sets how the tenant's time runs.
    ///
    /// # Errors
    /// There is no such tenant, or the store failed.
    pub async fn set_tenant_clock(&self, tenant: TenantId, clock: TenantClock) -> anyhow::Result<()> {
        self.change_tenant(tenant, move |tenant| tenant.settings.clock = clock).await
    }

    /// The tenant's time now.
    ///
    /// # Errors
    /// There is no such tenant, or the store failed.
    pub fn tenant_now(&self, tenant: TenantId) -> anyhow::Result<TenantTime> {
        let found = self.tenant(tenant)?;
        Ok(found.settings.clock.at(self.source.wall()))
    }

    /// The object id of a user of the tenant, found by the name that is typed to sign in.
    ///
    /// # Errors
    /// There is no such user, or the store failed.
    pub fn user_id(&self, tenant: TenantId, sign_in_name: &str) -> anyhow::Result<ObjectId> {
        let found = self.store.read(|reads| reads.user_by_sign_in_name(tenant, sign_in_name))?;
        found.map(|user| user.id).with_context(|| format!("nobody signs in to {tenant} as {sign_in_name}"))
    }

    /// The tenant's newest sign-ins, oldest first, at most 1000.
    ///
    /// # Errors
    /// The store failed.
    pub fn sign_ins(&self, tenant: TenantId) -> anyhow::Result<Vec<SignIn>> {
        Ok(self.store.read(|reads| reads.sign_ins_since(tenant, TenantTime(i64::MIN), 1000))?)
    }
}
