//! Why the platform could not answer silently (OpenID Connect Core 1.0 §3.1.2.6).

/// A reason, for the user and for whoever wonders where the single sign-on is.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(crate) enum Reason {
    /// The browser has no session with the platform.
    NobodyThere,
    /// It has one, and the platform must ask for more.
    MoreToAsk,
    /// It has one, and the user has not agreed to what this application wants.
    ConsentMissing,
    /// Something else, which is no question to the user.
    Other,
}

impl Reason {
    /// Reads the `error` of the answer.
    pub(crate) fn of(error: &str) -> Self {
        match error {
            "login_required" => Self::NobodyThere,
            "interaction_required" | "account_selection_required" => Self::MoreToAsk,
            "consent_required" => Self::ConsentMissing,
            _ => Self::Other,
        }
    }

    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::NobodyThere => {
                "The platform does not know this browser: nobody has signed in with it on the platform's own page. If you \
                 just signed in to an application with a login form of its own, such as the legacy portal, that \
                 application alone knows of it: your password went from its server to the platform, and the cookie that \
                 applications share is set by the platform's page and nothing else."
            }
            Self::MoreToAsk => {
                "The platform knows this browser, but has something to ask first: which account to take, a second \
                 factor, or whatever the organisation's policies want."
            }
            Self::ConsentMissing => {
                "The platform knows who you are, but you have not agreed yet to what this portal wants to do in your name."
            }
            Self::Other => "The platform could not answer without a question.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Reason;

    #[test]
    fn every_error_of_a_silent_request_has_its_reason() {
        let table = [
            ("login_required", Reason::NobodyThere),
            ("interaction_required", Reason::MoreToAsk),
            ("account_selection_required", Reason::MoreToAsk),
            ("consent_required", Reason::ConsentMissing),
            ("server_error", Reason::Other),
        ];
        for (error, reason) in table {
            assert_eq!(Reason::of(error), reason, "{error}");
        }
    }
}
