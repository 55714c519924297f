//! `/v1.0/auditLogs/signIns` and `/beta/auditLogs/signIns`: every attempt to sign in
//! (<https://learn.microsoft.com/graph/api/signin-list>).

use axum::extract::{Path, State};
use axum::response::Response;
use ropeway_core::directory::{Tenant, User};
use ropeway_core::error::catalogue;
use ropeway_core::graph::{Deed, Target};
use ropeway_store::SignIn;
use serde_json::{Value, json};

use super::answer::{self, GraphError, NoAnswer};
use super::caller::Caller;
use super::query::{Direction, Kind, Query, at_length};
use crate::app::App;
use crate::http::exchange::Exchange;
use crate::outcome::Stopped;

/// Lists them, the latest first. Unasked only those in which a person took part, as Entra does; with a filter on
/// `signInEventTypes` the others, too.
pub(crate) async fn list(State(app): State<App>, exchange: Exchange) -> Response {
    let answered = {
        let exchange = exchange.clone();
        at_length(move || listed(&app, &exchange)).await
    };
    answer::send(&exchange, answered)
}

/// Shows one.
pub(crate) async fn show(State(app): State<App>, Path(id): Path<String>, exchange: Exchange) -> Response {
    let answered = {
        let exchange = exchange.clone();
        at_length(move || told(&app, &exchange, &id)).await
    };
    answer::send(&exchange, answered)
}

fn listed(app: &App, exchange: &Exchange) -> Result<Value, NoAnswer> {
    let caller = Caller::of(app, exchange)?;
    caller.must_be_allowed(app, Deed::ReadSignIns, Target::Everybody)?;
    let query = Query::read(exchange, &KIND)?;
    let named = query.filter.iter().flat_map(|filter| filter.properties()).any(|name| name == "signInEventTypes");
    let page = query.page(|after| {
        let (last, rows) = batch(app, &caller.tenant, after.unwrap_or(i64::MAX))?;
        let mut shown: Vec<_> = rows.into_iter().filter(|(_, row)| named || row["isInteractive"] == true).collect();
        // The place of a batch of which nothing is shown must not be lost.
        if shown.is_empty()
            && let Some(last) = last
        {
            shown.push((last, Value::Null));
        }
        Ok(shown)
    })?;
    Ok(page.answer(exchange, &query, &exchange.path, "auditLogs/signIns", unasked(exchange)))
}

fn told(app: &App, exchange: &Exchange, id: &str) -> Result<Value, NoAnswer> {
    let caller = Caller::of(app, exchange)?;
    caller.must_be_allowed(app, Deed::ReadSignIns, Target::Everybody)?;
    let query = Query::read(exchange, &KIND)?;
    let mut before = i64::MAX;
    loop {
        let (last, rows) = batch(app, &caller.tenant, before)?;
        if let Some((_, found)) = rows.iter().find(|(_, row)| row["id"] == id) {
            let mut answer = json!({
                "@odata.context": format!("{}/v1.0/$metadata#auditLogs/signIns/$entity", exchange.origin),
            });
            if let (Some(answer), Value::Object(shown)) =
                (answer.as_object_mut(), query.selected(found, unasked(exchange)))
            {
                answer.extend(shown);
            }
            return Ok(answer);
        }
        match last {
            Some(last) => before = last,
            None => return Err(GraphError::not_found(id).into()),
        }
    }
}

/// Where the last row stands, and the rows, each with its place.
type Batch = (Option<i64>, Vec<(i64, Value)>);

/// Some rows before a place, as Graph shows them, and where the last of them stands.
fn batch(app: &App, tenant: &Tenant, before: i64) -> Result<Batch, Stopped> {
    let rows = app.store.read(|reads| {
        let mut rows = Vec::new();
        for (place, row) in reads.sign_ins_before(tenant.id, before, BATCH)? {
            let user = row.user.map(|user| reads.user(tenant.id, user)).transpose()?.flatten();
            rows.push((place, row, user));
        }
        Ok(rows)
    })?;
    let last = rows.last().map(|(place, ..)| *place);
    Ok((last, rows.iter().map(|(place, row, user)| (*place, properties(tenant, row, user.as_ref()))).collect()))
}

