//! Where the authorisation is kept between two nights: one file, encrypted, for its owner only.
//!
//! It is replaced and never changed: at every moment there is the old one or the new one, whole. Who reads or writes it
//! holds a lock, so that of two jobs the later one begins with what the earlier one wrote.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use openidconnect::RefreshToken;
use serde::{Deserialize, Serialize};

use crate::sealed::{CannotOpen, StoreKey};

/// What a person granted the job.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Grant {
    /// The platform and tenant that gave the token.
    pub issuer: String,
    /// The application that it was given to.
    pub client_id: String,
    /// Who authorised the job.
    pub user: String,
    /// When they did (RFC 3339).
    pub authorised_at: String,
    /// The newest refresh token.
    pub refresh_token: RefreshToken,
}

/// Why the store cannot be used. The file is as it was.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The system does not let us.
    #[error("{what}: {error}")]
    Io {
        /// What was tried.
        what: String,
        /// What the system said.
        error: io::Error,
    },
    /// The file is no store, or was changed.
    #[error("{} cannot be read: {why}", file.display())]
    Broken {
        /// Which file.
        file: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The file is encrypted with another key.
    #[error("{} is encrypted with another key", .0.display())]
    OtherKey(PathBuf),
    /// Somebody else may have read or written it.
    #[error("{} is open to other users (mode {mode:03o})", path.display())]
    OpenToOthers {
        /// File or folder.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// Another job holds it.
    #[error("another job holds {} and does not let go of it", .0.display())]
    Busy(PathBuf),
}

/// The file and its key.
#[derive(Debug)]
pub struct GrantStore {
    file: PathBuf,
    key: StoreKey,
}

/// The store, while nobody else reads or writes it. The system takes the lock back when the process ends, however it does.
#[derive(Debug)]
pub struct Lock<'s> {
    store: &'s GrantStore,
    _lock: File,
}

impl GrantStore {
    /// The store at `file`. Nothing is read yet.
    pub fn new(file: PathBuf, key: StoreKey) -> Self {
        Self { file, key }
    }

    /// Waits for the other jobs, and makes the folder where there is none.
    ///
    /// # Errors
    /// The folder cannot be made or is open to others, or a job holds the store longer than a job takes.
    pub async fn lock(&self) -> Result<Lock<'_>, StoreError> {
        let folder = self.folder();
        make_private_folder(folder).map_err(io_error("making the folder", folder))?;
        if let Some(mode) =
            permissions(&fs::metadata(folder).map_err(io_error("looking at", folder))?, WRITABLE_BY_OTHERS)
        {
            return Err(StoreError::OpenToOthers { path: folder.to_owned(), mode });
        }
        let path = self.beside("lock");
        let lock = private().read(true).write(true).create(true).open(&path).map_err(io_error("opening", &path))?;
        let began = Instant::now();
        loop {
            match lock.try_lock() {
                Ok(()) => return Ok(Lock { store: self, _lock: lock }),
                Err(TryLockError::WouldBlock) if began.elapsed() < LONGEST_WAIT => tokio::time::sleep(PAUSE).await,
                Err(TryLockError::WouldBlock) => return Err(StoreError::Busy(self.file.clone())),
                Err(TryLockError::Error(error)) => return Err(io_error("locking", &path)(error)),
            }
        }
    }

    fn folder(&self) -> &Path {
        match self.file.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        }
    }

    fn beside(&self, extension: &str) -> PathBuf {
        let mut name = self.file.clone().into_os_string();
        name.push(".");
        name.push(extension);
        name.into()
    }
}

impl Lock<'_> {
    /// The grant; none when nobody authorised yet.
    ///
    /// # Errors
    /// The file cannot be read, decrypted or understood, or others can read it.
    pub fn load(&self) -> Result<Option<Grant>, StoreError> {
        let path = &self.store.file;
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io_error("reading", path)(error)),
        };
        if let Some(mode) = permissions(&file.metadata().map_err(io_error("looking at", path))?, ANY_BY_OTHERS) {
            return Err(StoreError::OpenToOthers { path: path.clone(), mode });
        }
        let mut sealed = Vec::new();
        file.take(LARGEST_FILE).read_to_end(&mut sealed).map_err(io_error("reading", path))?;
        let broken = |why| StoreError::Broken { file: path.clone(), why };
        let opened = self.store.key.open(&sealed).map_err(|error| match error {
            CannotOpen::OtherKey => StoreError::OtherKey(path.clone()),
            CannotOpen::Broken(why) => broken(why),
        })?;
        serde_json::from_slice(&opened).map(Some).map_err(|_| broken("it holds no authorisation"))
    }

    /// Puts this grant in the place of the one before. When this returns it is on the disk.
    ///
    /// # Errors
    /// It cannot be written; the one before is still there.
    pub fn save(&self, grant: &Grant) -> Result<(), StoreError> {
        let sealed = serde_json::to_vec(grant).map_err(anyhow::Error::new).and_then(|grant| self.store.key.seal(grant));
        let sealed = sealed.map_err(|error| io_error("encrypting for", &self.store.file)(io::Error::other(error)))?;
        let new = self.store.beside("new");
        let written = write_whole(&new, &sealed).and_then(|()| fs::rename(&new, &self.store.file));
        let written = written.and_then(|()| sync_folder(self.store.folder()));
        written.map_err(io_error("writing", &self.store.file))
    }
}

/// A file of a job that was killed here may be left over; only the holder of the lock gets here.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = private().write(true).create_new(true).open(path)?;
    file.write_all(bytes)?;
    // Without this the new name may be on the disk before what it names.
    file.sync_all()
}

#[cfg(unix)]
fn private() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

#[cfg(unix)]
fn make_private_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    if let Some(above) = folder.parent() {
        fs::create_dir_all(above)?;
    }
    match fs::DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if !folder.is_dir() => Err(error),
        _ => Ok(()),
    }
}

/// The permissions, if they give others any of these.
#[cfg(unix)]
fn permissions(metadata: &fs::Metadata, others: u32) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let mode = metadata.permissions().mode() & 0o777;
    (mode & others != 0).then_some(mode)
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// A user's own folders are theirs alone by inheritance.
#[cfg(not(unix))]
fn private() -> OpenOptions {
    OpenOptions::new()
}

#[cfg(not(unix))]
fn make_private_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

#[cfg(not(unix))]
fn permissions(_: &fs::Metadata, _: u32) -> Option<u32> {
    None
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

fn io_error(what: &str, path: &Path) -> impl FnOnce(io::Error) -> StoreError {
    let what = format!("{what} {}", path.display());
    |error| StoreError::Io { what, error }
}

const ANY_BY_OTHERS: u32 = 0o077;
const WRITABLE_BY_OTHERS: u32 = 0o022;
const LARGEST_FILE: u64 = 256 * 1024;
/// Longer than the platform takes to answer.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(50);
