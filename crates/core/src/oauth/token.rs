//! Requests to the token endpoint.

use super::form::Form;
use super::scope::{OidcScope, ScopeRequest};
use crate::error::Denial;
use crate::error::catalogue::RaisedBy;
use crate::error::render::EndpointVersion;
use crate::secret::Secret;

/// The grants that the token endpoint takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GrantType {
    /// `password` (RFC 6749 §4.3): ROPC.
    Password,
    /// `client_credentials` (RFC 6749 §4.4).
    ClientCredentials,
    /// `refresh_token` (RFC 6749 §6).
    RefreshToken,
    /// `authorization_code` (RFC 6749 §4.1.3).
    AuthorizationCode,
    /// `urn:ietf:params:oauth:grant-type:device_code` (RFC 8628 §3.4).
    DeviceCode,
}

impl GrantType {
    /// Every grant, for tables that must have no empty cell.
    pub const ALL: [Self; 5] =
        [Self::Password, Self::ClientCredentials, Self::RefreshToken, Self::AuthorizationCode, Self::DeviceCode];

    /// Reads `grant_type`. A missing one is AADSTS900144, an unknown one AADSTS70003. MSAL for JavaScript spells the device
    /// code's without its namespace, and Entra takes that too.
    pub fn read(form: &Form) -> Result<Self, Denial> {
        match form.required("grant_type")? {
            "password" => Ok(Self::Password),
            "client_credentials" => Ok(Self::ClientCredentials),
            "refresh_token" => Ok(Self::RefreshToken),
            "authorization_code" => Ok(Self::AuthorizationCode),
            "urn:ietf:params:oauth:grant-type:device_code" | "device_code" => Ok(Self::DeviceCode),
            other => Err(Denial::new(70003).with("grant", other)),
        }
    }

    /// The value of `grant_type`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::ClientCredentials => "client_credentials",
            Self::RefreshToken => "refresh_token",
            Self::AuthorizationCode => "authorization_code",
            Self::DeviceCode => "device_code",
        }
    }

    /// How the catalogue names requests of this grant.
    pub fn raises_as(self) -> RaisedBy {
        match self {
            Self::Password => RaisedBy::Password,
            Self::ClientCredentials => RaisedBy::ClientCredentials,
            Self::RefreshToken => RaisedBy::RefreshToken,
            Self::AuthorizationCode => RaisedBy::AuthorizationCode,
            Self::DeviceCode => RaisedBy::DeviceCode,
        }
    }
}

/// `grant_type=password`: someone's name and password.
#[derive(Debug, Clone)]
pub struct PasswordRequest {
    /// `username` as typed, without space around it.
    pub username: String,
    /// `password` as typed. Entra strips nothing: a padded password is a wrong one.
    pub password: Secret,
    /// What for.
    pub target: Target,
}

impl PasswordRequest {
    /// Reads the form. Missing parameters are AADSTS900144, on v1.0 `resource` among them (captured); on v2.0 `resource`
    /// is AADSTS901002.
    pub fn read(form: &Form, version: EndpointVersion) -> Result<Self, Denial> {
        let username = form.required("username")?.trim().to_owned();
        let password = Secret::new(form.required("password")?);
        Ok(Self { username, password, target: Target::required(form, version)? })
    }
}

/// `grant_type=client_credentials`: the application for itself.
#[derive(Debug, Clone)]
pub struct ClientCredentialsRequest {
    /// What for.
    pub target: Target,
}

impl ClientCredentialsRequest {
    /// Reads the form, with the refusals of [`PasswordRequest::read`].
    pub fn read(form: &Form, version: EndpointVersion) -> Result<Self, Denial> {
        Ok(Self { target: Target::required(form, version)? })
    }
}

/// `grant_type=refresh_token`: an earlier answer's refresh token.
#[derive(Debug, Clone)]
pub struct RefreshTokenRequest {
    /// The token as sent.
    pub token: Secret,
    /// What for; what is left out is what was asked first.
    pub target: Target,
}

impl RefreshTokenRequest {
    /// Reads the form, with the refusals of [`PasswordRequest::read`].
    pub fn read(form: &Form, version: EndpointVersion) -> Result<Self, Denial> {
        let token = Secret::new(form.required("refresh_token")?);
        Ok(Self { token, target: Target::optional(form, version)? })
    }
}

