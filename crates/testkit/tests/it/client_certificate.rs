//! A client's key with its certificate, and the assertions that it signs: made with other libraries than the server's.

use aws_lc_rs::digest::{self, SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey};
use ropeway_core::directory::{Directory, KeyCredential, Tenant};
use ropeway_core::ids::AppId;
use ropeway_core::token::{SigningKey, SigningKeyMaterial};
use ropeway_testkit::TokenRequest;
use ropeway_testkit::sample::{ALPINE, LEGACY_PORTAL, NIGHTLY_JOB};
use serde_json::{Value, json};

pub(crate) const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

pub(crate) struct ClientCertificate {
    key_pem: String,
    certificate_der: Vec<u8>,
}

impl ClientCertificate {
    pub(crate) fn generate() -> Self {
        Self::of(&rcgen::PKCS_RSA_SHA256)
    }

    /// Of a kind of key that Entra takes no assertion of; it cannot sign here.
    pub(crate) fn of_elliptic_curve() -> Self {
        Self::of(&rcgen::PKCS_ECDSA_P256_SHA256)
    }

    fn of(algorithm: &'static rcgen::SignatureAlgorithm) -> Self {
        let key = rcgen::KeyPair::generate_for(algorithm).unwrap();
        let certificate = rcgen::CertificateParams::default().self_signed(&key).unwrap();
        Self { key_pem: key.serialize_pem(), certificate_der: certificate.der().to_vec() }
    }

    pub(crate) fn credential(&self) -> KeyCredential {
        let certificate_der = self.certificate_der.clone().into();
        KeyCredential { display_name: None, certificate_der, start: None, end: None }
    }

    /// Registers it with the sample's confidential clients, in the place of their secrets.
    pub(crate) fn register(&self) -> impl Fn(&mut Directory) + use<> {
        let credential = self.credential();
        move |directory| {
            for tenant in directory.tenants.iter_mut().filter(|tenant| tenant.tenant.id == ALPINE) {
                register(&mut tenant.tenant, &credential);
            }
        }
    }

    /// As a key that tokens are signed with.
    pub(crate) fn signing_key(&self) -> SigningKey {
        let key = rcgen::KeyPair::from_pem(&self.key_pem).unwrap();
        let material =
            SigningKeyMaterial { pkcs8_der: key.serialize_der().into(), certificate_der: self.certificate_der.clone() };
        SigningKey::from_material(&material).unwrap()
    }

    /// A header as current clients write it.
    pub(crate) fn header(&self) -> Value {
        json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": self.thumbprint(&SHA256) })
    }

    /// A header as older clients write it.
    pub(crate) fn rs256_header(&self) -> Value {
        json!({ "alg": "RS256", "typ": "JWT", "x5t": self.thumbprint(&SHA1_FOR_LEGACY_USE_ONLY) })
    }

    /// Signs with the header's algorithm; with RS256 what this library does not know.
    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let key = EncodingKey::from_rsa_pem(self.key_pem.as_bytes()).unwrap();
        let algorithm = match header["alg"].as_str() {
            Some("PS256") => Algorithm::PS256,
            _ => Algorithm::RS256,
        };
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, algorithm).unwrap();
        format!("{message}.{signature}")
    }

    /// The assertion that a client would send for this audience.
    pub(crate) fn assertion(&self, client: AppId, audience: &str) -> String {
        self.sign(&self.header(), &claims(client, audience))
    }

    fn thumbprint(&self, algorithm: &'static digest::Algorithm) -> String {
        URL_SAFE_NO_PAD.encode(digest(algorithm, &self.certificate_der))
    }
}

fn register(tenant: &mut Tenant, credential: &KeyCredential) {
    for app in tenant.applications.iter_mut().filter(|app| [LEGACY_PORTAL, NIGHTLY_JOB].contains(&app.app_id)) {
        app.password_credentials.clear();
        app.key_credentials.push(credential.clone());
    }
}

/// Claims that hold now for ten minutes.
pub(crate) fn claims(client: AppId, audience: &str) -> Value {
    let now = jsonwebtoken::get_current_timestamp();
    json!({ "aud": audience, "iss": client, "sub": client, "jti": "1", "nbf": now, "exp": now + 600 })
}

/// The request with this assertion in the place of a secret.
pub(crate) trait WithAssertion {
    fn assertion(self, assertion: &str) -> Self;
}

impl WithAssertion for TokenRequest<'_> {
    fn assertion(self, assertion: &str) -> Self {
        self.without("client_secret").set("client_assertion_type", JWT_BEARER).set("client_assertion", assertion)
    }
}

/// The object with these members changed.
pub(crate) fn merged(object: &Value, changes: &Value) -> Value {
    let mut merged = object.clone();
    for (name, value) in changes.as_object().unwrap() {
        merged[name] = value.clone();
    }
    merged
}
