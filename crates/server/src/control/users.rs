//! `tenants/{tenant}/users`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use http::StatusCode;
use ropeway_core::directory::file::{ObjectReader, show_user};
use ropeway_core::directory::{AuthenticationMethod, Password, Tenant, User};
use ropeway_core::ids::{ObjectId, TenantId, parse_guid};
use ropeway_core::secret::Secret;
use ropeway_core::totp;
use ropeway_store::{Reads, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::answer::{Body, ErrorBody, List, Refusal, change, find_tenant};
use crate::app::App;

/// Which part of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct Page {
    /// At most so many, up to 1000.
    top: Option<u32>,
    /// After so many.
    skip: Option<u32>,
}

/// A password that an administrator sets.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ResetPassword {
    /// Left out, one is made.
    new_password: Option<String>,
    /// Whether the user must change it at the next sign-in. Left out: false, so that it works at once.
    #[serde(default)]
    force_change_password_next_sign_in: bool,
}

/// The password that was set. It is shown this once.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PasswordReset {
    new_password: String,
}

/// The code that an authenticator app shows now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TotpCode {
    code: String,
    /// Seconds until another one is shown.
    seconds_left: u64,
}

/// Lists users in the order of arrival.
#[utoipa::path(get, path = "/tenants/{tenant}/users", tag = "users", operation_id = "listUsers",
    params(("tenant" = String, Path, description = "Id or domain"), Page),
    responses((status = 200, description = "The users", body = List<Value>)))]
pub(crate) async fn list(
    State(app): State<App>,
    Path(tenant): Path<String>,
    Query(page): Query<Page>,
) -> Result<Json<List<Value>>, Refusal> {
    let tenant = find_tenant(&app, &tenant)?;
    let top = page.top.unwrap_or(LONGEST_PAGE).min(LONGEST_PAGE);
    let users = app.store.read(|reads| reads.some_users(tenant.id, page.skip.unwrap_or(0), top))?;
    Ok(Json(List { value: users.iter().map(show_user).collect() }))
}

/// Shows a user.
#[utoipa::path(get, path = "/tenants/{tenant}/users/{user}", tag = "users", operation_id = "showUser",
    params(("tenant" = String, Path, description = "Id or domain"),
        ("user" = String, Path, description = "Object id, userPrincipalName or sign-in name")),
    responses(
        (status = 200, description = "The user", body = ref("#/components/schemas/user")),
        (status = 404, description = "There is no such user", body = ErrorBody),
    ))]
pub(crate) async fn show(
    State(app): State<App>,
    Path((tenant, user)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    let tenant = find_tenant(&app, &tenant)?;
    Ok(Json(show_user(&find_user(&app, &tenant, &user)?)))
}

/// Creates a user, as the tenant file would; the user can sign in when this answers.
#[utoipa::path(post, path = "/tenants/{tenant}/users", tag = "users", operation_id = "createUser",
    params(("tenant" = String, Path, description = "Id or domain")),
    request_body(content = ref("#/components/schemas/user")),
    responses(
        (status = 201, description = "The user", body = ref("#/components/schemas/user")),
        (status = 400, description = "The body is wrong", body = ErrorBody),
        (status = 409, description = "Another user has the name or id", body = ErrorBody),
    ))]
pub(crate) async fn create(
    State(app): State<App>,
    Path(tenant): Path<String>,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let tenant = find_tenant(&app, &tenant)?;
    let mut user = ObjectReader { tenant: &tenant, user: &|_| None }.user(body.bytes())?;
    if !says_id(&body) {
        // A user who is made anew after a deletion is somebody else: tokens of the first are not the second's.
        user.id = ObjectId(app.source.id()?);
    }
    user.last_password_change = user.last_password_change.or(Some(app.tenant_now(tenant.id)?));
    user.password = hashed(&app, user.password.take()).await?;
    let id = tenant.id;
    let created = change(&app, move |tx| {
        if tx.reads().user(id, user.id)?.is_some() {
            return Ok(Err(Refusal::conflict(format!("another user has the id {}", user.id))));
        }
        tx.put_user(id, &user)?;
        Ok(Ok(user))
    });
    Ok((StatusCode::CREATED, Json(show_user(&User { password: None, ..created.await? }))))
}

/// Changes what the body says. A new password is one that an administrator set.
#[utoipa::path(patch, path = "/tenants/{tenant}/users/{user}", tag = "users", operation_id = "changeUser",
    params(("tenant" = String, Path, description = "Id or domain"),
        ("user" = String, Path, description = "Object id, userPrincipalName or sign-in name")),
    request_body(content = ref("#/components/schemas/user"), description = "What changes"),
    responses(
        (status = 200, description = "The user as it is now", body = ref("#/components/schemas/user")),
        (status = 400, description = "The body is wrong", body = ErrorBody),
        (status = 404, description = "There is no such user", body = ErrorBody),
    ))]
