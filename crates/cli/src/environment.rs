//! What surrounds the process, read here and nowhere else: variables and the clock.

use std::ffi::OsString;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use ropeway_core::time::WallTime;

/// A variable's value; unset, empty and unreadable ones are none.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A variable's value as the system has it: a path need not be text.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub(crate) fn variable_os(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// The wall clock.
#[expect(clippy::disallowed_methods, reason = "the command line's one reading of the clock")]
pub(crate) fn now() -> WallTime {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    WallTime(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}

/// A stopwatch, for telling how long something took.
#[expect(clippy::disallowed_methods, reason = "nothing is decided by it")]
pub(crate) fn stopwatch() -> Instant {
    Instant::now()
}

/// What to type for this program: its name where the shell finds it, else its path.
#[cfg(feature = "demo")]
pub(crate) fn own_name() -> String {
    let name = format!("ropeway{}", std::env::consts::EXE_SUFFIX);
    let path = variable_os("PATH").unwrap_or_default();
    if std::env::split_paths(&path).any(|folder| folder.join(&name).is_file()) {
        return "ropeway".to_owned();
    }
    std::env::current_exe().map_or(name, |path| path.display().to_string())
}
