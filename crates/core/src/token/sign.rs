use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::{Map, Value};

use super::SigningKey;

/// Which header a token wears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Header<'a> {
    /// `typ alg x5t kid`: v1.0 access and id tokens.
    V1,
    /// `typ alg kid`: v2.0 access and id tokens.
    V2,
    /// `typ nonce alg x5t kid`: access tokens for Microsoft Graph. The signature is made with the nonce's SHA-256 in its
    /// place, so that nobody but Graph can verify them, and an API that takes one by mistake notices.
    Graph {
        /// Any text, different for every token.
        nonce: &'a str,
    },
}

/// A compact JWS (RFC 7515 §3.1) of these claims, signed with RS256.
///
/// # Errors
/// The cryptographic library could not sign: our failure, not the caller's.
pub fn sign(key: &SigningKey, header: Header<'_>, claims: &Map<String, Value>) -> Result<String, SigningFailed> {
    let payload = encode(claims)?;
    let (shown, signed) = match header {
        Header::V1 => (None, None),
        Header::V2 => (None, None),
        Header::Graph { nonce } => (Some(nonce.to_owned()), Some(graph_nonce(nonce))),
    };
    let x5t = (header != Header::V2).then(|| key.key_id());
    let render = |nonce| encode(&HeaderJson { typ: "JWT", nonce, alg: ALGORITHM, x5t, kid: key.key_id() });

    let signature = key.sign_rs256(format!("{}.{payload}", render(signed)?).as_bytes())?;
    Ok(format!("{}.{payload}.{}", render(shown)?, URL_SAFE_NO_PAD.encode(signature)))
}

/// The token could not be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the token could not be signed")]
pub struct SigningFailed;

/// What stands for a Graph token's nonce while its signature is made and verified.
pub(super) fn graph_nonce(nonce: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, nonce.as_bytes()))
}

#[derive(Serialize)]
struct HeaderJson<'a> {
    typ: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<String>,
    alg: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    x5t: Option<&'a str>,
    kid: &'a str,
}

fn encode(part: &impl Serialize) -> Result<String, SigningFailed> {
    serde_json::to_vec(part).map(|json| URL_SAFE_NO_PAD.encode(json)).map_err(|_| SigningFailed)
}

/// The only algorithm tokens are signed and accepted with.
pub(super) const ALGORITHM: &str = "RS256";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed precondition fails the test")]

    use super::*;
    use crate::token::test_key;

    fn header_of(header: Header<'_>) -> String {
        let token = sign(test_key::first(), header, &Map::new()).unwrap();
        let json = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
        String::from_utf8(json).unwrap().replace(test_key::first().key_id(), "KID")
    }

    #[test]
    fn each_kind_of_token_wears_entras_header() {
        assert_eq!(header_of(Header::V1), r#"{"typ":"JWT","alg":"RS256","x5t":"KID","kid":"KID"}"#);
        assert_eq!(header_of(Header::V2), r#"{"typ":"JWT","alg":"RS256","kid":"KID"}"#);
        assert_eq!(
            header_of(Header::Graph { nonce: "abc" }),
            r#"{"typ":"JWT","nonce":"abc","alg":"RS256","x5t":"KID","kid":"KID"}"#
        );
    }

    #[test]
    fn signing_twice_gives_the_same_token() {
        let claims = serde_json::from_str(r#"{"aud":"x"}"#).unwrap();

        assert_eq!(
            sign(test_key::first(), Header::V2, &claims).unwrap(),
            sign(test_key::first(), Header::V2, &claims).unwrap()
        );
    }
}
