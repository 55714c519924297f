//! What a refusal of the platform is about, and who can do something about it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::failure::{AUTHORISE, Exit, Failure};

/// RFC 6749 §5.2, and §4.1.2.1 in a redirect, with Entra's own members.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PlatformRefusal {
    pub(crate) error: String,
    #[serde(default)]
    pub(crate) error_description: String,
    #[serde(default)]
    pub(crate) error_codes: Vec<u32>,
}

/// What would help.
enum Needs {
    /// A person at the platform's page, where it can ask what it wants to know.
    Person,
    /// Something else, by somebody else.
    Administrator(&'static str),
}

impl PlatformRefusal {
    /// The AADSTS number. In a redirect and in device code it is only in the text.
    fn number(&self) -> Option<u32> {
        let in_text = || self.error_description.strip_prefix("AADSTS")?.split(':').next()?.parse().ok();
        self.error_codes.first().copied().or_else(in_text)
    }

    /// The failure that this is, with a page of the platform within reach or, for the password grant, without.
    pub(crate) fn into_failure(self, page_helps: bool) -> Failure {
        let number = self.number();
        let (cause, needs) = number.and_then(known).unwrap_or_else(|| unknown(&self.error));
        let code = number.map_or_else(|| self.error.clone(), |number| format!("AADSTS{number}"));
        let failure = match needs {
            Needs::Administrator(remedy) => Failure::new(Exit::AdministratorMustAct, &code, cause, remedy),
            Needs::Person if page_helps => Failure::new(Exit::PersonMustAuthorise, &code, cause, AUTHORISE),
            Needs::Person => Failure::new(Exit::PersonMustAuthorise, &code, cause, NO_PAGE),
        };
        // Behind the sentence are the ids of the request.
        failure.described(self.error_description.split("Trace ID:").next().unwrap_or_default().trim_end())
    }
}

impl openidconnect::ErrorResponse for PlatformRefusal {}

impl fmt::Display for PlatformRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.error, self.error_description)
    }
}

/// The numbers that a job meets.
fn known(number: u32) -> Option<(&'static str, Needs)> {
    let administrator = Needs::Administrator;
    Some(match number {
        50034 => ("there is no such user any more", administrator("choose another user for the job")),
        50053 => ("the user's account is locked after wrong passwords", administrator("wait, or have it unlocked")),
        50055 => ("the user's password has expired, or must be changed", Needs::Person),
        50057 => {
            ("the user's account is disabled", administrator("an administrator enables it, or names another user"))
        }
        50076 | 50074 | 50158 => ("a second factor is required now", Needs::Person),
        50079 | 50072 => ("a second factor is required now, and the user has none yet", Needs::Person),
        50105 => (
            "the user is not assigned to the application",
            administrator("an administrator assigns the user to the application"),
        ),
        50126 => (
            "the stored password is wrong",
            administrator("whoever set up the job puts the user's password into NIGHTLY_JOB_PASSWORD"),
        ),
        50173 => (
            "the authorisation was revoked: the user's sessions were, or an administrator reset the password",
            Needs::Person,
        ),
        53003 | 53000 | 53001 | 530003 => (
            "a Conditional Access policy of the organisation blocks the job",
            administrator("an administrator changes the policy, or takes the job out of it"),
        ),
        65001 => ("consent is missing, or was withdrawn", Needs::Person),
        65004 => ("the person declined", Needs::Person),
        700016 => (
            "the tenant has no such application",
            administrator("whoever set up the job puts NIGHTLY_JOB_CLIENT_ID and AZURE_TENANT_ID right"),
        ),
        700082 => ("the refresh token was not used for 90 days", Needs::Person),
        7000112 => (
            "the application is disabled in this tenant",
            administrator("an administrator enables the enterprise application"),
        ),
        7000215 => ("the application's secret is wrong, or was removed", administrator(NEW_SECRET)),
        7000222 => ("the application's secret has expired", administrator(NEW_SECRET)),
        _ => return None,
    })
}

/// Any other refusal, by its OAuth error.
fn unknown(error: &str) -> (&'static str, Needs) {
    match error {
        "invalid_grant" | "interaction_required" | "consent_required" | "login_required" => {
            ("the authorisation does not hold any more, or the platform wants to ask the user something", Needs::Person)
        }
        "authorization_declined" | "access_denied" => ("the person declined", Needs::Person),
        "expired_token" => ("nobody signed in in time", Needs::Person),
        "invalid_client" | "unauthorized_client" => {
            ("the platform does not take the application", Needs::Administrator(SEE_CODE))
        }
        _ => ("the platform refuses the request", Needs::Administrator(SEE_CODE)),
    }
}

const NO_PAGE: &str = "the password grant has no page to ask it on: a person runs `nightly-job authorise` once, and the job \
    uses `--way refresh-token`";
const NEW_SECRET: &str =
    "an administrator adds a client secret, and whoever set up the job puts it into NIGHTLY_JOB_CLIENT_SECRET";
const SEE_CODE: &str = "whoever set up the job looks the code up";

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(error: &str, description: &str, codes: &[u32]) -> PlatformRefusal {
        PlatformRefusal { error: error.into(), error_description: description.into(), error_codes: codes.into() }
    }

    #[test]
    fn a_refusal_names_the_code_the_cause_and_what_to_do() {
        let text = "AADSTS50173: The provided grant has expired.\r\nTrace ID: 1";
        for codes in [&[50173][..], &[]] {
            let Failure { exit, trouble } = refusal("invalid_grant", text, codes).into_failure(true);
            assert_eq!((exit, &*trouble.code), (Exit::PersonMustAuthorise, "AADSTS50173"));
            assert!(trouble.cause.contains("revoked") && trouble.remedy.contains("nightly-job authorise"));
            assert_eq!(trouble.description.as_deref(), Some("AADSTS50173: The provided grant has expired."));
        }
    }

    #[test]
    fn what_a_page_would_ask_is_beyond_the_password_grant() {
        let Failure { exit, trouble } = refusal("invalid_grant", "", &[50076]).into_failure(false);
        assert_eq!(exit, Exit::PersonMustAuthorise);
        assert!(trouble.remedy.contains("no page"));
        assert_eq!(trouble.description, None);
    }

    #[test]
    fn a_code_that_is_not_known_is_judged_by_its_error() {
        for (error, exit) in [
            ("invalid_grant", Exit::PersonMustAuthorise),
            ("interaction_required", Exit::PersonMustAuthorise),
            ("authorization_declined", Exit::PersonMustAuthorise),
            ("expired_token", Exit::PersonMustAuthorise),
            ("invalid_client", Exit::AdministratorMustAct),
            ("invalid_scope", Exit::AdministratorMustAct),
        ] {
            let failure = refusal(error, "no number", &[]).into_failure(true);
            assert_eq!((failure.exit, &*failure.trouble.code), (exit, error));
            assert_eq!(refusal(error, "AADSTS1: new", &[]).into_failure(true).trouble.code, "AADSTS1");
        }
    }
}
