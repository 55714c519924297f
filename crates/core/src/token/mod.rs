//! Signed and sealed tokens.
//!
//! [`SigningKey`] and [`sign`] make the JWTs that others check, [`Jwks`] is how they learn the keys, [`verify`] is the
//! strict reader. [`KeyRing`] seals what only we read again, [`RefreshToken`] above all. What a JWT says is decided in
//! [`claims`](crate::claims).

mod authorization;
mod code;
mod device_code;
mod jwks;
mod jws;
mod keys;
mod refresh;
mod sealed;
mod sign;
pub(crate) mod strict_json;
mod verify;

pub use authorization::Authorization;
pub use code::{AuthorizationCode, CODE_LIFETIME_SECONDS};
pub use device_code::{DEVICE_CODE_LIFETIME_SECONDS, DEVICE_POLL_SECONDS, DeviceAnswer, DeviceCode, UserCode};
pub use jwks::{Jwks, verifying_keys};
pub(crate) use jws::UnverifiedJws;
pub use keys::{SigningKey, SigningKeyMaterial, UnusableKey};
pub use refresh::{RefreshToken, RefreshTokenProofs};
pub use sealed::{KeyRing, SealingFailed, SealingKey};
pub use sign::{Header, SigningFailed, sign};
pub(crate) use strict_json::parse_object;
pub use verify::{NotAccepted, VerifiedToken, VerifyingKey, verify, verify_graph};
pub(crate) use verify::{PublicKey, RsaAlgorithm};

use serde::{Deserialize, Serialize};

/// The generation of a token's format. An access token's follows the resource's `requestedAccessTokenVersion`, an id
/// token's the endpoint (<https://learn.microsoft.com/entra/identity-platform/access-tokens#token-formats>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TokenVersion {
    /// `"ver": "1.0"`.
    V1,
    /// `"ver": "2.0"`.
    V2,
}

#[cfg(test)]
pub(crate) mod test_key {
    #![allow(clippy::unwrap_used, reason = "tests make their own keys")]

    use std::sync::OnceLock;

    use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
    use aws_lc_rs::rsa::{KeyPair, KeySize};
    use zeroize::Zeroizing;

    use super::{SigningKey, SigningKeyMaterial};

    /// One fresh key with its certificate; slow enough that tests share [`first`] and [`second`].
    pub(crate) fn generate() -> SigningKeyMaterial {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let pkcs8_der = AsDer::<Pkcs8V1Der>::as_der(&pair).unwrap().as_ref().to_vec();
        let for_certificate = rcgen::KeyPair::try_from(pkcs8_der.as_slice()).unwrap();
        let certificate = rcgen::CertificateParams::default().self_signed(&for_certificate).unwrap();
        SigningKeyMaterial { pkcs8_der: Zeroizing::new(pkcs8_der), certificate_der: certificate.der().to_vec() }
    }

    pub(crate) fn first() -> &'static SigningKey {
        static KEY: OnceLock<SigningKey> = OnceLock::new();
        KEY.get_or_init(|| SigningKey::from_material(&generate()).unwrap())
    }

    pub(crate) fn second() -> &'static SigningKey {
        static KEY: OnceLock<SigningKey> = OnceLock::new();
        KEY.get_or_init(|| SigningKey::from_material(&generate()).unwrap())
    }
}
