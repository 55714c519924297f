use aws_lc_rs::aead::NONCE_LEN;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{KeyRing, SealingFailed};
use crate::ids::{AppId, ObjectId, TenantId};
use crate::secret::Secret;
use crate::time::TenantTime;

/// What a refresh token remembers. It is bound to user and client, not to a resource, and nothing of it is stored: what
/// ends it is a date of the user, session, grant or client
/// (<https://learn.microsoft.com/entra/identity-platform/refresh-tokens>).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshToken {
    /// The tenant the user's account lives in.
    pub home_tenant: TenantId,
    /// The user's object id in the home tenant.
    pub user: ObjectId,
    /// The client it was issued to.
    pub client: AppId,
    /// Whether the client proved itself with a credential then: a user's own password change spares those tokens.
    pub client_is_confidential: bool,
    /// The browser session it stems from, if there was one.
    pub session: Option<Uuid>,
    /// When this token was issued: inactivity counts from here.
    pub issued_at: TenantTime,
    /// When the first of its line was issued: revocation and absolute age count from here.
    pub first_issued_at: TenantTime,
    /// What the user proved, and when.
    pub proofs: RefreshTokenProofs,
    /// The tenant whose endpoint issued it.
    pub resource_tenant: TenantId,
    /// The scopes to use when the request names none.
    pub default_scopes: Vec<String>,
    /// The authorization that its line began with: a code that is redeemed twice ends it.
    #[serde(default)]
    pub authorization: Option<Uuid>,
    /// It was issued to a single-page application: it lives for a day from the first of its line, and only a browser
    /// redeems it (<https://learn.microsoft.com/entra/identity-platform/refresh-tokens#token-lifetime>).
    #[serde(default)]
    pub single_page: bool,
}

/// What a user proved, and when.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshTokenProofs {
    /// When a password was presented.
    pub password_at: Option<TenantTime>,
    /// When a second factor was presented.
    pub mfa_at: Option<TenantTime>,
}

impl RefreshToken {
    /// The token as the client gets it: `1.A…`, as Entra's begin. `nonce` must be random.
    ///
    /// # Errors
    /// The cryptographic library could not seal: our failure.
    pub fn seal(&self, keys: &KeyRing, nonce: [u8; NONCE_LEN]) -> Result<Secret, SealingFailed> {
        let plaintext = serde_json::to_vec(self).map(Zeroizing::new).map_err(|_| SealingFailed)?;
        let sealed = keys.newest().seal(nonce, PURPOSE, &plaintext)?;
        Ok(Secret::new(format!("{PREFIX}{sealed}")))
    }

    /// Reads a token that a client presents; whatever is not one of ours is `None`.
    pub fn open(keys: &KeyRing, text: &str) -> Option<Self> {
        let plaintext = keys.open(PURPOSE, text.strip_prefix(PREFIX)?)?;
        serde_json::from_slice(&plaintext).ok()
    }
}

const PREFIX: &str = "1.";
const PURPOSE: &str = "refresh_token";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed precondition fails the test")]

    use proptest::prelude::*;

    use super::*;
    use crate::ids::{AZURE_CLI, CONSUMER_TENANT};
    use crate::token::SealingKey;

    fn ring() -> KeyRing {
        KeyRing::new(SealingKey::new(1, &[5; 32]).unwrap(), vec![])
    }

    fn token() -> RefreshToken {
        RefreshToken {
            home_tenant: CONSUMER_TENANT,
            user: ObjectId(Uuid::from_u128(7)),
            client: AZURE_CLI,
            client_is_confidential: false,
            session: Some(Uuid::from_u128(8)),
            issued_at: TenantTime(2_000),
            first_issued_at: TenantTime(1_000),
            proofs: RefreshTokenProofs { password_at: Some(TenantTime(1_000)), mfa_at: None },
            resource_tenant: CONSUMER_TENANT,
            default_scopes: vec!["openid".to_owned(), "api://employees.alpine.test/.default".to_owned()],
            authorization: Some(Uuid::from_u128(9)),
            single_page: false,
        }
    }

    #[test]
    fn a_sealed_token_looks_like_entras_and_opens_again() {
        let sealed = token().seal(&ring(), [3; 12]).unwrap();

        assert!(sealed.expose().starts_with("1.A"), "{}", sealed.expose());
        assert_eq!(RefreshToken::open(&ring(), sealed.expose()), Some(token()));
    }

    #[test]
    fn the_same_text_without_its_prefix_is_no_refresh_token() {
        let sealed = token().seal(&ring(), [3; 12]).unwrap();

        assert_eq!(RefreshToken::open(&ring(), &sealed.expose()[2..]), None);
    }

    #[test]
    fn sealed_text_of_another_shape_is_no_refresh_token() {
        let sealed = ring().newest().seal([3; 12], PURPOSE, br#"{"user":"x"}"#).unwrap();

        assert_eq!(RefreshToken::open(&ring(), &format!("{PREFIX}{sealed}")), None);
    }

    proptest! {
        #[test]
        fn garbage_is_no_refresh_token(text in ".{0,200}", tail in "[A-Za-z0-9_-]{0,200}") {
            prop_assert_eq!(RefreshToken::open(&ring(), &text), None);
            prop_assert_eq!(RefreshToken::open(&ring(), &format!("1.A{tail}")), None);
        }
    }
}
