//! Ropeway's own chores.
//!
//! `cargo xtask test` runs every test there is: the checks of the source, the Rust tests and the real clients. What
//! a suite needs and the machine lacks is installed into `target/tools`, pinned by lockfile. The suites are listed in
//! `suites.rs`; a client suite also has its folder under `clients/`, with which it can be run by hand.
//! `cargo xtask bench` measures the release binary; what it measures is in `benches/`.

mod bench;
mod command;
mod fuzz;
mod report;
mod suites;
mod tools;
mod workbench;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::report::Report;
use crate::workbench::Workbench;

#[derive(Parser)]
#[command(bin_name = "cargo xtask", about = "Ropeway's own chores")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Run every test there is; ends with a table of the suites
    Test(TestArguments),
    /// Measure the release binary on this machine; writes docs/performance.md and fails when a goal is missed
    Bench(bench::BenchArguments),
    /// Feed strange input to what reads it, until it breaks or the time is over
    Fuzz(FuzzArguments),
}

#[derive(clap::Args)]
struct TestArguments {
    /// Only the Rust part: format, lints, dependencies, tests, documentation
    #[arg(long)]
    quick: bool,
    /// Do not fail because a suite, or a test of it, could not run here
    #[arg(long)]
    allow_missing: bool,
    /// Install missing system packages with apt-get although this is not root (asks sudo)
    #[arg(long)]
    install: bool,
    /// Run only this suite; may be repeated
    #[arg(long, value_name = "SUITE")]
    only: Vec<String>,
}

#[derive(clap::Args)]
struct FuzzArguments {
    /// The target, a file of `fuzz/targets` [default: all, one after the other]
    target: Option<String>,
    /// For how long, each
    #[arg(long, default_value_t = 60)]
    seconds: u32,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().chore {
        Chore::Test(arguments) => test(&arguments),
        Chore::Bench(arguments) => bench::bench(&arguments),
        Chore::Fuzz(arguments) => fuzz::run(arguments.target.as_deref(), arguments.seconds),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            report::say(&format!("error: {error}"));
            for cause in error.chain().skip(1) {
                report::say(&format!("caused by: {cause}"));
            }
            ExitCode::from(2)
        }
    }
}

fn test(arguments: &TestArguments) -> anyhow::Result<ExitCode> {
    let bench = Workbench::here(arguments.install)?;
    let mut report = Report::default();
    for suite in suites::chosen(&arguments.only, arguments.quick)? {
        report.run(suite, &bench);
    }
    report.print();
    Ok(report.verdict(arguments.allow_missing))
}
