//! The shape of a rule file, as it is written. `docs/scan.md` documents it for those who write one.

use serde::Deserialize;

/// A rule file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RuleFile {
    /// Signs that say for, or against, Entra.
    pub(crate) evidence: Vec<EvidenceEntry>,
    /// Kinds of application, the first that fits wins.
    pub(crate) applications: Vec<ApplicationEntry>,
    /// What replaces a library's call, by kind of application.
    pub(crate) replacements: Vec<ReplacementEntry>,
    /// The rules.
    pub(crate) rules: Vec<RuleEntry>,
    /// Rules of earlier files that are not wanted.
    pub(crate) disable: Vec<String>,
}

/// A group of signs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EvidenceEntry {
    pub(crate) id: String,
    /// What it says, for the reader of the file.
    #[serde(rename = "is")]
    pub(crate) meaning: String,
    /// Words, in whatever case, that stand alone.
    pub(crate) words: Vec<String>,
}

/// A kind of application.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApplicationEntry {
    pub(crate) id: String,
    pub(crate) title: String,
    /// The flow that replaces the password grant.
    pub(crate) flow: String,
    pub(crate) first_step: String,
    /// Where the decision is explained.
    pub(crate) link: String,
    /// Patterns of file paths.
    #[serde(default)]
    pub(crate) paths: Vec<String>,
    /// Words of the application's manifest.
    #[serde(default)]
    pub(crate) manifest: Vec<String>,
}

/// What replaces a library's call.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReplacementEntry {
    pub(crate) id: String,
    /// By kind of application; `else` for the rest.
    pub(crate) by: std::collections::BTreeMap<String, String>,
}

/// A rule.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleEntry {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) languages: Vec<String>,
    /// A pattern that the file's path must have as well.
    pub(crate) path: Option<String>,
    /// What is looked for in the code.
    pub(crate) pattern: String,
    #[serde(default)]
    pub(crate) ignore_case: bool,
    /// All of these must be in the scope as well.
    #[serde(default)]
    pub(crate) with: Vec<String>,
    /// None of these may be in the scope.
    #[serde(default)]
    pub(crate) unless: Vec<String>,
    /// What `with` and `unless` look at.
    #[serde(default)]
    pub(crate) scope: Scope,
    /// How sure the match alone is.
    pub(crate) confidence: BaseConfidence,
    /// How sure it is with a corroborator somewhere in the application.
    pub(crate) in_application: Option<BaseConfidence>,
    /// How sure it is with a corroborator in the same file.
    pub(crate) in_file: Option<BaseConfidence>,
    /// Groups of evidence for it; those for Entra when left out.
    pub(crate) corroborators: Option<Vec<String>>,
    /// Groups of evidence against it.
    #[serde(default)]
    pub(crate) counter_signs: Vec<String>,
    /// Where its password stands.
    pub(crate) password: Option<PasswordEntry>,
    /// Why this is the password grant.
    pub(crate) why: String,
    /// A set of `replacements`.
    pub(crate) replace: Option<String>,
    /// The kind of application, when the rule alone tells it.
    pub(crate) application: Option<String>,
    /// What it finds.
    #[serde(default)]
    pub(crate) finds: Vec<Fixture>,
    /// What it leaves alone.
    #[serde(default)]
    pub(crate) leaves: Vec<Fixture>,
}

/// Where a match's surroundings end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Scope {
    /// The call whose opening bracket the match ends with or is followed by; without one, the line.
    #[default]
    Call,
    /// The logical line, up to a `|`, `;` or `&&` outside of quotes.
    Line,
    /// Some lines before and after.
    Near,
    /// The file.
    File,
    /// PowerShell's splatting: from where the variable that the match ends with, `@name`, is made, to the end of the
    /// command; the command alone where that is not to be seen.
    Splat,
}

/// How sure a match is; `none` is no finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum BaseConfidence {
    None,
    Low,
    Medium,
    High,
}

/// Where a rule's password stands; without it, beside a word such as `password` or `-p` in the scope.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PasswordEntry {
    /// The argument of the call, counted from 0.
    pub(crate) argument: Option<usize>,
    /// A pattern that ends where the password begins.
    pub(crate) after: Option<String>,
}

/// A file that a rule is tried on.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fixture {
    /// Its path, which tells the language.
    pub(crate) file: String,
    pub(crate) text: String,
    /// Another file of the same application.
    pub(crate) beside: Option<String>,
}
