//! Access tokens that come back: Graph and Azure Resource Manager accept their own here, each in its own words.

use std::sync::Arc;

use http::header;
use ropeway_core::directory::Tenant;
use ropeway_core::ids::{AppId, ObjectId, TenantId};
use ropeway_core::oauth::scope::find_resource;
use ropeway_core::time::WallTime;
use ropeway_core::token::{NotAccepted, VerifiedToken, VerifyingKey};
use serde_json::Value;

use crate::app::App;
use crate::http::exchange::Exchange;
use crate::outcome::Stopped;
use crate::snapshot::Snapshot;

/// An access token that is one of ours, for the resource that is asked, and not over.
#[derive(Debug)]
pub(crate) struct Bearer {
    /// The tenant that the token is of.
    pub(crate) tenant: Arc<Tenant>,
    token: VerifiedToken,
}

/// Why a request has no bearer.
#[derive(Debug)]
pub(crate) enum NotABearer {
    /// No `Authorization` header of the scheme Bearer.
    Missing,
    /// Not a JWT that one of our keys signed.
    Unsigned(NotAccepted),
    /// Of no tenant here.
    UnknownTenant,
    /// Not of this tenant's issuer.
    WrongIssuer,
    /// For another resource: the `aud` claim.
    WrongAudience(String),
    /// Over, or not begun.
    OutsideLifetime { exp: WallTime, now: WallTime },
}

impl Bearer {
    /// Reads the `Authorization` header; `verify` checks form and signature.
    pub(crate) fn of(
        app: &App,
        exchange: &Exchange,
        resource: AppId,
        verify: fn(&str, &[VerifyingKey]) -> Result<VerifiedToken, NotAccepted>,
    ) -> Result<Result<Self, NotABearer>, Stopped> {
        let snapshot = app.snapshot()?;
        Ok(Self::known(app, &snapshot, exchange, resource, verify))
    }

    fn known(
        app: &App,
        snapshot: &Snapshot,
        exchange: &Exchange,
        resource: AppId,
        verify: fn(&str, &[VerifyingKey]) -> Result<VerifiedToken, NotAccepted>,
    ) -> Result<Self, NotABearer> {
        let authorization = exchange.header(header::AUTHORIZATION).unwrap_or_default();
        let token = match authorization.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
            _ => "",
        };
        if token.is_empty() {
            return Err(NotABearer::Missing);
        }
        let token = verify(token, &app.keys().verifying).map_err(NotABearer::Unsigned)?;
        let tenant = text(&token, "tid").parse::<TenantId>().ok().and_then(|id| snapshot.tenant(id));
        let tenant = Arc::clone(tenant.ok_or(NotABearer::UnknownTenant)?);
        let audience = text(&token, "aud");
        if find_resource(&tenant, audience, &exchange.origin).is_none_or(|found| found.app_id != resource) {
            return Err(NotABearer::WrongAudience(audience.to_owned()));
        }
        // Whoever got the token by another of our names may use it here.
        let issuers = [exchange.origin.as_str(), app.main_origin()].map(|origin| app.issuer(origin).v1(tenant.id));
        if !issuers.iter().any(|issuer| issuer == text(&token, "iss")) {
            return Err(NotABearer::WrongIssuer);
        }
        let now = tenant.settings.stamps_at(exchange.moment.wall);
        let at = |name: &str| token.claims.get(name).and_then(Value::as_i64).map(WallTime::from_unix_seconds);
        if at("exp").is_none_or(|exp| exp <= now) || at("nbf").is_none_or(|nbf| nbf > now) {
            return Err(NotABearer::OutsideLifetime { exp: at("exp").unwrap_or(WallTime(0)), now });
        }
        Ok(Self { tenant, token })
    }

    /// In whose name the application calls; `None`: its own.
    pub(crate) fn user(&self) -> Option<ObjectId> {
        let delegated = self.token.claims.contains_key("scp");
        self.text("oid").parse().ok().filter(|_| delegated)
    }

    /// The permissions: delegated ones, or those of the application itself.
    pub(crate) fn permissions(&self) -> Vec<String> {
        match self.token.claims.get("scp").and_then(Value::as_str) {
            Some(scopes) => scopes.split(' ').map(str::to_owned).collect(),
            None => self.values("roles").map(str::to_owned).collect(),
        }
    }

    /// The texts of a claim that is a list.
    pub(crate) fn values(&self, claim: &str) -> impl Iterator<Item = &str> {
        let values = self.token.claims.get(claim).and_then(Value::as_array);
        values.into_iter().flatten().filter_map(Value::as_str)
    }

    /// A member of a claim that is an object.
    pub(crate) fn member(&self, claim: &str, name: &str) -> Option<String> {
        self.token.claims.get(claim)?.get(name)?.as_str().map(str::to_owned)
    }

    /// A claim as text; empty when it is none.
    pub(crate) fn text(&self, claim: &str) -> &str {
        text(&self.token, claim)
    }
}

fn text<'t>(token: &'t VerifiedToken, claim: &str) -> &'t str {
    token.claims.get(claim).and_then(Value::as_str).unwrap_or_default()
}
