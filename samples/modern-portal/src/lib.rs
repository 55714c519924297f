//! The legacy portal after its migration: people sign in on the platform's own page, by the authorization code flow with
//! PKCE, and this application never sees a password. Whatever the page has to ask (a second factor, consent, a new
//! password, another organisation's sign-in) it asks, and not a line here knows of it.
//!
//! Start reading at [`sign_in`], then `platform` (the protocol, by the crate `openidconnect`), `session` (what is kept of
//! a browser) and `employees` (the API is called, with a token that is renewed when it must be).

mod employees;
mod pages;
mod platform;
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

pub use settings::{SessionLimits, Settings};

use employees::EmployeeApi;
use platform::{Platform, SignInAttempt};
use session::{Kept, Session};

/// Serves the portal on `listener` until the future is dropped.
///
/// The platform is first asked when somebody signs in, so it may start later than the portal.
///
/// # Errors
/// When the settings cannot be used (a CA file that cannot be read, a redirect URI that is none) or the listener breaks.
pub async fn serve(listener: TcpListener, settings: Settings) -> anyhow::Result<()> {
    axum::serve(listener, router(settings)?).await.context("serving the modern portal")
}

struct Portal {
    platform: Platform,
    /// Browsers that were sent to the platform and have not come back.
    attempts: Kept<SignInAttempt>,
    sessions: Kept<Session>,
    api: EmployeeApi,
}

fn router(settings: Settings) -> anyhow::Result<Router> {
    let protection = pages::Protection::new(&settings)?;
    let portal = Arc::new(Portal {
        platform: Platform::new(&settings)?,
        attempts: Kept::new("modern-portal-sign-in", settings.attempts),
        sessions: Kept::new("modern-portal-session", settings.sessions),
        api: EmployeeApi::new(&settings.employees_url)?,
    });
    Ok(Router::new()
        .route("/", get(employees::list))
        .route("/renew", post(employees::renew))
        .route("/sign-in", get(sign_in::begin))
        .route("/signin-oidc", get(sign_in::finish))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/style.css", get(pages::style))
        .fallback(pages::not_found)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        // Otherwise another site could sign a visitor out.
        .layer(CsrfLayer::new())
        .layer(middleware::map_response_with_state(protection, pages::protect))
        .with_state(portal))
}

const MAX_BODY_BYTES: usize = 16 * 1024;
