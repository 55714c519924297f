//! The rules: data, read from YAML, compiled once.

mod anchors;
mod file;
mod fixtures;

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::{Regex, RegexBuilder};

pub(crate) use file::{ApplicationEntry, BaseConfidence, Scope};
use file::{EvidenceEntry, ReplacementEntry, RuleEntry, RuleFile};

use crate::scan::finding::Confidence;
use crate::scan::language::Language;
use crate::scan::words::{self, Words};

/// All that a scan looks for.
#[derive(Debug)]
pub struct Rules {
    pub(crate) rules: Vec<Rule>,
    pub(crate) applications: Vec<Application>,
    evidence: Vec<EvidenceEntry>,
    replacements: Vec<ReplacementEntry>,
    /// Every anchor and every word of evidence, searched at once.
    pub(crate) words: Words,
    /// What each of `words` belongs to.
    pub(crate) meanings: Vec<Meaning>,
    /// Bits of the evidence that is an address of Entra's, and not only a name of what speaks to it.
    pub(crate) addresses: u64,
    /// Bits of the evidence that names a place, and not a library, which says nothing about other people's files.
    pub(crate) places: u64,
    /// Bits of the evidence that names another provider's token endpoint.
    pub(crate) rivals: u64,
}

/// What a word is a sign of.
#[derive(Debug, Clone)]
pub(crate) enum Meaning {
    /// These rules may match in the file.
    Anchor(Vec<usize>),
    /// Evidence of this number.
    Evidence(usize),
}

/// A compiled rule.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) entry: RuleEntry,
    pub(crate) languages: Vec<&'static str>,
    pub(crate) path: Option<Regex>,
    pattern: LazyPattern,
    with: Vec<LazyPattern>,
    unless: Vec<LazyPattern>,
    pub(crate) password_after: Option<LazyPattern>,
    /// Bits of the evidence for it.
    pub(crate) corroborators: u64,
    /// Bits of the evidence against it.
    pub(crate) counter_signs: u64,
}

/// A compiled kind of application.
#[derive(Debug)]
pub(crate) struct Application {
    pub(crate) entry: ApplicationEntry,
    pub(crate) paths: Vec<Regex>,
}

/// A fault of a rule file.
#[derive(Debug, thiserror::Error)]
pub enum RuleFault {
    /// It is no YAML, or has another shape.
    #[error("{0}")]
    Shape(String),
    /// A rule says something that cannot be.
    #[error("rule `{rule}`: {fault}")]
    Rule {
        /// The rule's id.
        rule: String,
        /// What is wrong, and what would be right.
        fault: String,
    },
}

impl Rules {
    /// The rules that come with Ropeway.
    ///
    /// # Errors
    /// Never in a build whose tests pass.
    pub fn built_in() -> Result<Self, RuleFault> {
        Self::compile(&BUILT_IN.iter().map(|text| read(text)).collect::<Result<Vec<_>, _>>()?)
    }

    /// The rules that come with Ropeway, and those of these texts, which may replace and disable them by id. Each rule of
    /// the texts is tried on its own fixtures.
    ///
    /// # Errors
    /// The first fault found: its shape, a name that nothing has, a pattern that is none, a fixture that fails.
    pub fn with(texts: &[&str]) -> Result<Self, RuleFault> {
        let mut files: Vec<RuleFile> = BUILT_IN.iter().map(|text| read(text)).collect::<Result<_, _>>()?;
        let mut own = Vec::new();
        for text in texts {
            let file = read(text)?;
            own.extend(file.rules.iter().map(|rule| rule.id.clone()));
            files.push(file);
        }
        let rules = Self::compile(&files)?;
        for rule in own {
            fixtures::hold(&rules, &rule)?;
        }
        Ok(rules)
    }

    /// Tries every rule on its own fixtures.
    ///
    /// # Errors
    /// A rule that has no fixtures of both kinds, or fails one.
    pub fn hold(&self) -> Result<(), RuleFault> {
        self.rules.iter().try_for_each(|rule| fixtures::hold(self, &rule.entry.id))
    }

    /// What replaces a rule's call in this kind of application, beyond the flow.
    pub(crate) fn replacement(&self, rule: &Rule, application: &str) -> Option<&str> {
        let set = self.replacements.iter().find(|set| Some(&set.id) == rule.entry.replace.as_ref())?;
        set.by.get(application).or_else(|| set.by.get("else")).map(String::as_str)
    }

