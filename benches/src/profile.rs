//! Where the server's time goes, as `perf` samples it.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::Context;

/// Parts of the server's CPU time, the largest first, each from 0 to 1.
#[derive(Debug, Clone)]
pub(crate) struct Profile(pub(crate) Vec<(&'static str, f64)>);

/// A profile under way.
pub(crate) struct Recording {
    perf: Child,
    file: PathBuf,
    _folder: tempfile::TempDir,
}

impl Profile {
    /// Starts to sample the process; none where `perf` is missing or may not.
    pub(crate) fn begin(pid: u32) -> Option<Recording> {
        let folder = tempfile::tempdir().ok()?;
        let file = folder.path().join("perf.data");
        let mut perf = Command::new("perf");
        perf.args([
            "record",
            "--quiet",
            "--event",
            "cpu-clock",
            "--freq",
            "997",
            "--pid",
            &pid.to_string(),
            "--output",
        ]);
        perf.arg(&file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Some(Recording { perf: perf.spawn().ok()?, file, _folder: folder })
    }
}

impl Recording {
    /// Stops to sample and sorts what was seen.
    ///
    /// # Errors
    /// What `perf` wrote cannot be read.
    pub(crate) fn end(mut self) -> anyhow::Result<Profile> {
        Command::new("kill").args(["-INT", &self.perf.id().to_string()]).status().context("running kill")?;
        self.perf.wait().context("waiting for perf")?;
        let mut report = Command::new("perf");
        report.args(["report", "--stdio", "--no-children", "--percent-limit", "0"]);
        report.args(["--field-separator", "|", "--fields", "overhead,symbol", "--input"]).arg(&self.file);
        let output = report.stdin(Stdio::null()).output().context("running perf report")?;
        Ok(sorted(&String::from_utf8_lossy(&output.stdout)))
    }
}

/// Sums up lines such as `  12.34%|[.] aws_lc_0_47_0_bn_mul_mont`.
fn sorted(report: &str) -> Profile {
    let mut parts: Vec<(&'static str, f64)> = Vec::new();
    for line in report.lines() {
        let Some((overhead, symbol)) = line.split_once('|') else { continue };
        let Ok(percent) = overhead.trim().trim_end_matches('%').parse::<f64>() else { continue };
        let part = part(symbol);
        match parts.iter_mut().find(|(known, _)| *known == part) {
            Some((_, sum)) => *sum += percent / 100.0,
            None => parts.push((part, percent / 100.0)),
        }
    }
    parts.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    Profile(parts)
}

fn part(symbol: &str) -> &'static str {
    if symbol.trim_start().starts_with("[k]") {
        return "the kernel: network, disk, waking threads";
    }
    PARTS.iter().find(|(_, marks)| marks.iter().any(|mark| symbol.contains(mark))).map_or(REST, |(part, _)| part)
}

/// Of a symbol the first part with a mark in it.
const PARTS: &[(&str, &[&str])] = &[
    ("Argon2id", &["argon2", "blake2"]),
    ("TLS", &["rustls", "aes_gcm", "aesni", "gcm_", "ghash", "chacha", "EVP_AEAD", "aead_"]),
    // The assembler's own names come last: `mulx4x_internal` is a fifth of a signature.
    (
        "RSA signatures",
        &["bn_", "BN_", "rsaz", "RSA_", "rsa_", "bignum", "mont", "copy_words", "mulx4x", "mul4x", "sqrx8x", "sqr8x"],
    ),
    ("hashes and randomness", &["sha1", "sha256", "sha512", "SHA", "HMAC", "RAND", "rand", "EVP_"]),
    ("SQLite", &["sqlite3", "Sqlite", "rusqlite", "pager", "vdbe", "btree", "Btree", "memjrnl", "ropeway_store"]),
    ("HTTP", &["hyper", "http", "axum", "tower", "httparse", "matchit"]),
    ("JSON", &["serde_json", "serde_core", "serde::", "indexmap"]),
    ("memory: allocating and copying", &["malloc", "free", "calloc", "realloc", "mem", "alloc::", "__rust_"]),
    ("tokio", &["tokio", "mio::", "parking_lot"]),
    ("Ropeway's own code", &["ropeway"]),
];
const REST: &str = "the rest";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_summed_up_by_what_the_symbols_belong_to() {
        let report = "# a comment\n\n 50.00%|[.] aws_lc_0_47_0_bn_mul_mont\n 20.00%|[.] mulx4x_internal\n \
                      10.00%|[k] finish_task_switch\n  5.00%|[.] sqlite3VdbeExec\n";
        let Profile(parts) = sorted(report);
        assert_eq!(
            parts,
            [("RSA signatures", 0.7), ("the kernel: network, disk, waking threads", 0.1), ("SQLite", 0.05),]
        );
    }
}
