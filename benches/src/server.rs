//! The binary that is measured, as a person starts it.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;
use ropeway_server::serving::ready::Ready;

use crate::clock;

/// How a server is started.
#[derive(Debug, Clone)]
pub(crate) struct Setting {
    /// The release binary.
    pub(crate) ropeway: PathBuf,
    /// An empty folder of our own, so that nothing of the user's is touched.
    pub(crate) folder: PathBuf,
    /// `--tenant`; without it the sample.
    pub(crate) tenant: Option<PathBuf>,
    /// `--data`; without it the directory is in memory.
    pub(crate) data: Option<PathBuf>,
}

/// A running server. Dropping it ends it.
pub(crate) struct Server {
    child: Child,
    /// What it told of itself.
    pub(crate) ready: Ready,
    /// When it was spawned.
    pub(crate) spawned: Instant,
    /// From spawn to its line `ready`.
    pub(crate) ready_after: Duration,
}

impl Setting {
    /// Where the server keeps its CA and its spare keys.
    pub(crate) fn home(&self) -> PathBuf {
        self.folder.join("home")
    }

    /// Starts it and waits until it is ready.
    ///
    /// # Errors
    /// It ended instead, or the binary is not there.
    pub(crate) fn start(&self) -> anyhow::Result<Server> {
        let ready_file = self.folder.join("ready.json");
        let log = self.folder.join("server.log");
        let mut command = Command::new(&self.ropeway);
        command.args(["serve", "--listen", "127.0.0.1:0", "--ready-file"]).arg(&ready_file);
        command.args(self.tenant.iter().flat_map(|file| [Path::new("--tenant"), file]));
        command.args(self.data.iter().flat_map(|folder| [Path::new("--data"), folder]));
        command.env("ROPEWAY_HOME", self.home()).env("XDG_RUNTIME_DIR", &self.folder).env_remove("RUST_LOG");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(File::create(&log)?);
        let spawned = clock::stopwatch();
        let mut child = command.spawn().with_context(|| format!("starting {}", self.ropeway.display()))?;
        let mut line = String::new();
        let stdout = child.stdout.take().context("the server has no stdout")?;
        BufReader::new(stdout).read_line(&mut line).context("waiting for the server")?;
        let ready_after = spawned.elapsed();
        if !line.starts_with("ready ") {
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            anyhow::bail!("the server did not start: {}", said.trim());
        }
        let ready = serde_json::from_slice(&std::fs::read(&ready_file)?).context("reading the ready file")?;
        Ok(Server { child, ready, spawned, ready_after })
    }
}

impl Server {
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends it gently and waits, so that its data directory is free.
    ///
    /// # Errors
    /// It cannot be told to end.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        let told = Command::new("kill").arg(self.pid().to_string()).status().context("running kill")?;
        anyhow::ensure!(told.success(), "the server could not be told to end");
        self.child.wait().context("waiting for the server's end")?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
