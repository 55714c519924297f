//! The guided run of the main job: a password grant, an API called with its token, every refusal, the matrix.
//!
//! [`stage`] starts the servers, [`acts`], [`job`] and [`refusals`] do each step for real and tell it to [`story`], which holds
//! what was found against [`expected`]. Requests are built here as a client without a library builds them.

mod acts;
mod expected;
mod job;
pub(crate) mod portals;
mod refusals;
pub(crate) mod stage;
pub(crate) mod story;

use anyhow::Context;
use ropeway_core::directory::{Directory, TenantDirectory};
use ropeway_core::secret::Secret;
use serde_json::Value;

use crate::failure::Failure;
use crate::https::{self, Answer};
use crate::matrix::{self, flow::Flow};
use expected::USERS;
use stage::Stage;
use story::Story;

/// Plays everything and prints it act by act.
///
/// # Errors
/// A server does not answer. A step that goes otherwise than expected is no error but part of the story.
pub(crate) async fn play(stage: &Stage, directory: &Directory, story: &mut Story) -> Result<(), Failure> {
    let sample = Sample::of(stage, directory)?;
    acts::introduction(&sample, story);
    story.show()?;
    let tokens = acts::first_tokens(&sample, story).await?;
    acts::claims(&tokens, story)?;
    story.show()?;
    acts::api_call(&sample, &tokens, story).await?;
    acts::application(&sample, story).await?;
    story.show()?;
    job::play(&sample, story).await?;
    story.show()?;
    refusals::play(&sample, story).await?;
    story.show()?;
    play_matrix(directory, story).await?;
    story.conclude();
    story.show()
}

async fn play_matrix(directory: &Directory, story: &mut Story) -> Result<(), Failure> {
    story.chapter("Every user × every flow, against a private copy: `ropeway matrix`");
    let matrix = matrix::run(directory).await?;
    story.block(&format!("\n{}", matrix.text()));
    let tenant = matrix.tenants.first().context("the sample has no matrix")?;
    for (user, expected) in USERS {
        let row = tenant.rows.iter().find(|row| row.who == user && row.note.is_none());
        let found = row.and_then(|row| row.cell(Flow::Password)).map_or("nothing".to_owned(), ToString::to_string);
        story.compare(&format!("{user} in the matrix"), &told(expected), &found);
    }
    Ok(())
}

/// The sample tenant on its stage.
struct Sample<'s> {
    stage: &'s Stage,
    known: &'s TenantDirectory,
}

/// A client of the sample, as a configuration file has it.
struct Client {
    name: &'static str,
    id: String,
    secret: Option<Secret>,
}

impl<'s> Sample<'s> {
    fn of(stage: &'s Stage, directory: &'s Directory) -> anyhow::Result<Self> {
        let known = directory.tenants.first().context("the sample has no tenant")?;
        Ok(Self { stage, known })
    }

    fn client(&self, name: &'static str) -> anyhow::Result<Client> {
        let mut applications = self.known.tenant.applications.iter();
        let application = applications.find(|application| application.display_name == name);
        let application = application.with_context(|| format!("the sample has no {name}"))?;
        let secret = application.password_credentials.first().map(|credential| credential.secret_text.clone());
        Ok(Client { name, id: application.app_id.to_string(), secret })
    }

    fn token_url(&self) -> String {
        format!("{}/{}/oauth2/v2.0/token", self.stage.origin, self.known.tenant.id)
    }

    async fn ask(&self, form: &https::Form) -> anyhow::Result<Answer> {
        https::post(&self.stage.http, &self.token_url(), form).await
    }

    async fn call(&self, path: &str, token: &str) -> anyhow::Result<Answer> {
        https::get(&self.stage.http, &format!("{}{path}", self.stage.api), Some(token)).await
    }
}

/// The form of a password grant (RFC 6749 §4.3.2) as the article's code builds it.
fn password_form(client: &Client, user: &str, password: &str, scope: &str) -> Vec<(&'static str, String)> {
    let mut form = vec![("grant_type", "password".to_owned()), ("client_id", client.id.clone())];
    form.extend(client.secret.iter().map(|secret| ("client_secret", secret.expose().to_owned())));
    form.push(("scope", scope.to_owned()));
    form.extend([("username", user.to_owned()), ("password", password.to_owned())]);
    form
}

/// How an answer of the token endpoint is told.
fn ending(answer: &Answer) -> String {
    match (answer.status, answer.code()) {
        (200, _) => told(None),
        (_, Some(code)) => told(Some(code)),
        (status, None) => format!("status {status} and no AADSTS code"),
    }
}

fn told(refusal: Option<u32>) -> String {
    refusal.map_or("tokens".to_owned(), |code| format!("AADSTS{code}"))
}

/// A member of JSON as it is read: text without its quotes.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Every user's password.
const PASSWORD: &str = "Summit-2042";
const EMPLOYEE_SCOPE: &str = "openid profile api://employees.alpine.test/.default";
