//! `ropeway trust`.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{fs, io};

use anyhow::{Context, anyhow, bail};
use clap::Args;
use ropeway_server::serving::ca::{CertificateAuthority, Scope};
use ropeway_server::serving::home;
use ropeway_server::serving::origin::Origin;

use crate::failure::Failure;
use crate::{environment, output};

/// Trust in the local CA.
#[derive(Debug, Args)]
pub(crate) struct Trust {
    /// Install the local CA into the system's trust (as root)
    #[arg(long, conflicts_with = "remove")]
    install: bool,
    /// Remove the local CA from the system's trust (as root)
    #[arg(long)]
    remove: bool,
    /// The CA of this origin, when it is none of localhost, *.localhost, *.test and loopback addresses
    #[arg(long, value_name = "URL")]
    origin: Option<Origin>,
}

impl Trust {
    /// Tells, installs or removes.
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let home = home::data_home(&environment::variable_os)?;
        let names: Vec<_> = self.origin.iter().map(|origin| origin.host().clone()).collect();
        let authority = CertificateAuthority::open(&home, &Scope::for_names(&names), environment::now())?;
        let ca_file = authority.ca_file();
        if !self.install && !self.remove {
            output::print(&instructions(ca_file, authority.ca_bundle_file()))?;
            return Ok(ExitCode::SUCCESS);
        }
        let option = if self.install { "--install" } else { "--remove" };
        let store = SystemTrust::of_this_machine().ok_or_else(|| {
            Failure::refusal(anyhow!("this system's trust is not one that I know"))
                .hint("`ropeway trust` says how to trust by hand")
        })?;
        let done = if self.install { store.install(ca_file) } else { store.remove(ca_file) };
        match done {
            Ok(text) => output::tell(&format!("{text}\n")),
            Err(error) if lacks_permission(&error) => {
                // Under sudo HOME is root's, and with it the CA would be another.
                let program = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("ropeway"));
                let again = format!("sudo env ROPEWAY_HOME='{}' {} trust {option}", home.display(), program.display());
                return Err(Failure::refusal(error).hint(again));
            }
            Err(error) => return Err(Failure::refusal(error)),
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// How this system keeps the roots that all programs trust.
#[derive(Debug, Clone, PartialEq, Eq)]
enum SystemTrust {
    /// A folder for one's own roots and a command that takes them over.
    Folder { folder: &'static str, update: &'static str },
    /// macOS' system keychain.
    Keychain,
}

impl SystemTrust {
    fn of_this_machine() -> Option<Self> {
        if cfg!(target_os = "macos") {
            return Some(Self::Keychain);
        }
        FOLDERS
            .iter()
            .find(|(folder, update)| Path::new(folder).is_dir() && program_exists(update))
            .map(|(folder, update)| Self::Folder { folder, update })
    }

    fn install(&self, ca_file: &Path) -> anyhow::Result<String> {
        match self {
            Self::Folder { folder, update } => {
                let target = Path::new(folder).join(installed_name(ca_file)?);
                fs::copy(ca_file, &target).with_context(|| format!("cannot write {}", target.display()))?;
                run(&mut Command::new(update))?;
                Ok(format!("Installed as {}. `ropeway trust --remove` takes it away.", target.display()))
            }
            Self::Keychain => {
                let mut command = Command::new("security");
                run(command.args(["add-trusted-cert", "-d", "-r", "trustRoot", "-k", KEYCHAIN]).arg(ca_file))?;
                Ok(format!("Installed in {KEYCHAIN}. `ropeway trust --remove` takes it away."))
            }
        }
    }

    fn remove(&self, ca_file: &Path) -> anyhow::Result<String> {
        match self {
            Self::Folder { folder, update } => {
                let target = Path::new(folder).join(installed_name(ca_file)?);
                match fs::remove_file(&target) {
                    Ok(()) => run(&mut Command::new(update))?,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {
                        return Ok("It was not installed.".to_owned());
                    }
                    Err(error) => return Err(error).with_context(|| format!("cannot remove {}", target.display())),
                }
                Ok(format!("Removed {}.", target.display()))
            }
            Self::Keychain => {
                run(Command::new("security").args(["remove-trusted-cert", "-d"]).arg(ca_file))?;
                Ok(format!("Removed from {KEYCHAIN}."))
            }
        }
    }
}

fn installed_name(ca_file: &Path) -> anyhow::Result<String> {
    let stem = ca_file.file_stem().ok_or_else(|| anyhow!("{} has no name", ca_file.display()))?;
    // Debian takes `.crt` only; the others take anything.
    Ok(format!("{}.crt", stem.to_string_lossy()))
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| format!("cannot run {name}"))?;
    if !output.status.success() {
        bail!("{name} failed: {}", String::from_utf8_lossy(&output.stderr).trim_end());
    }
    Ok(())
}

fn program_exists(name: &str) -> bool {
    let path = environment::variable_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]).any(|folder| folder.join(name).is_file())
}

fn lacks_permission(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::PermissionDenied)
    })
}

fn instructions(ca_file: &Path, bundle: &Path) -> String {
    let installed = installed_name(ca_file).unwrap_or_default();
    let (ca, bundle) = (ca_file.display(), bundle.display());
    format!(
        "The local CA is {ca}
Its certificate vouches for localhost, *.localhost, *.test and loopback addresses only, unless it belongs to another --origin.

One program at a time (`eval \"$(ropeway env)\"` sets all of them):
  Python requests, MSAL Python, az   REQUESTS_CA_BUNDLE='{bundle}'
  Node                               NODE_EXTRA_CA_CERTS='{ca}'
  OpenSSL, curl, Go, Rust            SSL_CERT_FILE='{bundle}'

The whole system (as root; `ropeway trust --install` does it on Debian, Fedora, Arch and macOS):
  Debian, Ubuntu   cp '{ca}' /usr/local/share/ca-certificates/{installed} && update-ca-certificates
  Fedora, RHEL     cp '{ca}' /etc/pki/ca-trust/source/anchors/{installed} && update-ca-trust
  Arch             cp '{ca}' /etc/ca-certificates/trust-source/anchors/{installed} && update-ca-trust
  macOS            security add-trusted-cert -d -r trustRoot -k {KEYCHAIN} '{ca}'
  Windows          certutil -addstore -f Root \"{ca}\"

Firefox and Chromium on Linux keep roots of their own:
  certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n ropeway -i '{ca}'
"
    )
}

const KEYCHAIN: &str = "/Library/Keychains/System.keychain";
const FOLDERS: [(&str, &str); 3] = [
    ("/usr/local/share/ca-certificates", "update-ca-certificates"),
    ("/etc/pki/ca-trust/source/anchors", "update-ca-trust"),
    ("/etc/ca-certificates/trust-source/anchors", "update-ca-trust"),
];
