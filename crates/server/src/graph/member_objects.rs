//! `POST /v1.0/users/{id}/getMemberObjects`: where `_claim_sources` of a token sends whoever needs a user's groups
//! (<https://learn.microsoft.com/graph/api/directoryobject-getmemberobjects>).

use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use axum::response::Response;
use ropeway_core::directory::DirectoryRole;
use ropeway_core::ids::{ObjectId, derived_id};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{self, GraphError, NoAnswer};
use super::caller::Caller;
use crate::app::App;
use crate::http::exchange::Exchange;

/// Tells what a user belongs to.
pub(crate) async fn of_user(
    State(app): State<App>,
    Path(user): Path<String>,
    exchange: Exchange,
    body: Body,
) -> Response {
    let answer = tell(&app, &exchange, Some(&user), body).await;
    answer::send(&exchange, answer)
}

/// Tells what the user of the token belongs to.
pub(crate) async fn of_me(State(app): State<App>, exchange: Exchange, body: Body) -> Response {
    let answer = tell(&app, &exchange, None, body).await;
    answer::send(&exchange, answer)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Question {
    #[serde(default)]
    security_enabled_only: bool,
}

async fn tell(app: &App, exchange: &Exchange, named: Option<&str>, body: Body) -> Result<Value, NoAnswer> {
    let caller = Caller::of(app, exchange)?;
    let question = to_bytes(body, LARGEST_BODY).await.ok().and_then(|body| serde_json::from_slice(&body).ok());
    let Some(Question { security_enabled_only }) = question else {
        return Err(GraphError::bad_request(answer::NO_JSON).into());
    };
    let user = caller.user_named(app, named)?;
    let about_themselves = caller.user == Some(user.id) && caller.has("User.Read");
    let about_others = caller.has("User.ReadBasic.All") && caller.has("GroupMember.Read.All");
    if !(about_themselves || about_others || READ_USERS.iter().any(|permission| caller.has(permission))) {
        return Err(GraphError::insufficient_privileges().into());
    }
    let tenant = &caller.tenant;
    let is_security_group = |id: &ObjectId| tenant.groups.iter().any(|group| group.id == *id && group.security_enabled);
    let mut ids = tenant.transitive_groups(user.id);
    if security_enabled_only {
        ids.retain(is_security_group);
    } else {
        let roles = tenant.directory_roles.iter().filter(|role| role.members.contains(&user.id));
        // A role of the tenant is another object than the template that `wids` names.
        let id = |role: &DirectoryRole| derived_id(tenant.id, "directoryRole", &role.role_template_id.to_string());
        ids.extend(roles.map(id).map(ObjectId));
    }
    let context = format!("{}/v1.0/$metadata#Collection(Edm.String)", exchange.origin);
    Ok(json!({ "@odata.context": context, "value": ids }))
}

const LARGEST_BODY: usize = 64 * 1024;

/// Each is enough to ask about everybody, for an application in its own name or in a user's.
const READ_USERS: [&str; 4] = ["User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"];
