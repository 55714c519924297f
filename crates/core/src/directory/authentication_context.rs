use std::fmt;

use serde::{Deserialize, Serialize};

/// A Conditional Access authentication context (Graph: `authenticationContextClassReference`), by its id: what a policy may
/// be for instead of an application, what a request asks for, and a value of the claim `acrs`
/// (<https://learn.microsoft.com/entra/identity-platform/developer-guide-conditional-access-authentication-context>).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AuthenticationContext(String);

impl AuthenticationContext {
    /// One of a tenant's own, `c1` to `c99`, in any case; anything else is none.
    pub fn of_tenant(text: &str) -> Option<Self> {
        let id = text.to_ascii_lowercase();
        let number = id.strip_prefix('c').filter(|number| !number.starts_with(['0', '+']))?;
        matches!(number.parse(), Ok(1..=99)).then_some(Self(id))
    }

    /// One that a request may ask for: a tenant's own, or Microsoft's for a second factor.
    pub fn parse(text: &str) -> Option<Self> {
        if text.eq_ignore_ascii_case(SECOND_FACTOR) {
            return Some(Self(SECOND_FACTOR.to_owned()));
        }
        Self::of_tenant(text)
    }

    /// Whether it stands for a second factor, whatever the policies say: the challenge of Azure Resource Manager asks for
    /// it (captured), and tokens that came of a second factor hold it (captured). No policy is for it (inferred).
    pub fn is_second_factor(&self) -> bool {
        self.0 == SECOND_FACTOR
    }

    /// The id.
    pub fn id(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AuthenticationContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

const SECOND_FACTOR: &str = "p1";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_is_one_of_a_hundred() {
        let cases = [
            ("c1", Some("c1"), true),
            ("C25", Some("c25"), true),
            ("c99", Some("c99"), true),
            ("p1", Some("p1"), false),
            ("c0", None, false),
            ("c01", None, false),
            ("c100", None, false),
            ("c+1", None, false),
            ("c", None, false),
            ("cp1", None, false),
            ("urn:x", None, false),
            ("", None, false),
        ];
        for (text, expected, of_tenant) in cases {
            assert_eq!(AuthenticationContext::parse(text).as_ref().map(AuthenticationContext::id), expected, "{text}");
            assert_eq!(AuthenticationContext::of_tenant(text).is_some(), of_tenant, "{text}");
        }
    }
}
