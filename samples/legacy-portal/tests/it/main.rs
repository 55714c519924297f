//! The portal through its door, against a platform of the test's own.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod platform;

use legacy_portal::Settings;
use platform::{Platform, SigningKey, now, unsigned, with};
use reqwest::{Client, RequestBuilder, Response, StatusCode, redirect};
use serde_json::{Value, json};
use tokio::net::TcpListener;

struct Portal {
    origin: String,
    http: Client,
}

impl Portal {
    async fn start(platform: &Platform) -> Self {
        let settings = Settings::for_tenant(&platform.origin, "alpine");
        Self::start_with(Settings { employees_url: format!("{}/api/employees", platform.origin), ..settings }).await
    }

    async fn start_with(settings: Settings) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(legacy_portal::serve(listener, settings));
        Self { origin, http: Client::builder().redirect(redirect::Policy::none()).build().unwrap() }
    }

    fn get(&self, path: &str) -> RequestBuilder {
        self.http.get(format!("{}{path}", self.origin))
    }

    fn post(&self, path: &str) -> RequestBuilder {
        self.http.post(format!("{}{path}", self.origin))
    }

    async fn sign_in(&self, username: &str, password: &str) -> Response {
        let form = [("username", username), ("password", password)];
        self.post("/sign-in").form(&form).send().await.unwrap()
    }

    /// The value of the session cookie of somebody who signs in now.
    async fn session(&self) -> String {
        let cookie = set_cookie(&self.sign_in("cloud@alpine.test", "Summit-2042").await);
        let (name, rest) = cookie.split_once('=').unwrap();
        assert_eq!(name, "legacy-portal-session");
        rest.split(';').next().unwrap().to_owned()
    }

    async fn home(&self, cookie: &str) -> Response {
        self.get("/").header("cookie", cookie).send().await.unwrap()
    }
}

fn header<'r>(response: &'r Response, name: &str) -> &'r str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

fn set_cookie(response: &Response) -> String {
    header(response, "set-cookie").to_owned()
}

fn leads_to(response: &Response, path: &str) -> bool {
    response.status() == StatusCode::SEE_OTHER && header(response, "location") == path
}

#[tokio::test]
async fn the_right_password_lists_the_employees() {
    let platform = Platform::start().await;
    platform.answers_tokens(&platform.claims());
    let portal = Portal::start(&platform).await;

    assert!(leads_to(&portal.get("/").send().await.unwrap(), "/sign-in"));
    assert_eq!(portal.get("/sign-in").send().await.unwrap().status(), StatusCode::OK);
    let signed_in = portal.sign_in(" cloud@alpine.test ", "Summit-2042").await;
    assert!(leads_to(&signed_in, "/"), "{signed_in:?}");
    let cookie = set_cookie(&signed_in);
    assert!(cookie.ends_with("; HttpOnly; SameSite=Lax; Path=/"), "{cookie}");
    let home = portal.home(cookie.split(';').next().unwrap()).await;

    assert_eq!(home.status(), StatusCode::OK);
    assert!(header(&home, "content-security-policy").starts_with("default-src 'none'; style-src 'self'; form-action"));
    assert_eq!(header(&home, "cache-control"), "no-store");
    let page = home.text().await.unwrap();
    assert!(page.contains("Ada &#60;script&#62;") && page.contains("Cloud &#60;b&#62;user&#60;/b&#62;"), "{page}");
    let asked = platform.asked().remove(0);
    let mut asked: Vec<_> = asked.iter().map(|(name, value)| format!("{name}={value}")).collect();
    asked.sort();
    assert_eq!(
        asked,
        [
            "client_id=e0a91000-0000-4000-8000-00000000000b",
            "client_secret=legacy-portal-secret",
            "grant_type=password",
            "password=Summit-2042",
            "scope=openid profile api://employees.alpine.test/.default",
            "username=cloud@alpine.test",
        ]
    );
}

#[tokio::test]
async fn a_refusal_is_a_failed_sign_in_with_what_happened_folded_beside_it() {
    let platform = Platform::start().await;
    let text = "AADSTS50076: Due to a <configuration> change, you must use multi-factor authentication.";
    let answer = json!({ "error": "invalid_grant", "error_description": text, "error_codes": [50076],
        "error_uri": "https://login.test/error?code=50076", "suberror": "basic_action" });
    platform.answers(StatusCode::BAD_REQUEST, answer);
    let portal = Portal::start(&platform).await;

    let refused = portal.sign_in("\"><script>", "Hunter-2").await;

    assert_eq!((refused.status(), &*set_cookie(&refused)), (StatusCode::FORBIDDEN, ""));
    let page = refused.text().await.unwrap();
    let (shown, folded) = page.split_once("<details").unwrap();
    assert!(shown.contains("Sign-in failed. Check your user name and password."), "{page}");
    assert!(!shown.contains("AADSTS"), "{page}");
    assert!(folded.contains("AADSTS50076") && folded.contains("a &#60;configuration&#62; change"), "{page}");
    assert!(folded.contains("For the second factor"), "{page}");
    assert!(folded.contains("value=\"&#34;&#62;&#60;script&#62;\""), "the user name stays: {page}");
    assert!(!page.contains("Hunter-2") && !page.contains("<script"), "{page}");
}

