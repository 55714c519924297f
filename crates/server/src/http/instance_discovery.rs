//! `/common/discovery/instance`: is this host an instance of Entra?

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use ropeway_core::error::Denial;
use ropeway_core::oauth::discovery::instance_discovery;
use url::Url;

use super::exchange::Exchange;
use crate::app::App;

/// Knows its own host, asked for with or without the port (MSAL for Python drops it). Every other one is AADSTS50049.
pub(crate) async fn show(State(_): State<App>, exchange: Exchange) -> Response {
    let asked = exchange.query("authorization_endpoint").and_then(|endpoint| Url::parse(endpoint).ok());
    let own = Url::parse(&exchange.origin).ok();
    let same_host = |url: &Url| own.as_ref().is_some_and(|own| own.host() == url.host());
    let Some(asked) = asked.filter(|url| url.scheme() == "https" && same_host(url)) else {
        return exchange.discovery_error(&Denial::new(50049));
    };
    let tenant =
        asked.path_segments().and_then(|mut segments| segments.next().map(str::to_owned)).filter(|s| !s.is_empty());
    let version = exchange.query("api-version").unwrap_or("1.1");
    let document = instance_discovery(&exchange.origin, tenant.as_deref().unwrap_or("common"), version);
    exchange.discovery(StatusCode::OK, document.to_string())
}
