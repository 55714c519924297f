//! The Timesheet API: every sheet belongs to the person who signed in, so an application alone has no business here.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::Api;
use crate::access::TimesheetUser;
use crate::refusal::Refusal;

/// What a person hands in.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewTimesheet {
    /// The Monday, `2042-01-06`.
    week_starting: String,
    hours: f64,
    #[serde(default)]
    note: String,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Timesheet {
    id: u64,
    user_id: String,
    submitted_by: Option<String>,
    week_starting: String,
    hours: f64,
    note: String,
}

/// The sheets in memory, by the object id of their user.
#[derive(Default)]
pub(crate) struct TimesheetBook(Mutex<Pages>);

#[derive(Default)]
struct Pages {
    last_id: u64,
    by_user: HashMap<String, VecDeque<Timesheet>>,
}

/// `GET /api/timesheets`: the caller's own sheets, oldest first.
pub(crate) async fn list(user: TimesheetUser, State(api): State<Arc<Api>>) -> Json<Vec<Timesheet>> {
    Json(api.timesheets.of(&user))
}

/// `POST /api/timesheets`
pub(crate) async fn submit(
    user: TimesheetUser,
    State(api): State<Arc<Api>>,
    body: Result<Json<NewTimesheet>, JsonRejection>,
) -> Result<(StatusCode, Json<Timesheet>), Refusal> {
    let Json(sheet) = body.map_err(|error| Refusal::BadBody(error.status(), error.body_text()))?;
    sheet.check()?;
    Ok((StatusCode::CREATED, Json(api.timesheets.add(user, sheet))))
}

impl NewTimesheet {
    fn check(&self) -> Result<(), Refusal> {
        let unusable = |why: &str| Err(Refusal::BadBody(StatusCode::UNPROCESSABLE_ENTITY, why.to_owned()));
        let is_date = self.week_starting.len() == 10
            && self.week_starting.bytes().enumerate().all(|(at, byte)| match at {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if !is_date {
            return unusable("weekStarting is not a date like 2042-01-06");
        }
        if !(0.0..=HOURS_OF_A_WEEK).contains(&self.hours) {
            return unusable("hours is not between 0 and 168, the hours of a week");
        }
        Ok(())
    }
}

impl TimesheetBook {
    fn of(&self, user: &TimesheetUser) -> Vec<Timesheet> {
        let pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pages.by_user.get(&user.oid).into_iter().flatten().cloned().collect()
    }

    fn add(&self, user: TimesheetUser, sheet: NewTimesheet) -> Timesheet {
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pages.last_id += 1;
        let sheet = Timesheet {
            id: pages.last_id,
            user_id: user.oid.clone(),
            submitted_by: user.name,
            week_starting: sheet.week_starting,
            hours: sheet.hours,
            note: sheet.note,
        };
        let own = pages.by_user.entry(user.oid).or_default();
        if own.len() == KEPT_PER_USER {
            own.pop_front();
        }
        own.push_back(sheet.clone());
        sheet
    }
}

const HOURS_OF_A_WEEK: f64 = 168.0;
/// A year of sheets, so that a client in a loop cannot fill the memory.
const KEPT_PER_USER: usize = 52;
