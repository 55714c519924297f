//! `/{tenant}/oauth2/v2.0/authorize` and `/{tenant}/oauth2/authorize`: a browser comes from an application.

use axum::body::{Body, to_bytes};
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use http::{Method, StatusCode};
use ropeway_core::error::Denial;
use ropeway_core::error::render::EndpointVersion;
use ropeway_core::oauth::form::Form;

use super::exchange::{self, Exchange};
use super::page;
use crate::app::App;
use crate::authorize::Purpose;
use crate::browser::{Browser, SetCookies};
use crate::signin;
use crate::token::Call;

/// Answers an authorization request of v2.0.
pub(crate) async fn v2(
    State(app): State<App>,
    Path(tenant): Path<String>,
    method: Method,
    RawQuery(query): RawQuery,
    exchange: Exchange,
    body: Body,
) -> Response {
    answer((EndpointVersion::V2, Purpose::SignIn), app, tenant, method, query, exchange, body).await
}

/// Answers an authorization request of v1.0.
pub(crate) async fn v1(
    State(app): State<App>,
    Path(tenant): Path<String>,
    method: Method,
    RawQuery(query): RawQuery,
    exchange: Exchange,
    body: Body,
) -> Response {
    answer((EndpointVersion::V1, Purpose::SignIn), app, tenant, method, query, exchange, body).await
}

/// `/{tenant}/v2.0/adminconsent`.
pub(crate) async fn admin_consent_v2(
    State(app): State<App>,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
    exchange: Exchange,
) -> Response {
    let asked = (EndpointVersion::V2, Purpose::AdminConsent);
    answer(asked, app, tenant, Method::GET, query, exchange, Body::empty()).await
}

/// `/{tenant}/adminconsent`.
pub(crate) async fn admin_consent_v1(
    State(app): State<App>,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
    exchange: Exchange,
) -> Response {
    let asked = (EndpointVersion::V1, Purpose::AdminConsent);
    answer(asked, app, tenant, Method::GET, query, exchange, Body::empty()).await
}

async fn answer(
    (version, purpose): (EndpointVersion, Purpose),
    app: App,
    tenant: String,
    method: Method,
    query: Option<String>,
    exchange: Exchange,
    body: Body,
) -> Response {
    let parameters = match method {
        Method::GET => query.unwrap_or_default(),
        Method::POST => match to_bytes(body, LARGEST).await.ok().and_then(|body| String::from_utf8(body.into()).ok()) {
            Some(body) => body,
            None => {
                return exchange::sentence(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "An authorization request has at most 32 KiB of text.\n",
                );
            }
        },
        _ => return exchange::sentence(StatusCode::METHOD_NOT_ALLOWED, "The authorize endpoint takes GET and POST.\n"),
    };
    let form = if parameters.len() > LARGEST { Err(Denial::new(90015)) } else { Form::parse(parameters.as_bytes()) };
    let mut call = Call {
        moment: exchange.moment,
        correlation_id: exchange.correlation_id(&Form::default()),
        origin: exchange.origin.clone(),
        version,
        tenant_segment: tenant,
        authorization: None,
        page_origin: None,
        form: Form::default(),
    };
    match form {
        Ok(form) => {
            call.correlation_id = exchange.correlation_id(&form);
            call.form = form;
        }
        Err(denial) => return page::respond(signin::refusal(&call, &denial, SetCookies::default())),
    }
    match signin::begin(&app, &call, purpose, &parameters, &Browser::of(&exchange.headers)).await {
        Ok(reaction) => page::respond(reaction),
        Err(stopped) => page::stopped(&call, stopped),
    }
}

const LARGEST: usize = 32 * 1024;
