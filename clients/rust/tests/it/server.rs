//! Starts the ropeway binary as a user would, once for all tests. It stops when this process ends, because its standard
//! input does.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

use serde_json::Value;

use crate::alpine::TENANT;

pub struct Server {
    pub origin: String,
    pub control_key: String,
    pub ca: reqwest::Certificate,
    /// Kept, for with it goes the pipe.
    _process: Child,
}

pub fn server() -> &'static Server {
    static SERVER: LazyLock<Server> = LazyLock::new(start);
    &SERVER
}

impl Server {
    pub fn authority(&self) -> String {
        format!("{}/{TENANT}", self.origin)
    }
}

fn start() -> Server {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ropeway");
    std::fs::create_dir_all(&home).unwrap();
    let ready_file = home.join("ready.json");
    let mut process = Command::new(binary())
        .args(["serve", "--stop-at-eof", "--listen", "127.0.0.1:0", "--ready-file"])
        .arg(&ready_file)
        .env("ROPEWAY_HOME", home.join("data"))
        .env("XDG_RUNTIME_DIR", &home)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // The ready line is the only one on standard output, so reading it is waiting without polling.
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("ready "), "ropeway did not get ready; it says above why");
    let ready: Value = serde_json::from_slice(&std::fs::read(ready_file).unwrap()).unwrap();
    let text = |name: &str| ready[name].as_str().unwrap().to_owned();
    let ca = reqwest::Certificate::from_pem(&std::fs::read(text("caFile")).unwrap()).unwrap();
    Server { origin: text("origin"), control_key: text("controlKey"), ca, _process: process }
}

fn binary() -> PathBuf {
    let given = std::env::var_os("ROPEWAY_BIN").map(PathBuf::from);
    let binary = given.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/debug/ropeway"));
    assert!(binary.exists(), "{} is not there; `cargo build -p ropeway` makes it", binary.display());
    binary
}
