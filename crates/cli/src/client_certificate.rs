//! A client's certificate and key, and the assertion that proves the client with them
//! (<https://learn.microsoft.com/entra/identity-platform/certificate-credentials>).

use std::path::Path;

use anyhow::{Context, anyhow};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ropeway_server::moment::Source;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};

/// What a PEM file holds: an RSA key, and the certificate of it.
pub(crate) struct ClientCertificate {
    key: KeyPair,
    thumbprint: String,
}

impl ClientCertificate {
    /// Reads the file. Of several certificates the first is the client's.
    ///
    /// # Errors
    /// It cannot be read, or has no RSA key or no certificate in PEM.
    pub(crate) fn read(file: &Path) -> anyhow::Result<Self> {
        let pem = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let of_file = || format!("{} is no PEM file of a private key and its certificate", file.display());
        let certificate = CertificateDer::from_pem_slice(&pem).map_err(|_| anyhow!("no certificate was found"));
        let certificate = certificate.with_context(of_file)?;
        let key = match PrivateKeyDer::from_pem_slice(&pem) {
            Ok(PrivateKeyDer::Pkcs8(key)) => KeyPair::from_pkcs8(key.secret_pkcs8_der()).ok(),
            Ok(PrivateKeyDer::Pkcs1(key)) => KeyPair::from_der(key.secret_pkcs1_der()).ok(),
            _ => None,
        };
        let key = key.ok_or_else(|| anyhow!("no RSA key without a password was found")).with_context(of_file)?;
        Ok(Self { key, thumbprint: URL_SAFE_NO_PAD.encode(digest(&SHA256, &certificate)) })
    }

    /// An assertion for this audience, good for ten minutes.
    ///
    /// # Errors
    /// The machine has no randomness, or the key cannot sign.
    pub(crate) fn assertion(&self, client: &str, audience: &str) -> anyhow::Result<String> {
        let source = Source::default();
        let now = source.wall().unix_seconds();
        let header = json!({ "alg": "RS256", "typ": "JWT", "x5t#S256": self.thumbprint });
        let claims = json!({
            "aud": audience, "iss": client, "sub": client, "jti": source.id()?, "nbf": now, "iat": now, "exp": now + 600,
        });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(&header), part(&claims));
        let mut signature = vec![0; self.key.public_modulus_len()];
        let signed = self.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature);
        signed.map_err(|_| anyhow!("the client's key cannot sign"))?;
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}
