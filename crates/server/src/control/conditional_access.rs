//! `tenants/{tenant}/conditionalAccess/policies`.

use axum::Json;
use axum::extract::{Path, State};
use http::StatusCode;
use ropeway_core::directory::file::{Faults, ObjectReader, show_policy};
use ropeway_core::directory::{ConditionalAccessPolicy, Tenant};
use ropeway_core::ids::parse_guid;
use ropeway_store::Tx;
use serde_json::Value;

use super::answer::{Body, ErrorBody, List, Refusal, change_tenant, find_tenant};
use super::users;
use crate::app::App;

/// Lists the policies in the order in which they are evaluated.
#[utoipa::path(get, path = "/tenants/{tenant}/conditionalAccess/policies", tag = "policies",
    operation_id = "listConditionalAccessPolicies", params(("tenant" = String, Path, description = "Id or domain")),
    responses((status = 200, description = "The policies", body = List<Value>)))]
pub(crate) async fn list(State(app): State<App>, Path(tenant): Path<String>) -> Result<Json<List<Value>>, Refusal> {
    let tenant = find_tenant(&app, &tenant)?;
    Ok(Json(List { value: tenant.conditional_access_policies.iter().map(show_policy).collect() }))
}

/// Shows a policy.
#[utoipa::path(get, path = "/tenants/{tenant}/conditionalAccess/policies/{policy}", tag = "policies",
    operation_id = "showConditionalAccessPolicy",
    params(("tenant" = String, Path, description = "Id or domain"),
        ("policy" = String, Path, description = "The policy's id or displayName")),
    responses(
        (status = 200, description = "The policy", body = ref("#/components/schemas/conditionalAccessPolicy")),
        (status = 404, description = "There is no such policy", body = ErrorBody),
    ))]
pub(crate) async fn show(
    State(app): State<App>,
    Path((tenant, policy)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    let tenant = find_tenant(&app, &tenant)?;
    let place = find(&tenant, &policy)?;
    Ok(Json(show_policy(&tenant.conditional_access_policies[place])))
}

/// Adds a policy behind the others.
#[utoipa::path(post, path = "/tenants/{tenant}/conditionalAccess/policies", tag = "policies",
    operation_id = "createConditionalAccessPolicy", params(("tenant" = String, Path, description = "Id or domain")),
    request_body(content = ref("#/components/schemas/conditionalAccessPolicy")),
    responses(
        (status = 201, description = "The policy", body = ref("#/components/schemas/conditionalAccessPolicy")),
        (status = 400, description = "The body is wrong", body = ErrorBody),
        (status = 409, description = "Another policy has the id or name", body = ErrorBody),
    ))]
pub(crate) async fn create(
    State(app): State<App>,
    Path(tenant): Path<String>,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let tenant = find_tenant(&app, &tenant)?;
    let created = change_tenant(&app, &tenant, move |tx, tenant| {
        let read = reading(tx, tenant, |reader| reader.policy(body.bytes()));
        Ok(read.and_then(|policy| {
            let taken = |known: &ConditionalAccessPolicy| {
                known.id == policy.id || known.display_name.eq_ignore_ascii_case(&policy.display_name)
            };
            if tenant.conditional_access_policies.iter().any(taken) {
                return Err(Refusal::conflict("another policy has this id or displayName; PATCH changes it"));
            }
            let shown = show_policy(&policy);
            tenant.conditional_access_policies.push(policy);
            Ok(shown)
        }))
    });
    Ok((StatusCode::CREATED, Json(created.await?)))
}

/// Changes what the body says, for instance {"state": "disabled"}.
#[utoipa::path(patch, path = "/tenants/{tenant}/conditionalAccess/policies/{policy}", tag = "policies",
    operation_id = "changeConditionalAccessPolicy",
    params(("tenant" = String, Path, description = "Id or domain"),
        ("policy" = String, Path, description = "The policy's id or displayName")),
    request_body(content = ref("#/components/schemas/conditionalAccessPolicy"), description = "What changes"),
    responses(
        (status = 200, description = "The policy as it is now", body = ref("#/components/schemas/conditionalAccessPolicy")),
        (status = 400, description = "The body is wrong", body = ErrorBody),
        (status = 404, description = "There is no such policy", body = ErrorBody),
    ))]
