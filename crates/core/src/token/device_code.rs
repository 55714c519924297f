use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::Authorization;
use crate::error::render::EndpointVersion;
use crate::ids::{AppId, TenantId};

/// What a device code stands for (RFC 8628). The code itself is 256 random bits, and the store finds this by its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceCode {
    /// The client it was issued to.
    pub client: AppId,
    /// The tenant in whose time it expires: that of the path, or one where an alias stood.
    pub tenant: TenantId,
    /// The first path segment of the request: the device polls where it asked.
    pub segment: String,
    /// The generation of the endpoint that was asked.
    pub v1: bool,
    /// The request as it was sent, without what proves the client.
    pub parameters: String,
    /// Where the device asked from: the person who is to confirm is told.
    pub ip: IpAddr,
}

impl DeviceCode {
    /// The generation of the endpoint that was asked.
    pub fn version(&self) -> EndpointVersion {
        if self.v1 { EndpointVersion::V1 } else { EndpointVersion::V2 }
    }
}

/// What the person has answered to a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeviceAnswer {
    /// Nothing yet.
    Pending,
    /// No.
    Declined,
    /// Yes, by this sign-in.
    Approved(Box<Authorization>),
}

/// What a person types to find a device's request: nine letters and digits (captured).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserCode(String);

impl UserCode {
    /// Makes one of random bytes. Without the letters and digits that are mistaken for one another.
    pub fn of(random: [u8; 9]) -> Self {
        let letter = |byte: u8| char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]);
        Self(random.into_iter().map(letter).collect())
    }

    /// Understands what was typed: case, blanks and dashes do not matter. `None`: it cannot be one.
    pub fn parse(typed: &str) -> Option<Self> {
        let code: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').take(CHARACTERS + 1).collect();
        let code = code.to_ascii_uppercase();
        (code.len() == CHARACTERS && code.bytes().all(|byte| byte.is_ascii_alphanumeric())).then_some(Self(code))
    }

    /// As it is shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// 32 of them, so that a random byte picks each alike.
const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const CHARACTERS: usize = 9;

/// How long a device code can be answered and redeemed, in seconds
/// (<https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code>: fifteen minutes).
pub const DEVICE_CODE_LIFETIME_SECONDS: i64 = 900;

/// How many seconds a device is asked to leave between two polls (captured).
pub const DEVICE_POLL_SECONDS: i64 = 5;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_person_types_is_taken_as_kindly_as_it_is_unambiguous() {
        for typed in ["R7ZSEAY7J", "r7zseay7j", " R7Z-SEA-Y7J\n", "r7z sea y7j"] {
            assert_eq!(UserCode::parse(typed).unwrap().as_str(), "R7ZSEAY7J", "{typed:?}");
        }
        for typed in ["", "R7ZSEAY7", "R7ZSEAY7JJ", "R7ZSEAY7_", "R7ZSEAY7Ü", "--- ---"] {
            assert_eq!(UserCode::parse(typed), None, "{typed:?}");
        }
    }

    proptest! {
        #[test]
        fn every_code_that_is_made_is_read(random: [u8; 9]) {
            let code = UserCode::of(random);
            prop_assert_eq!(UserCode::parse(code.as_str()), Some(code));
        }

        #[test]
        fn whatever_is_typed_is_no_harm(typed in "\\PC*") {
            if let Some(code) = UserCode::parse(&typed) {
                prop_assert!(code.as_str().len() == 9 && code.as_str().is_ascii());
            }
        }
    }
}
