//! What a run takes: time on the wall, time of the processors, memory.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;

/// What one run took.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    pub(super) wall: Duration,
    /// Of all cores, in the program and in the kernel for it.
    pub(super) cpu: Duration,
}

/// Runs to the end; what is written is dropped.
pub(super) fn measure(program: &Path, arguments: &[String], folder: &Path) -> anyhow::Result<Run> {
    let (cpu, started) = (cpu_of_children()?, now());
    let status = quiet(program, arguments).current_dir(folder).status();
    let wall = started.elapsed();
    // ripgrep says 1 when nothing matches.
    let code = status.with_context(|| format!("starting {}", program.display()))?.code();
    anyhow::ensure!(matches!(code, Some(0 | 1)), "{} ended with {code:?}", program.display());
    Ok(Run { wall, cpu: cpu_of_children()?.saturating_sub(cpu) })
}

/// The run in the middle, for each of its times.
pub(super) fn median(runs: Vec<Run>) -> Run {
    let middle = |time: fn(&Run) -> Duration| {
        let mut times: Vec<Duration> = runs.iter().map(time).collect();
        times.sort_unstable();
        times.get(times.len() / 2).copied().unwrap_or_default()
    };
    Run { wall: middle(|run| run.wall), cpu: middle(|run| run.cpu) }
}

/// The most memory that a run holds, in bytes. Looking on takes time, so it is a run of its own.
#[expect(clippy::disallowed_methods, reason = "a measurement samples")]
pub(super) fn memory_of(program: &Path, arguments: &[String]) -> anyhow::Result<u64> {
    let mut child: Child =
        quiet(program, arguments).spawn().with_context(|| format!("starting {}", program.display()))?;
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut peak = 0;
    while child.try_wait().context("waiting for the program")?.is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let mark = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let mark = mark.and_then(|mark| mark.trim().split(' ').next()?.parse::<u64>().ok());
        peak = peak.max(mark.unwrap_or(0) * 1024);
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(peak)
}

/// What the program writes to stdout.
pub(super) fn output_of(program: &Path, arguments: &[impl AsRef<OsStr>]) -> anyhow::Result<String> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).output();
    let output = output.with_context(|| format!("starting {}", program.display()))?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn quiet(program: &Path, arguments: &[String]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Of all children that ended, as the kernel counts it.
fn cpu_of_children() -> anyhow::Result<Duration> {
    let text = fs::read_to_string("/proc/self/stat").context("reading /proc/self/stat")?;
    // The program's name may hold blanks; what follows its bracket does not. proc_pid_stat(5): fields 16 and 17.
    let (_, fields) = text.rsplit_once(')').context("/proc/self/stat has no name")?;
    let ticks: u64 = fields.split_whitespace().skip(13).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Ok(Duration::from_millis(ticks * 10))
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
fn now() -> Instant {
    Instant::now()
}
