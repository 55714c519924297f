//! What Azure Resource Manager answers with: JSON, and for a refusal one shape of body
//! (<https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors>).

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{self, HeaderName, HeaderValue};
use ropeway_core::oauth::form::Form;
use serde_json::{Value, json};

use crate::http::exchange::{self, Exchange};
use crate::outcome::Stopped;

/// A refusal.
#[derive(Debug)]
pub(super) struct ArmError {
    status: StatusCode,
    code: &'static str,
    message: String,
    target: Option<String>,
    challenge: Option<HeaderValue>,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum NoAnswer {
    /// They may not, or asked for what is not there.
    Refused(Box<ArmError>),
    /// We failed.
    Stopped(Stopped),
}

impl ArmError {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), target: None, challenge: None }
    }

    /// Says whom it is about.
    pub(super) fn about(self, target: &str) -> Self {
        Self { target: Some(target.to_owned()), ..self }
    }

    /// Says in `WWW-Authenticate` how to come back.
    pub(super) fn challenged(self, challenge: &str) -> Self {
        Self { challenge: HeaderValue::from_str(challenge).ok(), ..self }
    }
}

impl From<ArmError> for NoAnswer {
    fn from(error: ArmError) -> Self {
        Self::Refused(Box::new(error))
    }
}

impl<E: Into<Stopped>> From<E> for NoAnswer {
    fn from(error: E) -> Self {
        Self::Stopped(error.into())
    }
}

/// The version that is asked for. Every request must say one, and all that are dates are answered alike.
pub(super) fn api_version(exchange: &Exchange) -> Result<&str, ArmError> {
    let refused = |code, message: String| Err(ArmError::new(StatusCode::BAD_REQUEST, code, message));
    match exchange.query("api-version").filter(|version| !version.is_empty()) {
        None => refused(
            "MissingApiVersionParameter",
            "The api-version query parameter (?api-version=) is required for all requests.".to_owned(),
        ),
        Some(version) if is_date(version.strip_suffix("-preview").unwrap_or(version)) => Ok(version),
        Some(version) => refused("InvalidApiVersionParameter", format!("The api-version '{version}' is invalid.")),
    }
}

fn is_date(text: &str) -> bool {
    let shape = |(at, byte): (usize, u8)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
    text.len() == 10 && text.bytes().enumerate().all(shape)
}

/// Sends an answer or a refusal.
pub(super) fn send(exchange: &Exchange, answer: Result<Value, NoAnswer>) -> Response {
    match answer {
        Ok(body) => json_response(exchange, StatusCode::OK, &body),
        Err(NoAnswer::Stopped(stopped)) => exchange::stopped(&stopped),
        Err(NoAnswer::Refused(error)) => {
            let mut body = json!({ "error": { "code": error.code, "message": error.message } });
            if let Some(target) = error.target {
                body["error"]["target"] = target.into();
            }
            let mut response = json_response(exchange, error.status, &body);
            if let Some(challenge) = error.challenge {
                response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
            }
            response
        }
    }
}

fn json_response(exchange: &Exchange, status: StatusCode, body: &Value) -> Response {
    let mut response = (status, body.to_string()).into_response();
    let headers = response.headers_mut();
    for (name, value) in FIXED {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    let correlation_id = exchange.correlation_id(&Form::default());
    for (name, id) in [("x-ms-request-id", exchange.moment.trace_id), ("x-ms-correlation-request-id", correlation_id)] {
        if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    response
}

const FIXED: [(&str, &str); 5] = [
    ("content-type", "application/json; charset=utf-8"),
    ("cache-control", "no-cache"),
    ("pragma", "no-cache"),
    ("strict-transport-security", "max-age=31536000; includeSubDomains"),
    ("x-content-type-options", "nosniff"),
];
