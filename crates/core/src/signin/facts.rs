use std::net::IpAddr;

use super::account::Account;
use crate::directory::{AppRoleAssignment, Application, ClientAppType, OAuth2PermissionGrant, Tenant};
use crate::ids::ObjectId;
use crate::oauth::claims_request::ClaimsRequest;
use crate::oauth::scope::ResolvedScopes;
use crate::policy::refresh_lifetime::Remembered;
use crate::policy::session_lifetime::SessionProofs;
use crate::time::TenantTime;

/// All that a sign-in is judged by. Whoever asks gathers it; nothing is looked up later.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The tenant whose resource is asked for.
    pub tenant: &'a Tenant,
    /// How the request named that tenant: error texts repeat it.
    pub tenant_as_asked: &'a str,
    /// The application that asks.
    pub client: &'a Application,
    /// What it asks for.
    pub asked: &'a ResolvedScopes<'a>,
    /// What the request's `claims` parameter asks for.
    pub claims: &'a ClaimsRequest,
    /// The name that was typed.
    pub sign_in_name: &'a str,
    /// Whose name that is.
    pub account: Account<'a>,
    /// Groups of the user's object in `tenant`, transitively.
    pub groups: &'a [ObjectId],
    /// Role templates of the user's directory roles in `tenant`.
    pub roles: &'a [ObjectId],
    /// Consents of the client, for this user and for all principals.
    pub grants: &'a [OAuth2PermissionGrant],
    /// App role assignments of the user and of the user's groups.
    pub assignments: &'a [AppRoleAssignment],
    /// Until when smart lockout has locked the account.
    pub locked_until: Option<TenantTime>,
    /// What was proved.
    pub proofs: Proofs,
    /// Where the request came from.
    pub place: Place,
}

/// What was proved, now or earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proofs {
    /// A password was presented with this request.
    Password(PasswordProof),
    /// A refresh token or a code remembers earlier proofs.
    Remembered(Remembered),
    /// On the platform's page: what this sign-in has proved so far.
    Page(PageProofs),
}

/// What a sign-in on the page has to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageProofs {
    /// The password, if one was typed in this sign-in.
    pub password: PasswordProof,
    /// The browser's session of this user; `None` when credentials are wanted afresh.
    pub session: Option<SessionProofs>,
    /// When a second factor was proved in this sign-in.
    pub second_factor_at: Option<TenantTime>,
}

/// What is known of a presented password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordProof {
    /// It was not looked at yet.
    Unchecked,
    /// It is the right one.
    Right,
    /// It is not.
    Wrong,
}

/// Where a request came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The peer's address.
    pub ip: IpAddr,
    /// How the client signs in.
    pub client_app_type: ClientAppType,
}

impl Proofs {
    /// Whether a second factor is among them.
    pub fn second_factor(&self) -> bool {
        match self {
            Self::Password(_) => false,
            Self::Remembered(remembered) => remembered.second_factor_at.is_some(),
            Self::Page(page) => {
                page.second_factor_at.is_some()
                    || page.session.is_some_and(|session| session.second_factor_at.is_some())
            }
        }
    }
}