    /// What these bits of evidence are, in words.
    pub(crate) fn meanings_of(&self, bits: u64) -> Vec<String> {
        let numbered = self.evidence.iter().enumerate().filter(|(number, _)| bits & 1 << number != 0);
        numbered.map(|(_, entry)| entry.meaning.clone()).collect()
    }

    fn compile(files: &[RuleFile]) -> Result<Self, RuleFault> {
        let evidence = latest(files.iter().flat_map(|file| &file.evidence), |entry| &entry.id);
        let replacements = latest(files.iter().flat_map(|file| &file.replacements), |entry| &entry.id);
        let applications = latest(files.iter().flat_map(|file| &file.applications), |entry| &entry.id);
        let mut entries = latest(files.iter().flat_map(|file| &file.rules), |entry| &entry.id);
        for disabled in files.iter().flat_map(|file| &file.disable) {
            if !entries.iter().any(|entry| entry.id == *disabled) {
                return Err(RuleFault::Shape(format!("disable: there is no rule `{disabled}`")));
            }
        }
        entries.retain(|entry| !files.iter().any(|file| file.disable.contains(&entry.id)));
        if evidence.len() > u64::BITS as usize {
            return Err(RuleFault::Shape(format!("more than {} groups of evidence", u64::BITS)));
        }

        let mut words: HashMap<String, Meaning> = HashMap::new();
        for (number, entry) in evidence.iter().enumerate() {
            for word in &entry.words {
                if word.len() < words::SHORTEST {
                    let fault = format!("evidence `{}`: the word `{word}` has less than three letters", entry.id);
                    return Err(RuleFault::Shape(fault));
                }
                // A word may be a sign of several things. Each is searched on its own, under its own spelling of the key.
                let key = format!("{}{}", "\0".repeat(number + 2), word.to_ascii_lowercase());
                words.insert(key, Meaning::Evidence(number));
            }
        }
        let mut rules: Vec<Rule> = Vec::new();
        for entry in entries {
            let names = Names { evidence: &evidence, applications: &applications, replacements: &replacements };
            let (rule, anchors) = Rule::compile(entry, &names)?;
            for anchor in anchors {
                let key = anchor.to_ascii_lowercase();
                match words.entry(format!("\0{key}")).or_insert_with(|| Meaning::Anchor(Vec::new())) {
                    Meaning::Anchor(of) => of.push(rules.len()),
                    Meaning::Evidence(_) => {}
                }
            }
            rules.push(rule);
        }
        let mut words: Vec<(String, Meaning)> = words.into_iter().collect();
        words.sort_by(|(one, _), (other, _)| one.cmp(other));
        let applications = applications.into_iter().map(Application::compile).collect::<Result<_, _>>()?;
        let (words, meanings): (Vec<_>, _) = words.into_iter().unzip();
        let words = words.iter().map(|word: &String| word.trim_start_matches('\0').to_owned()).collect();
        let bits = |groups: &[&str]| bits_of(&evidence, groups).map_err(RuleFault::Shape);
        let (addresses, places, rivals) = (bits(ADDRESSES)?, bits(PLACES)?, bits(RIVALS)?);
        let words = Words::new(words);
        Ok(Self { rules, applications, evidence, replacements, words, meanings, addresses, places, rivals })
    }
}

/// The bits of these groups of evidence, or what is wrong with them.
fn bits_of(evidence: &[EvidenceEntry], groups: &[impl AsRef<str>]) -> Result<u64, String> {
    groups.iter().try_fold(0, |bits, group| {
        let number = evidence.iter().position(|entry| entry.id == group.as_ref());
        number.map(|number| bits | 1 << number).ok_or_else(|| format!("there is no evidence `{}`", group.as_ref()))
    })
}

/// The last entry of each id, where the first one of it stood.
fn latest<'e, T: Clone + 'e>(entries: impl Iterator<Item = &'e T>, id: impl Fn(&T) -> &String) -> Vec<T> {
    let mut kept: Vec<T> = Vec::new();
    for entry in entries {
        match kept.iter_mut().find(|known| id(known) == id(entry)) {
            Some(known) => *known = entry.clone(),
            None => kept.push(entry.clone()),
        }
    }
    kept
}

