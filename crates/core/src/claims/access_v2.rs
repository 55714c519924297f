use super::set::Claims;
use super::{Issue, Subject, groups, optional};

/// A v2.0 access token
/// (<https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference#payload-claims>).
pub(super) fn claims(issue: &Issue<'_>) -> Claims {
    let resource = issue.resource;
    let issuer = issue.issuer.v2(issue.tenant.id);
    let mut claims = Claims::new(issue, &resource.app_id.to_string(), issuer, "2.0", issue.lifetime_seconds);
    claims.add_rh(issue, resource.app_id);
    claims.add("azp", issue.client.app_id.to_string());
    claims.add("azpacr", issue.client_authentication());
    claims.add_list("roles", issue.resource_roles);
    match &issue.subject {
        Subject::User(user) => {
            user.add_v2_claims(&mut claims, issue);
            claims.add("oid", user.user.id.to_string());
            claims.add_scopes(issue.scopes);
            claims.add_some("sid", issue.session.map(|session| session.to_string()));
            claims.add("sub", user.pairwise(issue, resource.app_id));
            let optional = &resource.optional_access_token_claims;
            groups::add(&mut claims, issue, user, resource, optional);
            optional::add_contexts(&mut claims, issue, &issue.claims_request.access_token_contexts, optional);
            let requested = optional::requested(&issue.claims_request.access_token);
            optional::add_user_claims(&mut claims, issue, user, optional.iter().chain(&requested));
        }
        Subject::App => {
            let service_principal = issue.client.service_principal_id.to_string();
            claims.add("oid", service_principal.as_str());
            claims.add("sub", service_principal);
            optional::add_app_claims(&mut claims, issue);
        }
    }
    claims
}
