//! Takes note of the answers of the token endpoint, below the client, which stays as it is.

use std::sync::{Arc, Mutex};

use azure_core::http::{AsyncRawResponse, HttpClient, Request};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::{HttpRequest, HttpResponse, http};
use serde_json::Value;

use crate::server::server;

#[derive(Debug)]
pub struct Wire {
    client: reqwest::Client,
    answers: Mutex<Vec<u16>>,
}

impl Wire {
    pub fn new() -> Arc<Self> {
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([server().ca.clone()]).build().unwrap();
        Arc::new(Self { client, answers: Mutex::default() })
    }

    /// The statuses so far.
    pub fn token_answers(&self) -> Vec<u16> {
        self.answers.lock().unwrap().clone()
    }

    /// For openidconnect, which leaves the transport to its caller.
    pub async fn send(&self, request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
        let request: reqwest::Request = request.try_into()?;
        let path = request.url().path().to_owned();
        let answer = self.client.execute(request).await?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        self.note(&path, status.as_u16());
        let mut response = http::Response::new(answer.bytes().await?.to_vec());
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }

    fn note(&self, path: &str, status: u16) {
        if path.ends_with("/token") {
            self.answers.lock().unwrap().push(status);
        }
    }
}

/// For azure_identity, by the means that the library would use itself.
#[async_trait::async_trait]
impl HttpClient for Wire {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let answer = self.client.execute_request(request).await?;
        self.note(request.url().path(), answer.status().into());
        Ok(answer)
    }
}

/// The claims of a token, as only a test may read them.
pub fn unverified(token: &str) -> Value {
    let payload = token.split('.').nth(1).expect("a JWT");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}
