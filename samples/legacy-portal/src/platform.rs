//! The identity platform, as this portal uses it: one request with the user's password in it (RFC 6749 §4.3).

use std::fs;
use std::time::Duration;

use anyhow::{Context, anyhow};
use reqwest::{Certificate, Client, redirect};
use serde::Deserialize;

use crate::id_token::{IdTokenVerifier, User};
use crate::settings::Settings;

pub(crate) struct Platform {
    http: Client,
    settings: Settings,
    id_tokens: IdTokenVerifier,
}

pub(crate) struct Tokens {
    pub(crate) user: User,
    pub(crate) access_token: String,
    pub(crate) expires_in: Duration,
}

pub(crate) enum SignInError {
    /// The platform said no. Why is in there, but there is nothing that a form could do about it.
    Refused(RefusedAnswer),
    /// No answer, or one that makes no sense.
    Broken(anyhow::Error),
}

/// RFC 6749 §5.2 with Entra's own members.
#[derive(Debug, Deserialize)]
pub(crate) struct RefusedAnswer {
    pub(crate) error: String,
    #[serde(default)]
    pub(crate) error_description: String,
    #[serde(default)]
    pub(crate) error_codes: Vec<u32>,
    pub(crate) error_uri: Option<String>,
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    id_token: String,
    expires_in: u64,
}

impl Platform {
    pub(crate) fn new(settings: &Settings) -> anyhow::Result<Self> {
        let mut http = Client::builder()
            .timeout(PLATFORM_TIMEOUT)
            // A password must not travel on to wherever a redirect points.
            .redirect(redirect::Policy::none())
            .https_only(settings.token_url.starts_with("https:"));
        if let Some(file) = &settings.ca_file {
            let pem = fs::read(file).with_context(|| format!("reading the CA file {}", file.display()))?;
            let authorities =
                Certificate::from_pem_bundle(&pem).with_context(|| format!("{} is no PEM file", file.display()))?;
            http = http.tls_certs_merge(authorities);
        }
        let http = http.build().context("setting up the HTTP client for the platform")?;
        let id_tokens = IdTokenVerifier::new(http.clone(), &settings.metadata_url, &settings.client_id);
        Ok(Self { http, settings: settings.clone(), id_tokens })
    }

    /// Trades a person's password for an id token, which says who it was, and an access token for the Employee API.
    pub(crate) async fn sign_in(&self, username: &str, password: &str) -> Result<Tokens, SignInError> {
        let scope = format!("openid profile {}/.default", self.settings.api_uri);
        let form = [
            ("grant_type", "password"),
            ("client_id", &self.settings.client_id),
            ("client_secret", self.settings.client_secret.expose()),
            ("scope", &scope),
            ("username", username),
            ("password", password),
        ];
        let answer = self.http.post(&self.settings.token_url).form(&form).send().await;
        let answer = answer.context("asking the platform's token endpoint").map_err(SignInError::Broken)?;
        let status = answer.status();
        if status.is_success() {
            let answer = answer.json().await.context("the platform's answer holds not the tokens asked for");
            return self.accept(answer.map_err(SignInError::Broken)?).await.map_err(SignInError::Broken);
        }
        match answer.json::<RefusedAnswer>().await {
            Ok(refused) => Err(SignInError::Refused(refused)),
            Err(_) => Err(SignInError::Broken(anyhow!("the platform's token endpoint answered {status}"))),
        }
    }

    async fn accept(&self, answer: TokenAnswer) -> anyhow::Result<Tokens> {
        let user = self.id_tokens.verify(&answer.id_token).await.context("the id token cannot be accepted")?;
        let expires_in = Duration::from_secs(answer.expires_in);
        Ok(Tokens { user, access_token: answer.access_token, expires_in })
    }
}

/// A password is hashed slowly on purpose, and the platform may have a queue of them.
const PLATFORM_TIMEOUT: Duration = Duration::from_secs(20);
