//! What a request came to: granted, refused, or broken.

use ropeway_core::error::Denial;
use ropeway_core::error::render::EndpointVersion;
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
    /// Too much at once, or the disk takes nothing: 503 with Retry-After.
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
        match error.downcast_ref().is_some_and(StoreError::may_pass) {
            true => Self::Unavailable(error),
            false => Self::Broken(error),
        }
    }
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        anyhow::Error::new(error).into()
    }
}

/// Says in the log, once, why a request cannot be answered for now and what helps.
pub(crate) fn log_unavailable(error: &anyhow::Error) {
    match error.downcast_ref().and_then(StoreError::hint) {
        Some(hint) => tracing::error!("nothing can be recorded, so nothing is done: {error:#}; {hint}"),
        None => tracing::warn!("cannot answer for now: {error:#}"),
    }
}

/// The token endpoint's success, in the captured order of its members
/// (<https://learn.microsoft.com/entra/identity-platform/v2-oauth-ropc#successful-authentication-response>; v1.0:
/// <https://learn.microsoft.com/previous-versions/azure/active-directory/azuread-dev/v1-protocols-oauth-code>).
#[derive(Debug, Serialize)]
pub(crate) struct TokenAnswer {
    pub(crate) token_type: &'static str,
    /// What was granted, in the words of the request; none for an application's own token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) scope: Option<String>,
    /// Seconds.
    pub(crate) expires_in: Number,
    pub(crate) ext_expires_in: Number,
    #[serde(flatten)]
    pub(crate) v1: Option<V1Members>,
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

impl TokenAnswer {
    /// The body.
    ///
    /// # Errors
    /// It cannot be written as JSON: our failure.
    pub(crate) fn to_json(&self) -> serde_json::Result<Vec<u8>> {
        let tokens = [Some(&self.access_token), self.refresh_token.as_ref(), self.id_token.as_ref()];
        let of_tokens: usize = tokens.into_iter().flatten().map(|token| token.expose().len()).sum();
        let mut json = Vec::with_capacity(of_tokens + BESIDE_TOKENS);
        serde_json::to_writer(&mut json, self)?;
        Ok(json)
    }
}

/// Bytes that the other members of most answers fit in.
const BESIDE_TOKENS: usize = 512;

/// What only v1.0 says.
#[derive(Debug, Serialize)]
pub(crate) struct V1Members {
    /// The token's `exp`.
    pub(crate) expires_on: Number,
    /// The token's `nbf`.
    pub(crate) not_before: Number,
    /// The resource in the words of the request.
    pub(crate) resource: String,
}

/// A number as the endpoint writes it.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub(crate) enum Number {
    /// v2.0: a number.
    V2(i64),
    /// v1.0: a string of its digits.
    V1(String),
}

impl Number {
    pub(crate) fn new(value: i64, version: EndpointVersion) -> Self {
        match version {
            EndpointVersion::V1 => Self::V1(value.to_string()),
            EndpointVersion::V2 => Self::V2(value),
        }
    }
}

fn token<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose())
}

fn optional_token<S: Serializer>(secret: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.as_ref().map_or("", Secret::expose))
}
