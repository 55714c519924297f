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
            bail!(nobody(tenant, sign_in_name));
        }
        Ok(())
    }

    /// Gives a user a new password, as its owner would: the old one is wrong from now on, and the refresh tokens that it
    /// gave to public clients are refused. What was issued in the very millisecond counts as later, so a test that froze
    /// the clock lets time pass first.
    ///
    /// # Errors
    /// There is no such user, the account lives elsewhere, or the store failed.
    pub async fn change_password(&self, tenant: TenantId, sign_in_name: &str, password: &Secret) -> anyhow::Result<()> {
        self.set_password(tenant, sign_in_name, password, |_, _| {}).await
    }

    /// Gives a user a new password, as an administrator does in the Entra admin center: every refresh token from before is
    /// refused, whatever it began with and whoever holds it. `force_change` asks for another one at the next sign-in.
    ///
    /// # Errors
    /// As for [`change_password`](Self::change_password).
    pub async fn reset_password(
        &self,
        tenant: TenantId,
        sign_in_name: &str,
        password: &Secret,
        force_change: bool,
    ) -> anyhow::Result<()> {
        self.set_password(tenant, sign_in_name, password, move |user, now| {
            user.refresh_tokens_valid_from = Some(now);
            user.force_change_password_next_sign_in = force_change;
        })
        .await
    }

    /// Ends everything that a user is signed in to: refresh tokens and browser sessions (Graph: `revokeSignInSessions`).
    /// Access tokens live on to their end. An external user's sessions are those of the home account, which only the home
    /// tenant can revoke.
    ///
    /// # Errors
    /// There is no such user, or the store failed.
    pub async fn revoke_sign_in_sessions(&self, tenant: TenantId, sign_in_name: &str) -> anyhow::Result<()> {
        let user = self.user_id(tenant, sign_in_name)?;
        self.revoke_sessions_of(tenant, user).await
    }

    /// [`revoke_sign_in_sessions`](Self::revoke_sign_in_sessions) by object id.
    pub(crate) async fn revoke_sessions_of(&self, tenant: TenantId, user: ObjectId) -> anyhow::Result<()> {
        let now = self.tenant_now(tenant)?;
        self.store
            .write(move |tx| {
                let Some(mut user) = tx.reads().user(tenant, user)? else { return Ok(()) };
                user.sign_in_sessions_valid_from = Some(now);
                tx.put_user(tenant, &user)
            })
            .await?;
        Ok(())
    }

    async fn set_password(
        &self,
        tenant: TenantId,
        sign_in_name: &str,
        password: &Secret,
        change: impl FnOnce(&mut User, TenantTime) + Send + 'static,
    ) -> anyhow::Result<()> {
        let hash = self.passwords.hash(password, self.source.random()?).await?;
        let found = self.store.read(|reads| reads.user_by_sign_in_name(tenant, sign_in_name))?;
        let user = found.with_context(|| nobody(tenant, sign_in_name))?;
        if user.external_issuer().is_some() {
            bail!("{sign_in_name} is a guest in {tenant}: the password is the home account's");
        }
        let id = user.id;
        // Only now: hashing takes a while, and whoever signs in meanwhile does so with the old password.
        let now = self.tenant_now(tenant)?;
        self.store
            .write(move |tx| {
                tx.set_password_hash(tenant, id, &hash, Some(now))?;
                let Some(mut user) = tx.reads().user(tenant, id)? else { return Ok(()) };
                change(&mut user, now);
                tx.put_user(tenant, &user)
            })
            .await?;
        self.passwords.forget_plain(tenant, id);
        Ok(())
    }

    /// Records a delegated consent.
    ///
    /// # Errors
    /// The store failed.
    pub async fn grant(&self, tenant: TenantId, grant: OAuth2PermissionGrant) -> anyhow::Result<()> {
        Ok(self.store.write(move |tx| tx.put_grant(tenant, &grant)).await?)
    }

    /// Takes a delegated consent back: the one of this client and principal on this resource, all its scopes.
    ///
    /// # Errors
    /// There is no such consent, or the store failed.
    pub async fn withdraw_grant(&self, tenant: TenantId, grant: OAuth2PermissionGrant) -> anyhow::Result<()> {
        let client = grant.client;
        let removed = self.store.write(move |tx| tx.remove_grant(tenant, &grant)).await?;
        if !removed {
            bail!("{client} has no such consent in {tenant}");
        }
        Ok(())
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
        found.map(|user| user.id).with_context(|| nobody(tenant, sign_in_name))
    }

    /// The tenant's newest sign-ins, oldest first, at most 1000.
    ///
    /// # Errors
    /// The store failed.
    pub fn sign_ins(&self, tenant: TenantId) -> anyhow::Result<Vec<SignIn>> {
        Ok(self.store.read(|reads| reads.sign_ins_since(tenant, TenantTime(i64::MIN), 1000))?)
    }
}

fn nobody(tenant: TenantId, sign_in_name: &str) -> String {
    format!("nobody signs in to {tenant} as {sign_in_name}")
}
