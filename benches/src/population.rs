//! A data directory with a million users.

use std::path::Path;

use anyhow::Context;
use ropeway_core::directory::{ConsentType, Directory, OAuth2PermissionGrant, Password, TenantDirectory, User};
use ropeway_core::secret::Secret;
use ropeway_store::{Store, StoreError, Tx};

use crate::clock;
use crate::tenant::{TENANT, user_id, user_name};

/// Writes the tenant with `users` users into a data directory: those of the file, and copies of the first one under other
/// names, each with consents of its own and in the group that everybody is in.
///
/// # Errors
/// The store cannot be written.
pub(crate) async fn populate(folder: &Path, directory: &Directory, users: usize) -> anyhow::Result<()> {
    let store = Store::in_directory(folder)?;
    store.import(directory, clock::wall()).await?;
    let known = directory.tenants.iter().find(|known| known.tenant.id == TENANT).context("the tenant is missing")?;
    let first = known.users.len();
    let mut begin = first;
    while begin < users {
        let end = users.min(begin + USERS_PER_COMMIT);
        let like = Like::first_of(known)?;
        store.write(move |tx| (begin..end).try_for_each(|number| like.put(tx, number))).await?;
        begin = end;
    }
    let mut tenant = known.tenant.clone();
    let group = tenant.groups.first_mut().context("the group is missing")?;
    group.members.extend((first..users).map(user_id));
    store.write(move |tx| tx.put_tenant(&tenant)).await?;
    Ok(())
}

/// The user that the others are like.
struct Like {
    user: User,
    hash: Secret,
    grants: Vec<OAuth2PermissionGrant>,
}

impl Like {
    fn first_of(known: &TenantDirectory) -> anyhow::Result<Self> {
        let user = known.users.first().context("a tenant without users")?.clone();
        let Some(Password::Phc(hash)) = &user.password else { anyhow::bail!("the user has no hash") };
        let own = ConsentType::Principal(user.id);
        let grants = known.oauth2_permission_grants.iter().filter(|grant| grant.consent == own);
        Ok(Self { hash: hash.clone(), grants: grants.cloned().collect(), user })
    }

    fn put(&self, tx: &Tx<'_>, number: usize) -> Result<(), StoreError> {
        let id = user_id(number);
        let name = user_name(number);
        let user = User {
            id,
            display_name: format!("User {number}"),
            surname: Some(number.to_string()),
            mail: Some(name.clone()),
            user_principal_name: name,
            password: Some(Password::Phc(self.hash.clone())),
            last_password_change: Some(ropeway_core::time::TenantTime(clock::wall().0)),
            ..self.user.clone()
        };
        tx.put_user(TENANT, &user)?;
        self.grants.iter().try_for_each(|grant| {
            tx.put_grant(TENANT, &OAuth2PermissionGrant { consent: ConsentType::Principal(id), ..grant.clone() })
        })
    }
}

/// Large enough that the disk is rarely waited for, small enough to fit into memory.
const USERS_PER_COMMIT: usize = 20_000;
