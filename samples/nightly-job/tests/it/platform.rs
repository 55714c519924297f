//! A platform that says what the test tells it to, and the APIs beside it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub(crate) const CLIENT: &str = "e0a91000-0000-4000-8000-00000000000f";

/// Serves metadata, keys, the token and device endpoints and the APIs over plain http on a free port until the test ends.
/// Its page is the test itself.
pub(crate) struct Platform {
    pub(crate) origin: String,
    said: Arc<Said>,
}

struct Said {
    origin: String,
    key: RsaKeyPair,
    /// What the token endpoint answers; tokens, when there is nothing here.
    refuses: Mutex<Option<(StatusCode, Value)>>,
    /// What it answers to the first questions.
    first: Mutex<Vec<Value>>,
    api: Mutex<(StatusCode, Value)>,
    asked: Mutex<Vec<HashMap<String, String>>>,
    nonce: Mutex<String>,
    /// The number of the newest refresh token. Only that one is taken: this platform forgives nobody who lost it.
    newest: Mutex<u32>,
}

impl Platform {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let said = Arc::new(Said {
            origin: origin.clone(),
            key: RsaKeyPair::generate(KeySize::Rsa2048).unwrap(),
            refuses: Mutex::default(),
            first: Mutex::default(),
            api: Mutex::new((StatusCode::OK, json!([{ "id": 1 }, { "id": 2 }]))),
            asked: Mutex::default(),
            nonce: Mutex::default(),
            newest: Mutex::default(),
        });
        let router = Router::new()
            .route("/alpine/v2.0/.well-known/openid-configuration", get(metadata))
            .route("/alpine/discovery/v2.0/keys", get(keys))
            .route("/alpine/oauth2/v2.0/token", post(token))
            .route("/alpine/oauth2/v2.0/devicecode", post(device_code))
            .route("/api/{name}", get(api).post(api))
            .with_state(said.clone());
        tokio::spawn(async { axum::serve(listener, router).await });
        Self { origin, said }
    }

    pub(crate) fn refuses(&self, status: StatusCode, body: Value) {
        *self.said.refuses.lock().unwrap() = Some((status, body));
    }

    pub(crate) fn refuses_by(&self, error: &str, code: u32) {
        let body = json!({ "error": error, "error_description": format!("AADSTS{code}: no.\r\nTrace ID: 1"),
            "error_codes": [code] });
        self.refuses(StatusCode::BAD_REQUEST, body);
    }

    pub(crate) fn grants(&self) {
        *self.said.refuses.lock().unwrap() = None;
    }

    /// Answers these errors, one after another, before anything else.
    pub(crate) fn answers_first(&self, errors: &[&str]) {
        *self.said.first.lock().unwrap() = errors.iter().rev().map(|error| json!({ "error": error })).collect();
    }

    pub(crate) fn api_answers(&self, status: StatusCode, body: Value) {
        *self.said.api.lock().unwrap() = (status, body);
    }

    /// The next id token carries this nonce.
    pub(crate) fn was_asked_with(&self, nonce: &str) {
        nonce.clone_into(&mut self.said.nonce.lock().unwrap());
    }

    /// The forms that the token endpoint was sent.
    pub(crate) fn asked(&self) -> Vec<HashMap<String, String>> {
        self.said.asked.lock().unwrap().clone()
    }

    pub(crate) fn newest(&self) -> String {
        format!("refresh-{}-end", self.said.newest.lock().unwrap())
    }

    /// Takes this refresh token, and none before it, from now on.
    pub(crate) fn takes(&self, refresh_token: &str) {
        *self.said.newest.lock().unwrap() = refresh_token.split('-').nth(1).unwrap().parse().unwrap();
    }
}

async fn token(State(said): State<Arc<Said>>, Form(form): Form<HashMap<String, String>>) -> (StatusCode, Json<Value>) {
    said.asked.lock().unwrap().push(form.clone());
    if let Some(first) = said.first.lock().unwrap().pop() {
        return (StatusCode::BAD_REQUEST, Json(first));
    }
    if let Some((status, body)) = said.refuses.lock().unwrap().clone() {
        return (status, Json(body));
    }
    let mut answer = json!({ "token_type": "Bearer", "expires_in": 4000, "access_token": "access-token" });
    if form["grant_type"] == "client_credentials" || form["grant_type"] == "password" {
        return (StatusCode::OK, Json(answer));
    }
    let mut newest = said.newest.lock().unwrap();
    if form.get("refresh_token").is_some_and(|sent| *sent != format!("refresh-{newest}-end")) {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant", "error_description": "an old one" })));
    }
    *newest += 1;
    answer["refresh_token"] = format!("refresh-{newest}-end").into();
    if form["grant_type"] != "refresh_token" {
        answer["id_token"] = said.id_token().into();
    }
    (StatusCode::OK, Json(answer))
}

async fn device_code(State(said): State<Arc<Said>>) -> Json<Value> {
    Json(json!({ "device_code": "the-device", "user_code": "ABCD1234", "interval": 0, "expires_in": 900,
        "verification_uri": format!("{}/devicelogin", said.origin) }))
}

async fn metadata(State(said): State<Arc<Said>>) -> Json<Value> {
    let base = format!("{}/alpine", said.origin);
    Json(json!({
        "issuer": format!("{base}/v2.0"),
        "authorization_endpoint": format!("{base}/oauth2/v2.0/authorize"),
        "token_endpoint": format!("{base}/oauth2/v2.0/token"),
        "device_authorization_endpoint": format!("{base}/oauth2/v2.0/devicecode"),
        "jwks_uri": format!("{base}/discovery/v2.0/keys"),
        "response_types_supported": ["code", "id_token", "code id_token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"]
    }))
}

async fn keys(State(said): State<Arc<Said>>) -> Json<Value> {
    let public = said.key.public_key();
    Json(json!({ "keys": [{
        "kty": "RSA", "use": "sig", "kid": "k1", "x5t": "k1",
        "n": URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero()),
        "e": URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero())
    }] }))
}

async fn api(State(said): State<Arc<Said>>) -> (StatusCode, Json<Value>) {
    let (status, body) = said.api.lock().unwrap().clone();
    (status, Json(body))
}

impl Said {
    fn id_token(&self) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let claims = json!({
            "aud": CLIENT, "iss": format!("{}/alpine/v2.0", self.origin), "iat": now, "exp": now + 3600,
            "preferred_username": "cloud@alpine.test", "nonce": *self.nonce.lock().unwrap(), "sub": "subject"
        });
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", encode(&json!({ "alg": "RS256", "kid": "k1" })), encode(&claims));
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}
