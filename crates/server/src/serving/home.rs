//! Where Ropeway keeps things for its user, and how a file gets there whole.

use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, bail};

/// The user's data directory: `ROPEWAY_HOME`, else `ropeway` under `$XDG_DATA_HOME` or `~/.local/share`.
/// `environment` answers a variable's name.
///
/// # Errors
/// When the environment names no home directory.
pub fn data_home(environment: &dyn Fn(&str) -> Option<OsString>) -> anyhow::Result<PathBuf> {
    if let Some(home) = path_from(environment, "ROPEWAY_HOME") {
        return std::path::absolute(home).context("ROPEWAY_HOME names no folder");
    }
    if let Some(data) = path_from(environment, "XDG_DATA_HOME").filter(|path| path.is_absolute()) {
        return Ok(data.join("ropeway"));
    }
    if let Some(local) = path_from(environment, "LOCALAPPDATA").filter(|_| cfg!(windows)) {
        return Ok(local.join("ropeway"));
    }
    match path_from(environment, "HOME") {
        Some(home) => Ok(home.join(".local/share/ropeway")),
        None => bail!("no place for the local CA: neither ROPEWAY_HOME nor HOME is set; set ROPEWAY_HOME to a folder"),
    }
}

/// The folder where running servers tell of themselves: `ropeway` under `$XDG_RUNTIME_DIR`, else a private one per user
/// under the temporary directory. `environment` answers a variable's name.
pub fn runtime_dir(environment: &dyn Fn(&str) -> Option<OsString>) -> PathBuf {
    if let Some(runtime) = path_from(environment, "XDG_RUNTIME_DIR").filter(|path| path.is_absolute()) {
        return runtime.join("ropeway");
    }
    let user = match own_uid() {
        Some(uid) => uid.to_string(),
        None => path_from(environment, "USER").unwrap_or_default().to_string_lossy().replace(['/', '\\'], "_"),
    };
    std::env::temp_dir().join(format!("ropeway-{user}"))
}

/// Makes the folder and those above it, those that are new readable by their owner only.
///
/// # Errors
/// When it cannot be made.
pub fn make_dir(path: &Path) -> anyhow::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).with_context(|| format!("making {}", path.display()))
}

/// Makes the folder, or closes one that exists to everybody but its owner.
///
/// # Errors
/// When it cannot be made, or is a link, or belongs to somebody else: under a shared temporary directory that would be a trap.
pub fn make_private_dir(path: &Path) -> anyhow::Result<()> {
    make_dir(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        let metadata = fs::symlink_metadata(path).with_context(|| format!("looking at {}", path.display()))?;
        if !metadata.is_dir() || own_uid().is_some_and(|uid| uid != metadata.uid()) {
            bail!("{} is not a folder of yours; remove it", path.display());
        }
        if metadata.permissions().mode() & 0o077 != 0 {
            fs::set_permissions(path, fs::Permissions::from_mode(0o700))
                .with_context(|| format!("closing {} to others", path.display()))?;
        }
    }
    Ok(())
}

/// Writes a file so that a reader sees the old content or the new one, never a part. `mode` holds from its first byte on.
/// After a power cut it may be empty: [`write_durably`] is for what must outlive one.
///
/// # Errors
/// When the folder cannot be written to.
pub fn write_atomically(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    replace(path, content, mode, |_| Ok(()))
}

/// [`write_atomically`], and the content is on the disk before the file has its name. Waits for the disk.
///
/// # Errors
/// When the folder cannot be written to.
pub fn write_durably(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    replace(path, content, mode, fs::File::sync_all)
}

fn replace(
    path: &Path,
    content: &[u8],
    mode: u32,
    before_it_has_its_name: impl Fn(&fs::File) -> io::Result<()>,
) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    loop {
        let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
        let temporary = folder.join(format!(".{name}.{}-{number}", std::process::id()));
        match write_new(&temporary, content, mode).and_then(|file| before_it_has_its_name(&file)) {
            // Left by an earlier process of this number.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
            written => {
                let written = written.and_then(|()| fs::rename(&temporary, path));
                if written.is_err() {
                    // The first error is the one to tell; a leftover is hidden and harmless.
                    let _ = fs::remove_file(&temporary);
                }
                return written;
            }
        }
    }
}

fn write_new(path: &Path, content: &[u8], mode: u32) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    let mut file = options.open(path)?;
    file.write_all(content)?;
    Ok(file)
}

fn path_from(environment: &dyn Fn(&str) -> Option<OsString>, variable: &str) -> Option<PathBuf> {
    environment(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// The user this process runs as, as far as it can be read without a system call of our own.
#[cfg(unix)]
fn own_uid() -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").ok().map(|metadata| metadata.uid())
}

#[cfg(not(unix))]
fn own_uid() -> Option<u32> {
    None
}

/// Makes temporary names differ within the process.
static WRITTEN: AtomicU64 = AtomicU64::new(0);

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn an_atomic_write_replaces_the_file_and_sets_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ready.json");
        write_atomically(&path, b"old", 0o644).unwrap();

        write_atomically(&path, b"new", 0o600).unwrap();

        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");
    }

    #[test]
    fn a_private_folder_is_closed_to_others_even_if_it_was_open() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b");
        fs::create_dir_all(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();

        make_private_dir(&path).unwrap();

        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn the_environment_says_where_data_and_runtime_files_live() {
        let with = |variables: &'static [(&str, &str)]| {
            move |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value))
        };
        for (variables, data) in [
            (&[("ROPEWAY_HOME", "/r"), ("XDG_DATA_HOME", "/x"), ("HOME", "/h")][..], "/r"),
            (&[("ROPEWAY_HOME", ""), ("XDG_DATA_HOME", "/x"), ("HOME", "/h")], "/x/ropeway"),
            (&[("XDG_DATA_HOME", "relative"), ("HOME", "/h")], "/h/.local/share/ropeway"),
        ] {
            assert_eq!(data_home(&with(variables)).unwrap(), Path::new(data));
        }
        assert!(data_home(&with(&[])).is_err());
        assert_eq!(runtime_dir(&with(&[("XDG_RUNTIME_DIR", "/run/user/7")])), Path::new("/run/user/7/ropeway"));
        assert!(runtime_dir(&with(&[])).starts_with(std::env::temp_dir()));
    }

    #[test]
    fn a_link_is_no_private_folder() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(folder.path(), &link).unwrap();

        assert!(make_private_dir(&link).is_err());
    }
}
