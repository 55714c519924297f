//! The `claims` parameter: what a client asks for beyond its registration, and what it can do.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::form::Form;
use crate::directory::AuthenticationContext;
use crate::error::Denial;
use crate::token::parse_object;

/// A `claims` parameter (OpenID Connect Core §5.5), as far as it acts here. What else a claims challenge of Conditional
/// Access asks for (`capolids`, `nbf`) is read past: the policies are judged anew with every request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimsRequest {
    /// Names of optional claims asked for in the id token.
    pub id_token: Vec<String>,
    /// Names of optional claims asked for in the access token.
    pub access_token: Vec<String>,
    /// What the client declares it can do (`xms_cc`), as it spelt it; what Entra does not know is left out
    /// (<https://learn.microsoft.com/entra/identity-platform/claims-challenge#client-capabilities>).
    pub client_capabilities: Vec<String>,
    /// Authentication contexts that the id token is to hold (`acrs`). Whether they are called essential is not looked at,
    /// and what is no context is left out (inferred).
    #[serde(default)]
    pub id_token_contexts: Vec<AuthenticationContext>,
    /// Likewise the access token.
    #[serde(default)]
    pub access_token_contexts: Vec<AuthenticationContext>,
}

impl ClaimsRequest {
    /// Reads the form. What is no JSON object of the specified shape is AADSTS90100 (inferred).
    pub fn read(form: &Form) -> Result<Self, Denial> {
        match form.optional("claims")? {
            None => Ok(Self::default()),
            Some(text) => Self::parse(text).ok_or_else(|| Denial::new(90100).with("param", "claims")),
        }
    }

    /// What this request and the one that it redeems ask for together.
    #[must_use]
    pub fn with(mut self, earlier: &Self) -> Self {
        self.id_token.extend(earlier.id_token.iter().cloned());
        self.access_token.extend(earlier.access_token.iter().cloned());
        for capability in &earlier.client_capabilities {
            if !self.client_capabilities.iter().any(|known| known.eq_ignore_ascii_case(capability)) {
                self.client_capabilities.push(capability.clone());
            }
        }
        self.id_token_contexts.extend(earlier.id_token_contexts.iter().cloned());
        self.access_token_contexts.extend(earlier.access_token_contexts.iter().cloned());
        self
    }

    /// Every authentication context that is asked for, whatever the token.
    pub fn contexts(&self) -> Vec<AuthenticationContext> {
        let mut contexts = [self.id_token_contexts.clone(), self.access_token_contexts.clone()].concat();
        contexts.sort();
        contexts.dedup();
        contexts
    }

    fn parse(text: &str) -> Option<Self> {
        let request = parse_object(text.as_bytes())?;
        let access_token = asked_of(&request, "access_token")?;
        let id_token = asked_of(&request, "id_token")?;
        let known = values_of(&access_token, CAPABILITIES)
            .filter(|spelt| KNOWN_CAPABILITIES.iter().any(|known| known.eq_ignore_ascii_case(spelt)));
        let contexts = |asked| values_of(asked, CONTEXTS).filter_map(AuthenticationContext::parse).collect();
        Some(Self {
            client_capabilities: known.map(str::to_owned).collect(),
            id_token_contexts: contexts(&id_token),
            access_token_contexts: contexts(&access_token),
            id_token: names(id_token),
            access_token: names(access_token),
        })
    }
}

/// What is wished of a claim: `values`, or the one `value` as Microsoft's own examples have it.
fn values_of<'a>(asked: &'a Map<String, Value>, claim: &str) -> impl Iterator<Item = &'a str> {
    let wish = asked.get(claim).and_then(Value::as_object);
    let values = wish.and_then(|wish| wish.get("values")).and_then(Value::as_array);
    let value = wish.and_then(|wish| wish.get("value"));
    values.into_iter().flatten().chain(value).filter_map(Value::as_str)
}

/// What is asked of one kind of token; nothing where it is not named. `None`: not of the specified shape.
fn asked_of(request: &Map<String, Value>, token: &str) -> Option<Map<String, Value>> {
    let asked = match request.get(token) {
        None | Some(Value::Null) => return Some(Map::new()),
        Some(asked) => asked.as_object()?,
    };
    let well_formed = |request: &Value| match request {
        Value::Null => true,
        // A wish for certain values is understood and changes nothing: a claim says what the directory says.
        Value::Object(wish) => wish.get("values").is_none_or(Value::is_array),
        _ => false,
    };
    asked.values().all(well_formed).then(|| asked.clone())
}

