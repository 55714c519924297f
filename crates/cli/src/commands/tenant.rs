//! `ropeway tenant`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use clap::{Args, Subcommand};
use ropeway_core::directory::{file, sample};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::{environment, output, tenant_files};

/// What to do with a tenant file.
#[derive(Debug, Subcommand)]
pub(crate) enum Tenant {
    /// Write the sample tenant to a file, to start from
    Init(Init),
    /// Check a tenant file and point at every fault
    Check(Check),
    /// Print the effective tenants, with everything that is built in or derived
    Show(Show),
    /// Print the JSON Schema of the tenant file, for editors
    Schema,
}

impl Tenant {
    /// Does it.
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        match self {
            Self::Init(init) => init.run(),
            Self::Check(check) => check.run(),
            Self::Show(show) => output::print(&file::show(&tenant_files::directory(&show.files)?)),
            Self::Schema => output::print_json(&file::schema()),
        }?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Where to write the sample.
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The file to write; `-` is stdout
    #[arg(value_name = "FILE", default_value = "tenant.yaml")]
    file: PathBuf,
    /// Overwrite a file that exists
    #[arg(long)]
    force: bool,
}

impl Init {
    fn run(self) -> Result<(), Failure> {
        if self.file == Path::new("-") {
            return output::print(sample::FILE);
        }
        let mut options = fs::OpenOptions::new();
        options.write(true);
        if self.force {
            options.create(true).truncate(true)
        } else {
            options.create_new(true)
        };
        let mut file = options.open(&self.file).map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => Failure::bad_input(anyhow!("{} exists", self.file.display()))
                .hint("name another file, or add `--force`"),
            _ => Failure::bad_input(anyhow::Error::new(error).context(format!("cannot write {}", self.file.display()))),
        })?;
        std::io::Write::write_all(&mut file, sample::FILE.as_bytes())
            .with_context(|| format!("cannot write {}", self.file.display()))?;
        output::tell(&format!(
            "The sample tenant is in {0}; change it, then `ropeway serve --tenant {0}`.\n",
            self.file.display()
        ));
        Ok(())
    }
}

/// Which file to check.
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The tenant file; `-` is stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Print faults and notes as JSON
    #[arg(long)]
    json: bool,
}

impl Check {
    fn run(self) -> Result<(), Failure> {
        let text = tenant_files::text_of(&self.file)?;
        let name = tenant_files::name_of(&self.file);
        let (faults, notes, tenants) = match file::read(&text, &name, &environment::variable) {
            Ok(file) => (Vec::new(), file.without_effect, file.directory.tenants),
            Err(faults) => (faults.0, Vec::new(), Vec::new()),
        };
        if self.json {
            let faults: Vec<Value> = faults
                .iter()
                .map(|fault| {
                    let (line, column) = (fault.place.line, fault.place.column);
                    json!({"line": line, "column": column, "path": fault.path, "found": fault.found, "remedy": fault.remedy})
                })
                .collect();
            let notes: Vec<Value> = notes
                .iter()
                .map(|note| {
                    let (line, column) = (note.place.line, note.place.column);
                    json!({"line": line, "column": column, "path": note.path, "text": note.text, "times": note.times})
                })
                .collect();
            output::print_json(&json!({"file": name, "faults": faults, "withoutEffect": notes}))?;
        } else {
            let lines = faults.iter().map(ToString::to_string).chain(notes.iter().map(|note| format!("{note} [note]")));
            output::print(&lines.map(|line| line + "\n").collect::<String>())?;
        }
        match faults.len() {
            0 => {
                let users: usize = tenants.iter().map(|known| known.users.len()).sum();
                output::tell(&format!("{name} is right: {} tenants, {users} users.\n", tenants.len()));
                Ok(())
            }
            1 => Err(Failure::refusal(anyhow!("1 fault in {name}"))),
            count => Err(Failure::refusal(anyhow!("{count} faults in {name}"))),
        }
    }
}

/// Which tenants to print.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Tenant files; the sample without one
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}
