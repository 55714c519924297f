//! `ropeway scan` against ripgrep: the same tree, the same patterns.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::command::{cargo, command, run};
use crate::report::say;
use crate::tools;
use crate::workbench::Workbench;

/// How large the tree is.
#[derive(clap::Args)]
pub(crate) struct ScanArguments {
    /// How many files the tree has
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    files: usize,
    /// How often each program runs; the fastest run counts
    #[arg(long, value_name = "N", default_value_t = 3)]
    runs: usize,
}

/// Builds the release binary and the tree, runs both programs in turn, and fails when ours takes more than twice as long
/// or its memory grows with the tree.
pub(crate) fn scan(arguments: &ScanArguments) -> anyhow::Result<ExitCode> {
    let bench = Workbench::here(false)?;
    run(&mut cargo(&["build", "--locked", "--release"], &bench.root))?;
    let ropeway = bench.target.join("release/ropeway");
    let ripgrep = tools::ripgrep(&bench).map_err(|missing| anyhow::anyhow!(missing.0))?;
    let folder = bench.target.join("bench");
    let (small, large) = (folder.join("scan-small"), folder.join("scan-large"));
    plant(&bench.root, &small, arguments.files / 10)?;
    plant(&bench.root, &large, arguments.files)?;
    let patterns = folder.join("patterns.txt");
    fs::write(&patterns, patterns_of(&bench.root)?).context("writing the patterns")?;

    let scan = |tree: &Path| {
        let tree = tree.to_string_lossy();
        measure(&ropeway, &["scan", "--format", "json", "--fail-on", "never", &tree], &bench.root)
    };
    let search = |tree: &Path| {
        let (patterns, tree) = (patterns.to_string_lossy(), tree.to_string_lossy());
        measure(
            &ripgrep,
            &["--hidden", "--no-messages", "--no-unicode", "--count", "--file", &patterns, &tree],
            &bench.root,
        )
    };
    // Once for the page cache, then in turn, so that a busy machine disturbs both alike.
    scan(&large)?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..arguments.runs {
        ours.push(scan(&large)?);
        theirs.push(search(&large)?);
    }
    let fastest = |runs: &[Run]| runs.iter().map(|run| run.took).min().unwrap_or_default();
    let peak = |runs: &[Run]| runs.iter().map(|run| run.peak).max().unwrap_or_default();
    let few = scan(&small)?;
    let ratio = fastest(&ours).as_secs_f64() / fastest(&theirs).as_secs_f64();
    say(&format!(
        "{} files: ropeway scan {:.2} s, {} MiB at most ({} MiB for a tenth of the files); ripgrep {:.2} s; {ratio:.2} times",
        arguments.files,
        fastest(&ours).as_secs_f64(),
        peak(&ours) >> 10,
        few.peak >> 10,
        fastest(&theirs).as_secs_f64(),
    ));
    // What is found is kept; what is read is not.
    let flat = peak(&ours) < few.peak * 2;
    Ok(if ratio <= 2.0 && flat { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

struct Run {
    took: Duration,
    /// The most memory it held, in KiB.
    peak: u64,
}

fn measure(program: &Path, arguments: &[&str], folder: &Path) -> anyhow::Result<Run> {
    let mut command = command(program, arguments, folder);
    let started = now();
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let mut child = child.with_context(|| format!("starting {}", program.display()))?;
    let peak = watch(&mut child)?;
    Ok(Run { took: started.elapsed(), peak })
}

/// Waits for the end and remembers the highest mark of memory seen until then.
#[expect(clippy::disallowed_methods, reason = "a measurement samples")]
fn watch(child: &mut Child) -> anyhow::Result<u64> {
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut peak = 0;
    while child.try_wait().context("waiting for the program")?.is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let mark = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let mark = mark.and_then(|mark| mark.trim().split(' ').next()?.parse().ok());
        peak = peak.max(mark.unwrap_or(0));
        std::thread::sleep(Duration::from_millis(2));
    }
    Ok(peak)
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
fn now() -> Instant {
    Instant::now()
}

/// A tree of so many files, the same each time: pieces of this repository's own text under the names of many languages,
/// and in some of them what the rules look for.
fn plant(root: &Path, tree: &Path, files: usize) -> anyhow::Result<()> {
    let mark = tree.join(".planted");
    if fs::read_to_string(&mark).is_ok_and(|planted| planted == files.to_string()) {
        return Ok(());
    }
    say(&format!("planting {files} files in {}", tree.display()));
    let mut lines: Vec<String> = Vec::new();
    for folder in ["crates/core/src", "crates/server/src", "docs", "samples"] {
        gather(&root.join(folder), &mut lines)?;
    }
    let mut seed = 0x5e1f_0a00_u64;
    let mut next = |below: usize| {
        // Knuth's generator: the same tree everywhere.
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap_or_default() % below.max(1)
    };
    for number in 0..files {
        let folder = tree.join(format!("project{}/src/part{}", number / 500, number % 500 / 25));
        if number % 25 == 0 {
            fs::create_dir_all(&folder).context("making a folder")?;
        }
        if number % 500 == 0 {
            fs::write(tree.join(format!("project{}/package.json", number / 500)), "{\"name\": \"p\"}")?;
        }
        let mut text = String::new();
        let start = next(lines.len());
        for line in lines.iter().cycle().skip(start).take(20 + next(200)) {
            text.push_str(line);
            text.push('\n');
        }
        if number % 200 == 0 {
            text.push_str(PLANTED[next(PLANTED.len())]);
        }
        let extension = EXTENSIONS[next(EXTENSIONS.len())];
        fs::write(folder.join(format!("file{number}.{extension}")), text).context("planting a file")?;
    }
    fs::write(mark, files.to_string()).context("marking the tree")
}

fn gather(folder: &Path, lines: &mut Vec<String>) -> anyhow::Result<()> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            gather(&path, lines)?;
        } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "md") {
            // This repository is about the grant; other people's code is about something else.
            let own = |line: &&str| {
                let line = line.to_ascii_lowercase();
                !["password", "grant", "login", "token"].iter().any(|word| line.contains(word))
            };
            lines.extend(fs::read_to_string(&path)?.lines().filter(own).map(str::to_owned));
        }
    }
    Ok(())
}

