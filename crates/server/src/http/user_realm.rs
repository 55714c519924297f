//! `/common/userrealm/{user}`: where do users of this domain sign in?

use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use ropeway_core::oauth::user_realm::document;

use super::exchange::{self, Exchange};
use crate::app::App;

/// Answers for the name's domain; whether the user exists is not told.
pub(crate) async fn show(State(app): State<App>, Path(user): Path<String>, exchange: Exchange) -> Response {
    match app.realm_of(&user) {
        Ok(realm) => exchange.discovery(StatusCode::OK, document(&realm, &exchange.origin).to_string()),
        Err(stopped) => exchange::stopped(&stopped),
    }
}
