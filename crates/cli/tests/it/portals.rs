//! The sample applications against a really served tenant, clicked through as a person would.

use std::path::PathBuf;

use tokio::net::TcpListener;

use crate::browser::Browser;
use crate::ropeway::{Server, Surroundings};

const ALPINE: &str = "5e1f0a00-0000-4000-8000-000000000001";
const PASSWORD: &str = "Summit-2042";

/// A served tenant, the Employee API, and the applications in this process.
struct Cast {
    legacy: String,
    modern: String,
    second: String,
    ca_file: PathBuf,
    server: Server,
    _surroundings: Surroundings,
}

impl Cast {
    async fn start() -> Self {
        let surroundings = Surroundings::new();
        let server = surroundings.serve(&[]);
        let origin = server.ready["origin"].as_str().unwrap();
        let ca_file = PathBuf::from(server.ready["caFile"].as_str().unwrap());

        let (api_listener, api) = listen().await;
        let mut settings = employee_api::Settings::for_tenant(origin, ALPINE);
        settings.ca_file = Some(ca_file.clone());
        tokio::spawn(employee_api::serve(api_listener, settings));

        let (listener, legacy) = listen().await;
        let mut settings = legacy_portal::Settings::for_tenant(origin, ALPINE);
        (settings.employees_url, settings.ca_file) = (format!("{api}/api/employees"), Some(ca_file.clone()));
        tokio::spawn(legacy_portal::serve(listener, settings));

        let (listener, modern) = listen().await;
        let mut settings = modern_portal::Settings::for_tenant(origin, ALPINE);
        (settings.employees_url, settings.ca_file) = (format!("{api}/api/employees"), Some(ca_file.clone()));
        settings.redirect_uri = format!("{modern}/signin-oidc");
        tokio::spawn(modern_portal::serve(listener, settings));

        let (listener, second) = listen().await;
        let mut settings = second_portal::Settings::for_tenant(origin, ALPINE);
        (settings.employees_url, settings.ca_file) = (format!("{api}/api/employees"), Some(ca_file.clone()));
        settings.redirect_uri = format!("{second}/signin-oidc");
        tokio::spawn(second_portal::serve(listener, settings));
        Self { legacy, modern, second, ca_file, server, _surroundings: surroundings }
    }

    /// Signs in to the legacy portal, in its own form.
    async fn sign_in_to_legacy(&self, browser: &mut Browser, user: &str) {
        browser.open(&self.legacy).await;
        browser.press("sign-in", &[("username", user), ("password", PASSWORD)]).await;
    }

    /// Begins at the modern portal and gives name and password on the platform's page.
    async fn sign_in_to_modern(&self, browser: &mut Browser, user: &str) {
        browser.open(&self.modern).await;
        browser.follow("sign-in").await;
        browser.press("next", &[("loginfmt", user)]).await;
        browser.press("sign-in", &[("passwd", PASSWORD)]).await;
    }

    /// The code that the user's authenticator app shows now.
    async fn totp(&self, user: &str) -> String {
        let text = |name: &str| self.server.ready[name].as_str().unwrap();
        let url = format!("{}/_ropeway/api/v1/tenants/{ALPINE}/users/{user}/totp", text("origin"));
        let pem = std::fs::read(&self.ca_file).unwrap();
        let http = reqwest::Client::builder().tls_certs_merge([reqwest::Certificate::from_pem(&pem).unwrap()]);
        let answer = http.build().unwrap().get(url).bearer_auth(text("controlKey")).send().await.unwrap();
        answer.json::<serde_json::Value>().await.unwrap()["code"].as_str().unwrap().to_owned()
    }

    fn browser(&self) -> Browser {
        Browser::trusting(&self.ca_file)
    }
}

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("localhost:0").await.unwrap();
    let url = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    (listener, url)
}

#[tokio::test]
async fn the_legacy_portal_lists_the_employees_for_some_and_fails_for_the_rest() {
    let cast = Cast::start().await;
    let table = [
        ("cloud@alpine.test", None),
        ("guest@fjord.test", None),
        ("hashsync@alpine.test", None),
        ("mfa@alpine.test", Some("AADSTS50076")),
        ("newmfa@alpine.test", Some("AADSTS50079")),
        ("blocked@alpine.test", Some("AADSTS53003")),
        ("noconsent@alpine.test", Some("AADSTS65001")),
        ("expired@alpine.test", Some("AADSTS50055")),
        ("onprem@onprem.alpine.test", Some("AADSTS50126")),
        ("personal@live.test", Some("AADSTS50034")),
        ("nopassword@alpine.test", Some("AADSTS50056")),
        ("disabled@alpine.test", Some("AADSTS50057")),
        ("locked@alpine.test", Some("AADSTS50053")),
    ];
    for (user, refused) in table {
        let mut browser = cast.browser();
        cast.sign_in_to_legacy(&mut browser, user).await;
        match refused {
            None => assert!(browser.html.contains("Ada Alder"), "{user}: {}", browser.html),
            Some(code) => {
                assert_eq!(browser.text("sign-in-failed"), "Sign-in failed. Check your user name and password.");
                assert_eq!(browser.text("code"), code, "{user}");
                assert!(browser.text("answer-text").starts_with(&format!("{code}: ")), "{user}");
                assert!(!browser.text("page-asks").contains("cannot tell"), "{user}");
            }
        }
    }
}

