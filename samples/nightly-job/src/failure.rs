//! Why a run does not come to its end: for the process an exit code, for people cause and remedy.

use std::process::ExitCode;

use reqwest::StatusCode;

use crate::report::Trouble;
use crate::store::{Grant, StoreError};
use crate::ways::{Api, Way};

/// The exit code, one for each kind of thing to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Nothing.
    Done = 0,
    /// Look into the program.
    Unexpected = 1,
    /// Put right how the job is called or set up.
    Usage = 2,
    /// A person must authorise the job, or authorise it again.
    PersonMustAuthorise = 10,
    /// An administrator must put right user, application or policy; or whoever set up the job its secrets.
    AdministratorMustAct = 11,
    /// The API does not permit this.
    ApiRefuses = 12,
    /// The platform cannot be reached or is broken: try again later.
    PlatformDown = 20,
    /// The API cannot be reached or is broken: try again later.
    ApiDown = 21,
    /// The store cannot be read or written.
    StoreBroken = 30,
    /// The store is encrypted with another key.
    OtherKey = 31,
    /// Another job holds the store.
    StoreBusy = 32,
}

#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) trouble: Trouble,
}

impl Failure {
    pub(crate) fn new(exit: Exit, code: &str, cause: impl Into<String>, remedy: impl Into<String>) -> Self {
        let trouble = Trouble { code: code.to_owned(), cause: cause.into(), remedy: remedy.into(), description: None };
        Self { exit, trouble }
    }

    pub(crate) fn described(mut self, description: impl Into<String>) -> Self {
        self.trouble.description = Some(description.into()).filter(|text| !text.is_empty());
        self
    }

    pub(crate) fn settings(error: anyhow::Error) -> Self {
        Self::new(Exit::Usage, "settings", format!("{error:#}"), "put the settings right; README.md lists them")
    }

    pub(crate) fn never_authorised() -> Self {
        Self::new(Exit::PersonMustAuthorise, "not_authorised", "nobody has authorised the job yet", AUTHORISE)
    }

    pub(crate) fn authorised_elsewhere(grant: &Grant) -> Self {
        let cause =
            format!("the job was authorised as {} at {}, which are not those of now", grant.client_id, grant.issuer);
        Self::new(Exit::PersonMustAuthorise, "authorised_elsewhere", cause, AUTHORISE)
    }

    /// No answer, or one that makes no sense. It says nothing about the grant.
    pub(crate) fn platform(error: anyhow::Error) -> Self {
        let remedy = "nothing is lost: run the job again later";
        Self::new(Exit::PlatformDown, "platform_down", "the platform cannot be reached, or is broken", remedy)
            .described(format!("{error:#}"))
    }

    pub(crate) fn api(error: anyhow::Error) -> Self {
        let remedy = "nothing is lost: run the job again later";
        Self::new(Exit::ApiDown, "api_down", "the API cannot be reached, or is broken", remedy)
            .described(format!("{error:#}"))
    }

    pub(crate) fn api_refuses(status: StatusCode, error: String, said: String, way: Way, api: Api) -> Self {
        let (cause, remedy) = match (status, api, way) {
            (StatusCode::UNAUTHORIZED, ..) => (
                "the API does not take the access token",
                "whoever set up the job compares the API's tenant and identifier URI with the job's",
            ),
            (_, Api::Timesheets, Way::ClientCredentials) => (
                "a time sheet belongs to a person, and there is none here: the Timesheet API has no application \
                 permission, so no administrator can grant one",
                "use a way in which a person takes part: `nightly-job authorise`, then `--way refresh-token`",
            ),
            _ => (
                "the access token lacks the permission that the API wants",
                "an administrator grants the application that permission",
            ),
        };
        let code = if error.is_empty() { status.as_str() } else { &error };
        Self::new(Exit::ApiRefuses, code, cause, remedy).described(said)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let cause = error.to_string();
        let (exit, code, remedy) = match error {
            StoreError::Io { .. } => (
                Exit::StoreBroken,
                "store_unusable",
                "see to disk and permissions, or name another file in NIGHTLY_JOB_STORE".to_owned(),
            ),
            StoreError::Broken { .. } => (
                Exit::StoreBroken,
                "store_broken",
                "put the file back from a backup, or authorise anew: `nightly-job authorise` replaces it".to_owned(),
            ),
            StoreError::OtherKey(_) => (
                Exit::OtherKey,
                "other_key",
                "set NIGHTLY_JOB_STORE_KEY to the key of then, or authorise anew: `nightly-job authorise` replaces the \
                 file"
                .to_owned(),
            ),
            StoreError::OpenToOthers { path, .. } => (
                Exit::StoreBroken,
                "store_open_to_others",
                format!("`chmod go= {}`; revoke the user's sessions if somebody may have read it", path.display()),
            ),
            StoreError::Busy(_) => {
                (Exit::StoreBusy, "store_busy", "see why the other job hangs, and run this one again".to_owned())
            }
        };
        Self::new(exit, code, cause, remedy)
    }
}

impl Exit {
    /// Whether somebody said no, and would again.
    pub(crate) fn is_refusal(self) -> bool {
        matches!(self, Self::PersonMustAuthorise | Self::AdministratorMustAct | Self::ApiRefuses)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

pub(crate) const AUTHORISE: &str =
    "a person runs `nightly-job authorise` once and signs in; the job works from then on";
