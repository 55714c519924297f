//! A web application as many were written: it asks for the password itself and trades it for tokens with the OAuth 2.0
//! password grant. It works, for some users, and that is the trouble with it; `modern-portal` is the same application
//! after its migration.
//!
//! Start reading at [`sign_in`], then `platform` (the grant), `id_token` (who is it?), `session` (the portal's own
//! session), `employees` (the API is called) and `refusal` (what a failed sign-in was really about).

mod employees;
mod id_token;
mod pages;
mod platform;
mod refusal;
mod session;
mod settings;
mod sign_in;

use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tower_http::csrf::CsrfLayer;

pub use settings::{ClientSecret, SessionLimits, Settings};

use employees::EmployeeApi;
use platform::Platform;
use session::Sessions;

/// Serves the portal on `listener` until the future is dropped.
///
/// The platform is first asked when somebody signs in, so it may start later than the portal.
///
/// # Errors
/// When the settings cannot be used (a CA file that cannot be read) or the listener breaks.
pub async fn serve(listener: TcpListener, settings: Settings) -> anyhow::Result<()> {
    axum::serve(listener, router(settings)?).await.context("serving the legacy portal")
}

struct Portal {
    platform: Platform,
    sessions: Sessions,
    api: EmployeeApi,
}

fn router(settings: Settings) -> anyhow::Result<Router> {
    let portal = Arc::new(Portal {
        platform: Platform::new(&settings)?,
        sessions: Sessions::new(settings.sessions),
        api: EmployeeApi::new(&settings.employees_url)?,
    });
    Ok(Router::new()
        .route("/", get(employees::list))
        .route("/sign-in", get(sign_in::form).post(sign_in::submit))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/style.css", get(pages::style))
        .fallback(pages::not_found)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        // Otherwise another site could sign a visitor in as somebody else, or out.
        .layer(CsrfLayer::new())
        .layer(middleware::map_response(pages::protect))
        .with_state(portal))
}

const MAX_BODY_BYTES: usize = 16 * 1024;
