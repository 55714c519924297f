//! The local certificate authority: made on first use, kept for a year, and good for nothing but tests.
//!
//! Name constraints (RFC 5280 §4.2.1.10) hold it to loopback names, so that whoever steals its key can impersonate
//! nothing else to a machine that trusts it. Names outside that set get an authority of their own, held to them.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, anyhow, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, NameConstraints, PKCS_ECDSA_P256_SHA256, SanType,
};
use ropeway_core::time::WallTime;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;
use time::OffsetDateTime;

use super::home;
use super::origin::Host;

/// The common name of every certificate authority that Ropeway makes.
pub const CA_NAME: &str = "Ropeway test CA - not Microsoft";

/// What an authority may vouch for: loopback names always, and these besides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    outside: Vec<Host>,
}

impl Scope {
    /// The smallest scope that holds these names.
    pub fn for_names(names: &[Host]) -> Self {
        let mut outside: Vec<Host> = names.iter().filter(|name| !is_inside(name)).cloned().collect();
        outside.sort();
        outside.dedup();
        Self { outside }
    }

    /// The name of its files, without an ending: `ropeway-ca`, or `ropeway-ca-login.example.com`.
    fn file_stem(&self) -> String {
        let mut stem = "ropeway-ca".to_owned();
        for host in &self.outside {
            stem.push('-');
            stem.extend(host.to_string().chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '_' }));
        }
        stem
    }

    fn permitted(&self) -> Vec<GeneralSubtree> {
        let mut permitted = vec![
            // A name in a constraint stands for itself and for everything below it.
            GeneralSubtree::DnsName("localhost".to_owned()),
            GeneralSubtree::DnsName("test".to_owned()),
            GeneralSubtree::IpAddress(CidrSubnet::from_v4_prefix([127, 0, 0, 0], 8)),
            GeneralSubtree::IpAddress(CidrSubnet::V6(Ipv6Addr::LOCALHOST.octets(), [0xff; 16])),
        ];
        permitted.extend(self.outside.iter().map(|host| match host {
            Host::Name(name) => GeneralSubtree::DnsName(name.clone()),
            Host::Address(IpAddr::V4(ip)) => GeneralSubtree::IpAddress(CidrSubnet::V4(ip.octets(), [0xff; 4])),
            Host::Address(IpAddr::V6(ip)) => GeneralSubtree::IpAddress(CidrSubnet::V6(ip.octets(), [0xff; 16])),
        }));
        permitted
    }
}

fn is_inside(name: &Host) -> bool {
    match name {
        Host::Name(name) => ["localhost", "test"]
            .iter()
            .any(|zone| name.strip_suffix(zone).is_some_and(|below| below.is_empty() || below.ends_with('.'))),
        Host::Address(ip) => ip.is_loopback(),
    }
}

/// An authority, its key and its files.
pub struct CertificateAuthority {
    certificate: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
    not_after: OffsetDateTime,
    ca_file: PathBuf,
    ca_bundle_file: PathBuf,
}