pub(crate) async fn change_user(
    State(app): State<App>,
    Path((tenant, user)): Path<(String, String)>,
    body: Body,
) -> Result<Json<Value>, Refusal> {
    let tenant = find_tenant(&app, &tenant)?;
    let id = find_user(&app, &tenant, &user)?.id;
    Ok(Json(apply(&app, &tenant, id, body.bytes().to_vec()).await?))
}

/// Changes what the JSON says of a user; gives the user as it is then.
pub(crate) async fn apply(app: &App, tenant: &Arc<Tenant>, id: ObjectId, body: Vec<u8>) -> Result<Value, Refusal> {
    // Hashing is too slow for a transaction, so a password is read and hashed before.
    let before = find_user(app, tenant, &id.to_string())?;
    let changed = ObjectReader { tenant, user: &|_| None }.changed_user(&before, &body)?;
    let password = changed.password;
    let new_password = password.is_some();
    let password = hashed(app, password).await?;
    let now = app.tenant_now(tenant.id)?;
    let in_tenant = tenant.id;
    let tenant = Arc::clone(tenant);
    let changed = change(app, move |tx| {
        let Some(before) = tx.reads().user(in_tenant, id)? else { return Ok(Err(gone(id))) };
        let reader = ObjectReader { tenant: &tenant, user: &|_| None };
        let mut changed = match reader.changed_user(&before, &body) {
            Ok(changed) => changed,
            Err(faults) => return Ok(Err(faults.into())),
        };
        if new_password {
            changed.refresh_tokens_valid_from = changed.refresh_tokens_valid_from.max(Some(now));
            if changed.last_password_change == before.last_password_change {
                changed.last_password_change = Some(now);
            }
        }
        changed.password = password;
        tx.put_user(in_tenant, &changed)?;
        changed.password = None;
        Ok(Ok(show_user(&changed)))
    });
    let changed = changed.await?;
    if new_password {
        app.passwords.forget_plain(in_tenant, id);
    }
    Ok(changed)
}

/// Deletes a user with consents, assignments and memberships.
#[utoipa::path(delete, path = "/tenants/{tenant}/users/{user}", tag = "users", operation_id = "deleteUser",
    params(("tenant" = String, Path, description = "Id or domain"),
        ("user" = String, Path, description = "Object id, userPrincipalName or sign-in name")),
    responses(
        (status = 204, description = "The user is gone"),
        (status = 404, description = "There is no such user", body = ErrorBody),
    ))]
pub(crate) async fn delete(
    State(app): State<App>,
    Path((tenant, user)): Path<(String, String)>,
) -> Result<StatusCode, Refusal> {
    let tenant = find_tenant(&app, &tenant)?;
    let (in_tenant, id) = (tenant.id, find_user(&app, &tenant, &user)?.id);
    change(&app, move |tx| {
        if !tx.delete_user(in_tenant, id)? {
            return Ok(Err(gone(id)));
        }
        if let Some(mut tenant) = tx.reads().tenant(in_tenant)?
            && take_out(&mut tenant, id)
        {
            tx.put_tenant(&tenant)?;
        }
        Ok(Ok(()))
    })
    .await?;
    app.passwords.forget_plain(in_tenant, id);
    Ok(StatusCode::NO_CONTENT)
}

/// Resets the password, as an administrator does: refresh tokens from before are refused.
#[utoipa::path(post, path = "/tenants/{tenant}/users/{user}/resetPassword", tag = "users",
    operation_id = "resetPassword", request_body = ResetPassword,
    params(("tenant" = String, Path, description = "Id or domain"),
        ("user" = String, Path, description = "Object id, userPrincipalName or sign-in name")),
    responses(
        (status = 200, description = "The password", body = PasswordReset),
        (status = 400, description = "The password is another directory's", body = ErrorBody),
        (status = 404, description = "There is no such user", body = ErrorBody),
    ))]
pub(crate) async fn reset_password(
    State(app): State<App>,
    Path((tenant, user)): Path<(String, String)>,
    body: Body,
) -> Result<Json<PasswordReset>, Refusal> {
    let ResetPassword { new_password, force_change_password_next_sign_in } = body.read()?;
    let new_password = match new_password {
        Some(password) if password.is_empty() => {
            return Err(Refusal::bad_request("newPassword is empty; leave it out"));
        }
        Some(password) => password,
        None => format!("Ropeway-{}", app.source.id()?.simple()),
    };
    let tenant = find_tenant(&app, &tenant)?;
    let found = find_user(&app, &tenant, &user)?;
    if found.external_issuer().is_some() {
        return Err(Refusal::bad_request(format!("{user} is a guest: the password is the home account's")));
    }
    let secret = Secret::new(new_password.clone());
    app.reset_password(tenant.id, found.sign_in_name(), &secret, force_change_password_next_sign_in).await?;
    Ok(Json(PasswordReset { new_password }))
}

