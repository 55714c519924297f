use serde::{Deserialize, Serialize};

use crate::ids::{AppId, ObjectId, PermissionId};

/// A delegated consent (Graph: `oAuth2PermissionGrant`). Applications are named by `appId` here; Graph names their service principals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OAuth2PermissionGrant {
    /// The application that may act.
    pub client: AppId,
    /// For whom.
    pub consent: ConsentType,
    /// The application whose permissions these are.
    pub resource: AppId,
    /// The granted scope values.
    pub scopes: Vec<String>,
}

/// For whom a delegated consent holds (Graph: `consentType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConsentType {
    /// An administrator granted it for everybody.
    AllPrincipals,
    /// One user granted it, or had it granted.
    Principal(ObjectId),
}

/// An app role given to somebody (Graph: `appRoleAssignment`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppRoleAssignment {
    /// A user's, group's or service principal's object id.
    pub principal: ObjectId,
    /// What `principal` is.
    pub principal_type: PrincipalType,
    /// The application that publishes the role.
    pub resource: AppId,
    /// `None` is Graph's all-zero id: assigned to the application without a role.
    pub app_role: Option<PermissionId>,
}

/// What an app role was given to (Graph: `principalType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PrincipalType {
    /// A user.
    User,
    /// A group: counts for its members.
    Group,
    /// An application's service principal: an application permission.
    ServicePrincipal,
}
