//! The three ways to an access token, and what the job does with it.

use clap::ValueEnum;
use openidconnect::AccessToken;

use crate::apis;
use crate::failure::Failure;
use crate::platform::Platform;
use crate::report::Report;
use crate::settings::Settings;
use crate::store::{Grant, Lock};

/// How the job gets its access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Way {
    /// Sends the user's stored password
    Password,
    /// Sends the refresh token that a person gave with `authorise`
    RefreshToken,
    /// Acts as the application itself, without a user
    ClientCredentials,
}

/// An API that the job calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Api {
    /// Submits this week's time sheet, which belongs to a user
    Timesheets,
    /// Reads the employees
    Employees,
}

/// Does the night's work and reports on it. It tries once: what can be tried again is for the scheduler, and what cannot
/// is for a person.
pub async fn run(settings: &Settings, way: Way, api: Option<Api>) -> Report {
    let api = api.unwrap_or(match way {
        Way::Password | Way::RefreshToken => Api::Timesheets,
        Way::ClientCredentials => Api::Employees,
    });
    let mut report = Report::of(way.name());
    let worked = work(settings, way, api, &mut report).await;
    report.conclude(worked)
}

async fn work(
    settings: &Settings,
    way: Way,
    api: Api,
    report: &mut Report,
) -> Result<(&'static str, Option<usize>), Failure> {
    let access_token = match way {
        Way::Password => {
            report.user = Some(settings.user.clone());
            Platform::connect(settings).await?.password(settings.scope(api)).await?
        }
        Way::RefreshToken => renew(settings, api, report).await?,
        Way::ClientCredentials => {
            report.app = Some(settings.client_id.clone());
            Platform::connect(settings).await?.client_credentials(settings.default_scope(api)).await?
        }
    };
    match api {
        Api::Timesheets => apis::submit_timesheet(settings, way, &access_token).await,
        Api::Employees => apis::read_employees(settings, way, &access_token).await,
    }
}

/// Redeems the stored refresh token and stores the new one before anything is done with the answer. Nobody else does the
/// same meanwhile: the later of two jobs would store the older token.
async fn renew(settings: &Settings, api: Api, report: &mut Report) -> Result<AccessToken, Failure> {
    let store = settings.store()?;
    let platform = Platform::connect(settings).await?;
    let lock = store.lock().await?;
    let grant = granted(settings, &lock)?;
    report.user = Some(grant.user.clone());
    report.authorised_at = Some(grant.authorised_at.clone());
    let answer = platform.refresh(&grant.refresh_token, settings.scope(api)).await?;
    // A platform need not send a new one; the old one stays good then.
    if let Some(refresh_token) = answer.refresh_token {
        lock.save(&Grant { refresh_token, ..grant })?;
    }
    Ok(answer.access_token)
}

fn granted(settings: &Settings, lock: &Lock<'_>) -> Result<Grant, Failure> {
    let grant = lock.load()?.ok_or_else(Failure::never_authorised)?;
    if grant.issuer != settings.issuer_url || grant.client_id != settings.client_id {
        return Err(Failure::authorised_elsewhere(&grant));
    }
    Ok(grant)
}

impl Way {
    /// As the flag has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::RefreshToken => "refresh-token",
            Self::ClientCredentials => "client-credentials",
        }
    }
}
