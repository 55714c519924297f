//! Talking to a server as its clients do: forms out, JSON back, the local CA trusted and nobody else.

use std::path::Path;

use anyhow::{Context, anyhow};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// A form as it is posted, in this order.
pub(crate) type Form = [(&'static str, String)];

/// An HTTPS client that trusts the CA of this file.
pub(crate) fn client(ca_file: &Path) -> anyhow::Result<reqwest::Client> {
    builder(ca_file)?.build().context("cannot make an HTTPS client")
}

/// As [`client`], but it follows no redirects: where one leads is the answer.
pub(crate) fn browser(ca_file: &Path) -> anyhow::Result<reqwest::Client> {
    let builder = builder(ca_file)?.redirect(reqwest::redirect::Policy::none());
    builder.build().context("cannot make an HTTPS client")
}

fn builder(ca_file: &Path) -> anyhow::Result<reqwest::ClientBuilder> {
    let ca = std::fs::read(ca_file).with_context(|| format!("cannot read {}", ca_file.display()))?;
    let ca = reqwest::Certificate::from_pem(&ca).context("the local CA's certificate is broken")?;
    // A proxy of the environment leads elsewhere than to this machine.
    Ok(reqwest::Client::builder().no_proxy().tls_certs_only([ca]))
}

/// Posts a form.
pub(crate) async fn post(http: &reqwest::Client, url: &str, form: &Form) -> anyhow::Result<Answer> {
    read(url, http.post(url).form(form).send().await).await
}

/// Gets a page, with an access token or without.
pub(crate) async fn get(http: &reqwest::Client, url: &str, token: Option<&str>) -> anyhow::Result<Answer> {
    let request = http.get(url);
    let request = match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    };
    read(url, request.send().await).await
}

async fn read(url: &str, response: reqwest::Result<reqwest::Response>) -> anyhow::Result<Answer> {
    let response = response.with_context(|| format!("cannot reach {url}"))?;
    let status = response.status().as_u16();
    let text = response.text().await.with_context(|| format!("{url} broke off its answer"))?;
    Ok(Answer { status, body: serde_json::from_str(&text).unwrap_or(Value::Null) })
}

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Null when the body is no JSON.
    pub(crate) body: Value,
}

impl Answer {
    /// A member of the body that is text; empty when there is none.
    pub(crate) fn member(&self, name: &str) -> &str {
        self.body.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// The AADSTS number of a refusal.
    pub(crate) fn code(&self) -> Option<u32> {
        let code = self.body.get("error_codes").and_then(|codes| codes.get(0)).and_then(Value::as_u64);
        code.and_then(|code| u32::try_from(code).ok())
    }

    /// The access token of a token response.
    ///
    /// # Errors
    /// It is a refusal, or something else altogether.
    pub(crate) fn access_token(&self) -> anyhow::Result<&str> {
        match (self.status, self.member("access_token")) {
            (200, token) if !token.is_empty() => Ok(token),
            (status, _) => Err(anyhow!("no token but status {status}: {}", self.member("error_description"))),
        }
    }
}

/// The claims of a JWT, unverified: they are shown, and nobody decides by them.
pub(crate) fn claims(token: &str) -> Option<Value> {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&payload).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::*;

    #[test]
    fn claims_are_read_from_a_jwt_and_from_nothing_else() {
        let payload = URL_SAFE_NO_PAD.encode(r#"{"sub":"cloud"}"#);
        assert_eq!(claims(&format!("e30.{payload}.c2ln")).unwrap(), serde_json::json!({"sub": "cloud"}));
        for wrong in ["", "opaque", "a.b.c", "e30.!!.x"] {
            assert!(claims(wrong).is_none(), "{wrong}");
        }
    }
}
