use super::catalogue::{self, Row};
use super::render::EndpointVersion;
use super::template;

/// A refusal: a row of the catalogue and what fills its template. An outcome, not a failure of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    row: &'static Row,
    values: Vec<(&'static str, String)>,
    claims: Option<String>,
    error: Option<&'static str>,
}

impl Denial {
    /// Refuses with this AADSTS number. A test reads every call of this function and holds it against the catalogue;
    /// should an unlisted number slip through all the same, the answer is the catalogue's row for an error of ours.
    pub fn new(code: u32) -> Self {
        let row = catalogue::find(code).unwrap_or(&catalogue::TOKEN_ISSUANCE_ERROR);
        debug_assert_eq!(row.code, code, "an AADSTS number that the catalogue does not list");
        Self { row, values: Vec::new(), claims: None, error: None }
    }

    /// Fills `{name}` in the template. A name that the template does not have fills nothing.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.values.push((name, value.to_string()));
        self
    }

    /// Adds the claims challenge: JSON text that the client sends back as `claims`.
    #[must_use]
    pub fn with_claims(mut self, claims: String) -> Self {
        self.claims = Some(claims);
        self
    }

    /// Says another `error` than the row: RFC 8628's `slow_down`, for which no number of Entra's is on record.
    #[must_use]
    pub fn with_error(mut self, error: &'static str) -> Self {
        self.error = Some(error);
        self
    }

    /// `error` on the endpoints of this generation.
    pub fn error(&self, version: EndpointVersion) -> &'static str {
        self.error.unwrap_or(match version {
            EndpointVersion::V1 => self.row.error_v1,
            EndpointVersion::V2 => self.row.error,
        })
    }

    /// The row this refusal is of.
    pub fn row(&self) -> &'static Row {
        self.row
    }

    /// The AADSTS number.
    pub fn code(&self) -> u32 {
        self.row.code
    }

    /// The claims challenge, if there is one.
    pub fn claims(&self) -> Option<&str> {
        self.claims.as_deref()
    }

    /// The row's text with its placeholders filled, without the `AADSTSn: ` in front.
    ///
    /// A placeholder that nobody filled reads [`UNFILLED`](super::UNFILLED). Characters that JSON would escape are
    /// replaced, because one client reads the description as borrowed text and loses it otherwise (azure_identity for
    /// Rust): `"` becomes `'`, `\` becomes `/`, control characters become spaces. Long values are cut.
    pub fn message(&self) -> String {
        template::fill(self.row.template, |name| {
            self.values.iter().find(|(known, _)| *known == name).map(|(_, value)| printable(value))
        })
    }
}

/// Longer than any name a tenant has, short enough that an echo cannot fill a log.
const LONGEST_VALUE: usize = 300;

fn printable(value: &str) -> String {
    value
        .chars()
        .take(LONGEST_VALUE)
        .map(|c| match c {
            '"' => '\'',
            '\\' => '/',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a source that cannot be read fails the test")]

    use std::fs;
    use std::path::{Path, PathBuf};

    use insta::assert_snapshot;
    use proptest::prelude::*;

    use super::super::{UNFILLED, catalogue};
    use super::*;

    #[test]
    fn a_value_fills_its_placeholder_and_literal_braces_survive() {
        let denial = Denial::new(50034).with("tenant", "alpine.test");

        assert_snapshot!(denial.message(), @"The user account {EmailHidden} does not exist in the alpine.test directory. To sign into this application, the account must be added to the directory.");
    }

    #[test]
    fn a_placeholder_that_nobody_filled_reads_neutral() {
        assert_snapshot!(Denial::new(700038).message(), @"(unknown) is not a valid application identifier.");
    }

    #[test]
    fn a_value_that_looks_like_a_placeholder_is_not_filled_again() {
        let denial = Denial::new(7000112).with("appId", "{appName}").with("appName", "Portal");

        assert_snapshot!(denial.message(), @"Application '{appName}'(Portal) is disabled.");
    }

    #[test]
    fn what_json_would_escape_is_replaced() {
        let denial = Denial::new(70003).with("grant", "a\"b\\c\r\nd\u{85}e");

        assert_snapshot!(denial.message(), @"The app requested an unsupported grant type 'a'b/c  d e'.");
    }

    #[test]
    fn a_long_value_is_cut() {
        let denial = Denial::new(70003).with("grant", "ü".repeat(5000));

        assert_eq!(denial.message().matches('ü').count(), LONGEST_VALUE);
    }

    #[test]
    fn every_call_of_new_fills_the_template_of_a_row_that_is_raised() {
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let mut calls = 0;
        for source in [crates.join("core/src"), crates.join("server/src")].iter().flat_map(|folder| rust_below(folder))
        {
            let text = fs::read_to_string(&source).unwrap();
            for call in text.split("Denial::new(").skip(1) {
                let Some(Ok(code)) = call.split(')').next().map(str::parse) else { continue };
                let Some(row) = catalogue::find(code) else {
                    panic!("{}: AADSTS{code} is not in the catalogue", source.display());
                };
                calls += 1;
                let given = names_given(call.split_once(')').unwrap().1);
                for name in row.placeholders().filter(|_| !row.raised_by.is_empty()) {
                    assert!(given.contains(&name), "{}: AADSTS{} without {name}", source.display(), row.code);
                }
            }
        }
        assert!(calls > 20, "the search finds what it looks for");
    }

    /// The first arguments of the `.with(…)` calls that follow one another at the start of this source text.
    fn names_given(mut rest: &str) -> Vec<&str> {
        let mut names = Vec::new();
        while let Some(arguments) = rest.trim_start().strip_prefix(".with(") {
            names.extend(arguments.strip_prefix('"').and_then(|quoted| quoted.split('"').next()));
            let mut depth = 1;
            let end = arguments.find(|c| {
                depth += i32::from(c == '(') - i32::from(c == ')');
                depth == 0
            });
            rest = &arguments[end.unwrap() + 1..];
        }
        names
    }

    fn rust_below(folder: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let below = |path: PathBuf| match path.extension() {
            None => rust_below(&path),
            // The tests here leave placeholders unfilled on purpose.
            Some(extension) if extension == "rs" && !path.ends_with("error/denial.rs") => vec![path],
            Some(_) => vec![],
        };
        entries.flat_map(below).collect()
    }

    proptest! {
        #[test]
        fn no_value_puts_an_escape_into_the_json(index in 0..catalogue::rows().len(), value in any::<String>()) {
            let row = &catalogue::rows()[index];
            let denial = template::placeholders(row.template)
                .fold(Denial::new(row.code), |denial, name| denial.with(name, &value));

            let message = denial.message();

            let json = serde_json::Value::from(message.as_str()).to_string();
            prop_assert_eq!(json, format!("\"{}\"", message));
            prop_assert!(value.contains(UNFILLED) || !message.contains(UNFILLED));
        }
    }
}
