use std::fmt::Display;

use anyhow::Context;

use crate::answer::Answer;
use crate::sample::{EMPLOYEE_API_URI, LEGACY_TOOL, NIGHTLY_JOB, NIGHTLY_JOB_SECRET, PASSWORD};
use crate::tenant::TestTenant;

/// A request to the token endpoint, to be changed and sent.
#[derive(Clone)]
pub struct TokenRequest<'t> {
    tenant: &'t TestTenant,
    segment: String,
    path: &'static str,
    parameters: Vec<(String, String)>,
    headers: Vec<(String, String)>,
}

impl<'t> TokenRequest<'t> {
    pub(crate) fn empty(tenant: &'t TestTenant) -> Self {
        let segment = tenant.id().to_string();
        Self { tenant, segment, path: "oauth2/v2.0/token", parameters: Vec::new(), headers: Vec::new() }
    }

    pub(crate) fn password(tenant: &'t TestTenant, user: &str) -> Self {
        Self::empty(tenant)
            .set("client_id", LEGACY_TOOL)
            .set("grant_type", "password")
            .set("username", user)
            .set("password", PASSWORD)
            .scope(&format!("openid profile {EMPLOYEE_API_URI}/.default"))
    }

    pub(crate) fn client_credentials(tenant: &'t TestTenant) -> Self {
        Self::empty(tenant)
            .set("grant_type", "client_credentials")
            .client(NIGHTLY_JOB, NIGHTLY_JOB_SECRET)
            .scope(&format!("{EMPLOYEE_API_URI}/.default"))
    }

    pub(crate) fn refresh(tenant: &'t TestTenant, refresh_token: &str) -> Self {
        Self::empty(tenant)
            .set("client_id", LEGACY_TOOL)
            .set("grant_type", "refresh_token")
            .set("refresh_token", refresh_token)
    }

    pub(crate) fn device_code(tenant: &'t TestTenant) -> Self {
        Self { path: "oauth2/v2.0/devicecode", ..Self::empty(tenant) }
            .set("client_id", LEGACY_TOOL)
            .scope(&format!("openid profile offline_access {EMPLOYEE_API_URI}/.default"))
    }

    pub(crate) fn poll(tenant: &'t TestTenant, device_code: &str) -> Self {
        Self::empty(tenant)
            .set("client_id", LEGACY_TOOL)
            .set("grant_type", "urn:ietf:params:oauth:grant-type:device_code")
            .set("device_code", device_code)
    }

    /// Sets a parameter, in the place of an earlier value.
    #[must_use]
    pub fn set(mut self, name: &str, value: impl Display) -> Self {
        match self.parameters.iter_mut().find(|(key, _)| key == name) {
            Some((_, earlier)) => *earlier = value.to_string(),
            None => self.parameters.push((name.to_owned(), value.to_string())),
        }
        self
    }

    /// Adds a parameter, whether it is there already or not.
    #[must_use]
    pub fn add(mut self, name: &str, value: impl Display) -> Self {
        self.parameters.push((name.to_owned(), value.to_string()));
        self
    }

    /// Takes a parameter out.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.parameters.retain(|(key, _)| key != name);
        self
    }

    /// Asks for this scope.
    #[must_use]
    pub fn scope(self, scope: &str) -> Self {
        self.set("scope", scope)
    }

    /// Asks the v1.0 endpoint, for this resource instead of a scope.
    #[must_use]
    pub fn v1(self, resource: &str) -> Self {
        let path = if self.path.ends_with("devicecode") { "oauth2/devicecode" } else { "oauth2/token" };
        Self { path, ..self.without("scope").set("resource", resource) }
    }

    /// Uses this client and its secret.
    #[must_use]
    pub fn client(self, client: impl Display, secret: &str) -> Self {
        self.set("client_id", client).set("client_secret", secret)
    }

    /// Presents this password.
    #[must_use]
    pub fn password_is(self, password: &str) -> Self {
        self.set("password", password)
    }

    /// Sends a header along.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Asks the endpoint of this tenant segment: an id, a domain, `organizations`.
    #[must_use]
    pub fn at(mut self, segment: impl Display) -> Self {
        self.segment = segment.to_string();
        self
    }

    /// Sends it.
    ///
    /// # Errors
    /// The server did not answer. A refusal is an answer.
    pub async fn send(&self) -> anyhow::Result<Answer> {
        let url = format!("{}/{}/{}", self.tenant.origin(), self.segment, self.path);
        let mut request = self.tenant.http().post(url).form(&self.parameters);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        Answer::read(request.send().await.context("asking the token endpoint")?).await
    }
}
