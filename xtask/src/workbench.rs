use std::path::{Path, PathBuf};

use anyhow::Context;

/// Where the chores work and what they may do to the machine.
pub(crate) struct Workbench {
    /// The repository.
    pub(crate) root: PathBuf,
    /// Cargo's target folder, which this very program was built into.
    pub(crate) target: PathBuf,
    /// Whether apt-get may be asked through sudo.
    pub(crate) install: bool,
}

impl Workbench {
    pub(crate) fn here(install: bool) -> anyhow::Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask lies in the repository")?;
        let program = std::env::current_exe().context("finding this program")?;
        let target = program.ancestors().nth(2).context("this program lies in target/PROFILE")?;
        Ok(Self { root: root.to_owned(), target: target.to_owned(), install })
    }

    /// A place for an installed tool.
    pub(crate) fn tool(&self, name: &str) -> PathBuf {
        self.target.join("tools").join(name)
    }

    /// The binary that the clients drive: the one that building the tests leaves behind, so nothing is built twice.
    pub(crate) fn ropeway(&self) -> PathBuf {
        self.target.join("debug/ropeway")
    }
}
