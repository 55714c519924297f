//! `tenants/{tenant}/applications`.

use axum::Json;
use axum::extract::{Path, State};
use http::StatusCode;
use ropeway_core::directory::file::{ObjectReader, show_application};
use ropeway_core::directory::{Application, PasswordCredential, Tenant};
use ropeway_core::ids::{AppId, parse_guid};
use ropeway_core::secret::Secret;
use ropeway_core::time::TenantTime;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::answer::{Body, ErrorBody, List, Refusal, change_tenant, find_tenant};
use crate::app::App;

/// A secret to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct AddPassword {
    /// As Microsoft Graph asks for it.
    password_credential: Option<NewPassword>,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewPassword {
    /// Shown to people.
    display_name: Option<String>,
    /// The secret. Left out, one is made; Graph makes one always.
    secret_text: Option<String>,
    /// When it begins to hold (RFC 3339, tenant time).
    start_date_time: Option<String>,
    /// When it stops holding.
    end_date_time: Option<String>,
}

/// A secret that was added. It is shown this once.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PasswordAdded {
    display_name: Option<String>,
    secret_text: String,
    end_date_time: Option<String>,
}

/// A secret to be removed, by its name or by itself.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RemovePassword {
    display_name: Option<String>,
    secret_text: Option<String>,
}

/// Lists applications, the built-in ones too.
#[utoipa::path(get, path = "/tenants/{tenant}/applications", tag = "applications", operation_id = "listApplications",
    params(("tenant" = String, Path, description = "Id or domain")),
    responses((status = 200, description = "The applications", body = List<Value>)))]
pub(crate) async fn list(State(app): State<App>, Path(tenant): Path<String>) -> Result<Json<List<Value>>, Refusal> {
    let tenant = find_tenant(&app, &tenant)?;
    let shown = |application| show_application(&tenant, application);
    Ok(Json(List { value: tenant.applications.iter().map(shown).collect() }))
}

/// Shows an application, without its secrets.
#[utoipa::path(get, path = "/tenants/{tenant}/applications/{application}", tag = "applications",
    operation_id = "showApplication",
    params(("tenant" = String, Path, description = "Id or domain"),
        ("application" = String, Path, description = "appId or object id")),
    responses(
        (status = 200, description = "The application", body = ref("#/components/schemas/application")),
        (status = 404, description = "There is no such application", body = ErrorBody),
    ))]
pub(crate) async fn show(
    State(app): State<App>,
    Path((tenant, application)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    let tenant = find_tenant(&app, &tenant)?;
    Ok(Json(show_application(&tenant, find(&tenant, &application)?)))
}

/// Registers an application, as the tenant file would, with its service principal.
#[utoipa::path(post, path = "/tenants/{tenant}/applications", tag = "applications", operation_id = "createApplication",
    params(("tenant" = String, Path, description = "Id or domain")),
    request_body(content = ref("#/components/schemas/application")),
    responses(
        (status = 201, description = "The application", body = ref("#/components/schemas/application")),
        (status = 400, description = "The body is wrong", body = ErrorBody),
        (status = 409, description = "The appId is taken", body = ErrorBody),
    ))]
pub(crate) async fn create(
    State(app): State<App>,
    Path(tenant): Path<String>,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let tenant = find_tenant(&app, &tenant)?;
    let created = change_tenant(&app, &tenant, move |_, tenant| {
        let reader = ObjectReader { tenant, user: &|_| None };
        let application = match reader.application(body.bytes()) {
            Ok(application) => application,
            Err(faults) => return Ok(Err(faults.into())),
        };
        if tenant.application(application.app_id).is_some() {
            let message = format!("application {} is here already; PATCH changes it", application.app_id);
            return Ok(Err(Refusal::conflict(message)));
        }
        // The file's applications stand before those that every tenant has.
        let place = tenant.applications.iter().position(|known| known.built_in).unwrap_or(tenant.applications.len());
        tenant.applications.insert(place, application.clone());
        Ok(Ok(show_application(tenant, &application)))
    });
    Ok((StatusCode::CREATED, Json(created.await?)))
}

