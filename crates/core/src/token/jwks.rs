use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Serialize;

use super::SigningKey;

/// The published keys (RFC 7517), in the member order of Entra's own documents: `/discovery/v2.0/keys` and `/discovery/keys`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Jwks {
    keys: Vec<Jwk>,
}

impl Jwks {
    /// The v2.0 document. `issuer` is the tenant's v2.0 issuer, or the one with the literal `{tenantid}` for `common`.
    pub fn v2<'a>(keys: impl IntoIterator<Item = &'a SigningKey>, issuer: &str) -> Self {
        let keys = keys.into_iter().map(|key| Jwk {
            cloud_instance_name: Some(CLOUD_INSTANCE),
            issuer: Some(issuer.to_owned()),
            ..Jwk::new(key)
        });
        Self { keys: keys.collect() }
    }

    /// The v1.0 document, whose keys name no issuer.
    pub fn v1<'a>(keys: impl IntoIterator<Item = &'a SigningKey>) -> Self {
        Self { keys: keys.into_iter().map(Jwk::new).collect() }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Jwk {
    kty: &'static str,
    #[serde(rename = "use")]
    public_key_use: &'static str,
    kid: String,
    x5t: String,
    n: String,
    e: String,
    x5c: [String; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    cloud_instance_name: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
}

impl Jwk {
    fn new(key: &SigningKey) -> Self {
        let (modulus, exponent) = key.public_components();
        Self {
            kty: "RSA",
            public_key_use: "sig",
            kid: key.key_id().to_owned(),
            x5t: key.key_id().to_owned(),
            n: URL_SAFE_NO_PAD.encode(modulus),
            e: URL_SAFE_NO_PAD.encode(exponent),
            x5c: [STANDARD.encode(key.certificate_der())],
            cloud_instance_name: None,
            issuer: None,
        }
    }
}

const CLOUD_INSTANCE: &str = "microsoftonline.com";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed precondition fails the test")]

    use serde_json::Value;

    use super::*;
    use crate::token::test_key;

    fn members(document: &Jwks) -> Vec<String> {
        let document = serde_json::to_value(document).unwrap();
        document["keys"][0].as_object().unwrap().keys().cloned().collect()
    }

    #[test]
    fn a_v2_key_names_its_issuer_and_a_v1_key_does_not() {
        let keys = [test_key::first(), test_key::second()];

        let v2 = Jwks::v2(keys, "https://localhost:8443/{tenantid}/v2.0");
        let v1 = Jwks::v1(keys);

        let common = ["kty", "use", "kid", "x5t", "n", "e", "x5c"];
        assert_eq!(members(&v1), common);
        assert_eq!(members(&v2), [common.as_slice(), &["cloud_instance_name", "issuer"]].concat());
        let v2 = serde_json::to_value(&v2).unwrap();
        assert_eq!(v2["keys"][1]["kid"], test_key::second().key_id());
        assert_eq!(v2["keys"][1]["issuer"], "https://localhost:8443/{tenantid}/v2.0");
        assert_eq!(v2["keys"][0]["e"], "AQAB");
        assert!(matches!(&v2["keys"][0]["n"], Value::String(n) if n.len() == 342), "256 bytes without padding");
    }
}
