//! Every path that is nobody's.

use axum::response::Response;
use http::StatusCode;

use super::exchange;

/// 404, and where to look.
pub(crate) async fn show() -> Response {
    exchange::sentence(
        StatusCode::NOT_FOUND,
        "Nothing here. The token endpoint is /{tenant}/oauth2/v2.0/token, metadata is /{tenant}/v2.0/.well-known/openid-configuration.\n",
    )
}
