//! For programs.

use serde_json::{Value, json};

use crate::scan::finding::Report;

/// The report as JSON: its own fields, by their names.
#[must_use]
pub fn json(report: &Report) -> Value {
    let mut value = serde_json::to_value(report).unwrap_or_default();
    value["version"] = json!(1);
    value["skippedExamples"] =
        report.skipped_examples.iter().map(|(reason, path)| json!({"reason": reason, "path": path})).collect();
    value
}
