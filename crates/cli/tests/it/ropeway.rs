//! Running the binary in a home of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A user's surroundings: data directory, runtime directory, nothing inherited.
pub(crate) struct Surroundings {
    folder: TempDir,
}

impl Surroundings {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        self.program(env!("CARGO_BIN_EXE_ropeway"), arguments)
    }

    /// Another program in the same surroundings.
    pub(crate) fn program(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .env("ROPEWAY_HOME", self.path().join("home"))
            .env("XDG_RUNTIME_DIR", self.path().join("run"))
            .stdin(Stdio::null());
        command
    }

    /// Runs a command to its end and shows everything a user sees of it; this folder's path is `[FOLDER]`.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        self.shown(self.command(arguments), "")
    }

    /// The same, with something typed in.
    pub(crate) fn run_with_stdin(&self, arguments: &[&str], stdin: &str) -> String {
        self.shown(self.command(arguments), stdin)
    }

    pub(crate) fn shown(&self, mut command: Command, stdin: &str) -> String {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(stdin.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let mut text = format!("exit code {}\n", output.status.code().unwrap());
        for (name, bytes) in [("stdout", output.stdout), ("stderr", output.stderr)] {
            if !bytes.is_empty() {
                text.push_str(&format!("--- {name}\n{}", String::from_utf8(bytes).unwrap()));
            }
        }
        text.replace(&*self.path().to_string_lossy(), "[FOLDER]")
    }

    /// Starts `serve` on a free port of 127.0.0.1 and waits until it is ready.
    pub(crate) fn serve(&self, arguments: &[&str]) -> Server {
        self.serve_by(self.command(SERVE), arguments)
    }

    /// The same in a process that a shell script prepares and hands over to the server with `exec "$@"`.
    pub(crate) fn serve_in(&self, shell: &[&str], arguments: &[&str]) -> Server {
        let binary = [env!("CARGO_BIN_EXE_ropeway")];
        self.serve_by(self.program(shell[0], &[&shell[1..], &binary, SERVE].concat()), arguments)
    }

    fn serve_by(&self, mut command: Command, arguments: &[&str]) -> Server {
        let ready_file = self.path().join("ready.json");
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut ready_line = String::new();
        stdout.read_line(&mut ready_line).unwrap();
        if ready_line.is_empty() {
            let mut stderr = String::new();
            child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
            panic!("the server does not start: {stderr}");
        }
        let ready = serde_json::from_slice(&std::fs::read(ready_file).unwrap()).unwrap();
        Server { child, stdout, ready_line, ready }
    }
}

/// A running `serve`.
pub(crate) struct Server {
    child: Child,
    stdout: BufReader<ChildStdout>,
    pub(crate) ready_line: String,
    pub(crate) ready: Value,
}

impl Server {
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`: the process ends where it stands.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends a signal and gives exit code, the rest of stdout, and stderr.
    pub(crate) fn stop(self, signal: &str) -> (Option<i32>, String, String) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        self.end()
    }

    /// Ends the server's standard input.
    pub(crate) fn end_input(&mut self) {
        drop(self.child.stdin.take());
    }

    /// Waits until it stops of itself, and gives the same.
    pub(crate) fn end(mut self) -> (Option<i32>, String, String) {
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.stdout.read_to_string(&mut stdout).unwrap();
        self.child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        (self.child.wait().unwrap().code(), stdout, stderr)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A test that fails must not leave its server behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const SERVE: &[&str] = &["serve", "--listen", "127.0.0.1:0", "--ready-file", "ready.json"];
