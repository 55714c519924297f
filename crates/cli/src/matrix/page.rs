//! The platform's own page, gone through as a person would: what it asks is answered, as far as a person could.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use ropeway_core::error::catalogue;
use ropeway_core::secret::Secret;
use ropeway_core::totp;
use ropeway_server::pages::reading::ReadPage;
use url::Url;

use super::cast::{Client, Person};
use super::flow::{Outcome, Runner};
use crate::environment;

/// A browser without script: cookies, redirects, forms.
pub(crate) struct Browser<'r> {
    runner: &'r Runner<'r>,
    cookies: BTreeMap<String, String>,
}

/// How the pages ended.
enum Ended {
    /// At the application, after the person did this.
    Answered(BTreeMap<String, String>, &'static str),
    /// On the last page of a sign-in for a device.
    Approved(&'static str),
    /// Nowhere.
    Stopped(Outcome),
}

/// Where it has come to.
enum Landed {
    Page(ReadPage),
    /// At the application, with these parameters.
    Application(BTreeMap<String, String>),
}

impl<'r> Browser<'r> {
    pub(crate) fn new(runner: &'r Runner<'r>) -> Self {
        Self { runner, cookies: BTreeMap::new() }
    }

    /// Signs this person in to the client.
    pub(crate) async fn sign_in(&mut self, person: &Person, client: &Client) -> anyhow::Result<Outcome> {
        let landed = self.open(&self.request(client, None)?).await?;
        match self.walk(landed, person).await? {
            Ended::Answered(answer, did) => self.redeem(&answer, client, did).await,
            Ended::Approved(_) => bail!("the page ended as for a device"),
            Ended::Stopped(outcome) => Ok(outcome),
        }
    }

    /// Types a device's code and signs this person in for it; the device gets what comes of it.
    pub(crate) async fn device_code(&mut self, person: &Person, client: &Client) -> anyhow::Result<Outcome> {
        let device = self.runner.device(client).await?;
        let page = Url::parse(device.member("verification_uri")).context("a device is told where its person goes")?;
        let asked = match self.open(&page).await? {
            Landed::Page(page) => page,
            Landed::Application(_) => bail!("the page for a device's code led to an application"),
        };
        let landed = self.submit(&asked, &[("otc", device.member("user_code").to_owned())]).await?;
        match self.walk(landed, person).await? {
            Ended::Approved(did) => match self.runner.poll(device.member("device_code"), client).await? {
                Outcome::Tokens => Ok(Outcome::OnPage { did }),
                other => Ok(other),
            },
            Ended::Answered(..) => bail!("a sign-in for a device ended at an application"),
            Ended::Stopped(outcome) => Ok(outcome),
        }
    }

    /// Answers what the pages ask, to their end.
    async fn walk(&mut self, mut landed: Landed, person: &Person) -> anyhow::Result<Ended> {
        let mut did = "";
        let mut authenticator = person.authenticator.clone();
        // More pages than any sign-in has.
        for _ in 0..12 {
            let page = match landed {
                Landed::Application(answer) => return Ok(Ended::Answered(answer, did)),
                Landed::Page(page) => page,
            };
            if let Some(code) = page.code {
                let remedy = catalogue::find(code).map_or("", |row| row.in_short);
                return Ok(Ended::Stopped(Outcome::Refused { code, remedy }));
            }
            let new = format!("{}-New-1", person.password.expose());
            let fields: Vec<(&str, String)> = match page.testid.as_str() {
                "page-user-name" => vec![("loginfmt", person.name.clone())],
                "page-password" => vec![("passwd", person.password.expose().to_owned())],
                "page-second-factor" => {
                    did = "with code";
                    vec![("otc", shown(authenticator.as_ref())?)]
                }
                "page-enrol" => {
                    did = "enrols";
                    authenticator = page.secret.clone().map(Secret::new);
                    vec![("otc", shown(authenticator.as_ref())?)]
                }
                "page-new-password" => {
                    did = "new password";
                    vec![("newpasswd", new.clone()), ("confirmpasswd", new)]
                }
                "page-consent" => {
                    did = "consents";
                    vec![("action", "accept".to_owned())]
                }
                "page-stay-signed-in" => vec![("action", "no".to_owned())],
                "page-confirm-device" => vec![("action", "continue".to_owned())],
                "page-device-approved" => return Ok(Ended::Approved(did)),
                "page-at-partner" => return Ok(Ended::Stopped(Outcome::AtPartner)),
                other => bail!("the page {other:?} is not one that a sign-in has"),
            };
            landed = self.submit(&page, &fields).await?;
        }
        bail!("{} does not come to an end on the page", person.name)
    }

    /// Asks for a second application and shows no page.
    pub(crate) async fn silently(&mut self, client: &Client) -> anyhow::Result<Outcome> {
        match self.open(&self.request(client, Some("none"))?).await? {
            Landed::Application(answer) => self.redeem(&answer, client, "").await,
            Landed::Page(page) => bail!("prompt=none showed the page {:?}", page.testid),
        }
    }

    fn request(&self, client: &Client, prompt: Option<&str>) -> anyhow::Result<Url> {
        let mut url: Url =
            format!("{}/{}/oauth2/v2.0/authorize", self.runner.copy.origin, self.runner.tenant).parse()?;
        url.query_pairs_mut()
            .append_pair("client_id", &client.app_id.to_string())
            .append_pair("response_type", "code")
            .append_pair("redirect_uri", client.redirect_uri.as_deref().unwrap_or_default())
            .append_pair("scope", &format!("openid profile {}", client.scope))
            .extend_pairs(prompt.map(|prompt| ("prompt", prompt)));
        Ok(url)
    }

    async fn redeem(
        &self,
        answer: &BTreeMap<String, String>,
        client: &Client,
        did: &'static str,
    ) -> anyhow::Result<Outcome> {
        let Some(code) = answer.get("code") else {
            let said = answer.get("error_description").map_or("", String::as_str);
            let code = said.strip_prefix("AADSTS").and_then(|said| said.split(':').next()?.parse().ok());
            let code = code.with_context(|| format!("neither a code nor a refusal: {answer:?}"))?;
            return Ok(Outcome::Refused { code, remedy: catalogue::find(code).map_or("", |row| row.in_short) });
        };
        match self.runner.authorization_code(code, client).await? {
            Outcome::Tokens => Ok(Outcome::OnPage { did }),
            other => Ok(other),
        }
    }

    async fn open(&mut self, url: &Url) -> anyhow::Result<Landed> {
        let request = self.runner.copy.browser.get(url.clone());
        self.land(url.clone(), request).await
    }

    async fn submit(&mut self, page: &ReadPage, fields: &[(&str, String)]) -> anyhow::Result<Landed> {
        let url = Url::parse(&self.runner.copy.origin)?.join(&page.action)?;
        let hidden = page.hidden.iter().map(|(name, value)| (name.as_str(), value.clone()));
        let form: Vec<(&str, String)> = hidden.chain(fields.iter().cloned()).collect();
        let request = self.runner.copy.browser.post(url.clone()).form(&form);
        self.land(url, request).await
    }

    async fn land(&mut self, mut at: Url, mut request: reqwest::RequestBuilder) -> anyhow::Result<Landed> {
        let home = at.origin();
        for _ in 0..10 {
            let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let response = request.header(COOKIE, cookies.join("; ")).send().await.context("cannot reach the copy")?;
            for line in response.headers().get_all(SET_COOKIE).iter().filter_map(|line| line.to_str().ok()) {
                if let Some((name, value)) = line.split(';').next().and_then(|pair| pair.split_once('=')) {
                    self.cookies.insert(name.to_owned(), value.to_owned());
                }
            }
            let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
            let Some(location) = location else {
                return Ok(Landed::Page(ReadPage::of(&response.text().await.context("reading a page")?)));
            };
            at = at.join(location)?;
            if at.origin() != home {
                return Ok(Landed::Application(at.query_pairs().into_owned().collect()));
            }
            request = self.runner.copy.browser.get(at.clone());
        }
        bail!("the copy redirects in circles")
    }
}

fn shown(authenticator: Option<&Secret>) -> anyhow::Result<String> {
    let secret = authenticator.context("the page asks for a code, and there is no authenticator app")?;
    totp::code(secret, environment::now()).context("the authenticator's secret is no base32")
}
