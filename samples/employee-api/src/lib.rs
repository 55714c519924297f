//! The Employee API and the Timesheet API: two web APIs that accept access tokens of one Entra tenant.
//!
//! They live in one process but are two applications in the directory, each with an audience of its own, so a token for
//! the one is refused by the other. Start reading at [`employees`] and [`timesheets`], where each handler names the
//! permission it needs; then `token` (is it a good token?), `access` (is it allowed?), `keys` (who signed it?) and
//! `refusal` (how a refusal is told). Nothing here knows which provider issues the tokens: the metadata URL says.

mod access;
mod cors;
mod employees;
mod keys;
mod refusal;
mod settings;
mod timesheets;
mod token;

use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::get;
use tokio::net::TcpListener;

pub use settings::{ApiRegistration, KeyRefresh, Settings};

use cors::AllowedOrigin;
use keys::SigningKeys;
use timesheets::TimesheetBook;

/// Serves both APIs on `listener` until the future is dropped.
///
/// The provider is first asked for its keys when the first token arrives, so it may start later than this API.
///
/// # Errors
/// When the settings cannot be used (a CA file that cannot be read, a value that does not fit into a header) or the
/// listener breaks. An unreachable provider is no error here: requests are answered 503 until it is back.
pub async fn serve(listener: TcpListener, settings: Settings) -> anyhow::Result<()> {
    axum::serve(listener, router(settings)?).await.context("serving the Employee and Timesheet API")
}

struct Api {
    settings: Settings,
    keys: SigningKeys,
    timesheets: TimesheetBook,
}

fn router(settings: Settings) -> anyhow::Result<Router> {
    settings.check()?;
    let origin = AllowedOrigin::new(&settings.cors_origin)?;
    let keys = SigningKeys::new(&settings)?;
    let api = Arc::new(Api { settings, keys, timesheets: TimesheetBook::default() });
    Ok(Router::new()
        .route("/api/employees", get(employees::list))
        .route("/api/timesheets", get(timesheets::list).post(timesheets::submit))
        .fallback(async || refusal::Refusal::NotFound)
        .method_not_allowed_fallback(async || refusal::Refusal::MethodNotAllowed)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        // Outermost, so that a preflight needs no token and a page can read a refusal as well.
        .layer(middleware::from_fn_with_state(origin, cors::allow_origin))
        .with_state(api))
}

const MAX_BODY_BYTES: usize = 16 * 1024;
