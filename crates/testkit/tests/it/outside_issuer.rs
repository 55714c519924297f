//! An issuer outside: a few documents over TLS, with a certificate authority of its own.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use ropeway_core::token::{Header, Jwks, SigningKey, sign};
use rustls::pki_types::PrivatePkcs8KeyDer;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::client_certificate::ClientCertificate;

pub(crate) const AUDIENCE: &str = "api://AzureADTokenExchange";

pub(crate) struct OutsideIssuer {
    pub(crate) url: String,
    pub(crate) key: SigningKey,
    pages: Pages,
    folder: TempDir,
}

type Pages = Arc<Mutex<Served>>;

#[derive(Default)]
struct Served {
    answers: HashMap<String, String>,
    asked: Vec<String>,
}

impl OutsideIssuer {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let acceptor = acceptor(&folder.path().join("ca.pem"));
        let pages = Pages::default();
        tokio::spawn(serve(listener, acceptor, Arc::clone(&pages)));
        let issuer = Self { url, key: ClientCertificate::generate().signing_key(), pages, folder };
        issuer.answers(CONFIGURATION, "200 OK", &issuer.configuration().to_string());
        issuer.publish(&[&issuer.key]);
        issuer
    }

    /// Its authority's certificate.
    pub(crate) fn ca_file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    pub(crate) fn configuration(&self) -> Value {
        json!({ "issuer": self.url, "jwks_uri": format!("{}/keys", self.url), "response_types_supported": ["id_token"] })
    }

    pub(crate) fn publish(&self, keys: &[&SigningKey]) {
        let keys = serde_json::to_string(&Jwks::v1(keys.iter().copied())).unwrap();
        self.answers("/keys", "200 OK", &keys);
    }

    /// What a path answers from now on; further lines of the status are headers.
    pub(crate) fn answers(&self, path: &str, status: &str, body: &str) {
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
        self.pages.lock().unwrap().answers.insert(path.to_owned(), head + body);
    }

    /// The paths that were asked for, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.pages.lock().unwrap().asked.clone()
    }

    /// A token for this subject that holds for ten minutes.
    pub(crate) fn token(&self, subject: &str) -> String {
        self.token_by(&self.key, subject)
    }

    pub(crate) fn token_by(&self, key: &SigningKey, subject: &str) -> String {
        let exp = jsonwebtoken::get_current_timestamp() + 600;
        let claims = json!({ "iss": self.url, "sub": subject, "aud": AUDIENCE, "exp": exp });
        sign(key, Header::V2, claims.as_object().unwrap()).unwrap()
    }
}

fn acceptor(ca_file: &Path) -> TlsAcceptor {
    let ca_key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = params.self_signed(&ca_key).unwrap();
    std::fs::write(ca_file, ca.pem()).unwrap();
    let authority = Issuer::from_ca_cert_der(ca.der(), ca_key).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(["localhost".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, pages: Pages) {
    while let Ok((stream, _)) = listener.accept().await {
        let _: Option<()> = answer(stream, &acceptor, &pages).await;
    }
}

/// A client that does not like us hangs up; that is its business.
async fn answer(stream: TcpStream, acceptor: &TlsAcceptor, pages: &Pages) -> Option<()> {
    let mut stream = acceptor.accept(stream).await.ok()?;
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await.ok()?);
    }
    let request = String::from_utf8(request).ok()?;
    let path = request.split(' ').nth(1)?.to_owned();
    let page = {
        let mut served = pages.lock().unwrap();
        let page = served.answers.get(&path).cloned();
        served.asked.push(path);
        page
    };
    let missing = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned();
    stream.write_all(page.unwrap_or(missing).as_bytes()).await.ok()?;
    stream.shutdown().await.ok()
}

pub(crate) const CONFIGURATION: &str = "/.well-known/openid-configuration";
