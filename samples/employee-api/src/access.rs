//! Does the token allow the operation? A handler says so by an argument of one of these types: without it there is no
//! access, with it the check has already happened, before the body is read.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::Api;
use crate::refusal::{Denied, Refusal};
use crate::settings::ApiRegistration;
use crate::token::{Claims, authenticate};

/// Somebody who may read the employees: a user through a client with a scope, or an application with a role.
pub(crate) struct EmployeeReader;

/// A user whose client may hand in time sheets for them. Never an application on its own.
pub(crate) struct TimesheetUser {
    /// The user's object id: the one claim fit for a key, for names change and are given to others.
    pub(crate) oid: String,
    pub(crate) name: Option<String>,
}

impl FromRequestParts<Arc<Api>> for EmployeeReader {
    type Rejection = Denied;

    async fn from_request_parts(request: &mut Parts, api: &Arc<Api>) -> Result<Self, Denied> {
        let registration = &api.settings.employee_api;
        let refuse = |refusal| Denied::new(refusal, registration);
        let claims = authenticate(&request.headers, &api.keys, registration).await.map_err(refuse)?;
        may_read_employees(&claims, registration).map_err(refuse)?;
        Ok(Self)
    }
}

impl FromRequestParts<Arc<Api>> for TimesheetUser {
    type Rejection = Denied;

    async fn from_request_parts(request: &mut Parts, api: &Arc<Api>) -> Result<Self, Denied> {
        let registration = &api.settings.timesheet_api;
        let refuse = |refusal| Denied::new(refusal, registration);
        let claims = authenticate(&request.headers, &api.keys, registration).await.map_err(refuse)?;
        may_submit_timesheets(&claims, registration).map_err(refuse)?;
        Ok(Self { oid: claims.oid, name: claims.name })
    }
}

fn may_read_employees(claims: &Claims, api: &ApiRegistration) -> Result<(), Refusal> {
    match &claims.scp {
        // The roles of a token with scopes are the user's and say nothing about what the client may do.
        Some(scp) if has_scope(scp, &["Employees.Read", "Employees.ReadWrite.All"]) => Ok(()),
        Some(_) => Err(Refusal::InsufficientScope {
            scope: format!("{}/Employees.Read", api.identifier_uri),
            description: "the token lacks the scope Employees.Read",
        }),
        None if claims.roles.iter().any(|role| role == "Employees.Read.All") => Ok(()),
        None => Err(Refusal::InsufficientScope {
            // An application cannot ask for a role by name: it gets all that it was assigned.
            scope: format!("{}/.default", api.identifier_uri),
            description: "the token has neither a scope nor the application role Employees.Read.All",
        }),
    }
}

fn may_submit_timesheets(claims: &Claims, api: &ApiRegistration) -> Result<(), Refusal> {
    let description = match &claims.scp {
        Some(scp) if has_scope(scp, &["Timesheets.Submit"]) => return Ok(()),
        Some(_) => "the token lacks the scope Timesheets.Submit",
        None => {
            "a time sheet belongs to a person: this API takes tokens of signed-in users only, \
             and this one was issued to an application by itself"
        }
    };
    Err(Refusal::InsufficientScope { scope: format!("{}/Timesheets.Submit", api.identifier_uri), description })
}

fn has_scope(scp: &str, accepted: &[&str]) -> bool {
    scp.split(' ').any(|scope| accepted.contains(&scope))
}
