//! Who signed in: the id token, checked as OpenID Connect Core 1.0 §3.1.3.7 says. The portal asked the platform for it
//! itself, over TLS, and could believe it unseen; but the next developer may get it from elsewhere.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use reqwest::Client;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;

pub(crate) struct IdTokenVerifier {
    http: Client,
    metadata_url: String,
    client_id: String,
    known: Mutex<Option<Arc<KnownKeys>>>,
}

/// The user, as the id token says.
#[derive(Deserialize)]
pub(crate) struct User {
    #[serde(rename = "ver")]
    version: String,
    pub(crate) name: Option<String>,
    pub(crate) preferred_username: Option<String>,
}

struct KnownKeys {
    issuer: String,
    by_id: HashMap<String, DecodingKey>,
    read_at: Instant,
}

impl IdTokenVerifier {
    pub(crate) fn new(http: Client, metadata_url: &str, client_id: &str) -> Self {
        Self { http, metadata_url: metadata_url.to_owned(), client_id: client_id.to_owned(), known: Mutex::default() }
    }

    pub(crate) async fn verify(&self, id_token: &str) -> anyhow::Result<User> {
        let header = decode_header(id_token).context("reading its header")?;
        ensure!(header.alg == Algorithm::RS256, "it is not signed with RS256");
        let key_id = header.kid.context("it does not name its key")?;
        let keys = self.keys_with(&key_id).await?;
        let Some(key) = keys.by_id.get(&key_id) else { bail!("its key is none of the issuer's") };

        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.set_issuer(&[&keys.issuer]);
        validation.set_audience(&[&self.client_id]);
        validation.validate_nbf = true;
        let user = decode::<User>(id_token, key, &validation).context("checking its signature and claims")?.claims;
        ensure!(user.version == "2.0", "it is not a v2.0 token");
        Ok(user)
    }

    /// The platform's keys, asked for again when they are old or `key_id` is not among them. Whoever names the key is
    /// the platform itself, so nobody else can make us ask.
    async fn keys_with(&self, key_id: &str) -> anyhow::Result<Arc<KnownKeys>> {
        let mut known = self.known.lock().await;
        let fresh = |keys: &&Arc<KnownKeys>| keys.read_at.elapsed() < MAX_AGE && keys.by_id.contains_key(key_id);
        if let Some(keys) = known.as_ref().filter(fresh) {
            return Ok(keys.clone());
        }
        Ok(known.insert(Arc::new(self.read_keys().await?)).clone())
    }

    async fn read_keys(&self) -> anyhow::Result<KnownKeys> {
        let metadata: Metadata = self.read_json(&self.metadata_url).await?;
        let key_set: KeySet = self.read_json(&metadata.jwks_uri).await?;
        let by_id = key_set.keys.into_iter().filter_map(PublishedKey::into_signing_key).collect();
        Ok(KnownKeys { issuer: metadata.issuer, by_id, read_at: Instant::now() })
    }

    async fn read_json<T: DeserializeOwned>(&self, url: &str) -> anyhow::Result<T> {
        let answer = self.http.get(url).send().await.with_context(|| format!("asking {url}"))?;
        ensure!(answer.status().is_success(), "{url} answered {}", answer.status());
        answer.json().await.with_context(|| format!("{url} answered something else than expected"))
    }
}

/// OpenID Connect Discovery 1.0 §3, as far as it is needed here.
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: String,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<PublishedKey>,
}

/// RFC 7517 §4 and RFC 7518 §6.3.1. All is optional, so that one odd key does not hide the rest.
#[derive(Deserialize)]
struct PublishedKey {
    kty: Option<String>,
    #[serde(rename = "use")]
    intended_use: Option<String>,
    kid: Option<String>,
    n: Option<String>,
    e: Option<String>,
}

impl PublishedKey {
    fn into_signing_key(self) -> Option<(String, DecodingKey)> {
        let is_signing = self.kty.as_deref() == Some("RSA") && self.intended_use.is_none_or(|to| to == "sig");
        let key = is_signing.then(|| DecodingKey::from_rsa_components(&self.n?, &self.e?).ok())?;
        Some((self.kid?, key?))
    }
}

const MAX_AGE: Duration = Duration::from_hours(6);
