use ropeway_core::directory::{AppRoleAssignment, ConsentType, OAuth2PermissionGrant, PrincipalType};
use ropeway_core::ids::{AppId, ObjectId, PermissionId, TenantId};

use crate::dialect::Row;
use crate::error::StoreError;
use crate::row::{Value, to_document};
use crate::tx::{Reads, Tx};

impl Reads<'_> {
    /// What the client may do on behalf of the user, on any resource: the user's own consents and those for everybody.
    pub fn grants(
        &self,
        tenant: TenantId,
        client: AppId,
        user: ObjectId,
    ) -> Result<Vec<OAuth2PermissionGrant>, StoreError> {
        let mut found = Vec::new();
        // One after the other: for a list of principals SQLite would make a table first.
        for consent in [ConsentType::AllPrincipals, ConsentType::Principal(user)] {
            let of_one = [tenant.into(), client.into(), principal(consent)];
            found.extend(self.connection.rows(GRANTS, &of_one, |row| {
                Ok(OAuth2PermissionGrant {
                    client,
                    consent,
                    resource: AppId(row.guid(0)?),
                    scopes: row.document(1, "consent")?,
                })
            })?);
        }
        Ok(found)
    }

    /// The user's own consents, to whatever client.
    pub fn grants_of_user(&self, tenant: TenantId, user: ObjectId) -> Result<Vec<OAuth2PermissionGrant>, StoreError> {
        self.connection.rows(GRANTS_OF_USER, &[tenant.into(), user.into()], grant)
    }

    /// Every delegated consent of the tenant. A long list: not for an async worker.
    pub fn all_grants(&self, tenant: TenantId) -> Result<Vec<OAuth2PermissionGrant>, StoreError> {
        self.connection.rows(ALL_GRANTS, &[tenant.into()], grant)
    }

    /// Every assignment of the tenant. A long list: not for an async worker.
    pub fn all_app_role_assignments(&self, tenant: TenantId) -> Result<Vec<AppRoleAssignment>, StoreError> {
        self.connection.rows(ALL_ASSIGNMENTS, &[tenant.into()], assignment)
    }

    /// The app roles given to any of these users, groups and service principals.
    pub fn app_role_assignments(
        &self,
        tenant: TenantId,
        principals: &[ObjectId],
    ) -> Result<Vec<AppRoleAssignment>, StoreError> {
        let mut found = Vec::new();
        for &principal in principals {
            found.extend(self.connection.rows(ASSIGNMENTS, &[tenant.into(), principal.into()], assignment)?);
        }
        Ok(found)
    }
}

impl Tx<'_> {
    /// Stores a consent, in place of the one with the same client, resource and principal.
    pub fn put_grant(&self, tenant: TenantId, grant: &OAuth2PermissionGrant) -> Result<(), StoreError> {
        self.connection.execute(
            PUT_GRANT,
            &[
                tenant.into(),
                grant.client.into(),
                principal(grant.consent),
                grant.resource.into(),
                to_document(&grant.scopes)?.into(),
            ],
        )?;
        Ok(())
    }

    /// Removes the consent with this client, resource and principal. `false`: there was none.
    pub fn remove_grant(&self, tenant: TenantId, grant: &OAuth2PermissionGrant) -> Result<bool, StoreError> {
        let key = [tenant.into(), grant.client.into(), principal(grant.consent), grant.resource.into()];
        Ok(self.connection.execute(REMOVE_GRANT, &key)? > 0)
    }

    /// Removes what belongs to an application that is going: consents to it and for it, assignments to it and of it.
    pub fn forget_application(
        &self,
        tenant: TenantId,
        app: AppId,
        service_principal: ObjectId,
    ) -> Result<(), StoreError> {
        self.connection.execute(FORGET_GRANTS, &[tenant.into(), app.into()])?;
        self.connection.execute(FORGET_ASSIGNMENTS, &[tenant.into(), app.into(), service_principal.into()])?;
        Ok(())
    }

    /// Gives an app role to somebody; giving it twice changes nothing.
    pub fn put_app_role_assignment(&self, tenant: TenantId, assignment: &AppRoleAssignment) -> Result<(), StoreError> {
        let kind = match assignment.principal_type {
            PrincipalType::User => "User",
            PrincipalType::Group => "Group",
            PrincipalType::ServicePrincipal => "ServicePrincipal",
        };
        let [tenant, principal, resource, app_role] = assignment_key(tenant, assignment);
        self.connection.execute(PUT_ASSIGNMENT, &[tenant, principal, resource, app_role, kind.into()])?;
        Ok(())
    }

    /// Takes an app role from somebody. `false`: it was not given.
    pub fn remove_app_role_assignment(
        &self,
        tenant: TenantId,
        assignment: &AppRoleAssignment,
    ) -> Result<bool, StoreError> {
        Ok(self.connection.execute(REMOVE_ASSIGNMENT, &assignment_key(tenant, assignment))? > 0)
    }
}

