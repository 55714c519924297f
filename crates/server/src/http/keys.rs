//! `/{tenant}/discovery/v2.0/keys` and `/{tenant}/discovery/keys`.

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
    let keys = metadata_tenant(&app, &tenant).map(|tenant| {
        let issuer = app.issuer(&exchange.origin).v2_at(tenant);
        Jwks::v2(app.keys().published(), &issuer)
    });
    show(&exchange, keys)
}

/// Shows the same keys as v1.0 does: they name no issuer.
pub(crate) async fn v1(State(app): State<App>, Path(tenant): Path<String>, exchange: Exchange) -> Response {
    let keys = metadata_tenant(&app, &tenant).map(|_| Jwks::v1(app.keys().published()));
    show(&exchange, keys)
}

fn show(exchange: &Exchange, keys: Result<Jwks, Stopped>) -> Response {
    match keys {
        Ok(keys) => match serde_json::to_string(&keys) {
            Ok(body) => exchange.discovery(StatusCode::OK, body),
            Err(error) => exchange::broken(&error.into()),
        },
        Err(Stopped::Denied(denial)) => exchange.discovery_error(&denial),
        Err(stopped) => exchange::stopped(&stopped),
    }
}
