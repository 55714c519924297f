//! The nightly job, run three ways, authorised by a person in a browser, revoked, and authorised again.

use std::collections::BTreeMap;

use anyhow::{Context, anyhow, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use nightly_job::{How, Report, Settings, StoreKey, Way};
use owo_colors::OwoColorize;
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use ropeway_server::pages::reading::ReadPage;
use tokio::sync::mpsc;
use url::Url;

use super::acts::USER;
use super::story::Story;
use super::{PASSWORD, Sample};
use crate::https;

/// Runs the job and tells what it says.
pub(super) async fn play(sample: &Sample<'_>, story: &mut Story) -> anyhow::Result<()> {
    story.chapter("A nightly job for a person, in three ways, and what it says when it is revoked");
    let folder = tempfile::tempdir().context("making a folder for the nightly job")?;
    let mut settings = Settings::for_tenant(&sample.stage.origin, &sample.known.tenant.id.to_string());
    settings.ca_file = Some(sample.stage.ca_file.clone());
    settings.employees_url = format!("{}/api/employees", sample.stage.api);
    settings.timesheets_url = format!("{}/api/timesheets", sample.stage.api);
    settings.store_file = folder.path().join("nightly-job/grant.json");
    settings.store_key = Some(StoreKey::from_base64(&new_key()?)?);

    run(&settings, Way::Password, 0, story).await;
    run(&settings, Way::ClientCredentials, 0, story).await;
    authorise(sample, &settings, story).await?;
    run(&settings, Way::RefreshToken, 0, story).await;
    story.line(&format!("An administrator revokes the sessions of {USER}:"));
    sample.stage.app.revoke_sign_in_sessions(sample.known.tenant.id, USER).await?;
    run(&settings, Way::RefreshToken, 10, story).await;
    authorise(sample, &settings, story).await?;
    run(&settings, Way::RefreshToken, 0, story).await;
    Ok(())
}

/// What encrypts the store of this one demo.
fn new_key() -> anyhow::Result<String> {
    let mut bytes = [0; 32];
    #[expect(clippy::disallowed_methods, reason = "the key of one process, which nothing else depends on")]
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| anyhow!("the system gives no random bytes"))?;
    Ok(STANDARD.encode(bytes))
}

async fn run(settings: &Settings, way: Way, expected: u8, story: &mut Story) {
    let report = nightly_job::run(settings, way, None).await;
    tell(&format!("nightly-job run --way {}", way.name()), &report, expected, story);
}

async fn authorise(sample: &Sample<'_>, settings: &Settings, story: &mut Story) -> anyhow::Result<()> {
    let (told, mut instructions) = mpsc::unbounded_channel();
    let job = nightly_job::authorise(settings, How::Loopback { port: 0 }, move |text| {
        // Who does not listen any more has given up.
        let _ = told.send(text.to_owned());
    });
    let person = async {
        let instruction = instructions.recv().await.context("the job does not say where to sign in")?;
        sign_in(sample, instruction.lines().last().unwrap_or_default()).await
    };
    let (report, signed_in) = tokio::join!(job, person);
    if report.error.is_none() {
        signed_in?;
    }
    tell("nightly-job authorise", &report, 0, story);
    Ok(())
}

fn tell(command: &str, report: &Report, expected: u8, story: &mut Story) {
    let exit = report.exit as u8;
    story.line(&format!("$ {}", command.cyan()));
    for line in report.for_people().lines() {
        story.paragraph("  ", line);
    }
    story.line(&format!("  exit code {exit}"));
    story.compare(&format!("{command} for {USER}"), &format!("exit code {expected}"), &format!("exit code {exit}"));
}

/// A person signs in on the page, in a browser that knows nobody, and is sent back to the job.
async fn sign_in(sample: &Sample<'_>, url: &str) -> anyhow::Result<()> {
    let http = https::browser(&sample.stage.ca_file)?;
    let mut cookies: BTreeMap<String, String> = BTreeMap::new();
    let mut at = Url::parse(url).context("the job names no page")?;
    let mut request = http.get(at.clone());
    // More pages than this sign-in has.
    for _ in 0..20 {
        let sent: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let response = request.header(COOKIE, sent.join("; ")).send().await.with_context(|| format!("opening {at}"))?;
        for line in response.headers().get_all(SET_COOKIE).iter().filter_map(|line| line.to_str().ok()) {
            if let Some((name, value)) = line.split(';').next().and_then(|pair| pair.split_once('=')) {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        if let Some(location) = response.headers().get(LOCATION).and_then(|location| location.to_str().ok()) {
            at = at.join(location)?;
            request = http.get(at.clone());
            continue;
        }
        if at.path() == "/authorised" {
            return Ok(());
        }
        let page = ReadPage::of(&response.text().await.context("reading a page")?);
        let typed = match page.testid.as_str() {
            "page-user-name" => ("loginfmt", USER),
            "page-password" => ("passwd", PASSWORD),
            "page-stay-signed-in" => ("action", "no"),
            other => bail!("the page {other:?} is not one that {USER} meets"),
        };
        let form: Vec<(&str, &str)> =
            page.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain([typed]).collect();
        at = at.join(&page.action)?;
        request = http.post(at.clone()).form(&form);
    }
    Err(anyhow!("{USER} does not come to an end on the page"))
}
