//! Has the user, or an administrator for everybody, consented?

use crate::directory::{Application, DelegatedPermission, OAuth2PermissionGrant, PermissionKind, Tenant};
use crate::ids::ObjectId;
use crate::oauth::scope::ResolvedScopes;

/// What consent says about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Consent {
    /// These scope values may go into the token: all that is granted for the resource.
    Given(Vec<String>),
    /// The person who signs in could consent to what is missing.
    Missing(Vec<String>),
    /// Only an administrator could, and the person is none.
    MissingForAdmin(Vec<String>),
}

/// What the person who signs in may consent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consenter {
    /// An administrator consents to everything.
    pub is_administrator: bool,
    /// The tenant lets its users consent for themselves.
    pub users_may_consent: bool,
}

impl Consenter {
    /// A person with these directory roles in this tenant.
    pub fn of(tenant: &Tenant, roles: &[ObjectId]) -> Self {
        Self { is_administrator: is_administrator(roles), users_may_consent: tenant.users_may_consent }
    }

    fn may_consent_to(self, missing: &[&DelegatedPermission]) -> bool {
        let for_users = missing.iter().all(|permission| permission.kind == PermissionKind::User);
        self.is_administrator || self.users_may_consent && for_users
    }
}

/// Compares what is asked with what was granted. `grants` are the client's, for this user and for all principals.
///
/// `.default` asks for whatever is granted and fails only where nothing is
/// (<https://learn.microsoft.com/entra/identity-platform/scopes-oidc#the-default-scope>). OpenID Connect's own scopes
/// need no grant beside that of the resource (inferred).
pub fn evaluate(
    client: &Application,
    asked: &ResolvedScopes<'_>,
    grants: &[OAuth2PermissionGrant],
    consenter: Consenter,
) -> Consent {
    let resource = asked.resource;
    let granted: Vec<&DelegatedPermission> = resource
        .oauth2_permission_scopes
        .iter()
        .filter(|permission| permission.is_enabled)
        .filter(|permission| is_granted(client, resource, permission, grants))
        .collect();
    let values = |permissions: &[&DelegatedPermission]| permissions.iter().map(|p| p.value.clone()).collect();

    let missing: Vec<&DelegatedPermission> = if asked.default || asked.names.is_empty() {
        if !granted.is_empty() {
            return Consent::Given(values(&granted));
        }
        declared(client, resource)
    } else {
        let wanted = |permission: &&DelegatedPermission| asked.names.contains(&permission.value);
        let missing: Vec<_> = resource
            .oauth2_permission_scopes
            .iter()
            .filter(wanted)
            .filter(|permission| !granted.contains(permission))
            .collect();
        if missing.is_empty() {
            return Consent::Given(values(&granted));
        }
        missing
    };
    if consenter.may_consent_to(&missing) {
        Consent::Missing(values(&missing))
    } else {
        Consent::MissingForAdmin(values(&missing))
    }
}

fn is_granted(
    client: &Application,
    resource: &Application,
    permission: &DelegatedPermission,
    grants: &[OAuth2PermissionGrant],
) -> bool {
    let pre_authorized = resource
        .pre_authorized_applications
        .iter()
        .any(|pre| pre.app_id == client.app_id && pre.delegated_permission_ids.contains(&permission.id));
    pre_authorized
        || grants.iter().any(|grant| {
            grant.client == client.app_id
                && grant.resource == resource.app_id
                && grant.scopes.iter().any(|scope| scope.eq_ignore_ascii_case(&permission.value))
        })
}

/// Whether a user with these directory roles may consent for everybody, and to what needs an administrator
/// (<https://learn.microsoft.com/entra/identity/enterprise-apps/grant-admin-consent#prerequisites>).
pub fn is_administrator(roles: &[ObjectId]) -> bool {
    roles.iter().any(|role| MAY_CONSENT_FOR_ALL.contains(&role.0.as_u128()))
}

/// Templates of Global Administrator, Privileged Role Administrator, Cloud Application Administrator and Application
/// Administrator.
const MAY_CONSENT_FOR_ALL: [u128; 4] = [
    0x62e90394_69f5_4237_9190_012177145e10,
    0xe8611ab8_c189_46e8_94e1_60213ab1f814,
    0x158c047a_c907_4556_b7ef_446551a6b5f7,
    0x9b895d92_2cd3_44c7_9d02_a6ac2d5ea5c3,
];

