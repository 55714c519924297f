//! Spare signing keys. Making an RSA key takes a tenth of a second or more, which a start must not wait for: spares lie in
//! a folder of the user's, each is used once, and the next ones are made in the background.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, anyhow};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{CertificateParams, DistinguishedName, DnType, date_time_ymd};
use ropeway_core::secret::Secret;
use ropeway_core::token::{SigningKey, SigningKeyMaterial};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

use crate::app::FIRST_REQUESTS_GO_FIRST;

/// A folder of spare signing keys. Processes may share the folder; cheap to clone.
#[derive(Debug, Clone)]
pub struct KeyPool(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    folder: Option<PathBuf>,
    refilling: Mutex<()>,
}

impl KeyPool {
    /// A pool in this folder, which is made when the first spare is kept. Without a folder nothing is kept and
    /// [`KeyPool::take`] always makes a key.
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self(Arc::new(Inner { folder, refilling: Mutex::new(()) }))
    }

    /// A key that nobody had before: a spare, or a new one when there is none. Begins to refill in the background.
    ///
    /// # Errors
    /// There is no spare and no key can be made.
    pub async fn take(&self) -> anyhow::Result<SigningKeyMaterial> {
        let Some(folder) = self.0.folder.clone() else { return make().await };
        let spare = spawn_blocking(move || claim(&folder)).await.context("claiming a spare signing key")?;
        let pool = self.clone();
        // Not waited for: a start that ends early makes at most the key it has begun.
        tokio::spawn(async move {
            tokio::time::sleep(FIRST_REQUESTS_GO_FIRST).await;
            if let Err(error) = pool.refill().await {
                tracing::warn!(
                    error = format!("{error:#}"),
                    "no spare signing keys could be kept, so the next start will be slower"
                );
            }
        });
        match spare {
            Some(key) => Ok(key),
            None => make().await,
        }
    }

    /// Makes spares until there are enough. Does nothing while another call is at it.
    ///
    /// # Errors
    /// A key cannot be made or kept.
    pub async fn refill(&self) -> anyhow::Result<()> {
        let Some(folder) = self.0.folder.clone() else { return Ok(()) };
        let Ok(_refilling) = self.0.refilling.try_lock() else { return Ok(()) };
        loop {
            let counted = folder.clone();
            let spares =
                spawn_blocking(move || spares(&counted).count()).await.context("counting spare signing keys")?;
            if spares >= SPARES {
                return Ok(());
            }
            let key = make().await?;
            let kept = folder.clone();
            spawn_blocking(move || keep(&kept, &key))
                .await
                .context("keeping a spare signing key")?
                .with_context(|| format!("keeping a spare signing key in {}", folder.display()))?;
        }
    }
}

/// Makes a key on a thread for such work.
async fn make() -> anyhow::Result<SigningKeyMaterial> {
    spawn_blocking(generate).await.context("making a signing key")?
}

fn generate() -> anyhow::Result<SigningKeyMaterial> {
    let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| anyhow!("an RSA key could not be made"))?;
    let pkcs8_der = AsDer::<Pkcs8V1Der>::as_der(&pair).map_err(|_| anyhow!("an RSA key could not be written"))?;
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, "Ropeway token signing key");
    let mut certificate = CertificateParams::default();
    certificate.distinguished_name = subject;
    // Nobody checks these dates (the certificate only carries the key), and a spare may lie for long.
    certificate.not_before = date_time_ymd(2025, 1, 1);
    certificate.not_after = date_time_ymd(2049, 12, 31);
    let signer = rcgen::KeyPair::try_from(pkcs8_der.as_ref()).context("reading the new key")?;
    let certificate = certificate.self_signed(&signer).context("certifying the new key")?;
    Ok(SigningKeyMaterial {
        pkcs8_der: pkcs8_der.as_ref().to_vec().into(),
        certificate_der: certificate.der().to_vec(),
    })
}

/// Takes one spare out of the folder. A name can be removed once only, so of several processes one gets the key.
fn claim(folder: &Path) -> Option<SigningKeyMaterial> {
    spares(folder).find_map(|(path, key)| match fs::remove_file(&path) {
        Ok(()) => Some(key),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => {
            tracing::warn!(%error, path = %path.display(), "a spare signing key cannot be taken out of the pool, so it is not used");
            None
        }
    })
}

/// The usable spares, each read when it is come to. Anything else in the folder is left alone and mentioned in the log.
fn spares(folder: &Path) -> impl Iterator<Item = (PathBuf, SigningKeyMaterial)> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == SPARE));
    paths.sort();
    paths.into_iter().filter_map(|path| match read(&path) {
        Ok(key) => Some((path, key)),
        // Another process took it in the meantime.
        Err(error) if is_not_found(&error) => None,
        Err(error) => {
            tracing::warn!(error = format!("{error:#}"), path = %path.display(), "a file in the key pool is no spare key and is passed over; it may be deleted");
            None
        }
    })
}

fn read(path: &Path) -> anyhow::Result<SigningKeyMaterial> {
    let metadata = fs::symlink_metadata(path)?;
    anyhow::ensure!(metadata.is_file(), "not a regular file");
    anyhow::ensure!(metadata.len() <= LARGEST_FILE, "too large");
    anyhow::ensure!(is_private(&metadata), "others may read it");
    let text = Secret::new(fs::read_to_string(path)?);
    let spare: Spare = serde_json::from_str(text.expose()).context("not the JSON of a spare key")?;
    let key = SigningKeyMaterial {
        pkcs8_der: STANDARD.decode(&spare.private_key).context("privateKey is not base64")?.into(),
        certificate_der: STANDARD.decode(&spare.certificate).context("certificate is not base64")?,
    };
    SigningKey::from_material(&key)?;
    Ok(key)
}

