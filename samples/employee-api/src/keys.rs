//! The provider's issuer and signing keys, read from its metadata and kept.

use std::collections::HashMap;
use std::fs;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use anyhow::{Context, ensure};
use jsonwebtoken::DecodingKey;
use reqwest::{Certificate, Client, redirect};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::settings::{KeyRefresh, Settings};

pub(crate) struct SigningKeys {
    http: Client,
    metadata_url: String,
    refresh: KeyRefresh,
    known: RwLock<Option<Arc<KnownKeys>>>,
    /// Held while the provider is asked, so that a thousand requests with a new key id ask once.
    attempts: Mutex<Attempts>,
}

/// What the provider said last time.
pub(crate) struct KnownKeys {
    /// The `iss` of every token that these keys may sign.
    pub(crate) issuer: String,
    by_id: HashMap<String, DecodingKey>,
    read_at: Instant,
}

pub(crate) enum KeyError {
    /// The provider was asked and does not have this key.
    Unknown,
    /// The provider cannot be asked, and no key read before fits.
    Unreachable,
}

#[derive(Default)]
struct Attempts {
    last_failed_at: Option<Instant>,
    last_fruitless_at: Option<Instant>,
}

impl KnownKeys {
    pub(crate) fn key(&self, key_id: &str) -> Option<&DecodingKey> {
        self.by_id.get(key_id)
    }
}

impl SigningKeys {
    pub(crate) fn new(settings: &Settings) -> anyhow::Result<Self> {
        let mut http = Client::builder()
            .timeout(PROVIDER_TIMEOUT)
            .redirect(redirect::Policy::none())
            // Keys read over plain http could be anybody's; a tenant that is named with https stays with https.
            .https_only(settings.metadata_url.starts_with("https:"));
        if let Some(file) = &settings.ca_file {
            let pem = fs::read(file).with_context(|| format!("reading the CA file {}", file.display()))?;
            let authorities =
                Certificate::from_pem_bundle(&pem).with_context(|| format!("{} is no PEM file", file.display()))?;
            http = http.tls_certs_merge(authorities);
        }
        Ok(Self {
            http: http.build().context("setting up the HTTP client for the provider")?,
            metadata_url: settings.metadata_url.clone(),
            refresh: settings.key_refresh,
            known: RwLock::new(None),
            attempts: Mutex::default(),
        })
    }

    /// The keys with `key_id` among them, asking the provider if it must be.
    pub(crate) async fn with_key(&self, key_id: &str) -> Result<Arc<KnownKeys>, KeyError> {
        if let Some(known) = self.fresh_with(key_id) {
            return Ok(known);
        }
        let asked_at = Instant::now();
        let mut attempts = self.attempts.lock().await;
        // Somebody else may have asked while we waited for our turn.
        if let Some(known) = self.fresh_with(key_id) {
            return Ok(known);
        }
        let read_meanwhile = self.known().is_some_and(|known| known.read_at >= asked_at);
        let failed_meanwhile = attempts.last_failed_at.is_some_and(|at| at >= asked_at);
        if !read_meanwhile && !failed_meanwhile && !self.must_pause(&attempts, key_id) {
            match self.read_provider().await {
                Ok(known) => {
                    attempts.last_failed_at = None;
                    if known.key(key_id).is_none() {
                        attempts.last_fruitless_at = Some(Instant::now());
                    }
                    *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(known));
                }
                Err(error) => {
                    attempts.last_failed_at = Some(Instant::now());
                    tracing::warn!("the provider's keys cannot be read, so the old ones stay in use: {error:#}");
                }
            }
        }
        // Old keys are better than none: an outage of the provider must not become an outage of this API.
        match self.known_with(key_id) {
            Some(known) => Ok(known),
            None if attempts.last_failed_at.is_some() || self.known().is_none() => Err(KeyError::Unreachable),
            None => Err(KeyError::Unknown),
        }
    }

    fn must_pause(&self, attempts: &Attempts, key_id: &str) -> bool {
        let within = |at: Option<Instant>, pause: Duration| at.is_some_and(|at| at.elapsed() < pause);
        // A key that we have is looked up because the keys are old, not because somebody made it up.
        let unknown = self.known_with(key_id).is_none();
        within(attempts.last_failed_at, self.refresh.pause_after_failure)
            || unknown && within(attempts.last_fruitless_at, self.refresh.pause_after_unknown_key)
    }

    fn known(&self) -> Option<Arc<KnownKeys>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn known_with(&self, key_id: &str) -> Option<Arc<KnownKeys>> {
        self.known().filter(|known| known.key(key_id).is_some())
    }

    fn fresh_with(&self, key_id: &str) -> Option<Arc<KnownKeys>> {
        self.known_with(key_id).filter(|known| known.read_at.elapsed() < self.refresh.max_age)
    }

    async fn read_provider(&self) -> anyhow::Result<KnownKeys> {
        let read_at = Instant::now();
        let metadata: Metadata = self.read_json(&self.metadata_url).await?;
        ensure!(
            !metadata.issuer.contains('{'),
            "{} is not the metadata of one tenant: its issuer is {}",
            self.metadata_url,
            metadata.issuer
        );
        let key_set: KeySet = self.read_json(&metadata.jwks_uri).await?;
        let by_id: HashMap<_, _> =
            key_set.keys.into_iter().filter_map(|key| key.into_signing_key(&metadata.issuer)).collect();
        ensure!(!by_id.is_empty(), "{} holds no RSA signing key of {}", metadata.jwks_uri, metadata.issuer);
        tracing::info!(keys = by_id.len(), issuer = metadata.issuer, "read the provider's keys");
        Ok(KnownKeys { issuer: metadata.issuer, by_id, read_at })
    }

    async fn read_json<T: DeserializeOwned>(&self, url: &str) -> anyhow::Result<T> {
        let answer = self.http.get(url).send().await.and_then(reqwest::Response::error_for_status);
        let answer = answer.with_context(|| format!("asking {url}"))?;
        // `error_for_status` lets a redirect pass.
        ensure!(answer.status().is_success(), "{url} answered {}", answer.status());
        answer.json().await.with_context(|| format!("{url} answered something else than expected"))
    }
}

/// OpenID Connect Discovery 1.0 §3, as far as an API needs it.
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: String,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<PublishedKey>,
}

/// RFC 7517 §4 and RFC 7518 §6.3.1, with Entra's `issuer`. All is optional, so that one odd key does not hide the rest.
#[derive(Deserialize)]
struct PublishedKey {
    kty: Option<String>,
    #[serde(rename = "use")]
    intended_use: Option<String>,
    kid: Option<String>,
    n: Option<String>,
    e: Option<String>,
    issuer: Option<String>,
}

impl PublishedKey {
    fn into_signing_key(self, issuer: &str) -> Option<(String, DecodingKey)> {
        let is_signing = self.kty.as_deref() == Some("RSA") && self.intended_use.is_none_or(|to| to == "sig");
        // Entra says for which issuer a key may sign; a key of another tenant in the same document is not ours.
        if !is_signing || self.issuer.is_some_and(|of| of != issuer) {
            return None;
        }
        Some((self.kid?, DecodingKey::from_rsa_components(&self.n?, &self.e?).ok()?))
    }
}

const PROVIDER_TIMEOUT: Duration = Duration::from_secs(5);
