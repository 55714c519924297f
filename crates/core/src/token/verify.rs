use aws_lc_rs::signature::{
    ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaParameters, RsaPublicKeyComponents,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::SigningKey;
use super::sign::{ALGORITHM, graph_nonce};
use super::strict_json::parse_object;

/// A public key that tokens are checked with. It is for RS256 and nothing else: the header never chooses.
#[derive(Debug, Clone)]
pub struct VerifyingKey {
    key_id: String,
    public_key: PublicKey,
}

/// An RSA public key for one algorithm. What was no key verifies nothing.
#[derive(Debug, Clone)]
pub(crate) struct PublicKey(Option<ParsedPublicKey>);

/// How a JWS is signed with RSA and SHA-256 (RFC 7518 §3.3, §3.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RsaAlgorithm {
    /// RSASSA-PKCS1-v1_5.
    Rs256,
    /// RSASSA-PSS.
    Ps256,
}

impl RsaAlgorithm {
    fn parameters(self) -> &'static RsaParameters {
        match self {
            Self::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
            Self::Ps256 => &RSA_PSS_2048_8192_SHA256,
        }
    }
}

impl PublicKey {
    /// From the structure `RSAPublicKey` in DER (RFC 8017 A.1.1).
    pub(crate) fn from_der(algorithm: RsaAlgorithm, der: &[u8]) -> Self {
        Self(ParsedPublicKey::new(algorithm.parameters(), der).ok())
    }

    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.as_ref().is_some_and(|key| key.verify_sig(message, signature).is_ok())
    }
}

impl VerifyingKey {
    /// From the `kid`, `n` and `e` of a published key. `None` when `n` or `e` is not base64url.
    pub fn from_jwk(kid: &str, n: &str, e: &str) -> Option<Self> {
        let modulus = URL_SAFE_NO_PAD.decode(n).ok()?;
        let exponent = URL_SAFE_NO_PAD.decode(e).ok()?;
        let components = RsaPublicKeyComponents { n: modulus, e: exponent };
        let public_key = components.to_parsed_public_key(RsaAlgorithm::Rs256.parameters()).ok();
        Some(Self { key_id: kid.to_owned(), public_key: PublicKey(public_key) })
    }

    /// The `kid` under which it is published.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.public_key.verifies(message, signature)
    }
}

impl From<&SigningKey> for VerifyingKey {
    fn from(key: &SigningKey) -> Self {
        Self {
            key_id: key.key_id().to_owned(),
            public_key: PublicKey::from_der(RsaAlgorithm::Rs256, key.public_key_der()),
        }
    }
}

/// A token whose signature is right. Audience, issuer and lifetime are still to be looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct VerifiedToken {
    /// The JOSE header.
    pub header: Map<String, Value>,
    /// The payload.
    pub claims: Map<String, Value>,
}

/// Why a token was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAccepted {
    /// Longer than any token of ours.
    #[error("the token is too long")]
    TooLong,
    /// Not three parts of base64url around JSON objects without repeated members.
    #[error("not a signed JWT")]
    Malformed,
    /// `alg` is not RS256.
    #[error("the token's algorithm is not RS256")]
    WrongAlgorithm,
    /// The header has `crit`, `zip` or `b64`, which change what the rest means.
    #[error("the token's header asks for an extension that is not understood")]
    Extension,
    /// No `kid`, or none of the keys has it.
    #[error("the token names no known key")]
    UnknownKey,
    /// The signature is not one of this key over these bytes.
    #[error("the token's signature is wrong")]
    WrongSignature,
}

/// Checks form and signature of a compact JWS (RFC 7515 §5.2, as strict as RFC 8725 advises).
///
/// # Errors
/// The first reason not to accept it.
pub fn verify(token: &str, keys: &[VerifyingKey]) -> Result<VerifiedToken, NotAccepted> {
    verify_with(token, keys, |_, encoded_header| Some(encoded_header.to_owned()))
}