/// Writes the key under a name of its own and only then gives it the name of a spare, so that nobody reads half of it.
fn keep(folder: &Path, key: &SigningKeyMaterial) -> anyhow::Result<()> {
    let name = SigningKey::from_material(key)?.key_id().to_owned();
    let spare =
        Spare { private_key: STANDARD.encode(&key.pkcs8_der), certificate: STANDARD.encode(&key.certificate_der) };
    let text = Secret::new(serde_json::to_string(&spare)?);
    create_private_folder(folder)?;
    let unfinished = folder.join(format!("{name}.unfinished"));
    io::Write::write_all(&mut create_private_file(&unfinished)?, text.expose().as_bytes())?;
    fs::rename(&unfinished, folder.join(format!("{name}.{SPARE}")))?;
    Ok(())
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Spare {
    private_key: String,
    certificate: String,
}

fn is_not_found(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::NotFound)
}

#[cfg(unix)]
fn create_private_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(unix)]
fn create_private_file(path: &Path) -> io::Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(unix)]
fn is_private(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o077 == 0
}

/// Elsewhere the folder inherits the protection of the user's own data.
#[cfg(not(unix))]
fn create_private_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

#[cfg(not(unix))]
fn create_private_file(path: &Path) -> io::Result<fs::File> {
    fs::OpenOptions::new().write(true).create_new(true).open(path)
}

#[cfg(not(unix))]
fn is_private(_metadata: &fs::Metadata) -> bool {
    true
}

/// Enough for a test run that starts several servers in a row.
const SPARES: usize = 8;
/// Extension of a finished spare.
const SPARE: &str = "spare";
/// Bytes.
const LARGEST_FILE: u64 = 64 * 1024;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed precondition fails the test")]

    use super::*;

    fn key_id(key: &SigningKeyMaterial) -> String {
        SigningKey::from_material(key).unwrap().key_id().to_owned()
    }

    #[tokio::test]
    async fn without_a_folder_a_key_is_made() {
        let pool = KeyPool::new(None);

        let (first, second) = (pool.take().await.unwrap(), pool.take().await.unwrap());

        assert_ne!(key_id(&first), key_id(&second));
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_made_still_gives_keys() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a file");
        fs::write(&file, "").unwrap();
        let impossible = Some(file.join("pool"));

        assert!(KeyPool::new(impossible.clone()).take().await.is_ok());
        assert!(KeyPool::new(impossible).refill().await.is_err());
    }

    #[tokio::test]
    async fn refilling_makes_private_files_and_stops_when_there_are_enough() {
        let folder = tempfile::tempdir().unwrap();
        let pool_folder = folder.path().join("pool");
        let pool = KeyPool::new(Some(pool_folder.clone()));

        pool.refill().await.unwrap();
        pool.refill().await.unwrap();

        let names: Vec<PathBuf> = fs::read_dir(&pool_folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(names.len(), SPARES);
        assert!(names.iter().all(|path| is_private(&fs::metadata(path).unwrap())));
        assert!(is_private(&fs::metadata(&pool_folder).unwrap()));
    }

    #[test]
    fn a_spare_is_given_once_though_many_ask_at_the_same_time() {
        let folder = tempfile::tempdir().unwrap();
        let mut kept: Vec<String> = (0..3)
            .map(|_| {
                let key = generate().unwrap();
                keep(folder.path(), &key).unwrap();
                key_id(&key)
            })
            .collect();

        let claimed = std::thread::scope(|scope| {
            let askers: Vec<_> = (0..6).map(|_| scope.spawn(|| claim(folder.path()))).collect();
            askers.into_iter().filter_map(|asker| asker.join().unwrap()).map(|key| key_id(&key)).collect::<Vec<_>>()
        });

        // Who loses every race goes away empty, though never two get one key; whoever asks alone gets what is left.
        let rest = std::iter::from_fn(|| claim(folder.path())).map(|key| key_id(&key));
        let mut all: Vec<String> = claimed.into_iter().chain(rest).collect();
        all.sort();
        kept.sort();
        assert_eq!(all, kept);
    }

    #[test]
    fn what_is_no_spare_is_passed_over_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let key = generate().unwrap();
        keep(folder.path(), &key).unwrap();
        let good = folder.path().join(format!("{}.{SPARE}", key_id(&key)));
        let text = fs::read_to_string(&good).unwrap();
        let put = |name: &str, text: &str| {
            let path = folder.path().join(name);
            io::Write::write_all(&mut create_private_file(&path).unwrap(), text.as_bytes()).unwrap();
        };
        put("0-empty.spare", "");
        put("0-cut.spare", &text[..text.len() / 2]);
        put("0-foreign.spare", r#"{"privateKey":"AAAA","certificate":"AAAA"}"#);
        put("0-huge.spare", &" ".repeat(100_000));
        put("0-unfinished.unfinished", &text);
        fs::create_dir(folder.path().join("0-folder.spare")).unwrap();

        assert_eq!(claim(folder.path()).map(|key| key_id(&key)), Some(key_id(&key)));
        assert!(claim(folder.path()).is_none());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 6, "foreign files stay");
    }

    #[cfg(unix)]
    #[test]
    fn a_spare_that_others_may_read_is_not_used() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let key = generate().unwrap();
        keep(folder.path(), &key).unwrap();
        let path = folder.path().join(format!("{}.{SPARE}", key_id(&key)));

        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(claim(folder.path()).is_none());

        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert!(claim(folder.path()).is_some());
    }
}
