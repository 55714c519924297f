//! `/_ropeway/account`: the person's own pages.

use axum::body::{Body, to_bytes};
use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::StatusCode;
use ropeway_core::oauth::form::Form;

use super::exchange::{self, Exchange};
use super::page;
use crate::account::PageCall;
use crate::app::App;
use crate::authorize::Reaction;
use crate::browser::Browser;
use crate::outcome::Stopped;

/// Draws them.
pub(crate) async fn show(State(app): State<App>, RawQuery(query): RawQuery, exchange: Exchange) -> Response {
    let form = Form::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let browser = Browser::of(&exchange.headers);
    respond(call(&app, &exchange, &browser, form).show().await)
}

/// Does what the person asked for there. A form of another site's is not looked at.
pub(crate) async fn act(State(app): State<App>, exchange: Exchange, body: Body) -> Response {
    if page::is_foreign(&exchange) {
        return page::foreign();
    }
    let Ok(body) = to_bytes(body, LARGEST).await else {
        return exchange::sentence(StatusCode::PAYLOAD_TOO_LARGE, "A page sends at most 64 KiB.\n");
    };
    let form = Form::parse(&body).unwrap_or_default();
    let browser = Browser::of(&exchange.headers);
    // A browser that hangs up must not leave a password attempt open.
    let acted = tokio::spawn(async move { call(&app, &exchange, &browser, form).act().await }).await;
    match acted {
        Ok(acted) => respond(acted),
        Err(error) => exchange::broken(&error.into()),
    }
}

fn call<'a>(app: &'a App, exchange: &'a Exchange, browser: &'a Browser, form: Form) -> PageCall<'a> {
    let correlation_id = exchange.correlation_id(&Form::default());
    PageCall { app, moment: exchange.moment, origin: &exchange.origin, correlation_id, browser, form }
}

fn respond(answered: Result<Reaction, Stopped>) -> Response {
    match answered {
        Ok(reaction) => page::respond(reaction),
        Err(stopped) => exchange::stopped(&stopped),
    }
}

const LARGEST: usize = 64 * 1024;
