//! Where an answer may go (RU).

use reqwest::Method;
use reqwest::header::{COOKIE, LOCATION};
use ropeway_testkit::sample::{
    ALPINE, MODERN_PORTAL, MODERN_PORTAL_REDIRECT, NIGHTLY_JOB, NIGHTLY_JOB_SECRET, PASSWORD,
};
use ropeway_testkit::{Answer, Landed, TestTenant};
use serde_json::json;

use crate::authorization_code::reply;
use crate::authorize::Ask;

/// Registers redirect URIs for the modern portal, in place of its own; whether that was taken.
async fn register(tenant: &TestTenant, uris: &[&str]) -> bool {
    let path = format!("tenants/{ALPINE}/applications/{MODERN_PORTAL}");
    let body = json!({ "web": { "redirectUris": uris } });
    tenant.control(Method::PATCH, &path).json(&body).send().await.unwrap().status() == 200
}

async fn asked(tenant: &TestTenant, uri: &str) -> Landed {
    tenant.browser().open(&Ask::modern_portal().set("redirect_uri", uri).url()).await.unwrap()
}

/// RU-01: the registered address, letter for letter.
#[tokio::test]
async fn no_variation_of_a_registered_address_is_gone_to() {
    let tenant = TestTenant::start().await.unwrap();
    let registered = "https://app.alpine.test/cb?kind=web&x=1";
    assert!(register(&tenant, &[registered]).await);
    for uri in [
        "https://app.alpine.test/cb/?kind=web&x=1",
        "https://app.alpine.test/cb/../cb?kind=web&x=1",
        "https://app.alpine.test/cb/..%2fcb?kind=web&x=1",
        "https://app.alpine.test/cb/..%252fcb?kind=web&x=1",
        "https://app.alpine.test/cb/..;/cb?kind=web&x=1",
        "https://app.alpine.test/cb?kind=web&x=1&y=2",
        "https://app.alpine.test/cb?x=1&kind=web",
        "https://app.alpine.test/cb",
        "https://app.alpine.test/cb?kind=web&x=1#f",
        "https://app.alpine.test/cb;p?kind=web&x=1",
        "https://app.alpine.test/CB?kind=web&x=1",
        "https://app.alpine.test//cb?kind=web&x=1",
        "https://app.alpine.test\\cb?kind=web&x=1",
        "https://app.alpine.test/c\tb?kind=web&x=1",
        "https://app.alpine.test/cb?kind=web&x=1\n",
        "https://app.alpine.test./cb?kind=web&x=1",
        "https://app.alpine.test:443/cb?kind=web&x=1",
        "https://app.alpine.test@evil.test/cb?kind=web&x=1",
        "https://user@app.alpine.test/cb?kind=web&x=1",
        "https://app.alpine.test.evil.test/cb?kind=web&x=1",
        "https://аpp.alpine.test/cb?kind=web&x=1",
        "http://app.alpine.test/cb?kind=web&x=1",
        "//app.alpine.test/cb?kind=web&x=1",
    ] {
        let landed = asked(&tenant, uri).await;
        assert_eq!((landed.testid(), landed.code()), ("page-refusal", Some(50011)), "{uri}");
        let shown = landed.page().unwrap();
        assert!(shown.page.action.is_empty() && shown.status == 400, "nothing on the page leads there: {uri}");
    }
    assert_eq!(asked(&tenant, registered).await.testid(), "page-user-name");
}

/// RU-03: of a loopback address the port may differ, and nothing else.
#[tokio::test]
async fn of_a_loopback_address_only_the_port_is_free() {
    let tenant = TestTenant::start().await.unwrap();
    let ask = |uri: &str| Ask::of(NIGHTLY_JOB, NIGHTLY_JOB_SECRET, uri);
    for uri in ["http://localhost/authorised", "http://localhost:1/authorised", "http://localhost:65535/authorised"] {
        let landed = tenant.browser().open(&ask(uri).url()).await.unwrap();
        assert_eq!(landed.testid(), "page-user-name", "{uri}");
    }
    for uri in [
        "http://localhost:1/other",
        "http://localhost:1/authorised?x=1",
        "http://localhost.evil.test:1/authorised",
        "http://127.0.0.1:1/authorised",
        "http://[::1]:1/authorised",
        "https://localhost:1/authorised",
    ] {
        let landed = tenant.browser().open(&ask(uri).url()).await.unwrap();
        assert_eq!(landed.code(), Some(50011), "{uri}");
    }
}

