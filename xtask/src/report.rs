#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a chore talks to the person who started it")]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::suites::Suite;
use crate::workbench::Workbench;

/// How a suite ended.
pub(crate) enum Outcome {
    /// All of it ran and passed.
    Passed,
    /// It ran and found something.
    Failed(String),
    /// It, or a part of it, could not run here, and why.
    NotRun(String),
}

/// What the person is told at the end.
#[derive(Default)]
pub(crate) struct Report {
    lines: Vec<(&'static str, Outcome, Duration)>,
}

impl Report {
    /// Runs the suite and keeps how it ended.
    pub(crate) fn run(&mut self, suite: &Suite, bench: &Workbench) {
        say(&format!("\n=== {}: {}", suite.name, suite.purpose));
        let started = now();
        let outcome = if suite.needs_build && self.failed("build") {
            Outcome::NotRun("the workspace does not build".into())
        } else {
            (suite.run)(bench).unwrap_or_else(|error| Outcome::Failed(format!("{error:#}")))
        };
        self.lines.push((suite.name, outcome, started.elapsed()));
    }

    /// The table of suites, and the counts on a line of their own.
    pub(crate) fn print(&self) {
        println!("\n{:<14} {:<8} {:>7}", "suite", "result", "seconds");
        for (name, outcome, took) in &self.lines {
            let (word, why) = match outcome {
                Outcome::Passed => ("passed", ""),
                Outcome::Failed(why) => ("FAILED", why.as_str()),
                Outcome::NotRun(why) => ("not run", why.as_str()),
            };
            println!("{}", format!("{name:<14} {word:<8} {:>7.1}  {why}", took.as_secs_f64()).trim_end());
        }
        let [passed, failed, missing] = self.counts();
        println!("\n{passed} passed, {failed} failed, {missing} skipped");
    }

    /// What was not run fails like what failed, unless the person said that it may be missing.
    pub(crate) fn verdict(&self, allow_missing: bool) -> ExitCode {
        let [_, failed, missing] = self.counts();
        if missing > 0 && !allow_missing {
            say("hint: install what is missing, or pass --allow-missing");
        }
        if failed > 0 || (missing > 0 && !allow_missing) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }

    fn failed(&self, name: &str) -> bool {
        self.lines.iter().any(|(suite, outcome, _)| *suite == name && !matches!(outcome, Outcome::Passed))
    }

    fn counts(&self) -> [usize; 3] {
        let mut counts = [0; 3];
        for (_, outcome, _) in &self.lines {
            match outcome {
                Outcome::Passed => counts[0] += 1,
                Outcome::Failed(_) => counts[1] += 1,
                Outcome::NotRun(_) => counts[2] += 1,
            }
        }
        counts
    }
}

/// Tells the person how far we are.
pub(crate) fn say(line: &str) {
    eprintln!("{line}");
}

#[expect(clippy::disallowed_methods, reason = "how long a suite took is for people to read and decides nothing")]
fn now() -> Instant {
    Instant::now()
}
