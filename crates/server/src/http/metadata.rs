//! `/{tenant}/v2.0/.well-known/openid-configuration`, and v1.0's without `v2.0`.

use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use ropeway_core::error::Denial;
use ropeway_core::oauth::discovery::{MetadataTenant, openid_configuration_v1, openid_configuration_v2};
use ropeway_core::oauth::tenant_segment::TenantSegment;

use super::exchange::{self, Exchange};
use crate::app::App;
use crate::outcome::Stopped;
use crate::token::unknown_tenant;

/// Shows the v2.0 OpenID configuration. `?appid=` is accepted: no application has keys of its own.
pub(crate) async fn v2(State(app): State<App>, Path(tenant): Path<String>, exchange: Exchange) -> Response {
    match metadata_tenant(&app, &tenant) {
        Ok(tenant) => {
            let issuer = app.issuer(&exchange.origin).v2_at(tenant);
            let document = openid_configuration_v2(&exchange.origin, tenant, &issuer);
            exchange.discovery(StatusCode::OK, document.to_string())
        }
        Err(Stopped::Denied(denial)) => exchange.discovery_error(&denial),
        Err(stopped) => exchange::stopped(&stopped),
    }
}

/// Shows the v1.0 OpenID configuration.
pub(crate) async fn v1(State(app): State<App>, Path(tenant): Path<String>, exchange: Exchange) -> Response {
    match metadata_tenant(&app, &tenant) {
        Ok(tenant) => {
            let issuer = app.issuer(&exchange.origin).v1_at(tenant);
            let document = openid_configuration_v1(&exchange.origin, tenant, &issuer);
            exchange.discovery(StatusCode::OK, document.to_string())
        }
        Err(Stopped::Denied(denial)) => exchange.discovery_error(&denial),
        Err(stopped) => exchange::stopped(&stopped),
    }
}

/// The tenant that a discovery document is of: AADSTS900023 and 90002 when there is none.
pub(crate) fn metadata_tenant(app: &App, segment: &str) -> Result<MetadataTenant, Stopped> {
    let parsed = TenantSegment::parse(segment)?;
    let snapshot = app.snapshot()?;
    let known = snapshot.tenant_of_segment(&parsed).map(|tenant| tenant.id);
    let unknown = || -> Denial { unknown_tenant(segment) };
    if matches!(parsed, TenantSegment::Id(_)) && known.is_none() {
        return Err(unknown().into());
    }
    MetadataTenant::of(&parsed, known).ok_or_else(|| unknown().into())
}
