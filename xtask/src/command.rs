use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Context;

use crate::report::say;

/// A command whose output goes to the person, announced before it starts.
pub(crate) fn command(program: impl AsRef<OsStr>, arguments: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    command
}

/// Cargo as it called us, so the same toolchain builds everything.
pub(crate) fn cargo(arguments: &[&str], folder: &Path) -> Command {
    command(option_env!("CARGO").unwrap_or("cargo"), arguments, folder)
}

/// Runs to the end; the exit code, or -1 if a signal ended it.
pub(crate) fn exit_code(command: &mut Command) -> anyhow::Result<i32> {
    let line = line(command);
    say(&format!("$ {line}"));
    let status = command.status().with_context(|| format!("starting `{line}`"))?;
    Ok(status.code().unwrap_or(-1))
}

/// Runs to the end and demands success.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let code = exit_code(command)?;
    anyhow::ensure!(code == 0, "`{}` ended with exit code {code}", line(command));
    Ok(())
}

/// Whether the command exists and ends well; its output is dropped.
pub(crate) fn works(program: impl AsRef<OsStr>, arguments: &[&str]) -> bool {
    let quiet = Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
    quiet.is_ok_and(|status| status.success())
}

fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