/// Ends what the user is signed in to: refresh tokens and browser sessions. Access tokens live on to their end.
#[utoipa::path(post, path = "/tenants/{tenant}/users/{user}/revokeSignInSessions", tag = "users",
    operation_id = "revokeSignInSessions",
    params(("tenant" = String, Path, description = "Id or domain"),
        ("user" = String, Path, description = "Object id, userPrincipalName or sign-in name")),
    responses(
        (status = 204, description = "They are refused from now on"),
        (status = 404, description = "There is no such user", body = ErrorBody),
    ))]
pub(crate) async fn revoke_sign_in_sessions(
    State(app): State<App>,
    Path((tenant, user)): Path<(String, String)>,
) -> Result<StatusCode, Refusal> {
    let tenant = find_tenant(&app, &tenant)?;
    let found = find_user(&app, &tenant, &user)?;
    app.revoke_sign_in_sessions(tenant.id, found.sign_in_name()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends a lockout, smart lockout's and the user's own, and forgets the wrong passwords that were counted.
#[utoipa::path(post, path = "/tenants/{tenant}/users/{user}/unlock", tag = "users", operation_id = "unlockUser",
    params(("tenant" = String, Path, description = "Id or domain"),
        ("user" = String, Path, description = "Object id, userPrincipalName or sign-in name")),
    responses(
        (status = 204, description = "The user may try again"),
        (status = 404, description = "There is no such user", body = ErrorBody),
    ))]
pub(crate) async fn unlock(
    State(app): State<App>,
    Path((tenant, user)): Path<(String, String)>,
) -> Result<StatusCode, Refusal> {
    let tenant = find_tenant(&app, &tenant)?;
    let (in_tenant, id) = (tenant.id, find_user(&app, &tenant, &user)?.id);
    change(&app, move |tx| {
        let Some(user) = tx.reads().user(in_tenant, id)? else { return Ok(Err(gone(id))) };
        tx.end_lockout(in_tenant, id)?;
        if user.locked_until.is_some() {
            tx.put_user(in_tenant, &User { locked_until: None, ..user })?;
        }
        Ok(Ok(()))
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Shows the code of the user's authenticator app at this moment (RFC 6238).
#[utoipa::path(get, path = "/tenants/{tenant}/users/{user}/totp", tag = "users", operation_id = "showTotpCode",
    params(("tenant" = String, Path, description = "Id or domain"),
        ("user" = String, Path, description = "Object id, userPrincipalName or sign-in name")),
    responses(
        (status = 200, description = "The code", body = TotpCode),
        (status = 404, description = "There is no such user, or the user has no authenticator app", body = ErrorBody),
    ))]
pub(crate) async fn totp(
    State(app): State<App>,
    Path((tenant, user)): Path<(String, String)>,
) -> Result<Json<TotpCode>, Refusal> {
    let tenant = find_tenant(&app, &tenant)?;
    let found = find_user(&app, &tenant, &user)?;
    let now = tenant.settings.stamps_at(app.source.wall());
    let code = found.authentication_methods.iter().find_map(|method| match method {
        AuthenticationMethod::SoftwareOath { secret_key } => totp::code(secret_key, now),
    });
    let code = code.ok_or_else(|| {
        Refusal::not_found(format!("{user} has no authenticator app; add one under authentication.methods"))
    })?;
    Ok(Json(TotpCode { code, seconds_left: totp::seconds_left(now) }))
}

/// The user that a path names.
pub(crate) fn find_user(app: &App, tenant: &Tenant, name: &str) -> Result<User, Refusal> {
    let found = app.store.read(|reads| named(reads, tenant.id, name))?;
    found.ok_or_else(|| Refusal::not_found(format!("there is no user {name} in {}", tenant.display_name)))
}

/// The user of this object id, user principal name or sign-in name.
pub(crate) fn named(reads: &Reads<'_>, tenant: TenantId, name: &str) -> Result<Option<User>, StoreError> {
    match parse_guid(name) {
        Ok(id) => reads.user(tenant, ObjectId(id)),
        Err(_) => reads.user_by_name(tenant, name),
    }
}

fn gone(user: ObjectId) -> Refusal {
    Refusal::not_found(format!("user {user} was deleted meanwhile"))
}

fn says_id(body: &Body) -> bool {
    serde_json::from_slice::<Value>(body.bytes()).is_ok_and(|body| body["id"].is_string())
}

async fn hashed(app: &App, password: Option<Password>) -> anyhow::Result<Option<Password>> {
    Ok(match password {
        Some(Password::Plain(plain)) => {
            let hash: Secret = app.passwords.hash(&plain, app.source.random()?).await?;
            Some(Password::Phc(hash))
        }
        other => other,
    })
}

/// Takes the user out of groups and roles. `false`: there was nothing to do.
fn take_out(tenant: &mut Tenant, user: ObjectId) -> bool {
    let groups = tenant.groups.iter_mut().map(|group| &mut group.members);
    let roles = tenant.directory_roles.iter_mut().map(|role| &mut role.members);
    let mut changed = false;
    for members in groups.chain(roles) {
        let before = members.len();
        members.retain(|member| *member != user);
        changed |= members.len() != before;
    }
    changed
}

const LONGEST_PAGE: u32 = 1000;
