//! What a process uses, as Linux tells it under `/proc`.

use std::fs;

use anyhow::Context;

/// Processor time that a process and its threads used so far, in seconds.
///
/// # Errors
/// The process is gone.
pub(crate) fn cpu_seconds(pid: u32) -> anyhow::Result<f64> {
    let stat = read(&format!("/proc/{pid}/stat"))?;
    // The name stands in brackets and may hold anything.
    let (_, after_name) = stat.rsplit_once(')').context("/proc/PID/stat without a name")?;
    let mut fields = after_name.split_whitespace().skip(11);
    let mut ticks = || -> anyhow::Result<f64> { Ok(fields.next().context("/proc/PID/stat is short")?.parse()?) };
    Ok((ticks()? + ticks()?) / TICKS_PER_SECOND)
}

/// Processor time that the calling thread used so far, in seconds.
///
/// # Errors
/// The kernel does not keep it.
pub(crate) fn thread_cpu_seconds() -> anyhow::Result<f64> {
    let schedstat = read("/proc/thread-self/schedstat")?;
    let nanoseconds: f64 = schedstat.split_whitespace().next().context("an empty schedstat")?.parse()?;
    Ok(nanoseconds / 1e9)
}

/// Memory of a process in MiB.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Memory {
    /// Resident now.
    pub(crate) resident: f64,
    /// The most that was resident so far.
    pub(crate) peak: f64,
}

/// The memory of a process.
///
/// # Errors
/// The process is gone.
pub(crate) fn memory(pid: u32) -> anyhow::Result<Memory> {
    let status = read(&format!("/proc/{pid}/status"))?;
    let mib = |name: &str| -> anyhow::Result<f64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kib = line.and_then(|line| line.trim_start_matches(':').split_whitespace().next());
        Ok(kib.with_context(|| format!("/proc/PID/status says nothing of {name}"))?.parse::<f64>()? / 1024.0)
    };
    Ok(Memory { resident: mib("VmRSS")?, peak: mib("VmHWM")? })
}

fn read(path: &str) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("reading {path}"))
}

/// What the kernel shows to programs counts in hundredths of a second on every machine.
const TICKS_PER_SECOND: f64 = 100.0;
