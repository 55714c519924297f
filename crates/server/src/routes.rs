//! Path → handler, one table.

use axum::Router;
use axum::routing::{any, get, post};

use crate::app::App;
use crate::arm::{metadata as arm_metadata, subscriptions, tenants};
use crate::control;
use crate::graph::{member_objects, oauth2_permission_grants, sessions, sign_ins, user_info, users};
use crate::http::{
    account, authorize, device_authorization, error_page, health, instance_discovery, keys, login, logout, metadata,
    not_found, page, token, user_realm,
};

/// The whole surface. `/common/UserRealm` is there twice because MSAL for Go spells it so; paths are otherwise as
/// <https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc> lists them.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/{tenant}/oauth2/v2.0/token", any(token::v2))
        .route("/{tenant}/oauth2/token", any(token::v1))
        .route("/{tenant}/oauth2/v2.0/authorize", any(authorize::v2))
        .route("/{tenant}/oauth2/authorize", any(authorize::v1))
        .route("/{tenant}/v2.0/adminconsent", get(authorize::admin_consent_v2))
        .route("/{tenant}/adminconsent", get(authorize::admin_consent_v1))
        .route("/{tenant}/oauth2/v2.0/devicecode", any(device_authorization::v2))
        .route("/{tenant}/oauth2/devicecode", any(device_authorization::v1))
        .route("/devicelogin", get(device_authorization::short))
        .route("/common/oauth2/deviceauth", get(device_authorization::ask).post(device_authorization::typed))
        .route("/{tenant}/oauth2/v2.0/logout", any(logout::sign_out))
        .route("/{tenant}/oauth2/logout", any(logout::sign_out))
        .route("/oidc/userinfo", get(user_info::show).post(user_info::show))
        .route("/{tenant}/openid/userinfo", get(user_info::show).post(user_info::show))
        .route("/v1.0/me", get(users::show_me).patch(users::change_me))
        .route("/v1.0/users", get(users::list))
        .route("/v1.0/users/{user}", get(users::show).patch(users::change))
        .route("/v1.0/me/changePassword", post(sessions::change_password))
        .route("/v1.0/me/revokeSignInSessions", post(sessions::revoke_mine))
        .route("/v1.0/users/{user}/revokeSignInSessions", post(sessions::revoke))
        .route("/v1.0/me/oauth2PermissionGrants", get(oauth2_permission_grants::list_mine))
        .route("/v1.0/users/{user}/oauth2PermissionGrants", get(oauth2_permission_grants::list_of_user))
        .route("/v1.0/oauth2PermissionGrants", get(oauth2_permission_grants::list))
        .route(
            "/v1.0/oauth2PermissionGrants/{grant}",
            get(oauth2_permission_grants::show).delete(oauth2_permission_grants::delete),
        )
        .route("/v1.0/auditLogs/signIns", get(sign_ins::list))
        .route("/beta/auditLogs/signIns", get(sign_ins::list))
        .route("/v1.0/auditLogs/signIns/{id}", get(sign_ins::show))
        .route("/beta/auditLogs/signIns/{id}", get(sign_ins::show))
        .route("/{tenant}/login", get(login::show).post(login::submit))
        .route("/{tenant}/v2.0/.well-known/openid-configuration", get(metadata::v2))
        .route("/{tenant}/.well-known/openid-configuration", get(metadata::v1))
        .route("/{tenant}/discovery/v2.0/keys", get(keys::v2))
        .route("/{tenant}/discovery/keys", get(keys::v1))
        .route("/common/discovery/instance", get(instance_discovery::show))
        .route("/common/userrealm/{user}", get(user_realm::show))
        .route("/common/UserRealm/{user}", get(user_realm::show))
        .route("/v1.0/users/{user}/getMemberObjects", post(member_objects::of_user))
        .route("/v1.0/me/getMemberObjects", post(member_objects::of_me))
        .route("/metadata/endpoints", get(arm_metadata::show))
        .route("/tenants", get(tenants::list))
        .route("/subscriptions", get(subscriptions::list))
        .route("/subscriptions/{subscription}", any(subscriptions::subscription))
        .route("/subscriptions/{subscription}/{*below}", any(subscriptions::below))
        .route("/error", get(error_page::show))
        .route("/_ropeway/account", get(account::show).post(account::act))
        .route("/_ropeway/pages/style.css", get(page::style))
        .route("/_ropeway/health/live", get(health::live))
        .route("/_ropeway/health/ready", get(health::ready))
        .merge(control::router(&app))
        .fallback(not_found::show)
        .with_state(app)
}