fn read(text: &str) -> Result<RuleFile, RuleFault> {
    let file: Option<RuleFile> = serde_saphyr::from_str(text).map_err(|error| RuleFault::Shape(error.to_string()))?;
    Ok(file.unwrap_or_default())
}

struct Names<'n> {
    evidence: &'n [EvidenceEntry],
    applications: &'n [ApplicationEntry],
    replacements: &'n [ReplacementEntry],
}

impl Rule {
    fn compile(entry: RuleEntry, names: &Names<'_>) -> Result<(Self, Vec<String>), RuleFault> {
        let fault = |fault: String| RuleFault::Rule { rule: entry.id.clone(), fault };
        if entry.finds.is_empty() || entry.leaves.is_empty() {
            return Err(fault("has no fixtures under both `finds` and `leaves`".to_owned()));
        }
        let mut languages = Vec::new();
        for name in &entry.languages {
            languages.extend(
                Language::named(name)
                    .ok_or_else(|| fault(format!("there is no language `{name}`; there are {}", Language::names())))?,
            );
        }
        let corroborators = match &entry.corroborators {
            Some(groups) => bits_of(names.evidence, groups),
            None => bits_of(names.evidence, FOR_ENTRA),
        };
        let corroborators = corroborators.map_err(fault)?;
        let counter_signs = bits_of(names.evidence, &entry.counter_signs).map_err(fault)?;
        if let Some(kind) = &entry.application
            && !names.applications.iter().any(|known| known.id == *kind)
        {
            return Err(fault(format!("there is no kind of application `{kind}`")));
        }
        if let Some(set) = &entry.replace
            && !names.replacements.iter().any(|known| known.id == *set)
        {
            return Err(fault(format!("there is no replacement `{set}`")));
        }
        let ignore_case = entry.ignore_case;
        let lazy = |pattern: &String| {
            regex_syntax::parse(pattern).map_err(|error| fault(format!("`{pattern}` is no pattern: {error}")))?;
            Ok(LazyPattern::new(pattern, ignore_case))
        };
        let all = |patterns: &[String]| patterns.iter().map(lazy).collect::<Result<Vec<_>, RuleFault>>();
        let (with, unless) = (all(&entry.with)?, all(&entry.unless)?);
        let after = entry.password.as_ref().and_then(|password| password.after.as_ref());
        let password_after = after.map(lazy).transpose()?;
        let path = entry.path.as_ref().map(|path| Regex::new(path)).transpose();
        let path = path.map_err(|error| fault(error.to_string()))?;
        let pattern = lazy(&entry.pattern)?;
        let anchors = anchors::anchors_of(&entry.pattern).ok().flatten();
        let anchors = anchors.ok_or_else(|| {
            fault("the pattern has no fixed text of three letters or more that every match has".to_owned())
        })?;
        let rule = Self { languages, path, pattern, with, unless, password_after, corroborators, counter_signs, entry };
        Ok((rule, anchors))
    }

    /// The pattern.
    pub(crate) fn pattern(&self) -> &Regex {
        self.pattern.regex()
    }

    /// Whether the match's surroundings have all that they need and nothing that speaks against it.
    pub(crate) fn allows(&self, scope: &str) -> bool {
        self.with.iter().all(|with| with.regex().is_match(scope))
            && !self.unless.iter().any(|unless| unless.regex().is_match(scope))
    }

    /// How sure a match is; `None` when it is no finding.
    pub(crate) fn confidence(&self, in_file: bool, in_application: bool) -> Option<Confidence> {
        let entry = &self.entry;
        let stated = match (in_file, in_application) {
            (true, _) => entry.in_file.or(entry.in_application).unwrap_or(entry.confidence),
            (false, true) => entry.in_application.unwrap_or(entry.confidence),
            (false, false) => entry.confidence,
        };
        match stated {
            BaseConfidence::None => None,
            BaseConfidence::Low => Some(Confidence::Low),
            BaseConfidence::Medium => Some(Confidence::Medium),
            BaseConfidence::High => Some(Confidence::High),
        }
    }

