//! A provider of OpenID metadata and keys in fifty lines, and tokens of every kind, right and wrong.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub(crate) const EMPLOYEE_API: &str = "e0a91000-0000-4000-8000-00000000000a";
pub(crate) const TIMESHEET_API: &str = "e0a91000-0000-4000-8000-000000000012";

/// Serves metadata and keys over plain http on a free port until the test ends.
pub(crate) struct Provider {
    pub(crate) origin: String,
    said: Arc<Said>,
}

struct Said {
    origin: String,
    keys: Mutex<Vec<Value>>,
    down: AtomicBool,
    times_asked: AtomicUsize,
}

impl Provider {
    pub(crate) async fn start(keys: &[&SigningKey]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let said = Arc::new(Said {
            origin: origin.clone(),
            keys: Mutex::default(),
            down: AtomicBool::new(false),
            times_asked: AtomicUsize::new(0),
        });
        let router = Router::new()
            .route("/alpine/v2.0/.well-known/openid-configuration", get(metadata))
            .route("/alpine/discovery/v2.0/keys", get(key_set))
            .with_state(said.clone());
        tokio::spawn(async { axum::serve(listener, router).await });
        let provider = Self { origin, said };
        provider.publish(keys);
        provider
    }

    pub(crate) fn issuer(&self) -> String {
        format!("{}/alpine/v2.0", self.origin)
    }

    /// Publishes these keys and no others.
    pub(crate) fn publish(&self, keys: &[&SigningKey]) {
        self.publish_raw(keys.iter().map(|key| key.published(&self.issuer())).collect());
    }

    pub(crate) fn publish_raw(&self, keys: Vec<Value>) {
        *self.said.keys.lock().unwrap() = keys;
    }

    pub(crate) fn is_down(&self, down: bool) {
        self.said.down.store(down, Ordering::SeqCst);
    }

    /// How often the key set was fetched, or tried to be.
    pub(crate) fn times_asked(&self) -> usize {
        self.said.times_asked.load(Ordering::SeqCst)
    }

    /// What Entra puts into a user's token for `audience`.
    pub(crate) fn user_claims(&self, audience: &str, scp: &str) -> Value {
        json!({
            "aud": audience, "iss": self.issuer(), "iat": now(), "nbf": now() - 5, "exp": now() + 3600,
            "azp": "e0a91000-0000-4000-8000-00000000000b", "azpacr": "1", "name": "Cloud user",
            "oid": "11111111-0000-4000-8000-000000000001", "sub": "pairwise-subject", "scp": scp,
            "tid": "5e1f0a00-0000-4000-8000-000000000001", "ver": "2.0"
        })
    }

    /// What Entra puts into an application's own token for `audience`.
    pub(crate) fn application_claims(&self, audience: &str, roles: &[&str]) -> Value {
        let object_id = "22222222-0000-4000-8000-000000000002";
        let claims = json!({
            "aud": audience, "iss": self.issuer(), "iat": now(), "nbf": now() - 5, "exp": now() + 3600,
            "azp": "e0a91000-0000-4000-8000-00000000000f", "azpacr": "1", "oid": object_id, "sub": object_id,
            "roles": roles, "tid": "5e1f0a00-0000-4000-8000-000000000001", "ver": "2.0"
        });
        // Entra leaves the claim out where there is no role.
        if roles.is_empty() { without(claims, "roles") } else { claims }
    }
}

async fn metadata(State(said): State<Arc<Said>>) -> Result<Json<Value>, StatusCode> {
    if said.down.load(Ordering::SeqCst) {
        said.times_asked.fetch_add(1, Ordering::SeqCst);
        return Err(StatusCode::INTERNAL_SERVER_ERROR);
    }
    Ok(Json(json!({
        "issuer": format!("{}/alpine/v2.0", said.origin),
        "jwks_uri": format!("{}/alpine/discovery/v2.0/keys", said.origin)
    })))
}

async fn key_set(State(said): State<Arc<Said>>) -> Json<Value> {
    said.times_asked.fetch_add(1, Ordering::SeqCst);
    Json(json!({ "keys": *said.keys.lock().unwrap() }))
}

pub(crate) struct SigningKey {
    id: String,
    pair: RsaKeyPair,
}

impl SigningKey {
    pub(crate) fn new(id: &str) -> Self {
        Self { id: id.to_owned(), pair: RsaKeyPair::generate(KeySize::Rsa2048).unwrap() }
    }

    pub(crate) fn published(&self, issuer: &str) -> Value {
        let public = self.pair.public_key();
        json!({
            "kty": "RSA", "use": "sig", "kid": self.id, "x5t": self.id, "issuer": issuer,
            "n": URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero()),
            "e": URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero())
        })
    }

    pub(crate) fn public_key(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.sign_with_header(&json!({ "typ": "JWT", "alg": "RS256", "kid": self.id }), claims)
    }

    pub(crate) fn sign_with_header(&self, header: &Value, claims: &Value) -> String {
        let message = message(header, claims);
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// The forgery of algorithm confusion: an HMAC whose secret is the public key.
pub(crate) fn sign_with_hs256(header: &Value, claims: &Value, secret: &[u8]) -> String {
    let message = message(header, claims);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
}

pub(crate) fn unsigned(header: &Value, claims: &Value) -> String {
    format!("{}.", message(header, claims))
}

pub(crate) fn with(mut claims: Value, name: &str, value: impl Into<Value>) -> Value {
    claims[name] = value.into();
    claims
}

pub(crate) fn without(mut claims: Value, name: &str) -> Value {
    claims.as_object_mut().unwrap().remove(name);
    claims
}

pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn message(header: &Value, claims: &Value) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", encode(header), encode(claims))
}
