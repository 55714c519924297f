use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ids::{ObjectId, TenantId};
use crate::policy::session_lifetime::SessionProofs;

/// One account that is signed in to in a browser. The browser holds a cookie, the store the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The `sid` claim of tokens that come of it.
    pub id: Uuid,
    /// Where the account lives.
    pub home_tenant: TenantId,
    /// The user's object there.
    pub user: ObjectId,
    /// What was proved, and when.
    pub proofs: SessionProofs,
}