impl CertificateAuthority {
    /// Opens the authority of this scope under `home`, or makes it: on first use, when it has expired (or does within a
    /// day), when its files are broken. Processes that do so at once end with the same one.
    ///
    /// # Errors
    /// When `home` cannot be written to.
    pub fn open(home: &Path, scope: &Scope, now: WallTime) -> anyhow::Result<Self> {
        let folder = home.join("ca");
        home::make_dir(&folder).context("no place for the local CA; ROPEWAY_HOME may name another folder")?;
        let lock = folder.join(".lock");
        // Another user's lock, root's for one, can be read only; that is enough to lock it.
        let lock = File::create(&lock).or_else(|_| File::open(&lock)).context("locking the local CA")?;
        // Some network file systems cannot lock; then only two first starts at once are at risk.
        let _ = lock.lock();
        let stem = scope.file_stem();
        let key_file = folder.join(format!("{stem}.key"));
        let kept = match fs::read_to_string(&key_file) {
            Ok(text) => Some(Kept::read(&text, now)),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) if error.kind() == ErrorKind::InvalidData => Some(Err(anyhow!(error))),
            // Whoever cannot read it must not replace it: others trust it.
            Err(error) => return Err(error).with_context(|| format!("reading {}", key_file.display())),
        };
        let kept = match kept {
            Some(Ok(kept)) => kept,
            unusable => {
                if let Some(Err(reason)) = unusable {
                    let reason = format!("{reason:#}");
                    tracing::warn!(%reason, "the local CA is made anew: whoever trusted it must trust the new one (`ropeway trust`)");
                }
                let text = make(scope, now)?;
                home::write_durably(&key_file, text.as_bytes(), 0o600)
                    .with_context(|| format!("writing {}", key_file.display()))?;
                Kept::read(&text, now)?
            }
        };
        let authority = Self {
            issuer: Issuer::from_ca_cert_der(&kept.certificate, kept.key).context("reading the local CA")?,
            certificate: kept.certificate,
            not_after: kept.not_after,
            ca_file: folder.join(format!("{stem}.pem")),
            ca_bundle_file: folder.join(format!("{stem}-bundle.pem")),
        };
        write_if_changed(&authority.ca_file, &pem(&authority.certificate))?;
        write_if_changed(&authority.ca_bundle_file, &authority.bundle())?;
        Ok(authority)
    }

    /// The authority's certificate alone, in PEM.
    pub fn ca_file(&self) -> &Path {
        &self.ca_file
    }

    /// The system's roots and the authority's certificate, in PEM: for clients whose setting replaces the roots.
    pub fn ca_bundle_file(&self) -> &Path {
        &self.ca_bundle_file
    }

    /// A new key and a certificate for `names`, ready to serve HTTP/1.1 and HTTP/2.
    ///
    /// # Errors
    /// When a name cannot be written into a certificate.
    pub fn server_config(&self, names: &[Host], now: WallTime) -> anyhow::Result<rustls::ServerConfig> {
        let (certificate, key) = self.issue(names, now)?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .context("choosing TLS versions")?
            .with_no_client_auth()
            .with_single_cert(vec![certificate, self.certificate.clone()], key)
            .context("using the server's certificate")?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }

    fn issue(
        &self,
        names: &[Host],
        now: WallTime,
    ) -> anyhow::Result<(CertificateDer<'static>, PrivateKeyDer<'static>)> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).context("making the server's key")?;
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "Ropeway test server");
        params.not_before = date_time(now)? - time::Duration::DAY;
        params.not_after = self.not_after;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        params.is_ca = IsCa::ExplicitNoCa;
        for name in names {
            params.subject_alt_names.push(match name {
                Host::Name(name) => SanType::DnsName(
                    name.as_str().try_into().with_context(|| format!("naming {name} in a certificate"))?,
                ),
                Host::Address(ip) => SanType::IpAddress(*ip),
            });
        }
        let certificate = params.signed_by(&key, &self.issuer).context("signing the server's certificate")?;
        Ok((certificate.der().clone(), PrivatePkcs8KeyDer::from(key.serialize_der()).into()))
    }

    fn bundle(&self) -> String {
        let system = rustls_native_certs::load_native_certs();
        for error in system.errors {
            tracing::debug!(%error, "a root certificate of the system could not be read");
        }
        // SSL_CERT_FILE may lead to this very bundle: an authority of ours is in there once, and it is the present one.
        let ours = |certificate: &[u8]| certificate.windows(CA_NAME.len()).any(|window| window == CA_NAME.as_bytes());
        let others = system.certs.iter().filter(|certificate| !ours(certificate));
        others.chain([&self.certificate]).map(|certificate| pem(certificate)).collect()
    }
}

/// What the key file holds: two lines for us, the certificate and its key. One file, so that both change together.
struct Kept {
    certificate: CertificateDer<'static>,
    key: KeyPair,
    not_after: OffsetDateTime,
}

