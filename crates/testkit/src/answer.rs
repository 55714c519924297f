use std::fmt;

use anyhow::Context;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::header::HeaderMap;
use ropeway_core::error::catalogue;
use serde_json::Value;

/// What a request was answered with, granted or refused.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The answer's headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub text: String,
    /// The body as JSON; null when it is none.
    pub body: Value,
}

impl Answer {
    /// Reads a response to its end.
    ///
    /// # Errors
    /// The connection broke.
    pub async fn read(response: reqwest::Response) -> anyhow::Result<Self> {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.context("reading the answer")?;
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Ok(Self { status, headers, text, body })
    }

    /// This answer if it holds tokens.
    ///
    /// # Errors
    /// [`NotGranted`], which tells code, cause and remedy.
    pub fn granted(self) -> Result<Self, NotGranted> {
        if self.status == 200 { Ok(self) } else { Err(NotGranted(Box::new(self))) }
    }

    /// The AADSTS number of a refusal.
    pub fn code(&self) -> Option<u32> {
        self.body["error_codes"][0].as_u64().and_then(|code| u32::try_from(code).ok())
    }

    /// `error`; empty for a success.
    pub fn error(&self) -> &str {
        self.body["error"].as_str().unwrap_or_default()
    }

    /// The access token; empty for a refusal.
    pub fn access_token(&self) -> &str {
        self.body["access_token"].as_str().unwrap_or_default()
    }

    /// The refresh token; empty when there is none.
    pub fn refresh_token(&self) -> &str {
        self.body["refresh_token"].as_str().unwrap_or_default()
    }

    /// The claims of the access token, unverified; null for a refusal.
    pub fn access_claims(&self) -> Value {
        claims(self.access_token())
    }

    /// The claims of the id token, unverified; null when there is none.
    pub fn id_claims(&self) -> Value {
        claims(self.body["id_token"].as_str().unwrap_or_default())
    }
}

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).and_then(|payload| URL_SAFE_NO_PAD.decode(payload).ok());
    payload.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or(Value::Null)
}

/// A refusal as an error a test can fail with.
#[derive(Debug)]
pub struct NotGranted(Box<Answer>);

impl NotGranted {
    /// The answer itself.
    pub fn answer(&self) -> &Answer {
        &self.0
    }
}

impl fmt::Display for NotGranted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let described = self.0.body["error_description"].as_str().unwrap_or(&self.0.text);
        let said = described.split(" Trace ID:").next().unwrap_or(described);
        write!(f, "refused with {}: {said}", self.0.status)?;
        if let Some(row) = self.0.code().and_then(catalogue::find) {
            write!(f, "\n  why: {}\n  what to do: {}", row.cause, row.remedy)?;
        }
        Ok(())
    }
}

impl std::error::Error for NotGranted {}
