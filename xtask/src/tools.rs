use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::Context;

use crate::command::{cargo, command, run, works};
use crate::report::say;
use crate::workbench::Workbench;

/// Why a tool is not there, with what would bring it.
pub(crate) struct Missing(pub(crate) String);

/// cargo-deny, from crates.io, built once.
pub(crate) fn cargo_deny(bench: &Workbench) -> Result<PathBuf, Missing> {
    from_crates_io(bench, "cargo-deny", "0.20.2")
}

/// cargo-fuzz, from crates.io, built once.
pub(crate) fn cargo_fuzz(bench: &Workbench) -> Result<PathBuf, Missing> {
    from_crates_io(bench, "cargo-fuzz", "0.13.2")
}

fn from_crates_io(bench: &Workbench, name: &str, version: &str) -> Result<PathBuf, Missing> {
    let folder = bench.tool(name);
    install(&folder, version.as_bytes(), || {
        let root = folder.to_string_lossy();
        // Unoptimised: it is run once a day and built on every fresh machine.
        run(&mut cargo(&["install", name, "--version", version, "--locked", "--debug", "--root", &root], &bench.root))
    })?;
    Ok(folder.join("bin").join(name))
}

/// ripgrep, from crates.io, optimised: it is what a benchmark is measured against.
pub(crate) fn ripgrep(bench: &Workbench) -> Result<PathBuf, Missing> {
    const VERSION: &str = "15.2.0";
    let folder = bench.tool("ripgrep");
    let program = folder.join("bin/rg");
    install(&folder, VERSION.as_bytes(), || {
        let root = folder.to_string_lossy();
        run(&mut cargo(&["install", "ripgrep", "--version", VERSION, "--locked", "--root", &root], &bench.root))
    })?;
    Ok(program)
}

/// The Python of a virtual environment that holds exactly what the suite's `requirements.txt` pins.
pub(crate) fn python(bench: &Workbench, name: &str, suite: &Path) -> Result<PathBuf, Missing> {
    const OLDEST: &str = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))";
    let usable = || works("python3", &["-c", OLDEST]);
    if !usable() {
        system_packages(bench, &["python3", "python3-venv"], "Python 3.11 or newer with its venv module")?;
    }
    if !usable() {
        return Err(Missing("`python3` is older than 3.11, or without venv".into()));
    }
    let folder = bench.tool(name);
    let python = folder.join("bin/python");
    let requirements = suite.join("requirements.txt");
    let pinned = read(&requirements)?;
    install(&folder, &pinned, || {
        let root = folder.to_string_lossy();
        run(&mut command("python3", &["-m", "venv", "--clear", &root], &bench.root))?;
        let list = requirements.to_string_lossy();
        let pip = ["-m", "pip", "install", "--progress-bar", "off", "--require-hashes", "--requirement", &list];
        run(&mut command(&python, &pip, &bench.root))
    })?;
    Ok(python)
}

/// Node.js, with `node_modules` beside the suite's own files as its `package-lock.json` pins them: they are in the folder
/// `name` of the tools.
pub(crate) fn node(bench: &Workbench, name: &str, suite: &Path) -> Result<PathBuf, Missing> {
    const OLDEST: &str = "process.exit(Number(process.versions.node.split('.')[0]) < 20 ? 1 : 0)";
    let usable = || works("node", &["-e", OLDEST]) && works("npm", &["--version"]);
    if !usable() {
        system_packages(bench, &["nodejs", "npm"], "Node.js 20 or newer with npm")?;
    }
    if !usable() {
        return Err(Missing("`node` is older than 20, or `npm` is not there".into()));
    }
    if !works("openssl", &["version"]) {
        system_packages(bench, &["openssl"], "OpenSSL's command, which makes the suite's certificates,")?;
    }
    let folder = bench.tool(name);
    let lock = read(&suite.join("package-lock.json"))?;
    install(&folder, &lock, || {
        fs::create_dir_all(&folder)?;
        for name in ["package.json", "package-lock.json"] {
            fs::copy(suite.join(name), folder.join(name)).with_context(|| format!("copying {name}"))?;
        }
        run(&mut command("npm", &["ci", "--ignore-scripts"], &folder))
    })?;
    link(&folder.join("node_modules"), &suite.join("node_modules")).map_err(missing)?;
    Ok("node".into())
}

/// A Chromium on the `PATH`, of whatever name.
pub(crate) fn chromium(bench: &Workbench) -> Result<(), Missing> {
    let found = || ["chromium", "chromium-browser", "google-chrome"].iter().any(|name| works(name, &["--version"]));
    if !found() {
        system_packages(bench, &["chromium"], "Chromium")?;
    }
    if found() { Ok(()) } else { Err(Missing("`chromium` is not there".into())) }
}

