//! The sample's tenant Alpine on a running server, as its clients and its administrator use it.

use std::time::Duration;

use reqwest::header::RETRY_AFTER;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;

use crate::ropeway::Server;

pub(crate) const ALPINE: &str = "5e1f0a00-0000-4000-8000-000000000001";
pub(crate) const LEGACY_TOOL: &str = "e0a91000-0000-4000-8000-00000000000c";
pub(crate) const EMPLOYEE_API: &str = "e0a91000-0000-4000-8000-00000000000a";

#[derive(Clone)]
pub(crate) struct Alpine {
    http: Client,
    origin: String,
    control_key: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<String>,
    /// The id of the row in the sign-in log.
    pub(crate) request_id: String,
    /// Null when it is no JSON.
    pub(crate) body: Value,
}

impl Answer {
    /// The AADSTS number of a refusal; 0 for tokens.
    pub(crate) fn code(&self) -> u64 {
        self.body["error_codes"][0].as_u64().unwrap_or_default()
    }
}

impl Alpine {
    pub(crate) fn on(server: &Server) -> Self {
        let text = |name: &str| server.ready[name].as_str().unwrap().to_owned();
        let ca = reqwest::Certificate::from_pem(&std::fs::read(text("caFile")).unwrap()).unwrap();
        let http = Client::builder().no_proxy().tls_certs_only([ca]).timeout(LONGEST_ANSWER).build().unwrap();
        Self { http, origin: text("origin"), control_key: text("controlKey") }
    }

    /// The password grant of Legacy tool. An error: no answer came.
    pub(crate) async fn sign_in(&self, user: &str, password: &str) -> reqwest::Result<Answer> {
        let scope = "openid offline_access api://employees.alpine.test/.default";
        let user = [("username", user), ("password", password), ("client_id", LEGACY_TOOL), ("scope", scope)];
        self.token(&[&[("grant_type", "password")], &user[..]].concat()).await
    }

    /// Posts a form to the token endpoint.
    pub(crate) async fn token(&self, form: &[(&str, &str)]) -> reqwest::Result<Answer> {
        answer(self.http.post(format!("{}/{ALPINE}/oauth2/v2.0/token", self.origin)).form(form)).await
    }

    /// Asks the control API about the tenant.
    pub(crate) async fn control(&self, method: Method, path: &str, body: &Value) -> reqwest::Result<Answer> {
        let url = format!("{}/_ropeway/api/v1/tenants/{ALPINE}/{path}", self.origin);
        answer(self.http.request(method, url).bearer_auth(&self.control_key).json(body)).await
    }

    /// Gets what everybody may read.
    pub(crate) async fn get(&self, path: &str) -> reqwest::Result<Answer> {
        answer(self.http.get(format!("{}{path}", self.origin))).await
    }
}

async fn answer(request: RequestBuilder) -> reqwest::Result<Answer> {
    let response = request.send().await?;
    let header = |name| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let retry_after = header(RETRY_AFTER);
    let request_id = response.headers().get("x-ms-request-id");
    let request_id = request_id.map_or_else(String::new, |value| value.to_str().unwrap().to_owned());
    let status = response.status().as_u16();
    let body = serde_json::from_slice(&response.bytes().await?).unwrap_or(Value::Null);
    Ok(Answer { status, retry_after, request_id, body })
}

const LONGEST_ANSWER: Duration = Duration::from_secs(30);
