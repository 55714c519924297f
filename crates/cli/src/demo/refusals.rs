//! Who is refused, why, and what to do: every user of the sample's table.

use owo_colors::OwoColorize;
use ropeway_core::error::catalogue;
use serde_json::Value;

use super::expected::{UNASSIGNED, UNKNOWN_USER, USERS, WRONG_PASSWORD};
use super::story::Story;
use super::{EMPLOYEE_SCOPE, PASSWORD, Sample, ending, password_form, text, told};

/// One sign-in, and how it ended.
struct Tried {
    /// The user, and what is special.
    who: String,
    client: &'static str,
    expected: Option<u32>,
    found: String,
    code: Option<u32>,
    /// The answer's body.
    body: Value,
}

/// Tries everybody and tells it, the refused by their code.
pub(super) async fn play(sample: &Sample<'_>, story: &mut Story) -> anyhow::Result<()> {
    story.chapter("The same request for every user: who is refused, why, and what to do");
    let mut all = Vec::new();
    for (user, expected) in USERS.into_iter().chain([UNKNOWN_USER]) {
        let clients = if user == UNASSIGNED { &["Assigned tool"][..] } else { &["Legacy portal", "Legacy tool"] };
        for client in clients {
            all.push(attempt(sample, client, user, PASSWORD, user, expected).await?);
        }
    }
    // Last, because a wrong password counts towards a lockout.
    let user = USERS[0].0;
    let who = format!("{user} with a wrong password");
    all.push(attempt(sample, "Legacy portal", user, "Winter-2042", &who, WRONG_PASSWORD).await?);
    tell(&all, story);
    Ok(())
}

async fn attempt(
    sample: &Sample<'_>,
    client: &'static str,
    user: &str,
    password: &str,
    who: &str,
    expected: Option<u32>,
) -> anyhow::Result<Tried> {
    let form = password_form(&sample.client(client)?, user, password, EMPLOYEE_SCOPE);
    let answer = sample.ask(&form).await?;
    Ok(Tried { who: who.to_owned(), client, expected, found: ending(&answer), code: answer.code(), body: answer.body })
}

fn tell(all: &[Tried], story: &mut Story) {
    let names = |code: Option<u32>| {
        let mut names: Vec<&str> =
            all.iter().filter(|tried| tried.code == code).map(|tried| tried.who.as_str()).collect();
        names.dedup();
        names.join(", ")
    };
    story.paragraph("tokens   ", &names(None));
    if let Some(refused) = all.iter().find(|tried| tried.code.is_some()) {
        story.block("\n");
        story.line(&format!("What the application sees, for instance of {}:", refused.who));
        for (name, value) in refused.body.as_object().into_iter().flatten() {
            story.paragraph(&format!("{name:<19}"), &text(value));
        }
    }
    let mut codes: Vec<u32> = all.iter().filter_map(|tried| tried.code).collect();
    let mut seen = std::collections::HashSet::new();
    codes.retain(|code| seen.insert(*code));
    for code in codes {
        story.block("\n");
        story.paragraph(&format!("{code:<7}  "), &names(Some(code)));
        let Some(row) = catalogue::find(code) else { continue };
        let name = if row.name.is_empty() { String::new() } else { format!("{}: ", row.name) };
        story.paragraph("  why    ", &format!("{name}{}", row.cause));
        story.paragraph("  do     ", first_sentence(row.remedy));
    }
    story.block("\n");
    story.line(&format!(
        "{} tells more of each: where Entra shows it, what it answers, how sure we are",
        "ropeway explain CODE".bold()
    ));
    for tried in all {
        story.compare(&format!("{} through {}", tried.who, tried.client), &told(tried.expected), &tried.found);
    }
}

/// The remedy proper; what follows names properties of the tenant file.
fn first_sentence(text: &str) -> &str {
    text.find(". ").map_or(text, |end| &text[..=end])
}

#[cfg(test)]
mod tests {
    use std::process::ExitCode;

    use super::*;

    fn tried(who: &str, expected: Option<u32>, found: Option<u32>) -> Tried {
        Tried {
            who: who.to_owned(),
            client: "Legacy tool",
            expected,
            found: told(found),
            code: found,
            body: Value::Null,
        }
    }

    #[test]
    fn refusals_are_told_by_code_with_why_and_what_to_do() {
        let mut story = Story::default();
        tell(&[tried("a@b.test", None, None), tried("c@d.test", Some(50057), Some(50057))], &mut story);

        assert!(story.text().starts_with("   tokens   a@b.test\n\n"), "{}", story.text());
        assert!(story.text().contains("   50057    c@d.test\n     why    UserDisabled: "), "{}", story.text());
        assert_eq!(story.exit_code(), ExitCode::SUCCESS);
    }

    #[test]
    fn a_user_who_gets_tokens_against_the_table_makes_the_exit_code_1() {
        let mut story = Story::default();
        tell(&[tried("mfa@alpine.test", Some(50076), None)], &mut story);

        let line = "✗ mfa@alpine.test through Legacy tool: found tokens, where the sample says AADSTS50076";
        assert!(story.text().contains(line), "{}", story.text());
        assert_eq!(story.exit_code(), ExitCode::FAILURE);
    }

    #[test]
    fn the_remedy_is_its_first_sentence() {
        assert_eq!(first_sentence("Sign in. In Ropeway: x."), "Sign in.");
        assert_eq!(first_sentence("Sign in at 1.5."), "Sign in at 1.5.");
    }
}
