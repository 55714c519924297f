//! The commands, one file each.

#[cfg(feature = "demo")]
mod demo;
mod device_code;
mod env;
mod explain;
mod matrix;
mod scan;
pub(crate) mod serve;
mod tenant;
mod token;
mod trust;

use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};

use crate::failure::Failure;

/// What was typed.
#[derive(Debug, Parser)]
#[command(
    name = "ropeway",
    version,
    about = "A Microsoft Entra ID test tenant in one binary",
    after_help = "Start with `ropeway serve`, then `ropeway token --user cloud@alpine.test` in another terminal."
)]
pub(crate) struct Arguments {
    /// What to log on stderr, as RUST_LOG takes it: `warn`, `debug`, `ropeway_server=trace` [default: RUST_LOG, else by command]
    #[arg(long, global = true, value_name = "FILTER")]
    pub(crate) log: Option<String>,
    /// The command.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the tenants of a file, or the built-in sample
    Serve(serve::Serve),
    /// Tell and do the main job: tokens, an API, every refusal
    #[cfg(feature = "demo")]
    Demo(demo::Demo),
    /// Get a token as a client would
    Token(token::Token),
    /// Try every test user with every flow, against a private copy
    Matrix(matrix::Matrix),
    /// Find the password grant in code
    Scan(scan::Scan),
    /// Write, check or show a tenant file
    #[command(subcommand)]
    Tenant(tenant::Tenant),
    /// Say what an AADSTS code means, why it happens and what to do
    Explain(explain::Explain),
    /// Print the variables that lead clients to the running server
    Env(env::Env),
    /// Print how to trust the local CA, or install it
    Trust(trust::Trust),
}

impl Command {
    /// What is logged when nobody says what. Commands that try refusals on purpose tell of them themselves.
    pub(crate) fn default_log(&self) -> &'static str {
        match self {
            #[cfg(feature = "demo")]
            Self::Demo(_) => "warn",
            Self::Matrix(_) => "warn",
            _ => "info,hyper=error,rustls=error",
        }
    }
}

/// Runs a command to its end.
pub(crate) fn run(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Serve(serve) => runtime()?.block_on(serve.run()),
        #[cfg(feature = "demo")]
        Command::Demo(demo) => runtime()?.block_on(demo.run()),
        Command::Token(token) => runtime()?.block_on(token.run()),
        Command::Matrix(matrix) => runtime()?.block_on(matrix.run()),
        Command::Scan(scan) => scan.run(),
        Command::Tenant(tenant) => tenant.run(),
        Command::Explain(explain) => explain.run(),
        Command::Env(env) => env.run(),
        Command::Trust(trust) => trust.run(),
    }
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("starting threads")
}
