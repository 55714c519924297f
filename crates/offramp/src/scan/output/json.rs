//! For programs.

use serde::Serialize;

use crate::scan::finding::Report;

/// The report as JSON: its own fields, by their names. It is written from where it lies, so that a long report is not held
/// twice.
#[must_use]
pub fn json(report: &Report) -> impl Serialize {
    Written { report, version: 1 }
}

#[derive(Serialize)]
struct Written<'r> {
    #[serde(flatten)]
    report: &'r Report,
    version: u32,
}
