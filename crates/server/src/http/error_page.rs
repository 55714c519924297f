//! `/error?code=`: what an AADSTS code means, in the words of `ropeway explain`.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use ropeway_core::error::{catalogue, explain};

use super::exchange::Exchange;

/// Explains the code; an unknown one is 404.
pub(crate) async fn show(exchange: Exchange) -> Response {
    let asked = exchange.query("code").unwrap_or_default();
    match explain::parse_code(asked).and_then(catalogue::find) {
        Some(row) => (StatusCode::OK, explain::explain(row)).into_response(),
        None => {
            (StatusCode::NOT_FOUND, "No AADSTS code that Ropeway knows. Ask as /error?code=50076.\n").into_response()
        }
    }
}
