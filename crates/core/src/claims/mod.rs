//! What a token says: a decision that was granted, as the claims of an access or id token.
//!
//! [`Issue`] is all that is needed to know; [`Issue::access_token`] and [`Issue::id_token`] give the claims in the order
//! of Entra's own tokens. Nothing here draws anything at random: opaque claims (`uti`, `aio`, `rh`) are made from what
//! the caller gives. Signing is [`token`](crate::token)'s.

mod access_v1;
mod access_v2;
mod groups;
mod id_token;
mod issuer;
mod optional;
mod set;
mod subject;

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

pub use issuer::{Issuer, IssuerStyle};
pub use set::Claims;
pub use subject::{Amr, Subject, UserSubject, name_of_login_hint};

use crate::client_auth::ClientProof;
use crate::directory::{Application, AuthenticationContext, Tenant};
use crate::ids::{MICROSOFT_GRAPH, ObjectId, TenantId};
use crate::oauth::claims_request::ClaimsRequest;
use crate::time::WallTime;
use crate::token::TokenVersion;

/// Everything a token is made from. One value serves the access token and the id token of one answer.
#[derive(Debug, Clone, Copy)]
pub struct Issue<'a> {
    /// Names the issuer and, for guests, the identity provider.
    pub issuer: &'a Issuer,
    /// The tenant that was signed in to: `tid`.
    pub tenant: &'a Tenant,
    /// The application that asks.
    pub client: &'a Application,
    /// How the client proved itself: `appidacr`, `azpacr`.
    pub client_proof: ClientProof,
    /// What the request's `claims` parameter asked for.
    pub claims_request: &'a ClaimsRequest,
    /// The application that the access token is for.
    pub resource: &'a Application,
    /// The resource as the request named it: the `aud` of v1.0 access tokens.
    pub resource_as_asked: &'a str,
    /// In whose name.
    pub subject: Subject<'a>,
    /// The scopes granted on the resource, in short form, for `scp`. OpenID scopes are among them only for Microsoft Graph.
    pub scopes: &'a [String],
    /// Which of the OpenID scopes that widen the claims were granted.
    pub openid_scopes: OpenIdScopes,
    /// The app roles that the subject has on the resource: `roles` of the access token.
    pub resource_roles: &'a [String],
    /// The app roles that the user has on the client: `roles` of the id token.
    pub client_roles: &'a [String],
    /// The authentication contexts that a token holds unasked where its application opted in: `acrs`.
    pub contexts: &'a [AuthenticationContext],
    /// Where the request came from.
    pub ip: IpAddr,
    /// The `nonce` of the authorization request. A token must not have one that was not sent.
    pub nonce: Option<&'a str>,
    /// When the token is issued.
    pub now: WallTime,
    /// How long the access token lives, in seconds. Entra draws 60 to 90 minutes.
    pub lifetime_seconds: u32,
    /// Random bytes: what `uti` and the other opaque claims are made from.
    pub uti: [u8; 16],
    /// The browser session: `sid`.
    pub session: Option<Uuid>,
    /// The instance's key for pairwise subjects.
    pub pairwise_key: &'a [u8; 32],
}

impl Issue<'_> {
    /// The claims of an access token, in the version that the resource accepts.
    pub fn access_token(&self) -> Claims {
        match self.access_token_version() {
            TokenVersion::V1 => access_v1::claims(self),
            TokenVersion::V2 => access_v2::claims(self),
        }
    }

    /// The version of the access token: the resource's `requestedAccessTokenVersion`, whatever the endpoint.
    pub fn access_token_version(&self) -> TokenVersion {
        match self.resource.requested_access_token_version {
            2 => TokenVersion::V2,
            _ => TokenVersion::V1,
        }
    }

    /// The claims of the id token in the endpoint's version. An application that acts for itself gets none.
    pub fn id_token(&self, version: TokenVersion) -> Option<Claims> {
        match &self.subject {
            Subject::User(user) => Some(id_token::claims(self, user, version)),
            Subject::App => None,
        }
    }

    /// `appidacr` and `azpacr`.
    fn client_authentication(&self) -> &'static str {
        match self.client_proof {
            ClientProof::None => "0",
            ClientProof::Secret => "1",
            ClientProof::Certificate => "2",
        }
    }

    fn is_for_graph(&self) -> bool {
        self.resource.app_id == MICROSOFT_GRAPH
    }
}

/// The granted OpenID scopes that decide which claims about the user a v2.0 token holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OpenIdScopes {
    /// `profile`.
    pub profile: bool,
    /// `email`.
    pub email: bool,
}

/// Lifetime of an id token in seconds (<https://learn.microsoft.com/entra/identity-platform/id-tokens#token-lifetime>).
pub const ID_TOKEN_LIFETIME_SECONDS: u32 = 3600;

/// The `client_info` of a token response: the user's home account, from which every MSAL makes its cache key.
pub fn client_info(home_object: ObjectId, home_tenant: TenantId) -> String {
    URL_SAFE_NO_PAD.encode(format!(r#"{{"uid":"{home_object}","utid":"{home_tenant}"}}"#))
}

#[cfg(test)]
mod tests;
