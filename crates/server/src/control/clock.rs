//! `tenants/{tenant}/clock`: the tenant's time, which the directory remembers by.

use axum::Json;
use axum::extract::{Path, State};
use ropeway_core::directory::{Tenant, TenantClock};
use ropeway_core::time::TenantTime;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::{Body, ErrorBody, Refusal, change_tenant, find_tenant};
use crate::app::App;

/// How a tenant's time runs.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Clock {
    /// What the clock shows now.
    now: String,
    /// Seconds ahead of the wall clock, while it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    offset_seconds: Option<i64>,
    /// Where it stands still, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    frozen_at: Option<String>,
    tokens: Tokens,
}

/// What stamps tokens and one-time codes: the wall clock, so that other machines accept them, or the tenant's clock.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Tokens {
    Wall,
    Tenant,
}

/// What is not said stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SetClock {
    /// Runs, so many seconds ahead of the wall clock (behind, when negative).
    offset_seconds: Option<i64>,
    /// Stands still at this moment (RFC 3339).
    frozen_at: Option<String>,
    tokens: Option<Tokens>,
}

/// Time that passes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AdvanceClock {
    /// Negative goes back.
    seconds: i64,
}

/// Shows the tenant's time.
#[utoipa::path(get, path = "/tenants/{tenant}/clock", tag = "clock", operation_id = "showClock",
    params(("tenant" = String, Path, description = "Id or domain")),
    responses((status = 200, description = "The clock", body = Clock)))]
pub(crate) async fn show(State(app): State<App>, Path(tenant): Path<String>) -> Result<Json<Clock>, Refusal> {
    Ok(Json(shown(&app, &*find_tenant(&app, &tenant)?)))
}

/// Sets the tenant's time: {"offsetSeconds"}, {"frozenAt"}, {"tokens"}.
#[utoipa::path(put, path = "/tenants/{tenant}/clock", tag = "clock", operation_id = "setClock", request_body = SetClock,
    params(("tenant" = String, Path, description = "Id or domain")),
    responses(
        (status = 200, description = "The clock as it is now", body = Clock),
        (status = 400, description = "The body is wrong", body = ErrorBody),
    ))]
pub(crate) async fn set(
    State(app): State<App>,
    Path(tenant): Path<String>,
    body: Body,
) -> Result<Json<Clock>, Refusal> {
    let SetClock { offset_seconds, frozen_at, tokens } = body.read()?;
    let clock = match (offset_seconds, frozen_at) {
        (Some(_), Some(_)) => {
            return Err(Refusal::bad_request("a clock runs (offsetSeconds) or stands still (frozenAt), not both"));
        }
        (Some(seconds), None) => Some(TenantClock::Offset { seconds: in_range(seconds)? }),
        (None, Some(at)) => Some(TenantClock::Frozen { at: moment(&at)? }),
        (None, None) if tokens.is_none() => {
            return Err(Refusal::bad_request("say offsetSeconds, frozenAt or tokens"));
        }
        (None, None) => None,
    };
    let tenant = find_tenant(&app, &tenant)?;
    let changed = change_tenant(&app, &tenant, move |_, tenant| {
        tenant.settings.clock = clock.unwrap_or(tenant.settings.clock);
        if let Some(tokens) = tokens {
            tenant.settings.tokens_follow_clock = matches!(tokens, Tokens::Tenant);
        }
        Ok(Ok(tenant.clone()))
    });
    Ok(Json(shown(&app, &changed.await?)))
}

/// Lets time pass.
#[utoipa::path(post, path = "/tenants/{tenant}/clock/advance", tag = "clock", operation_id = "advanceClock",
    request_body = AdvanceClock, params(("tenant" = String, Path, description = "Id or domain")),
    responses(
        (status = 200, description = "The clock as it is now", body = Clock),
        (status = 400, description = "The body is wrong", body = ErrorBody),
    ))]
pub(crate) async fn advance(
    State(app): State<App>,
    Path(tenant): Path<String>,
    body: Body,
) -> Result<Json<Clock>, Refusal> {
    let AdvanceClock { seconds } = body.read()?;
    let seconds = in_range(seconds)?;
    let tenant = find_tenant(&app, &tenant)?;
    let changed = change_tenant(&app, &tenant, move |_, tenant| {
        let moved = match tenant.settings.clock {
            TenantClock::Offset { seconds: before } => {
                in_range(before.saturating_add(seconds)).map(|seconds| TenantClock::Offset { seconds })
            }
            TenantClock::Frozen { at } => Ok(TenantClock::Frozen { at: at.plus_seconds(seconds) }),
        };
        Ok(moved.map(|clock| {
            tenant.settings.clock = clock;
            tenant.clone()
        }))
    });
    Ok(Json(shown(&app, &changed.await?)))
}

fn moment(text: &str) -> Result<TenantTime, Refusal> {
    TenantTime::parse_rfc3339(text).ok_or_else(|| {
        Refusal::bad_request("frozenAt is no moment; expected a date and time such as 2026-11-25T08:00:00Z")
    })
}

/// As the tenant file: a thousand years are enough, and keep every later sum in range.
fn in_range(seconds: i64) -> Result<i64, Refusal> {
    match seconds.unsigned_abs() <= 31_557_600_000 {
        true => Ok(seconds),
        false => Err(Refusal::bad_request("a clock goes at most a thousand years ahead or behind")),
    }
}

fn shown(app: &App, tenant: &Tenant) -> Clock {
    let settings = &tenant.settings;
    let (offset_seconds, frozen_at) = match settings.clock {
        TenantClock::Offset { seconds } => (Some(seconds), None),
        TenantClock::Frozen { at } => (None, Some(at.to_rfc3339())),
    };
    Clock {
        now: settings.clock.at(app.source.wall()).to_rfc3339(),
        offset_seconds,
        frozen_at,
        tokens: if settings.tokens_follow_clock { Tokens::Tenant } else { Tokens::Wall },
    }
}