/// `grant_type=authorization_code`: what the authorize endpoint answered with.
#[derive(Debug, Clone)]
pub struct AuthorizationCodeRequest {
    /// The code as sent.
    pub code: Secret,
    /// Where it was sent to.
    pub redirect_uri: Option<String>,
    /// Proof Key for Code Exchange.
    pub code_verifier: Option<String>,
    /// What for; what is left out is what was asked first.
    pub target: Target,
}

impl AuthorizationCodeRequest {
    /// Reads the form, with the refusals of [`PasswordRequest::read`].
    pub fn read(form: &Form, version: EndpointVersion) -> Result<Self, Denial> {
        Ok(Self {
            code: Secret::new(form.required("code")?),
            redirect_uri: form.optional("redirect_uri")?.map(str::to_owned),
            code_verifier: form.optional("code_verifier")?.map(str::to_owned),
            target: Target::optional(form, version)?,
        })
    }
}

/// `grant_type=device_code`: a device asks whether the person has answered.
#[derive(Debug, Clone)]
pub struct DeviceCodeRequest {
    /// The code as sent.
    pub device_code: Secret,
    /// What for; what is left out is what was asked first.
    pub target: Target,
}

impl DeviceCodeRequest {
    /// Reads the form, with the refusals of [`PasswordRequest::read`]. v1.0 calls the code `code`.
    pub fn read(form: &Form, version: EndpointVersion) -> Result<Self, Denial> {
        let name = match version {
            EndpointVersion::V1 if !form.has("device_code") => "code",
            _ => "device_code",
        };
        Ok(Self { device_code: Secret::new(form.required(name)?), target: Target::optional(form, version)? })
    }
}

/// What a request asks a token for, as sent: its syntax is judged after the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// v2.0's `scope`.
    Scope(Option<String>),
    /// v1.0's `resource`.
    Resource {
        /// The parameter.
        resource: Option<String>,
        /// Whether `scope` asks for an id token; `None` without `scope`. v1.0 reads nothing else in it (inferred).
        openid: Option<bool>,
    },
}

impl Target {
    fn required(form: &Form, version: EndpointVersion) -> Result<Self, Denial> {
        // Entra gives an application that names no resource a token for Azure AD Graph, which is retired.
        let target = Self::optional(form, version)?;
        form.required(match version {
            EndpointVersion::V1 => "resource",
            EndpointVersion::V2 => "scope",
        })?;
        Ok(target)
    }

    fn optional(form: &Form, version: EndpointVersion) -> Result<Self, Denial> {
        let scope = form.optional("scope")?;
        match version {
            EndpointVersion::V1 => Ok(Self::Resource {
                resource: form.optional("resource")?.map(str::to_owned),
                openid: scope.map(|scope| scope.split_whitespace().any(|word| word == OidcScope::Openid.name())),
            }),
            EndpointVersion::V2 if form.has("resource") => Err(Denial::new(901002)),
            EndpointVersion::V2 => Ok(Self::Scope(scope.map(str::to_owned))),
        }
    }

