//! The APIs that the job is for.

use std::time::Duration;

use anyhow::{Context, anyhow};
use openidconnect::AccessToken;
use reqwest::{Client, RequestBuilder, Response, StatusCode, redirect};
use serde::Deserialize;
use serde_json::{Value, json};
use time::{OffsetDateTime, UtcDateTime};

use crate::failure::Failure;
use crate::settings::Settings;
use crate::ways::{Api, Way};

/// RFC 6750 §3.1 in a body, as these APIs refuse.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ApiRefusal {
    error: String,
    message: String,
}

pub(crate) async fn submit_timesheet(
    settings: &Settings,
    way: Way,
    access_token: &AccessToken,
) -> Result<(&'static str, Option<usize>), Failure> {
    let sheet = json!({ "weekStarting": this_monday(), "hours": 38.5, "note": "by the nightly job" });
    let request = http()?.post(&settings.timesheets_url).json(&sheet);
    call(request, access_token, way, Api::Timesheets).await?;
    Ok(("submitted time sheets", Some(1)))
}

pub(crate) async fn read_employees(
    settings: &Settings,
    way: Way,
    access_token: &AccessToken,
) -> Result<(&'static str, Option<usize>), Failure> {
    let answer = call(http()?.get(&settings.employees_url), access_token, way, Api::Employees).await?;
    let employees: Vec<Value> = answer.json().await.context("the API answered no employees").map_err(Failure::api)?;
    Ok(("read employees", Some(employees.len())))
}

async fn call(request: RequestBuilder, token: &AccessToken, way: Way, api: Api) -> Result<Response, Failure> {
    let answer = request.bearer_auth(token.secret()).send().await.context("calling the API").map_err(Failure::api)?;
    match answer.status() {
        status if status.is_success() => Ok(answer),
        status @ (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
            let refusal: ApiRefusal = answer.json().await.unwrap_or_default();
            Err(Failure::api_refuses(status, refusal.error, refusal.message, way, api))
        }
        status => Err(Failure::api(anyhow!("{} answered {status}", answer.url()))),
    }
}

fn http() -> Result<Client, Failure> {
    let http = Client::builder().timeout(API_TIMEOUT).redirect(redirect::Policy::none()).build();
    http.context("setting up the HTTP client for the API").map_err(Failure::settings)
}

/// `2042-01-06`
fn this_monday() -> String {
    let today = OffsetDateTime::from(UtcDateTime::now()).date();
    let days = today.weekday().number_days_from_monday();
    (today - time::Duration::days(days.into())).to_string()
}

const API_TIMEOUT: Duration = Duration::from_secs(10);
