//! The consent page: what an application asks for, and the person's word.

use ropeway_core::directory::{
    AppRole, AppRoleAssignment, Application, ConsentType, DelegatedPermission, OAuth2PermissionGrant, PrincipalType,
    RequiredPermission,
};
use ropeway_core::error::Denial;
use ropeway_core::ids::{AppId, MICROSOFT_GRAPH};
use ropeway_core::oauth::form::Form;
use ropeway_core::oauth::scope::ResolvedScopes;
use ropeway_core::policy::consent;
use ropeway_store::Tx;

use super::progress::Opened;
use super::stand::{Stand, Visit};
use super::submit::{Effect, Taken, Verdict};
use super::view;
use crate::authorize::Purpose;
use crate::outcome::Stopped;
use crate::pages::Wish;

/// What is asked for, permission by permission, in words: whoever consents for everybody is told what administrators are
/// told, and which permissions the application gets for itself.
pub(super) fn wishes(visit: &Visit) -> Result<Vec<Wish>, Stopped> {
    let for_everybody = visit.asked.purpose == Purpose::AdminConsent;
    let mut wishes = Vec::new();
    for (resource, permissions) in asked_for(visit)? {
        for permission in permissions {
            let mut wish = wish(resource, permission);
            if for_everybody {
                wish.words = words_for_administrators(permission);
            }
            wishes.push(wish);
        }
    }
    if for_everybody {
        for (resource, role) in declared_roles(visit)? {
            wishes.push(Wish {
                resource: resource.display_name.clone(),
                scope: role.value.clone(),
                words: role.display_name.clone(),
                as_application: true,
            });
        }
    }
    Ok(wishes)
}

/// A permission in words for the person whose data it is about.
pub(crate) fn wish(resource: &Application, permission: &DelegatedPermission) -> Wish {
    let words = permission.user_consent_display_name.clone();
    Wish {
        resource: resource.display_name.clone(),
        scope: permission.value.clone(),
        words: words.unwrap_or_else(|| words_for_administrators(permission)),
        as_application: false,
    }
}

fn words_for_administrators(permission: &DelegatedPermission) -> String {
    permission.admin_consent_display_name.clone().unwrap_or_else(|| permission.value.clone())
}

/// Writes the consent, for the person or, if an administrator says so, for everybody.
pub(super) fn accepted(opened: &mut Opened, stand: Stand, form: &Form) -> Result<Taken, Stopped> {
    let Some(user) = stand.user else { return Ok(Taken::Step(None)) };
    let Some(object) = &user.user else { return Ok(Taken::Step(None)) };
    let asked_for_all = opened.visit.asked.purpose == Purpose::AdminConsent;
    let for_all = (asked_for_all || form.first("for_all").is_some()) && consent::is_administrator(&user.roles);
    let roles = if asked_for_all && for_all { assignments(&opened.visit)? } else { Vec::new() };
    let principal = if for_all { ConsentType::AllPrincipals } else { ConsentType::Principal(object.id) };
    let (tenant, client) = (opened.visit.asked.tenant.id, opened.visit.asked.client);
    let asked: Vec<(AppId, Vec<String>)> = asked_for(&opened.visit)?
        .into_iter()
        .map(|(resource, scopes)| (resource.app_id, scopes.into_iter().map(|scope| scope.value.clone()).collect()))
        .collect();
    let who = object.id;
    opened.visit.progress.consented = true;
    let run = Box::new(move |tx: &Tx<'_>| {
        let before = tx.reads().grants(tenant, client, who)?;
        for (resource, mut scopes) in asked {
            let known = before.iter().find(|grant| grant.resource == resource && grant.consent == principal);
            for scope in known.iter().flat_map(|grant| &grant.scopes) {
                if !scopes.contains(scope) {
                    scopes.push(scope.clone());
                }
            }
            tx.put_grant(tenant, &OAuth2PermissionGrant { client, consent: principal, resource, scopes })?;
        }
        for role in &roles {
            tx.put_app_role_assignment(tenant, role)?;
        }
        Ok(Verdict::Counts)
    });
    Ok(Taken::Step(Some(Effect { run, attempt: None })))
}

