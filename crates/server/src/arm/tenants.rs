//! `GET /tenants` (<https://learn.microsoft.com/rest/api/resources/tenants/list>).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use ropeway_core::directory::{IdentityIssuer, Tenant};
use ropeway_core::ids::{CONSUMER_TENANT, ObjectId};
use serde_json::{Value, json};

use super::answer::{self, NoAnswer};
use super::caller::caller;
use crate::app::App;
use crate::bearer::Bearer;
use crate::http::exchange::Exchange;

/// Lists the tenants that the caller is in: a user's home and wherever it has a guest; an application's own.
pub(crate) async fn list(State(app): State<App>, exchange: Exchange) -> Response {
    answer::send(&exchange, tenants(&app, &exchange))
}

fn tenants(app: &App, exchange: &Exchange) -> Result<Value, NoAnswer> {
    answer::api_version(exchange)?;
    let caller = caller(app, exchange)?;
    let tenants = match caller.user() {
        Some(user) => tenants_of(app, &caller, user)?,
        None => vec![caller.tenant],
    };
    Ok(json!({ "value": tenants.iter().map(|tenant| describe(tenant)).collect::<Vec<_>>() }))
}

/// In the order of their names, the token's own tenant first.
fn tenants_of(app: &App, caller: &Bearer, user: ObjectId) -> Result<Vec<Arc<Tenant>>, NoAnswer> {
    let snapshot = app.snapshot()?;
    let mut others = app.store.read(|reads| {
        let Some(user) = reads.user(caller.tenant.id, user)? else { return Ok(Vec::new()) };
        let name = user.sign_in_name();
        let home = match user.external_issuer() {
            None => Some(&caller.tenant),
            Some(IdentityIssuer::ExternalAzureAd) => snapshot.tenant_of_name(name),
            Some(_) => None,
        };
        let Some(home) = home else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for tenant in snapshot.tenants().filter(|tenant| ![caller.tenant.id, CONSUMER_TENANT].contains(&tenant.id)) {
            let issuer = |issuer: &IdentityIssuer| *issuer == IdentityIssuer::ExternalAzureAd;
            let object = reads.user_by_sign_in_name(tenant.id, name)?;
            if object.is_some_and(|user| user.external_issuer().map_or(tenant.id == home.id, issuer)) {
                found.push(Arc::clone(tenant));
            }
        }
        Ok(found)
    })?;
    others.sort_by(|one, other| (&one.display_name, one.id).cmp(&(&other.display_name, other.id)));
    Ok([vec![Arc::clone(&caller.tenant)], others].concat())
}

fn describe(tenant: &Tenant) -> Value {
    json!({
        "id": format!("/tenants/{}", tenant.id),
        "tenantId": tenant.id,
        "displayName": tenant.display_name,
        "domains": tenant.verified_domains.iter().map(|domain| &domain.name).collect::<Vec<_>>(),
        "tenantCategory": "Home",
        "defaultDomain": tenant.default_domain(),
        "tenantType": "AAD",
    })
}
