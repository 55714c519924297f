use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::RefreshTokenProofs;
use crate::ids::{AppId, ObjectId, TenantId};
use crate::oauth::claims_request::ClaimsRequest;
use crate::time::TenantTime;

/// What a person's sign-in on the page lets an application have: what an authorization code stands for, and what a device
/// waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authorization {
    /// Names what comes of it, so that a second redemption can end that.
    pub id: Uuid,
    /// The client it was given to.
    pub client: AppId,
    /// The tenant that was signed in to.
    pub tenant: TenantId,
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
    /// When it was given.
    pub issued_at: TenantTime,
}
