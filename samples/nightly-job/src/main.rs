//! Runs the nightly job; README.md lists environment variables and exit codes.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command talks: one line of JSON, and to people")]

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use nightly_job::{Api, How, Report, Settings, Way};

/// A scheduled job that calls an API for a user.
#[derive(Parser)]
#[command(version, after_help = "Secrets come from the environment: README.md lists the variables and the exit codes.")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Does the night's work
    Run {
        /// How the job gets its access token
        #[arg(long)]
        way: Way,
        /// The API to call [default: timesheets; employees with client-credentials]
        #[arg(long)]
        api: Option<Api>,
    },
    /// Lets a person authorise the job, once; `run --way refresh-token` lives on it
    Authorise {
        /// Sign in on another device, by a code that is typed there
        #[arg(long, conflicts_with = "port")]
        device_code: bool,
        /// The port of localhost that the browser comes back to [default: a free one]
        #[arg(long, value_name = "PORT")]
        port: Option<u16>,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let command = Arguments::parse().command;
    let settings = match Settings::from_env() {
        Ok(settings) => settings,
        Err(error) => {
            eprintln!("error: {error:#}");
            return ExitCode::from(2);
        }
    };
    let report = match command {
        Command::Run { way, api } => nightly_job::run(&settings, way, api).await,
        Command::Authorise { device_code: true, .. } => authorise(&settings, How::DeviceCode).await,
        Command::Authorise { port, .. } => authorise(&settings, How::Loopback { port: port.unwrap_or(0) }).await,
    };
    eprint!("{}", report.for_people());
    println!("{}", report.to_json());
    report.exit.into()
}

async fn authorise(settings: &Settings, how: How) -> Report {
    nightly_job::authorise(settings, how, |instruction| eprintln!("{instruction}")).await
}
