use indexmap::IndexSet;
use serde::{Deserialize, Serialize};

use crate::ids::ObjectId;

/// A group and its direct members (Graph: `group`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The value in a `groups` claim.
    pub id: ObjectId,
    /// Shown to people.
    pub display_name: String,
    /// Whether it counts for `groupMembershipClaims: SecurityGroup`.
    pub security_enabled: bool,
    /// Users and groups directly in it. Every sign-in asks whether it is in here, so that must not take longer for many.
    pub members: IndexSet<ObjectId>,
}

/// An activated directory role and its members (Graph: `directoryRole`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryRole {
    /// For instance `Global Administrator`.
    pub display_name: String,
    /// The role template's id, the value in a `wids` claim.
    pub role_template_id: ObjectId,
    /// Users and service principals in the role.
    pub members: IndexSet<ObjectId>,
}
