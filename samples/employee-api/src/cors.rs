//! Lets the pages of one origin call the APIs (the Fetch standard's CORS protocol), and no others.

use anyhow::Context;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

#[derive(Clone)]
pub(crate) struct AllowedOrigin(HeaderValue);

impl AllowedOrigin {
    pub(crate) fn new(origin: &str) -> anyhow::Result<Self> {
        HeaderValue::from_str(origin).map(Self).with_context(|| format!("the CORS origin {origin:?} is no origin"))
    }
}

pub(crate) async fn allow_origin(State(allowed): State<AllowedOrigin>, request: Request, next: Next) -> Response {
    let from_allowed = request.headers().get(header::ORIGIN) == Some(&allowed.0);
    let preflight = request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ORIGIN)
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if preflight { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    // A cache must not hand one origin the answer that another one got.
    response.headers_mut().append(header::VARY, HeaderValue::from_static("origin"));
    if from_allowed {
        grant(response.headers_mut(), &allowed, preflight);
    }
    response
}

fn grant(headers: &mut HeaderMap, allowed: &AllowedOrigin, preflight: bool) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed.0.clone());
    if preflight {
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("authorization, content-type"));
    } else {
        // Without this a page sees the 401 but not the reason.
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("www-authenticate"));
    }
}