#[tokio::test]
async fn an_id_token_that_cannot_be_believed_begins_no_session() {
    let platform = Platform::start().await;
    let portal = Portal::start(&platform).await;
    platform.answers_tokens(&platform.claims());
    assert!(leads_to(&portal.sign_in("cloud@alpine.test", "Summit-2042").await, "/"), "the right one does");

    let claims = platform.claims();
    let wrong = [
        ("aud", json!("e0a91000-0000-4000-8000-00000000000d")),
        ("iss", json!(format!("{}/fjord/v2.0", platform.origin))),
        ("exp", json!(now() - 600)),
        ("nbf", json!(now() + 600)),
        ("ver", json!("1.0")),
        ("sub", Value::Null),
    ];
    for (name, value) in wrong {
        platform.answers_tokens(&with(claims.clone(), name, value));
        let answer = portal.sign_in("cloud@alpine.test", "Summit-2042").await;
        assert_eq!((answer.status(), &*set_cookie(&answer)), (StatusCode::BAD_GATEWAY, ""), "{name}");
    }
    let none = unsigned(&json!({ "alg": "none", "kid": "k1" }), &claims);
    for forged in [SigningKey::new().sign(&claims), format!("{none}."), "nonsense".to_owned()] {
        platform.answers_id_token(&forged);
        let answer = portal.sign_in("cloud@alpine.test", "Summit-2042").await;
        assert_eq!((answer.status(), &*set_cookie(&answer)), (StatusCode::BAD_GATEWAY, ""), "{forged}");
    }
}

#[tokio::test]
async fn another_applications_cookie_is_not_accepted() {
    let platform = Platform::start().await;
    platform.answers_tokens(&platform.claims());
    let (portal, another) = (Portal::start(&platform).await, Portal::start(&platform).await);
    let (own, foreign) = (portal.session().await, another.session().await);

    assert_eq!(portal.home(&format!("legacy-portal-session={own}")).await.status(), StatusCode::OK);
    for cookie in [
        format!("legacy-portal-session={foreign}"),
        format!("modern-portal-session={own}"),
        format!("session={own}"),
        "legacy-portal-session=".to_owned(),
    ] {
        assert!(leads_to(&portal.home(&cookie).await, "/sign-in"), "{cookie}");
    }
    let both = format!("modern-portal-session={foreign}; legacy-portal-session={own}");
    assert_eq!(portal.home(&both).await.status(), StatusCode::OK, "beside another application's it is found");
}

#[tokio::test]
async fn signing_out_ends_the_session_on_the_server() {
    let platform = Platform::start().await;
    platform.answers_tokens(&platform.claims());
    let portal = Portal::start(&platform).await;
    let cookie = format!("legacy-portal-session={}", portal.session().await);

    let signed_out = portal.post("/sign-out").header("cookie", &cookie).send().await.unwrap();

    assert!(leads_to(&signed_out, "/sign-in"));
    assert!(set_cookie(&signed_out).contains("Max-Age=0"), "{}", set_cookie(&signed_out));
    assert!(leads_to(&portal.home(&cookie).await, "/sign-in"), "the old cookie is worth nothing");
}

#[tokio::test]
async fn a_form_on_another_site_signs_nobody_in_or_out() {
    let platform = Platform::start().await;
    platform.answers_tokens(&platform.claims());
    let portal = Portal::start(&platform).await;
    let own = portal.origin.clone();
    let post = |name: &'static str, value: String| {
        let form = [("username", "cloud@alpine.test"), ("password", "Summit-2042")];
        portal.post("/sign-in").header(name, value).form(&form).send()
    };

    assert!(leads_to(&post("sec-fetch-site", "same-origin".to_owned()).await.unwrap(), "/"));
    assert!(leads_to(&post("origin", own).await.unwrap(), "/"));
    // Another port of localhost is another origin of the same site.
    for site in ["same-site", "cross-site"] {
        let answer = post("sec-fetch-site", site.to_owned()).await.unwrap();
        assert_eq!((answer.status(), &*set_cookie(&answer)), (StatusCode::FORBIDDEN, ""), "{site}");
    }
    let answer = post("origin", "http://localhost:1".to_owned()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_token_that_the_api_no_longer_takes_ends_the_session() {
    let platform = Platform::start().await;
    platform.answers_tokens(&platform.claims());
    let portal = Portal::start(&platform).await;
    let body = json!({ "access_token": "revoked", "expires_in": 4000, "id_token": platform.sign(&platform.claims()) });
    platform.answers(StatusCode::OK, body);
    let cookie = format!("legacy-portal-session={}", portal.session().await);

    let home = portal.home(&cookie).await;

    assert!(leads_to(&home, "/sign-in"));
    assert!(set_cookie(&home).contains("Max-Age=0"));
}

#[tokio::test]
async fn what_is_down_is_told_and_nothing_leaks() {
    let platform = Platform::start().await;
    let nowhere = "http://127.0.0.1:1";
    platform.answers_tokens(&platform.claims());
    let settings = Settings::for_tenant(&platform.origin, "alpine");
    let without_api = Settings { employees_url: format!("{nowhere}/api/employees"), ..settings };
    let without_api = Portal::start_with(without_api).await;
    let without_platform = Portal::start_with(Settings::for_tenant(nowhere, "alpine")).await;

    let cookie = format!("legacy-portal-session={}", without_api.session().await);
    let home = without_api.home(&cookie).await;
    assert_eq!(home.status(), StatusCode::BAD_GATEWAY);
    assert!(home.text().await.unwrap().contains("The Employee API does not list the employees now"));

    let answer = without_platform.sign_in("cloud@alpine.test", "Summit-2042").await;
    assert_eq!(answer.status(), StatusCode::BAD_GATEWAY);
    let page = answer.text().await.unwrap();
    assert!(page.contains("cannot be reached") && !page.contains("127.0.0.1"), "{page}");
    let nothing = without_platform.get("/nothing").send().await.unwrap();
    assert_eq!(nothing.status(), StatusCode::NOT_FOUND);
}
