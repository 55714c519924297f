//! `/v1.0/oauth2PermissionGrants`: delegated consents (<https://learn.microsoft.com/graph/api/resources/oauth2permissiongrant>).

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use ropeway_core::directory::file::grant_id;
use ropeway_core::directory::{ConsentType, OAuth2PermissionGrant, Tenant};
use ropeway_core::graph::{Deed, Target};
use ropeway_core::ids::{AppId, ObjectId};
use serde_json::{Value, json};

use super::answer::{self, GraphError, NoAnswer};
use super::caller::Caller;
use super::query::{Kind, Query, at_length};
use crate::app::App;
use crate::http::exchange::Exchange;

/// Lists the consents of the tenant.
pub(crate) async fn list(State(app): State<App>, exchange: Exchange) -> Response {
    let answered = {
        let exchange = exchange.clone();
        at_length(move || listed(&app, &exchange, None)).await
    };
    answer::send(&exchange, answered)
}

/// Lists the consents of the user of the token.
pub(crate) async fn list_mine(State(app): State<App>, exchange: Exchange) -> Response {
    let answered = Caller::of(&app, &exchange).and_then(|caller| caller.me());
    answer::send(&exchange, answered.and_then(|me| listed(&app, &exchange, Some(me))))
}

/// Lists the consents of a user.
pub(crate) async fn list_of_user(State(app): State<App>, Path(user): Path<String>, exchange: Exchange) -> Response {
    let answered = Caller::of(&app, &exchange).and_then(|caller| {
        caller.must_be_allowed(&app, Deed::ReadGrants, Target::Everybody)?;
        let user = caller.user_named(&app, Some(&user))?;
        listed(&app, &exchange, Some(user.id))
    });
    answer::send(&exchange, answered)
}

/// Shows one.
pub(crate) async fn show(State(app): State<App>, Path(id): Path<String>, exchange: Exchange) -> Response {
    answer::send(&exchange, told(&app, &exchange, &id))
}

/// Takes one back.
pub(crate) async fn delete(State(app): State<App>, Path(id): Path<String>, exchange: Exchange) -> Response {
    answer::done(&exchange, deleted(&app, &exchange, &id).await)
}

fn listed(app: &App, exchange: &Exchange, of: Option<ObjectId>) -> Result<Value, NoAnswer> {
    let caller = Caller::of(app, exchange)?;
    caller.must_be_allowed(app, Deed::ReadGrants, of.map_or(Target::Everybody, Target::User))?;
    let query = Query::read(exchange, &KIND)?;
    let tenant = &caller.tenant;
    let grants = app.store.read(|reads| match of {
        Some(user) => reads.grants_of_user(tenant.id, user),
        None => reads.all_grants(tenant.id),
    })?;
    let page = query.page(|after| {
        let skipped = after.and_then(|after| usize::try_from(after).ok()).unwrap_or(0);
        let placed = grants.iter().enumerate().skip(skipped);
        Ok(placed
            .map(|(index, grant)| (i64::try_from(index).unwrap_or(i64::MAX).saturating_add(1), shown(tenant, grant)))
            .collect())
    })?;
    Ok(page.answer(exchange, &query, &exchange.path, "oauth2PermissionGrants", KIND.properties))
}

fn told(app: &App, exchange: &Exchange, id: &str) -> Result<Value, NoAnswer> {
    let caller = Caller::of(app, exchange)?;
    caller.must_be_allowed(app, Deed::ReadGrants, Target::Everybody)?;
    let found = find(app, &caller.tenant, id)?;
    let mut answer = json!({
        "@odata.context": format!("{}/v1.0/$metadata#oauth2PermissionGrants/$entity", exchange.origin),
    });
    if let (Some(answer), Value::Object(shown)) = (answer.as_object_mut(), shown(&caller.tenant, &found)) {
        answer.extend(shown);
    }
    Ok(answer)
}

async fn deleted(app: &App, exchange: &Exchange, id: &str) -> Result<(), NoAnswer> {
    let caller = Caller::of(app, exchange)?;
    caller.must_be_allowed(app, Deed::WriteGrants, Target::Everybody)?;
    let found = find(app, &caller.tenant, id)?;
    let tenant = caller.tenant.id;
    let removed = app.store.write(move |tx| tx.remove_grant(tenant, &found)).await?;
    if removed { Ok(()) } else { Err(GraphError::not_found(id).into()) }
}

fn find(app: &App, tenant: &Arc<Tenant>, id: &str) -> Result<OAuth2PermissionGrant, NoAnswer> {
    let grants = app.store.read(|reads| reads.all_grants(tenant.id))?;
    let found = grants.into_iter().find(|grant| grant_id(tenant, grant).to_string().eq_ignore_ascii_case(id));
    found.ok_or_else(|| GraphError::not_found(id).into())
}

/// Clients and resources are named by their service principals.
fn shown(tenant: &Tenant, grant: &OAuth2PermissionGrant) -> Value {
    let principal = |app: AppId| tenant.application(app).map(|app| app.service_principal_id);
    let (consent_type, user) = match grant.consent {
        ConsentType::AllPrincipals => ("AllPrincipals", None),
        ConsentType::Principal(user) => ("Principal", Some(user)),
    };
    json!({
        "clientId": principal(grant.client),
        "consentType": consent_type,
        "id": grant_id(tenant, grant),
        "principalId": user,
        "resourceId": principal(grant.resource),
        "scope": grant.scopes.join(" "),
    })
}

const KIND: Kind = Kind {
    name: "microsoft.graph.oAuth2PermissionGrant",
    properties: &["clientId", "consentType", "id", "principalId", "resourceId", "scope"],
    page: 100,
    longest_page: 999,
    natural_order: None,
};
