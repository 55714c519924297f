use serde::{Deserialize, Serialize};

use super::Authorization;
use crate::directory::ClientPlatform;
use crate::oauth::pkce::Challenge;

/// What an authorization code stands for. The code itself is 256 random bits, and the store finds this by its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationCode {
    /// What it is redeemed for.
    pub authorization: Authorization,
    /// The first path segment of the request: a code is redeemed where it was asked for.
    pub segment: String,
    /// The redirect URI as the request named it.
    pub redirect_uri: String,
    /// The request named it, so the redemption must too (RFC 6749 §4.1.3).
    pub redirect_uri_explicit: bool,
    /// What the redirect URI is registered for.
    pub platform: ClientPlatform,
    /// Proof Key for Code Exchange.
    pub challenge: Option<Challenge>,
}

/// How long a code can be redeemed, in seconds
/// (<https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow>: about ten minutes).
pub const CODE_LIFETIME_SECONDS: i64 = 600;
