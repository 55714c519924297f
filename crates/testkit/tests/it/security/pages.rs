//! The person's browser: cookies, headers, what is text and stays text, and consent (SE, CO).

use ropeway_testkit::sample::{ALPINE, EMPLOYEE_API_URI, PASSWORD};
use ropeway_testkit::{Answer, TestTenant};

use crate::authorize::Ask;

/// SE-04: a thousand sign-ins that were begun leave one browser with a handful of cookies, and it still signs in.
#[tokio::test]
async fn many_unfinished_sign_ins_are_no_burden_to_a_browser() {
    let tenant = TestTenant::start().await.unwrap();
    let mut browser = tenant.browser();
    let mut last = browser.open(&Ask::modern_portal().url()).await.unwrap();
    for _ in 0..300 {
        last = browser.open(&Ask::modern_portal().url()).await.unwrap();
    }
    let size: usize = browser.cookies().iter().map(|(name, value)| name.len() + value.len()).sum();
    assert!(browser.cookies().len() <= 4 && size < 1024, "{:?}", browser.cookies().keys());
    let landed = browser.sign_in(last, "cloud@alpine.test", PASSWORD).await.unwrap();
    assert_eq!(landed.testid(), "application");
}

/// SE-09, SE-10, SE-12, AC-10: every answer to a browser, refusals too.
#[tokio::test]
async fn every_page_is_protected() {
    let tenant = TestTenant::start().await.unwrap();
    for path in [
        Ask::modern_portal().url(),
        Ask::modern_portal().set("redirect_uri", "https://evil.test/").url(),
        Ask::modern_portal().set("response_mode", "form_post").set("prompt", "none").url(),
        format!("/{ALPINE}/login?ctx=gone"),
        format!("/{ALPINE}/oauth2/v2.0/logout"),
        "/common/oauth2/deviceauth".to_owned(),
    ] {
        let mut browser = tenant.browser();
        let mut url = format!("{}{path}", tenant.origin());
        // To the page that the address leads to.
        let answer = loop {
            let cookies: Vec<_> = browser.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
            let request = tenant.http().get(&url).header("cookie", cookies.join("; "));
            let answer = Answer::read(request.send().await.unwrap()).await.unwrap();
            for line in answer.headers.get_all("set-cookie") {
                let (name, rest) = line.to_str().unwrap().split_once('=').unwrap();
                let value = rest.split(';').next().unwrap();
                browser.cookies().insert(name.to_owned(), value.to_owned());
            }
            match answer.headers.get("location") {
                Some(location) => url = format!("{}{}", tenant.origin(), location.to_str().unwrap()),
                None => break answer,
            }
        };
        let header = |name: &str| answer.headers.get(name).map_or("", |value| value.to_str().unwrap());
        assert_eq!(header("x-frame-options"), "DENY", "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "strict-origin-when-cross-origin", "{path}: nothing but the origin");
        assert!(header("cache-control").contains("no-store"), "{path}");
        assert!(header("strict-transport-security").starts_with("max-age="), "{path}");
        let policy = header("content-security-policy");
        for part in ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe-"), "{path}: {policy}");
    }
}

/// SE-11: the names of people, tenants and applications are text.
#[tokio::test]
async fn names_are_text_wherever_they_are_shown() {
    const HOSTILE: &str = "\"'><img src=x onerror=alert(1)><script>alert(1)</script>{{7*7}}";
    let tenant = TestTenant::start().await.unwrap();
    let app = tenant.app();
    app.change_user(ALPINE, "noconsent@alpine.test", |user| user.display_name = HOSTILE.to_owned()).await.unwrap();
    app.change_tenant(ALPINE, |tenant| {
        tenant.display_name = HOSTILE.to_owned();
        let modern = Ask::modern_portal().client;
        for application in tenant.applications.iter_mut().filter(|application| application.app_id == modern) {
            application.display_name = HOSTILE.to_owned();
        }
    })
    .await
    .unwrap();
    let mut browser = tenant.browser();
    let mut landed = browser.open(&Ask::modern_portal().url()).await.unwrap();
    let mut met = Vec::new();
    for fields in [[("loginfmt", "<b>@alpine.test")], [("loginfmt", "noconsent@alpine.test")], [("passwd", PASSWORD)]] {
        let shown = landed.page().unwrap();
        harmless(&shown.html);
        met.push((shown.page.testid.clone(), shown.page.code));
        landed = browser.submit(&shown, &fields).await.unwrap();
    }
    let consent = landed.page().unwrap();
    harmless(&consent.html);
    assert_eq!(consent.page.testid, "page-consent", "{met:?}");
    assert!(consent.html.contains("{{7*7}}"), "shown as it is: {}", consent.html);
    let account = browser.open("/_ropeway/account").await.unwrap().page().unwrap();
    harmless(&account.html);
}

fn harmless(html: &str) {
    assert!(!html.contains("<img src=x") && !html.contains("<script>alert"), "{html}");
}

/// CO-01, CO-02, CO-04: the page says who will get what, a form cannot change it, and what was not accepted is not granted.
#[tokio::test]
async fn consent_is_to_what_the_page_showed() {
    let tenant = TestTenant::start().await.unwrap();
    let ask = Ask::modern_portal().set("scope", &format!("openid {EMPLOYEE_API_URI}/Employees.Read"));
    let mut browser = tenant.browser();
    let landed = browser.open(&ask.url()).await.unwrap();
    let page = browser.sign_in(landed, "noconsent@alpine.test", PASSWORD).await.unwrap().page().unwrap();
    assert_eq!(page.page.testid, "page-consent");
    for told in ["Modern portal", "answers go to localhost", "Employees.Read", "noconsent@alpine.test"] {
        assert!(page.html.contains(told), "{told}: {}", page.html);
    }
    let wider = format!("{EMPLOYEE_API_URI}/Employees.ReadWrite.All");
    let other = Ask::second_portal().client.to_string();
    let tampered = [("action", "accept"), ("scope", &wider), ("client_id", &other), ("for_all", "1")];
    let landed = browser.submit(&page, &tampered).await.unwrap();
    let answered = browser.sign_in(landed, "", "").await.unwrap().reply().unwrap();
    let tokens = ask.redeem(&tenant, &answered).await.granted().unwrap();
    assert_eq!(tokens.access_claims()["scp"], "Employees.Read");
    let more = ask.clone().set("scope", &format!("openid {wider}"));
    assert_eq!(browser.open(&more.url()).await.unwrap().testid(), "page-admin-consent");
    let second = browser.open(&Ask::second_portal().url()).await.unwrap();
    assert_eq!(second.testid(), "page-consent", "another application asks for itself");
    let mut somebody_else = tenant.browser();
    let silent = somebody_else.open(&ask.clone().set("prompt", "none").url()).await.unwrap();
    assert_eq!(silent.code(), Some(50058));
}