    /// Whether its names say nothing without a corroborator.
    pub(crate) fn generic(&self) -> bool {
        self.entry.confidence == BaseConfidence::None
    }
}

impl Application {
    fn compile(entry: ApplicationEntry) -> Result<Self, RuleFault> {
        let compiled = |path: &String| Regex::new(path);
        let paths = entry.paths.iter().map(compiled).collect::<Result<_, _>>();
        let paths = paths.map_err(|error| RuleFault::Shape(format!("application `{}`: {error}", entry.id)))?;
        Ok(Self { entry, paths })
    }
}

/// A pattern compiled when a file first needs it: most scans need few of them.
#[derive(Debug)]
pub(crate) struct LazyPattern(LazyLock<Regex, Box<dyn FnOnce() -> Regex + Send>>);

impl LazyPattern {
    fn new(pattern: &str, ignore_case: bool) -> Self {
        let pattern = pattern.to_owned();
        Self(LazyLock::new(Box::new(move || {
            let built = RegexBuilder::new(&pattern).case_insensitive(ignore_case).multi_line(true).build();
            // It was parsed before; what is left to fail is its size, and then nothing matches.
            built.unwrap_or_else(|_| NEVER.clone())
        })))
    }

    pub(crate) fn regex(&self) -> &Regex {
        &self.0
    }
}

#[expect(clippy::expect_used, reason = "a stated pattern")]
static NEVER: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"[^\s\S]").expect("the pattern of nothing"));

/// The evidence that a rule means when it names none.
const FOR_ENTRA: &[&str] =
    &["entra-host", "entra-name", "entra-library", "entra-domain", "entra-tenant", "entra-resource"];

/// The evidence that is an address of Entra's. What deploys to Azure has a tenant's id as well, and other people's users.
const ADDRESSES: &[&str] = &["entra-host", "entra-domain"];

/// The evidence that counts farther away than in the application.
const PLACES: &[&str] = &[
    "entra-host",
    "entra-domain",
    "entra-tenant",
    "entra-resource",
    "sharepoint-online",
    "exchange-online",
    "dynamics-online",
];

/// The evidence that names another provider's token endpoint.
const RIVALS: &[&str] = &["other-endpoint"];

const BUILT_IN: &[&str] = &[
    include_str!("../../../rules/applications.yaml"),
    include_str!("../../../rules/evidence.yaml"),
    include_str!("../../../rules/replacements.yaml"),
    include_str!("../../../rules/dotnet.yaml"),
    include_str!("../../../rules/java.yaml"),
    include_str!("../../../rules/python.yaml"),
    include_str!("../../../rules/javascript.yaml"),
    include_str!("../../../rules/other-languages.yaml"),
    include_str!("../../../rules/powershell.yaml"),
    include_str!("../../../rules/older-sign-ins.yaml"),
    include_str!("../../../rules/wrappers.yaml"),
    include_str!("../../../rules/commands.yaml"),
    include_str!("../../../rules/raw-requests.yaml"),
    include_str!("../../../rules/configuration.yaml"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_that_is_not_there_is_a_fault() {
        let files: Vec<RuleFile> = BUILT_IN.iter().map(|text| read(text).unwrap()).collect();
        assert!(Rules::compile(&files).is_ok());
        for group in ADDRESSES.iter().chain(PLACES).chain(RIVALS) {
            let mut without = files.clone();
            for file in &mut without {
                file.evidence.retain(|entry| entry.id != *group);
                file.rules.clear();
            }
            let fault = Rules::compile(&without).unwrap_err().to_string();
            assert_eq!(fault, format!("there is no evidence `{group}`"));
        }
    }

    #[test]
    fn no_rule_looks_into_every_file_for_a_common_word() {
        let rules = Rules::built_in().unwrap();
        for rule in &rules.rules {
            let anchors = anchors::anchors_of(&rule.entry.pattern).unwrap().unwrap();
            let common: &[&str] = match rule.languages.len() {
                0..=10 => &["auth", "ews", "new", "user"],
                _ => &["auth", "ews", "new", "user", "login", "password", "credential", "true", "azure"],
            };
            let common = |anchor: &&String| common.contains(&anchor.trim().to_ascii_lowercase().as_str());
            assert_eq!(anchors.iter().find(common), None, "{}", rule.entry.id);
        }
    }
}
