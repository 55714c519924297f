use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

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
pub fn sign(key: &SigningKey, header: Header<'_>, claims: &impl Serialize) -> Result<String, SigningFailed> {
    let x5t = (header != Header::V2).then(|| key.key_id());
    let with = |nonce| HeaderJson { typ: "JWT", nonce, alg: ALGORITHM, x5t, kid: key.key_id() };
    let mut token = String::with_capacity(TYPICAL_TOKEN);
    let Header::Graph { nonce: shown } = header else {
        encode(&with(None), &mut token)?;
        finish(key, claims, &mut token)?;
        return Ok(token);
    };
    let hashed = graph_nonce(shown);
    encode(&with(Some(&hashed)), &mut token)?;
    let signed_header = token.len();
    finish(key, claims, &mut token)?;
    let mut shown_header = String::with_capacity(token.len());
    encode(&with(Some(shown)), &mut shown_header)?;
    token.replace_range(..signed_header, &shown_header);
    Ok(token)
}

/// Adds payload and signature to a header.
fn finish(key: &SigningKey, claims: &impl Serialize, token: &mut String) -> Result<(), SigningFailed> {
    token.push('.');
    encode(claims, token)?;
    let signature = key.sign_rs256(token.as_bytes())?;
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, token);
    Ok(())
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
    nonce: Option<&'a str>,
    alg: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    x5t: Option<&'a str>,
    kid: &'a str,
}

fn encode(part: &impl Serialize, token: &mut String) -> Result<(), SigningFailed> {
    let mut json = Vec::with_capacity(TYPICAL_TOKEN / 2);
    serde_json::to_writer(&mut json, part).map_err(|_| SigningFailed)?;
    URL_SAFE_NO_PAD.encode_string(json, token);
    Ok(())
}

/// Bytes that most tokens fit in.
const TYPICAL_TOKEN: usize = 2048;
/// The only algorithm tokens are signed and accepted with.
pub(super) const ALGORITHM: &str = "RS256";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed precondition fails the test")]

    use super::*;
    use crate::token::test_key;

    fn header_of(header: Header<'_>) -> String {
        let token = sign(test_key::first(), header, &serde_json::Map::new()).unwrap();
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
        let claims: serde_json::Value = serde_json::from_str(r#"{"aud":"x"}"#).unwrap();

        assert_eq!(
            sign(test_key::first(), Header::V2, &claims).unwrap(),
            sign(test_key::first(), Header::V2, &claims).unwrap()
        );
    }
}
