use std::fmt;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair as RsaKeyPair;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::SigningFailed;

/// A signing key as it is kept: the private key and the certificate that publishes it.
#[derive(Clone)]
pub struct SigningKeyMaterial {
    /// An RSA private key of 2048 bits, PKCS #8 in DER.
    pub pkcs8_der: Zeroizing<Vec<u8>>,
    /// A certificate of its public key in DER: `x5c`, and by its thumbprint `kid`.
    pub certificate_der: Vec<u8>,
}

impl fmt::Debug for SigningKeyMaterial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKeyMaterial(…)")
    }
}

/// An RSA key that signs tokens. Parsed once: parsing costs as much as a signature.
pub struct SigningKey {
    key_id: String,
    key_pair: RsaKeyPair,
    certificate_der: Vec<u8>,
}

impl SigningKey {
    /// Parses and checks the key.
    ///
    /// # Errors
    /// The private key is not RSA of 2048 bits in PKCS #8, or the certificate is not one of this key.
    pub fn from_material(material: &SigningKeyMaterial) -> Result<Self, UnusableKey> {
        let key_pair = RsaKeyPair::from_pkcs8(&material.pkcs8_der).map_err(|_| UnusableKey::NotAPrivateKey)?;
        if key_pair.public_modulus_len() * 8 != KEY_BITS {
            return Err(UnusableKey::WrongSize);
        }
        // A certificate holds the RSAPublicKey structure (RFC 8017 A.1.1) byte for byte, so no X.509 parser is needed.
        let public_key = key_pair.public_key().as_ref();
        if !material.certificate_der.windows(public_key.len()).any(|window| window == public_key) {
            return Err(UnusableKey::CertificateOfAnotherKey);
        }
        Ok(Self {
            key_id: thumbprint(&material.certificate_der),
            key_pair,
            certificate_der: material.certificate_der.clone(),
        })
    }

    /// `kid` and `x5t`: base64url of the SHA-1 of the certificate (RFC 7517 §4.8), as Entra names its keys.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// The certificate in DER.
    pub fn certificate_der(&self) -> &[u8] {
        &self.certificate_der
    }

    /// The public key as PKCS #1 `RSAPublicKey` in DER.
    pub fn public_key_der(&self) -> &[u8] {
        self.key_pair.public_key().as_ref()
    }

    /// Modulus and public exponent, big endian without leading zeros.
    pub(super) fn public_components(&self) -> (&[u8], &[u8]) {
        let public_key = self.key_pair.public_key();
        (
            public_key.modulus().big_endian_without_leading_zero(),
            public_key.exponent().big_endian_without_leading_zero(),
        )
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256, `RS256` (RFC 7518 §3.3).
    pub(crate) fn sign_rs256(&self, message: &[u8]) -> Result<Vec<u8>, SigningFailed> {
        let mut signature = vec![0; self.key_pair.public_modulus_len()];
        // This padding is deterministic: the random source is part of the signature of the function only.
        self.key_pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| SigningFailed)?;
        Ok(signature)
    }

    /// RSASSA-PSS with SHA-256, `PS256` (RFC 7518 §3.5), as clients sign their assertions.
    #[cfg(test)]
    #[expect(clippy::unwrap_used, reason = "a test's key signs")]
    pub(crate) fn sign_ps256(&self, message: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; self.key_pair.public_modulus_len()];
        let padding = &aws_lc_rs::signature::RSA_PSS_SHA256;
        self.key_pair.sign(padding, &SystemRandom::new(), message, &mut signature).unwrap();
        signature
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.key_id)
    }
}

/// Why a stored key cannot sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnusableKey {
    /// The bytes are not an RSA private key in PKCS #8.
    #[error("not an RSA private key in PKCS #8")]
    NotAPrivateKey,
    /// Entra's keys have 2048 bits, and clients may count on it.
    #[error("not an RSA key of 2048 bits")]
    WrongSize,
    /// The certificate publishes another public key.
    #[error("the certificate belongs to another key")]
    CertificateOfAnotherKey,
}

fn thumbprint(certificate_der: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, certificate_der))
}

const KEY_BITS: usize = 2048;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed precondition fails the test")]

    use super::*;
    use crate::token::test_key;

    #[test]
    fn a_key_is_named_by_the_thumbprint_of_its_certificate() {
        let material = test_key::generate();

        let key = SigningKey::from_material(&material).unwrap();

        assert_eq!(key.key_id().len(), 27, "20 bytes in base64url");
        assert_eq!(key.key_id(), thumbprint(&material.certificate_der));
    }

    #[test]
    fn a_certificate_of_another_key_is_refused() {
        let (mine, other) = (test_key::generate(), test_key::generate());
        let mixed =
            SigningKeyMaterial { pkcs8_der: mine.pkcs8_der.clone(), certificate_der: other.certificate_der.clone() };

        assert!(SigningKey::from_material(&mine).is_ok());
        assert_eq!(SigningKey::from_material(&mixed).err(), Some(UnusableKey::CertificateOfAnotherKey));
    }

    #[test]
    fn bytes_that_are_no_key_are_refused() {
        let mut material = test_key::generate();
        material.pkcs8_der.truncate(100);

        assert_eq!(SigningKey::from_material(&material).err(), Some(UnusableKey::NotAPrivateKey));
    }

    #[test]
    fn debug_shows_no_key() {
        assert_eq!(format!("{:?}", test_key::generate()), "SigningKeyMaterial(…)");
        assert_eq!(format!("{:?}", test_key::first()), format!("SigningKey({})", test_key::first().key_id()));
    }
}
