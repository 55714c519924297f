//! Telling other processes that a server is ready: the ready file and the runtime file.

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use ropeway_core::ids::TenantId;
use ropeway_core::secret::Secret;
use serde::{Deserialize, Serialize};

use super::{Bound, home};

/// What a running server tells of itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ready {
    /// The main origin.
    pub origin: String,
    /// Every address it listens on, the main ones first.
    pub listen: Vec<SocketAddr>,
    /// The tenants it serves, in the order of their files.
    pub tenants: Vec<ReadyTenant>,
    /// The local CA's certificate alone, in PEM.
    pub ca_file: PathBuf,
    /// The system's roots and the local CA, in PEM.
    pub ca_bundle_file: PathBuf,
    /// The bearer token of the control API.
    #[serde(with = "readable_secret")]
    pub control_key: Secret,
    /// The process.
    pub pid: u32,
}

/// One served tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReadyTenant {
    /// The tenant's id.
    pub tenant_id: TenantId,
    /// Its name for people.
    pub display_name: String,
    /// Its verified domains, the default one first.
    pub domains: Vec<String>,
}

impl Ready {
    /// What this server is going to tell, with a control key made for it ([`new_control_key`]).
    pub fn new(bound: &Bound, tenants: Vec<ReadyTenant>, control_key: Secret) -> Self {
        Self {
            origin: bound.origin().to_owned(),
            listen: bound.addresses().to_vec(),
            tenants,
            ca_file: bound.ca_file().to_owned(),
            ca_bundle_file: bound.ca_bundle_file().to_owned(),
            control_key,
            pid: std::process::id(),
        }
    }

    /// Writes the runtime file in `runtime_dir` and the `--ready-file`, each atomically and for its owner's eyes only.
    /// The runtime file is removed when the result is dropped.
    ///
    /// # Errors
    /// When one of them cannot be written.
    pub fn announce(&self, runtime_dir: &Path, ready_file: Option<&Path>) -> anyhow::Result<Announcement> {
        let text = serde_json::to_vec_pretty(self).context("writing what the server tells of itself")?;
        home::make_private_dir(runtime_dir)?;
        let port = self.listen.first().map_or(0, SocketAddr::port);
        let mut path = runtime_dir.join(format!("{port}.json"));
        // Servers with an address each may share a port number.
        if read(&path).is_some_and(|other| other.pid != self.pid && other.answers()) {
            path = runtime_dir.join(format!("{port}-{}.json", self.pid));
        }
        home::write_atomically(&path, &text, 0o600).with_context(|| format!("writing {}", path.display()))?;
        let announcement = Announcement { path, pid: self.pid };
        if let Some(ready_file) = ready_file {
            home::write_atomically(ready_file, &text, 0o600)
                .with_context(|| format!("writing the ready file {}", ready_file.display()))?;
        }
        Ok(announcement)
    }

    fn answers(&self) -> bool {
        const LONG_FOR_LOOPBACK: Duration = Duration::from_millis(500);
        self.listen.first().is_some_and(|address| {
            let mut address = *address;
            if address.ip().is_unspecified() {
                address.set_ip(if address.is_ipv4() {
                    [127, 0, 0, 1].into()
                } else {
                    std::net::Ipv6Addr::LOCALHOST.into()
                });
            }
            TcpStream::connect_timeout(&address, LONG_FOR_LOOPBACK).is_ok()
        })
    }
}

/// A runtime file that goes when this does.
#[derive(Debug)]
pub struct Announcement {
    path: PathBuf,
    pid: u32,
}

impl Announcement {
    /// Where the runtime file is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Announcement {
    fn drop(&mut self) {
        if read(&self.path).is_some_and(|ready| ready.pid == self.pid) {
            // At exit there is nobody left to tell; readers pass over a file whose server does not answer.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The servers of this user that run now, by port.
pub fn running(runtime_dir: &Path) -> Vec<Ready> {
    let entries = fs::read_dir(runtime_dir).into_iter().flatten().flatten();
    let files = entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "json"));
    let mut running: Vec<Ready> = files.filter_map(|path| read(&path)).filter(Ready::answers).collect();
    running.sort_by_key(|ready| ready.listen.first().map(|address| (address.port(), address.ip())));
    running
}

/// A fresh bearer token for the control API: 256 random bits in hexadecimal.
///
/// # Errors
/// When the system gives no random bytes.
pub fn new_control_key() -> anyhow::Result<Secret> {
    let mut bytes = [0u8; 32];
    #[expect(
        clippy::disallowed_methods,
        reason = "the key of one process is drawn once, at its start, before any request"
    )]
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| anyhow::anyhow!("the system gives no random bytes"))?;
    Ok(Secret::new(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()))
}

fn read(path: &Path) -> Option<Ready> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// The ready file is how its owner's other processes learn the key.
mod readable_secret {
    use ropeway_core::secret::Secret;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(secret.expose())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
        String::deserialize(deserializer).map(Secret::new)
    }
}