    /// Understands what is asked for; what the request left out is what a refresh token remembers. Malformed scopes are
    /// AADSTS70011.
    pub fn parse(&self, remembered: &[String]) -> Result<ScopeRequest, Denial> {
        match self {
            Self::Scope(Some(scope)) => ScopeRequest::parse(scope),
            Self::Scope(None) => ScopeRequest::parse(&remembered.join(" ")),
            Self::Resource { resource: Some(resource), openid: Some(openid) } => {
                Ok(ScopeRequest::of_resource(resource, *openid))
            }
            Self::Resource { resource: Some(resource), openid: None } if remembered.is_empty() => {
                Ok(ScopeRequest::of_resource(resource, false))
            }
            Self::Resource { resource, openid } => {
                let before = ScopeRequest::parse(&remembered.join(" "))?;
                let openid = openid.unwrap_or_else(|| before.asks(OidcScope::Openid));
                Ok(ScopeRequest::of_resource(resource.as_deref().unwrap_or(before.resource()), openid))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn refusal(body: &str, version: EndpointVersion) -> Option<(u32, String)> {
        let form = Form::parse(body.as_bytes()).unwrap();
        let read = GrantType::read(&form).and_then(|grant| match grant {
            GrantType::Password => PasswordRequest::read(&form, version).map(|_| ()),
            GrantType::ClientCredentials => ClientCredentialsRequest::read(&form, version).map(|_| ()),
            GrantType::RefreshToken => RefreshTokenRequest::read(&form, version).map(|_| ()),
            GrantType::AuthorizationCode => AuthorizationCodeRequest::read(&form, version).map(|_| ()),
            GrantType::DeviceCode => DeviceCodeRequest::read(&form, version).map(|_| ()),
        });
        let denial = read.err()?;
        Some((denial.code(), denial.message()))
    }

    #[test]
    fn what_a_grant_misses_is_named() {
        use EndpointVersion::{V1, V2};
        let cases = [
            ("", V2, 900144, "grant_type"),
            ("grant_type=password&password=p&scope=openid", V2, 900144, "username"),
            ("grant_type=password&username=u&scope=openid", V2, 900144, "password"),
            ("grant_type=password&username=u&password=p", V2, 900144, "scope"),
            ("grant_type=password&username=u&password=p&scope=openid", V1, 900144, "resource"),
            ("grant_type=client_credentials", V2, 900144, "scope"),
            ("grant_type=client_credentials&scope=a/.default", V1, 900144, "resource"),
            ("grant_type=refresh_token", V1, 900144, "refresh_token"),
            ("grant_type=authorization_code", V2, 900144, "code"),
            ("grant_type=urn:ietf:params:oauth:grant-type:device_code", V2, 900144, "device_code"),
            ("grant_type=device_code&code=c", V2, 900144, "device_code"),
            ("grant_type=device_code", V1, 900144, "code"),
            ("grant_type=magic", V1, 70003, "magic"),
            (
                "grant_type=password&username=u&password=p&scope=openid&resource=https://graph.microsoft.com",
                V2,
                901002,
                "resource",
            ),
        ];
        for (body, version, code, word) in cases {
            let (found, message) = refusal(body, version).unwrap();
            assert_eq!(found, code, "{body}");
            assert!(message.contains(word), "{body}: {message}");
        }
    }

    #[test]
    fn complete_requests_are_read() {
        use EndpointVersion::{V1, V2};
        for (body, version) in [
            ("grant_type=password&username=u&password=p&scope=openid", V2),
            ("grant_type=password&username=u&password=p&resource=https://graph.microsoft.com", V1),
            ("grant_type=client_credentials&scope=https://graph.microsoft.com/.default", V2),
            ("grant_type=client_credentials&resource=https://graph.microsoft.com", V1),
            ("grant_type=refresh_token&refresh_token=1.A", V2),
            ("grant_type=refresh_token&refresh_token=1.A", V1),
            ("grant_type=device_code&device_code=c", V2),
            ("grant_type=device_code&device_code=c", V1),
            ("grant_type=device_code&code=c", V1),
        ] {
            assert_eq!(refusal(body, version), None, "{body}");
        }
    }

    #[test]
    fn what_v1_leaves_out_is_what_was_asked_first() {
        let remembered = ["openid".to_owned(), "api://employees.alpine.test/.default".to_owned()];
        let cases = [
            ("", "openid api://employees.alpine.test/.default"),
            ("resource=https://graph.microsoft.com", "openid https://graph.microsoft.com/.default"),
            ("scope=profile", "api://employees.alpine.test/.default"),
            ("resource=https://graph.microsoft.com&scope=openid+x", "openid https://graph.microsoft.com/.default"),
        ];
        for (body, expected) in cases {
            let target = Target::optional(&Form::parse(body.as_bytes()).unwrap(), EndpointVersion::V1).unwrap();
            assert_eq!(target.parse(&remembered).unwrap().words().join(" "), expected, "{body}");
        }
        let nothing = Target::Resource { resource: Some("api://x".to_owned()), openid: None };
        assert_eq!(nothing.parse(&[]).unwrap().words(), ["api://x/.default"]);
    }
}