fn names(asked: Map<String, Value>) -> Vec<String> {
    asked.into_iter().map(|(name, _)| name).filter(|name| name != CAPABILITIES && name != CONTEXTS).collect()
}

const CAPABILITIES: &str = "xms_cc";
const CONTEXTS: &str = "acrs";
const KNOWN_CAPABILITIES: [&str; 2] = ["cp1", "protapp"];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use proptest::prelude::*;
    use url::form_urlencoded::Serializer;

    use super::*;

    fn read(claims: &str) -> Result<ClaimsRequest, u32> {
        let body = Serializer::new(String::new()).append_pair("claims", claims).finish();
        ClaimsRequest::read(&Form::parse(body.as_bytes()).unwrap()).map_err(|denial| denial.code())
    }

    #[test]
    fn names_and_capabilities_are_read() {
        let request = |id_token: &[&str], access_token: &[&str], capabilities: &[&str]| {
            let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
            ClaimsRequest {
                id_token: owned(id_token),
                access_token: owned(access_token),
                client_capabilities: owned(capabilities),
                ..ClaimsRequest::default()
            }
        };
        for (text, expected) in [
            ("", request(&[], &[], &[])),
            ("{}", request(&[], &[], &[])),
            (r#"{"access_token":{"xms_cc":{"values":["CP1"]}}}"#, request(&[], &[], &["CP1"])),
            (r#"{"access_token":{"xms_cc":{"values":["cp1","magic",7]}}}"#, request(&[], &[], &["cp1"])),
            (r#"{"access_token":{"xms_cc":null}}"#, request(&[], &[], &[])),
            (
                r#"{"id_token":{"auth_time":{"essential":true},"upn":null},"access_token":null,"userinfo":{"x":null}}"#,
                request(&["auth_time", "upn"], &[], &[]),
            ),
            (
                r#"{"access_token":{"capolids":{"essential":true,"values":["5e1f"]},"nbf":{"value":"1"}}}"#,
                request(&[], &["capolids", "nbf"], &[]),
            ),
        ] {
            assert_eq!(read(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn contexts_are_read_as_a_list_or_as_one() {
        for (text, id_token, access_token) in [
            (r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#, vec![], vec!["c1"]),
            (
                r#"{"id_token":{"acrs":{"values":["C2","c1","strong",7]}},"access_token":{"acrs":null}}"#,
                vec!["c2", "c1"],
                vec![],
            ),
            (
                r#"{"access_token":{"acrs":{"essential":true,"values":["p1"]},"xms_cc":{"values":["cp1"]}}}"#,
                vec![],
                vec!["p1"],
            ),
            (r#"{"access_token":{"acr":{"values":["c1"]}}}"#, vec![], vec![]),
        ] {
            let request = read(text).unwrap();
            let ids = |contexts: &[AuthenticationContext]| -> Vec<String> {
                contexts.iter().map(ToString::to_string).collect()
            };
            assert_eq!(ids(&request.id_token_contexts), id_token, "{text}");
            assert_eq!(ids(&request.access_token_contexts), access_token, "{text}");
            assert!(!request.access_token.contains(&"acrs".to_owned()), "{text}");
        }
    }

    #[test]
    fn what_is_not_of_the_specified_shape_is_refused() {
        for text in [
            "{",
            "null",
            "[]",
            r#""upn""#,
            r#"{"id_token":["upn"]}"#,
            r#"{"id_token":{"upn":true}}"#,
            r#"{"access_token":{"xms_cc":["CP1"]}}"#,
            r#"{"access_token":{"xms_cc":{"values":"CP1"}}}"#,
            r#"{"id_token":{"upn":null,"upn":null}}"#,
            r#"{"id_token":{},"id_token":{}}"#,
        ] {
            assert_eq!(read(text), Err(90100), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text: String, braced in r#"\{"(id|access)_token":[{}":,a-z\[\]]{0,40}\}"#) {
            let _ = read(&text);
            let _ = read(&braced);
        }

        #[test]
        fn a_capability_comes_back_as_it_was_spelt(spelt in "[cC][pP]1") {
            let text = format!(r#"{{"access_token":{{"xms_cc":{{"values":["{spelt}"]}}}}}}"#);
            prop_assert_eq!(read(&text).unwrap().client_capabilities, [spelt]);
        }
    }
}
