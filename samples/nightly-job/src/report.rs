//! What a run says when it ends: a line of JSON for programs, and sentences for people.

use serde::Serialize;

use crate::failure::{Exit, Failure};

/// One run, or one authorisation.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// `password`, `refresh-token`, `client-credentials`; or `authorise`.
    pub way: &'static str,
    /// How it ended.
    pub outcome: Outcome,
    /// What was done, if something was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub did: Option<&'static str>,
    /// How many of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<usize>,
    /// Whom the job acted for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The application, where it acted as itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// When the user authorised the job (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorised_at: Option<String>,
    /// What went wrong, and who can do what about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Trouble>,
    /// The exit code of the process.
    #[serde(rename = "exitCode", serialize_with = "as_number")]
    pub exit: Exit,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// All was done.
    Done,
    /// The platform or the API said no; the same again would be refused again.
    Refused,
    /// Something did not work.
    Failed,
}

/// What went wrong.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Trouble {
    /// `AADSTS50173` of the platform, `insufficient_scope` of the API, or a word of the job's own.
    pub code: String,
    /// Why.
    pub cause: String,
    /// What to do, and who.
    pub remedy: String,
    /// What the other side said, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl Report {
    pub(crate) fn of(way: &'static str) -> Self {
        Self {
            way,
            outcome: Outcome::Failed,
            did: None,
            count: None,
            user: None,
            app: None,
            authorised_at: None,
            error: None,
            exit: Exit::Unexpected,
        }
    }

    pub(crate) fn conclude(mut self, worked: Result<(&'static str, Option<usize>), Failure>) -> Self {
        match worked {
            Ok((did, count)) => {
                (self.outcome, self.did, self.count, self.exit) = (Outcome::Done, Some(did), count, Exit::Done);
            }
            Err(Failure { exit, trouble }) => {
                self.outcome = if exit.is_refusal() { Outcome::Refused } else { Outcome::Failed };
                (self.error, self.exit) = (Some(trouble), exit);
            }
        }
        self
    }

    /// One line.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|error| format!("{{\"outcome\":\"failed\",\"error\":\"{error}\"}}"))
    }

    /// A few lines.
    pub fn for_people(&self) -> String {
        let whom = self.user.as_ref().or(self.app.as_ref()).map_or_else(String::new, |who| format!(" for {who}"));
        let many = self.count.map_or_else(String::new, |count| format!(": {count}"));
        match (&self.error, self.did) {
            (Some(trouble), _) => {
                let said = trouble.description.as_ref().map_or_else(String::new, |said| format!("said: {said}\n"));
                format!("error: {} ({})\n{said}hint: {}\n", trouble.cause, trouble.code, trouble.remedy)
            }
            (None, Some(did)) => format!("{did}{whom}{many}\n"),
            _ => String::new(),
        }
    }
}

fn as_number<S: serde::Serializer>(exit: &Exit, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u8(*exit as u8)
}
