//! What was measured, as `docs/scan-performance.md` says it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::measure::Run;

/// All figures.
pub(super) struct Document {
    pub(super) machine: String,
    /// Whether the binary was there already.
    pub(super) given: bool,
    pub(super) runs: usize,
    pub(super) few_files: usize,
    /// The most memory that the scan of few files held, in bytes.
    pub(super) few_files_memory: u64,
    pub(super) planted: Table,
    pub(super) code: Option<Table>,
}

/// One tree. The first row is ours, the second is what it is compared with.
pub(super) struct Table {
    pub(super) title: &'static str,
    pub(super) files: usize,
    pub(super) bytes: u64,
    pub(super) rows: Vec<Row>,
}

/// One program on it.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) run: Run,
    /// The most that it held, in bytes.
    pub(super) memory: u64,
}

impl Document {
    /// Whether every goal is met.
    pub(super) fn all_met(&self) -> bool {
        self.measured().iter().all(|(_, most, measured)| measured <= most)
    }

    /// A table of what is promised.
    pub(super) fn goals(&self) -> String {
        let mut text = String::from("| | wanted | measured | |\n| --- | --- | --- | --- |\n");
        for (what, most, measured) in self.measured() {
            let met = if measured <= most { "met" } else { "**missed**" };
            let _ = writeln!(text, "| {what} | at most {most:.2} x | {measured:.2} x | {met} |");
        }
        text
    }

    pub(super) fn markdown(&self) -> String {
        let mut text = String::from(
            "# Performance of the scan\n\nWritten by `cargo xtask bench scan`; run it to have these figures of another \
             machine.\n\n",
        );
        let _ = writeln!(text, "{}\n## Goals\n\n{}", self.machine, self.goals());
        self.planted.write(&mut text);
        let _ = writeln!(
            text,
            "On {} files of the same kind `ropeway scan` holds {:.1} MiB at most.\n",
            self.few_files,
            mebibytes(self.few_files_memory)
        );
        if let Some(code) = &self.code {
            code.write(&mut text);
        }
        let binary = if self.given {
            "a binary that was given to the measurement"
        } else {
            "what `cargo build --release` makes"
        };
        let _ = writeln!(text, "## How it is measured\n\n- `ropeway scan --format json` is {binary}.");
        text.push_str(METHOD);
        let _ = writeln!(text, "- Medians of {} runs of each program, in turn.", self.runs);
        text
    }

    /// What, how much of it at most, and how much of it.
    fn measured(&self) -> Vec<(String, f64, f64)> {
        let mut goals = vec![(self.planted.what(), 2.0, self.planted.ratio())];
        goals.extend(self.code.as_ref().map(|code| (code.what(), 2.0, code.ratio())));
        let memory = self.planted.rows.first().map_or(0, |row| row.memory);
        let what = format!("memory with {} files, of that with {}", self.planted.files, self.few_files);
        goals.push((what, 1.25, memory as f64 / self.few_files_memory.max(1) as f64));
        goals
    }
}

impl Table {
    fn what(&self) -> String {
        format!("{}: time with {} files, of ripgrep's", self.title.to_lowercase(), self.files)
    }

    fn ratio(&self) -> f64 {
        let seconds = |row: usize| self.rows.get(row).map_or(f64::NAN, |row| row.run.wall.as_secs_f64());
        seconds(0) / seconds(1)
    }

    fn write(&self, text: &mut String) {
        let mebibytes_in_all = mebibytes(self.bytes);
        let _ = writeln!(text, "## {}\n\n{} files, {mebibytes_in_all:.0} MiB.\n", self.title, self.files);
        text.push_str("| | time | CPU time | files/s | MiB/s | memory at most |\n");
        text.push_str("| --- | ---: | ---: | ---: | ---: | ---: |\n");
        for row in &self.rows {
            let (wall, cpu) = (row.run.wall.as_secs_f64(), row.run.cpu.as_secs_f64());
            let _ = writeln!(
                text,
                "| {} | {wall:.2} s | {cpu:.2} s | {:.0} | {:.0} | {:.1} MiB |",
                row.name,
                self.files as f64 / wall,
                mebibytes_in_all / wall,
                mebibytes(row.memory),
            );
        }
        text.push('\n');
    }
}

/// Which machine, and in which state.
pub(super) fn machine(root: &Path) -> String {
    let line_of = |path: &str, name: &str| {
        let text = fs::read_to_string(path).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.split_once(':'));
        line.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let output = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).current_dir(root).output();
        output.map_or_else(|_| String::new(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let memory = line_of("/proc/meminfo", "MemTotal").split(' ').next().and_then(|kib| kib.parse::<f64>().ok());
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let changed = output("git", &["status", "--porcelain", "--untracked-files=no"]);
    format!(
        "- Machine: {}, {} cores, {:.0} GiB of memory, {}\n- Date: {}\n- Commit: {}{}, {}\n- Load average when it began, \
         which is other people's work: {}\n",
        line_of("/proc/cpuinfo", "model name"),
        std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        memory.unwrap_or_default() / f64::from(1 << 20),
        output("uname", &["-sr"]),
        output("date", &["-u", "+%F"]),
        output("git", &["rev-parse", "--short=10", "HEAD"]),
        if changed.is_empty() { "" } else { " with changes" },
        output("rustc", &["--version"]),
        load.split(' ').next().unwrap_or("unknown"),
    )
}

fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

const METHOD: &str = "\
- ripgrep is built from crates.io, optimised as its authors have it. Both find out the number of threads by themselves.
- Every file is of a format that rules are for, so that both programs search all of them; that is checked. ripgrep is
  told to look at hidden files as the scanner does, and honours the same ignore files.
- ripgrep gets the pattern of every rule, those that ignore case as such, and counts the lines that match. It is given
  `--no-unicode`, which makes its search cheaper; with Unicode these patterns cost it far more. It does not get what a
  rule's match must have beside it, nor the words of the evidence, both of which the scanner looks for as well. The
  last row has those words, too.
- Everything is in the page cache: the first round does not count. CPU time is that of all cores, of the program and of
  the kernel for it, counted in hundredths of a second.
- Memory is the highest resident set, `VmHWM`, in a run of its own.
- The planted tree is the same everywhere but for this repository's own text, of which it is made: every 200th file has
  something that is found, every 40th a word that rules look for and do not mind, every 16th evidence.
";
