use crate::directory::Tenant;
use crate::ids::TenantId;

/// Whether an assertion with this `aud` is meant for us as this tenant: a token endpoint of v1.0 or v2.0, or an issuer,
/// on one of our origins. The tenant may be named by its id, by one of its domains, or by an alias, because a client
/// builds the URL from the authority it was given.
pub(super) fn is_ours(audience: &str, tenant: &Tenant, origins: &[&str]) -> bool {
    let path = origins.iter().find_map(|origin| audience.strip_prefix(origin)?.strip_prefix('/'));
    let Some((segment, rest)) = path.and_then(|path| path.split_once('/')) else { return false };
    ["oauth2/v2.0/token", "oauth2/token", "v2.0", ""].contains(&rest) && names(segment, tenant)
}

fn names(segment: &str, tenant: &Tenant) -> bool {
    segment.to_ascii_lowercase().parse::<TenantId>().is_ok_and(|id| id == tenant.id)
        || ["common", "organizations"].iter().any(|alias| segment.eq_ignore_ascii_case(alias))
        || tenant.verified_domain(segment).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signin::fixture;

    #[test]
    fn the_forms_that_clients_send_are_known_and_no_others() {
        let tenant = fixture::tenant();
        let domain = tenant.default_domain();
        let ours = ["https://localhost:8443", "https://login.microsoftonline.com"];
        let id = tenant.id;
        let cases = [
            (format!("https://localhost:8443/{id}/oauth2/v2.0/token"), true),
            (format!("https://localhost:8443/{}/oauth2/v2.0/token", id.to_string().to_uppercase()), true),
            (format!("https://localhost:8443/{id}/oauth2/token"), true),
            (format!("https://localhost:8443/{domain}/oauth2/v2.0/token"), true),
            ("https://localhost:8443/common/oauth2/v2.0/token".to_owned(), true),
            ("https://localhost:8443/organizations/oauth2/token".to_owned(), true),
            (format!("https://localhost:8443/{id}/v2.0"), true),
            (format!("https://localhost:8443/{id}/"), true),
            (format!("https://login.microsoftonline.com/{id}/oauth2/v2.0/token"), true),
            (format!("https://localhost:8443/{id}/oauth2/v2.0/token/"), false),
            (format!("https://localhost:8443/{id}/oauth2/v2.0/authorize"), false),
            (format!("https://localhost:8443/{id}"), false),
            (format!("https://localhost:84430/{id}/v2.0"), false),
            (format!("https://localhost/{id}/oauth2/v2.0/token"), false),
            (format!("http://localhost:8443/{id}/oauth2/v2.0/token"), false),
            ("https://localhost:8443/00000000-0000-4000-8000-000000000001/oauth2/v2.0/token".to_owned(), false),
            ("https://localhost:8443/other.test/oauth2/v2.0/token".to_owned(), false),
            ("https://localhost:8443".to_owned(), false),
            (id.to_string(), false),
            (String::new(), false),
        ];
        for (audience, expected) in cases {
            assert_eq!(is_ours(&audience, &tenant, &ours), expected, "{audience}");
        }
    }
}