/// The patterns of the built-in rules, one a line, as ripgrep takes them.
fn patterns_of(root: &Path) -> anyhow::Result<String> {
    let mut patterns = String::new();
    let mut files: Vec<PathBuf> =
        fs::read_dir(root.join("crates/offramp/rules"))?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    for file in files {
        let text = fs::read_to_string(&file)?;
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            let Some(pattern) = line.strip_prefix("    pattern: '").and_then(|rest| rest.strip_suffix('\'')) else {
                continue;
            };
            // What spans lines on purpose is another search for ripgrep.
            if pattern.contains(r"[\s\S]") {
                continue;
            }
            let rule = lines[number..].iter().take_while(|line| !line.starts_with("  - id:"));
            let ignore_case = rule.clone().any(|line| line.trim() == "ignore_case: true");
            let pattern = pattern.replace("''", "'");
            patterns.push_str(&if ignore_case { format!("(?i:{pattern})\n") } else { format!("{pattern}\n") });
        }
    }
    anyhow::ensure!(patterns.lines().count() > 40, "the rules have {} patterns", patterns.lines().count());
    Ok(patterns)
}

const EXTENSIONS: &[&str] =
    &["cs", "java", "py", "ts", "js", "go", "rs", "php", "rb", "ps1", "sh", "yml", "json", "config", "md", "txt"];

const PLANTED: &[&str] = &[
    "az login -u \"$USER\" -p \"$PASSWORD\"\n",
    "x = app.acquire_token_by_username_password(user, password, scopes=s)\n",
    "const url = 'https://login.microsoftonline.com/x/oauth2/v2.0/token';\nconst body = { grant_type: 'password' };\n",
    "Connect-ExchangeOnline -Credential $credential\n",
];
