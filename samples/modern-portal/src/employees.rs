//! What the portal is for: the employees, from the API that is called in the user's name.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use reqwest::{Client, redirect};
use serde::Deserialize;

use crate::Portal;
use crate::pages::{EmployeesPage, RefusedPage, WelcomePage, page, trouble};
use crate::platform::TokenError;
use crate::session::{RENEW_BEFORE, Session};

pub(crate) struct EmployeeApi {
    http: Client,
    url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Employee {
    pub(crate) display_name: String,
    pub(crate) department: String,
}

/// `GET /`
pub(crate) async fn list(State(portal): State<Arc<Portal>>, jar: CookieJar) -> Response {
    let Some(mut session) = portal.sessions.find(&jar, Instant::now()) else {
        return page(StatusCode::OK, &WelcomePage);
    };
    if session.tokens.good_until < Instant::now() + RENEW_BEFORE {
        session = match renewed(&portal, &jar, session).await {
            Ok(session) => session,
            Err(error) => return end_or_wait(&portal, jar, error),
        };
    }
    match portal.api.employees(&session.tokens.access_token).await {
        Ok(Some(employees)) => page(StatusCode::OK, &EmployeesPage { session: &session, employees: &employees }),
        Ok(None) => {
            let error = TokenError::Refused("the Employee API does not take the access token".to_owned());
            end_or_wait(&portal, jar, error)
        }
        Err(error) => {
            tracing::error!("the employees cannot be listed: {error:#}");
            trouble(StatusCode::BAD_GATEWAY, "The Employee API does not list the employees now. Try later.")
        }
    }
}

/// `POST /renew`: a new access token now, to watch it happen; `list` does it by itself when the old one ends.
pub(crate) async fn renew(State(portal): State<Arc<Portal>>, jar: CookieJar) -> Response {
    let Some(session) = portal.sessions.find(&jar, Instant::now()) else {
        return Redirect::to("/").into_response();
    };
    match renewed(&portal, &jar, session).await {
        Ok(_) => Redirect::to("/").into_response(),
        Err(error) => end_or_wait(&portal, jar, error),
    }
}

async fn renewed(portal: &Portal, jar: &CookieJar, session: Session) -> Result<Session, TokenError> {
    let tokens = portal.platform.renew(&session.tokens).await?;
    let session = Session { tokens, renewals: session.renewals + 1, ..session };
    portal.sessions.replace(jar, session.clone());
    Ok(session)
}

/// A refusal ends the session, for only the user can go on; an outage does not.
fn end_or_wait(portal: &Portal, jar: CookieJar, error: TokenError) -> Response {
    match error {
        TokenError::Refused(description) => {
            tracing::info!(description, "a session ended");
            let (jar, _) = portal.sessions.take(jar, Instant::now());
            (jar, page(StatusCode::FORBIDDEN, &RefusedPage { description: &description })).into_response()
        }
        TokenError::Broken(error) => {
            tracing::error!("an access token cannot be renewed: {error:#}");
            trouble(StatusCode::BAD_GATEWAY, "The sign-in service cannot be reached, or answers nonsense. Try later.")
        }
    }
}

impl EmployeeApi {
    pub(crate) fn new(url: &str) -> anyhow::Result<Self> {
        let http = Client::builder().timeout(API_TIMEOUT).redirect(redirect::Policy::none());
        Ok(Self { http: http.build().context("setting up the HTTP client for the API")?, url: url.to_owned() })
    }

    /// Asks the API; nothing, if it does not take the token any more.
    async fn employees(&self, access_token: &str) -> anyhow::Result<Option<Vec<Employee>>> {
        let url = &self.url;
        let answer = self.http.get(url).bearer_auth(access_token).send().await;
        let answer = answer.with_context(|| format!("asking {url}"))?;
        if answer.status() == StatusCode::UNAUTHORIZED {
            return Ok(None);
        }
        ensure!(answer.status().is_success(), "{url} answered {}", answer.status());
        answer.json().await.map(Some).with_context(|| format!("{url} answered something else than employees"))
    }
}

const API_TIMEOUT: Duration = Duration::from_secs(10);
