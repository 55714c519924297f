//! `/{tenant}/discovery/v2.0/keys`.

use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use ropeway_core::token::Jwks;

use super::exchange::{self, Exchange};
use super::metadata::metadata_tenant;
use crate::app::App;
use crate::outcome::Stopped;

/// Shows the keys that tokens are signed with (RFC 7517 §5), each with the tenant's issuer.
pub(crate) async fn v2(State(app): State<App>, Path(tenant): Path<String>, exchange: Exchange) -> Response {
    match metadata_tenant(&app, &tenant) {
        Ok(tenant) => {
            let issuer = app.issuer(&exchange.origin).v2_at(tenant);
            let keys = app.keys();
            match serde_json::to_string(&Jwks::v2(keys.published(), &issuer)) {
                Ok(body) => exchange.discovery(StatusCode::OK, body),
                Err(error) => exchange::broken(&error.into()),
            }
        }
        Err(Stopped::Denied(denial)) => exchange.discovery_error(&denial),
        Err(stopped) => exchange::stopped(&stopped),
    }
}
