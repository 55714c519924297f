//! `ropeway scan`: the password grant in people's code, offline.
//!
//! [`walk`] reads the files, [`search`] matches one of them, [`judge`] weighs what the whole application says. What is
//! looked for is data ([`rules`], `crates/offramp/rules/*.yaml`); `docs/scan.md` is the guide for people.

mod application;
mod baseline;
mod finding;
mod judge;
mod language;
mod lexer;
pub mod output;
mod password;
mod reading;
mod rules;
mod search;
mod statement;
mod suppression;
mod walk;
mod words;

use std::path::PathBuf;

pub use baseline::{Baseline, BaselineFault};
pub use finding::{Confidence, Finding, FoundApplication, PasswordSource, Replacement, Report, Skip};
pub use rules::{RuleFault, Rules};

/// What to scan, and how.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    /// Look at what ignore files leave out as well.
    pub no_ignore: bool,
    /// Tell password grants without a sign of Entra too, with low confidence.
    pub uncorroborated: bool,
}

/// Scans. Files that cannot be searched are counted in the report; nothing ends a scan.
#[must_use]
pub fn scan(rules: &Rules, settings: &Settings, baseline: Option<&Baseline>) -> Report {
    let mut report = Report::default();
    for root in &settings.paths {
        let found = walk::walk(root, rules, !settings.no_ignore);
        judge::add(&mut report, rules, root, found, settings.uncorroborated);
    }
    if let Some(baseline) = baseline {
        baseline.apply(&mut report);
    }
    report
}
