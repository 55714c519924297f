//! Signing in: to the platform's page and back.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use openidconnect::core::CoreAuthPrompt;
use serde::Deserialize;

use crate::Portal;
use crate::pages::{AskPage, RefusedPage, page, trouble};
use crate::platform::{SignedIn, TokenError};
use crate::session::Session;
use crate::silence::Reason;

#[derive(Deserialize)]
pub(crate) struct Wish {
    how: Option<How>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum How {
    /// Without a question; there are no tokens if one would have to be asked.
    Silently,
    /// With the question which account to take.
    Choosing,
}

/// What the browser brings back (RFC 6749 §4.1.2).
#[derive(Deserialize)]
pub(crate) struct Answer {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

/// `GET /sign-in`: to the platform.
pub(crate) async fn begin(State(portal): State<Arc<Portal>>, jar: CookieJar, Query(wish): Query<Wish>) -> Response {
    let prompt = wish.how.map(|how| match how {
        How::Silently => CoreAuthPrompt::None,
        How::Choosing => CoreAuthPrompt::SelectAccount,
    });
    match portal.platform.begin_sign_in(prompt).await {
        Ok((url, attempt)) => {
            (portal.attempts.begin(jar, attempt, Instant::now()), Redirect::to(url.as_str())).into_response()
        }
        Err(error) => unreachable(&error),
    }
}

/// `GET /signin-oidc`: back from the platform.
pub(crate) async fn finish(
    State(portal): State<Arc<Portal>>,
    jar: CookieJar,
    Query(answer): Query<Answer>,
) -> Response {
    // The address is also where the platform leads to after a sign-out, for no other is registered.
    if answer.code.is_none() && answer.error.is_none() {
        return Redirect::to("/").into_response();
    }
    let (jar, attempt) = portal.attempts.take(jar, Instant::now());
    // RFC 6749 §10.12: an answer that this browser did not ask for may be somebody else's, slipped in.
    let Some(attempt) = attempt.filter(|attempt| answer.state.as_deref().is_some_and(|s| attempt.is_answered_by(s)))
    else {
        let message = "This sign-in was not begun here, or took too long, or is over already. Please begin again.";
        return (jar, trouble(StatusCode::BAD_REQUEST, message)).into_response();
    };
    let silent = attempt.silent;
    let Some(code) = answer.code else {
        if let Some(error) = answer.error.as_deref().filter(|_| silent) {
            let description = answer.error_description.as_deref().unwrap_or_default();
            let reason = Reason::of(error);
            return (jar, page(StatusCode::OK, &AskPage { reason, error, description })).into_response();
        }
        let description = answer.error_description.or(answer.error).unwrap_or_default();
        return (jar, page(StatusCode::FORBIDDEN, &RefusedPage { description: &description })).into_response();
    };
    let response = match portal.platform.finish_sign_in(code, attempt).await {
        Ok(signed_in) => {
            let jar = portal.sessions.begin(jar, session(signed_in, silent), Instant::now());
            return (jar, Redirect::to("/")).into_response();
        }
        Err(TokenError::Refused(description)) => {
            page(StatusCode::FORBIDDEN, &RefusedPage { description: &description })
        }
        Err(TokenError::Broken(error)) => unreachable(&error),
    };
    (jar, response).into_response()
}

fn session(signed_in: SignedIn, silent: bool) -> Session {
    let user_principal_name = signed_in.preferred_username.unwrap_or_default();
    let display_name = signed_in.name.unwrap_or_else(|| user_principal_name.clone());
    let ends_at = Instant::now() + signed_in.expires_in;
    Session { display_name, user_principal_name, access_token: signed_in.access_token, ends_at, silent }
}

/// `POST /sign-out`: here, and at the platform, where the session is that all applications share.
pub(crate) async fn sign_out(State(portal): State<Arc<Portal>>, jar: CookieJar) -> Response {
    let (jar, _) = portal.sessions.take(jar, Instant::now());
    match portal.platform.sign_out_url().await {
        Ok(url) => (jar, Redirect::to(url.as_str())).into_response(),
        Err(error) => (jar, unreachable(&error)).into_response(),
    }
}

fn unreachable(error: &anyhow::Error) -> Response {
    tracing::error!("a sign-in or sign-out broke off: {error:#}");
    trouble(StatusCode::BAD_GATEWAY, "The sign-in service cannot be reached, or answers nonsense. Try later.")
}
