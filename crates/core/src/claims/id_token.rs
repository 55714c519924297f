use super::set::Claims;
use super::{ID_TOKEN_LIFETIME_SECONDS, Issue, UserSubject, groups, optional};
use crate::directory::OptionalClaim;
use crate::token::TokenVersion;

/// An id token (<https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference>).
pub(super) fn claims(issue: &Issue<'_>, user: &UserSubject<'_>, version: TokenVersion) -> Claims {
    let client = issue.client;
    let (issuer, ver) = match version {
        TokenVersion::V1 => (issue.issuer.v1(issue.tenant.id), "1.0"),
        TokenVersion::V2 => (issue.issuer.v2(issue.tenant.id), "2.0"),
    };
    let mut claims = Claims::new(issue, &client.app_id.to_string(), issuer, ver, ID_TOKEN_LIFETIME_SECONDS);
    claims.add_rh(issue, client.app_id);
    claims.add_some("nonce", issue.nonce);
    claims.add_list("roles", issue.client_roles);
    claims.add("sub", user.pairwise(issue, client.app_id));
    match version {
        TokenVersion::V1 => {
            user.add_v1_claims(&mut claims, issue);
            claims.add_some("altsecid", user.alternative_security_id(issue));
        }
        TokenVersion::V2 => {
            user.add_v2_claims(&mut claims, issue);
            if issue.openid_scopes.profile {
                claims.add("oid", user.user.id.to_string());
            }
            if issue.openid_scopes.email {
                claims.add_some("email", user.user.mail.as_deref());
            }
        }
    }
    let optional = &client.optional_id_token_claims;
    groups::add(&mut claims, issue, user, client, optional);
    optional::add_contexts(&mut claims, issue, &issue.claims_request.id_token_contexts, optional);
    let requested = optional::requested(&issue.claims_request.id_token);
    let shown = |claim: &&OptionalClaim| {
        version == TokenVersion::V1 || issue.openid_scopes.profile || !NEEDS_PROFILE.contains(&claim.name.as_str())
    };
    optional::add_user_claims(&mut claims, issue, user, optional.iter().chain(&requested).filter(shown));
    if optional.iter().chain(&requested).any(|claim| claim.name == "login_hint") {
        claims.add("login_hint", user.login_hint(issue));
    }
    claims
}

/// Optional claims that a v2.0 id token has only with the `profile` scope.
const NEEDS_PROFILE: [&str; 4] = ["family_name", "given_name", "preferred_username", "upn"];
