//! `ropeway explain`.

use std::process::ExitCode;

use anyhow::anyhow;
use clap::Args;
use ropeway_core::error::catalogue::{self, Row};
use ropeway_core::error::explain::{explain, nearest, parse_code};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::output;

/// What an AADSTS code means.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The code: `50126`, `AADSTS50126`, or a whole message that begins with it
    #[arg(value_name = "CODE")]
    code: String,
    /// Print the row of the catalogue as JSON
    #[arg(long)]
    json: bool,
}

impl Explain {
    /// Prints the row.
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let code = parse_code(&self.code).ok_or_else(|| {
            Failure::bad_input(anyhow!("`{}` is no AADSTS code", self.code)).hint("ropeway explain 50126")
        })?;
        let row = catalogue::find(code).ok_or_else(|| unknown(code))?;
        if self.json {
            output::print_json(&as_json(row))?;
        } else {
            output::print(&explain(row))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn unknown(code: u32) -> Failure {
    let failure = Failure::refusal(anyhow!("the catalogue has no AADSTS{code}"));
    let near: Vec<String> =
        nearest(code).iter().take(3).map(|row| format!("`ropeway explain {}` ({})", row.code, row.name)).collect();
    match near.is_empty() {
        true => failure.hint("https://login.microsoftonline.com/error may know it"),
        false => failure.hint(format!("did you mean {}?", near.join(" or "))),
    }
}

fn as_json(row: &Row) -> Value {
    json!({
        "code": row.code,
        "name": row.name,
        "error": row.error,
        "errorV1": row.error_v1,
        "suberror": row.suberror,
        "status": row.status,
        "errorUri": row.error_uri,
        "text": row.template,
        "cause": row.cause,
        "remedy": row.remedy,
        "confidence": format!("{:?}", row.confidence).to_lowercase(),
        "source": row.source,
        "raisedHere": !row.raised_by.is_empty(),
    })
}
