//! The pages, and the headers that every answer carries.

use askama::Template;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use crate::employees::Employee;
use crate::refusal::Refusal;
use crate::session::Session;

#[derive(Template)]
#[template(path = "sign_in.html")]
pub(crate) struct SignInPage<'p> {
    pub(crate) username: &'p str,
    pub(crate) refusal: Option<Refusal>,
}

#[derive(Template)]
#[template(path = "employees.html")]
pub(crate) struct EmployeesPage<'p> {
    pub(crate) session: &'p Session,
    pub(crate) employees: &'p [Employee],
}

#[derive(Template)]
#[template(path = "trouble.html")]
struct TroublePage<'p> {
    message: &'p str,
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
pub(crate) async fn protect(mut response: Response) -> Response {
    let headers: [(HeaderName, &str); 4] = [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in headers {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
