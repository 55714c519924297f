use std::collections::BTreeMap;

use anyhow::{Context, bail};
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Response, Url};
use ropeway_server::pages::reading::ReadPage;

use crate::tenant::TestTenant;

/// A browser that signs in on the tenant's own pages, as a person would, without script.
///
/// It follows redirects within the tenant and stops where one leads elsewhere: that is the answer to the application.
#[derive(Clone)]
pub struct Browser<'t> {
    tenant: &'t TestTenant,
    cookies: BTreeMap<String, String>,
}

/// Where a browser has come to.
#[derive(Debug, Clone)]
pub enum Landed {
    /// On a page of the tenant.
    Page(Box<Shown>),
    /// At the application, with the parameters that came along.
    Application(Box<Reply>),
}

/// A page that is shown.
#[derive(Debug, Clone)]
pub struct Shown {
    /// HTTP status.
    pub status: u16,
    /// What a script can read off it.
    pub page: ReadPage,
    /// The whole of it.
    pub html: String,
    /// Its `Content-Security-Policy`.
    pub policy: String,
}

/// An answer to the application.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Where it went, without the parameters of the answer.
    pub to: Url,
    /// The parameters of query, fragment or form.
    pub parameters: BTreeMap<String, String>,
}

impl Landed {
    /// The page.
    ///
    /// # Errors
    /// The browser is at the application.
    pub fn page(self) -> anyhow::Result<Shown> {
        match self {
            Self::Page(shown) => Ok(*shown),
            Self::Application(reply) => bail!("at the application, not on a page: {reply:?}"),
        }
    }

    /// The answer to the application.
    ///
    /// # Errors
    /// The browser is on a page; the error says on which.
    pub fn reply(self) -> anyhow::Result<Reply> {
        match self {
            Self::Application(reply) => Ok(*reply),
            Self::Page(shown) => bail!("on {} ({:?}), not at the application", shown.page.testid, shown.page.code),
        }
    }

    /// The mark of the page, or `application`.
    pub fn testid(&self) -> &str {
        match self {
            Self::Page(shown) => &shown.page.testid,
            Self::Application(_) => "application",
        }
    }

    /// The AADSTS number that a page shows, or that the application was told.
    pub fn code(&self) -> Option<u32> {
        match self {
            Self::Page(shown) => shown.page.code,
            Self::Application(reply) => {
                let text = reply.parameters.get("error_description")?.strip_prefix("AADSTS")?;
                text.split(':').next()?.parse().ok()
            }
        }
    }
}

impl Reply {
    /// A parameter; empty where there is none.
    pub fn get(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }
}

impl<'t> Browser<'t> {
    pub(crate) fn new(tenant: &'t TestTenant) -> Self {
        Self { tenant, cookies: BTreeMap::new() }
    }

    /// The cookies that it holds, by name.
    pub fn cookies(&mut self) -> &mut BTreeMap<String, String> {
        &mut self.cookies
    }

    /// Opens an address: an absolute one, or a path of the tenant's origin.
    ///
    /// # Errors
    /// The server did not answer, or redirects in circles.
    pub async fn open(&mut self, address: &str) -> anyhow::Result<Landed> {
        let url = Url::parse(self.tenant.origin())?.join(address)?;
        let response = self.send(self.tenant.http().get(url.clone())).await?;
        self.land(url, response).await
    }

    /// Sends the form of a page with these fields and its hidden ones.
    ///
    /// # Errors
    /// As [`Browser::open`].
    pub async fn submit(&mut self, shown: &Shown, fields: &[(&str, &str)]) -> anyhow::Result<Landed> {
        let hidden = shown.page.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let fields: Vec<(&str, &str)> = hidden.chain(fields.iter().copied()).collect();
        self.post(&shown.page.action, &fields).await
    }

    /// Sends a form of these fields to a path of the tenant's origin.
    ///
    /// # Errors
    /// As [`Browser::open`].
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> anyhow::Result<Landed> {
        let url = Url::parse(self.tenant.origin())?.join(path)?;
        let response = self.send(self.tenant.http().post(url.clone()).form(fields)).await?;
        self.land(url, response).await
    }

    /// Goes through user name and password, and says no to staying signed in: as far as an account needs no more.
    ///
    /// # Errors
    /// As [`Browser::open`].
    pub async fn sign_in(&mut self, landed: Landed, user: &str, password: &str) -> anyhow::Result<Landed> {
        let mut landed = landed;
        if landed.testid() == "page-choose-account" {
            landed = self.submit(&landed.page()?, &[("action", "another")]).await?;
        }
        if landed.testid() == "page-user-name" {
            landed = self.submit(&landed.page()?, &[("loginfmt", user)]).await?;
        }
        if landed.testid() == "page-password" {
            landed = self.submit(&landed.page()?, &[("passwd", password)]).await?;
        }
        if landed.testid() == "page-stay-signed-in" {
            landed = self.submit(&landed.page()?, &[("action", "no")]).await?;
        }
        Ok(landed)
    }

    async fn send(&mut self, request: reqwest::RequestBuilder) -> anyhow::Result<Response> {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = if cookies.is_empty() { request } else { request.header(COOKIE, cookies.join("; ")) };
        let response = request.send().await.context("asking the tenant")?;
        for line in response.headers().get_all(SET_COOKIE) {
            let line = line.to_str().context("a cookie is text")?;
            let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
            let (name, value) = pair.split_once('=').context("a cookie has a name and a value")?;
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Ok(response)
    }

    async fn land(&mut self, mut at: Url, mut response: Response) -> anyhow::Result<Landed> {
        let home = Url::parse(self.tenant.origin())?.origin();
        for _ in 0..10 {
            let Some(location) = response.headers().get(LOCATION) else { return shown(response).await };
            let to = at.join(location.to_str().context("an address is text")?)?;
            if to.origin() != home {
                return Ok(Landed::Application(Box::new(reply(to))));
            }
            response = self.send(self.tenant.http().get(to.clone())).await?;
            at = to;
        }
        bail!("ten redirects, and no end")
    }
}

async fn shown(response: Response) -> anyhow::Result<Landed> {
    let status = response.status().as_u16();
    let policy = response.headers().get("content-security-policy").and_then(|policy| policy.to_str().ok());
    let policy = policy.unwrap_or_default().to_owned();
    let html = response.text().await.context("reading the page")?;
    let page = ReadPage::of(&html);
    if page.testid == "page-form-post" {
        let to = Url::parse(&page.action).context("a form goes to the application")?;
        return Ok(Landed::Application(Box::new(Reply { to, parameters: page.hidden.into_iter().collect() })));
    }
    Ok(Landed::Page(Box::new(Shown { status, page, html, policy })))
}

fn reply(mut to: Url) -> Reply {
    let carried = to.fragment().or(to.query()).unwrap_or_default();
    let parameters = url_parameters(carried);
    to.set_fragment(None);
    to.set_query(None);
    Reply { to, parameters }
}

fn url_parameters(text: &str) -> BTreeMap<String, String> {
    let carrier = Url::parse(&format!("https://parameters.test/?{text}"));
    carrier.map(|url| url.query_pairs().into_owned().collect()).unwrap_or_default()
}
