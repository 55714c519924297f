//! `tenants`: the list, settings, copies, reset.

use axum::Json;
use axum::extract::{Path, State};
use http::StatusCode;
use ropeway_core::directory::file::{ObjectReader, show_settings};
use ropeway_core::directory::{AuthenticationType, Tenant, copied_id};
use ropeway_core::ids::{CONSUMER_TENANT, TenantId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::answer::{Body, ErrorBody, List, Refusal, change_tenant, find_tenant};
use crate::app::App;

/// A tenant to be copied.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CopyTenant {
    /// The id or a domain of the tenant to copy.
    from: String,
}

/// A new tenant.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TenantCopied {
    tenant_id: String,
    display_name: String,
    /// The default domain first.
    domains: Vec<String>,
}

/// Lists the tenants.
#[utoipa::path(get, path = "/tenants", tag = "tenants", operation_id = "listTenants",
    responses((status = 200, description = "The tenants", body = List<Value>)))]
pub(crate) async fn list(State(app): State<App>) -> Result<Json<List<Value>>, Refusal> {
    Ok(Json(List { value: app.tenants()?.iter().map(shown).collect() }))
}

/// Copies a tenant: new ids, each verified domain D becomes <8 hex>.D, everything else alike.
#[utoipa::path(post, path = "/tenants", tag = "tenants", operation_id = "copyTenant", request_body = CopyTenant,
    responses(
        (status = 201, description = "The copy", body = TenantCopied),
        (status = 404, description = "There is no such tenant", body = ErrorBody),
    ))]
pub(crate) async fn copy(State(app): State<App>, body: Body) -> Result<(StatusCode, Json<TenantCopied>), Refusal> {
    let CopyTenant { from } = body.read()?;
    let from = find_tenant(&app, &from)?;
    if from.id == CONSUMER_TENANT {
        return Err(Refusal::bad_request("the consumer tenant exists once only, as at Microsoft"));
    }
    let copy = app.copy_tenant(from.id).await?;
    let mut domains = copy.verified_domains;
    domains.sort_by_key(|domain| !domain.is_default);
    let copied = TenantCopied {
        tenant_id: copy.id.to_string(),
        display_name: copy.display_name,
        domains: domains.into_iter().map(|domain| domain.name).collect(),
    };
    Ok((StatusCode::CREATED, Json(copied)))
}

/// Shows a tenant.
#[utoipa::path(get, path = "/tenants/{tenant}", tag = "tenants", operation_id = "showTenant",
    params(("tenant" = String, Path, description = "Id or domain")),
    responses(
        (status = 200, description = "The tenant", body = Value),
        (status = 404, description = "There is no such tenant", body = ErrorBody),
    ))]
pub(crate) async fn show(State(app): State<App>, Path(tenant): Path<String>) -> Result<Json<Value>, Refusal> {
    Ok(Json(shown(&*find_tenant(&app, &tenant)?)))
}

/// Changes displayName, securityDefaults and what is under ropeway.
#[utoipa::path(patch, path = "/tenants/{tenant}", tag = "tenants", operation_id = "changeTenant",
    params(("tenant" = String, Path, description = "Id or domain")),
    request_body(content = ref("#/components/schemas/organization"), description = "What changes"),
    responses(
        (status = 200, description = "The tenant as it is now", body = Value),
        (status = 400, description = "The body is wrong", body = ErrorBody),
    ))]
pub(crate) async fn change(
    State(app): State<App>,
    Path(tenant): Path<String>,
    body: Body,
) -> Result<Json<Value>, Refusal> {
    let tenant = find_tenant(&app, &tenant)?;
    let changed = change_tenant(&app, &tenant, move |_, tenant| {
        let reader = ObjectReader { tenant, user: &|_| None };
        Ok(match reader.changed_settings(body.bytes()) {
            Ok(changed) => {
                *tenant = changed;
                Ok(shown(tenant))
            }
            Err(faults) => Err(faults.into()),
        })
    });
    Ok(Json(changed.await?))
}

/// Drops a copy.
#[utoipa::path(delete, path = "/tenants/{tenant}", tag = "tenants", operation_id = "deleteTenant",
    params(("tenant" = String, Path, description = "Id or domain")),
    responses(
        (status = 204, description = "It is gone"),
        (status = 409, description = "A tenant file describes it", body = ErrorBody),
    ))]
