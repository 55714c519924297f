//! Who calls Graph, and what may it do there?

use std::sync::Arc;

use ropeway_core::directory::{Tenant, User, UserType};
use ropeway_core::graph::{Deed, GraphCaller, Target, may};
use ropeway_core::ids::{MICROSOFT_GRAPH, ObjectId, parse_guid};
use ropeway_core::token::{NotAccepted, verify_graph};

use super::answer::{GraphError, NoAnswer};
use crate::app::App;
use crate::bearer::{Bearer, NotABearer};
use crate::http::exchange::Exchange;

/// The bearer of an access token for Microsoft Graph.
#[derive(Debug)]
pub(super) struct Caller {
    /// The tenant that the token is of.
    pub(super) tenant: Arc<Tenant>,
    /// In whose name the application calls; `None`: its own.
    pub(super) user: Option<ObjectId>,
    /// The user's `sub` at the application that calls.
    pub(super) client_subject: Option<String>,
    permissions: Vec<String>,
}

impl Caller {
    /// Reads the `Authorization` header. A token is accepted as one of ours that is for Graph and not over.
    pub(super) fn of(app: &App, exchange: &Exchange) -> Result<Self, NoAnswer> {
        let bearer = Bearer::of(app, exchange, MICROSOFT_GRAPH, verify_graph)?
            .map_err(|reason| GraphError::invalid_token(message(&reason)))?;
        Ok(Self {
            user: bearer.user(),
            client_subject: bearer.member("xms_st", "sub"),
            permissions: bearer.permissions(),
            tenant: bearer.tenant,
        })
    }

    /// Refuses what the caller may not do: in whose name, with which permission, by which directory role.
    pub(super) fn must_be_allowed(&self, app: &App, deed: Deed, target: Target) -> Result<(), NoAnswer> {
        let is_guest = match self.user {
            Some(user) => {
                let found = app.store.read(|reads| reads.user(self.tenant.id, user))?;
                found.is_none_or(|user| user.user_type == UserType::Guest)
            }
            None => false,
        };
        let roles_of = |user: ObjectId| -> Vec<ObjectId> {
            let held = self.tenant.directory_roles.iter().filter(|role| role.members.contains(&user));
            held.map(|role| role.role_template_id).collect()
        };
        let roles = self.user.map(roles_of).unwrap_or_default();
        let target_roles = match target {
            Target::User(user) => roles_of(user),
            Target::Everybody => Vec::new(),
        };
        let caller = GraphCaller { user: self.user, is_guest, roles: &roles, permissions: &self.permissions };
        if may(&caller, deed, target, &target_roles) {
            Ok(())
        } else {
            Err(GraphError::insufficient_privileges().into())
        }
    }

    /// The user in whose name the application calls. What lies under `/me` has one.
    pub(super) fn me(&self) -> Result<ObjectId, NoAnswer> {
        let message = "/me request is only valid with delegated authentication flow.";
        self.user.ok_or_else(|| GraphError::bad_request(message).into())
    }

    /// The user that a path names: by id, by user principal name, or `None` for the caller's own.
    pub(super) fn user_named(&self, app: &App, named: Option<&str>) -> Result<User, NoAnswer> {
        let tenant = self.tenant.id;
        let id = match named {
            Some(named) => named.to_owned(),
            None => self.me()?.to_string(),
        };
        let found = app.store.read(|reads| match parse_guid(&id) {
            Ok(guid) => reads.user(tenant, ObjectId(guid)),
            Err(_) => reads.user_by_name(tenant, &id),
        })?;
        let found = found.filter(|user| parse_guid(&id).is_ok() || user.user_principal_name.eq_ignore_ascii_case(&id));
        found.ok_or_else(|| GraphError::not_found(&id).into())
    }

    /// Whether the token has this permission.
    pub(super) fn has(&self, permission: &str) -> bool {
        self.permissions.iter().any(|granted| granted == permission)
    }
}

/// In Graph's words, as far as they are on record.
fn message(reason: &NotABearer) -> &'static str {
    match reason {
        NotABearer::Missing => "Access token is empty.",
        NotABearer::Unsigned(NotAccepted::WrongSignature | NotAccepted::UnknownKey | NotAccepted::WrongAlgorithm) => {
            "Access token validation failure. Invalid signature."
        }
        NotABearer::Unsigned(NotAccepted::TooLong | NotAccepted::Malformed | NotAccepted::Extension) => {
            "CompactToken parsing failed with error code: 80049217"
        }
        NotABearer::UnknownTenant => "Access token validation failure. Invalid tenant.",
        NotABearer::WrongIssuer => "Access token validation failure. Invalid issuer.",
        NotABearer::WrongAudience(_) => "Access token validation failure. Invalid audience.",
        NotABearer::OutsideLifetime { .. } => "Lifetime validation failed, the token is expired.",
    }
}
