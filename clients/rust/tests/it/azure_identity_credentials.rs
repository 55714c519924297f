//! azure_identity: what the Azure SDKs for Rust put between themselves and a token. It offers no password grant.

use std::sync::Arc;

use azure_core::cloud::CustomConfiguration;
use azure_core::credentials::{Secret, SecretBytes, TokenCredential};
use azure_core::error::ErrorKind;
use azure_core::http::{ClientOptions, Transport};
use azure_identity::{
    ClientCertificateCredential, ClientCertificateCredentialOptions, ClientSecretCredential,
    ClientSecretCredentialOptions,
};
use serde_json::{Value, json};

use crate::alpine::{DEFAULT, NIGHTLY_JOB, NIGHTLY_JOB_SECRET, TENANT};
use crate::certificate::Certificate;
use crate::server::server;
use crate::wire::{Wire, unverified};

/// Where the tenant is, as every credential takes it.
fn place(wire: &Arc<Wire>) -> ClientOptions {
    let mut cloud = CustomConfiguration::default();
    cloud.authority_host = server().origin.clone();
    ClientOptions {
        cloud: Some(Arc::new(cloud.into())),
        transport: Some(Transport::new(Arc::clone(wire) as _)),
        ..ClientOptions::default()
    }
}

fn with_secret(wire: &Arc<Wire>, secret: &str) -> Arc<ClientSecretCredential> {
    let options = ClientSecretCredentialOptions { client_options: place(wire) };
    let secret = Secret::new(secret.to_owned());
    ClientSecretCredential::new(TENANT, NIGHTLY_JOB.to_owned(), secret, Some(options)).unwrap()
}

fn with_certificate(wire: &Arc<Wire>, certificate: &Certificate) -> Arc<ClientCertificateCredential> {
    let options = ClientCertificateCredentialOptions {
        client_options: place(wire),
        ..ClientCertificateCredentialOptions::default()
    };
    let pkcs12 = SecretBytes::new(certificate.pkcs12.clone());
    ClientCertificateCredential::new(TENANT.to_owned(), NIGHTLY_JOB.to_owned(), pkcs12, Some(options)).unwrap()
}

/// Asks a credential twice and demands that the second answer comes from its cache.
async fn gets_its_token_once(wire: &Wire, credential: &dyn TokenCredential) -> Value {
    let first = credential.get_token(&[DEFAULT], None).await.unwrap();
    let second = credential.get_token(&[DEFAULT], None).await.unwrap();
    assert_eq!(second.token.secret(), first.token.secret());
    assert_eq!(wire.token_answers(), [200]);
    unverified(first.token.secret())
}

async fn is_refused_after_one_request(wire: &Wire, credential: &dyn TokenCredential, code: u32) {
    let error = credential.get_token(&[DEFAULT], None).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Credential), "{error:?}");
    assert!(error.to_string().contains(&format!("AADSTS{code}: ")), "{error}");
    assert_eq!(wire.token_answers(), [401]);
}

#[tokio::test]
async fn a_secret_gets_a_token_and_then_the_cached_one() {
    let wire = Wire::new();
    let claims = gets_its_token_once(&wire, &*with_secret(&wire, NIGHTLY_JOB_SECRET)).await;
    assert_eq!((&claims["roles"], &claims["azpacr"]), (&json!(["Employees.Read.All"]), &json!("1")));
}

#[tokio::test]
async fn a_wrong_secret_is_refused_with_its_code() {
    let wire = Wire::new();
    is_refused_after_one_request(&wire, &*with_secret(&wire, "guessed"), 7000215).await;
}

#[tokio::test]
async fn a_certificate_gets_a_token_and_then_the_cached_one() {
    let wire = Wire::new();
    let certificate = Certificate::registered().await;
    let claims = gets_its_token_once(&wire, &*with_certificate(&wire, certificate)).await;
    assert_eq!((&claims["roles"], &claims["azpacr"]), (&json!(["Employees.Read.All"]), &json!("2")));
}

#[tokio::test]
async fn a_certificate_that_is_not_registered_is_refused_with_its_code() {
    let wire = Wire::new();
    is_refused_after_one_request(&wire, &*with_certificate(&wire, &Certificate::new()), 700027).await;
}