impl Kept {
    fn read(text: &str, now: WallTime) -> anyhow::Result<Self> {
        let mut lines = text.lines();
        ensure!(lines.next() == Some(FORMAT), "it is of another version");
        let expires = lines.next().and_then(|line| line.strip_prefix(EXPIRES)).and_then(WallTime::parse_rfc3339);
        let expires = expires.ok_or_else(|| anyhow!("it does not say when it expires"))?;
        ensure!(now.plus_seconds(A_DAY) < expires, "it expires at {}", expires.to_rfc3339());
        let certificate = CertificateDer::from_pem_slice(text.as_bytes()).context("its certificate cannot be read")?;
        let key_der = PrivateKeyDer::from_pem_slice(text.as_bytes()).context("its key cannot be read")?;
        let key =
            KeyPair::from_der_and_sign_algo(&key_der, &PKCS_ECDSA_P256_SHA256).context("its key cannot be read")?;
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        CertifiedKey::from_der(vec![certificate.clone()], key_der, &provider)
            .context("its key is not its certificate's")?;
        Ok(Self { certificate, key, not_after: date_time(expires)? })
    }
}

fn make(scope: &Scope, now: WallTime) -> anyhow::Result<String> {
    let expires = WallTime::from_unix_seconds(now.unix_seconds()).plus_seconds(365 * A_DAY);
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).context("making the local CA's key")?;
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, CA_NAME);
    if !scope.outside.is_empty() {
        // Two authorities of one name would confuse clients that look for an issuer by its name.
        let names: Vec<String> = scope.outside.iter().map(Host::to_string).collect();
        params
            .distinguished_name
            .push(DnType::OrganizationalUnitName, names.join(" ").chars().take(64).collect::<String>());
    }
    params.not_before = date_time(now)? - time::Duration::DAY;
    params.not_after = date_time(expires)?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    // Name constraints say nothing about mail or code: this does.
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.name_constraints =
        Some(NameConstraints { permitted_subtrees: scope.permitted(), excluded_subtrees: Vec::new() });
    let certificate = params.self_signed(&key).context("signing the local CA")?;
    Ok(format!("{FORMAT}\n{EXPIRES}{}\n{}{}", expires.to_rfc3339(), certificate.pem(), key.serialize_pem()))
}

fn date_time(moment: WallTime) -> anyhow::Result<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(moment.unix_seconds())
        .context("the clock shows no date that a certificate can hold")
}

/// RFC 7468 §2: lines of 64 characters.
fn pem(certificate: &[u8]) -> String {
    let encoded = STANDARD.encode(certificate);
    let mut text = String::with_capacity(encoded.len() + encoded.len() / 64 + 60);
    text.push_str("-----BEGIN CERTIFICATE-----\n");
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, behind) = rest.split_at(rest.len().min(64));
        text.push_str(line);
        text.push('\n');
        rest = behind;
    }
    text.push_str("-----END CERTIFICATE-----\n");
    text
}

fn write_if_changed(path: &Path, text: &str) -> anyhow::Result<()> {
    if fs::read(path).is_ok_and(|present| present == text.as_bytes()) {
        return Ok(());
    }
    home::write_atomically(path, text.as_bytes(), 0o644).with_context(|| format!("writing {}", path.display()))
}

