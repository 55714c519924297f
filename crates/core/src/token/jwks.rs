use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{SigningKey, VerifyingKey};

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

/// The keys that verify RS256 signatures in a published document (RFC 7517 §5). Others are passed over, and so are those
/// that name no `kid`, because no token could name them. `None` when it is no such document.
pub fn verifying_keys(document: &[u8]) -> Option<Vec<VerifyingKey>> {
    let PublishedKeys { keys } = serde_json::from_slice(document).ok()?;
    let usable = keys.into_iter().filter_map(|key| {
        let member = |name: &str| key.get(name).and_then(Value::as_str);
        let for_rs256 = member("kty") == Some("RSA")
            && member("use").is_none_or(|public_key_use| public_key_use == "sig")
            && member("alg").is_none_or(|algorithm| algorithm == "RS256");
        VerifyingKey::from_jwk(member("kid").filter(|_| for_rs256)?, member("n")?, member("e")?)
    });
    Some(usable.collect())
}

#[derive(Deserialize)]
struct PublishedKeys {
    keys: Vec<Map<String, Value>>,
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

    use proptest::prelude::*;

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

    #[test]
    fn what_we_publish_is_read_back_and_the_rest_is_passed_over() {
        let mut document = serde_json::to_value(Jwks::v2([test_key::first(), test_key::second()], "i")).unwrap();
        let keys = document["keys"].as_array_mut().unwrap();
        for (name, value) in [("kty", "EC"), ("use", "enc"), ("alg", "PS256"), ("n", "="), ("kid", "")] {
            let mut other = keys[0].clone();
            other[name] = if value.is_empty() { Value::Null } else { value.into() };
            keys.push(other);
        }

        let read = verifying_keys(document.to_string().as_bytes()).unwrap();

        let ids: Vec<_> = read.iter().map(VerifyingKey::key_id).collect();
        assert_eq!(ids, [test_key::first().key_id(), test_key::second().key_id()]);
        assert!(verifying_keys(b"{}").is_none());
        assert_eq!(verifying_keys(br#"{"keys":[]}"#).map(|keys| keys.len()), Some(0));
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_looked_at(text in "\\PC{0,200}", keys in "[\\[\\]{}:,\"a-z0-9]{0,80}") {
            let _ = verifying_keys(text.as_bytes());
            let _ = verifying_keys(format!("{{\"keys\":[{keys}]}}").as_bytes());
        }
    }
}
