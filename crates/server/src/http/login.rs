//! `/{tenant}/login`: the page at which a sign-in stands, and what the person sends from it.

use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use ropeway_core::oauth::form::Form;

use super::exchange::{self, Exchange};
use super::page;
use crate::app::App;
use crate::browser::Browser;
use crate::signin;

/// Draws the page.
pub(crate) async fn show(State(app): State<App>, Path(_tenant): Path<String>, exchange: Exchange) -> Response {
    let browser = Browser::of(&exchange.headers);
    let key = exchange.query("ctx").unwrap_or_default();
    match signin::show(&app, &exchange.moment, &exchange.origin, &browser, key).await {
        Ok(reaction) => page::respond(reaction),
        Err(stopped) => exchange::stopped(&stopped),
    }
}

/// Takes a step. A form of another site's is not looked at: its page did not come from here.
pub(crate) async fn submit(
    State(app): State<App>,
    Path(_tenant): Path<String>,
    exchange: Exchange,
    body: Body,
) -> Response {
    if page::is_foreign(&exchange) {
        return page::foreign();
    }
    let Ok(body) = to_bytes(body, LARGEST).await else {
        return exchange::sentence(StatusCode::PAYLOAD_TOO_LARGE, "A page sends at most 64 KiB.\n");
    };
    let form = Form::parse(&body).unwrap_or_default();
    let browser = Browser::of(&exchange.headers);
    let (moment, origin) = (exchange.moment, exchange.origin.clone());
    // A browser that hangs up must not leave a password attempt open.
    let answered = tokio::spawn(async move { signin::submit(&app, &moment, &origin, &browser, &form).await }).await;
    match answered {
        Ok(Ok(reaction)) => page::respond(reaction),
        Ok(Err(stopped)) => exchange::stopped(&stopped),
        Err(error) => exchange::broken(&error.into()),
    }
}

const LARGEST: usize = 64 * 1024;
