//! A platform that says what the test tells it to, and an API beside it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub(crate) const CLIENT: &str = "e0a91000-0000-4000-8000-00000000000d";
pub(crate) const ACCESS_TOKEN: &str = "an-access-token";

/// Serves metadata, keys, the token endpoint and employees over plain http on a free port until the test ends. Its
/// authorize page is the test itself.
pub(crate) struct Platform {
    pub(crate) origin: String,
    said: Arc<Said>,
}

struct Said {
    origin: String,
    issuer: Mutex<String>,
    keys: Mutex<Vec<Value>>,
    answer: Mutex<(StatusCode, Value)>,
    asked: Mutex<Vec<HashMap<String, String>>>,
}

impl Platform {
    pub(crate) async fn start(key: &SigningKey) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let said = Arc::new(Said {
            origin: origin.clone(),
            issuer: Mutex::new(format!("{origin}/alpine/v2.0")),
            keys: Mutex::new(vec![key.published()]),
            answer: Mutex::new((StatusCode::INTERNAL_SERVER_ERROR, Value::Null)),
            asked: Mutex::default(),
        });
        let router = Router::new()
            .route("/alpine/v2.0/.well-known/openid-configuration", get(metadata))
            .route("/alpine/discovery/v2.0/keys", get(keys))
            .route("/alpine/oauth2/v2.0/token", post(token))
            .route("/api/employees", get(employees))
            .with_state(said.clone());
        tokio::spawn(async { axum::serve(listener, router).await });
        Self { origin, said }
    }

    pub(crate) fn publish(&self, key: &SigningKey) {
        *self.said.keys.lock().unwrap() = vec![key.published()];
    }

    /// Makes the metadata name another issuer.
    pub(crate) fn claims_to_be(&self, issuer: &str) {
        *self.said.issuer.lock().unwrap() = issuer.to_owned();
    }

    pub(crate) fn answers(&self, status: StatusCode, body: Value) {
        *self.said.answer.lock().unwrap() = (status, body);
    }

    /// Answers a code with tokens.
    pub(crate) fn answers_tokens(&self, id_token: &str) {
        let body = json!({
            "token_type": "Bearer", "scope": "openid profile offline_access api://employees.alpine.test/Employees.Read",
            "expires_in": 4000, "ext_expires_in": 4000, "access_token": ACCESS_TOKEN, "refresh_token": "refresh-1",
            "id_token": id_token
        });
        self.answers(StatusCode::OK, body);
    }

    pub(crate) fn claims(&self, nonce: &str) -> Value {
        json!({
            "aud": CLIENT, "iss": format!("{}/alpine/v2.0", self.origin), "iat": now(), "nbf": now() - 5,
            "exp": now() + 3600, "name": "Cloud <b>user</b>", "preferred_username": "cloud@alpine.test",
            "nonce": nonce, "oid": "11111111-0000-4000-8000-000000000001", "sub": "pairwise-subject",
            "tid": "5e1f0a00-0000-4000-8000-000000000001", "ver": "2.0"
        })
    }

    /// The forms that the token endpoint was sent; `authorization` is the header.
    pub(crate) fn asked(&self) -> Vec<HashMap<String, String>> {
        self.said.asked.lock().unwrap().clone()
    }
}

async fn token(
    State(said): State<Arc<Said>>,
    headers: HeaderMap,
    Form(mut form): Form<HashMap<String, String>>,
) -> (StatusCode, Json<Value>) {
    let sent = headers.get("authorization").map_or("", |value| value.to_str().unwrap());
    form.insert("authorization".to_owned(), sent.to_owned());
    said.asked.lock().unwrap().push(form);
    let (status, body) = said.answer.lock().unwrap().clone();
    (status, Json(body))
}

async fn metadata(State(said): State<Arc<Said>>) -> Json<Value> {
    let base = format!("{}/alpine", said.origin);
    Json(json!({
        "issuer": *said.issuer.lock().unwrap(),
        "authorization_endpoint": format!("{base}/oauth2/v2.0/authorize"),
        "token_endpoint": format!("{base}/oauth2/v2.0/token"),
        "end_session_endpoint": format!("{base}/oauth2/v2.0/logout"),
        "jwks_uri": format!("{base}/discovery/v2.0/keys"),
        "response_types_supported": ["code", "id_token", "code id_token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"]
    }))
}

async fn keys(State(said): State<Arc<Said>>) -> Json<Value> {
    Json(json!({ "keys": *said.keys.lock().unwrap() }))
}

async fn employees(headers: HeaderMap) -> Result<Json<Value>, StatusCode> {
    let sent = headers.get("authorization").map(|value| value.to_str().unwrap());
    let right = sent == Some(&format!("Bearer {ACCESS_TOKEN}"));
    let employees = json!([{ "id": 1, "displayName": "Ada <script>", "department": "Lifts" }]);
    right.then_some(Json(employees)).ok_or(StatusCode::UNAUTHORIZED)
}

pub(crate) struct SigningKey {
    id: &'static str,
    pair: RsaKeyPair,
}

impl SigningKey {
    pub(crate) fn new(id: &'static str) -> Self {
        Self { id, pair: RsaKeyPair::generate(KeySize::Rsa2048).unwrap() }
    }

    fn published(&self) -> Value {
        let public = self.pair.public_key();
        json!({
            "kty": "RSA", "use": "sig", "kid": self.id, "x5t": self.id,
            "n": URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero()),
            "e": URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero())
        })
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        let message = unsigned(&json!({ "typ": "JWT", "alg": "RS256", "kid": self.id }), claims);
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// Header and claims of a token, without the dot and the signature.
pub(crate) fn unsigned(header: &Value, claims: &Value) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", encode(header), encode(claims))
}

pub(crate) fn with(mut claims: Value, name: &str, value: impl Into<Value>) -> Value {
    claims[name] = value.into();
    claims
}

pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}