pub(crate) async fn change(
    State(app): State<App>,
    Path((tenant, policy)): Path<(String, String)>,
    body: Body,
) -> Result<Json<Value>, Refusal> {
    write(&app, &tenant, policy, move |reader, known| reader.changed_policy(known, body.bytes())).await
}

/// Puts another policy in the place of this one.
#[utoipa::path(put, path = "/tenants/{tenant}/conditionalAccess/policies/{policy}", tag = "policies",
    operation_id = "replaceConditionalAccessPolicy",
    params(("tenant" = String, Path, description = "Id or domain"),
        ("policy" = String, Path, description = "The policy's id or displayName")),
    request_body(content = ref("#/components/schemas/conditionalAccessPolicy")),
    responses(
        (status = 200, description = "The policy as it is now", body = ref("#/components/schemas/conditionalAccessPolicy")),
        (status = 400, description = "The body is wrong", body = ErrorBody),
        (status = 404, description = "There is no such policy", body = ErrorBody),
    ))]
pub(crate) async fn replace(
    State(app): State<App>,
    Path((tenant, policy)): Path<(String, String)>,
    body: Body,
) -> Result<Json<Value>, Refusal> {
    write(&app, &tenant, policy, move |reader, known| {
        reader.policy(body.bytes()).map(|policy| ConditionalAccessPolicy { id: known.id, ..policy })
    })
    .await
}

/// Deletes a policy.
#[utoipa::path(delete, path = "/tenants/{tenant}/conditionalAccess/policies/{policy}", tag = "policies",
    operation_id = "deleteConditionalAccessPolicy",
    params(("tenant" = String, Path, description = "Id or domain"),
        ("policy" = String, Path, description = "The policy's id or displayName")),
    responses(
        (status = 204, description = "The policy is gone"),
        (status = 404, description = "There is no such policy", body = ErrorBody),
    ))]
pub(crate) async fn delete(
    State(app): State<App>,
    Path((tenant, policy)): Path<(String, String)>,
) -> Result<StatusCode, Refusal> {
    let tenant = find_tenant(&app, &tenant)?;
    change_tenant(&app, &tenant, move |_, tenant| {
        Ok(find(tenant, &policy).map(|place| drop(tenant.conditional_access_policies.remove(place))))
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn write(
    app: &App,
    tenant: &str,
    policy: String,
    read: impl FnOnce(ObjectReader<'_>, &ConditionalAccessPolicy) -> Result<ConditionalAccessPolicy, Faults>
    + Send
    + 'static,
) -> Result<Json<Value>, Refusal> {
    let tenant = find_tenant(app, tenant)?;
    let changed = change_tenant(app, &tenant, move |tx, tenant| {
        Ok(find(tenant, &policy).and_then(|place| {
            let known = &tenant.conditional_access_policies[place];
            let changed = reading(tx, tenant, |reader| read(reader, known))?;
            let shown = show_policy(&changed);
            tenant.conditional_access_policies[place] = changed;
            Ok(shown)
        }))
    });
    Ok(Json(changed.await?))
}

/// Reads with the tenant's users at hand.
fn reading<T>(
    tx: &Tx<'_>,
    tenant: &Tenant,
    read: impl FnOnce(ObjectReader<'_>) -> Result<T, Faults>,
) -> Result<T, Refusal> {
    let reads = tx.reads();
    let user = |name: &str| users::named(&reads, tenant.id, name).ok().flatten().map(|user| user.id);
    Ok(read(ObjectReader { tenant, user: &user })?)
}

fn find(tenant: &Tenant, name: &str) -> Result<usize, Refusal> {
    let id = parse_guid(name).ok();
    let named =
        |policy: &ConditionalAccessPolicy| Some(policy.id.0) == id || policy.display_name.eq_ignore_ascii_case(name);
    tenant.conditional_access_policies.iter().position(named).ok_or_else(|| {
        Refusal::not_found(format!("there is no Conditional Access policy {name} in {}", tenant.display_name))
    })
}
