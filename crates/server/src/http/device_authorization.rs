//! `/{tenant}/oauth2/v2.0/devicecode` and `/{tenant}/oauth2/devicecode`, where a device asks, and `/devicelogin`, where its
//! person types the code.

use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use axum::response::Response;
use http::{Method, StatusCode};
use ropeway_core::error::render::EndpointVersion;
use ropeway_core::oauth::form::Form;

use super::exchange::{self, Exchange};
use super::page;
use super::token::{self, NotRead};
use crate::app::App;
use crate::browser::Browser;
use crate::device_authorization;
use crate::outcome::Stopped;
use crate::signin;

/// Answers a device on v2.0.
pub(crate) async fn v2(
    State(app): State<App>,
    Path(tenant): Path<String>,
    method: Method,
    exchange: Exchange,
    body: Body,
) -> Response {
    answer(EndpointVersion::V2, app, tenant, method, exchange, body).await
}

/// Answers a device on v1.0.
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
    let call = match token::read_call(version, &tenant, &method, &exchange, body).await {
        Ok(call) => call,
        Err(NotRead::Refused(denial)) => {
            return token::refused(version, &app, &exchange, &denial, &Form::default(), &tenant);
        }
        Err(NotRead::TooLarge) => {
            return exchange::sentence(StatusCode::PAYLOAD_TOO_LARGE, "A device sends at most 256 KiB.\n");
        }
    };
    match device_authorization::begin(&app, &call).await {
        Ok(answer) => exchange.token_endpoint(StatusCode::OK, answer.to_string(), call.correlation_id),
        Err(Stopped::Denied(denial)) => token::refused(version, &app, &exchange, &denial, &call.form, &tenant),
        Err(stopped) => exchange::stopped(&stopped),
    }
}

/// The address that is short enough to type leads to the page, as Entra's does.
pub(crate) async fn short() -> Response {
    page::redirect(PAGE)
}

/// The page where the code is typed.
pub(crate) async fn ask() -> Response {
    match signin::ask_for_user_code(None) {
        Ok(reaction) => page::respond(reaction),
        Err(stopped) => exchange::stopped(&stopped),
    }
}

/// Takes the code. A form of another site's is not looked at: whoever types a code must have meant to.
pub(crate) async fn typed(State(app): State<App>, exchange: Exchange, body: Body) -> Response {
    if page::is_foreign(&exchange) {
        return page::foreign();
    }
    let Ok(body) = to_bytes(body, LARGEST).await else {
        return exchange::sentence(StatusCode::PAYLOAD_TOO_LARGE, "A code has nine letters and digits.\n");
    };
    let form = Form::parse(&body).unwrap_or_default();
    let (browser, correlation_id) = (Browser::of(&exchange.headers), exchange.correlation_id(&form));
    let typed = form.first("otc").unwrap_or_default();
    match signin::user_code_typed(&app, &exchange.moment, &exchange.origin, correlation_id, &browser, typed).await {
        Ok(reaction) => page::respond(reaction),
        Err(stopped) => exchange::stopped(&stopped),
    }
}

const PAGE: &str = "/common/oauth2/deviceauth";
const LARGEST: usize = 4 * 1024;