/// Changes what the body says. A list takes the place of the one that was there.
#[utoipa::path(patch, path = "/tenants/{tenant}/applications/{application}", tag = "applications",
    operation_id = "changeApplication",
    params(("tenant" = String, Path, description = "Id or domain"),
        ("application" = String, Path, description = "appId or object id")),
    request_body(content = ref("#/components/schemas/application"), description = "What changes"),
    responses(
        (status = 200, description = "The application as it is now", body = ref("#/components/schemas/application")),
        (status = 400, description = "The body is wrong", body = ErrorBody),
        (status = 404, description = "There is no such application", body = ErrorBody),
    ))]
pub(crate) async fn change(
    State(app): State<App>,
    Path((tenant, application)): Path<(String, String)>,
    body: Body,
) -> Result<Json<Value>, Refusal> {
    let tenant = find_tenant(&app, &tenant)?;
    let changed = change_tenant(&app, &tenant, move |_, tenant| {
        let reader = ObjectReader { tenant, user: &|_| None };
        let changed = match find(tenant, &application) {
            Ok(known) => reader.changed_application(known, body.bytes()).map_err(Refusal::from),
            Err(refusal) => Err(refusal),
        };
        Ok(changed.map(|changed| {
            let app_id = changed.app_id;
            let shown = show_application(tenant, &changed);
            if let Some(place) = tenant.applications.iter_mut().find(|known| known.app_id == app_id) {
                *place = changed;
            }
            shown
        }))
    });
    Ok(Json(changed.await?))
}

/// Deletes an application with the consents and assignments that name it.
#[utoipa::path(delete, path = "/tenants/{tenant}/applications/{application}", tag = "applications",
    operation_id = "deleteApplication",
    params(("tenant" = String, Path, description = "Id or domain"),
        ("application" = String, Path, description = "appId or object id")),
    responses(
        (status = 204, description = "The application is gone"),
        (status = 404, description = "There is no such application", body = ErrorBody),
        (status = 409, description = "Every tenant has it", body = ErrorBody),
    ))]
pub(crate) async fn delete(
    State(app): State<App>,
    Path((tenant, application)): Path<(String, String)>,
) -> Result<StatusCode, Refusal> {
    let tenant = find_tenant(&app, &tenant)?;
    change_tenant(&app, &tenant, move |tx, tenant| {
        let found = match find(tenant, &application) {
            Ok(found) if found.built_in => {
                return Ok(Err(Refusal::conflict(format!("every tenant has {}", found.display_name))));
            }
            Ok(found) => (found.app_id, found.service_principal_id),
            Err(refusal) => return Ok(Err(refusal)),
        };
        tx.forget_application(tenant.id, found.0, found.1)?;
        tenant.applications.retain(|known| known.app_id != found.0);
        for members in tenant.directory_roles.iter_mut().map(|role| &mut role.members) {
            members.retain(|member| *member != found.1);
        }
        Ok(Ok(()))
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Adds a client secret and shows it this once.
#[utoipa::path(post, path = "/tenants/{tenant}/applications/{application}/addPassword", tag = "applications",
    operation_id = "addPassword", request_body = AddPassword,
    params(("tenant" = String, Path, description = "Id or domain"),
        ("application" = String, Path, description = "appId or object id")),
    responses(
        (status = 200, description = "The secret", body = PasswordAdded),
        (status = 400, description = "The body is wrong", body = ErrorBody),
        (status = 404, description = "There is no such application", body = ErrorBody),
    ))]
pub(crate) async fn add_password(
    State(app): State<App>,
    Path((tenant, application)): Path<(String, String)>,
    body: Body,
) -> Result<Json<PasswordAdded>, Refusal> {
    let new = body.read::<AddPassword>()?.password_credential.unwrap_or_default();
    let secret = match new.secret_text {
        Some(secret) if secret.is_empty() => return Err(Refusal::bad_request("secretText is empty; leave it out")),
        Some(secret) => secret,
        None => random_secret(&app)?,
    };
    let credential = PasswordCredential {
        display_name: new.display_name.clone(),
        secret_text: Secret::new(secret.clone()),
        start: moment("startDateTime", new.start_date_time.as_deref())?,
        end: moment("endDateTime", new.end_date_time.as_deref())?,
    };
    let tenant = find_tenant(&app, &tenant)?;
    change_tenant(&app, &tenant, move |_, tenant| {
        Ok(find_mut(tenant, &application).map(|found| found.password_credentials.push(credential)))
    })
    .await?;
    Ok(Json(PasswordAdded { display_name: new.display_name, secret_text: secret, end_date_time: new.end_date_time }))
}

/// Removes a client secret.
#[utoipa::path(post, path = "/tenants/{tenant}/applications/{application}/removePassword", tag = "applications",
    operation_id = "removePassword", request_body = RemovePassword,
    params(("tenant" = String, Path, description = "Id or domain"),
        ("application" = String, Path, description = "appId or object id")),
    responses(
        (status = 204, description = "It is gone"),
        (status = 404, description = "There is no such application or secret", body = ErrorBody),
    ))]
