//! What Graph answers with: JSON, and for a refusal one shape of body
//! (<https://learn.microsoft.com/graph/errors#error-resource-type>).

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{self, HeaderName, HeaderValue};
use ropeway_core::ids::MICROSOFT_GRAPH;
use ropeway_core::oauth::form::Form;
use serde_json::{Value, json};

use crate::control::Refusal;
use crate::http::exchange::{self, Exchange};
use crate::outcome::Stopped;

/// A refusal.
#[derive(Debug)]
pub(super) struct GraphError {
    status: StatusCode,
    code: &'static str,
    message: String,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum NoAnswer {
    /// They may not, or asked for what is not there.
    Refused(GraphError),
    /// We failed.
    Stopped(Stopped),
}

impl GraphError {
    /// 401: the token is none, or not one for Graph.
    pub(super) fn invalid_token(message: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", message)
    }

    /// 403: the token's permissions do not reach so far.
    pub(super) fn insufficient_privileges() -> Self {
        let message = "Insufficient privileges to complete the operation.";
        Self::new(StatusCode::FORBIDDEN, "Authorization_RequestDenied", message)
    }

    /// 404.
    pub(super) fn not_found(id: &str) -> Self {
        let message =
            format!("Resource '{id}' does not exist or one of its queried reference-property objects are not present.");
        Self::new(StatusCode::NOT_FOUND, "Request_ResourceNotFound", message)
    }

    /// 400: a query that Graph, or Ropeway, does not do.
    pub(super) fn unsupported_query(message: String) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Request_UnsupportedQuery", message)
    }

    /// 400: the body or an id is wrong.
    pub(super) fn wrong(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Request_BadRequest", message)
    }

    /// 400.
    pub(super) fn bad_request(message: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BadRequest", message)
    }

    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }
}

/// What the directory said no to, in its words.
impl From<Refusal> for NoAnswer {
    fn from(refusal: Refusal) -> Self {
        // A conflict is a wrong request to Graph.
        let status = if refusal.status() == StatusCode::CONFLICT { StatusCode::BAD_REQUEST } else { refusal.status() };
        let code = if status == StatusCode::BAD_REQUEST { "Request_BadRequest" } else { refusal.code() };
        Self::Refused(GraphError::new(status, code, refusal.message()))
    }
}

impl From<GraphError> for NoAnswer {
    fn from(error: GraphError) -> Self {
        Self::Refused(error)
    }
}

impl<E: Into<Stopped>> From<E> for NoAnswer {
    fn from(error: E) -> Self {
        Self::Stopped(error.into())
    }
}

/// Sends an answer or a refusal.
pub(super) fn send(exchange: &Exchange, answer: Result<Value, NoAnswer>) -> Response {
    match answer {
        Ok(body) => json_response(exchange, StatusCode::OK, &body),
        Err(no) => refuse(exchange, no),
    }
}

/// Sends that it is done, or a refusal.
pub(super) fn done(exchange: &Exchange, answer: Result<(), NoAnswer>) -> Response {
    match answer {
        Ok(()) => {
            let mut response = StatusCode::NO_CONTENT.into_response();
            stamp(exchange, &mut response);
            response
        }
        Err(no) => refuse(exchange, no),
    }
}

fn refuse(exchange: &Exchange, no: NoAnswer) -> Response {
    let error = match no {
        NoAnswer::Stopped(stopped) => return exchange::stopped(&stopped),
        NoAnswer::Refused(error) => error,
    };
    let date = exchange.moment.wall.to_rfc3339();
    let body = json!({
        "error": {
            "code": error.code,
            "message": error.message,
            "innerError": {
                "date": date.split(['.', 'Z']).next(),
                "request-id": exchange.moment.trace_id,
                "client-request-id": exchange.correlation_id(&Form::default()),
            },
        },
    });
    let mut response = json_response(exchange, error.status, &body);
    if error.status == StatusCode::UNAUTHORIZED {
        let challenge = format!(
            r#"Bearer realm="", authorization_uri="{}/common/oauth2/authorize", client_id="{MICROSOFT_GRAPH}""#,
            exchange.origin
        );
        if let Ok(challenge) = HeaderValue::from_str(&challenge) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
    }
    response
}

fn json_response(exchange: &Exchange, status: StatusCode, body: &Value) -> Response {
    let mut response = (status, body.to_string()).into_response();
    let headers = response.headers_mut();
    let content_type =
        "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(HeaderName::from_static("odata-version"), HeaderValue::from_static("4.0"));
    stamp(exchange, &mut response);
    response
}

fn stamp(exchange: &Exchange, response: &mut Response) {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    let ids =
        [("request-id", exchange.moment.trace_id), ("client-request-id", exchange.correlation_id(&Form::default()))];
    for (name, id) in ids {
        if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}

/// What Graph says to a body that it cannot read.
pub(super) const NO_JSON: &str = "Unable to read JSON request payload. Please ensure Content-Type header is set and \
                                  payload is of valid JSON format.";
