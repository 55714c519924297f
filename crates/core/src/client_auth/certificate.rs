use aws_lc_rs::digest::{Digest, SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use x509_parser::oid_registry::OID_PKCS1_RSAENCRYPTION;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::directory::KeyCredential;
use crate::time::TenantTime;
use crate::token::{PublicKey, RsaAlgorithm, UnverifiedJws};

/// How an assertion's header says which certificate signed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Thumbprint {
    sha1: Option<Vec<u8>>,
    sha256: Option<Vec<u8>>,
    /// As error texts show it: hexadecimal, or what was sent if that is no thumbprint.
    shown: String,
}

impl Thumbprint {
    /// `x5t` is the SHA-1 of the certificate, `x5t#S256` its SHA-256 (RFC 7515 §4.1.7, §4.1.8), in any variant of Base64,
    /// because clients use them all. `kid` may stand in their place, in Base64 or hexadecimal as well. `None` when the
    /// header has none of the three. `x5c` is not looked at: a key is found by registration alone.
    pub(super) fn read(jws: &UnverifiedJws) -> Option<Self> {
        let (x5t, x5t_s256) = (jws.header("x5t"), jws.header("x5t#S256"));
        let given = x5t_s256.or(x5t).or(jws.header("kid"))?;
        let mut thumbprint = Self { sha1: None, sha256: None, shown: shown(given) };
        match (x5t, x5t_s256) {
            // What cannot be decoded is kept as a thumbprint that no certificate has.
            (Some(_), _) | (_, Some(_)) => {
                thumbprint.sha1 = x5t.map(|text| decode(text).unwrap_or_default());
                thumbprint.sha256 = x5t_s256.map(|text| decode(text).unwrap_or_default());
            }
            (None, None) => thumbprint.sha1 = Some(decode_hex(given).or_else(|| decode(given)).unwrap_or_default()),
        }
        Some(thumbprint)
    }

    pub(super) fn is_of(&self, certificate: &RegisteredCertificate) -> bool {
        let is = |wanted: &Option<Vec<u8>>, thumbprint: &Digest| {
            wanted.as_ref().is_none_or(|wanted| thumbprint.as_ref() == wanted)
        };
        is(&self.sha1, &certificate.sha1) && is(&self.sha256, &certificate.sha256)
    }

    pub(super) fn shown(&self) -> &str {
        &self.shown
    }
}

/// What a registered certificate is found by, and what of it assertions are checked with.
#[derive(Debug)]
pub(crate) struct RegisteredCertificate {
    sha1: Digest,
    sha256: Digest,
    /// `None`: it is no X.509 certificate of an RSA key.
    key: Option<CertificateKey>,
}

/// A key and when the certificate says that it may be used.
#[derive(Debug)]
struct CertificateKey {
    rs256: PublicKey,
    ps256: PublicKey,
    start: TenantTime,
    end: TenantTime,
}

impl RegisteredCertificate {
    pub(crate) fn read(der: &[u8]) -> Self {
        Self {
            sha1: digest(&SHA1_FOR_LEGACY_USE_ONLY, der),
            sha256: digest(&SHA256, der),
            key: CertificateKey::read(der),
        }
    }
}

impl CertificateKey {
    fn read(der: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let key = certificate.public_key();
        if key.algorithm.algorithm != OID_PKCS1_RSAENCRYPTION {
            return None;
        }
        let validity = certificate.validity();
        Some(Self {
            rs256: PublicKey::from_der(RsaAlgorithm::Rs256, &key.subject_public_key.data),
            ps256: PublicKey::from_der(RsaAlgorithm::Ps256, &key.subject_public_key.data),
            start: TenantTime::from_unix_seconds(validity.not_before.timestamp()),
            end: TenantTime::from_unix_seconds(validity.not_after.timestamp()),
        })
    }
}

/// A registered key for one algorithm, and while it holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct HoldingKey<'a> {
    pub(super) public_key: &'a PublicKey,
    /// Not valid before.
    pub(super) start: TenantTime,
    /// Not valid after.
    pub(super) end: TenantTime,
}