/// A GOPATH that holds the modules which the suite's `go.sum` pins.
pub(crate) fn go(bench: &Workbench, suite: &Path) -> Result<PathBuf, Missing> {
    let root = suite.to_string_lossy();
    // It fails where go.mod asks for a newer Go than this one, and than this one may fetch.
    let usable = || works("go", &["-C", &root, "list", "-m"]);
    if !usable() {
        system_packages(bench, &["golang-go"], "Go, as new as clients/go/go.mod says")?;
    }
    if !usable() {
        return Err(Missing("`go` is older than clients/go/go.mod says".into()));
    }
    let folder = bench.tool("go");
    let sums = read(&suite.join("go.sum"))?;
    install(&folder, &sums, || {
        fs::create_dir_all(&folder)?;
        // Go writes modules read-only, and nobody could delete `target`.
        let mut download = command("go", &["mod", "download", "-modcacherw"], suite);
        run(download.env("GOPATH", &folder))
    })?;
    Ok(folder)
}

/// A local Maven repository with what the suite's `pom.xml` pins.
pub(crate) fn java(bench: &Workbench, suite: &Path) -> Result<PathBuf, Missing> {
    let usable = || works("javac", &["--version"]) && works("mvn", &["--version"]);
    if !usable() {
        system_packages(bench, &["default-jdk-headless", "maven"], "a JDK of 17 or newer with Maven")?;
    }
    if !usable() {
        return Err(Missing("`javac` or `mvn` is not there".into()));
    }
    let folder = bench.tool("java");
    let pinned = read(&suite.join("pom.xml"))?;
    install(&folder, &pinned, || {
        fs::create_dir_all(&folder)?;
        let local = format!("-Dmaven.repo.local={}", folder.display());
        let mvn = ["--batch-mode", "--no-transfer-progress", "--strict-checksums", "--quiet"];
        run(&mut command("mvn", &[&mvn[..], &[&local, "test-compile"]].concat(), suite))
    })?;
    Ok(folder)
}

/// OpenSSL to be linked with, by which azure_identity reads a client's certificate.
pub(crate) fn openssl_headers(bench: &Workbench) -> Result<(), Missing> {
    let found = || works("pkg-config", &["--exists", "openssl"]);
    match found() {
        true => Ok(()),
        false => system_packages(bench, &["libssl-dev", "pkg-config"], "OpenSSL's development package"),
    }
}

/// Runs `steps` unless they ran before for the same pins. A copy of the pins is left in the folder, last.
fn install(folder: &Path, pins: &[u8], steps: impl FnOnce() -> anyhow::Result<()>) -> Result<(), Missing> {
    let stamp = folder.join("installed");
    if fs::read(&stamp).is_ok_and(|installed| installed == pins) {
        return Ok(());
    }
    say(&format!("installing into {}", folder.display()));
    steps().and_then(|()| fs::write(&stamp, pins).context("noting what is installed")).map_err(missing)
}

/// Asks apt-get for Debian's packages: as root as it is, else only if the person said so.
fn system_packages(bench: &Workbench, packages: &[&str], what: &str) -> Result<(), Missing> {
    let list = packages.join(" ");
    let root = fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    if !works("apt-get", &["--version"]) {
        return Err(Missing(format!("{what} is missing")));
    }
    if !root && !bench.install {
        return Err(Missing(format!("{what} is missing: apt-get install {list}, or pass --install")));
    }
    say(&format!("{what} is missing; installing {list}"));
    let apt = |arguments: &[&str]| {
        let all = [&["apt-get"], arguments].concat();
        let (program, arguments) = if root { ("env", all) } else { ("sudo", all) };
        run(command(program, &arguments, &bench.root).env("DEBIAN_FRONTEND", "noninteractive"))
    };
    let install = [&["install", "--yes", "--no-install-recommends"], packages].concat();
    apt(&["update"]).and_then(|()| apt(&install)).map_err(missing)
}

/// Node looks for packages beside the file that names them, so an installed folder is made to appear there.
pub(crate) fn link(folder: &Path, at: &Path) -> anyhow::Result<()> {
    if fs::read_link(at).is_ok_and(|target| target == folder) {
        return Ok(());
    }
    match fs::symlink_metadata(at) {
        Ok(found) if found.is_dir() => return Ok(()), // somebody ran `npm ci` by hand
        Ok(_) => fs::remove_file(at).context("removing an old link")?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error).context("looking at node_modules"),
    }
    std::os::unix::fs::symlink(folder, at).context("linking node_modules")
}

/// Copies the files of a folder, not those of folders in it, into a new one.
pub(crate) fn copy_files(from: &Path, to: &Path) -> anyhow::Result<()> {
    if to.exists() {
        fs::remove_dir_all(to).with_context(|| format!("removing {}", to.display()))?;
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("reading {}", from.display()))? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, Missing> {
    fs::read(path).with_context(|| format!("reading {}", path.display())).map_err(missing)
}

fn missing(error: anyhow::Error) -> Missing {
    Missing(format!("{error:#}"))
}