/// Whether the client's registration lists the resource. v1.0's consent page shows what is declared, so a client that
/// declares nothing there cannot even ask (AADSTS650057).
pub fn declares(client: &Application, resource: &Application) -> bool {
    client.required_resource_access.iter().any(|access| access.resource == resource.app_id)
}

/// What the client declares it needs of the resource: what the consent page shows for `.default`.
pub fn declared<'r>(client: &Application, resource: &'r Application) -> Vec<&'r DelegatedPermission> {
    use crate::directory::RequiredPermission::Scope;
    let required = client.required_resource_access.iter().filter(|access| access.resource == resource.app_id);
    let ids: Vec<_> = required.flat_map(|access| &access.resource_access).collect();
    resource.oauth2_permission_scopes.iter().filter(|permission| ids.contains(&&Scope(permission.id))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::{ConsentType, PreAuthorizedApplication};
    use crate::signin::fixture;

    fn ask<'t>(resource: &'t Application, names: &[&str]) -> ResolvedScopes<'t> {
        ResolvedScopes {
            resource,
            resource_as_asked: "api://employees.alpine.test".to_owned(),
            default: names == [".default"],
            names: names.iter().filter(|name| **name != ".default").map(|name| (*name).to_owned()).collect(),
            by_resource: false,
        }
    }

    #[test]
    fn what_is_granted_decides() {
        let client = fixture::application(1, "Client");
        let mut resource = fixture::api(
            2,
            &[("Read", PermissionKind::User), ("Write", PermissionKind::User), ("All", PermissionKind::Admin)],
        );
        let grant = |scopes: &[&str]| OAuth2PermissionGrant {
            client: client.app_id,
            consent: ConsentType::AllPrincipals,
            resource: resource.app_id,
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        };
        let list = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
        let cases = [
            ("default, something granted", vec![grant(&["Read"])], vec![".default"], Consent::Given(list(&["Read"]))),
            ("default, nothing granted", vec![], vec![".default"], Consent::Missing(list(&[]))),
            (
                "named and granted brings the others granted",
                vec![grant(&["Read", "Write"])],
                vec!["Read"],
                Consent::Given(list(&["Read", "Write"])),
            ),
            ("one of two missing", vec![grant(&["Read"])], vec!["Read", "Write"], Consent::Missing(list(&["Write"]))),
            (
                "admin-only missing",
                vec![grant(&["Read"])],
                vec!["Read", "All"],
                Consent::MissingForAdmin(list(&["All"])),
            ),
            ("admin-only granted", vec![grant(&["All"])], vec!["All"], Consent::Given(list(&["All"]))),
        ];
        for (name, grants, asked, expected) in cases {
            assert_eq!(evaluate(&client, &ask(&resource, &asked), &grants, USER), expected, "{name}");
        }
        resource.pre_authorized_applications = vec![PreAuthorizedApplication {
            app_id: client.app_id,
            delegated_permission_ids: vec![resource.oauth2_permission_scopes[1].id],
        }];
        assert_eq!(evaluate(&client, &ask(&resource, &[".default"]), &[], USER), Consent::Given(list(&["Write"])));
    }

    #[test]
    fn who_may_consent_depends_on_the_permission_the_tenant_and_the_role() {
        let client = fixture::application(1, "Client");
        let resource = fixture::api(2, &[("Read", PermissionKind::User), ("All", PermissionKind::Admin)]);
        let administrator = Consenter { is_administrator: true, users_may_consent: false };
        let bound = Consenter { is_administrator: false, users_may_consent: false };
        for (permission, consenter, may) in [
            ("Read", USER, true),
            ("All", USER, false),
            ("Read", bound, false),
            ("All", bound, false),
            ("Read", administrator, true),
            ("All", administrator, true),
        ] {
            let missing = vec![permission.to_owned()];
            let expected = if may { Consent::Missing(missing) } else { Consent::MissingForAdmin(missing) };
            let evaluated = evaluate(&client, &ask(&resource, &[permission]), &[], consenter);
            assert_eq!(evaluated, expected, "{permission} for {consenter:?}");
        }
    }

    const USER: Consenter = Consenter { is_administrator: false, users_may_consent: true };
}
