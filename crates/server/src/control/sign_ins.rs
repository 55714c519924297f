//! `tenants/{tenant}/signIns`: the sign-in log, read and followed.

use std::convert::Infallible;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use futures_util::stream::unfold;
use ropeway_core::directory::Tenant;
use ropeway_core::error::catalogue;
use ropeway_core::ids::TenantId;
use ropeway_core::time::TenantTime;
use ropeway_store::SignIn;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;
use utoipa::IntoParams;

use super::answer::{ErrorBody, List, Refusal, find_tenant};
use crate::app::App;
use crate::graph;

/// Which sign-ins.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// At most so many, up to 1000. Left out: 100.
    top: Option<u32>,
    /// None before this moment of the tenant's time (RFC 3339).
    since: Option<String>,
}

/// Lists sign-ins, granted and refused, the newest first, in Microsoft Graph's words for them.
#[utoipa::path(get, path = "/tenants/{tenant}/signIns", tag = "sign-ins", operation_id = "listSignIns",
    params(("tenant" = String, Path, description = "Id or domain"), Which),
    responses(
        (status = 200, description = "The sign-ins", body = List<Value>),
        (status = 400, description = "A parameter is wrong", body = ErrorBody),
    ))]
pub(crate) async fn list(
    State(app): State<App>,
    Path(tenant): Path<String>,
    Query(which): Query<Which>,
) -> Result<Json<List<Value>>, Refusal> {
    let since = match which.since.as_deref() {
        None => TenantTime(i64::MIN),
        Some(text) => TenantTime::parse_rfc3339(text).ok_or_else(|| {
            Refusal::bad_request("since is no moment; expected a date and time such as 2026-11-25T08:00:00Z")
        })?,
    };
    let top = which.top.unwrap_or(DEFAULT_PAGE).min(LONGEST_PAGE);
    let tenant = find_tenant(&app, &tenant)?;
    let id = tenant.id;
    let rows = tokio::task::spawn_blocking(move || app.store.read(|reads| reads.newest_sign_ins(id, since, top)));
    let rows = rows.await.map_err(anyhow::Error::from)??;
    Ok(Json(List { value: rows.iter().map(|row| shown(&tenant, row)).collect() }))
}

/// Follows the sign-in log: one server-sent event `signIn` for each, from now on. `missed` tells how many were not sent
/// because the client read too slowly.
#[utoipa::path(get, path = "/tenants/{tenant}/signIns/stream", tag = "sign-ins", operation_id = "followSignIns",
    params(("tenant" = String, Path, description = "Id or domain")),
    responses((status = 200, description = "Server-sent events", content_type = "text/event-stream", body = String)))]
pub(crate) async fn stream(
    State(app): State<App>,
    Path(tenant): Path<String>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Refusal> {
    let tenant = find_tenant(&app, &tenant)?.id;
    let rows = app.sign_ins_now.subscribe();
    let stopping = app.stopping.clone();
    let events = unfold((app, rows, stopping), move |(app, mut rows, stopping)| async move {
        let event = tokio::select! {
            () = stopping.cancelled() => None,
            event = next(&app, tenant, &mut rows) => event,
        };
        event.map(|event| (Ok(event), (app, rows, stopping)))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}

/// The next event of this tenant. `None`: there will be no more.
async fn next(
    app: &App,
    tenant: TenantId,
    rows: &mut tokio::sync::broadcast::Receiver<std::sync::Arc<SignIn>>,
) -> Option<Event> {
    loop {
        match rows.recv().await {
            Ok(row) if row.tenant == tenant => {
                let tenant = app.tenant(tenant).ok()?;
                return Some(
                    Event::default().event("signIn").id(row.id.to_string()).data(shown(&tenant, &row).to_string()),
                );
            }
            Ok(_) => {}
            Err(RecvError::Lagged(missed)) => return Some(Event::default().event("missed").data(missed.to_string())),
            Err(RecvError::Closed) => return None,
        }
    }
}

/// A row as Graph's `signIn`, and what Graph has no word for under `ropeway`.
fn shown(tenant: &Tenant, row: &SignIn) -> Value {
    let mut shown = graph::sign_in(tenant, row, None);
    let known = catalogue::find(row.error_code);
    shown["ropeway"] = json!({
        "grantType": row.grant,
        "error": known.map(|known| known.name),
        "remedy": known.map(|known| known.remedy),
        "trace": row.detail.value()["trace"],
    });
    shown
}

const DEFAULT_PAGE: u32 = 100;
const LONGEST_PAGE: u32 = 1000;
