//! `ropeway scan` against ripgrep: the same files, the same patterns.

mod document;
mod measure;
mod patterns;
mod tree;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;

use self::document::{Document, Row, Table};
use self::measure::{Run, measure, memory_of, output_of};
use self::tree::Tree;
use crate::command::{cargo, run};
use crate::report::say;
use crate::tools;
use crate::workbench::Workbench;

/// How large the tree is, and how often it is searched.
#[derive(clap::Args)]
pub(crate) struct ScanArguments {
    /// How many files the planted tree has
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    files: usize,
    /// How often each program runs; medians are told
    #[arg(long, value_name = "N", default_value_t = 7)]
    runs: usize,
    /// A folder with real code that is measured as well, such as ~/.cargo/registry/src
    #[arg(long, value_name = "FOLDER")]
    code: Option<PathBuf>,
    /// A binary that is there already, instead of building one
    #[arg(long, value_name = "FILE")]
    ropeway: Option<PathBuf>,
    /// Where the document goes [default: docs/scan-performance.md]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Builds the release binary and the trees, runs the programs in turn, writes the document, and fails when a goal is
/// missed.
pub(crate) fn scan(arguments: &ScanArguments) -> anyhow::Result<ExitCode> {
    let bench = Workbench::here(false)?;
    let machine = document::machine(&bench.root);
    let ropeway = match &arguments.ropeway {
        Some(binary) => binary.clone(),
        None => {
            run(&mut cargo(&["build", "--locked", "--release"], &bench.root))?;
            bench.target.join("release/ropeway")
        }
    };
    let ripgrep = tools::ripgrep(&bench).map_err(|missing| anyhow::anyhow!(missing.0))?;
    let folder = bench.target.join("bench");
    fs::create_dir_all(&folder).context("making the folder of the trees")?;
    let (rules, words) = patterns::of_the_rules(&bench.root)?;
    let contest = Contest {
        ropeway,
        ripgrep,
        rules: written(&folder.join("patterns.txt"), &rules)?,
        all: written(&folder.join("patterns-and-words.txt"), &(rules + &words))?,
        folder,
        runs: arguments.runs.max(1),
    };

    let small = tree::plant(&bench.root, &contest.folder.join("scan-small"), arguments.files / 10)?;
    let large = tree::plant(&bench.root, &contest.folder.join("scan-large"), arguments.files)?;
    let planted = contest.table("The planted tree", &large)?;
    let code = match &arguments.code {
        Some(code) => {
            let copy = tree::copy(code, &contest.folder.join("scan-code"))?;
            Some(contest.table("Real code", &copy)?)
        }
        None => None,
    };
    let document = Document {
        machine,
        given: arguments.ropeway.is_some(),
        runs: contest.runs,
        few_files: small.files,
        few_files_memory: memory_of(&contest.ropeway, &contest.scan(&small.path))?,
        planted,
        code,
    };
    let path = arguments.output.clone().unwrap_or_else(|| bench.root.join("docs/scan-performance.md"));
    fs::write(&path, document.markdown()).with_context(|| format!("writing {}", path.display()))?;
    say(&document.goals());
    say(&format!("written to {}", path.display()));
    Ok(if document.all_met() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The two programs, and what they are given.
struct Contest {
    ropeway: PathBuf,
    ripgrep: PathBuf,
    /// The patterns of the rules.
    rules: PathBuf,
    /// Those, and the words of the evidence.
    all: PathBuf,
    folder: PathBuf,
    runs: usize,
}

impl Contest {
    fn table(&self, title: &'static str, tree: &Tree) -> anyhow::Result<Table> {
        self.same_files(tree)?;
        let contestants = [
            ("`ropeway scan`", &self.ropeway, self.scan(&tree.path)),
            ("ripgrep, the rules' patterns", &self.ripgrep, self.search(&self.rules, &tree.path)),
            ("ripgrep, those and the evidence's words", &self.ripgrep, self.search(&self.all, &tree.path)),
        ];
        say(&format!("measuring {} files of {}", tree.files, tree.path.display()));
        let mut runs: [Vec<Run>; 3] = Default::default();
        // In turn, so that a busy machine disturbs all alike. The first round fills the page cache and does not count.
        for round in 0..=self.runs {
            for ((_, program, arguments), runs) in contestants.iter().zip(&mut runs) {
                let run = measure(program, arguments, &self.folder)?;
                if round > 0 {
                    runs.push(run);
                }
            }
        }
        let mut rows = Vec::new();
        for ((name, program, arguments), runs) in contestants.iter().zip(runs) {
            rows.push(Row { name, run: measure::median(runs), memory: memory_of(program, arguments)? });
        }
        Ok(Table { title, files: tree.files, bytes: tree.bytes, rows })
    }

    /// Both programs must look at the same files, or nothing is compared.
    fn same_files(&self, tree: &Tree) -> anyhow::Result<()> {
        let path = tree.path.to_string_lossy();
        let listed = output_of(&self.ripgrep, &["--no-config", "--hidden", "--no-require-git", "--files", &path])?;
        let listed = listed.lines().count();
        let report = output_of(&self.ropeway, &self.scan(&tree.path))?;
        let searched = report.lines().find_map(|line| line.trim().strip_prefix("\"files\": "));
        let searched = searched.and_then(|count| count.trim_end_matches(',').parse::<usize>().ok()).unwrap_or_default();
        // Of real code some files are left out: they are binary after all, or have endless lines.
        anyhow::ensure!(
            listed == tree.files && searched <= listed && searched * 200 >= listed * 199,
            "of {} files ripgrep lists {listed} and ropeway searches {searched}",
            tree.files
        );
        Ok(())
    }

    fn scan(&self, tree: &Path) -> Vec<String> {
        strings(&["scan", "--format", "json", "--fail-on", "never", &tree.to_string_lossy()])
    }

    fn search(&self, patterns: &Path, tree: &Path) -> Vec<String> {
        let (patterns, tree) = (patterns.to_string_lossy(), tree.to_string_lossy());
        let same_files = ["--no-config", "--hidden", "--no-require-git"];
        strings(&[&same_files[..], &["--no-messages", "--no-unicode", "--count", "--file", &patterns, &tree]].concat())
    }
}

fn strings(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn written(path: &Path, text: &str) -> anyhow::Result<PathBuf> {
    fs::write(path, text).with_context(|| format!("writing {}", path.display()))?;
    Ok(path.to_owned())
}