#[tokio::test]
async fn the_legacy_portal_signs_out_and_leaves_nothing_behind() {
    let cast = Cast::start().await;
    let mut browser = cast.browser();
    cast.sign_in_to_legacy(&mut browser, "cloud@alpine.test").await;
    assert_eq!(
        (browser.text("user"), browser.cookie_names()),
        ("cloud@alpine.test".to_owned(), vec!["legacy-portal-session"])
    );

    browser.press("sign-out", &[]).await;

    assert!(browser.shows("sign-in-form") && browser.cookie_names().is_empty());
    browser.open(&cast.legacy).await;
    assert!(browser.shows("sign-in-form"));
}

#[tokio::test]
async fn the_second_portal_asks_nothing_after_the_modern_one() {
    let cast = Cast::start().await;
    let mut browser = cast.browser();
    cast.sign_in_to_modern(&mut browser, "cloud@alpine.test").await;
    browser.press("no", &[]).await;
    assert!(browser.html.contains("Ada Alder"), "{}", browser.html);
    assert_eq!(browser.text("user"), "cloud@alpine.test");

    browser.open(&cast.second).await;

    assert!(browser.went_through("prompt=none"), "{:?}", browser.way);
    assert!(browser.html.contains("Ada Alder"), "{}", browser.html);
    assert_eq!(browser.text("user"), "cloud@alpine.test");
    assert!(browser.text("how").starts_with("You were not asked"));
}

#[tokio::test]
async fn the_second_portal_asks_after_the_legacy_one_and_says_why() {
    let cast = Cast::start().await;
    let mut browser = cast.browser();
    cast.sign_in_to_legacy(&mut browser, "cloud@alpine.test").await;
    assert!(browser.html.contains("Ada Alder"), "{}", browser.html);

    browser.open(&cast.second).await;

    assert!(browser.went_through("prompt=none"), "{:?}", browser.way);
    assert_eq!(browser.text("error"), "login_required");
    assert!(browser.text("why").contains("such as the legacy portal"));
    browser.follow("sign-in").await;
    browser.press("next", &[("loginfmt", "cloud@alpine.test")]).await;
    browser.press("sign-in", &[("passwd", PASSWORD)]).await;
    browser.press("no", &[]).await;
    assert!(browser.text("how").starts_with("You were asked"), "{}", browser.html);
}

#[tokio::test]
async fn whoever_the_legacy_portal_fails_signs_in_to_the_modern_one() {
    let cast = Cast::start().await;
    let mut browser = cast.browser();
    cast.sign_in_to_legacy(&mut browser, "mfa@alpine.test").await;
    assert_eq!(browser.text("code"), "AADSTS50076");
    cast.sign_in_to_modern(&mut browser, "mfa@alpine.test").await;
    let code = cast.totp("mfa@alpine.test").await;
    browser.press("verify", &[("otc", &code)]).await;
    browser.press("no", &[]).await;
    assert_eq!(browser.text("user"), "mfa@alpine.test");

    let mut browser = cast.browser();
    cast.sign_in_to_legacy(&mut browser, "noconsent@alpine.test").await;
    assert_eq!(browser.text("code"), "AADSTS65001");
    cast.sign_in_to_modern(&mut browser, "noconsent@alpine.test").await;
    while !browser.shows("employees") {
        let button = if browser.shows("accept") { "accept" } else { "no" };
        browser.press(button, &[]).await;
    }
    assert_eq!(browser.text("user"), "noconsent@alpine.test");
}

#[tokio::test]
async fn the_modern_portal_renews_its_token_and_signs_out_everywhere() {
    let cast = Cast::start().await;
    let mut browser = cast.browser();
    cast.sign_in_to_modern(&mut browser, "cloud@alpine.test").await;
    browser.press("no", &[]).await;

    browser.press("renew", &[]).await;
    assert_eq!(browser.text("renewals"), "1");
    assert!(browser.html.contains("Ada Alder"), "{}", browser.html);
    browser.press("sign-out", &[]).await;

    assert!(browser.went_through("/oauth2/v2.0/logout"), "{:?}", browser.way);
    browser.open(&cast.modern).await;
    assert!(browser.shows("choose-account") && !browser.shows("employees"));
    browser.open(&cast.second).await;
    assert_eq!(browser.text("error"), "login_required");
}

#[tokio::test]
async fn no_application_accepts_the_cookie_of_another() {
    let cast = Cast::start().await;
    let mut browser = cast.browser();
    cast.sign_in_to_legacy(&mut browser, "cloud@alpine.test").await;
    cast.sign_in_to_modern(&mut browser, "cloud@alpine.test").await;
    browser.press("no", &[]).await;
    browser.open(&cast.second).await;
    let sessions = ["legacy-portal-session", "modern-portal-session", "second-portal-session"];
    let portals = [&cast.legacy, &cast.modern, &cast.second];
    for portal in portals {
        browser.open(portal).await;
        assert!(browser.shows("employees"), "with its own: {}", browser.html);
    }

    for (portal, own) in portals.into_iter().zip(sessions) {
        for foreign in sessions.into_iter().filter(|name| *name != own) {
            let mut thief = cast.browser();
            thief.take_cookie(&browser, foreign, own);
            thief.open(portal).await;
            assert!(!thief.shows("employees"), "{portal} took {foreign}");
        }
    }
}
