//! User realm: where the users of a domain sign in.

use serde_json::{Value, json};

use crate::directory::{AuthenticationType, Tenant};
use crate::ids::CONSUMER_TENANT;

/// What a user realm answer says about a sign-in name's domain. It never tells whether the user exists (inferred).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Realm {
    /// Entra checks the password.
    Managed {
        /// The domain.
        domain: String,
    },
    /// A federation service does.
    Federated {
        /// The domain.
        domain: String,
    },
    /// Microsoft's provider of personal accounts does: a federated realm of its own.
    ConsumerAccount,
    /// No tenant has the domain.
    Unknown,
}

impl Realm {
    /// Where users with this name's domain sign in. `tenant_of` finds the tenant that has a domain.
    pub fn of<'t>(sign_in_name: &str, tenant_of: impl FnOnce(&str) -> Option<&'t Tenant>) -> Self {
        let Some((_, domain)) = sign_in_name.rsplit_once('@') else { return Self::Unknown };
        match tenant_of(domain) {
            Some(tenant) => Self::of_domain(domain, tenant),
            None => Self::Unknown,
        }
    }

    /// Where users with this domain of a tenant sign in.
    pub fn of_domain(domain: &str, tenant: &Tenant) -> Self {
        let Some(domain) = tenant.verified_domain(domain) else { return Self::Unknown };
        let name = domain.name.clone();
        match domain.authentication_type {
            _ if tenant.id == CONSUMER_TENANT => Self::ConsumerAccount,
            AuthenticationType::Managed => Self::Managed { domain: name },
            AuthenticationType::Federated => Self::Federated { domain: name },
        }
    }
}

/// The answer of `GET /common/userrealm/{user}?api-version=1.0` (shapes captured and documented; the unknown one inferred).
/// `origin` is where this server's federation service answers.
pub fn document(realm: &Realm, origin: &str) -> Value {
    const CLOUD: (&str, &str) = ("microsoftonline.com", "urn:federation:MicrosoftOnline");
    match realm {
        Realm::Managed { domain } => json!({
            "ver": "1.0",
            "account_type": "Managed",
            "domain_name": domain,
            "cloud_instance_name": CLOUD.0,
            "cloud_audience_urn": CLOUD.1,
        }),
        Realm::Federated { domain } => json!({
            "ver": "1.0",
            "account_type": "Federated",
            "domain_name": domain,
            "federation_protocol": "WSTrust",
            "federation_metadata_url": format!("{origin}/adfs/services/trust/mex"),
            "federation_active_auth_url": format!("{origin}/adfs/services/trust/2005/usernamemixed"),
            "cloud_instance_name": CLOUD.0,
            "cloud_audience_urn": CLOUD.1,
        }),
        // MSAL for .NET tells personal accounts by this domain name. What a client would call is on our own origin.
        Realm::ConsumerAccount => json!({
            "ver": "1.0",
            "account_type": "Federated",
            "domain_name": "live.com",
            "federation_protocol": "WSTrust",
            "federation_metadata_url": format!("{origin}/live/FederationMetadata/2007-06/FederationMetadata.xml"),
            "federation_active_auth_url": format!("{origin}/live/rst2.srf"),
            "cloud_instance_name": CLOUD.0,
            "cloud_audience_urn": CLOUD.1,
        }),
        Realm::Unknown => json!({
            "ver": "1.0",
            "account_type": "Unknown",
            "cloud_instance_name": CLOUD.0,
            "cloud_audience_urn": CLOUD.1,
        }),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use proptest::prelude::*;

    use super::*;
    use crate::directory::sample;

    fn realm_of(name: &str) -> Realm {
        let sample = sample::directory().unwrap();
        let mut tenants = sample.tenants.iter().map(|known| &known.tenant);
        Realm::of(name, |domain| tenants.find(|tenant| tenant.verified_domain(domain).is_some()))
    }

    proptest! {
        #[test]
        fn any_name_has_a_realm_and_only_a_domain_of_ours_a_known_one(name: String, before in ".{0,20}", upper: bool) {
            prop_assert_eq!(realm_of(&name.replace(".test", ".example")), Realm::Unknown);
            let domain = if upper { "OnPrem.Alpine.TEST" } else { "onprem.alpine.test" };
            let federated = Realm::Federated { domain: "onprem.alpine.test".to_owned() };
            prop_assert_eq!(realm_of(&format!("{before}@{domain}")), federated);
            prop_assert_eq!(realm_of(&format!("{before}@live.test")), Realm::ConsumerAccount);
            prop_assert_eq!(realm_of(&format!("{domain}@{before}.example")), Realm::Unknown);
        }
    }

    #[test]
    fn every_realm_has_what_msal_go_needs() {
        let realms = [
            (Realm::Managed { domain: "alpine.test".into() }, "Managed", Some("alpine.test")),
            (Realm::Federated { domain: "onprem.alpine.test".into() }, "Federated", Some("onprem.alpine.test")),
            (Realm::ConsumerAccount, "Federated", Some("live.com")),
            (Realm::Unknown, "Unknown", None),
        ];
        for (realm, account_type, domain) in realms {
            let document = document(&realm, "https://localhost:8443");
            assert_eq!(document["account_type"], account_type);
            assert_eq!(document.get("domain_name").and_then(Value::as_str), domain);
            for member in ["ver", "cloud_instance_name", "cloud_audience_urn"] {
                assert!(document[member].is_string(), "{realm:?} {member}");
            }
            let federated = document.get("federation_metadata_url").is_some();
            assert_eq!(federated, account_type == "Federated", "{realm:?}");
        }
    }
}
