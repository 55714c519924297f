//! `/{tenant}/oauth2/v2.0/logout` and `/{tenant}/oauth2/logout`.

use axum::body::{Body, to_bytes};
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode};
use ropeway_core::error::render::EndpointVersion;
use ropeway_core::oauth::form::Form;

use super::exchange::{self, Exchange};
use super::page;
use crate::app::App;
use crate::browser::{Browser, SetCookies};
use crate::outcome::Stopped;
use crate::signin::{self, SignedOut};
use crate::token::Call;

/// Signs the browser out. The parameters come in the query or, by POST, in a form.
pub(crate) async fn sign_out(
    State(app): State<App>,
    Path(tenant): Path<String>,
    method: Method,
    RawQuery(query): RawQuery,
    exchange: Exchange,
    body: Body,
) -> Response {
    let body = match method {
        Method::GET => Vec::new(),
        Method::POST => match to_bytes(body, LARGEST).await {
            Ok(body) => body.to_vec(),
            Err(_) => {
                return exchange::sentence(StatusCode::PAYLOAD_TOO_LARGE, "A sign-out request has at most 32 KiB.\n");
            }
        },
        _ => return exchange::sentence(StatusCode::METHOD_NOT_ALLOWED, "Sign-out takes GET and POST.\n"),
    };
    let parameters = [query.unwrap_or_default().into_bytes(), body].join(&b"&"[..]);
    let form = Form::parse(&parameters).unwrap_or_default();
    let (mut response, cookies) = match signin::sign_out(&app, &tenant, &form, &Browser::of(&exchange.headers)).await {
        Ok((SignedOut::Go(url), cookies)) => (page::redirect(url.as_str()), cookies),
        Ok((SignedOut::Show(page), cookies)) => (page.into_response(), cookies),
        Err(Stopped::Denied(denial)) => {
            let call = Call {
                moment: exchange.moment,
                correlation_id: exchange.correlation_id(&form),
                origin: exchange.origin.clone(),
                version: EndpointVersion::V2,
                tenant_segment: tenant,
                authorization: None,
                page_origin: None,
                form,
            };
            return page::respond(signin::refusal(&call, &denial, SetCookies::default()));
        }
        Err(stopped) => return exchange::stopped(&stopped),
    };
    cookies.write(response.headers_mut());
    response
}

const LARGEST: usize = 32 * 1024;
