//! A tenant once more under another id: what parallel tests get one each of.

use std::collections::HashMap;

use super::{
    Application, ConditionalAccessPolicy, ConsentType, Group, Identity, IdentityIssuer, Tenant, TenantDirectory, User,
};
use crate::ids::{ObjectId, TenantId, derived_id};

impl TenantDirectory {
    /// This tenant under another id. Every verified domain `D` becomes `<8 hex>.D`, with the first digits of that id, and
    /// every object gets an id of its own, the same each time for the same two tenants. All else is alike: user names
    /// before the `@`, `appId`s, identifier URIs, passwords, state. A guest keeps the account at home.
    pub fn copied_as(&self, id: TenantId) -> TenantDirectory {
        let copying = Copying::new(&self.tenant, id);
        let mut grants = self.oauth2_permission_grants.clone();
        for grant in &mut grants {
            if let ConsentType::Principal(user) = &mut grant.consent {
                *user = copying.id(*user);
            }
        }
        let mut assignments = self.app_role_assignments.clone();
        for assignment in &mut assignments {
            assignment.principal = copying.id(assignment.principal);
        }
        TenantDirectory {
            tenant: copying.tenant(),
            users: self.users.iter().map(|user| copying.user(user)).collect(),
            oauth2_permission_grants: grants,
            app_role_assignments: assignments,
        }
    }
}

/// The id that an object of a tenant has in the copy with this id.
pub fn copied_id(copy: TenantId, original: ObjectId) -> ObjectId {
    ObjectId(derived_id(copy, "copy", &original.to_string()))
}

struct Copying<'a> {
    from: &'a Tenant,
    to: TenantId,
    prefix: String,
    /// Ids that were derived from the tenant's are derived again, so that what is built in looks so in the copy too.
    derived: HashMap<ObjectId, ObjectId>,
}

impl<'a> Copying<'a> {
    fn new(from: &'a Tenant, to: TenantId) -> Self {
        let mut derived = HashMap::new();
        for app in &from.applications {
            for (kind, id) in [("application", app.id), ("servicePrincipal", app.service_principal_id)] {
                let name = app.app_id.to_string();
                if id == ObjectId(derived_id(from.id, kind, &name)) {
                    derived.insert(id, ObjectId(derived_id(to, kind, &name)));
                }
            }
        }
        let prefix = to.0.simple().to_string().chars().take(PREFIX_DIGITS).collect();
        Self { from, to, prefix, derived }
    }

    fn id(&self, original: ObjectId) -> ObjectId {
        self.derived.get(&original).copied().unwrap_or_else(|| copied_id(self.to, original))
    }

    fn ids(&self, originals: &[ObjectId]) -> Vec<ObjectId> {
        originals.iter().map(|id| self.id(*id)).collect()
    }

    /// A domain of the tenant is one of the copy; others stay.
    fn domain(&self, name: &str) -> String {
        match self.from.verified_domain(name) {
            Some(_) => format!("{}.{name}", self.prefix),
            None => name.to_owned(),
        }
    }

    fn name(&self, name: &str) -> String {
        match name.rsplit_once('@') {
            Some((local, domain)) => format!("{local}@{}", self.domain(domain)),
            None => name.to_owned(),
        }
    }

    fn tenant(&self) -> Tenant {
        let mut tenant = self.from.clone();
        tenant.id = self.to;
        tenant.settings.copied_from.push(self.from.id);
        for domain in &mut tenant.verified_domains {
            domain.name = self.domain(&domain.name);
        }
        for Application { id, service_principal_id, .. } in &mut tenant.applications {
            *id = self.id(*id);
            *service_principal_id = self.id(*service_principal_id);
        }
        for Group { id, members, .. } in &mut tenant.groups {
            *id = self.id(*id);
            *members = members.iter().map(|member| self.id(*member)).collect();
        }
        for role in &mut tenant.directory_roles {
            role.members = role.members.iter().map(|member| self.id(*member)).collect();
        }
        for location in &mut tenant.named_locations {
            location.id = self.id(location.id);
        }
        for policy in &mut tenant.conditional_access_policies {
            self.policy(policy);
        }
        tenant
    }

