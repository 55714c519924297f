//! Asking for a sign-in: how the tests do it, and what the authorize endpoint refuses.

use ropeway_core::ids::AppId;
use ropeway_testkit::sample::{
    ALPINE, EMPLOYEE_API_URI, LEGACY_TOOL, MODERN_PORTAL, MODERN_PORTAL_REDIRECT, MODERN_PORTAL_SECRET, PASSWORD,
    SECOND_PORTAL, SECOND_PORTAL_REDIRECT, SECOND_PORTAL_SECRET,
};
use ropeway_testkit::{Answer, Reply, TestTenant};
use url::form_urlencoded::Serializer;

/// An authorization request, to be changed and opened.
#[derive(Clone)]
pub(crate) struct Ask {
    pub(crate) segment: String,
    pub(crate) client: AppId,
    pub(crate) secret: &'static str,
    parameters: Vec<(String, String)>,
}

impl Ask {
    /// The modern portal asks for the Employee API.
    pub(crate) fn modern_portal() -> Self {
        Self::of(MODERN_PORTAL, MODERN_PORTAL_SECRET, MODERN_PORTAL_REDIRECT)
    }

    pub(crate) fn second_portal() -> Self {
        Self::of(SECOND_PORTAL, SECOND_PORTAL_SECRET, SECOND_PORTAL_REDIRECT)
    }

    pub(crate) fn of(client: AppId, secret: &'static str, redirect_uri: &str) -> Self {
        let ask = Self { segment: ALPINE.to_string(), client, secret, parameters: Vec::new() };
        ask.set("client_id", &client.to_string())
            .set("response_type", "code")
            .set("redirect_uri", redirect_uri)
            .set("scope", &format!("openid profile offline_access {EMPLOYEE_API_URI}/.default"))
            .set("state", "st&te")
            .set("nonce", "n-1")
    }

    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        self.parameters.retain(|(known, _)| known != name);
        self.parameters.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn add(mut self, name: &str, value: &str) -> Self {
        self.parameters.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.parameters.retain(|(known, _)| known != name);
        self
    }

    pub(crate) fn at(mut self, segment: &str) -> Self {
        self.segment = segment.to_owned();
        self
    }

    pub(crate) fn get(&self, name: &str) -> &str {
        self.parameters.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The address to open.
    pub(crate) fn url(&self) -> String {
        let query = Serializer::new(String::new()).extend_pairs(&self.parameters).finish();
        format!("/{}/oauth2/v2.0/authorize?{query}", self.segment)
    }

    pub(crate) fn v1_url(&self) -> String {
        self.url().replace("/oauth2/v2.0/", "/oauth2/")
    }

    /// Redeems the code of a reply.
    pub(crate) async fn redeem(&self, tenant: &TestTenant, reply: &Reply) -> Answer {
        self.redemption(tenant, reply).send().await.unwrap()
    }

    pub(crate) fn redemption<'t>(&self, tenant: &'t TestTenant, reply: &Reply) -> ropeway_testkit::TokenRequest<'t> {
        let request = tenant
            .request()
            .at(&self.segment)
            .set("grant_type", "authorization_code")
            .set("client_id", self.client)
            .set("code", reply.get("code"))
            .set("redirect_uri", self.get("redirect_uri"));
        if self.secret.is_empty() { request } else { request.set("client_secret", self.secret) }
    }
}

pub(crate) fn faults_on_a_page() -> Vec<(Ask, u32)> {
    let ask = Ask::modern_portal;
    let unknown = "e0a91000-0000-4000-8000-0000000000ff";
    vec![
        (ask().without("client_id"), 900144),
        (ask().set("client_id", unknown), 700016),
        (ask().set("client_id", "00000000-0000-0000-0000-000000000000"), 700038),
        (ask().set("client_id", &LEGACY_TOOL.to_string()), 500113),
        (ask().set("redirect_uri", "http://localhost:5003/elsewhere"), 50011),
        (ask().set("redirect_uri", "https://evil.test/signin-oidc"), 50011),
        (ask().add("redirect_uri", "https://evil.test/"), 90100),
        (ask().add("client_id", unknown), 90100),
        (ask().at("gone.test"), 90002),
        (ask().at("no%20tenant"), 900023),
    ]
}

