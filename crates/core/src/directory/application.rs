use serde::{Deserialize, Serialize};

use super::CertificateDer;
use crate::ids::{AppId, ObjectId, PermissionId};
use crate::secret::Secret;
use crate::time::TenantTime;

/// An application in one tenant: its registration and its service principal's own values (Graph: `application`, `servicePrincipal`).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Application {
    /// The client id.
    pub app_id: AppId,
    /// The registration's object id.
    pub id: ObjectId,
    /// The service principal's object id: `oid` and `sub` of app-only tokens.
    pub service_principal_id: ObjectId,
    /// Shown to people and in error texts.
    pub display_name: String,
    /// App ID URIs, as resources are named in scopes.
    pub identifier_uris: Vec<String>,
    /// `api.requestedAccessTokenVersion`: 1 or 2. Graph's `null` is 1.
    pub requested_access_token_version: u8,
    /// `api.oauth2PermissionScopes`.
    pub oauth2_permission_scopes: Vec<DelegatedPermission>,
    /// `appRoles`.
    pub app_roles: Vec<AppRole>,
    /// `api.preAuthorizedApplications`: clients that need no consent here.
    pub pre_authorized_applications: Vec<PreAuthorizedApplication>,
    /// `requiredResourceAccess`: what the application declares it needs.
    pub required_resource_access: Vec<RequiredResourceAccess>,
    /// `passwordCredentials`.
    pub password_credentials: Vec<PasswordCredential>,
    /// `keyCredentials`.
    pub key_credentials: Vec<KeyCredential>,
    /// `federatedIdentityCredentials`.
    #[serde(default)]
    pub federated_identity_credentials: Vec<FederatedIdentityCredential>,
    /// `isFallbackPublicClient`: "Allow public client flows".
    pub is_fallback_public_client: bool,
    /// Redirect URIs with their platform (`web`, `spa`, `publicClient`).
    pub redirect_uris: Vec<(ClientPlatform, String)>,
    /// `web.implicitGrantSettings.enableIdTokenIssuance`: the authorize endpoint may answer with an id token.
    #[serde(default)]
    pub id_token_issuance: bool,
    /// `web.logoutUrl`: asked in a hidden frame when the person signs out.
    #[serde(default)]
    pub logout_url: Option<String>,
    /// `groupMembershipClaims`: which groups go into tokens for this application (`SecurityGroup`, `All`, `ApplicationGroup`, `DirectoryRole`).
    pub group_membership_claims: Vec<String>,
    /// `optionalClaims.idToken`: what this client wants in its id tokens.
    pub optional_id_token_claims: Vec<OptionalClaim>,
    /// `optionalClaims.accessToken`: what this resource wants in access tokens for it.
    pub optional_access_token_claims: Vec<OptionalClaim>,
    /// `servicePrincipal.accountEnabled`: `false` refuses the application with AADSTS7000112.
    pub account_enabled: bool,
    /// `servicePrincipal.appRoleAssignmentRequired`.
    pub app_role_assignment_required: bool,
    /// Whether refresh tokens carry the family marker (`foci`) of Microsoft's own clients.
    pub foci: bool,
    /// Whether it is one of the applications that every tenant has.
    pub built_in: bool,
}

impl Application {
    /// Whether it can only be a public client: it holds no credential of any kind, and public flows are allowed.
    pub fn is_public(&self) -> bool {
        self.is_fallback_public_client
            && self.password_credentials.is_empty()
            && self.key_credentials.is_empty()
            && self.federated_identity_credentials.is_empty()
    }
}

/// A claim that an application wants in tokens (Graph: `optionalClaim`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptionalClaim {
    /// For instance `upn`.
    pub name: String,
    /// `additionalProperties`: how the claim is made, for instance `include_externally_authenticated_upn`.
    pub additional_properties: Vec<String>,
}

impl OptionalClaim {
    /// The claim as it is made without further word.
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), additional_properties: Vec::new() }
    }

    /// Whether this additional property is set.
    pub fn has(&self, property: &str) -> bool {
        self.additional_properties.iter().any(|known| known == property)
    }
}

/// A permission that is used on behalf of a user (Graph: `permissionScope`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelegatedPermission {
    /// Referred to by `requiredResourceAccess` and `delegatedPermissionIds`.
    pub id: PermissionId,
    /// The scope value, as in `scp`.
    pub value: String,
    /// Who may consent.
    pub kind: PermissionKind,
    /// `isEnabled`.
    pub is_enabled: bool,
    /// Shown on the consent page.
    pub admin_consent_display_name: Option<String>,
    /// Shown on the consent page.
    pub user_consent_display_name: Option<String>,
}

/// Who may consent to a delegated permission (Graph: `permissionScope.type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PermissionKind {
    /// The user or an administrator.
    User,
    /// Administrators only.
    Admin,
}

/// A permission or role that an application publishes for users or for other applications (Graph: `appRole`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppRole {
    /// Referred to by assignments.
    pub id: PermissionId,
    /// The value in a `roles` claim.
    pub value: String,
    /// Shown to people.
    pub display_name: String,
    /// To whom it may be assigned.
    pub allowed_member_types: Vec<MemberType>,
    /// `isEnabled`.
    pub is_enabled: bool,
}

/// To whom an app role may be assigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum MemberType {
    /// Users and groups.
    User,
    /// Service principals.
    Application,
}

/// A client that needs no consent for some permissions (Graph: `preAuthorizedApplication`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreAuthorizedApplication {
    /// The client.
    pub app_id: AppId,
    /// The delegated permissions it may use.
    pub delegated_permission_ids: Vec<PermissionId>,
}

/// What an application declares it needs of one API (Graph: `requiredResourceAccess`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequiredResourceAccess {
    /// The API.
    pub resource: AppId,
    /// The permissions.
    pub resource_access: Vec<RequiredPermission>,
}

/// One declared permission (Graph: `resourceAccess`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RequiredPermission {
    /// `type: Scope`.
    Scope(PermissionId),
    /// `type: Role`.
    Role(PermissionId),
}

/// A client secret (Graph: `passwordCredential`).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PasswordCredential {
    /// Shown to people.
    pub display_name: Option<String>,
    /// The secret, kept readable: a test tenant hands it to its own matrix and demo.
    #[serde(with = "stored_secret")]
    pub secret_text: Secret,
    /// When it begins to hold.
    pub start: Option<TenantTime>,
    /// When it stops holding.
    pub end: Option<TenantTime>,
}

/// A certificate that proves the client (Graph: `keyCredential`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyCredential {
    /// Shown to people.
    pub display_name: Option<String>,
    /// The certificate.
    pub certificate_der: CertificateDer,
    /// When it begins to hold.
    pub start: Option<TenantTime>,
    /// When it stops holding.
    pub end: Option<TenantTime>,
}

/// Tokens of an outside issuer that prove the client (Graph: `federatedIdentityCredential`). All three values are compared
/// letter by letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FederatedIdentityCredential {
    /// Names it among the application's.
    pub name: String,
    /// The `iss` of the tokens. Under this URL are the issuer's metadata.
    pub issuer: String,
    /// Their `sub`.
    pub subject: String,
    /// Their `aud`: one of these.
    pub audiences: Vec<String>,
}

/// The platform a redirect URI is registered for; it decides how a code may be redeemed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClientPlatform {
    /// `web.redirectUris`.
    Web,
    /// `spa.redirectUris`.
    Spa,
    /// `publicClient.redirectUris`.
    PublicClient,
}

mod stored_secret {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::secret::Secret;

    pub(super) fn serialize<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(secret.expose())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
        String::deserialize(deserializer).map(Secret::new)
    }
}