/// A row as Graph's `signIn`. The protocol is a property of the beta resource.
pub(crate) fn properties(tenant: &Tenant, row: &SignIn, user: Option<&User>) -> Value {
    let name = |app| tenant.application(app).map(|app| app.display_name.clone());
    let known = catalogue::find(row.error_code);
    let event = event_type(row);
    let detail = row.detail.value();
    let policies = &detail["appliedConditionalAccessPolicies"];
    let results = |wanted: &str| {
        policies.as_array().is_some_and(|policies| policies.iter().any(|policy| policy["result"] == wanted))
    };
    json!({
        "id": row.id,
        "createdDateTime": row.at.to_rfc3339(),
        "userDisplayName": user.map_or(row.user_principal_name.as_str(), |user| &user.display_name),
        "userPrincipalName": row.user_principal_name,
        "userId": row.user,
        "appId": row.app,
        "appDisplayName": row.app.and_then(name),
        "ipAddress": row.ip,
        "clientAppUsed": if row.grant == "authorize" { "Browser" } else { "Mobile Apps and Desktop clients" },
        "correlationId": detail["correlationId"],
        "conditionalAccessStatus": if results("failure") {
            "failure"
        } else if results("success") {
            "success"
        } else {
            "notApplied"
        },
        "isInteractive": event == "interactiveUser",
        "riskDetail": "none",
        "riskLevelAggregated": "none",
        "riskLevelDuringSignIn": "none",
        "riskState": "none",
        "riskEventTypes": [],
        "riskEventTypes_v2": [],
        "resourceDisplayName": row.resource.and_then(name),
        "resourceId": row.resource,
        "status": {
            "errorCode": row.error_code,
            "failureReason": known.map_or("Other.", |known| known.cause),
            "additionalDetails": known.map(|known| known.remedy),
        },
        "deviceDetail": {
            "deviceId": "",
            "displayName": null,
            "operatingSystem": null,
            "browser": null,
            "isCompliant": null,
            "isManaged": null,
            "trustType": null,
        },
        "location": null,
        "appliedConditionalAccessPolicies": policies,
        "authenticationProtocol": match row.grant.as_str() {
            "password" => "ropc",
            "device_code" => "deviceCode",
            _ => "none",
        },
        "signInEventTypes": [event],
    })
}

/// In an answer of a grant that redeems what a person did on the page, no person takes part.
fn event_type(row: &SignIn) -> &'static str {
    match row.grant.as_str() {
        "client_credentials" => "servicePrincipal",
        "refresh_token" | "authorization_code" => "nonInteractiveUser",
        _ => "interactiveUser",
    }
}

fn unasked(exchange: &Exchange) -> &'static [&'static str] {
    if exchange.path.starts_with("/beta/") { PROPERTIES } else { &PROPERTIES[..OF_V1] }
}

/// Those of the stable resource first.
const PROPERTIES: &[&str] = &[
    "id",
    "createdDateTime",
    "userDisplayName",
    "userPrincipalName",
    "userId",
    "appId",
    "appDisplayName",
    "ipAddress",
    "clientAppUsed",
    "correlationId",
    "conditionalAccessStatus",
    "isInteractive",
    "riskDetail",
    "riskLevelAggregated",
    "riskLevelDuringSignIn",
    "riskState",
    "riskEventTypes",
    "riskEventTypes_v2",
    "resourceDisplayName",
    "resourceId",
    "status",
    "deviceDetail",
    "location",
    "appliedConditionalAccessPolicies",
    "authenticationProtocol",
    "signInEventTypes",
];
const OF_V1: usize = 24;

const KIND: Kind = Kind {
    name: "microsoft.graph.signIn",
    properties: PROPERTIES,
    page: 1000,
    longest_page: 1000,
    natural_order: Some(("createdDateTime", Direction::Descending)),
};

/// Few enough that a sign-in which waits for the store does not wait long.
const BATCH: u32 = 200;
