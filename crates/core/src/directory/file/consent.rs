use uuid::Uuid;

use super::application::{Built, PermissionSort, application_of};
use super::names::{Sort, Target};
use super::tenant::{Builder, text_of};
use super::value::{Located, Object};
use crate::directory::{AppRoleAssignment, ConsentType, MemberType, OAuth2PermissionGrant, PrincipalType};
use crate::ids::{AppId, ObjectId, PermissionId};

/// Builds the delegated consents; a list of clients or principals stands for one consent each.
pub(super) fn oauth2_permission_grants(
    builder: &mut Builder<'_, '_>,
    tenant: &Object,
    applications: &[Built],
) -> Vec<OAuth2PermissionGrant> {
    let mut grants = Vec::new();
    for object in tenant.objects("oauth2PermissionGrants") {
        let clients = clients(builder, object);
        let consents = consents(builder, object);
        let Some(resource) = resource(builder, object, applications) else { continue };
        let Some(scope) = object.field("scope") else { continue };
        let mut scopes: Vec<String> = Vec::new();
        for word in text_of(scope).split_whitespace() {
            if resource.permission(word, PermissionSort::Scope).is_none() {
                resource.miss(builder, scope, word, PermissionSort::Scope);
            } else if !scopes.iter().any(|known| known == word) {
                scopes.push(word.to_owned());
            }
        }
        for client in &clients {
            for consent in &consents {
                grants.push(OAuth2PermissionGrant {
                    client: *client,
                    consent: *consent,
                    resource: resource.application.app_id,
                    scopes: scopes.clone(),
                });
            }
        }
    }
    merged(grants)
}

/// Graph keeps one grant for each client, principal and resource; further ones of the file add their scopes.
fn merged(grants: Vec<OAuth2PermissionGrant>) -> Vec<OAuth2PermissionGrant> {
    let mut position = std::collections::HashMap::new();
    let mut merged: Vec<OAuth2PermissionGrant> = Vec::new();
    for grant in grants {
        let principal = match grant.consent {
            ConsentType::AllPrincipals => None,
            ConsentType::Principal(id) => Some(id),
        };
        let index = *position.entry((grant.client, principal, grant.resource)).or_insert(merged.len());
        match merged.get_mut(index) {
            Some(known) => {
                for scope in grant.scopes {
                    if !known.scopes.contains(&scope) {
                        known.scopes.push(scope);
                    }
                }
            }
            None => merged.push(grant),
        }
    }
    merged
}

fn clients(builder: &mut Builder<'_, '_>, grant: &Object) -> Vec<AppId> {
    let references = grant.list("clientId").iter();
    references
        .filter_map(|reference| {
            application_of(builder.names.resolve(builder.reader, reference, &[Sort::Application])).map(|(id, _)| id)
        })
        .collect()
}

fn consents(builder: &mut Builder<'_, '_>, grant: &Object) -> Vec<ConsentType> {
    match grant.word("consentType") {
        Some("AllPrincipals") => {
            if let Some(field) = grant.field("principalId") {
                let found = "a consent for AllPrincipals names one principal";
                builder.reader.fault(
                    field.place,
                    &field.path,
                    found,
                    "remove principalId, or set consentType: Principal",
                );
            }
            vec![ConsentType::AllPrincipals]
        }
        Some(_) => {
            if grant.lacks("principalId") {
                let found = "a consent of a Principal does not say whose";
                builder.reader.fault(
                    grant.place,
                    &grant.path,
                    found,
                    "add principalId: the user's id or userPrincipalName",
                );
            }
            let references = grant.list("principalId").iter();
            references
                .filter_map(|reference| match builder.names.resolve(builder.reader, reference, &[Sort::User])? {
                    Target::User(id) => Some(ConsentType::Principal(id)),
                    _ => None,
                })
                .collect()
        }
        None => Vec::new(),
    }
}

fn resource<'b>(builder: &mut Builder<'_, '_>, object: &Object, applications: &'b [Built]) -> Option<&'b Built> {
    let reference = object.field("resourceId")?;
    let (app_id, _) = application_of(builder.names.resolve(builder.reader, reference, &[Sort::Application]))?;
    applications.iter().find(|built| built.application.app_id == app_id)
}

/// Builds the assignments of app roles; a list of principals stands for one assignment each.
pub(super) fn app_role_assignments(
    builder: &mut Builder<'_, '_>,
    tenant: &Object,
    applications: &[Built],
) -> Vec<AppRoleAssignment> {
    let mut assignments = Vec::new();
    for object in tenant.objects("appRoleAssignments") {
        let Some(resource) = resource(builder, object, applications) else { continue };
        let role = match object.field("appRoleId") {
            None if object.lacks("appRoleId") => None,
            Some(field) if text_of(field) == Uuid::nil().to_string() => None,
            Some(field) => match resource.resolve(builder, field, PermissionSort::Role) {
                Some(role) => role,
                None => continue,
            },
            None => continue,
        };
        for reference in object.list("principalId") {
            let Some((principal, principal_type)) = principal(builder, object, reference) else { continue };
            check_member_type(builder, reference, resource, role, principal_type);
            let resource = resource.application.app_id;
            let assignment = AppRoleAssignment { principal, principal_type, resource, app_role: role };
            if !assignments.contains(&assignment) {
                assignments.push(assignment);
            }
        }
    }
    assignments
}

fn principal(builder: &mut Builder<'_, '_>, object: &Object, reference: &Located) -> Option<(ObjectId, PrincipalType)> {
    let sorts: &[Sort] = match object.word("principalType") {
        Some("User") => &[Sort::User],
        Some("Group") => &[Sort::Group],
        Some(_) => &[Sort::Application],
        None => &[Sort::User, Sort::Group, Sort::Application],
    };
    match builder.names.resolve(builder.reader, reference, sorts)? {
        Target::User(id) => Some((id, PrincipalType::User)),
        Target::Group(id) => Some((id, PrincipalType::Group)),
        Target::Application(_, id) => Some((id, PrincipalType::ServicePrincipal)),
        Target::Location(..) => None,
    }
}

/// A role may be given only to what it allows; Graph refuses the rest.
fn check_member_type(
    builder: &mut Builder<'_, '_>,
    reference: &Located,
    resource: &Built,
    role: Option<PermissionId>,
    principal_type: PrincipalType,
) {
    let Some(role) = resource.application.app_roles.iter().find(|known| Some(known.id) == role) else { return };
    let (needed, word) = match principal_type {
        PrincipalType::User | PrincipalType::Group => (MemberType::User, "User"),
        PrincipalType::ServicePrincipal => (MemberType::Application, "Application"),
    };
    if !role.allowed_member_types.contains(&needed) {
        let found = format!("{} may not be given to this principal", role.value);
        let remedy = format!("add {word} to the role's allowedMemberTypes, or choose another principal");
        builder.reader.fault(reference.place, &reference.path, found, remedy);
    }
}
