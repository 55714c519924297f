//! The pages, and the headers that every answer carries.

use anyhow::Context;
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use reqwest::Url;

use crate::employees::Employee;
use crate::session::Session;
use crate::settings::Settings;
use crate::silence::Reason;

/// The platform was asked silently, and has to ask the person something.
#[derive(Template)]
#[template(path = "ask.html")]
pub(crate) struct AskPage<'p> {
    pub(crate) reason: Reason,
    pub(crate) error: &'p str,
    pub(crate) description: &'p str,
}

#[derive(Template)]
#[template(path = "employees.html")]
pub(crate) struct EmployeesPage<'p> {
    pub(crate) session: &'p Session,
    pub(crate) employees: &'p [Employee],
}

/// The platform ended a sign-in without tokens.
#[derive(Template)]
#[template(path = "refused.html")]
pub(crate) struct RefusedPage<'p> {
    pub(crate) description: &'p str,
}

#[derive(Template)]
#[template(path = "trouble.html")]
struct TroublePage<'p> {
    message: &'p str,
}

/// The headers' values that depend on the settings.
#[derive(Clone)]
pub(crate) struct Protection {
    content_security_policy: HeaderValue,
}

impl Protection {
    pub(crate) fn new(settings: &Settings) -> anyhow::Result<Self> {
        let issuer = Url::parse(&settings.issuer_url).context("the issuer is no URL")?;
        // The form that signs out is answered by a redirect to the platform, and `form-action` holds for that as well.
        let policy = format!(
            "default-src 'none'; style-src 'self'; form-action 'self' {}; base-uri 'none'; frame-ancestors 'none'",
            issuer.origin().ascii_serialization()
        );
        Ok(Self { content_security_policy: HeaderValue::from_str(&policy).context("the issuer fits no header")? })
    }
}

pub(crate) fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!("a page cannot be made: {error}");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// A page that says what went wrong.
pub(crate) fn trouble(status: StatusCode, message: &str) -> Response {
    page(status, &TroublePage { message })
}

pub(crate) async fn not_found() -> Response {
    trouble(StatusCode::NOT_FOUND, "There is no such page.")
}

pub(crate) async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css")], include_str!("../assets/style.css"))
}

/// No script, no frame, nothing from elsewhere, and no copy in a cache that the next person could read.
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
