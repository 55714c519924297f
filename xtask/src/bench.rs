//! What is measured: the release binary as a server, and `ropeway scan` as its part.

mod scan;

use std::path::PathBuf;
use std::process::ExitCode;

use crate::command::{cargo, command, exit_code, run};
use crate::workbench::Workbench;

/// What to measure.
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct BenchArguments {
    #[command(subcommand)]
    part: Option<Part>,
    /// Instead of all this: another binary to compare the token endpoint with, for instance the one before a change
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// How long each load lasts, in seconds
    #[arg(long, value_name = "N", default_value_t = 5)]
    seconds: u64,
    /// How many users the large directory has
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    users: usize,
    /// Where the document goes [default: docs/performance.md]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(clap::Subcommand)]
enum Part {
    /// `ropeway scan` against ripgrep, on the same tree with the same patterns
    Scan(scan::ScanArguments),
}

/// Measures; the exit code is 1 when a goal is missed.
pub(crate) fn bench(arguments: &BenchArguments) -> anyhow::Result<ExitCode> {
    match &arguments.part {
        Some(Part::Scan(arguments)) => scan::scan(arguments),
        None => server(arguments),
    }
}

/// Builds the binary as users do and the benchmark apart from it, so that neither changes the other's features.
fn server(arguments: &BenchArguments) -> anyhow::Result<ExitCode> {
    let bench = Workbench::here(false)?;
    run(&mut cargo(&["build", "--locked", "--release"], &bench.root))?;
    run(&mut cargo(&["build", "--locked", "--release", "--package", "benches"], &bench.root))?;
    let release = bench.target.join("release");
    let mut measure = command(release.join("benches"), &[], &bench.root);
    measure.arg("--ropeway").arg(release.join("ropeway")).arg("--root").arg(&bench.root);
    match &arguments.against {
        Some(other) => measure.arg("--against").arg(other),
        None => {
            let output = arguments.output.clone().unwrap_or_else(|| bench.root.join("docs/performance.md"));
            measure.arg("--output").arg(output)
        }
    };
    measure.args(["--seconds", &arguments.seconds.to_string(), "--users", &arguments.users.to_string()]);
    let code = exit_code(&mut measure)?;
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(2)))
}
