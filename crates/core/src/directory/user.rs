use serde::{Deserialize, Serialize};

use crate::ids::ObjectId;
use crate::secret::Secret;
use crate::time::TenantTime;

/// A user object of one tenant (Graph: `user`).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct User {
    /// The `oid` claim.
    pub id: ObjectId,
    /// The sign-in name of a member. A guest's holds `#EXT#` and is not what the guest types.
    pub user_principal_name: String,
    /// The `name` claim.
    pub display_name: String,
    /// The `given_name` claim.
    pub given_name: Option<String>,
    /// The `family_name` claim.
    pub surname: Option<String>,
    /// The `email` claim; for a guest, the name that is typed.
    pub mail: Option<String>,
    /// Member or guest.
    pub user_type: UserType,
    /// `false` refuses every sign-in with AADSTS50057.
    pub account_enabled: bool,
    /// Where an external user's account lives.
    pub identities: Vec<Identity>,
    /// Whether the object is synchronised from on-premises Active Directory.
    pub on_premises_sync_enabled: bool,
    /// The join with the on-premises object, carried by federated assertions.
    pub on_premises_immutable_id: Option<String>,
    /// The password, if the directory holds one. Never serialized: the store keeps hashes in a column of their own.
    #[serde(skip)]
    pub password: Option<Password>,
    /// `passwordProfile.forceChangePasswordNextSignIn`.
    pub force_change_password_next_sign_in: bool,
    /// `lastPasswordChangeDateTime`: password age counts from here. `None`: since the directory was loaded.
    pub last_password_change: Option<TenantTime>,
    /// `passwordPolicies: DisablePasswordExpiration`.
    pub disable_password_expiration: bool,
    /// `authentication.requirements.perUserMfaState`.
    pub per_user_mfa_state: PerUserMfaState,
    /// Registered second factors (`authentication.methods`).
    pub authentication_methods: Vec<AuthenticationMethod>,
    /// `signInSessionsValidFromDateTime`: refresh tokens and browser sessions from before it are refused.
    pub sign_in_sessions_valid_from: Option<TenantTime>,
    /// `refreshTokensValidFromDateTime`: refresh tokens issued before it are refused, browser sessions are not. An
    /// administrator's reset of the password sets it.
    pub refresh_tokens_valid_from: Option<TenantTime>,
    /// `ropeway.lockedUntilDateTime`.
    pub locked_until: Option<TenantTime>,
    /// `ropeway.riskLevel`.
    pub risk_level: Option<String>,
    /// `ropeway.temporaryAccessPass`.
    #[serde(skip)]
    pub temporary_access_pass: Option<Secret>,
    /// `ropeway.passThrough`: the on-premises agent checks this user's password.
    pub pass_through: bool,
}

impl User {
    /// What the user types to sign in: the mail of one whose account lives elsewhere, else the user principal name.
    pub fn sign_in_name(&self) -> &str {
        match (self.external_issuer(), &self.mail) {
            (Some(_), Some(mail)) => mail,
            _ => &self.user_principal_name,
        }
    }

    /// Whether a second factor is registered that can satisfy a demand for one.
    pub fn has_second_factor(&self) -> bool {
        !self.authentication_methods.is_empty()
    }

    /// The issuer of the account behind an external user, if it is one.
    pub fn external_issuer(&self) -> Option<&IdentityIssuer> {
        self.identities
            .iter()
            .map(|identity| &identity.issuer)
            .find(|issuer| !matches!(issuer, IdentityIssuer::Other(_)))
    }
}

/// Whether the user belongs to the tenant or was invited (Graph: `userType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum UserType {
    /// Belongs to the tenant.
    Member,
    /// Invited.
    Guest,
}

/// One of Graph's `identities`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// `signInType`.
    pub sign_in_type: String,
    /// `issuer`.
    pub issuer: IdentityIssuer,
    /// `issuerAssignedId`.
    pub issuer_assigned_id: Option<String>,
}

/// Who vouches for an external user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum IdentityIssuer {
    /// `ExternalAzureAD`: another Entra tenant, the one that has the domain of `mail`.
    ExternalAzureAd,
    /// `MicrosoftAccount`: a personal Microsoft account.
    MicrosoftAccount,
    /// `google.com`.
    Google,
    /// Anything else, for instance the tenant's own domain.
    Other(String),
}

/// A password as the file gives it.
#[derive(Debug, Clone)]
pub enum Password {
    /// In clear: known to `matrix` and the demo, hashed in the background.
    Plain(Secret),
    /// An Argon2id PHC string: nobody knows the password.
    Phc(Secret),
}

/// Per-user MFA (Graph: `perUserMfaState`). Enabled and enforced both ask for the second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PerUserMfaState {
    /// Off.
    Disabled,
    /// Asked to register, and for the factor once registered.
    Enabled,
    /// Always asked.
    Enforced,
}

/// A registered way to prove more than the password.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum AuthenticationMethod {
    /// `#microsoft.graph.softwareOathAuthenticationMethod`: a TOTP secret (RFC 6238) in base32.
    SoftwareOath {
        /// Kept in the user's row; never shown.
        #[serde(with = "stored_secret")]
        secret_key: Secret,
    },
}

/// A TOTP secret must be stored readable: the server computes codes from it.
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
