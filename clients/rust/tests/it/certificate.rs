//! What a client proves itself with in place of a secret: a key, and a certificate of it that it signed itself.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::asn1::Asn1Time;
use openssl::hash::MessageDigest;
use openssl::pkcs12::Pkcs12;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::x509::{X509, X509Name};
use serde_json::json;
use tokio::sync::OnceCell;

use crate::alpine::{NIGHTLY_JOB, TENANT};
use crate::server::server;

pub struct Certificate {
    pub pkcs12: Vec<u8>,
    der: Vec<u8>,
}

impl Certificate {
    /// One that nobody is registered with.
    pub fn new() -> Self {
        let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
        let mut name = X509Name::builder().unwrap();
        name.append_entry_by_text("CN", "Ropeway client test").unwrap();
        let name = name.build();
        let mut certificate = X509::builder().unwrap();
        certificate.set_version(2).unwrap();
        certificate.set_subject_name(&name).unwrap();
        certificate.set_issuer_name(&name).unwrap();
        certificate.set_pubkey(&key).unwrap();
        certificate.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
        certificate.set_not_after(&Asn1Time::days_from_now(2).unwrap()).unwrap();
        certificate.sign(&key, MessageDigest::sha256()).unwrap();
        let certificate = certificate.build();
        let pkcs12 = Pkcs12::builder().name("client").pkey(&key).cert(&certificate).build2("").unwrap();
        Self { pkcs12: pkcs12.to_der().unwrap(), der: certificate.to_der().unwrap() }
    }

    /// The one that Nightly job is registered with, beside its secret, by the control API.
    pub async fn registered() -> &'static Self {
        static REGISTERED: OnceCell<Certificate> = OnceCell::const_new();
        REGISTERED.get_or_init(Self::register).await
    }

    async fn register() -> Self {
        let certificate = Self::new();
        let key = STANDARD.encode(&certificate.der);
        let credential = json!({ "type": "AsymmetricX509Cert", "usage": "Verify", "key": key });
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([server().ca.clone()]).build().unwrap();
        let url = format!("{}/_ropeway/api/v1/tenants/{TENANT}/applications/{NIGHTLY_JOB}", server().origin);
        let change = client.patch(url).bearer_auth(&server().control_key);
        let answer = change.json(&json!({ "keyCredentials": [credential] })).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        certificate
    }
}
