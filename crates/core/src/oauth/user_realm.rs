//! User realm: where the users of a domain sign in.

use serde_json::{Value, json};

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
    use super::*;

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