/// Checks an access token for Microsoft Graph, whose signature covers the SHA-256 of its nonce
/// (see [`Header::Graph`](super::Header::Graph)).
///
/// # Errors
/// The first reason not to accept it; a header without `nonce` is malformed.
pub fn verify_graph(token: &str, keys: &[VerifyingKey]) -> Result<VerifiedToken, NotAccepted> {
    verify_with(token, keys, |header, _| {
        let mut signed = header.clone();
        let nonce = signed.get_mut("nonce")?;
        *nonce = graph_nonce(nonce.as_str()?).into();
        Some(URL_SAFE_NO_PAD.encode(Value::Object(signed).to_string()))
    })
}

fn verify_with(
    token: &str,
    keys: &[VerifyingKey],
    signed_header: impl FnOnce(&Map<String, Value>, &str) -> Option<String>,
) -> Result<VerifiedToken, NotAccepted> {
    if token.len() > LONGEST_TOKEN {
        return Err(NotAccepted::TooLong);
    }
    let parts: Vec<&str> = token.split('.').collect();
    let [encoded_header, payload, signature] = parts[..] else { return Err(NotAccepted::Malformed) };
    let header = decode_object(encoded_header)?;
    if header.get("alg").and_then(Value::as_str) != Some(ALGORITHM) {
        return Err(NotAccepted::WrongAlgorithm);
    }
    if ["crit", "zip", "b64"].iter().any(|name| header.contains_key(*name)) {
        return Err(NotAccepted::Extension);
    }
    let kid = header.get("kid").and_then(Value::as_str).ok_or(NotAccepted::UnknownKey)?;
    let key = keys.iter().find(|key| key.key_id == kid).ok_or(NotAccepted::UnknownKey)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| NotAccepted::Malformed)?;
    let signed_header = signed_header(&header, encoded_header).ok_or(NotAccepted::Malformed)?;
    if !key.verifies(format!("{signed_header}.{payload}").as_bytes(), &signature) {
        return Err(NotAccepted::WrongSignature);
    }
    let claims = decode_object(payload)?;
    Ok(VerifiedToken { header, claims })
}

pub(super) fn decode_object(part: &str) -> Result<Map<String, Value>, NotAccepted> {
    let json = URL_SAFE_NO_PAD.decode(part).map_err(|_| NotAccepted::Malformed)?;
    parse_object(&json).ok_or(NotAccepted::Malformed)
}

