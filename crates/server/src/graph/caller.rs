//! Who calls Graph, and what may it do there?

use std::sync::Arc;

use ropeway_core::directory::Tenant;
use ropeway_core::ids::{MICROSOFT_GRAPH, ObjectId};
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
