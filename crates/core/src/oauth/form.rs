//! `application/x-www-form-urlencoded` bodies, read strictly.

use std::fmt;

use url::form_urlencoded;

use crate::error::Denial;

/// The parameters of one request in the order they came.
#[derive(Clone, Default)]
pub struct Form {
    parameters: Vec<(String, String)>,
}

impl fmt::Debug for Form {
    /// The names alone: values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.parameters.iter().map(|(name, _)| name)).finish()
    }
}

impl Form {
    /// Reads a form body. Text that is not UTF-8 is refused (AADSTS90013).
    pub fn parse(body: &[u8]) -> Result<Self, Denial> {
        let parameters: Vec<(String, String)> = form_urlencoded::parse(body).into_owned().collect();
        let replaced: usize = parameters.iter().map(|(name, value)| replacements(name) + replacements(value)).sum();
        if replaced > 0 && replaced > replacements_sent(body) {
            return Err(Denial::new(90013));
        }
        Ok(Self { parameters })
    }

    /// The value of a parameter that may be there once. A repeated one is refused (RFC 6749 §3.2; AADSTS90100, inferred).
    pub fn optional(&self, name: &'static str) -> Result<Option<&str>, Denial> {
        let mut values = self.parameters.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(Denial::new(90100).with("param", name)),
            (Some(value), None) if !value.is_empty() => Ok(Some(value)),
            _ => Ok(None),
        }
    }

    /// The value of a parameter that must be there: AADSTS900144 when it is missing or empty (RFC 6749 §3.2 treats both alike).
    pub fn required(&self, name: &'static str) -> Result<&str, Denial> {
        self.optional(name)?.ok_or_else(|| Denial::new(900144).with("name", name))
    }

    /// Whether the request carries this parameter with a value.
    pub fn has(&self, name: &str) -> bool {
        self.parameters.iter().any(|(key, value)| key == name && !value.is_empty())
    }

    /// The first value of a parameter that nothing depends on, repeated or not.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first value of a parameter whose name may be written in any case (of ASCII).
    pub fn first_in_any_case(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

fn replacements(text: &str) -> usize {
    text.matches(char::REPLACEMENT_CHARACTER).count()
}

/// A client may send U+FFFD itself, encoded or plain; the decoder's own count is what exceeds that.
fn replacements_sent(body: &[u8]) -> usize {
    let encoded = body.windows(9).filter(|window| window.eq_ignore_ascii_case(b"%EF%BF%BD")).count();
    encoded + body.windows(3).filter(|window| *window == "\u{FFFD}".as_bytes()).count()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_repeated_parameter_is_refused_and_one_nothing_depends_on_is_not_looked_at() {
        let form = Form::parse(b"grant_type=password&grant_type=password&x=1&x=2").unwrap();
        assert_eq!(form.optional("grant_type").unwrap_err().code(), 90100);
        assert_eq!(form.first("x"), Some("1"));
    }

    #[test]
    fn missing_and_empty_are_the_same_to_a_required_parameter() {
        let form = Form::parse(b"username=&scope=openid").unwrap();
        for name in ["username", "password"] {
            assert_eq!(form.required(name).unwrap_err().code(), 900144, "{name}");
        }
        assert_eq!(form.required("scope").unwrap(), "openid");
    }

    #[test]
    fn bytes_that_are_no_utf8_are_refused_and_a_sent_replacement_character_is_not() {
        assert_eq!(Form::parse(b"password=%ff").err().map(|denial| denial.code()), Some(90013));
        assert_eq!(Form::parse(b"password=\xff").err().map(|denial| denial.code()), Some(90013));
        assert_eq!(Form::parse(b"password=%EF%bf%BD").unwrap().first("password"), Some("\u{FFFD}"));
    }

    #[test]
    fn plus_is_a_space() {
        assert_eq!(Form::parse(b"scope=openid+profile").unwrap().first("scope"), Some("openid profile"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(body: Vec<u8>) {
            let _ = Form::parse(&body);
        }

        #[test]
        fn what_is_encoded_comes_back(name in "[a-z_]{1,12}", value: String) {
            let body = form_urlencoded::Serializer::new(String::new()).append_pair(&name, &value).finish();
            let form = Form::parse(body.as_bytes()).unwrap();
            prop_assert_eq!(form.first(&name), Some(value.as_str()));
        }
    }
}
