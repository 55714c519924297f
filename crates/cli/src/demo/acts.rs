//! From the first request to the API's answers.

use anyhow::Context;
use owo_colors::OwoColorize;
use serde_json::Value;

use super::story::Story;
use super::{Client, EMPLOYEE_SCOPE, PASSWORD, Sample, ending, password_form, text, told};
use crate::https::{self, Answer};

/// What runs where.
pub(super) fn introduction(sample: &Sample<'_>, story: &mut Story) {
    let tenant = &sample.known.tenant;
    story.block(&format!("{}\n", "Ropeway: the password grant of Microsoft Entra ID, on this machine".bold()));
    story.line(&format!("identity  {}   tenant {} {}", sample.stage.origin, tenant.display_name, tenant.id));
    story.line(&format!("APIs      {}    /api/employees, /api/timesheets", sample.stage.api));
    if let Some(note) = &sample.stage.note {
        story.paragraph("note      ", note);
    }
}

/// The article's request; gives its tokens.
pub(super) async fn first_tokens(sample: &Sample<'_>, story: &mut Story) -> anyhow::Result<Answer> {
    story.chapter("A token for a person's password: what the article's code sends");
    let portal = sample.client("Legacy portal")?;
    let form = password_form(&portal, USER, PASSWORD, EMPLOYEE_SCOPE);
    let answer = request(sample, &portal, &form, story).await?;
    story.compare("the article's request", &told(None), &ending(&answer));
    Ok(answer)
}

/// What the tokens say.
pub(super) fn claims(tokens: &Answer, story: &mut Story) -> anyhow::Result<()> {
    story.chapter("What the access token says");
    let claims = https::claims(tokens.access_token()?).context("the access token is no JWT")?;
    tell_claims(&claims, &PERSON_CLAIMS, story);
    let id_token = https::claims(tokens.member("id_token")).context("there is no id token")?;
    let audience = text(&id_token["aud"]);
    story.paragraph(
        "",
        &format!(
            "The id token has aud {audience}, the portal itself: it tells the client who signed in, and is for no API."
        ),
    );
    for (name, expected) in [("scp", "Employees.Read"), ("preferred_username", USER), ("ver", "2.0")] {
        story.compare(&format!("the claim {name}"), expected, &text(&claims[name]));
    }
    Ok(())
}

/// The API called with the token.
pub(super) async fn api_call(sample: &Sample<'_>, tokens: &Answer, story: &mut Story) -> anyhow::Result<()> {
    story.chapter("The API's answer");
    let answer = call(sample, EMPLOYEES, tokens.access_token()?, story).await?;
    tell_answer(&answer, story);
    story.compare("the Employee API", "status 200", &format!("status {}", answer.status));
    Ok(())
}

/// An application by itself: one API takes it, the other wants a person.
pub(super) async fn application(sample: &Sample<'_>, story: &mut Story) -> anyhow::Result<()> {
    story.chapter("A token without a person, and an API that refuses it");
    let job = sample.client("Nightly job")?;
    let tokens = request(sample, &job, &application_form(&job, "api://employees.alpine.test/.default"), story).await?;
    let claims = https::claims(tokens.access_token()?).context("the access token is no JWT")?;
    tell_claims(&claims, &APPLICATION_CLAIMS, story);
    let answer = call(sample, EMPLOYEES, tokens.access_token()?, story).await?;
    let count = answer.body.as_array().map_or(0, Vec::len);
    story.paragraph(&format!("{}  ", answer.status), &format!("{count} employees, as above"));
    story.compare("the Employee API with an application's token", "status 200", &format!("status {}", answer.status));

    story.block("\n");
    story.line("The same job asks for the Timesheet API, which publishes no role for applications:");
    let tokens = sample.ask(&application_form(&job, TIMESHEETS_SCOPE)).await?;
    let answer = call(sample, TIMESHEETS, tokens.access_token()?, story).await?;
    tell_answer(&answer, story);
    story.compare(
        "the Timesheet API with an application's token",
        "status 403, insufficient_scope",
        &format!("status {}, {}", answer.status, answer.member("error")),
    );

    story.block("\n");
    story.line(&format!("The same job with a token of {USER}:"));
    let tokens = sample.ask(&password_form(&job, USER, PASSWORD, TIMESHEETS_SCOPE)).await?;
    let answer = call(sample, TIMESHEETS, tokens.access_token()?, story).await?;
    tell_answer(&answer, story);
    story.compare("the Timesheet API with a person's token", "status 200", &format!("status {}", answer.status));
    Ok(())
}

