//! The login page: the portal asks for the password itself, as people should not be used to.

use std::sync::Arc;
use std::time::Instant;

use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use serde::Deserialize;

use crate::Portal;
use crate::pages::{SignInPage, page, trouble};
use crate::platform::{SignInError, Tokens};
use crate::refusal::Refusal;
use crate::session::Session;

// No `Debug`: the password must not end up in a log.
#[derive(Deserialize)]
pub(crate) struct Credentials {
    username: String,
    password: String,
}

/// `GET /sign-in`
pub(crate) async fn form() -> Response {
    page(StatusCode::OK, &SignInPage { username: "", refusal: None })
}

/// `POST /sign-in`
pub(crate) async fn submit(
    State(portal): State<Arc<Portal>>,
    jar: CookieJar,
    Form(credentials): Form<Credentials>,
) -> Response {
    let username = credentials.username.trim();
    match portal.platform.sign_in(username, &credentials.password).await {
        Ok(tokens) => begin_session(&portal, jar, tokens, username),
        Err(SignInError::Refused(answer)) => {
            let refusal = Refusal::from(answer);
            tracing::info!(code = refusal.code, "a sign-in failed");
            page(StatusCode::FORBIDDEN, &SignInPage { username, refusal: Some(refusal) })
        }
        Err(SignInError::Broken(error)) => {
            tracing::error!("a sign-in broke off: {error:#}");
            trouble(StatusCode::BAD_GATEWAY, "The sign-in service cannot be reached, or answers nonsense. Try later.")
        }
    }
}

fn begin_session(portal: &Portal, jar: CookieJar, tokens: Tokens, username: &str) -> Response {
    let user_principal_name = tokens.user.preferred_username.unwrap_or_else(|| username.to_owned());
    let display_name = tokens.user.name.unwrap_or_else(|| user_principal_name.clone());
    let session = Session { display_name, user_principal_name, access_token: tokens.access_token };
    match portal.sessions.begin(jar, session, tokens.expires_in, Instant::now()) {
        Ok(jar) => (jar, Redirect::to("/")).into_response(),
        Err(error) => {
            tracing::error!("a session cannot begin: {error:#}");
            trouble(StatusCode::INTERNAL_SERVER_ERROR, "The portal cannot begin a session now. Try later.")
        }
    }
}

/// `POST /sign-out`: the portal forgets. The platform need not be told, it never knew of a session.
pub(crate) async fn sign_out(State(portal): State<Arc<Portal>>, jar: CookieJar) -> Response {
    (portal.sessions.end(jar), Redirect::to("/sign-in")).into_response()
}