    fn policy(&self, policy: &mut ConditionalAccessPolicy) {
        policy.id = self.id(policy.id);
        let users = &mut policy.users;
        for ids in
            [&mut users.include_users, &mut users.include_groups, &mut users.exclude_users, &mut users.exclude_groups]
        {
            *ids = self.ids(ids);
        }
        if let Some(locations) = &mut policy.locations {
            locations.include = self.ids(&locations.include);
            locations.exclude = self.ids(&locations.exclude);
        }
    }

    fn user(&self, user: &User) -> User {
        let identity = |identity: &Identity| match &identity.issuer {
            IdentityIssuer::Other(issuer) => Identity {
                issuer: IdentityIssuer::Other(self.domain(issuer)),
                issuer_assigned_id: identity.issuer_assigned_id.as_deref().map(|id| self.name(id)),
                ..identity.clone()
            },
            _ => identity.clone(),
        };
        User {
            id: self.id(user.id),
            user_principal_name: self.name(&user.user_principal_name),
            mail: user.mail.as_deref().map(|mail| self.name(mail)),
            identities: user.identities.iter().map(identity).collect(),
            ..user.clone()
        }
    }
}

const PREFIX_DIGITS: usize = 8;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::collections::HashSet;

    use uuid::Uuid;

    use super::*;
    use crate::directory::{file, sample};

    const COPY: TenantId = TenantId(Uuid::from_u128(0xc0ffee00_1234_4000_8000_000000000001));

    fn alpine() -> TenantDirectory {
        sample::directory().unwrap().tenants.remove(0)
    }

    #[test]
    fn names_keep_what_is_before_the_at_and_guests_keep_their_home() {
        let copy = alpine().copied_as(COPY);

        let names: Vec<_> = copy.users.iter().map(User::sign_in_name).collect();
        assert!(names.contains(&"cloud@c0ffee00.alpine.test"), "{names:?}");
        assert!(names.contains(&"onprem@c0ffee00.onprem.alpine.test"), "{names:?}");
        assert!(names.contains(&"guest@fjord.test"), "{names:?}");
        let domains: Vec<_> = copy.tenant.verified_domains.iter().map(|domain| domain.name.as_str()).collect();
        assert_eq!(domains, ["c0ffee00.alpine.test", "c0ffee00.onprem.alpine.test"]);
    }

    #[test]
    fn every_object_has_an_id_of_its_own_and_references_follow() {
        let (original, copy) = (alpine(), alpine().copied_as(COPY));

        let ids = |directory: &TenantDirectory| -> HashSet<ObjectId> {
            let apps = directory.tenant.applications.iter().flat_map(|app| [app.id, app.service_principal_id]);
            let groups = directory.tenant.groups.iter().map(|group| group.id);
            directory.users.iter().map(|user| user.id).chain(apps).chain(groups).collect()
        };
        assert!(ids(&original).is_disjoint(&ids(&copy)));
        assert_eq!(ids(&original).len(), ids(&copy).len());
        let known = ids(&copy);
        for member in copy.tenant.groups.iter().flat_map(|group| &group.members) {
            assert!(known.contains(member));
        }
        for assignment in &copy.app_role_assignments {
            assert!(known.contains(&assignment.principal));
        }
        let app_ids = |tenant: &Tenant| tenant.applications.iter().map(|app| app.app_id).collect::<Vec<_>>();
        assert_eq!(app_ids(&original.tenant), app_ids(&copy.tenant));
    }

    #[test]
    fn a_copy_shows_what_the_original_shows_but_for_ids_and_domains() {
        let file = |directory: TenantDirectory| {
            let text = file::show(&crate::directory::Directory { tenants: vec![directory] });
            text.replace("c0ffee00.", "").lines().filter(|line| !line.contains("id:")).count()
        };

        assert_eq!(file(alpine()), file(alpine().copied_as(COPY)));
    }

    #[test]
    fn a_copy_of_a_copy_remembers_its_descent() {
        let again = TenantId(Uuid::from_u128(0xdecaf000_1234_4000_8000_000000000001));

        let copy = alpine().copied_as(COPY).copied_as(again);

        assert_eq!(copy.tenant.settings.copied_from, [alpine().tenant.id, COPY]);
        assert_eq!(copy.tenant.default_domain(), "decaf000.c0ffee00.alpine.test");
    }
}
