use std::fs;
use std::process::ExitCode;

use anyhow::Context;

use crate::command::{command, exit_code};
use crate::report::say;
use crate::tools::{self, Missing};
use crate::workbench::Workbench;

/// Runs one target, or each of them. What broke it is kept in `fuzz/artifacts`, what led somewhere new in `fuzz/corpus`,
/// where the next run begins.
pub(crate) fn run(target: Option<&str>, seconds: u32) -> anyhow::Result<ExitCode> {
    let bench = Workbench::here(false)?;
    let targets = targets(&bench)?;
    let known = target.is_none_or(|name| targets.iter().any(|known| known == name));
    anyhow::ensure!(known, "no target `{}`; there are {}", target.unwrap_or_default(), targets.join(", "));
    let cargo_fuzz = tools::cargo_fuzz(&bench).map_err(|Missing(why)| anyhow::anyhow!(why))?;
    let built_into = bench.target.to_string_lossy();
    let time = format!("-max_total_time={seconds}");
    for name in targets.iter().filter(|name| target.is_none_or(|wanted| wanted == *name)) {
        let corpora = [format!("fuzz/corpus/{name}"), format!("fuzz/seeds/{name}")];
        for corpus in &corpora {
            fs::create_dir_all(bench.root.join(corpus)).with_context(|| format!("making {corpus}"))?;
        }
        // No sanitizer: they need a nightly compiler, and look for what safe Rust does not do.
        let options = ["run", "--fuzz-dir", "fuzz", "--sanitizer", "none", "--target-dir", &built_into, name];
        let limits = ["--", &time, "-timeout=10", "-max_len=65536"];
        let mut fuzz = command(&cargo_fuzz, &options, &bench.root);
        let code = exit_code(fuzz.args(&corpora).args(limits))?;
        if code != 0 {
            say(&format!("hint: `cargo xtask fuzz {name}` broke; the input is in fuzz/artifacts/{name}"));
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn targets(bench: &Workbench) -> anyhow::Result<Vec<String>> {
    let mut targets = Vec::new();
    for entry in fs::read_dir(bench.root.join("fuzz/targets")).context("reading fuzz/targets")? {
        let path = entry.context("reading fuzz/targets")?.path();
        if let (Some(name), Some("rs")) = (path.file_stem(), path.extension().and_then(|end| end.to_str())) {
            targets.push(name.to_string_lossy().into_owned());
        }
    }
    targets.sort();
    Ok(targets)
}
