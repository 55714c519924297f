//! What a request came to: granted, refused, or broken.

use ropeway_core::error::Denial;
use ropeway_core::error::render::EndpointVersion;
use ropeway_core::secret::Secret;
use ropeway_store::StoreError;
use serde::Serialize;

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
#[derive(Debug)]
pub(crate) struct TokenAnswer {
    pub(crate) told: Told,
    pub(crate) access_token: Secret,
    pub(crate) refresh_token: Option<Secret>,
    /// `"1"` for Microsoft's own family of clients.
    pub(crate) foci: Option<&'static str>,
    pub(crate) id_token: Option<Secret>,
    pub(crate) client_info: Option<String>,
}

/// What the answer says of its tokens, before them.
#[derive(Debug, Serialize)]
pub(crate) struct Told {
    pub(crate) token_type: &'static str,
    /// What was granted, in the words of the request; none for an application's own token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) scope: Option<String>,
    /// Seconds.
    pub(crate) expires_in: Number,
    pub(crate) ext_expires_in: Number,
    #[serde(flatten)]
    pub(crate) v1: Option<V1Members>,
}

impl TokenAnswer {
    /// The body. What comes after [`Told`] is base64url, dots and digits, thousands of them, in which nothing is to be
    /// escaped: it is copied.
    ///
    /// # Errors
    /// It cannot be written as JSON: our failure.
    pub(crate) fn to_json(&self) -> serde_json::Result<Vec<u8>> {
        let members = [
            ("access_token", Some(self.access_token.expose())),
            ("refresh_token", self.refresh_token.as_ref().map(Secret::expose)),
            ("foci", self.foci),
            ("id_token", self.id_token.as_ref().map(Secret::expose)),
            ("client_info", self.client_info.as_deref()),
        ];
        let copied: usize = members.iter().filter_map(|(_, text)| Some(text.as_ref()?.len())).sum();
        let mut json = Vec::with_capacity(copied + BESIDE_TOKENS);
        serde_json::to_writer(&mut json, &self.told)?;
        json.pop();
        for (name, text) in members.iter().filter_map(|(name, text)| Some((name, text.as_ref()?))) {
            for part in [",\"", name, "\":\"", text, "\""] {
                json.extend_from_slice(part.as_bytes());
            }
        }
        json.push(b'}');
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed precondition fails the test")]

    use serde_json::json;

    use super::*;

    fn answer(version: EndpointVersion) -> TokenAnswer {
        let expires_in = Number::new(3599, version);
        TokenAnswer {
            told: Told {
                token_type: "Bearer",
                scope: Some("a \"b\"".to_owned()),
                expires_in: expires_in.clone(),
                ext_expires_in: expires_in,
                v1: None,
            },
            access_token: Secret::new("e30.e30.AA".to_owned()),
            refresh_token: None,
            foci: None,
            id_token: None,
            client_info: None,
        }
    }

    #[test]
    fn members_stand_in_the_captured_order_and_missing_ones_are_left_out() {
        let whole = TokenAnswer {
            refresh_token: Some(Secret::new("1.AAA".to_owned())),
            foci: Some("1"),
            id_token: Some(Secret::new("e30.e30.BB".to_owned())),
            client_info: Some("e30".to_owned()),
            ..answer(EndpointVersion::V2)
        };
        let cases = [
            (answer(EndpointVersion::V2), json!({ "access_token": "e30.e30.AA" })),
            (
                whole,
                json!({
                    "access_token": "e30.e30.AA",
                    "refresh_token": "1.AAA",
                    "foci": "1",
                    "id_token": "e30.e30.BB",
                    "client_info": "e30",
                }),
            ),
        ];
        for (answer, tokens) in cases {
            let mut expected =
                json!({ "token_type": "Bearer", "scope": "a \"b\"", "expires_in": 3599, "ext_expires_in": 3599 });
            expected.as_object_mut().unwrap().extend(tokens.as_object().unwrap().clone());
            assert_eq!(String::from_utf8(answer.to_json().unwrap()).unwrap(), expected.to_string());
        }
    }
}
