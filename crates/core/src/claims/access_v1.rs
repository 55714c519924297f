use serde_json::json;

use super::set::Claims;
use super::{Issue, Subject, groups, optional};

/// A v1.0 access token
/// (<https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference#payload-claims>).
pub(super) fn claims(issue: &Issue<'_>) -> Claims {
    let issuer = issue.issuer.v1(issue.tenant.id);
    let optional = &issue.resource.optional_access_token_claims;
    let guid = optional.iter().any(|claim| claim.name == "aud" && claim.has("use_guid"));
    let audience = if guid { issue.resource.app_id.to_string() } else { issue.resource_as_asked.to_owned() };
    let mut claims = Claims::new(issue, &audience, issuer.clone(), "1.0", issue.lifetime_seconds);
    claims.add_rh(issue, issue.resource.app_id);
    claims.add("appid", issue.client.app_id.to_string());
    claims.add("appidacr", issue.client_authentication());
    claims.add_list("roles", issue.resource_roles);
    match &issue.subject {
        Subject::User(user) => {
            user.add_v1_claims(&mut claims, issue);
            claims.add_scopes(issue.scopes);
            claims.add_some("sid", issue.session.map(|session| session.to_string()));
            claims.add("sub", user.pairwise(issue, issue.resource.app_id));
            groups::add(&mut claims, issue, user, issue.resource, optional);
            optional::add_contexts(&mut claims, issue, &issue.claims_request.access_token_contexts, optional);
            let requested = optional::requested(&issue.claims_request.access_token);
            optional::add_user_claims(&mut claims, issue, user, optional.iter().chain(&requested));
            if issue.resource.built_in {
                claims.add_some("altsecid", user.alternative_security_id(issue));
                claims.add_some("home_oid", user.home_oid(issue).filter(|_| !issue.is_for_graph()));
            }
            if issue.is_for_graph() {
                claims.add("acct", user.account_status());
                claims.add("idtyp", "user");
                claims.add("puid", user.puid());
                claims.add_list("wids", &groups::wids(user));
                claims.add("xms_st", json!({ "sub": user.pairwise(issue, issue.client.app_id) }));
            }
        }
        Subject::App => {
            let service_principal = issue.client.service_principal_id.to_string();
            claims.add("idp", issuer);
            claims.add("oid", service_principal.as_str());
            claims.add("sub", service_principal);
            optional::add_app_claims(&mut claims, issue);
            if issue.is_for_graph() {
                claims.add("idtyp", "app");
                claims.add("wids", vec![APPLICATION_ROLE]);
            }
        }
    }
    if issue.is_for_graph() {
        claims.add("app_displayname", issue.client.display_name.as_str());
        claims.add("tenant_region_scope", "WW");
    }
    claims
}

/// What stands in `wids` of every application's token for Microsoft Graph.
const APPLICATION_ROLE: &str = "0997a1d0-0d1d-4acb-b408-d5ca73121e90";
