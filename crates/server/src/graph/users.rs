//! `/v1.0/users` and `/v1.0/me`: read and change users (<https://learn.microsoft.com/graph/api/resources/user>).

use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use axum::response::Response;
use ropeway_core::directory::file::show_user;
use ropeway_core::directory::{User, UserType};
use ropeway_core::graph::{Deed, Target};
use ropeway_core::time::TenantTime;
use serde_json::{Map, Value, json};

use super::answer::{self, GraphError, NoAnswer};
use super::caller::Caller;
use super::query::{Kind, Query, at_length};
use crate::app::App;
use crate::control;
use crate::http::exchange::Exchange;

/// Lists users.
pub(crate) async fn list(State(app): State<App>, exchange: Exchange) -> Response {
    let answered = {
        let exchange = exchange.clone();
        at_length(move || listed(&app, &exchange)).await
    };
    answer::send(&exchange, answered)
}

/// Shows a user, by id or user principal name.
pub(crate) async fn show(State(app): State<App>, Path(user): Path<String>, exchange: Exchange) -> Response {
    answer::send(&exchange, told(&app, &exchange, Some(&user)))
}

/// Shows the user of the token.
pub(crate) async fn show_me(State(app): State<App>, exchange: Exchange) -> Response {
    answer::send(&exchange, told(&app, &exchange, None))
}

/// Changes a user.
pub(crate) async fn change(
    State(app): State<App>,
    Path(user): Path<String>,
    exchange: Exchange,
    body: Body,
) -> Response {
    answer::done(&exchange, changed(&app, &exchange, Some(&user), body).await)
}

/// Changes the user of the token.
pub(crate) async fn change_me(State(app): State<App>, exchange: Exchange, body: Body) -> Response {
    answer::done(&exchange, changed(&app, &exchange, None, body).await)
}

fn listed(app: &App, exchange: &Exchange) -> Result<Value, NoAnswer> {
    let caller = Caller::of(app, exchange)?;
    caller.must_be_allowed(app, Deed::ListUsers, Target::Everybody)?;
    let query = Query::read(exchange, &KIND)?;
    let tenant = caller.tenant.id;
    let page = query.page(|after| {
        let skipped = after.and_then(|after| u32::try_from(after).ok()).unwrap_or(0);
        let users = app.store.read(|reads| reads.some_users(tenant, skipped, BATCH))?;
        let place = |index: usize| i64::from(skipped).saturating_add(i64::try_from(index).unwrap_or(i64::MAX));
        Ok(users.iter().enumerate().map(|(index, user)| (place(index + 1), properties(user))).collect())
    })?;
    Ok(page.answer(exchange, &query, "/v1.0/users", "users", UNASKED))
}

fn told(app: &App, exchange: &Exchange, named: Option<&str>) -> Result<Value, NoAnswer> {
    let caller = Caller::of(app, exchange)?;
    let user = match named {
        None => caller.user_named(app, None)?,
        Some(named) => {
            // Whether somebody is there is told to those who may read.
            let found = caller.user_named(app, Some(named));
            let target = found.as_ref().map_or(Target::Everybody, |user| Target::User(user.id));
            caller.must_be_allowed(app, Deed::ReadUser, target)?;
            found?
        }
    };
    caller.must_be_allowed(app, Deed::ReadUser, Target::User(user.id))?;
    let query = Query::read(exchange, &KIND)?;
    let mut answer = Map::new();
    let context = format!("{}/v1.0/$metadata#{}/$entity", exchange.origin, query.context("users"));
    answer.insert("@odata.context".to_owned(), context.into());
    if let Value::Object(properties) = query.selected(&properties(&user), UNASKED) {
        answer.extend(properties);
    }
    Ok(Value::Object(answer))
}