const FORMAT: &str = "Ropeway test CA, format 1. Keep this file to yourself.";
const EXPIRES: &str = "expires ";
const A_DAY: i64 = 24 * 60 * 60;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::*;

    fn now() -> WallTime {
        WallTime::parse_rfc3339("2026-11-25T08:00:00Z").unwrap()
    }

    fn name(text: &str) -> Host {
        Host::Name(text.to_owned())
    }

    #[test]
    fn only_names_outside_the_loopback_set_need_an_authority_of_their_own() {
        let address = |text: &str| Host::Address(text.parse().unwrap());
        for inside in
            [name("localhost"), name("a.localhost"), name("alpine.test"), address("127.9.9.9"), address("::1")]
        {
            assert_eq!(Scope::for_names(&[inside]).file_stem(), "ropeway-ca");
        }
        for (outside, stem) in [
            (name("login.example.com"), "ropeway-ca-login.example.com"),
            (name("notlocalhost"), "ropeway-ca-notlocalhost"),
            (name("contest"), "ropeway-ca-contest"),
            (address("192.0.2.1"), "ropeway-ca-192.0.2.1"),
            (address("fd00::2"), "ropeway-ca-_fd00__2_"),
        ] {
            assert_eq!(Scope::for_names(&[outside, name("localhost")]).file_stem(), stem);
        }
    }

    #[test]
    fn a_kept_authority_stays_until_it_expires_or_breaks() {
        let home = tempfile::tempdir().unwrap();
        let open = |now| CertificateAuthority::open(home.path(), &Scope::default(), now).unwrap().certificate;
        let first = open(now());
        assert_eq!(open(now().plus_seconds(363 * A_DAY)), first);

        let second = open(now().plus_seconds(365 * A_DAY));
        assert_ne!(second, first, "an expired one is renewed");

        let key_file = home.path().join("ca/ropeway-ca.key");
        fs::write(&key_file, "rubbish").unwrap();
        assert_ne!(open(now()), second, "a broken one is renewed");

        let kept = fs::read_to_string(&key_file).unwrap();
        let other_key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap().serialize_pem();
        let certificate_and_before = &kept[..kept.find("-----BEGIN PRIVATE KEY").unwrap()];
        fs::write(&key_file, format!("{certificate_and_before}{other_key}")).unwrap();
        let third = CertificateDer::from_pem_slice(kept.as_bytes()).unwrap();
        assert_ne!(open(now()), third, "a key of another certificate is no authority");
    }

    #[test]
    fn starts_at_once_end_with_the_same_authority() {
        let home = tempfile::tempdir().unwrap();
        let open = || CertificateAuthority::open(home.path(), &Scope::default(), now()).unwrap().certificate;
        let opened: Vec<_> = std::thread::scope(|scope| {
            let starts: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect()
        });
        assert!(opened.windows(2).all(|pair| pair[0] == pair[1]));
    }

    #[test]
    fn the_authority_cannot_vouch_for_names_outside_its_scope() {
        use rustls::client::WebPkiServerVerifier;
        use rustls::client::danger::ServerCertVerifier;
        use rustls::pki_types::{ServerName, UnixTime};
        let home = tempfile::tempdir().unwrap();
        let authority = CertificateAuthority::open(home.path(), &Scope::default(), now()).unwrap();
        let mut roots = rustls::RootCertStore::empty();
        roots.add(authority.certificate.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
        let vouches_for = |host: &Host| {
            let (certificate, _) = authority.issue(std::slice::from_ref(host), now()).unwrap();
            let name = ServerName::try_from(host.to_string().trim_matches(['[', ']']).to_owned()).unwrap();
            let time = UnixTime::since_unix_epoch(std::time::Duration::from_secs(now().unix_seconds().unsigned_abs()));
            verifier.verify_server_cert(&certificate, &[], &name, &[], time).is_ok()
        };
        let address = |text: &str| Host::Address(text.parse().unwrap());
        let inside =
            [name("localhost"), name("a.localhost"), name("alpine.test"), address("127.9.9.9"), address("::1")];
        let outside =
            [name("example.com"), name("notlocalhost"), name("contest"), address("192.0.2.1"), address("::2")];
        assert_eq!(inside.each_ref().map(vouches_for), [true; 5]);
        assert_eq!(outside.each_ref().map(vouches_for), [false; 5]);
    }

    #[cfg(unix)]
    #[test]
    fn the_key_is_its_owners_alone_and_the_certificate_is_for_everybody() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        let authority = CertificateAuthority::open(home.path(), &Scope::default(), now()).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;

        assert_eq!(mode(&home.path().join("ca/ropeway-ca.key")), 0o600);
        assert_eq!(mode(authority.ca_file()), 0o644);
        assert!(!fs::read_to_string(authority.ca_file()).unwrap().contains("PRIVATE"));
        let bundle = fs::read_to_string(authority.ca_bundle_file()).unwrap();
        assert!(bundle.ends_with(&fs::read_to_string(authority.ca_file()).unwrap()));
        assert!(!bundle.contains("PRIVATE"));
    }
}
