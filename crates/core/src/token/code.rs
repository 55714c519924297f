use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::RefreshTokenProofs;
use crate::directory::ClientPlatform;
use crate::ids::{AppId, ObjectId, TenantId};
use crate::oauth::claims_request::ClaimsRequest;
use crate::oauth::pkce::Challenge;
use crate::time::TenantTime;

/// What an authorization code stands for. The code itself is 256 random bits, and the store finds this by its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationCode {
    /// Names what comes of the code, so that its reuse can end that.
    pub authorization: Uuid,
    /// The client it was issued to.
    pub client: AppId,
    /// The tenant that was signed in to.
    pub tenant: TenantId,
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
    /// Goes into the id token.
    pub nonce: Option<String>,
    /// What was asked for, scope by scope.
    pub scopes: Vec<String>,
    /// v1.0's `resource` was asked for.
    pub by_resource: bool,
    /// The request's `claims`, for the tokens to come.
    pub claims: ClaimsRequest,
    /// Where the account lives.
    pub home_tenant: TenantId,
    /// The user's object there.
    pub user: ObjectId,
    /// The browser session it came of.
    pub session: Uuid,
    /// What the user proved, and when.
    pub proofs: RefreshTokenProofs,
    /// When it was issued.
    pub issued_at: TenantTime,
}

/// How long a code can be redeemed, in seconds
/// (<https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow>: about ten minutes).
pub const CODE_LIFETIME_SECONDS: i64 = 600;
