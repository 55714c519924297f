//! The tenants that a command works with: of the files given, else of the built-in sample.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use ropeway_core::directory::{Directory, Password, file, sample};
use ropeway_core::ids::CONSUMER_TENANT;

use crate::environment;
use crate::failure::Failure;

/// The tenants of all files together, or the sample's.
pub(crate) fn directory(files: &[PathBuf]) -> Result<Directory, Failure> {
    if files.is_empty() {
        return sample();
    }
    let mut together = Directory::default();
    let mut seen = HashSet::new();
    for path in files {
        let text = text_of(path)?;
        let directory = read(path, &text)?;
        for known in directory.tenants {
            if seen.insert(known.tenant.id) {
                together.tenants.push(known);
            } else if known.tenant.id != CONSUMER_TENANT {
                return Err(Failure::bad_input(anyhow!(
                    "{}: tenant {} is in another file too",
                    path.display(),
                    known.tenant.id
                ))
                .hint("give every tenant once"));
            }
        }
    }
    Ok(together)
}

/// The built-in sample.
pub(crate) fn sample() -> Result<Directory, Failure> {
    sample::directory()
        .map_err(|faults| Failure::refusal(anyhow::Error::new(faults).context("the built-in sample is broken")))
}

/// A tenant file's text; `-` is stdin.
pub(crate) fn text_of(path: &Path) -> Result<String, Failure> {
    let text = if path == Path::new("-") {
        std::io::read_to_string(std::io::stdin()).context("cannot read stdin")
    } else {
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
    };
    text.map_err(|error| Failure::bad_input(error).hint("`ropeway tenant init` writes a file to start from"))
}

/// What messages call a file.
pub(crate) fn name_of(path: &Path) -> String {
    if path == Path::new("-") { "stdin".to_owned() } else { path.display().to_string() }
}

/// Reads a tenant file, with the environment's values for `{ env: NAME }`.
fn read(path: &Path, text: &str) -> Result<Directory, Failure> {
    match file::read(text, &name_of(path), &environment::variable) {
        Ok(file) => Ok(file.directory),
        Err(faults) => {
            let count = faults.0.len();
            let plural = if count == 1 { "fault" } else { "faults" };
            Err(Failure::bad_input(anyhow!("{count} {plural} in {}\n{faults}", name_of(path))))
        }
    }
}

/// Whether a password or a client secret in here is one of the sample's, which everybody can read.
pub(crate) fn holds_known_secrets(directory: &Directory) -> Result<bool, Failure> {
    let known = secrets(&sample()?);
    Ok(secrets(directory).iter().any(|secret| known.contains(secret)))
}

fn secrets(directory: &Directory) -> HashSet<String> {
    let mut secrets = HashSet::new();
    for known in &directory.tenants {
        for user in &known.users {
            if let Some(Password::Plain(password)) = &user.password {
                secrets.insert(password.expose().to_owned());
            }
        }
        for application in &known.tenant.applications {
            secrets.extend(
                application.password_credentials.iter().map(|credential| credential.secret_text.expose().to_owned()),
            );
        }
    }
    secrets
}
