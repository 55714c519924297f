use super::set::Claims;
use super::{Issue, UserSubject};
use crate::directory::{AuthenticationContext, IdentityIssuer, OptionalClaim};

/// The optional claims of a user's token, as far as the directory knows a value
/// (<https://learn.microsoft.com/entra/identity-platform/optional-claims-reference>). `asked` is the client's list for id
/// tokens, the resource's for access tokens, each with what the request's `claims` parameter adds.
pub(super) fn add_user_claims<'c>(
    claims: &mut Claims,
    issue: &Issue<'_>,
    user: &UserSubject<'_>,
    asked: impl IntoIterator<Item = &'c OptionalClaim>,
) {
    let directory = user.user;
    for claim in asked {
        match claim.name.as_str() {
            "acct" => claims.add("acct", user.account_status()),
            "auth_time" => claims.add_some("auth_time", user.auth_time.map(|time| time.unix_seconds())),
            "email" => claims.add_some("email", directory.mail.as_deref()),
            "family_name" => claims.add_some("family_name", directory.surname.as_deref()),
            "given_name" => claims.add_some("given_name", directory.given_name.as_deref()),
            "idtyp" => claims.add_some("idtyp", claim.has("include_user_token").then_some("user")),
            "ipaddr" => claims.add("ipaddr", issue.ip.to_string()),
            "preferred_username" => claims.add("preferred_username", directory.sign_in_name()),
            "pwd_exp" => claims.add_some("pwd_exp", user.password_expiry()),
            "pwd_url" => claims.add_some("pwd_url", user.password_change_url()),
            "sid" => claims.add_some("sid", issue.session.map(|session| session.to_string())),
            "upn" => claims.add_some("upn", upn(claim, user)),
            "verified_primary_email" => {
                claims.add_some("verified_primary_email", verified_mail(issue, user).map(|mail| vec![mail]));
            }
            "xms_cc" => claims.add_list("xms_cc", &issue.claims_request.client_capabilities),
            "xms_edov" => claims.add_some("xms_edov", directory.mail.as_ref().map(|_| owner_verified(issue, user))),
            _ => {}
        }
    }
}

/// The authentication contexts that were asked for, and, where the application opted in to `acrs`, every other whose policies
/// ask nothing more.
pub(super) fn add_contexts(
    claims: &mut Claims,
    issue: &Issue<'_>,
    asked: &[AuthenticationContext],
    optional: &[OptionalClaim],
) {
    let opted_in = optional.iter().any(|claim| claim.name == "acrs");
    let unasked = issue.contexts.iter().filter(|_| opted_in);
    let mut contexts: Vec<String> = asked.iter().chain(unasked).map(ToString::to_string).collect();
    contexts.sort();
    contexts.dedup();
    claims.add_list("acrs", &contexts);
}

/// The optional claims of an application's own access token.
pub(super) fn add_app_claims(claims: &mut Claims, issue: &Issue<'_>) {
    for claim in &issue.resource.optional_access_token_claims {
        match claim.name.as_str() {
            "idtyp" => claims.add("idtyp", "app"),
            "ipaddr" => claims.add("ipaddr", issue.ip.to_string()),
            "xms_cc" => claims.add_list("xms_cc", &issue.claims_request.client_capabilities),
            _ => {}
        }
    }
}

/// What the `claims` parameter asks for, as if it were registered. The client's capabilities are not among it: whether a
/// token repeats them is the resource's to say.
pub(super) fn requested(names: &[String]) -> Vec<OptionalClaim> {
    names.iter().map(|name| OptionalClaim::named(name)).collect()
}

/// A guest's is left out, for it holds `#EXT#` and is no name to sign in with, unless the application asks for it.
fn upn(claim: &OptionalClaim, user: &UserSubject<'_>) -> Option<String> {
    let stored = || user.user.user_principal_name.clone();
    match user.upn() {
        Some(upn) => Some(upn.to_owned()),
        None if claim.has("include_externally_authenticated_upn") => Some(stored()),
        None if claim.has("include_externally_authenticated_upn_without_hash") => Some(stored().replace('#', "_")),
        None => None,
    }
}

fn verified_mail<'a>(issue: &Issue<'_>, user: &UserSubject<'a>) -> Option<&'a str> {
    let mail = user.user.mail.as_deref()?;
    let (_, domain) = mail.rsplit_once('@')?;
    issue.tenant.verified_domain(domain).map(|_| mail)
}

fn owner_verified(issue: &Issue<'_>, user: &UserSubject<'_>) -> bool {
    matches!(user.user.external_issuer(), Some(IdentityIssuer::MicrosoftAccount | IdentityIssuer::Google))
        || verified_mail(issue, user).is_some()
}
