//! `revokeSignInSessions` and `changePassword`: what ends a user's sign-ins
//! (<https://learn.microsoft.com/graph/api/user-revokesigninsessions>, <https://learn.microsoft.com/graph/api/user-changepassword>).

use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use axum::response::Response;
use ropeway_core::graph::{Deed, Target};
use ropeway_core::secret::Secret;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{self, GraphError, NoAnswer};
use super::caller::Caller;
use crate::app::App;
use crate::facts::LoadedHome;
use crate::http::exchange::Exchange;
use crate::own_password::{self, NotChanged};

/// Ends the sessions of the user in the path.
pub(crate) async fn revoke(State(app): State<App>, Path(user): Path<String>, exchange: Exchange) -> Response {
    let answered = revoked(&app, &exchange, Some(&user)).await;
    answer::send(&exchange, answered)
}

/// Ends the sessions of the user of the token.
pub(crate) async fn revoke_mine(State(app): State<App>, exchange: Exchange) -> Response {
    let answered = revoked(&app, &exchange, None).await;
    answer::send(&exchange, answered)
}

/// Changes the password of the user of the token, who knows the old one.
pub(crate) async fn change_password(State(app): State<App>, exchange: Exchange, body: Body) -> Response {
    let answered = changed(&app, &exchange, body).await;
    answer::done(&exchange, answered)
}

async fn revoked(app: &App, exchange: &Exchange, named: Option<&str>) -> Result<Value, NoAnswer> {
    let caller = Caller::of(app, exchange)?;
    let found = caller.user_named(app, named);
    let target = found.as_ref().map_or(Target::Everybody, |user| Target::User(user.id));
    caller.must_be_allowed(app, Deed::RevokeSessions, target)?;
    app.revoke_sessions_of(caller.tenant.id, found?.id).await?;
    Ok(json!({ "@odata.context": format!("{}/v1.0/$metadata#Edm.Boolean", exchange.origin), "value": true }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Passwords {
    current_password: String,
    new_password: String,
}

async fn changed(app: &App, exchange: &Exchange, body: Body) -> Result<(), NoAnswer> {
    let caller = Caller::of(app, exchange)?;
    let me = caller.me()?;
    caller.must_be_allowed(app, Deed::ChangePassword, Target::User(me))?;
    let body = to_bytes(body, LARGEST_BODY).await.unwrap_or_default();
    let Ok(Passwords { current_password, new_password }) = serde_json::from_slice(&body) else {
        return Err(GraphError::bad_request(answer::NO_JSON).into());
    };
    let (old, new) = (Secret::new(current_password), Secret::new(new_password));
    let unhashed = |tenant, user| app.passwords.knows_plain(tenant, user);
    let home = app.store.read(|reads| LoadedHome::load(reads, &caller.tenant, me, unhashed))?;
    let changed = match home {
        Some(home) => own_password::change(app, &exchange.moment, &home, &old, &new).await?,
        None => Err(NotChanged::Elsewhere),
    };
    changed.map(|_| ()).map_err(|why| GraphError::wrong(text(why)).into())
}

fn text(why: NotChanged) -> &'static str {
    match why {
        NotChanged::Elsewhere => "The password of this user is not kept in this directory.",
        NotChanged::WrongOld => "The specified current password is wrong.",
        NotChanged::Locked => "The account is locked, because somebody tried too many wrong passwords.",
        NotChanged::Unfit(complaint) => complaint,
    }
}

const LARGEST_BODY: usize = 64 * 1024;
