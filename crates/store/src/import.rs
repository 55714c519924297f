use ropeway_core::directory::{Directory, OAuth2PermissionGrant, TenantDirectory, User};
use ropeway_core::ids::TenantId;
use ropeway_core::time::WallTime;

use crate::error::StoreError;
use crate::tx::Tx;

/// Which tenants of a file went into the store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// Taken over whole.
    pub added: Vec<TenantId>,
    /// Here already, and left as they are: the store's state is newer than the file's.
    pub kept: Vec<TenantId>,
}

impl Tx<'_> {
    /// The transaction behind [`crate::Store::import`].
    pub fn import(&self, directory: &Directory, now: WallTime) -> Result<Imported, StoreError> {
        let mut imported = Imported::default();
        for tenant in &directory.tenants {
            let id = tenant.tenant.id;
            if self.reads().has_tenant(id)? {
                imported.kept.push(id);
            } else {
                self.add_tenant(tenant, now)?;
                imported.added.push(id);
            }
        }
        Ok(imported)
    }

    pub(crate) fn add_tenant(&self, directory: &TenantDirectory, now: WallTime) -> Result<(), StoreError> {
        let tenant = &directory.tenant;
        let loaded_at = tenant.settings.clock.at(now);
        self.put_tenant(tenant)?;
        for user in &directory.users {
            let last_password_change = user.last_password_change.or(Some(loaded_at));
            self.put_user(tenant.id, &User { last_password_change, ..user.clone() })?;
        }
        for grant in merged(&directory.oauth2_permission_grants) {
            self.put_grant(tenant.id, &grant)?;
        }
        for assignment in &directory.app_role_assignments {
            self.put_app_role_assignment(tenant.id, assignment)?;
        }
        Ok(())
    }
}

/// Grants of one client, resource and principal become one, with the scopes of all.
fn merged(grants: &[OAuth2PermissionGrant]) -> Vec<OAuth2PermissionGrant> {
    let mut merged: Vec<OAuth2PermissionGrant> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for grant in grants {
        let principal = match grant.consent {
            ropeway_core::directory::ConsentType::AllPrincipals => None,
            ropeway_core::directory::ConsentType::Principal(user) => Some(user),
        };
        let place = *places.entry((grant.client, grant.resource, principal)).or_insert(merged.len());
        match merged.get_mut(place) {
            None => merged.push(grant.clone()),
            Some(earlier) => {
                for scope in &grant.scopes {
                    if !earlier.scopes.contains(scope) {
                        earlier.scopes.push(scope.clone());
                    }
                }
            }
        }
    }
    merged
}
