//! Requests to the token endpoint.

use super::form::Form;
use crate::error::Denial;
use crate::error::catalogue::RaisedBy;
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
}

impl GrantType {
    /// Every grant, for tables that must have no empty cell.
    pub const ALL: [Self; 3] = [Self::Password, Self::ClientCredentials, Self::RefreshToken];

    /// Reads `grant_type`. A missing one is AADSTS900144, an unknown one AADSTS70003.
    pub fn read(form: &Form) -> Result<Self, Denial> {
        match form.required("grant_type")? {
            "password" => Ok(Self::Password),
            "client_credentials" => Ok(Self::ClientCredentials),
            "refresh_token" => Ok(Self::RefreshToken),
            other => Err(Denial::new(70003).with("grant", other)),
        }
    }

    /// The value of `grant_type`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::ClientCredentials => "client_credentials",
            Self::RefreshToken => "refresh_token",
        }
    }

    /// How the catalogue names requests of this grant.
    pub fn raises_as(self) -> RaisedBy {
        match self {
            Self::Password => RaisedBy::Password,
            Self::ClientCredentials => RaisedBy::ClientCredentials,
            Self::RefreshToken => RaisedBy::RefreshToken,
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
    /// `scope` as sent: its syntax is judged after the client.
    pub scope: String,
}

impl PasswordRequest {
    /// Reads the form. Missing parameters are AADSTS900144; `resource` belongs to the v1.0 endpoint and is AADSTS901002.
    pub fn read(form: &Form) -> Result<Self, Denial> {
        let username = form.required("username")?.trim().to_owned();
        let password = Secret::new(form.required("password")?);
        Ok(Self { username, password, scope: required_scope(form)? })
    }
}

/// `grant_type=client_credentials`: the application for itself.
#[derive(Debug, Clone)]
pub struct ClientCredentialsRequest {
    /// `scope` as sent.
    pub scope: String,
}

impl ClientCredentialsRequest {
    /// Reads the form, with the refusals of [`PasswordRequest::read`].
    pub fn read(form: &Form) -> Result<Self, Denial> {
        Ok(Self { scope: required_scope(form)? })
    }
}

/// `grant_type=refresh_token`: an earlier answer's refresh token.
#[derive(Debug, Clone)]
pub struct RefreshTokenRequest {
    /// The token as sent.
    pub token: Secret,
    /// `scope` as sent; `None` means what was asked first.
    pub scope: Option<String>,
}

impl RefreshTokenRequest {
    /// Reads the form, with the refusals of [`PasswordRequest::read`].
    pub fn read(form: &Form) -> Result<Self, Denial> {
        let token = Secret::new(form.required("refresh_token")?);
        refuse_resource(form)?;
        Ok(Self { token, scope: form.optional("scope")?.map(str::to_owned) })
    }
}

fn required_scope(form: &Form) -> Result<String, Denial> {
    refuse_resource(form)?;
    form.required("scope").map(str::to_owned)
}

fn refuse_resource(form: &Form) -> Result<(), Denial> {
    if form.has("resource") { Err(Denial::new(901002)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn refusal(body: &str) -> Option<(u32, String)> {
        let form = Form::parse(body.as_bytes()).unwrap();
        let read = GrantType::read(&form).and_then(|grant| match grant {
            GrantType::Password => PasswordRequest::read(&form).map(|_| ()),
            GrantType::ClientCredentials => ClientCredentialsRequest::read(&form).map(|_| ()),
            GrantType::RefreshToken => RefreshTokenRequest::read(&form).map(|_| ()),
        });
        let denial = read.err()?;
        Some((denial.code(), denial.message()))
    }

    #[test]
    fn what_a_grant_misses_is_named() {
        let cases = [
            ("", 900144, "grant_type"),
            ("grant_type=password&password=p&scope=openid", 900144, "username"),
            ("grant_type=password&username=u&scope=openid", 900144, "password"),
            ("grant_type=password&username=u&password=p", 900144, "scope"),
            ("grant_type=client_credentials", 900144, "scope"),
            ("grant_type=refresh_token", 900144, "refresh_token"),
            ("grant_type=magic", 70003, "magic"),
            (
                "grant_type=password&username=u&password=p&scope=openid&resource=https://graph.microsoft.com",
                901002,
                "resource",
            ),
        ];
        for (body, code, word) in cases {
            let (found, message) = refusal(body).unwrap();
            assert_eq!(found, code, "{body}");
            assert!(message.contains(word), "{body}: {message}");
        }
    }

    #[test]
    fn complete_requests_are_read() {
        for body in [
            "grant_type=password&username=u&password=p&scope=openid",
            "grant_type=client_credentials&scope=https://graph.microsoft.com/.default",
            "grant_type=refresh_token&refresh_token=1.A",
        ] {
            assert_eq!(refusal(body), None, "{body}");
        }
    }
}
