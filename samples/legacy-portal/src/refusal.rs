//! What a failed sign-in was about. The portal shows none of this to its users, as such portals do; it is folded away
//! below the message, for you who read this sample.

use crate::platform::RefusedAnswer;

/// A refusal, told to somebody who wants to know.
pub(crate) struct Refusal {
    /// `AADSTS50076`, or the OAuth error where there is no such number.
    pub(crate) code: String,
    pub(crate) error: String,
    pub(crate) description: String,
    /// Where the platform explains the code.
    pub(crate) more: Option<String>,
    /// What the platform's own page would have asked the person.
    pub(crate) page_asks: &'static str,
}

impl From<RefusedAnswer> for Refusal {
    fn from(answer: RefusedAnswer) -> Self {
        let number = answer.error_codes.first().copied();
        Self {
            code: number.map_or_else(|| answer.error.clone(), |number| format!("AADSTS{number}")),
            page_asks: number.map_or(OTHER, page_asks),
            // The address comes from outside and becomes a link: no `javascript:` here.
            more: answer.error_uri.filter(|uri| uri.starts_with("https://")),
            error: answer.error,
            description: answer.error_description,
        }
    }
}

/// Every code that the password grant answers for a fault of the user's, and not of the portal's.
fn page_asks(code: u32) -> &'static str {
    match code {
        50034 => {
            "For the user name first, and it says at once that there is no such account. A guest with a personal \
             Microsoft or Google account is sent on to the page where that account signs in."
        }
        50053 => "Nothing. It says that the account is locked, and to try again later.",
        50055 => "For a new password, and then it goes on.",
        50056 => "For what the user has instead of a password: a passkey, or a Temporary Access Pass.",
        50057 => "Nothing. The account is disabled, and an administrator must enable it.",
        50076 => "For the second factor, such as the code of an authenticator app.",
        50079 => "To set up a second factor, there and then.",
        50105 => "Nothing. An administrator must assign the user to this application.",
        50126 => {
            "For the password once more. A user whose organisation signs in at a server of its own never types it \
             there: the page leads to that server, which alone knows the password."
        }
        53003 => "Nothing. A policy of the organisation blocks this sign-in on every page.",
        65001 => "For consent: it shows what this portal wants to do in the user's name, and the user agrees or not.",
        80002 => "The same. The organisation's own directory, which checks this password, does not answer.",
        _ => OTHER,
    }
}

const OTHER: &str = "This portal cannot tell: its table has no such code.";

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(codes: &[u32], uri: &str) -> RefusedAnswer {
        RefusedAnswer {
            error: "invalid_grant".into(),
            error_description: "AADSTS: text".into(),
            error_codes: codes.to_vec(),
            error_uri: Some(uri.into()),
        }
    }

    #[test]
    fn a_refusal_names_the_code_and_what_the_page_asks() {
        let refusal = Refusal::from(answer(&[50076], "https://login.test/error?code=50076"));
        assert_eq!(refusal.code, "AADSTS50076");
        assert!(refusal.page_asks.contains("second factor"));
        assert_eq!(refusal.more.as_deref(), Some("https://login.test/error?code=50076"));
    }

    #[test]
    fn an_unknown_code_is_said_to_be_unknown_and_a_strange_address_is_no_link() {
        let refusal = Refusal::from(answer(&[], "javascript:alert(1)"));
        assert_eq!((&*refusal.code, refusal.page_asks, refusal.more), ("invalid_grant", OTHER, None));
        assert_eq!(Refusal::from(answer(&[1], "")).page_asks, OTHER);
    }
}