fn principal(consent: ConsentType) -> Value<'static> {
    match consent {
        ConsentType::AllPrincipals => Value::Text(""),
        ConsentType::Principal(user) => user.into(),
    }
}

fn assignment_key(tenant: TenantId, assignment: &AppRoleAssignment) -> [Value<'static>; 4] {
    let app_role = assignment.app_role.map_or(Value::Text(""), |role| role.0.into());
    [tenant.into(), assignment.principal.into(), assignment.resource.into(), app_role]
}

fn grant(row: &Row<'_>) -> Result<OAuth2PermissionGrant, StoreError> {
    let consent = match row.text_in_place(1)? {
        "" => ConsentType::AllPrincipals,
        _ => ConsentType::Principal(ObjectId(row.guid(1)?)),
    };
    Ok(OAuth2PermissionGrant {
        client: AppId(row.guid(0)?),
        consent,
        resource: AppId(row.guid(2)?),
        scopes: row.document(3, "consent")?,
    })
}

fn assignment(row: &Row<'_>) -> Result<AppRoleAssignment, StoreError> {
    let app_role = match row.text_in_place(2)? {
        "" => None,
        _ => Some(PermissionId(row.guid(2)?)),
    };
    let principal_type = match row.text_in_place(3)? {
        "User" => PrincipalType::User,
        "Group" => PrincipalType::Group,
        "ServicePrincipal" => PrincipalType::ServicePrincipal,
        other => return Err(StoreError::Corrupt(format!("{other:?} where a principal type should be"))),
    };
    Ok(AppRoleAssignment { principal: ObjectId(row.guid(0)?), principal_type, resource: AppId(row.guid(1)?), app_role })
}

const GRANTS: &str = "
    SELECT resource_id, scopes FROM oauth2_permission_grant
    WHERE tenant_id = $1 AND client_id = $2 AND principal_id = $3";
const GRANTS_OF_USER: &str = "
    SELECT client_id, principal_id, resource_id, scopes FROM oauth2_permission_grant
    WHERE tenant_id = $1 AND principal_id = $2 ORDER BY client_id, resource_id";
const ALL_GRANTS: &str = "
    SELECT client_id, principal_id, resource_id, scopes FROM oauth2_permission_grant
    WHERE tenant_id = $1 ORDER BY client_id, resource_id, principal_id";
const ALL_ASSIGNMENTS: &str = "
    SELECT principal_id, resource_id, app_role_id, principal_type FROM app_role_assignment
    WHERE tenant_id = $1 ORDER BY resource_id, principal_id, app_role_id";
const FORGET_GRANTS: &str =
    "DELETE FROM oauth2_permission_grant WHERE tenant_id = $1 AND (client_id = $2 OR resource_id = $2)";
const FORGET_ASSIGNMENTS: &str =
    "DELETE FROM app_role_assignment WHERE tenant_id = $1 AND (resource_id = $2 OR principal_id = $3)";
const PUT_GRANT: &str = "
    INSERT INTO oauth2_permission_grant (tenant_id, client_id, principal_id, resource_id, scopes)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (tenant_id, client_id, principal_id, resource_id) DO UPDATE SET scopes = excluded.scopes";
const REMOVE_GRANT: &str = "
    DELETE FROM oauth2_permission_grant
    WHERE tenant_id = $1 AND client_id = $2 AND principal_id = $3 AND resource_id = $4";
const ASSIGNMENTS: &str = "
    SELECT principal_id, resource_id, app_role_id, principal_type FROM app_role_assignment
    WHERE tenant_id = $1 AND principal_id = $2";
const PUT_ASSIGNMENT: &str = "
    INSERT INTO app_role_assignment (tenant_id, principal_id, resource_id, app_role_id, principal_type)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (tenant_id, principal_id, resource_id, app_role_id) DO NOTHING";
const REMOVE_ASSIGNMENT: &str = "
    DELETE FROM app_role_assignment
    WHERE tenant_id = $1 AND principal_id = $2 AND resource_id = $3 AND app_role_id = $4";