/// RU-04: over plain HTTP an answer goes nowhere but to the person's own machine.
#[tokio::test]
async fn over_plain_http_only_the_own_machine_can_be_registered() {
    let tenant = TestTenant::start().await.unwrap();
    for uri in ["http://app.alpine.test/cb", "http://localhost.evil.test/cb", "http://[::1]/cb", "http://10.0.0.1/cb"] {
        for platform in ["web", "spa", "publicClient"] {
            let path = format!("tenants/{ALPINE}/applications/{MODERN_PORTAL}");
            let body = json!({ platform: { "redirectUris": [uri] } });
            let answer = tenant.control(Method::PATCH, &path).json(&body).send().await.unwrap();
            let (status, text) = (answer.status(), answer.text().await.unwrap());
            assert_eq!(status, 400, "{platform} {uri}");
            assert!(text.contains("expected https, or http://localhost"), "{text}");
        }
        assert_eq!(asked(&tenant, uri).await.code(), Some(50011), "{uri}");
    }
    for uri in ["http://localhost:7/cb", "http://127.0.0.1:7/cb", "https://app.alpine.test/cb"] {
        assert!(register(&tenant, &[uri]).await, "{uri}");
        assert_eq!(asked(&tenant, uri).await.testid(), "page-user-name", "{uri}");
    }
}

/// RU-05, RU-06: what runs a script, or stands for many addresses, is gone to by nobody, registered or not.
#[tokio::test]
async fn neither_scripts_nor_wildcards_are_gone_to() {
    let tenant = TestTenant::start().await.unwrap();
    for uri in [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:https://evil.test/x",
    ] {
        assert!(!register(&tenant, &[uri]).await, "{uri}");
        let landed = asked(&tenant, uri).await;
        assert_eq!(landed.testid(), "page-refusal", "{uri}");
    }
    for (wildcard, uri) in [
        ("https://*", "https://evil.test"),
        ("https://*.com/cb", "https://evil.com/cb"),
        ("https://*.alpine.test/cb", "https://evil.alpine.test/cb"),
    ] {
        register(&tenant, &[wildcard]).await;
        assert_eq!(asked(&tenant, uri).await.testid(), "page-refusal", "{wildcard} is no pattern here");
    }
    assert!(register(&tenant, &["https://app.alpine.test/cb"]).await);
    assert_eq!(asked(&tenant, "https://app.alpine.test/cb").await.testid(), "page-user-name");
}

/// RU-09: a parameter that comes twice is nobody's choice, also one in the query and one in the form.
#[tokio::test]
async fn a_parameter_that_comes_twice_is_refused() {
    let tenant = TestTenant::start().await.unwrap();
    for name in ["response_type", "scope"] {
        let ask = Ask::modern_portal().add(name, "again").add(name, "again");
        let landed = tenant.browser().open(&ask.url()).await.unwrap();
        assert_eq!(landed.code(), Some(90100), "{name}");
    }
    let mut browser = tenant.browser();
    let ask = Ask::modern_portal();
    let mixed = browser.post(&ask.url(), &[("redirect_uri", "https://evil.test/")]).await.unwrap();
    assert_eq!(mixed.testid(), "page-refusal", "{:?}", mixed.code());
}

/// RU-10: a browser never sends a password on.
#[tokio::test]
async fn after_a_password_a_browser_goes_on_with_get() {
    let tenant = TestTenant::start().await.unwrap();
    let mut browser = tenant.browser();
    let name = browser.open(&Ask::modern_portal().url()).await.unwrap().page().unwrap();
    let password = browser.submit(&name, &[("loginfmt", "cloud@alpine.test")]).await.unwrap().page().unwrap();
    let cookies: Vec<_> = browser.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut form = password.page.hidden.clone();
    form.push(("passwd".to_owned(), PASSWORD.to_owned()));
    let url = format!("{}{}", tenant.origin(), password.page.action);
    let answer = tenant.http().post(url).header(COOKIE, cookies.join("; ")).form(&form).send().await.unwrap();
    assert_eq!(answer.status(), 302);
    assert!(answer.headers().contains_key(LOCATION));
}

