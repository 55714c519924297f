//! Which machine, and in which state: figures mean nothing without it.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::clock;

/// What stands at the head of the document.
pub(crate) fn describe(root: &Path) -> String {
    let cores = cores();
    let cpu = line_of("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown processor".into());
    let memory = line_of("/proc/meminfo", "MemTotal")
        .and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok())
        .map_or_else(String::new, |kib| format!(", {:.0} GiB of memory", kib / 1024.0 / 1024.0));
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let git = |arguments: &[&str]| output("git", arguments, root);
    let changed = if git(&["status", "--porcelain", "--untracked-files=no"]).is_empty() { "" } else { " with changes" };
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split_whitespace().next().unwrap_or("unknown");
    format!(
        "- Machine: {cpu}, {cores} cores{memory}, Linux {}\n- Date: {}\n- Commit: {}{changed}, {}\n- Load average when it \
         began, which is other people's work: {load}\n",
        kernel.trim(),
        clock::today(),
        git(&["rev-parse", "--short=10", "HEAD"]),
        output("rustc", &["--version"], root),
    )
}

/// As many as threads can run at once.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn line_of(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn output(program: &str, arguments: &[&str], folder: &Path) -> String {
    let output = Command::new(program).args(arguments).current_dir(folder).output();
    output.map_or_else(|_| String::new(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
