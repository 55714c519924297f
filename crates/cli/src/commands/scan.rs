//! `ropeway scan`.

use std::fs;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, anyhow};
use clap::{Args, ValueEnum};
use ropeway_offramp::scan::{self, Baseline, Confidence, Progress, Report, Rules, Settings, output as written};

use crate::failure::Failure;
use crate::output;

/// The password grant in code.
#[derive(Debug, Args)]
pub(crate) struct Scan {
    /// Files and folders
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    /// How to write the findings
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The JSON or SARIF output of an earlier scan, whose findings are accepted
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// End with exit code 1 from this confidence on
    #[arg(long, value_enum, value_name = "LEVEL", default_value_t = FailOn::Low)]
    fail_on: FailOn,
    /// Rules of your own, which may replace and disable the built-in ones; may be repeated
    #[arg(long, value_name = "FILE")]
    rules: Vec<PathBuf>,
    /// Look at what ignore files leave out as well
    #[arg(long)]
    no_ignore: bool,
    /// Tell password grants without a sign that they are Entra's as well, with low confidence
    #[arg(long)]
    uncorroborated: bool,
}

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a person
    Text,
    /// For programs, and for --baseline
    Json,
    /// SARIF 2.1.0, for code scanning services
    Sarif,
}

/// From which confidence on findings fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    Low,
    Medium,
    High,
    Never,
}

impl Scan {
    /// Scans, and fails if something was found.
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let texts = self.rules.iter().map(|file| read(file)).collect::<Result<Vec<_>, _>>()?;
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let rules = if texts.is_empty() { Rules::built_in() } else { Rules::with(&texts) };
        let rules = rules.map_err(|fault| {
            let names: Vec<String> = self.rules.iter().map(|file| file.display().to_string()).collect();
            let fault = anyhow::Error::new(fault).context(format!("the rules of {} are faulty", names.join(", ")));
            Failure::bad_input(fault).hint("docs/scan.md shows how a rule is written")
        })?;
        let baseline = self.baseline.as_ref().map(|file| baseline(file)).transpose()?;
        for path in &self.paths {
            fs::symlink_metadata(path)
                .with_context(|| format!("cannot look at {}", path.display()))
                .map_err(Failure::bad_input)?;
        }
        let (no_ignore, uncorroborated) = (self.no_ignore, self.uncorroborated);
        let settings = Settings { paths: self.paths, no_ignore, uncorroborated, progress: Arc::default() };
        let report = while_telling(&settings.progress, || scan::scan(&rules, &settings, baseline.as_ref()));
        match self.format {
            Format::Text => output::print(&written::text(&report))?,
            Format::Json => output::print_json(&written::json(&report))?,
            Format::Sarif => output::print_json(&written::sarif(&report))?,
        }
        output::tell(&written::summary(&report));
        let least = match self.fail_on {
            FailOn::Low => Some(Confidence::Low),
            FailOn::Medium => Some(Confidence::Medium),
            FailOn::High => Some(Confidence::High),
            FailOn::Never => None,
        };
        let found = least.map_or(0, |least| report.open(least));
        Ok(ExitCode::from(u8::from(found > 0)))
    }
}

/// Scans; a person who waits for longer than a moment sees how far it is.
fn while_telling(progress: &Progress, scan: impl FnOnce() -> Report) -> Report {
    if !std::io::stderr().is_terminal() {
        return scan();
    }
    let (done, ended) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            let mut told = false;
            while ended.recv_timeout(MOMENT) == Err(RecvTimeoutError::Timeout) {
                let (files, places) = (progress.files(), progress.places());
                output::tell(&format!("\r{files} files looked at, {places} places to judge\x1b[K"));
                told = true;
            }
            if told {
                output::tell("\r\x1b[K");
            }
        });
        let report = scan();
        drop(done);
        report
    })
}

fn read(file: &Path) -> Result<String, Failure> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()));
    text.map_err(Failure::bad_input)
}

fn baseline(file: &Path) -> Result<Baseline, Failure> {
    Baseline::read(&read(file)?).map_err(|fault| {
        let fault = anyhow!(fault).context(format!("{} is no baseline", file.display()));
        Failure::bad_input(fault).hint("write one with `ropeway scan --format json --fail-on never > baseline.json`")
    })
}

const MOMENT: Duration = Duration::from_secs(1);
