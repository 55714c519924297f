//! How a person authorises the job, once: in a browser on this machine, or on another device.

use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::extract::{Query, State};
use axum::routing::get;
use openidconnect::RedirectUrl;
use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};

use crate::failure::{AUTHORISE, Exit, Failure};
use crate::platform::{Authorised, Platform};
use crate::refusal::PlatformRefusal;
use crate::report::Report;
use crate::settings::Settings;
use crate::store::Grant;
use crate::ways::Api;

/// How a person authorises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// In a browser on this machine, which comes back to `http://localhost:PORT/authorised` (RFC 8252 §7.3).
    Loopback {
        /// 0 takes a free one: for `localhost`, Entra compares redirect URIs without the port.
        port: u16,
    },
    /// On another device, by a code that is typed in there (RFC 8628).
    DeviceCode,
}

/// Lets a person authorise the job and keeps the refresh token. `tell` is given what the person must do.
pub async fn authorise(settings: &Settings, how: How, tell: impl Fn(&str)) -> Report {
    let mut report = Report::of("authorise");
    let worked = match how {
        How::Loopback { port } => in_browser(settings, port, tell, &mut report).await,
        How::DeviceCode => on_device(settings, tell, &mut report).await,
    };
    report.conclude(worked.map(|()| ("authorised", None)))
}

async fn on_device(settings: &Settings, tell: impl Fn(&str), report: &mut Report) -> Result<(), Failure> {
    settings.store()?;
    let platform = Platform::connect(settings).await?;
    let code = platform.begin_on_device(settings.scope(Api::Timesheets)).await?;
    let (url, user_code) = (code.verification_uri().as_str(), code.user_code().secret());
    tell(&format!("open {url} on any device and enter the code {user_code}"));
    keep(settings, platform.finish_on_device(&code).await?, report).await
}

/// What the browser brings back.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct BroughtBack {
    state: String,
    code: Option<String>,
    error: String,
    error_description: String,
}

/// The browser's request, and where its answer goes.
type Visit = (BroughtBack, oneshot::Sender<String>);

async fn in_browser(settings: &Settings, port: u16, tell: impl Fn(&str), report: &mut Report) -> Result<(), Failure> {
    settings.store()?;
    let platform = Platform::connect(settings).await?;
    let listener = TcpListener::bind(("localhost", port)).await;
    let listener = listener.with_context(|| format!("listening on localhost:{port}; `--port` names another one"));
    let listener = listener.map_err(Failure::settings)?;
    let port = listener.local_addr().context("the listener has no address").map_err(Failure::settings)?.port();
    let redirect_uri = RedirectUrl::new(format!("http://localhost:{port}/authorised"));
    let redirect_uri = redirect_uri.context("the redirect URI is no URI").map_err(Failure::settings)?;
    let (url, attempt) = platform.begin(redirect_uri, settings.scope(Api::Timesheets));

    let (visits, mut visited) = mpsc::channel::<Visit>(1);
    let (stop, stopped) = oneshot::channel::<()>();
    let router = Router::new().route("/authorised", get(come_back)).with_state(visits);
    let server = axum::serve(listener, router).with_graceful_shutdown(async { stopped.await.unwrap_or_default() });
    let server = tokio::spawn(server.into_future());
    tell(&format!("open in a browser on this machine, and sign in as the user whom the job is to act for:\n{url}"));

    let ours = tokio::time::timeout(LONGEST_SIGN_IN, async {
        while let Some((brought, answer)) = visited.recv().await {
            // Another page of this browser may have been told to come here by somebody else.
            if brought.state == *attempt.state.secret() {
                return Some((brought, answer));
            }
            let _ = answer.send("This is not the answer to what the job asked. It goes on waiting.".to_owned());
        }
        None
    });
    let Ok(Some((brought, answer))) = ours.await else {
        return Err(Failure::new(Exit::PersonMustAuthorise, "nobody_came", "nobody signed in in time", AUTHORISE));
    };
    let authorised = match brought.code {
        Some(code) => platform.finish(code, attempt).await,
        None => {
            let BroughtBack { error, error_description, .. } = brought;
            Err(PlatformRefusal { error, error_description, error_codes: Vec::new() }.into_failure(true))
        }
    };
    let kept = match authorised {
        Ok(authorised) => keep(settings, authorised, report).await,
        Err(failure) => Err(failure),
    };
    let _ = answer.send(match &kept {
        Ok(()) => "The job is authorised. You may close this page.".to_owned(),
        Err(failure) => format!("The job is not authorised: {}.", failure.trouble.cause),
    });
    let _ = stop.send(());
    // So that the browser gets its answer before the process ends.
    let _ = tokio::time::timeout(LONGEST_FAREWELL, server).await;
    kept
}

async fn come_back(State(visits): State<mpsc::Sender<Visit>>, Query(brought): Query<BroughtBack>) -> String {
    let (answer, answered) = oneshot::channel();
    if visits.send((brought, answer)).await.is_err() {
        return "The job waits no longer.".to_owned();
    }
    answered.await.unwrap_or_else(|_| "The job waits no longer.".to_owned())
}

async fn keep(settings: &Settings, authorised: Authorised, report: &mut Report) -> Result<(), Failure> {
    let now = OffsetDateTime::now_utc().replace_nanosecond(0).map(|now| now.format(&Rfc3339));
    let now = now.context("the clock is out of range").map_err(Failure::settings)?;
    let grant = Grant {
        issuer: settings.issuer_url.clone(),
        client_id: settings.client_id.clone(),
        user: authorised.user,
        authorised_at: now.context("the clock is out of range").map_err(Failure::settings)?,
        refresh_token: authorised.refresh_token,
    };
    settings.store()?.lock().await?.save(&grant)?;
    (report.user, report.authorised_at) = (Some(grant.user), Some(grant.authorised_at));
    Ok(())
}

/// The page may ask for much, such as setting up a second factor.
const LONGEST_SIGN_IN: Duration = Duration::from_mins(30);
const LONGEST_FAREWELL: Duration = Duration::from_secs(5);
