//! Who calls Graph, and what may it do there?

use std::sync::Arc;

use http::header;
use ropeway_core::directory::Tenant;
use ropeway_core::ids::{MICROSOFT_GRAPH, ObjectId, TenantId};
use ropeway_core::oauth::scope::find_resource;
use ropeway_core::token::{NotAccepted, VerifiedToken, VerifyingKey, verify_graph};
use serde_json::Value;

use super::answer::{GraphError, NoAnswer};
use crate::app::App;
use crate::http::exchange::Exchange;

/// The bearer of an access token for Microsoft Graph.
#[derive(Debug)]
pub(super) struct Caller {
    /// The tenant that the token is of.
    pub(super) tenant: Arc<Tenant>,
    /// In whose name the application calls; `None`: its own.
    pub(super) user: Option<ObjectId>,
    permissions: Vec<String>,
}

impl Caller {
    /// Reads the `Authorization` header. A token is accepted as one of ours that is for Graph and not over.
    pub(super) fn of(app: &App, exchange: &Exchange) -> Result<Self, NoAnswer> {
        let authorization = exchange.header(header::AUTHORIZATION).unwrap_or_default();
        let token = match authorization.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
            _ => "",
        };
        if token.is_empty() {
            return Err(GraphError::invalid_token("Access token is empty.").into());
        }
        let keys: Vec<VerifyingKey> = app.keys().published().map(VerifyingKey::from).collect();
        let token = verify_graph(token, &keys).map_err(|reason| GraphError::invalid_token(message(reason)))?;
        let claim = |name: &str| text(&token, name);
        let tenant_id = claim("tid").parse::<TenantId>().ok();
        let snapshot = app.snapshot()?;
        let Some(tenant) = tenant_id.and_then(|id| snapshot.tenant(id)) else {
            return Err(GraphError::invalid_token("Access token validation failure. Invalid tenant.").into());
        };
        // Whoever got the token by another of our names may use it here.
        let issuers = [exchange.origin.as_str(), app.main_origin()].map(|origin| app.issuer(origin).v1(tenant.id));
        if !issuers.iter().any(|issuer| issuer == claim("iss")) {
            return Err(GraphError::invalid_token("Access token validation failure. Invalid issuer.").into());
        }
        let audience = find_resource(tenant, claim("aud"), &exchange.origin);
        if audience.is_none_or(|resource| resource.app_id != MICROSOFT_GRAPH) {
            return Err(GraphError::invalid_token("Access token validation failure. Invalid audience.").into());
        }
        let now = tenant.settings.stamps_at(exchange.moment.wall).unix_seconds();
        let at = |name: &str| token.claims.get(name).and_then(Value::as_i64);
        if at("exp").is_none_or(|exp| exp <= now) || at("nbf").is_none_or(|nbf| nbf > now) {
            let message = "Lifetime validation failed, the token is expired.";
            return Err(GraphError::invalid_token(message).into());
        }
        let delegated = token.claims.contains_key("scp");
        let user = claim("oid").parse::<ObjectId>().ok().filter(|_| delegated);
        let permissions = match delegated {
            true => claim("scp").split(' ').map(str::to_owned).collect(),
            false => {
                let roles = token.claims.get("roles").and_then(Value::as_array).into_iter().flatten();
                roles.filter_map(Value::as_str).map(str::to_owned).collect()
            }
        };
        Ok(Self { tenant: Arc::clone(tenant), user, permissions })
    }

    /// Whether the token has this permission.
    pub(super) fn has(&self, permission: &str) -> bool {
        self.permissions.iter().any(|granted| granted == permission)
    }
}

fn text<'t>(token: &'t VerifiedToken, name: &str) -> &'t str {
    token.claims.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// In Graph's words, as far as they are on record.
fn message(reason: NotAccepted) -> &'static str {
    match reason {
        NotAccepted::WrongSignature | NotAccepted::UnknownKey | NotAccepted::WrongAlgorithm => {
            "Access token validation failure. Invalid signature."
        }
        NotAccepted::TooLong | NotAccepted::Malformed | NotAccepted::Extension => {
            "CompactToken parsing failed with error code: 80049217"
        }
    }
}