/// Bytes. A token with 200 groups has about 12,000.
pub(super) const LONGEST_TOKEN: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed precondition fails the test")]

    use proptest::prelude::*;

    use super::*;
    use crate::token::{Header, Jwks, sign, test_key};

    fn claims() -> Map<String, Value> {
        serde_json::from_str(r#"{"aud":"a","sub":"s"}"#).unwrap()
    }

    fn both_keys() -> Vec<VerifyingKey> {
        vec![test_key::first().into(), test_key::second().into()]
    }

    /// A token with this header and payload text and a right signature over them.
    fn signed(header: &str, payload: &str) -> String {
        let header = header.replace("KID", test_key::first().key_id());
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
        let signature = test_key::first().sign_rs256(message.as_bytes()).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    #[test]
    fn a_signed_token_is_accepted_and_read_back() {
        for header in [Header::V1, Header::V2] {
            let token = sign(test_key::second(), header, &claims()).unwrap();

            assert_eq!(verify(&token, &both_keys()).map(|token| token.claims), Ok(claims()));
        }
    }

    #[test]
    fn a_published_key_verifies() {
        let jwks = serde_json::to_value(Jwks::v1([test_key::first()])).unwrap();
        let member = |name: &str| jwks["keys"][0][name].as_str().unwrap().to_owned();
        let key = VerifyingKey::from_jwk(&member("kid"), &member("n"), &member("e")).unwrap();
        let token = sign(test_key::first(), Header::V2, &claims()).unwrap();

        assert!(verify(&token, &[key]).is_ok());
        assert!(VerifyingKey::from_jwk("kid", "n=", "AQAB").is_none());
    }

    #[test]
    fn a_graph_token_is_for_graph_alone() {
        let token = sign(test_key::first(), Header::Graph { nonce: "Y2j-TriGaN7A2aiyz" }, &claims()).unwrap();
        let ordinary = sign(test_key::first(), Header::V1, &claims()).unwrap();

        assert_eq!(verify_graph(&token, &both_keys()).map(|token| token.claims), Ok(claims()));
        assert_eq!(verify(&token, &both_keys()), Err(NotAccepted::WrongSignature));
        assert_eq!(verify_graph(&ordinary, &both_keys()), Err(NotAccepted::Malformed));
    }

    #[test]
    fn what_is_not_plain_rs256_of_a_known_key_is_refused() {
        for (header, payload, expected) in [
            (r#"{"alg":"RS256","kid":"KID"}"#, r#"{"a":1}"#, None),
            (r#"{"alg":"none","kid":"KID"}"#, "{}", Some(NotAccepted::WrongAlgorithm)),
            (r#"{"alg":"HS256","kid":"KID"}"#, "{}", Some(NotAccepted::WrongAlgorithm)),
            (r#"{"kid":"KID"}"#, "{}", Some(NotAccepted::WrongAlgorithm)),
            (r#"{"alg":"RS256","kid":"KID","crit":[]}"#, "{}", Some(NotAccepted::Extension)),
            (r#"{"alg":"RS256","kid":"KID","zip":"DEF"}"#, "{}", Some(NotAccepted::Extension)),
            (r#"{"alg":"RS256","kid":"KID","b64":true}"#, "{}", Some(NotAccepted::Extension)),
            (r#"{"alg":"RS256"}"#, "{}", Some(NotAccepted::UnknownKey)),
            (r#"{"alg":"RS256","kid":"other"}"#, "{}", Some(NotAccepted::UnknownKey)),
            (r#"{"alg":"RS256","alg":"RS256","kid":"KID"}"#, "{}", Some(NotAccepted::Malformed)),
            (r#"{"alg":"RS256","kid":"KID"}"#, r#"{"a":1,"a":2}"#, Some(NotAccepted::Malformed)),
            (r#"{"alg":"RS256","kid":"KID"}"#, "[]", Some(NotAccepted::Malformed)),
        ] {
            let outcome = verify(&signed(header, payload), &both_keys());
            assert_eq!(outcome.err(), expected, "{header} {payload}");
        }
    }

    #[test]
    fn a_token_signed_by_another_key_under_this_kid_is_refused() {
        let token = sign(test_key::second(), Header::V2, &claims()).unwrap();
        let impostor = VerifyingKey { key_id: test_key::second().key_id().to_owned(), ..test_key::first().into() };

        assert_eq!(verify(&token, &[impostor]).err(), Some(NotAccepted::WrongSignature));
    }

    #[test]
    fn one_changed_character_anywhere_is_noticed() {
        let token = sign(test_key::first(), Header::V2, &claims()).unwrap();
        assert!(verify(&token, &both_keys()).is_ok());
        for (index, character) in token.char_indices() {
            let mut changed = token.clone();
            changed.replace_range(index..=index, if character == 'A' { "B" } else { "A" });
            assert!(verify(&changed, &both_keys()).is_err(), "character {index}");
        }
    }

    #[test]
    fn a_token_of_absurd_length_is_refused_unread() {
        assert_eq!(verify(&"a".repeat(LONGEST_TOKEN + 1), &[]), Err(NotAccepted::TooLong));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_or_pass(text in ".{0,200}", header in "\\{[ -~]{0,60}\\}", payload in "[ -~]{0,60}") {
            let keys = both_keys();
            prop_assert!(verify(&text, &keys).is_err());
            let shaped = format!("{}.{}.AAAA", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
            prop_assert!(verify(&shaped, &keys).is_err());
            prop_assert!(verify_graph(&shaped, &keys).is_err());
        }
    }
}
