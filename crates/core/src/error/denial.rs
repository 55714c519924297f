use super::catalogue::{self, Row};

/// A refusal: a row of the catalogue and what fills its template. An outcome, not a failure of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    row: &'static Row,
    values: Vec<(&'static str, String)>,
    claims: Option<String>,
}

impl Denial {
    /// Refuses with this AADSTS number. A test reads every call of this function and holds it against the catalogue;
    /// should an unlisted number slip through all the same, the answer is the catalogue's row for an error of ours.
    pub fn new(code: u32) -> Self {
        let row = catalogue::find(code).unwrap_or(&catalogue::TOKEN_ISSUANCE_ERROR);
        debug_assert_eq!(row.code, code, "an AADSTS number that the catalogue does not list");
        Self { row, values: Vec::new(), claims: None }
    }

    /// Fills `{name}` in the template.
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
    /// Characters that JSON would escape are replaced, because one client reads the description as borrowed text
    /// (facts: azure_identity for Rust): `"` becomes `'`, `\` becomes `/`, control characters become spaces.
    pub fn message(&self) -> String {
        let mut text = self.row.template.to_owned();
        for (name, value) in &self.values {
            text = text.replace(&format!("{{{name}}}"), &printable(value));
        }
        text
    }
}

fn printable(value: &str) -> String {
    const LONGEST_VALUE: usize = 300;
    value
        .chars()
        .take(LONGEST_VALUE)
        .map(|c| match c {
            '"' => '\'',
            '\\' => '/',
            '{' => '(',
            '}' => ')',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect()
}
