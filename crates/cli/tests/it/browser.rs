//! A browser without a screen: cookies by host whatever the port, redirects, forms and links by their `data-testid`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use reqwest::header::{LOCATION, SET_COOKIE};
use reqwest::{Certificate, Client, Method, Response, StatusCode, Url, redirect};

pub(crate) struct Browser {
    http: Client,
    /// All hosts are `localhost`, so that every cookie goes everywhere, as in a real one.
    cookies: BTreeMap<String, Cookie>,
    /// The page that is shown.
    pub(crate) url: Url,
    pub(crate) status: StatusCode,
    pub(crate) html: String,
    /// Every address on the way to it.
    pub(crate) way: Vec<Url>,
}

struct Cookie {
    value: String,
    secure: bool,
}

impl Browser {
    pub(crate) fn trusting(ca_file: &Path) -> Self {
        let authority = Certificate::from_pem(&fs::read(ca_file).unwrap()).unwrap();
        let http = Client::builder().redirect(redirect::Policy::none()).tls_certs_merge([authority]);
        Self {
            http: http.build().unwrap(),
            cookies: BTreeMap::new(),
            url: Url::parse("about:blank").unwrap(),
            status: StatusCode::OK,
            html: String::new(),
            way: Vec::new(),
        }
    }

    pub(crate) async fn open(&mut self, url: &str) {
        self.travel(Method::GET, Url::parse(url).unwrap(), None).await;
    }

    /// Follows the link with this `data-testid`.
    pub(crate) async fn follow(&mut self, testid: &str) {
        let href = attribute(self.tag(testid), "href").unwrap();
        self.travel(Method::GET, self.url.join(&href).unwrap(), None).await;
    }

    /// Fills in the form around the button with this `data-testid`, and presses it.
    pub(crate) async fn press(&mut self, testid: &str, typed: &[(&str, &str)]) {
        let at = self.html.find(&marker(testid)).unwrap_or_else(|| panic!("no {testid} on {}", self.shown()));
        let form = &self.html[self.html[..at].rfind("<form").expect("a form")..];
        let form = &form[..form.find("</form>").expect("the form's end")];
        let hidden = form.split('<').filter(|tag| attribute(tag, "type").as_deref() == Some("hidden"));
        let mut fields: Vec<(String, String)> = hidden.chain([self.tag(testid)]).filter_map(field).collect();
        fields.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let action = attribute(form, "action").unwrap();
        self.travel(Method::POST, self.url.join(&action).unwrap(), Some(fields)).await;
    }

    pub(crate) fn shows(&self, testid: &str) -> bool {
        self.html.contains(&marker(testid))
    }

    /// The text of the element with this `data-testid`, up to the next tag.
    pub(crate) fn text(&self, testid: &str) -> String {
        let (_, rest) =
            self.html.split_once(&marker(testid)).unwrap_or_else(|| panic!("no {testid}: {}", self.shown()));
        let (_, rest) = rest.split_once('>').unwrap();
        unescape(rest.split('<').next().unwrap())
    }

    /// Whether the browser was at an address like this on its way.
    pub(crate) fn went_through(&self, part: &str) -> bool {
        self.way.iter().any(|url| url.as_str().contains(part))
    }

    pub(crate) fn cookie_names(&self) -> Vec<&str> {
        self.cookies.keys().map(String::as_str).collect()
    }

    /// Takes the value of another browser's cookie, under a name.
    pub(crate) fn take_cookie(&mut self, other: &Self, from: &str, name: &str) {
        let value = other.cookies[from].value.clone();
        self.cookies.insert(name.to_owned(), Cookie { value, secure: false });
    }

    fn shown(&self) -> String {
        format!("{} {}\n{}", self.status, self.url, self.html)
    }

    /// The tag with this `data-testid`, without its `<`.
    fn tag(&self, testid: &str) -> &str {
        let at = self.html.find(&marker(testid)).unwrap_or_else(|| panic!("no {testid} on {}", self.shown()));
        let tag = &self.html[self.html[..at].rfind('<').unwrap() + 1..];
        &tag[..tag.find('>').unwrap()]
    }

    async fn travel(&mut self, mut method: Method, mut url: Url, mut form: Option<Vec<(String, String)>>) {
        self.way.clear();
        for _ in 0..20 {
            assert_eq!(url.host_str(), Some("localhost"), "{url}");
            self.way.push(url.clone());
            let mut request = self.http.request(method, url.clone()).header("cookie", self.cookies_for(&url));
            if let Some(form) = form.take() {
                let origin = self.url.origin().ascii_serialization();
                request = request.form(&form).header("origin", origin);
            }
            let answer = request.send().await.unwrap();
            self.keep_cookies(&answer);
            self.url = url.clone();
            let Some(location) = answer.headers().get(LOCATION) else {
                self.status = answer.status();
                self.html = answer.text().await.unwrap();
                return;
            };
            assert_ne!(answer.status(), StatusCode::TEMPORARY_REDIRECT, "a form would be sent on");
            url = url.join(location.to_str().unwrap()).unwrap();
            method = Method::GET;
        }
        panic!("round in circles: {:?}", self.way);
    }

    fn cookies_for(&self, url: &Url) -> String {
        let sent = self.cookies.iter().filter(|(_, cookie)| !cookie.secure || url.scheme() == "https");
        sent.map(|(name, cookie)| format!("{name}={}", cookie.value)).collect::<Vec<_>>().join("; ")
    }

    fn keep_cookies(&mut self, answer: &Response) {
        for line in answer.headers().get_all(SET_COOKIE) {
            let line = line.to_str().unwrap();
            let mut parts = line.split("; ");
            let (name, value) = parts.next().unwrap().split_once('=').unwrap();
            let attributes: Vec<String> = parts.map(str::to_ascii_lowercase).collect();
            let is = |attribute: &str| attributes.iter().any(|one| one == attribute);
            if is("max-age=0") || attributes.iter().any(|one| one.starts_with("expires=thu, 01 jan 1970")) {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), Cookie { value: value.to_owned(), secure: is("secure") });
            }
        }
    }
}

fn marker(testid: &str) -> String {
    format!("data-testid=\"{testid}\"")
}

fn field(tag: &str) -> Option<(String, String)> {
    Some((attribute(tag, "name")?, attribute(tag, "value").unwrap_or_default()))
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    Some(unescape(rest.split('"').next()?))
}

fn unescape(text: &str) -> String {
    let entities = [
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&quot;", "\""),
        ("&#38;", "&"),
        ("&amp;", "&"),
    ];
    entities.into_iter().fold(text.to_owned(), |text, (entity, plain)| text.replace(entity, plain))
}
