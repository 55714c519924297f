//! The binary `ropeway`: arguments in, a command run, an exit code out.
//!
//! One file per command under `commands`, and what surrounds the process in [`environment`]. Data goes to stdout and human talk to stderr, here and nowhere else;
//! [`failure`] says how an error is told and which exit code it has, [`running`] how a command finds the server.

mod client_certificate;
mod commands;
#[cfg(feature = "demo")]
mod demo;
mod environment;
mod failure;
mod https;
mod log;
mod matrix;
mod output;
mod running;
mod tenant_files;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let arguments = commands::Arguments::parse();
    log::start(arguments.log.as_deref(), arguments.command.default_log());
    match commands::run(arguments.command) {
        Ok(code) => code,
        Err(failure) => failure.tell(),
    }
}
