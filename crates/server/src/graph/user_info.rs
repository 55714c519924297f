//! OpenID Connect's UserInfo (<https://learn.microsoft.com/entra/identity-platform/userinfo>): of a Graph token that has the
//! scope `openid`.

use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value};

use super::answer::{self, GraphError, NoAnswer};
use super::caller::Caller;
use crate::app::App;
use crate::http::exchange::Exchange;

/// Tells who the user of the token is. `sub` is the client's own, the id token's, not the Graph token's.
pub(crate) async fn show(State(app): State<App>, exchange: Exchange) -> Response {
    let answer = tell(&app, &exchange);
    answer::send(&exchange, answer)
}

fn tell(app: &App, exchange: &Exchange) -> Result<Value, NoAnswer> {
    let caller = Caller::of(app, exchange)?;
    let Some(id) = caller.user.filter(|_| caller.has("openid")) else {
        return Err(GraphError::insufficient_privileges().into());
    };
    let user = app.store.read(|reads| reads.user(caller.tenant.id, id))?;
    let user = user.ok_or_else(|| NoAnswer::from(GraphError::not_found(&id.to_string())))?;
    let mut claims = Map::new();
    let mut say = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            claims.insert(name.to_owned(), value.into());
        }
    };
    say("sub", caller.client_subject.clone());
    if caller.has("profile") {
        say("name", Some(user.display_name));
        say("family_name", user.surname);
        say("given_name", user.given_name);
        say("picture", Some(format!("{}/v1.0/me/photo/$value", exchange.origin)));
    }
    if caller.has("email") {
        say("email", user.mail);
    }
    Ok(claims.into())
}
