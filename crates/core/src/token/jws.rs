use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::verify::{LONGEST_TOKEN, NotAccepted, decode_object};

/// A compact JWS taken apart (RFC 7515 §7.1). Nothing it says is proven: it is for tokens whose key can only be found by
/// what they claim.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct UnverifiedJws {
    /// The JOSE header.
    pub(crate) header: Map<String, Value>,
    /// The payload.
    pub(crate) claims: Map<String, Value>,
    /// What the signature is over.
    pub(crate) message: String,
    /// The signature.
    pub(crate) signature: Vec<u8>,
}

impl UnverifiedJws {
    /// Takes a token apart, with the strictness of [`verify`](fn@super::verify).
    ///
    /// # Errors
    /// It is too long, is no JWS, or asks for an extension. Neither key nor algorithm is looked at.
    pub(crate) fn parse(token: &str) -> Result<Self, NotAccepted> {
        if token.len() > LONGEST_TOKEN {
            return Err(NotAccepted::TooLong);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(NotAccepted::Malformed)?;
        let (header, payload) = message.split_once('.').ok_or(NotAccepted::Malformed)?;
        let header = decode_object(header)?;
        if ["crit", "zip", "b64"].iter().any(|name| header.contains_key(*name)) {
            return Err(NotAccepted::Extension);
        }
        Ok(Self {
            header,
            claims: decode_object(payload)?,
            message: message.to_owned(),
            signature: URL_SAFE_NO_PAD.decode(signature).map_err(|_| NotAccepted::Malformed)?,
        })
    }

    /// A member of the header as text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.header.get(name).and_then(Value::as_str)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn three_parts_of_two_objects_and_a_signature() {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let (header, payload) = (part(r#"{"alg":"PS256"}"#), part(r#"{"iss":"a"}"#));
        let cases = [
            (format!("{header}.{payload}.AAAA"), None),
            (format!("{header}.{payload}."), None),
            (format!("{header}.{payload}"), Some(NotAccepted::Malformed)),
            (format!("{header}.{payload}.AAAA.AAAA"), Some(NotAccepted::Malformed)),
            (format!("{header}.{payload}.AA=="), Some(NotAccepted::Malformed)),
            (format!("{header}.{}.AAAA", part("[]")), Some(NotAccepted::Malformed)),
            (format!("{header}.{}.AAAA", part(r#"{"a":1,"a":2}"#)), Some(NotAccepted::Malformed)),
            (format!("{}.{payload}.AAAA", part(r#"{"b64":false,"crit":["b64"]}"#)), Some(NotAccepted::Extension)),
            ("a".repeat(LONGEST_TOKEN + 1), Some(NotAccepted::TooLong)),
            ("..".to_owned(), Some(NotAccepted::Malformed)),
        ];
        for (token, expected) in cases {
            assert_eq!(UnverifiedJws::parse(&token).err(), expected, "{token:.80}");
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_looked_at(text in "[ -~.]{0,200}") {
            let _ = UnverifiedJws::parse(&text);
        }
    }
}