impl<'a> HoldingKey<'a> {
    /// `None` when the credential holds no X.509 certificate of an RSA key. It is valid while both the certificate and the
    /// registration are, in the tenant's time: a credential's end is something the directory remembers.
    pub(super) fn of(credential: &'a KeyCredential, algorithm: RsaAlgorithm) -> Option<Self> {
        let CertificateKey { rs256, ps256, start, end } = credential.certificate_der.read().key.as_ref()?;
        Some(Self {
            public_key: match algorithm {
                RsaAlgorithm::Rs256 => rs256,
                RsaAlgorithm::Ps256 => ps256,
            },
            start: credential.start.map_or(*start, |registered| registered.max(*start)),
            end: credential.end.map_or(*end, |registered| registered.min(*end)),
        })
    }
}

/// Base64 with either alphabet, padded or not.
fn decode(text: &str) -> Option<Vec<u8>> {
    let standard = text.replace('-', "+").replace('_', "/");
    ANY_PADDING.decode(standard).ok().filter(|bytes| !bytes.is_empty())
}

/// 40 digits: the SHA-1 thumbprint as Windows shows it.
fn decode_hex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 40 {
        return None;
    }
    let digits: Option<Vec<u8>> =
        text.chars().map(|c| c.to_digit(16).and_then(|digit| digit.try_into().ok())).collect();
    Some(digits?.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

fn shown(given: &str) -> String {
    match decode_hex(given).or_else(|| decode(given)) {
        Some(bytes) => bytes.iter().map(|byte| format!("{byte:02X}")).collect(),
        None => given.to_owned(),
    }
}

const ANY_PADDING: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed precondition fails the test")]

    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
    use serde_json::json;

    use super::*;
    use crate::token::test_key;

    fn thumbprint(header: serde_json::Value) -> Option<Thumbprint> {
        let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let token = format!("{}.{}.", part(&header), part(&json!({})));
        Thumbprint::read(&UnverifiedJws::parse(&token).unwrap())
    }

    #[test]
    fn every_encoding_that_clients_use_names_the_certificate() {
        let der = test_key::first().certificate_der();
        let certificate = &RegisteredCertificate::read(der);
        let sha1 = digest(&SHA1_FOR_LEGACY_USE_ONLY, der);
        let sha256 = digest(&SHA256, der);
        let hex: String = sha1.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        for engine in [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD] {
            let (sha1, sha256) = (engine.encode(sha1), engine.encode(sha256));
            for header in [
                json!({ "x5t": sha1 }),
                json!({ "x5t#S256": sha256 }),
                json!({ "x5t": sha1, "x5t#S256": sha256 }),
                json!({ "kid": sha1 }),
                json!({ "x5t": sha1, "kid": "anything" }),
            ] {
                assert!(thumbprint(header.clone()).unwrap().is_of(certificate), "{header}");
            }
            for header in [
                json!({ "x5t": sha256 }),
                json!({ "x5t#S256": sha1 }),
                json!({ "x5t": "", "x5t#S256": sha256 }),
                json!({ "x5t": "AAAA", "x5t#S256": sha256 }),
                json!({ "kid": "anything" }),
                json!({ "x5t": "" }),
            ] {
                assert!(!thumbprint(header.clone()).unwrap().is_of(certificate), "{header}");
            }
        }
        for kid in [hex.clone(), hex.to_uppercase()] {
            let found = thumbprint(json!({ "kid": kid })).unwrap();
            assert!(found.is_of(certificate));
            assert_eq!(found.shown(), hex.to_uppercase());
        }
        assert_eq!(thumbprint(json!({ "x5c": [STANDARD.encode(der)] })), None);
    }

    #[test]
    fn a_certificate_holds_while_it_and_its_registration_do() {
        let credential = KeyCredential {
            display_name: None,
            certificate_der: test_key::first().certificate_der().to_vec().into(),
            start: None,
            end: None,
        };
        let with = |start, end| {
            let credential = KeyCredential { start, end, ..credential.clone() };
            let key = HoldingKey::of(&credential, RsaAlgorithm::Rs256).unwrap();
            (key.start, key.end)
        };
        let (start, end) = with(None, None);

        assert!(start < end);
        assert_eq!(with(Some(start.plus_seconds(-1)), Some(end.plus_seconds(1))), (start, end));
        assert_eq!(with(Some(start.plus_seconds(1)), None), (start.plus_seconds(1), end));
        assert_eq!(with(None, Some(end.plus_seconds(-1))), (start, end.plus_seconds(-1)));
        let no_certificate = KeyCredential { certificate_der: vec![0x30, 0].into(), ..credential };
        assert!(HoldingKey::of(&no_certificate, RsaAlgorithm::Rs256).is_none());
    }
}
