//! The files, and the headers that they carry.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde::Serialize;
use tokio::fs;
use url::Url;

use crate::settings::Settings;

pub(crate) struct Site {
    config: Config,
    library: PathBuf,
}

/// What `app.js` must know.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Config {
    authority: String,
    client_id: String,
    scope: String,
    employees_url: String,
}

/// The headers' values that depend on the settings.
#[derive(Clone)]
pub(crate) struct Protection {
    content_security_policy: HeaderValue,
}

impl Site {
    pub(crate) fn new(settings: Settings) -> Self {
        let Settings { authority, client_id, scope, employees_url, library } = settings;
        Self { config: Config { authority, client_id, scope, employees_url }, library }
    }
}

impl Protection {
    pub(crate) fn new(settings: &Settings) -> anyhow::Result<Self> {
        let origin = |url: &str| -> anyhow::Result<String> {
            let parsed = Url::parse(url).with_context(|| format!("{url} is no URL"))?;
            Ok(parsed.origin().ascii_serialization())
        };
        let (authority, api) = (origin(&settings.authority)?, origin(&settings.employees_url)?);
        // The library signs in silently in a frame, which begins at the platform and ends on this very page.
        let policy = format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' {authority} {api}; \
             frame-src 'self' {authority}; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
        );
        Ok(Self { content_security_policy: HeaderValue::from_str(&policy).context("an address fits no header")? })
    }
}

/// `GET /`: the application, or how to get its library.
pub(crate) async fn index(State(site): State<Arc<Site>>) -> Response {
    match fs::try_exists(site.library.join(LIBRARY)).await {
        Ok(true) => Html(include_str!("../assets/index.html")).into_response(),
        _ => (StatusCode::SERVICE_UNAVAILABLE, Html(include_str!("../assets/no_library.html"))).into_response(),
    }
}

pub(crate) async fn application() -> impl IntoResponse {
    (JAVASCRIPT, include_str!("../assets/app.js"))
}

pub(crate) async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css")], include_str!("../assets/style.css"))
}

pub(crate) async fn config(State(site): State<Arc<Site>>) -> Response {
    Json(&site.config).into_response()
}

pub(crate) async fn library(State(site): State<Arc<Site>>) -> Response {
    script(site.library.join(LIBRARY)).await
}

pub(crate) async fn redirect_bridge(State(site): State<Arc<Site>>) -> Response {
    script(site.library.join("redirect-bridge/msal-redirect-bridge.min.js")).await
}

async fn script(file: PathBuf) -> Response {
    match fs::read(&file).await {
        Ok(bytes) => (JAVASCRIPT, bytes).into_response(),
        Err(error) => {
            tracing::warn!("{}: {error}", file.display());
            StatusCode::NOT_FOUND.into_response()
        }
    }
}

/// Scripts of this origin alone, and no connection but to the platform and the API.
pub(crate) async fn protect(State(protection): State<Protection>, mut response: Response) -> Response {
    let headers: [(HeaderName, HeaderValue); 4] = [
        (header::CONTENT_SECURITY_POLICY, protection.content_security_policy),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    response.headers_mut().extend(headers);
    response
}

const LIBRARY: &str = "msal-browser.min.js";
const JAVASCRIPT: [(HeaderName, &str); 1] = [(header::CONTENT_TYPE, "text/javascript")];
