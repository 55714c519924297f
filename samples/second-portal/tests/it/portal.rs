//! The portal, and a browser that has nothing but cookies.

use std::collections::HashMap;

use reqwest::{Client, RequestBuilder, Response, StatusCode, Url, redirect};
use second_portal::Settings;
use tokio::net::TcpListener;

use crate::platform::{Platform, SigningKey};

pub(crate) struct Portal {
    pub(crate) origin: String,
    http: Client,
}

/// A sign-in that the portal began: what it asks of the platform, and the cookie with it.
pub(crate) struct Begun {
    pub(crate) asked: HashMap<String, String>,
    pub(crate) cookie: String,
}

impl Portal {
    pub(crate) async fn start(platform: &Platform) -> Self {
        let settings = Settings::for_tenant(&platform.origin, "alpine");
        Self::start_with(Settings { employees_url: format!("{}/api/employees", platform.origin), ..settings }).await
    }

    pub(crate) async fn start_with(settings: Settings) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(second_portal::serve(listener, settings));
        Self { origin, http: Client::builder().redirect(redirect::Policy::none()).build().unwrap() }
    }

    pub(crate) fn request(&self, path: &str, cookie: &str) -> RequestBuilder {
        self.http.get(format!("{}{path}", self.origin)).header("cookie", cookie)
    }

    pub(crate) async fn get(&self, path: &str, cookie: &str) -> Response {
        self.request(path, cookie).send().await.unwrap()
    }

    pub(crate) fn post(&self, path: &str, cookie: &str) -> RequestBuilder {
        self.http.post(format!("{}{path}", self.origin)).header("cookie", cookie)
    }

    pub(crate) async fn begin(&self, path: &str) -> Begun {
        let answer = self.get(path, "").await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{answer:?}");
        let url = Url::parse(header(&answer, "location")).unwrap();
        assert!(url.path().ends_with("/alpine/oauth2/v2.0/authorize"), "{url}");
        Begun { asked: url.query_pairs().into_owned().collect(), cookie: cookies(&answer) }
    }

    /// The browser comes back with a code, and the platform redeems it for tokens signed by `key`.
    pub(crate) async fn come_back(&self, begun: &Begun, platform: &Platform, key: &SigningKey) -> Response {
        platform.answers_tokens(&key.sign(&platform.claims(&begun.asked["nonce"])));
        self.get(&format!("/signin-oidc?code=the-code&state={}&session_state=s", begun.asked["state"]), &begun.cookie)
            .await
    }

    /// The cookie of somebody who signed in just now.
    pub(crate) async fn session(&self, platform: &Platform, key: &SigningKey) -> String {
        let answer = self.come_back(&self.begin("/sign-in").await, platform, key).await;
        assert!(leads_to(&answer, "/"), "{answer:?}");
        cookies(&answer)
    }
}

pub(crate) fn header<'r>(response: &'r Response, name: &str) -> &'r str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

pub(crate) fn leads_to(response: &Response, path: &str) -> bool {
    response.status() == StatusCode::SEE_OTHER && header(response, "location") == path
}

/// The cookies that an answer sets and does not remove, as a browser sends them back.
pub(crate) fn cookies(response: &Response) -> String {
    let set = response.headers().get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let kept = set.filter(|cookie| !cookie.contains("Max-Age=0"));
    let kept: Vec<_> = kept
        .map(|cookie| {
            assert!(cookie.ends_with("; HttpOnly; SameSite=Lax; Path=/"), "{cookie}");
            cookie.split(';').next().unwrap()
        })
        .collect();
    kept.join("; ")
}
