//! The keys of outside issuers, fetched when a federated credential's token comes and kept for an hour.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, ensure};
use ropeway_core::client_auth::{ClientProof, FederatedAssertion};
use ropeway_core::error::Denial;
use ropeway_core::time::WallTime;
use ropeway_core::token::{VerifyingKey, verifying_keys};
use serde::Deserialize;
use url::Url;

use crate::app::App;
use crate::outbound::{Named, Outbound};
use crate::token::Call;

/// What is known of each issuer. Only issuers that a tenant names get in, so there are few.
#[derive(Debug)]
pub(crate) struct IssuerKeys {
    outbound: Outbound,
    /// The inner lock is held while asking: one request asks, the others wait for its answer.
    issuers: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Known>>>>,
}

#[derive(Debug, Default)]
struct Known {
    keys: Vec<VerifyingKey>,
    fetched: Option<WallTime>,
}

/// The two members of OpenID configuration that matter here (OpenID Connect Discovery 1.0 §3).
#[derive(Deserialize)]
struct Configuration {
    issuer: String,
    jwks_uri: String,
}

impl IssuerKeys {
    pub(crate) fn new(outbound: Outbound) -> Self {
        Self { outbound, issuers: Mutex::default() }
    }

    /// Checks an assertion with its issuer's keys. An issuer that cannot be asked is AADSTS50166; why is in the log.
    pub(crate) async fn check(
        &self,
        app: &App,
        call: &Call,
        assertion: &FederatedAssertion,
    ) -> Result<ClientProof, Denial> {
        let now = call.moment.wall;
        let known = {
            let mut issuers = self.issuers.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(issuers.entry(assertion.issuer().to_owned()).or_default())
        };
        let mut known = known.lock().await;
        if !known.will_do(assertion.key_id(), now) {
            let fetched = self.fetch(app, call, assertion.issuer()).await;
            known.keys = fetched.map_err(|error| {
                let issuer = assertion.issuer();
                tracing::info!(signin.id = %call.moment.trace_id, "the keys of {issuer} cannot be had: {error:#}");
                Denial::new(50166)
            })?;
            known.fetched = Some(now);
        }
        assertion.check(&known.keys, now)
    }

    async fn fetch(&self, app: &App, call: &Call, issuer: &str) -> anyhow::Result<Vec<VerifyingKey>> {
        let ours = app.issuer(&call.origin);
        let mut own_origins = ours.origins();
        own_origins.push(app.main_origin());
        let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let url = Url::parse(&url).context("reading the issuer")?;
        let document = self.outbound.get(app, &url, Named::ByTenantFile, &own_origins).await?;
        let configuration: Configuration =
            serde_json::from_slice(&document).with_context(|| format!("reading {url}"))?;
        ensure!(configuration.issuer == issuer, "{url} is of another issuer, {}", configuration.issuer);
        let keys = Url::parse(&configuration.jwks_uri).with_context(|| format!("reading jwks_uri of {url}"))?;
        let named = if keys.host() == url.host() { Named::ByTenantFile } else { Named::ByOthers };
        let document = self.outbound.get(app, &keys, named, &own_origins).await?;
        verifying_keys(&document).with_context(|| format!("reading {keys}"))
    }
}

impl Known {
    /// An unknown key may be a new one, but an issuer is not asked about each invented one.
    fn will_do(&self, key_id: &str, now: WallTime) -> bool {
        let Some(fetched) = self.fetched else { return false };
        let age = now.seconds_since(fetched);
        let enough =
            if self.keys.iter().any(|key| key.key_id() == key_id) { KEPT_SECONDS } else { ASKED_AGAIN_SECONDS };
        (0..enough).contains(&age)
    }
}

const KEPT_SECONDS: i64 = 3600;
const ASKED_AGAIN_SECONDS: i64 = 10;
