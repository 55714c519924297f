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
use crate::pages::{EmployeesPage, RefusedPage, page, trouble};

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
    let now = Instant::now();
    let Some(session) = portal.sessions.find(&jar, now).filter(|session| session.ends_at > now) else {
        return Redirect::to("/sign-in?how=silently").into_response();
    };
    match portal.api.employees(&session.access_token).await {
        Ok(Some(employees)) => page(StatusCode::OK, &EmployeesPage { session: &session, employees: &employees }),
        Ok(None) => {
            // Not once more by itself: an API that takes no token at all would keep the browser going round.
            let (jar, _) = portal.sessions.take(jar, now);
            let description = "The Employee API does not take the access token.";
            (jar, page(StatusCode::FORBIDDEN, &RefusedPage { description })).into_response()
        }
        Err(error) => {
            tracing::error!("the employees cannot be listed: {error:#}");
            trouble(StatusCode::BAD_GATEWAY, "The Employee API does not list the employees now. Try later.")
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
