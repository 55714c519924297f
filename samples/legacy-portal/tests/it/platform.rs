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

pub(crate) const CLIENT: &str = "e0a91000-0000-4000-8000-00000000000b";
pub(crate) const ACCESS_TOKEN: &str = "an-access-token";

/// Serves the token endpoint, metadata, keys and employees over plain http on a free port until the test ends.
pub(crate) struct Platform {
    pub(crate) origin: String,
    said: Arc<Said>,
}

struct Said {
    origin: String,
    key: SigningKey,
    answer: Mutex<(StatusCode, Value)>,
    asked: Mutex<Vec<HashMap<String, String>>>,
}

impl Platform {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let answer = Mutex::new((StatusCode::INTERNAL_SERVER_ERROR, Value::Null));
        let said = Arc::new(Said { origin: origin.clone(), key: SigningKey::new(), answer, asked: Mutex::default() });
        let router = Router::new()
            .route("/alpine/oauth2/v2.0/token", post(token))
            .route("/alpine/v2.0/.well-known/openid-configuration", get(metadata))
            .route("/alpine/discovery/v2.0/keys", get(keys))
            .route("/api/employees", get(employees))
            .with_state(said.clone());
        tokio::spawn(async { axum::serve(listener, router).await });
        Self { origin, said }
    }

    pub(crate) fn answers(&self, status: StatusCode, body: Value) {
        *self.said.answer.lock().unwrap() = (status, body);
    }

    /// Answers a sign-in of this user with tokens.
    pub(crate) fn answers_tokens(&self, claims: &Value) {
        self.answers_id_token(&self.sign(claims));
    }

    pub(crate) fn answers_id_token(&self, id_token: &str) {
        let body = json!({
            "token_type": "Bearer", "scope": "openid profile api://employees.alpine.test/Employees.Read",
            "expires_in": 4000, "ext_expires_in": 4000, "access_token": ACCESS_TOKEN, "id_token": id_token
        });
        self.answers(StatusCode::OK, body);
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.said.key.sign(claims)
    }

    pub(crate) fn claims(&self) -> Value {
        json!({
            "aud": CLIENT, "iss": format!("{}/alpine/v2.0", self.origin), "iat": now(), "nbf": now() - 5,
            "exp": now() + 3600, "name": "Cloud <b>user</b>", "preferred_username": "cloud@alpine.test",
            "oid": "11111111-0000-4000-8000-000000000001", "sub": "pairwise-subject",
            "tid": "5e1f0a00-0000-4000-8000-000000000001", "ver": "2.0"
        })
    }

    /// The forms that the token endpoint was sent.
    pub(crate) fn asked(&self) -> Vec<HashMap<String, String>> {
        self.said.asked.lock().unwrap().clone()
    }
}

async fn token(State(said): State<Arc<Said>>, Form(form): Form<HashMap<String, String>>) -> (StatusCode, Json<Value>) {
    said.asked.lock().unwrap().push(form);
    let (status, body) = said.answer.lock().unwrap().clone();
    (status, Json(body))
}

async fn metadata(State(said): State<Arc<Said>>) -> Json<Value> {
    let origin = &said.origin;
    Json(
        json!({ "issuer": format!("{origin}/alpine/v2.0"), "jwks_uri": format!("{origin}/alpine/discovery/v2.0/keys") }),
    )
}

async fn keys(State(said): State<Arc<Said>>) -> Json<Value> {
    Json(json!({ "keys": [said.key.published()] }))
}

async fn employees(headers: HeaderMap) -> Result<Json<Value>, StatusCode> {
    let sent = headers.get("authorization").map(|value| value.to_str().unwrap());
    let right = sent == Some(&format!("Bearer {ACCESS_TOKEN}"));
    let employees = json!([{ "id": 1, "displayName": "Ada <script>", "department": "Lifts" }]);
    right.then_some(Json(employees)).ok_or(StatusCode::UNAUTHORIZED)
}

pub(crate) struct SigningKey(RsaKeyPair);

impl SigningKey {
    pub(crate) fn new() -> Self {
        Self(RsaKeyPair::generate(KeySize::Rsa2048).unwrap())
    }

    fn published(&self) -> Value {
        let public = self.0.public_key();
        json!({
            "kty": "RSA", "use": "sig", "kid": "k1",
            "n": URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero()),
            "e": URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero())
        })
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        let message = unsigned(&json!({ "typ": "JWT", "alg": "RS256", "kid": "k1" }), claims);
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
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
