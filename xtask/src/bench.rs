//! What is measured, part by part.

mod scan;

use std::process::ExitCode;

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct BenchArguments {
    #[command(subcommand)]
    part: Part,
}

#[derive(clap::Subcommand)]
enum Part {
    /// `ropeway scan` against ripgrep, on the same tree with the same patterns
    Scan(scan::ScanArguments),
}

/// Measures; the exit code is 1 when a goal is missed.
pub(crate) fn bench(arguments: &BenchArguments) -> anyhow::Result<ExitCode> {
    match &arguments.part {
        Part::Scan(arguments) => scan::scan(arguments),
    }
}