/// The application permissions that come with an administrator's consent for everybody.
fn assignments(visit: &Visit) -> Result<Vec<AppRoleAssignment>, Stopped> {
    let principal = visit.asked.client()?.service_principal_id;
    let assignment = |(resource, role): (&Application, &AppRole)| AppRoleAssignment {
        principal,
        principal_type: PrincipalType::ServicePrincipal,
        resource: resource.app_id,
        app_role: Some(role.id),
    };
    Ok(declared_roles(visit)?.into_iter().map(assignment).collect())
}

/// They are asked for by `.default`, and by v1.0, which means the same: a scope names none of them
/// (<https://learn.microsoft.com/entra/identity-platform/scopes-oidc#the-default-scope>).
fn declared_roles(visit: &Visit) -> Result<Vec<(&Application, &AppRole)>, Stopped> {
    if !visit.asked.resolved()?.iter().any(|asked| asked.default) {
        return Ok(Vec::new());
    }
    let mut roles = Vec::new();
    for access in &visit.asked.client()?.required_resource_access {
        let Some(resource) = visit.asked.tenant.application(access.resource) else { continue };
        for permission in &access.resource_access {
            if let RequiredPermission::Role(id) = permission {
                roles.extend(resource.app_roles.iter().find(|role| role.id == *id).map(|role| (resource, role)));
            }
        }
    }
    Ok(roles)
}

/// What the application is told when the person declines (captured: `consent_required` with AADSTS65004).
pub(super) fn declined(visit: &Visit) -> Vec<(&'static str, String)> {
    let mut parameters =
        ropeway_core::error::render::redirect_error(&Denial::new(65004), &view::context(&visit.asked.call));
    if visit.asked.purpose == Purpose::AdminConsent {
        parameters.insert(0, ("admin_consent", "True".to_owned()));
    }
    parameters
}

/// Every resource that is asked for with the permissions that the page shows: those named; for `.default`, and for
/// v1.0's `resource`, all that the application declares, on every resource; and OpenID Connect's own.
fn asked_for(visit: &Visit) -> Result<Vec<Asked<'_>>, Stopped> {
    let (tenant, client) = (&visit.asked.tenant, visit.asked.client()?);
    let mut asked: Vec<Asked<'_>> = Vec::new();
    for resolved in visit.asked.resolved()? {
        let ResolvedScopes { resource, default, names, .. } = resolved;
        if default {
            let resources =
                client.required_resource_access.iter().filter_map(|access| tenant.application(access.resource));
            for resource in resources {
                add(&mut asked, resource, consent::declared(client, resource));
            }
        } else {
            let named = resource.oauth2_permission_scopes.iter().filter(|scope| names.contains(&scope.value));
            add(&mut asked, resource, named.collect());
        }
    }
    if let Some(graph) = tenant.application(MICROSOFT_GRAPH) {
        let oidc: Vec<_> = visit.asked.request.scope.oidc.iter().map(|scope| scope.name()).collect();
        add(
            &mut asked,
            graph,
            graph.oauth2_permission_scopes.iter().filter(|scope| oidc.contains(&scope.value.as_str())).collect(),
        );
    }
    for (_, permissions) in &mut asked {
        let mut seen = Vec::new();
        permissions.retain(|permission| {
            let first = !seen.contains(&permission.id);
            seen.push(permission.id);
            first
        });
    }
    Ok(asked)
}

/// A resource, and what is asked of it.
type Asked<'a> = (&'a Application, Vec<&'a DelegatedPermission>);

fn add<'a>(asked: &mut Vec<Asked<'a>>, resource: &'a Application, permissions: Vec<&'a DelegatedPermission>) {
    match asked.iter_mut().find(|(known, _)| known.app_id == resource.app_id) {
        Some((_, known)) => known.extend(permissions),
        None if permissions.is_empty() => {}
        None => asked.push((resource, permissions)),
    }
}