pub(crate) async fn remove_password(
    State(app): State<App>,
    Path((tenant, application)): Path<(String, String)>,
    body: Body,
) -> Result<StatusCode, Refusal> {
    let RemovePassword { display_name, secret_text } = body.read()?;
    if display_name.is_none() && secret_text.is_none() {
        return Err(Refusal::bad_request("say displayName or secretText of the secret to remove"));
    }
    let secret_text = secret_text.map(Secret::new);
    let tenant = find_tenant(&app, &tenant)?;
    change_tenant(&app, &tenant, move |_, tenant| {
        let found = match find_mut(tenant, &application) {
            Ok(found) => found,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let meant = |credential: &PasswordCredential| {
            secret_text.as_ref().is_none_or(|secret| credential.secret_text.matches(secret))
                && display_name.as_ref().is_none_or(|name| credential.display_name.as_ref() == Some(name))
        };
        let before = found.password_credentials.len();
        found.password_credentials.retain(|credential| !meant(credential));
        Ok(match found.password_credentials.len() < before {
            true => Ok(()),
            false => Err(Refusal::not_found("the application has no such secret")),
        })
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn find<'t>(tenant: &'t Tenant, name: &str) -> Result<&'t Application, Refusal> {
    let id = parse_guid(name).ok();
    let named = |app: &&Application| Some(app.app_id.0) == id || Some(app.id.0) == id;
    tenant.applications.iter().find(named).ok_or_else(|| missing(tenant, name))
}

fn find_mut<'t>(tenant: &'t mut Tenant, name: &str) -> Result<&'t mut Application, Refusal> {
    let AppId(id) = find(tenant, name)?.app_id;
    let refusal = missing(tenant, name);
    tenant.applications.iter_mut().find(|app| app.app_id.0 == id).ok_or(refusal)
}

fn missing(tenant: &Tenant, name: &str) -> Refusal {
    Refusal::not_found(format!("there is no application with appId or id {name} in {}", tenant.display_name))
}

fn moment(name: &str, text: Option<&str>) -> Result<Option<TenantTime>, Refusal> {
    let Some(text) = text else { return Ok(None) };
    match TenantTime::parse_rfc3339(text) {
        Some(moment) => Ok(Some(moment)),
        None => Err(Refusal::bad_request(format!("{name} is no moment; expected one such as 2026-11-25T08:00:00Z"))),
    }
}

/// 40 characters, as Entra's.
fn random_secret(app: &App) -> anyhow::Result<String> {
    use base64::Engine as _;
    Ok(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(app.source.random::<30>()?))
}
