//! The Employee API: read by users through a client, and by jobs that work on their own.

use axum::Json;
use serde::Serialize;

use crate::access::EmployeeReader;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Employee {
    id: u32,
    display_name: &'static str,
    department: &'static str,
}

/// `GET /api/employees`
pub(crate) async fn list(_: EmployeeReader) -> Json<&'static [Employee]> {
    Json(EMPLOYEES)
}

const EMPLOYEES: &[Employee] = &[
    Employee { id: 1, display_name: "Ada Alder", department: "Lifts" },
    Employee { id: 2, display_name: "Ben Birch", department: "Mountain rescue" },
    Employee { id: 3, display_name: "Cleo Cedar", department: "Tickets" },
    Employee { id: 4, display_name: "Dov Douglas", department: "Snow making" },
];
