//! The routes of the control API, and the document that describes them: made from the same handlers.

use axum::extract::DefaultBodyLimit;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router, middleware};
use ropeway_core::directory::file;
use serde_json::{Map, Value};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{answer, applications, clock, conditional_access, consents, keys, sign_ins, tenants, users};
use crate::app::App;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Ropeway control API",
        description = "What a test does to a running tenant. Objects are written in the tenant file's own words, which \
            are Microsoft Graph's; a PATCH is a JSON merge patch (RFC 7396). Every request needs \
            `Authorization: Bearer <controlKey>`, with the key of the server's ready file.",
        version = "1"
    ),
    servers((url = "/_ropeway/api/v1")),
    security(("controlKey" = [])),
    modifiers(&ControlKey)
)]
struct Description;

struct ControlKey;

impl utoipa::Modify for ControlKey {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("controlKey", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    }
}

/// What answers under `/_ropeway/api`. Without a control key there is nothing.
pub(crate) fn router(app: &App) -> Router<App> {
    if app.control_key.is_none() {
        return Router::new();
    }
    let (routes, _) = endpoints().split_for_parts();
    let routes = routes
        .fallback(answer::no_such_endpoint)
        .method_not_allowed_fallback(answer::no_such_method)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(middleware::from_fn_with_state(app.clone(), answer::authorize));
    Router::new().nest("/_ropeway/api/v1", routes).route("/_ropeway/api/openapi.json", axum::routing::get(show))
}

fn endpoints() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(tenants::list, tenants::copy))
        .routes(routes!(tenants::show, tenants::change, tenants::delete))
        .routes(routes!(tenants::reset))
        .routes(routes!(clock::show, clock::set))
        .routes(routes!(clock::advance))
        .routes(routes!(users::list, users::create))
        .routes(routes!(users::show, users::change_user, users::delete))
        .routes(routes!(users::reset_password))
        .routes(routes!(users::revoke_sign_in_sessions))
        .routes(routes!(users::unlock))
        .routes(routes!(users::totp))
        .routes(routes!(applications::list, applications::create))
        .routes(routes!(applications::show, applications::change, applications::delete))
        .routes(routes!(applications::add_password))
        .routes(routes!(applications::remove_password))
        .routes(routes!(consents::list, consents::create))
        .routes(routes!(consents::delete))
        .routes(routes!(conditional_access::list, conditional_access::create))
        .routes(routes!(
            conditional_access::show,
            conditional_access::change,
            conditional_access::replace,
            conditional_access::delete
        ))
        .routes(routes!(sign_ins::list))
        .routes(routes!(sign_ins::stream))
        .routes(routes!(keys::list))
        .routes(routes!(keys::rotate))
}

async fn show() -> Response {
    Json(document()).into_response()
}

/// The OpenAPI 3.1 document. What objects look like comes from the tenant file's own schema.
pub(crate) fn document() -> Value {
    let mut document = serde_json::to_value(endpoints().into_openapi()).unwrap_or_default();
    let mut schema = file::schema();
    if let (Some(Value::Object(definitions)), Some(components)) =
        (schema.get_mut("$defs").map(Value::take), document.get_mut("components").and_then(Value::as_object_mut))
    {
        let schemas = components.entry("schemas").or_insert_with(|| Value::Object(Map::new()));
        if let Some(schemas) = schemas.as_object_mut() {
            for (name, mut definition) in definitions {
                point_into_components(&mut definition);
                schemas.insert(name, definition);
            }
        }
    }
    document
}

fn point_into_components(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get_mut("$ref") {
                *reference = reference.replacen("#/$defs/", "#/components/schemas/", 1);
            }
            members.values_mut().for_each(point_into_components);
        }
        Value::Array(elements) => elements.iter_mut().for_each(point_into_components),
        _ => {}
    }
}

const LARGEST_BODY: usize = 1024 * 1024;