async fn changed(app: &App, exchange: &Exchange, named: Option<&str>, body: Body) -> Result<(), NoAnswer> {
    let caller = Caller::of(app, exchange)?;
    let body = to_bytes(body, LARGEST_BODY).await.unwrap_or_default();
    let Ok(Value::Object(wanted)) = serde_json::from_slice(&body) else {
        return Err(GraphError::bad_request(answer::NO_JSON).into());
    };
    let found = caller.user_named(app, named);
    let target = found.as_ref().map_or(Target::Everybody, |user| Target::User(user.id));
    for name in wanted.keys() {
        let deed = match name.as_str() {
            "accountEnabled" => Deed::EnableUser,
            "passwordProfile" => Deed::ResetPassword,
            name if CHANGEABLE.contains(&name) => Deed::UpdateUser,
            name if KIND.properties.contains(&name) => {
                return Err(GraphError::wrong(format!("Property '{name}' is read-only and cannot be set.")).into());
            }
            name => {
                let message = format!("Invalid property '{name}'.");
                return Err(GraphError::wrong(message).into());
            }
        };
        caller.must_be_allowed(app, deed, target)?;
    }
    if wanted.is_empty() {
        caller.must_be_allowed(app, Deed::UpdateUser, target)?;
    }
    let user = found?;
    if user.on_premises_sync_enabled && wanted.keys().any(|name| MASTERED_ON_PREMISES.contains(&name.as_str())) {
        return Err(GraphError::wrong(SYNCED).into());
    }
    if wanted.contains_key("passwordProfile") && user.external_issuer().is_some() {
        return Err(GraphError::wrong("The password of a guest is the home account's.").into());
    }
    control::change_user(app, &caller.tenant, user.id, body.to_vec()).await?;
    Ok(())
}

/// Everything that Graph tells of a user here.
fn properties(user: &User) -> Value {
    let moment = |at: Option<TenantTime>| at.map(TenantTime::to_rfc3339);
    json!({
        "businessPhones": [],
        "displayName": user.display_name,
        "givenName": user.given_name,
        "jobTitle": null,
        "mail": user.mail,
        "mobilePhone": null,
        "officeLocation": null,
        "preferredLanguage": null,
        "surname": user.surname,
        "userPrincipalName": user.user_principal_name,
        "id": user.id,
        "accountEnabled": user.account_enabled,
        "userType": match user.user_type { UserType::Member => "Member", UserType::Guest => "Guest" },
        "identities": show_user(user).get("identities").cloned().unwrap_or_else(|| json!([])),
        "onPremisesSyncEnabled": user.on_premises_sync_enabled.then_some(true),
        "onPremisesImmutableId": user.on_premises_immutable_id,
        "passwordPolicies": user.disable_password_expiration.then_some("DisablePasswordExpiration"),
        "passwordProfile": null,
        "lastPasswordChangeDateTime": moment(user.last_password_change),
        "signInSessionsValidFromDateTime": moment(user.sign_in_sessions_valid_from),
        "refreshTokensValidFromDateTime": moment(user.refresh_tokens_valid_from),
    })
}

/// <https://learn.microsoft.com/graph/api/resources/user#properties>: what `$select` need not name.
const UNASKED: &[&str] = &[
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
    "id",
];

/// What is kept of a user, and may be changed here.
const CHANGEABLE: [&str; 5] = ["displayName", "givenName", "surname", "mail", "passwordPolicies"];

/// What comes from the directory on premises, and is changed there: a synced user's password as well, without password
/// writeback (inferred from what people report who tried).
const MASTERED_ON_PREMISES: [&str; 5] = ["displayName", "givenName", "surname", "mail", "passwordProfile"];
const SYNCED: &str = "Unable to update the specified properties for on-premises mastered Directory Sync objects or \
                      objects currently undergoing migration.";

const KIND: Kind = Kind {
    name: "microsoft.graph.user",
    properties: &[
        "businessPhones",
        "displayName",
        "givenName",
        "jobTitle",
        "mail",
        "mobilePhone",
        "officeLocation",
        "preferredLanguage",
        "surname",
        "userPrincipalName",
        "id",
        "accountEnabled",
        "userType",
        "identities",
        "onPremisesSyncEnabled",
        "onPremisesImmutableId",
        "passwordPolicies",
        "passwordProfile",
        "lastPasswordChangeDateTime",
        "signInSessionsValidFromDateTime",
        "refreshTokensValidFromDateTime",
    ],
    page: 100,
    longest_page: 999,
    natural_order: None,
};

/// Few enough that a sign-in which waits for the store does not wait long.
const BATCH: u32 = 200;
const LARGEST_BODY: usize = 64 * 1024;
