//! `GET /v1.0/me`: the user of the token (<https://learn.microsoft.com/graph/api/user-get>).

use axum::extract::State;
use axum::response::Response;
use ropeway_core::directory::User;
use serde_json::{Value, json};

use super::answer::{self, GraphError, NoAnswer};
use super::caller::Caller;
use crate::app::App;
use crate::http::exchange::Exchange;

/// Shows the user with the properties that Graph returns unasked.
pub(crate) async fn show(State(app): State<App>, exchange: Exchange) -> Response {
    let answer = tell(&app, &exchange);
    answer::send(&exchange, answer)
}

fn tell(app: &App, exchange: &Exchange) -> Result<Value, NoAnswer> {
    let caller = Caller::of(app, exchange)?;
    let Some(id) = caller.user else {
        return Err(GraphError::bad_request("/me request is only valid with delegated authentication flow.").into());
    };
    if !PERMISSIONS.iter().any(|permission| caller.has(permission)) {
        return Err(GraphError::insufficient_privileges().into());
    }
    let user = app.store.read(|reads| reads.user(caller.tenant.id, id))?;
    let user = user.ok_or_else(|| NoAnswer::from(GraphError::not_found(&id.to_string())))?;
    let mut body = default_properties(&user);
    if let Some(body) = body.as_object_mut() {
        body.shift_insert(
            0,
            "@odata.context".to_owned(),
            format!("{}/v1.0/$metadata#users/$entity", exchange.origin).into(),
        );
    }
    Ok(body)
}

/// <https://learn.microsoft.com/graph/api/resources/user#properties>: what `$select` need not name.
fn default_properties(user: &User) -> Value {
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
    })
}

/// Each is enough.
const PERMISSIONS: [&str; 6] = [
    "User.Read",
    "User.ReadWrite",
    "User.Read.All",
    "User.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