#[tokio::test]
async fn faults_that_nobody_can_be_told_of_are_shown_on_a_page() {
    let tenant = TestTenant::start().await.unwrap();
    for (ask, code) in faults_on_a_page() {
        let shown = tenant.browser().open(&ask.url()).await.unwrap().page().unwrap();
        assert_eq!((shown.page.testid.as_str(), shown.page.code), ("page-refusal", Some(code)), "{}", ask.url());
        assert_eq!(shown.status, 400);
        assert!(shown.html.contains("Correlation Id") && !shown.html.contains("evil.test/signin-oidc\""), "{code}");
    }
}

pub(crate) fn faults_told() -> Vec<(Ask, u32, &'static str)> {
    let ask = Ask::modern_portal;
    vec![
        (ask().without("response_type"), 900144, "invalid_request"),
        (ask().set("response_type", "token"), 700051, "unsupported_response_type"),
        (ask().set("response_type", "id_token"), 700054, "unsupported_response_type"),
        (ask().set("response_mode", "pigeon"), 70007, "invalid_request"),
        (ask().without("scope"), 900144, "invalid_request"),
        (ask().set("scope", "api://unknown.alpine.test/.default"), 500011, "invalid_resource"),
        (ask().set("scope", &format!("{EMPLOYEE_API_URI}/Nothing")), 650053, "invalid_client"),
        (ask().set("prompt", "maybe"), 90023, "invalid_request"),
        (ask().set("prompt", "admin_consent"), 90023, "invalid_request"),
        (ask().set("code_challenge", "short"), 50147, "invalid_request"),
        (ask().set("prompt", "none"), 50058, "login_required"),
        (ask().set("prompt", "none").set("sid", "gone"), 160021, "interaction_required"),
        (ask().set("prompt", "none").set("login_hint", "cloud@alpine.test"), 50058, "login_required"),
        (ask().set("response_type", "magic"), 70005, "unsupported_response_type"),
        (ask().set("resource", "https://graph.microsoft.com"), 901002, "invalid_request"),
        (ask().set("scope", "employees/Read"), 70011, "invalid_scope"),
        (ask().set("code_challenge", &"x".repeat(43)).set("code_challenge_method", "S1"), 50149, "invalid_request"),
    ]
}

#[tokio::test]
async fn every_other_fault_is_told_to_the_application_with_its_state() {
    let tenant = TestTenant::start().await.unwrap();
    for (ask, code, error) in faults_told() {
        let landed = tenant.browser().open(&ask.url()).await.unwrap();
        let reply = landed.clone().reply().unwrap();
        assert_eq!((landed.code(), reply.get("error")), (Some(code), error), "{}", ask.url());
        assert_eq!(reply.get("state"), "st&te");
        assert_eq!(reply.to.as_str(), "http://localhost:5003/signin-oidc");
    }
}

#[tokio::test]
async fn a_request_may_come_as_a_form_too() {
    let tenant = TestTenant::start().await.unwrap();
    let ask = Ask::modern_portal();
    for address in [ask.url(), ask.v1_url()] {
        let (path, _) = address.split_once('?').unwrap();
        let fields: Vec<(&str, &str)> = ask.parameters.iter().map(|(name, value)| (&**name, &**value)).collect();
        let mut browser = tenant.browser();
        let landed = browser.post(path, &fields).await.unwrap();
        let reply = browser.sign_in(landed, "cloud@alpine.test", PASSWORD).await.unwrap().reply().unwrap();
        assert_eq!((reply.get("state"), reply.get("code").len()), ("st&te", 43), "{path}");
        if path.contains("v2.0") {
            assert_eq!(ask.redeem(&tenant, &reply).await.status, 200);
        }
        let empty = tenant.browser().post(&address, &[]).await.unwrap();
        assert_eq!(empty.code(), Some(900144), "of a form the address says nothing");
    }
}
