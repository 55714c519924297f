//! A browser's answers: a page, a redirect, or the form that carries parameters to the application.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{self, HeaderValue};
use ropeway_core::oauth::authorize::ResponseMode;

use super::exchange::{self, Exchange};
use crate::authorize::Reaction;
use crate::browser::SetCookies;
use crate::outcome::Stopped;
use crate::pages::{FormPostPage, Page, STYLE};
use crate::signin;
use crate::token::Call;

/// Sends what a browser's request is answered with.
pub(crate) fn respond(reaction: Reaction) -> Response {
    let (mut response, cookies) = match reaction {
        Reaction::Show(page, cookies) | Reaction::Last(page, cookies) => (page.into_response(), cookies),
        Reaction::Go(path, cookies) => (redirect(&path), cookies),
        Reaction::Reply(reply, parameters, cookies) if reply.mode == ResponseMode::FormPost => {
            let action = reply.redirect_uri.url.to_string();
            let page = Page::of(&FormPostPage { action, parameters });
            let response = match page {
                Ok(page) => page.sending_to(&reply).with_script().into_response(),
                Err(stopped) => exchange::stopped(&stopped),
            };
            (response, cookies)
        }
        Reaction::Reply(reply, parameters, cookies) => (redirect(reply.url_with(&parameters).as_str()), cookies),
    };
    cookies.write(response.headers_mut());
    response
}

/// A request that came to nothing: refused on a page, or broken.
pub(crate) fn stopped(call: &Call, stopped: Stopped) -> Response {
    match stopped {
        Stopped::Denied(denial) => respond(signin::refusal(call, &denial, SetCookies::default())),
        other => exchange::stopped(&other),
    }
}

/// Whether a form was sent by a page of another site. The host that was asked counts, too: on the courtesy port it is not
/// the main origin's.
pub(crate) fn is_foreign(exchange: &Exchange) -> bool {
    let host = exchange.header(header::HOST).map(|host| format!("https://{host}"));
    let own = |origin: &str| origin == exchange.origin || host.as_deref() == Some(origin);
    exchange.header(header::ORIGIN).is_some_and(|origin| !own(origin))
}

/// Answers such a form, which is not looked at.
pub(crate) fn foreign() -> Response {
    exchange::sentence(StatusCode::FORBIDDEN, "This form came from another site.\n")
}

/// The style of the pages. It changes with the binary only.
pub(crate) async fn style() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "max-age=600")];
    (headers, STYLE).into_response()
}

/// 302 as Entra answers, also to a form: every browser then asks with GET, and never repeats a password (RFC 9700 §4.12).
pub(super) fn redirect(location: &str) -> Response {
    let mut response = StatusCode::FOUND.into_response();
    let headers = response.headers_mut();
    match HeaderValue::from_str(location) {
        Ok(location) => headers.insert(header::LOCATION, location),
        Err(error) => return exchange::broken(&error.into()),
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store, no-cache"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin"));
    response
}
