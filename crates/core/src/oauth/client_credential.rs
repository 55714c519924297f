//! How a client says who it is: `client_id` and a secret in the form, or HTTP Basic (RFC 6749 §2.3.1).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::form_urlencoded;

use super::form::Form;
use crate::error::Denial;
use crate::secret::Secret;

/// Who the client says it is, and what it brings to prove it.
#[derive(Debug, Clone)]
pub struct ClientCredential {
    /// `client_id` as sent.
    pub client_id: String,
    /// The secret, from the form or the header.
    pub secret: Option<Secret>,
    /// A `client_assertion` of the type `jwt-bearer` (RFC 7523 §2.2).
    pub assertion: Option<Secret>,
}

impl ClientCredential {
    /// Reads the credential from the form and the `Authorization` header. No `client_id` anywhere, or an assertion without
    /// its type, is AADSTS900144; an assertion of another type than `jwt-bearer` is AADSTS90011.
    pub fn read(form: &Form, authorization: Option<&str>) -> Result<Self, Denial> {
        let in_form = form.optional("client_id")?;
        let secret = form.optional("client_secret")?.map(Secret::new);
        let assertion = form.optional("client_assertion")?.map(Secret::new);
        if assertion.is_some() && form.required("client_assertion_type")? != JWT_BEARER {
            return Err(Denial::new(90011));
        }
        let basic = authorization.and_then(basic_parameters).transpose()?;
        match (in_form, basic) {
            (Some(id), Some(basic)) if basic.0 != id => Err(Denial::new(90100).with("param", "client_id")),
            (Some(id), Some(basic)) => Ok(Self { client_id: id.to_owned(), secret: secret.or(basic.1), assertion }),
            (Some(id), None) => Ok(Self { client_id: id.to_owned(), secret, assertion }),
            (None, Some((id, basic_secret))) => Ok(Self { client_id: id, secret: secret.or(basic_secret), assertion }),
            (None, None) => Err(Denial::new(900144).with("name", "client_id")),
        }
    }
}

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

type BasicParameters = (String, Option<Secret>);

/// `None` for another scheme, which says nothing about the client here.
fn basic_parameters(header: &str) -> Option<Result<BasicParameters, Denial>> {
    let (scheme, value) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let malformed = || Denial::new(90100).with("param", "Authorization");
    let decoded = STANDARD.decode(value.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    Some(match decoded.as_deref().and_then(|text| text.split_once(':')) {
        Some((id, secret)) if !id.is_empty() => {
            let secret = form_decoded(secret);
            Ok((form_decoded(id), (!secret.is_empty()).then(|| Secret::new(secret))))
        }
        _ => Err(malformed()),
    })
}

/// Both halves are form-encoded before Base64 (RFC 6749 §2.3.1).
fn form_decoded(text: &str) -> String {
    form_urlencoded::parse(format!("v={}", text.replace('&', "%26")).as_bytes())
        .next()
        .map_or_else(String::new, |(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn read(form: &str, authorization: Option<&str>) -> Result<(String, Option<String>), u32> {
        let form = Form::parse(form.as_bytes()).unwrap();
        ClientCredential::read(&form, authorization)
            .map(|credential| (credential.client_id, credential.secret.map(|secret| secret.expose().to_owned())))
            .map_err(|denial| denial.code())
    }

    #[test]
    fn the_secret_comes_from_the_form_or_from_basic() {
        let id = "e0a91000".to_owned();
        let basic = format!("Basic {}", STANDARD.encode("e0a91000:a%2Bb"));
        let cases = [
            ("client_id=e0a91000", None, Ok((id.clone(), None))),
            ("client_id=e0a91000&client_secret=s", None, Ok((id.clone(), Some("s".into())))),
            ("", Some(basic.as_str()), Ok((id.clone(), Some("a+b".into())))),
            ("client_id=other", Some(basic.as_str()), Err(90100)),
            ("", Some("Basic ???"), Err(90100)),
            ("client_id=e0a91000", Some("Bearer x"), Ok((id, None))),
            ("", None, Err(900144)),
            ("client_id=e0a91000&client_assertion=a.b.c", None, Err(900144)),
            ("client_id=e0a91000&client_assertion=a.b.c&client_assertion_type=saml2-bearer", None, Err(90011)),
        ];
        for (form, header, expected) in cases {
            assert_eq!(read(form, header), expected, "{form} {header:?}");
        }
    }
}
