//! Liveness and readiness.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::exchange;
use crate::app::App;

/// The process answers.
pub(crate) async fn live() -> Response {
    exchange::sentence(StatusCode::OK, "live\n")
}

/// The process answers, and so does its store.
pub(crate) async fn ready(State(app): State<App>) -> Response {
    match app.snapshot() {
        Ok(_) => exchange::sentence(StatusCode::OK, "ready\n"),
        Err(stopped) => exchange::stopped(&stopped),
    }
}
