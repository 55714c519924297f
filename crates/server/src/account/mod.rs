//! The person's own pages at `/_ropeway/account`: where they are signed in, which applications they allowed, their password.
//!
//! Whoever comes is signed in as to any application ([`signin::person`](crate::signin::person)), so what ends a sign-in
//! ends this one. Every deed is a form with a canary, and one file each.

mod consents;
mod password;
mod sessions;

use ropeway_core::error::render::EndpointVersion;
use ropeway_core::ids::MY_ACCOUNT;
use ropeway_core::oauth::form::Form;
use url::form_urlencoded::Serializer;
use uuid::Uuid;

use crate::app::App;
use crate::authorize::Reaction;
use crate::browser::{Browser, SetCookies};
use crate::moment::Moment;
use crate::outcome::Stopped;
use crate::pages::{AccountPage, Page, Said, SignedOutPage, words};
use crate::signin::{self, Person};
use crate::token::Call;

/// Where the pages are.
pub(crate) const PATH: &str = "/_ropeway/account";

/// The page of one of the browser's accounts.
pub(crate) fn path_of(session: Uuid) -> String {
    format!("{PATH}?sid={session}")
}

/// A browser that comes, and what it sent.
pub(crate) struct PageCall<'a> {
    pub(crate) app: &'a App,
    pub(crate) moment: Moment,
    pub(crate) origin: &'a str,
    pub(crate) correlation_id: Uuid,
    pub(crate) browser: &'a Browser,
    /// The query of a look, the body of a deed.
    pub(crate) form: Form,
}

/// What a deed has come to.
enum Deed {
    /// Done: the page says so, by this word.
    Done(&'static str),
    /// Not done, and why.
    Refused(&'static str),
    /// The person is signed out.
    SignedOut,
}

impl PageCall<'_> {
    /// Draws the page, or leads to the sign-in.
    pub(crate) async fn show(&self) -> Result<Reaction, Stopped> {
        match self.person().await? {
            Ok(person) => {
                let done = self.form.first("done").and_then(said);
                self.page(&person, done.map(|text| Said { text, refused: false }))
            }
            Err(reaction) => Ok(*reaction),
        }
    }

    /// Does what the person asked for. A form without the canary was not sent by the page, and does nothing.
    pub(crate) async fn act(&self) -> Result<Reaction, Stopped> {
        let person = match self.person().await? {
            Ok(person) => person,
            Err(reaction) => return Ok(*reaction),
        };
        let sent = self.form.first("canary").unwrap_or_default();
        if self.browser.canary().is_none_or(|canary| canary.expose() != sent) {
            return Ok(Reaction::Go(path_of(person.session.id), SetCookies::default()));
        }
        let deed = match self.form.first("action").unwrap_or_default() {
            "end-session" => sessions::end(self, &person).await?,
            "sign-out-everywhere" => sessions::end_all(self, &person).await?,
            "withdraw" => consents::withdraw(self, &person).await?,
            "change-password" => password::change(self, &person).await?,
            _ => Deed::Done(""),
        };
        match deed {
            Deed::Done(word) => {
                let path = format!("{}&done={word}", path_of(person.session.id));
                Ok(Reaction::Go(path, SetCookies::default()))
            }
            Deed::Refused(text) => self.page(&person, Some(Said { text, refused: true })),
            Deed::SignedOut => {
                let mut cookies = SetCookies::default();
                cookies.end_sessions();
                Ok(Reaction::Last(Box::new(Page::of(&SignedOutPage::default())?), cookies))
            }
        }
    }

    async fn person(&self) -> Result<Result<Box<Person>, Box<Reaction>>, Stopped> {
        let sid = self.form.first("sid").filter(|sid| sid.parse::<Uuid>().is_ok());
        let parameters = parameters(sid);
        let call = self.call(Form::parse(parameters.as_bytes())?);
        match signin::person(self.app, &call, &parameters, self.browser).await {
            Err(Stopped::Denied(denial)) => Ok(Err(Box::new(signin::refusal(&call, &denial, SetCookies::default())))),
            found => found,
        }
    }

    fn call(&self, form: Form) -> Call {
        Call {
            moment: self.moment,
            correlation_id: self.correlation_id,
            origin: self.origin.to_owned(),
            version: EndpointVersion::V2,
            tenant_segment: "common".to_owned(),
            authorization: None,
            page_origin: None,
            form,
        }
    }

    fn page(&self, person: &Person, said: Option<Said>) -> Result<Reaction, Stopped> {
        let Some(home) = &person.user.home else { return Err(anyhow::anyhow!("a session of nobody").into()) };
        let page = AccountPage {
            sign_in_name: person.user.sign_in_name.clone(),
            display_name: home.user.display_name.clone(),
            tenant: home.tenant.display_name.clone(),
            sid: person.session.id.to_string(),
            canary: self.browser.canary().map(|canary| canary.expose().to_owned()).unwrap_or_default(),
            said,
            sessions: sessions::list(self, person)?,
            consents: consents::list(self, person)?,
            has_password: home.keeps_password(),
        };
        Ok(Reaction::Show(Box::new(Page::of(&page)?), SetCookies::default()))
    }
}

/// What the sign-in to these pages is asked for.
fn parameters(sid: Option<&str>) -> String {
    let mut parameters = Serializer::new(String::new());
    parameters.append_pair("client_id", &MY_ACCOUNT.to_string()).append_pair("scope", "openid profile");
    if let Some(sid) = sid {
        parameters.append_pair("sid", sid);
    }
    parameters.finish()
}

fn said(word: &str) -> Option<&'static str> {
    Some(match word {
        "ended" => words::BROWSER_SIGNED_OUT,
        "withdrawn" => words::WITHDRAWN,
        "changed" => words::PASSWORD_CHANGED,
        _ => return None,
    })
}
