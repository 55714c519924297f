//! What a scan tells.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

/// One place in the code, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The rule that found it, or `literal-password`, or `suppression-without-reason`.
    pub rule: String,
    /// What it is.
    pub title: String,
    /// Why it matters.
    pub why: String,
    /// The file, as it was reached from the path that was given; with `/` everywhere.
    pub path: String,
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1, in characters.
    pub column: usize,
    /// How sure it is.
    pub confidence: Confidence,
    /// What says that it is Entra's: in the file, else in the application, else around it, and then also where.
    pub evidence: Vec<String>,
    /// Where the password comes from; never the password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<PasswordSource>,
    /// The kind of application, which tells the flow.
    pub kind: String,
    /// What replaces it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replacement: Option<Replacement>,
    /// The same from scan to scan while the code does not change, wherever its line moves.
    pub fingerprint: String,
    /// The reason that a comment beside it gives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suppressed: Option<String>,
    /// Whether the baseline has it.
    pub known: bool,
}

impl Finding {
    /// Neither suppressed nor in the baseline.
    #[must_use]
    pub fn open(&self) -> bool {
        self.suppressed.is_none() && !self.known
    }
}

/// What replaces the password grant at a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Replacement {
    /// The kind of application, in words.
    pub application: String,
    /// The flow.
    pub flow: String,
    /// What to do first.
    pub first_step: String,
    /// The library's own call, where the rule knows one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<String>,
    /// The section of the migration guide.
    pub link: String,
}

/// How sure a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// The password grant, and perhaps not Entra's.
    Low,
    /// Entra's password grant in all likelihood.
    Medium,
    /// Entra's password grant.
    High,
}

impl Confidence {
    /// One step less sure.
    pub(crate) fn lowered(self) -> Option<Self> {
        match self {
            Self::High => Some(Self::Medium),
            Self::Medium => Some(Self::Low),
            Self::Low => None,
        }
    }

    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// Where a password comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PasswordSource {
    /// It stands in the code.
    Literal,
    /// An environment variable, or a variable of a pipeline.
    Environment,
    /// A vault or another store of secrets.
    Vault,
    /// A person types it.
    Prompt,
    /// A configuration file or object.
    Configuration,
    /// Elsewhere: an argument, another file.
    Unknown,
}

impl PasswordSource {
    /// A half sentence for a person.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Literal => "the password stands in the code",
            Self::Environment => "the password comes from the environment",
            Self::Vault => "the password comes from a vault",
            Self::Prompt => "a person types the password",
            Self::Configuration => "the password comes from configuration",
            Self::Unknown => "the password comes from elsewhere",
        }
    }
}

/// An application, and what was found in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FoundApplication {
    /// Its name: the manifest's, else the folder's.
    pub name: String,
    /// The manifest that makes the folder an application; without one it is the path that was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manifest: Option<String>,
    /// In order of path and line.
    pub findings: Vec<Finding>,
}

/// What a scan found and what it left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// In order of their folders.
    pub applications: Vec<FoundApplication>,
    /// Files whose text was searched.
    pub files: u64,
    /// Files that were not, by reason.
    pub skipped: BTreeMap<Skip, u64>,
    /// Some of them by name, the first of each reason but the ones of no known language.
    #[serde(serialize_with = "examples")]
    pub skipped_examples: Vec<(Skip, String)>,
    /// Files that were no UTF-8 and were read as Windows-1252.
    pub read_as_windows1252: u64,
    /// Password grants without a sign that they are Entra's, or with one that another provider's endpoint makes doubtful.
    pub uncorroborated: u64,
    /// Password grants that another identity provider's sign is nearer to.
    pub other_provider: u64,
    /// Whether there was a baseline.
    pub compared: bool,
    /// Findings of the baseline that are gone.
    pub gone: u64,
}

fn examples<S: Serializer>(examples: &[(Skip, String)], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Example<'e> {
        reason: Skip,
        path: &'e str,
    }
    serializer.collect_seq(examples.iter().map(|(reason, path)| Example { reason: *reason, path }))
}

impl Report {
    /// All findings, in order.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.applications.iter().flat_map(|application| &application.findings)
    }

    /// How many findings are neither suppressed nor known, and at least this sure.
    #[must_use]
    pub fn open(&self, least: Confidence) -> usize {
        self.findings().filter(|finding| finding.open() && finding.confidence >= least).count()
    }
}

/// Why a file was not searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Skip {
    /// It has NUL bytes.
    Binary,
    /// Larger than 16 MiB.
    TooLarge,
    /// The system does not let us, or it vanished.
    Unreadable,
    /// Neither UTF-8, UTF-16 with a byte order mark, nor Windows-1252.
    WrongEncoding,
    /// A line over 64 KiB in code, over 4 MiB in a format of values: generated.
    EndlessLine,
    /// A symbolic link; what it leads to is searched where it is.
    Link,
    /// Neither file nor folder: a socket, a device.
    Special,
    /// No language or format that any rule is for.
    OtherFormat,
}

impl Skip {
    /// The words for it, after a number.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::TooLarge => "over 16 MiB",
            Self::Unreadable => "unreadable",
            Self::WrongEncoding => "in an unknown encoding",
            Self::EndlessLine => "with endless lines",
            Self::Link => "symbolic links",
            Self::Special => "neither file nor folder",
            Self::OtherFormat => "in other formats",
        }
    }
}
