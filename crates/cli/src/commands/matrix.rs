//! `ropeway matrix`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::anyhow;
use clap::Args;

use crate::failure::Failure;
use crate::{matrix, output, tenant_files};

/// Every test user and every flow.
#[derive(Debug, Args)]
#[command(
    after_help = "Each flow is really run, against a private copy that is dropped afterwards. A user whose password \
    is known by its hash only is listed as not run."
)]
pub(crate) struct Matrix {
    /// A tenant file; may be repeated [default: the built-in sample]
    #[arg(long, value_name = "FILE")]
    tenant: Vec<PathBuf>,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

impl Matrix {
    /// Runs it and prints it.
    pub(crate) async fn run(self) -> Result<ExitCode, Failure> {
        let directory = tenant_files::directory(&self.tenant)?;
        let matrix = matrix::run(&directory).await?;
        if matrix.tenants.is_empty() {
            let why = "no tenant of the file has a client that acts for users";
            return Err(Failure::bad_input(anyhow!(why)).hint(
                "add an application with requiredResourceAccess; `ropeway tenant init` writes a file that has some",
            ));
        }
        if self.json {
            output::print_json(&matrix.json())?;
        } else {
            output::print(&matrix.text())?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
