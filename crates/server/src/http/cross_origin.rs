//! Which pages may read the token endpoint's answers: those of single-page applications, at their registered origins
//! (<https://learn.microsoft.com/entra/identity-platform/reference-third-party-cookies-spas>).

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{self, HeaderMap, HeaderValue};
use ropeway_core::directory::{Application, ClientPlatform};
use ropeway_core::ids::AppId;
use ropeway_core::oauth::tenant_segment::TenantSegment;
use url::Url;

use super::exchange::Exchange;
use crate::app::App;
use crate::token::Call;

/// Answers the question that a browser asks before it posts: no client is known yet, so any of the tenant's will do.
pub(super) fn preflight(app: &App, segment: &str, exchange: &Exchange) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let origin = exchange.header(header::ORIGIN).unwrap_or_default();
    if is_registered(app, segment, origin, |_| true) {
        let headers = response.headers_mut();
        say(headers, origin);
        let asked = exchange.headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned();
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, asked.unwrap_or(HeaderValue::from_static("content-type")));
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    }
    response
}

/// Lets the client's own page read an answer, a refusal too.
pub(super) fn allow(app: &App, call: &Call, headers: &mut HeaderMap) {
    let Some(origin) = &call.page_origin else { return };
    let Some(client) = call.form.first("client_id").and_then(|id| id.parse::<AppId>().ok()) else { return };
    if is_registered(app, &call.tenant_segment, origin, |application| application.app_id == client) {
        say(headers, origin);
    }
}

fn say(headers: &mut HeaderMap, origin: &str) {
    let Ok(origin) = HeaderValue::from_str(origin) else { return };
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST, OPTIONS"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("Retry-After, x-ms-request-id"));
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
}

fn is_registered(app: &App, segment: &str, origin: &str, of: impl Fn(&Application) -> bool) -> bool {
    let Ok(segment) = TenantSegment::parse(segment) else { return false };
    let Ok(snapshot) = app.snapshot() else { return false };
    let one = snapshot.tenant_of_segment(&segment).map(|tenant| tenant.id);
    let alias = !matches!(segment, TenantSegment::Id(_) | TenantSegment::Domain(_));
    let tenants = snapshot.tenants().filter(|tenant| alias || Some(tenant.id) == one);
    let mut uris = tenants
        .flat_map(|tenant| &tenant.applications)
        .filter(|client| of(client))
        .flat_map(|client| &client.redirect_uris);
    uris.any(|(platform, uri)| *platform == ClientPlatform::Spa && same_origin(uri, origin))
}

/// As redirect URIs are compared: on localhost the port is not looked at.
fn same_origin(redirect_uri: &str, origin: &str) -> bool {
    let (Ok(registered), Ok(page)) = (Url::parse(redirect_uri), Url::parse(origin)) else { return false };
    let local = registered.scheme() == "http" && matches!(registered.host_str(), Some("localhost" | "127.0.0.1"));
    let host = registered.scheme() == page.scheme() && registered.host_str() == page.host_str();
    host && page.origin().ascii_serialization() == origin
        && (local || registered.port_or_known_default() == page.port_or_known_default())
}
