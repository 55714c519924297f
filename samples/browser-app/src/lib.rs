//! A single-page application: the browser itself is the OAuth client, with no server behind it that could keep a secret.
//! What it does is in `assets/app.js`, by Microsoft's library for browsers; this package hands out the files.
//!
//! The library is not part of the repository. `npm ci` brings the version that `package-lock.json` pins, and [`Settings`]
//! says where it is.

mod files;
mod settings;

use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use axum::middleware;
use axum::routing::get;
use tokio::net::TcpListener;

pub use settings::Settings;

use files::{Protection, Site};

/// Serves the application's files on `listener` until the future is dropped.
///
/// The library may come later than this server: it is looked for whenever the page is opened.
///
/// # Errors
/// When the settings cannot be used (an address that is none) or the listener breaks.
pub async fn serve(listener: TcpListener, settings: Settings) -> anyhow::Result<()> {
    axum::serve(listener, router(settings)?).await.context("serving the browser app")
}

fn router(settings: Settings) -> anyhow::Result<Router> {
    let protection = Protection::new(&settings)?;
    Ok(Router::new()
        .route("/", get(files::index))
        .route("/app.js", get(files::application))
        .route("/style.css", get(files::style))
        .route("/config.json", get(files::config))
        .route("/msal-browser.js", get(files::library))
        .route("/msal-redirect-bridge.js", get(files::redirect_bridge))
        .layer(middleware::map_response_with_state(protection, files::protect))
        .with_state(Arc::new(Site::new(settings))))
}