pub(crate) async fn delete(State(app): State<App>, Path(tenant): Path<String>) -> Result<StatusCode, Refusal> {
    let tenant = find_tenant(&app, &tenant)?;
    if tenant.settings.copied_from.is_empty() {
        return Err(Refusal::conflict(format!(
            "{} comes from a tenant file and stays; only copies can be dropped, and POST reset puts it back as it was",
            tenant.display_name
        )));
    }
    app.delete_tenant(tenant.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Puts a tenant back as the tenant file has it, its clock too, and empties its sign-in log.
#[utoipa::path(post, path = "/tenants/{tenant}/reset", tag = "tenants", operation_id = "resetTenant",
    params(("tenant" = String, Path, description = "Id or domain")),
    responses(
        (status = 204, description = "It is as in the file"),
        (status = 409, description = "No tenant file describes it", body = ErrorBody),
    ))]
pub(crate) async fn reset(State(app): State<App>, Path(tenant): Path<String>) -> Result<StatusCode, Refusal> {
    let tenant = find_tenant(&app, &tenant)?;
    match app.reset_tenant(tenant.id).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Refusal::conflict("none of the tenant files that this server was started with describes it")),
    }
}

fn shown(tenant: &Tenant) -> Value {
    let mut shown = json!({ "id": tenant.id });
    let domains = tenant.verified_domains.iter().map(|domain| {
        json!({
            "name": domain.name,
            "isDefault": domain.is_default,
            "authenticationType": match domain.authentication_type {
                AuthenticationType::Managed => "Managed",
                AuthenticationType::Federated => "Federated",
            },
        })
    });
    let domains: Value = domains.collect();
    if let (Some(shown), Value::Object(settings)) = (shown.as_object_mut(), show_settings(tenant)) {
        shown.extend(settings);
        shown.insert("verifiedDomains".to_owned(), domains);
    }
    shown
}

impl App {
    /// Copies a tenant under a new id; see [`ropeway_core::directory::TenantDirectory::copied_as`]. Passwords that are
    /// right in the original are right in the copy, hashed yet or not, and known ones need no hashing again.
    ///
    /// # Errors
    /// There is no such tenant, or the store failed.
    pub async fn copy_tenant(&self, from: TenantId) -> anyhow::Result<Tenant> {
        let to = self.free_tenant_id(from)?;
        for user in self.store.read(|reads| reads.users_without_hash(from))? {
            self.passwords.share_plain((from, user), (to, copied_id(to, user)));
        }
        let copied = self.store.write(move |tx| tx.copy_tenant(from, to)).await?;
        copied.ok_or_else(|| anyhow::anyhow!("no tenant {from}"))
    }

    /// Drops a tenant with everything in it.
    ///
    /// # Errors
    /// The store failed.
    pub async fn delete_tenant(&self, tenant: TenantId) -> anyhow::Result<()> {
        self.store.write(move |tx| tx.delete_tenant(tenant)).await?;
        self.passwords.forget_tenant(tenant);
        Ok(())
    }

    /// Puts a tenant back as the tenant file has it; a copy as it would be had it been made at once. `false`: no file of
    /// this instance describes it.
    ///
    /// # Errors
    /// There is no such tenant, or the store failed.
    pub async fn reset_tenant(&self, tenant: TenantId) -> anyhow::Result<bool> {
        let Some(directory) = self.as_in_file(&*self.tenant(tenant)?) else { return Ok(false) };
        let now = self.source.wall();
        let directory = std::sync::Arc::new(directory);
        let written = std::sync::Arc::clone(&directory);
        self.store.write(move |tx| tx.replace_tenant(&written, now)).await?;
        self.passwords.forget_tenant(tenant);
        self.learn_passwords(std::slice::from_ref(&*directory))?;
        Ok(true)
    }

    /// A random tenant id whose first digits are nobody's: they make the copy's domains.
    fn free_tenant_id(&self, from: TenantId) -> anyhow::Result<TenantId> {
        let snapshot = self.store.read(|reads| self.snapshots.current(reads))?;
        loop {
            let id = TenantId(self.source.id()?);
            let digits = &id.0.simple().to_string()[..8];
            let taken = |name: &str| snapshot.tenant_of_domain(&format!("{digits}.{name}")).is_some();
            let domains = snapshot.tenant(from).map(|tenant| tenant.verified_domains.as_slice()).unwrap_or_default();
            if snapshot.tenant(id).is_none() && !domains.iter().any(|domain| taken(&domain.name)) {
                return Ok(id);
            }
        }
    }
}
