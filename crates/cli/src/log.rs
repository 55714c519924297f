//! The log: one line an event, on stderr.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::environment;

/// Starts to log. `filter` is `--log`; without it `RUST_LOG` says, else the command's own default.
pub(crate) fn start(filter: Option<&str>, default: &str) {
    let wanted = filter.map(str::to_owned).or_else(|| environment::variable("RUST_LOG"));
    let filter = EnvFilter::builder().parse_lossy(wanted.as_deref().unwrap_or(default));
    let colour = std::io::stderr().is_terminal() && environment::variable_os("NO_COLOR").is_none();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(colour)
        .with_target(false)
        .init();
}
