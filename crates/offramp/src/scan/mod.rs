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
mod surroundings;
mod walk;
mod words;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

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
    /// Counts while the scan runs.
    pub progress: Arc<Progress>,
}

/// How far a scan is, for another thread to look at.
#[derive(Debug, Default)]
pub struct Progress {
    files: AtomicU64,
    places: AtomicU64,
}

impl Progress {
    /// Files looked at, the skipped ones too.
    #[must_use]
    pub fn files(&self) -> u64 {
        self.files.load(Ordering::Relaxed)
    }

    /// Places where a rule matched. What else the application says may make fewer findings of them.
    #[must_use]
    pub fn places(&self) -> u64 {
        self.places.load(Ordering::Relaxed)
    }
}

/// Scans. Files that cannot be searched are counted in the report; nothing ends a scan.
#[must_use]
pub fn scan(rules: &Rules, settings: &Settings, baseline: Option<&Baseline>) -> Report {
    let mut report = Report::default();
    for root in &settings.paths {
        let found = walk::walk(root, rules, settings);
        judge::add(&mut report, rules, root, found, settings.uncorroborated);
    }
    if let Some(baseline) = baseline {
        baseline.apply(&mut report);
    }
    report
}
