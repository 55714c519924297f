//! `/{tenant}/oauth2/v2.0/token` and `/{tenant}/oauth2/token`.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use axum::response::Response;
use http::header::{self, HeaderValue};
use http::{Method, StatusCode};
use ropeway_core::error::Denial;
use ropeway_core::error::render::{self, EndpointVersion};
use ropeway_core::oauth::form::Form;
use uuid::Uuid;

use super::cross_origin;
use super::exchange::{self, Exchange, status_of};
use crate::app::App;
use crate::outcome::Stopped;
use crate::token::{self, Call};

/// Answers a token request of v2.0.
pub(crate) async fn v2(
    State(app): State<App>,
    Path(tenant): Path<String>,
    method: Method,
    exchange: Exchange,
    body: Body,
) -> Response {
    answer(EndpointVersion::V2, app, tenant, method, exchange, body).await
}

/// Answers a token request of v1.0.
pub(crate) async fn v1(
    State(app): State<App>,
    Path(tenant): Path<String>,
    method: Method,
    exchange: Exchange,
    body: Body,
) -> Response {
    answer(EndpointVersion::V1, app, tenant, method, exchange, body).await
}

async fn answer(
    version: EndpointVersion,
    app: App,
    tenant: String,
    method: Method,
    exchange: Exchange,
    body: Body,
) -> Response {
    if method == Method::OPTIONS {
        return cross_origin::preflight(&app, &tenant, &exchange);
    }
    let refused = |denial: &Denial, form: &Form| refused(version, &app, &exchange, denial, form, &tenant);
    let call = match read_call(version, &tenant, &method, &exchange, body).await {
        Ok(call) => Arc::new(call),
        Err(NotRead::Refused(denial)) => return refused(&denial, &Form::default()),
        Err(NotRead::TooLarge) => {
            return exchange::sentence(StatusCode::PAYLOAD_TOO_LARGE, "A token request has at most 256 KiB.\n");
        }
    };
    // A client that hangs up must not leave a password attempt open, so the request is judged to its end all the same.
    // In a box, since a task's future is copied a dozen times from where it is made to where it ends.
    let answered = tokio::spawn(Box::pin({
        let (app, call) = (app.clone(), Arc::clone(&call));
        async move { token::answer(&app, &call).await }
    }));
    let mut response = match answered.await {
        Ok(Ok(answer)) => match answer.to_json() {
            Ok(body) => with_telemetry(
                &exchange,
                &call.form,
                0,
                exchange.token_endpoint(StatusCode::OK, body, call.correlation_id),
            ),
            Err(error) => exchange::broken(&error.into()),
        },
        Ok(Err(Stopped::Denied(denial))) => refused(&denial, &call.form),
        Ok(Err(stopped)) => exchange::stopped(&stopped),
        Err(error) => exchange::broken(&error.into()),
    };
    cross_origin::allow(&app, &call, response.headers_mut());
    response
}

/// Why a request was not read.
pub(super) enum NotRead {
    /// Method or form are refused.
    Refused(Denial),
    /// It is too long.
    TooLarge,
}

/// Reads a request that a client posts.
pub(super) async fn read_call(
    version: EndpointVersion,
    tenant: &str,
    method: &Method,
    exchange: &Exchange,
    body: Body,
) -> Result<Call, NotRead> {
    if method != Method::POST {
        return Err(NotRead::Refused(Denial::new(900561).with("validVerbs", "POST").with("verb", method)));
    }
    let body = to_bytes(body, LARGEST_BODY).await.map_err(|_| NotRead::TooLarge)?;
    let form = read_form(exchange, &body).map_err(NotRead::Refused)?;
    Ok(Call {
        moment: exchange.moment,
        correlation_id: exchange.correlation_id(&form),
        origin: exchange.origin.clone(),
        version,
        tenant_segment: tenant.to_owned(),
        authorization: exchange.header(header::AUTHORIZATION).map(str::to_owned),
        page_origin: exchange.header(header::ORIGIN).map(str::to_owned),
        form,
    })
}

/// Another content type has no parameters, and Entra says which one it misses first (AADSTS900144, `grant_type`).
fn read_form(exchange: &Exchange, body: &[u8]) -> Result<Form, Denial> {
    let content_type = exchange.header(header::CONTENT_TYPE).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        Form::parse(body)
    } else {
        Ok(Form::default())
    }
}

pub(super) fn refused(
    version: EndpointVersion,
    app: &App,
    exchange: &Exchange,
    denial: &Denial,
    form: &Form,
    tenant: &str,
) -> Response {
    let correlation_id: Uuid = exchange.correlation_id(form);
    let answer = render::token_error(denial, &exchange.context(version, correlation_id));
    let status = status_of(&answer);
    let mut response = exchange.token_endpoint(status, answer.body, correlation_id);
    if status == StatusCode::BAD_REQUEST && forgets_at_zero(exchange) && !app.replays_as_entra(tenant) {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("0"));
    }
    with_telemetry(exchange, form, denial.code(), response)
}

/// MSAL for Python replays a 400 answer for 60 seconds unless told not to; to azure-core and MSAL for JavaScript the same
/// header means something else, so nobody else gets it.
fn forgets_at_zero(exchange: &Exchange) -> bool {
    exchange.header("x-client-sku") == Some("MSAL.Python")
        && !exchange.header(header::USER_AGENT).is_some_and(|agent| agent.starts_with("azsdk-"))
}

/// `x-ms-clitelem`: to clients that introduce themselves as an MSAL (captured).
fn with_telemetry(exchange: &Exchange, form: &Form, code: u32, mut response: Response) -> Response {
    let introduced = exchange.header("x-client-sku").is_some() || form.has("x-client-SKU");
    if let (true, Ok(value)) = (introduced, HeaderValue::from_str(&format!("1,{code},0,,"))) {
        response.headers_mut().insert("x-ms-clitelem", value);
    }
    response
}

const LARGEST_BODY: usize = 256 * 1024;
