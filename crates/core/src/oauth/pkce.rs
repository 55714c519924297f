//! Proof Key for Code Exchange (RFC 7636), as Entra takes it: `S256` and `plain`.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::form::Form;
use crate::error::Denial;
use crate::secret::Secret;

/// What an authorization request commits its client to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    method: Method,
    value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Method {
    Plain,
    S256,
}

impl Challenge {
    /// Reads `code_challenge` and `code_challenge_method`; a challenge without method is `plain` (RFC 7636 §4.3). One that
    /// no verifier could have, by its length or its letters, is AADSTS50147, an unknown method AADSTS50149.
    pub fn read(form: &Form) -> Result<Option<Self>, Denial> {
        let method = match form.optional("code_challenge_method")? {
            None | Some("plain") => Method::Plain,
            Some("S256") => Method::S256,
            Some(_) => return Err(Denial::new(50149)),
        };
        match form.optional("code_challenge")? {
            None => Ok(None),
            Some(value) if method.could_give(value) => Ok(Some(Self { method, value: value.to_owned() })),
            Some(_) => Err(Denial::new(50147)),
        }
    }
}

impl Method {
    /// A SHA-256 in base64url, or a verifier itself.
    fn could_give(self, challenge: &str) -> bool {
        match self {
            Self::Plain => is_verifier(challenge),
            Self::S256 => challenge.len() == *LENGTHS.start() && URL_SAFE_NO_PAD.decode(challenge).is_ok(),
        }
    }
}

fn is_verifier(text: &str) -> bool {
    let unreserved = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
    LENGTHS.contains(&text.len()) && text.bytes().all(unreserved)
}

/// Holds the verifier of a redemption against the challenge of its request. A missing or malformed one is AADSTS50148,
/// another one AADSTS501481. A verifier that no challenge asked for is AADSTS501481 too (inferred): the code may have been
/// slipped in.
pub fn verify(challenge: Option<&Challenge>, verifier: Option<&str>) -> Result<(), Denial> {
    let (challenge, verifier) = match (challenge, verifier) {
        (None, None) => return Ok(()),
        (None, Some(_)) => return Err(Denial::new(501481)),
        (Some(_), None) => return Err(Denial::new(50148)),
        (Some(challenge), Some(verifier)) => (challenge, verifier),
    };
    if !is_verifier(verifier) {
        return Err(Denial::new(50148));
    }
    let expected = match challenge.method {
        Method::Plain => Secret::new(verifier),
        Method::S256 => Secret::new(URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))),
    };
    if expected.matches(&Secret::new(challenge.value.clone())) { Ok(()) } else { Err(Denial::new(501481)) }
}

/// RFC 7636 §4.1.
const LENGTHS: std::ops::RangeInclusive<usize> = 43..=128;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use proptest::prelude::*;

    use super::*;

    /// RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const S256: &str = "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";

    fn read(body: &str) -> Result<Option<Challenge>, u32> {
        Challenge::read(&Form::parse(body.as_bytes()).unwrap()).map_err(|denial| denial.code())
    }

    #[test]
    fn the_verifier_that_was_promised_passes_and_no_other() {
        let plain = format!("code_challenge={VERIFIER}");
        let other = VERIFIER.replace('d', "e");
        let cases = [
            (S256, Some(VERIFIER), None),
            (S256, Some(other.as_str()), Some(501481)),
            (S256, None, Some(50148)),
            (S256, Some("short"), Some(50148)),
            (plain.as_str(), Some(VERIFIER), None),
            (plain.as_str(), Some(other.as_str()), Some(501481)),
            ("", None, None),
            ("", Some(VERIFIER), Some(501481)),
        ];
        for (body, verifier, expected) in cases {
            let challenge = read(body).unwrap();
            let refused = verify(challenge.as_ref(), verifier).err().map(|denial| denial.code());
            assert_eq!(refused, expected, "{body} {verifier:?}");
        }
    }

    #[test]
    fn a_malformed_challenge_is_refused_when_it_is_made() {
        assert_eq!(read("code_challenge=short&code_challenge_method=S256"), Err(50147));
        assert_eq!(read(&format!("code_challenge={VERIFIER}&code_challenge_method=s256")), Err(50149));
        assert!(read(S256).unwrap().is_some());
    }

    proptest! {
        #[test]
        fn only_its_own_verifier_opens_a_challenge(verifier in "[A-Za-z0-9._~-]{43,128}", other in "[A-Za-z0-9._~-]{43,128}") {
            let hashed = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
            let challenge = read(&format!("code_challenge={hashed}&code_challenge_method=S256")).unwrap();
            prop_assert!(verify(challenge.as_ref(), Some(&verifier)).is_ok());
            prop_assert_eq!(verify(challenge.as_ref(), Some(&other)).is_ok(), verifier == other);
        }
    }
}
