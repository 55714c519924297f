//! How a refusal is told: RFC 6750 §3 to the client's code, a sentence to the person who reads the body.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::settings::ApiRegistration;

#[derive(Debug)]
pub(crate) enum Refusal {
    /// No token, or credentials of another kind.
    NoToken,
    /// The credentials are there but not as RFC 6750 §2.1 wants them.
    InvalidRequest(&'static str),
    InvalidToken(&'static str),
    InsufficientScope {
        /// What the client should ask the provider for.
        scope: String,
        description: &'static str,
    },
    ProviderUnreachable,
    /// The body cannot be used. It is only looked at once the caller may send one.
    BadBody(StatusCode, String),
    NotFound,
    MethodNotAllowed,
}

/// A refusal together with the API that refuses, which the challenge names.
#[derive(Debug)]
pub(crate) struct Denied {
    refusal: Refusal,
    realm: String,
}

impl Denied {
    pub(crate) fn new(refusal: Refusal, api: &ApiRegistration) -> Self {
        Self { refusal, realm: api.identifier_uri.clone() }
    }

    /// RFC 6750 §3: the error is left out when the client sent no token, since it may not have known that it must.
    fn challenge(&self) -> Option<String> {
        let realm = format!("Bearer realm=\"{}\"", self.realm);
        match &self.refusal {
            Refusal::NoToken => Some(realm),
            Refusal::InvalidRequest(why) => {
                Some(format!("{realm}, error=\"invalid_request\", error_description=\"{why}\""))
            }
            Refusal::InvalidToken(why) => {
                Some(format!("{realm}, error=\"invalid_token\", error_description=\"{why}\""))
            }
            Refusal::InsufficientScope { scope, description } => Some(format!(
                "{realm}, error=\"insufficient_scope\", scope=\"{scope}\", error_description=\"{description}\""
            )),
            _ => None,
        }
    }
}

impl IntoResponse for Denied {
    fn into_response(self) -> Response {
        let challenge = self.challenge().and_then(|text| HeaderValue::try_from(text).ok());
        let mut response = self.refusal.into_response();
        if let Some(challenge) = challenge {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, error, message) = match self {
            Self::NoToken => (
                StatusCode::UNAUTHORIZED,
                "no_token",
                "this API needs an access token in the header Authorization: Bearer".to_owned(),
            ),
            Self::InvalidRequest(why) => (StatusCode::BAD_REQUEST, "invalid_request", why.to_owned()),
            Self::InvalidToken(why) => (StatusCode::UNAUTHORIZED, "invalid_token", why.to_owned()),
            Self::InsufficientScope { scope, description } => {
                (StatusCode::FORBIDDEN, "insufficient_scope", format!("{description}; ask for {scope}"))
            }
            Self::ProviderUnreachable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "provider_unreachable",
                "the token cannot be checked, because the identity provider's keys cannot be read at the moment; \
                 this says nothing about the token, try again shortly"
                    .to_owned(),
            ),
            Self::BadBody(status, why) => (status, "bad_body", why),
            Self::NotFound => {
                (StatusCode::NOT_FOUND, "not_found", "there are /api/employees and /api/timesheets here".to_owned())
            }
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "this path does not know the method; the header Allow says which it knows".to_owned(),
            ),
        };
        // The reason is for the operator too; nothing of the token itself is in it.
        tracing::info!(status = status.as_u16(), error, "refused: {message}");
        let mut response = (status, Json(json!({ "error": error, "message": message }))).into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