/// Client credentials (RFC 6749 §4.4.2).
fn application_form(client: &Client, scope: &str) -> Vec<(&'static str, String)> {
    let mut form = vec![("grant_type", "client_credentials".to_owned()), ("client_id", client.id.clone())];
    form.extend(client.secret.iter().map(|secret| ("client_secret", secret.expose().to_owned())));
    form.push(("scope", scope.to_owned()));
    form
}

async fn request(
    sample: &Sample<'_>,
    client: &Client,
    form: &https::Form,
    story: &mut Story,
) -> anyhow::Result<Answer> {
    story.line(&format!("POST {}", sample.token_url().cyan()));
    for (name, value) in form {
        let remark = if *name == "client_id" { format!("  {}", client.name.dimmed()) } else { String::new() };
        story.line(&format!("     {name:<14} {value}{remark}"));
    }
    let answer = sample.ask(form).await?;
    let mut members = Vec::new();
    for (name, value) in answer.body.as_object().into_iter().flatten() {
        members.push(match (name.as_str(), value.as_str()) {
            (name @ ("access_token" | "id_token"), Some(token)) => format!("{name} of {} characters", token.len()),
            (name, _) => format!("{name} {}", text(value)),
        });
    }
    story.paragraph(&format!("{}  ", answer.status), &members.join(", "));
    Ok(answer)
}

async fn call(sample: &Sample<'_>, path: &str, token: &str, story: &mut Story) -> anyhow::Result<Answer> {
    let start: String = token.chars().take(20).collect();
    story.line(&format!("GET  {}{}", sample.stage.api.cyan(), path.cyan()));
    story.line(&format!("     Authorization: Bearer {start}…"));
    sample.call(path, token).await
}

fn tell_answer(answer: &Answer, story: &mut Story) {
    let items = match &answer.body {
        Value::Array(items) if !items.is_empty() => items.iter().map(Value::to_string).collect(),
        Value::Object(_) => vec![answer.member("message").to_owned()],
        other => vec![other.to_string()],
    };
    for (index, item) in items.iter().enumerate() {
        let status = if index == 0 { answer.status.to_string() } else { "   ".to_owned() };
        story.paragraph(&format!("{status}  "), item);
    }
}

fn tell_claims(claims: &Value, meanings: &[(&str, &str)], story: &mut Story) {
    for (name, meaning) in meanings {
        if let Some(value) = claims.get(name) {
            story.line(&format!("{name:<18} {:<43}  {}", text(value), meaning.dimmed()));
        }
    }
    let others = claims.as_object().into_iter().flatten().map(|(name, _)| name.as_str());
    let others: Vec<&str> = others.filter(|name| !meanings.iter().any(|(known, _)| known == name)).collect();
    story.paragraph("and                ", &others.join(", "));
}

pub(super) const USER: &str = "cloud@alpine.test";
const EMPLOYEES: &str = "/api/employees";
const TIMESHEETS: &str = "/api/timesheets";
const TIMESHEETS_SCOPE: &str = "api://timesheets.alpine.test/.default";

const PERSON_CLAIMS: [(&str, &str); 11] = [
    ("iss", "the issuer"),
    ("aud", "for whom: the Employee API"),
    ("tid", "the tenant"),
    ("oid", "the person; store this one"),
    ("sub", "the same person, to this API only"),
    ("name", "for the eye"),
    ("preferred_username", "for the eye, may change"),
    ("scp", "what the client may do for them"),
    ("azp", "the client: Legacy portal"),
    ("azpacr", "it proved itself by its secret"),
    ("ver", "the API's choice of version"),
];

const APPLICATION_CLAIMS: [(&str, &str); 5] = [
    ("aud", "for whom: the Employee API"),
    ("azp", "the client: Nightly job"),
    ("oid", "its service principal; no person"),
    ("roles", "what it may do; there is no scp"),
    ("idtyp", "an application's token"),
];