/// RU-12: an address to return to after a sign-out, with something added, is not the registered one.
#[tokio::test]
async fn after_a_sign_out_no_variation_of_an_address_is_gone_to() {
    let tenant = TestTenant::start().await.unwrap();
    let sign_out = |address: &str| {
        let address: String = url::form_urlencoded::byte_serialize(address.as_bytes()).collect();
        format!("/{ALPINE}/oauth2/v2.0/logout?post_logout_redirect_uri={address}")
    };
    for added in ["?foo=bar", "/", "#f", "/../x"] {
        let address = sign_out(&format!("{MODERN_PORTAL_REDIRECT}{added}"));
        let landed = tenant.browser().open(&address).await.unwrap();
        assert_eq!(landed.testid(), "page-signed-out", "{added}");
    }
    let registered = tenant.browser().open(&sign_out(MODERN_PORTAL_REDIRECT)).await.unwrap();
    assert_eq!(registered.testid(), "application");
}

/// RU-13: no parameter of a page says where the browser goes.
#[tokio::test]
async fn the_pages_take_no_address_from_the_browser() {
    let tenant = TestTenant::start().await.unwrap();
    let mut browser = tenant.browser();
    let page = browser.open(&Ask::modern_portal().url()).await.unwrap().page().unwrap();
    for address in ["//evil.test", "/\\evil.test", "/%09/evil.test", "https:evil.test", "/\t//evil.test"] {
        for name in ["ctx", "returnUrl", "action", "session", "loginfmt"] {
            let hidden = page.page.hidden.iter().filter(|(known, _)| known != name);
            let mut form: Vec<(&str, &str)> = hidden.map(|(name, value)| (name.as_str(), value.as_str())).collect();
            form.push((name, address));
            let landed = browser.post(&page.page.action, &form).await.unwrap();
            assert_ne!(landed.testid(), "application", "{name}={address}");
            let shown = landed.page().unwrap();
            assert!(shown.page.action.is_empty() || shown.page.action.starts_with(&format!("/{ALPINE}/")), "{name}");
        }
    }
}

/// RU-14: what an application sent is text on the page that sends it back.
#[tokio::test]
async fn a_form_post_page_escapes_what_it_carries() {
    let tenant = TestTenant::start().await.unwrap();
    for state in ["\"><script>alert(1)</script>", "</form><form action=https://evil.test>", "' onload='x"] {
        let ask = Ask::modern_portal().set("response_mode", "form_post").set("prompt", "none").set("state", state);
        let url = format!("{}{}", tenant.origin(), ask.url());
        let answer = Answer::read(tenant.http().get(url).send().await.unwrap()).await.unwrap();
        assert_eq!(answer.text.matches("<script>").count(), 1, "{}", answer.text);
        assert_eq!(answer.text.matches("<form").count(), 1, "{}", answer.text);
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("form-action 'self' http://localhost:5003;"), "{policy}");
        assert!(policy.contains("script-src 'sha256-") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.headers["content-type"], "text/html; charset=utf-8");
        let carried = tenant.browser().open(&ask.url()).await.unwrap().reply().unwrap();
        assert_eq!(carried.get("error"), "login_required");
    }
    let ask = Ask::modern_portal().set("response_mode", "form_post").set("state", "a<b>&\"c");
    assert_eq!(reply(&tenant, &ask).await.get("state"), "a<b>&\"c");
}

/// RU-15: no page of another origin reads what a person is shown.
#[tokio::test]
async fn no_other_origin_reads_the_pages() {
    let tenant = TestTenant::start().await.unwrap();
    for path in [Ask::modern_portal().url(), format!("/{ALPINE}/login"), "/_ropeway/account".to_owned()] {
        for origin in ["https://evil.test", "null", "http://localhost:5004"] {
            let request = tenant.http().get(format!("{}{path}", tenant.origin())).header("origin", origin);
            let answer = request.send().await.unwrap();
            assert!(!answer.headers().contains_key("access-control-allow-origin"), "{path} {origin}");
            assert!(!answer.headers().contains_key("access-control-allow-credentials"), "{path} {origin}");
        }
    }
}
