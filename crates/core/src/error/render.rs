//! A [`Denial`] as the bytes that the asked endpoint answers with.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::Denial;
use crate::time::WallTime;

/// Which generation of the endpoints was asked: `/oauth2/…` or `/oauth2/v2.0/…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EndpointVersion {
    /// v1.0: `resource`, strings for numbers, `interaction_required`.
    V1,
    /// v2.0: `scope`, `invalid_grant` with a `suberror`.
    V2,
}

/// What an answer says about its request.
#[derive(Debug, Clone, Copy)]
pub struct AnswerContext<'a> {
    /// The endpoint's generation.
    pub version: EndpointVersion,
    /// The request's origin without a trailing slash, for `error_uri`.
    pub origin: &'a str,
    /// `trace_id`, equal to the response header `x-ms-request-id`.
    pub trace_id: Uuid,
    /// `correlation_id`: the client's `client-request-id` if it sent one.
    pub correlation_id: Uuid,
    /// `timestamp`.
    pub now: WallTime,
}

/// A refusal, ready to be sent as `application/json; charset=utf-8`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorAnswer {
    /// HTTP status.
    pub status: u16,
    /// JSON, in Entra's key order.
    pub body: String,
}

/// The answer of the token endpoint (RFC 6749 §5.2 with Entra's members).
pub fn token_error(denial: &Denial, context: &AnswerContext<'_>) -> ErrorAnswer {
    let row = denial.row();
    answer(
        denial,
        context,
        match context.version {
            EndpointVersion::V1 => row.error_v1,
            EndpointVersion::V2 => row.error,
        },
    )
}

/// The answer of OpenID metadata, keys and instance discovery: the same shape, for some numbers another `error`.
pub fn metadata_error(denial: &Denial, context: &AnswerContext<'_>) -> ErrorAnswer {
    match denial.row().error_at_metadata {
        Some(error) => answer(denial, context, error),
        None => token_error(denial, context),
    }
}

fn answer(denial: &Denial, context: &AnswerContext<'_>, error: &str) -> ErrorAnswer {
    let row = denial.row();
    let (suberror, password_change_url) = match context.version {
        EndpointVersion::V1 => (row.suberror_v1, row.password_change_url_v1),
        EndpointVersion::V2 => (row.suberror, None),
    };
    let error_uri = row.error_uri.then(|| format!("{}/error?code={}", context.origin, row.code));
    let timestamp = context.now.to_entra_timestamp();

    let mut body = Map::new();
    let mut set = |key: &str, value: Value| body.insert(key.to_owned(), value);
    set("error", error.into());
    set("error_description", description(denial, context, &timestamp).into());
    set("error_codes", vec![row.code].into());
    set("timestamp", timestamp.into());
    set("trace_id", context.trace_id.to_string().into());
    set("correlation_id", context.correlation_id.to_string().into());
    let optional = [
        ("error_uri", error_uri.as_deref()),
        ("suberror", suberror),
        ("claims", denial.claims()),
        ("password_change_url", password_change_url),
    ];
    for (key, value) in optional {
        if let Some(value) = value {
            set(key, value.into());
        }
    }
    ErrorAnswer { status: row.status, body: Value::Object(body).to_string() }
}

/// Single spaces, as Entra sends since the end of 2023; before it was CRLF.
fn description(denial: &Denial, context: &AnswerContext<'_>, timestamp: &str) -> String {
    format!(
        "AADSTS{}: {} Trace ID: {} Correlation ID: {} Timestamp: {timestamp}",
        denial.code(),
        denial.message(),
        context.trace_id,
        context.correlation_id
    )
}
