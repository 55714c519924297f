use super::set::ClaimSet;
use super::{Issue, UserSubject};
use crate::directory::IdentityIssuer;

/// The optional claims of a user's token, as far as the directory knows a value
/// (<https://learn.microsoft.com/entra/identity-platform/optional-claims-reference>). `names` is the client's list for id
/// tokens, the resource's for access tokens.
pub(super) fn add_user_claims(claims: &mut ClaimSet, issue: &Issue<'_>, user: &UserSubject<'_>, names: &[String]) {
    let directory = user.user;
    for name in names {
        match name.as_str() {
            "acct" => claims.add("acct", user.account_status()),
            "auth_time" => claims.add_some("auth_time", user.auth_time.map(|time| time.unix_seconds())),
            "email" => claims.add_some("email", directory.mail.as_deref()),
            "family_name" => claims.add_some("family_name", directory.surname.as_deref()),
            "given_name" => claims.add_some("given_name", directory.given_name.as_deref()),
            "ipaddr" => claims.add("ipaddr", issue.ip.to_string()),
            "preferred_username" => claims.add("preferred_username", directory.sign_in_name()),
            "sid" => claims.add_some("sid", issue.session.map(|session| session.to_string())),
            "upn" => claims.add_some("upn", user.upn()),
            "verified_primary_email" => {
                claims.add_some("verified_primary_email", verified_mail(issue, user).map(|mail| vec![mail]));
            }
            "xms_cc" => claims.add_list("xms_cc", issue.client_capabilities),
            "xms_edov" => claims.add_some("xms_edov", directory.mail.as_ref().map(|_| owner_verified(issue, user))),
            _ => {}
        }
    }
}

/// The optional claims of an application's own access token.
pub(super) fn add_app_claims(claims: &mut ClaimSet, issue: &Issue<'_>) {
    for name in &issue.resource.optional_access_token_claims {
        match name.as_str() {
            "idtyp" => claims.add("idtyp", "app"),
            "ipaddr" => claims.add("ipaddr", issue.ip.to_string()),
            "xms_cc" => claims.add_list("xms_cc", issue.client_capabilities),
            _ => {}
        }
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
