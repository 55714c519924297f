//! What a request came to: granted, refused, or broken.

use ropeway_core::error::Denial;
use ropeway_core::secret::Secret;
use ropeway_store::StoreError;
use serde::Serialize;
use serde::ser::Serializer;

/// Why a request stopped before its end: refused by a rule, or broken by us.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// They did something that is refused.
    Denied(Denial),
    /// We failed: 500, logged once.
    Broken(anyhow::Error),
    /// Too much at once, or the disk is full: 503 with Retry-After.
    Unavailable(anyhow::Error),
    /// The directory changed between two steps: judge the request again.
    DirectoryChanged,
}

impl From<Denial> for Stopped {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}

impl From<anyhow::Error> for Stopped {
    fn from(error: anyhow::Error) -> Self {
        Self::Broken(error)
    }
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full | StoreError::ReadOnly => Self::Unavailable(error.into()),
            _ => Self::Broken(error.into()),
        }
    }
}

/// The token endpoint's success, in the captured order of its members
/// (<https://learn.microsoft.com/entra/identity-platform/v2-oauth-ropc#successful-authentication-response>).
#[derive(Debug, Serialize)]
pub(crate) struct TokenAnswer {
    pub(crate) token_type: &'static str,
    /// What was granted, in the words of the request; none for an application's own token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) scope: Option<String>,
    /// Seconds.
    pub(crate) expires_in: i64,
    pub(crate) ext_expires_in: i64,
    #[serde(serialize_with = "token")]
    pub(crate) access_token: Secret,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "optional_token")]
    pub(crate) refresh_token: Option<Secret>,
    /// `"1"` for Microsoft's own family of clients.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) foci: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "optional_token")]
    pub(crate) id_token: Option<Secret>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) client_info: Option<String>,
}

fn token<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose())
}

fn optional_token<S: Serializer>(secret: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.as_ref().map_or("", Secret::expose))
}
