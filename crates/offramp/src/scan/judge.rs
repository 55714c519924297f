//! From matches to findings: which application a match belongs to, what that application says, what replaces it.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::scan::application;
use crate::scan::finding::{Confidence, Finding, FoundApplication, PasswordSource, Replacement, Report};
use crate::scan::rules::{Rule, Rules};
use crate::scan::search::{Candidate, Literal};
use crate::scan::suppression::Suppression;
use crate::scan::surroundings::{Said, Surroundings, owner_of};
use crate::scan::walk::Found;

/// The finding that a password in the code is.
pub(crate) const LITERAL_PASSWORD: &str = "literal-password";

/// The finding that a suppression without a reason is.
pub(crate) const WITHOUT_REASON: &str = "suppression-without-reason";

/// Adds what was found below a root to the report.
pub(crate) fn add(report: &mut Report, rules: &Rules, root: &Path, found: Found, uncorroborated: bool) {
    report.files += found.files;
    report.read_as_windows1252 += found.windows1252;
    for (skip, count) in &found.skipped {
        *report.skipped.entry(*skip).or_default() += count;
    }
    for (skip, paths) in &found.examples {
        let names = paths.iter().take(EXAMPLES).map(|path| (*skip, shown(path)));
        report.skipped_examples.extend(names);
    }

    let mut judge = Judge::new(rules, root, &found, uncorroborated);
    let mut files: Vec<_> = found.candidates.iter().collect();
    files.sort_by(|(one, _), (other, _)| one.cmp(other));
    for (path, candidates) in files {
        judge.file(report, path, candidates);
    }
    for mut application in judge.applications.into_values().filter(|found| !found.findings.is_empty()) {
        application
            .findings
            .sort_by(|one, other| (&one.path, one.line, &one.rule).cmp(&(&other.path, other.line, &other.rule)));
        // Two rules may lead to the same literal.
        application.findings.dedup_by(|one, other| {
            one.rule == LITERAL_PASSWORD && (&one.rule, &one.path, one.line) == (&other.rule, &other.path, other.line)
        });
        report.applications.push(application);
    }
}

struct Judge<'j> {
    rules: &'j Rules,
    root: &'j Path,
    found: &'j Found,
    surroundings: Surroundings<'j>,
    /// By folder.
    applications: BTreeMap<PathBuf, FoundApplication>,
    uncorroborated: bool,
}

impl<'j> Judge<'j> {
    fn new(rules: &'j Rules, root: &'j Path, found: &'j Found, uncorroborated: bool) -> Self {
        Self {
            rules,
            root,
            found,
            surroundings: Surroundings::new(root, found),
            applications: BTreeMap::new(),
            uncorroborated,
        }
    }

    fn file(&mut self, report: &mut Report, path: &Path, candidates: &[Candidate]) {
        let folder = path.parent().unwrap_or(Path::new(""));
        let owner = owner_of(self.found, folder).map(Path::to_owned);
        let said = self.surroundings.said_around(folder, owner.as_deref());
        let (root, key) = (self.root, owner.clone().unwrap_or_else(|| self.root.to_owned()));
        let (manifest, manifest_text) = self.surroundings.manifest(key, |folder| match &owner {
            Some(_) => application::manifest_in(folder),
            None => application::manifest_above(root),
        });
        let mut ordinals: HashMap<(usize, &str), usize> = HashMap::new();
        let mut findings = Vec::new();
        for candidate in candidates {
            let rule = &self.rules.rules[candidate.rule];
            let (confidence, evidence, reach) = match weigh(self.rules, rule, candidate, said) {
                Weight::Of(confidence, evidence, reach) => (confidence, evidence, reach),
                Weight::OtherProvider => {
                    report.other_provider += 1;
                    continue;
                }
                Weight::Uncorroborated if self.uncorroborated => (Confidence::Low, 0, Reach::Application),
                Weight::Uncorroborated => {
                    report.uncorroborated += 1;
                    continue;
                }
            };
            let ordinal = ordinals.entry((candidate.rule, candidate.context.as_str())).or_default();
            let place = Place { path, relative: path.strip_prefix(self.root).unwrap_or(path), ordinal: *ordinal };
            *ordinal += 1;
            let meanings = self.rules.meanings_of(evidence).into_iter();
            let evidence = meanings.map(|meaning| meaning + reach.words()).collect();
            let base = Base { confidence, evidence, manifest: manifest_text };
            Self::findings_of(self.rules, candidate, rule, base, &place, &mut findings);
        }
        if findings.is_empty() {
            return;
        }
        let application = self.applications.entry(owner.unwrap_or_else(|| self.root.to_owned())).or_insert_with(|| {
            let name = match manifest {
                Some(manifest) => application::name_of(manifest, manifest_text),
                None => shown(self.root),
            };
            FoundApplication { name, manifest: manifest.map(shown), findings: Vec::new() }
        });
        application.findings.extend(findings);
    }

    fn findings_of(
        rules: &Rules,
        candidate: &Candidate,
        rule: &Rule,
        base: Base<'_>,
        place: &Place<'_>,
        findings: &mut Vec<Finding>,
    ) {
        let path = shown(place.path);
        let kind =
            application::kind_of(rules, rule.entry.application.as_deref(), &shown(place.relative), base.manifest);
        let replacement = kind.map(|kind| Replacement {
            flow: kind.flow.clone(),
            first_step: kind.first_step.clone(),
            application: kind.title.clone(),
            call: rules.replacement(rule, &kind.id).map(str::to_owned),
            link: kind.link.clone(),
        });
        let base = Finding {
            rule: rule.entry.id.clone(),
            title: rule.entry.title.clone(),
            why: rule.entry.why.trim().to_owned(),
            path,
            line: candidate.line,
            column: candidate.column,
            confidence: base.confidence,
            evidence: base.evidence,
            password: Some(candidate.password),
            kind: kind.map(|kind| kind.id.clone()).unwrap_or_default(),
            replacement,
            fingerprint: place.fingerprint(&rule.entry.id, &candidate.context),
            suppressed: reason(candidate.suppression.as_ref()),
            known: false,
        };
        if let Some(Literal { line, column, suppression }) = &candidate.literal {
            findings.push(Finding {
                rule: LITERAL_PASSWORD.to_owned(),
                title: "a password that stands in the code".to_owned(),
                why: "Whoever can read the code can sign in as this user, and so can whoever reads its history."
                    .to_owned(),
                line: *line,
                column: *column,
                password: Some(PasswordSource::Literal),
                fingerprint: place.fingerprint(LITERAL_PASSWORD, &format!("{} {}", rule.entry.id, candidate.context)),
                suppressed: reason(suppression.as_ref()),
                replacement: base.replacement.clone().map(|replacement| Replacement {
                    first_step: "Change the password now, take it out of the code, and treat the old one as known."
                        .to_owned(),
                    call: None,
                    ..replacement
                }),
                ..base.clone()
            });
        }
        if let Some(Suppression::WithoutReason { line }) = candidate.suppression {
            findings.push(Finding {
                rule: WITHOUT_REASON.to_owned(),
                title: "a suppression without a reason, which has no effect".to_owned(),
                why: "Write why it is accepted, and until when: `ropeway-ignore: REASON`.".to_owned(),
                line,
                column: 1,
                password: None,
                replacement: None,
                fingerprint: place.fingerprint(WITHOUT_REASON, &rule.entry.id),
                suppressed: None,
                ..base.clone()
            });
        }
        findings.push(base);
    }
}

/// What a match comes to, with what is said around it.
enum Weight {
    /// So sure, because of these bits of evidence, which stand there.
    Of(Confidence, u64, Reach),
    OtherProvider,
    Uncorroborated,
}

fn weigh(rules: &Rules, rule: &Rule, candidate: &Candidate, said: Said) -> Weight {
    if candidate.refuted {
        return Weight::OtherProvider;
    }
    if candidate.in_file != 0 {
        let confidence = rule.confidence(true, false);
        return confidence
            .map_or(Weight::Uncorroborated, |sure| Weight::Of(sure, candidate.in_file, Reach::Application));
    }
    let alone = rule.confidence(false, false);
    let minds_others = rule.counter_signs != 0;
    let address = |bits: u64| bits & rule.corroborators & rules.addresses != 0;
    // Another project's other provider is nothing to this one.
    let rivals = minds_others && said.in_application & rules.rivals != 0;
    // Where another provider's endpoint is told, an API or a library of Microsoft's does not say whose password it is.
    if rule.generic() && rivals && !address(said.in_application | said.above | said.in_solution) {
        return Weight::Uncorroborated;
    }
    for (evidence, reach) in [
        (said.in_application, Reach::Application),
        (said.above, Reach::Above),
        (said.in_solution, Reach::Solution),
        (said.in_workspace, Reach::Workspace),
        (said.in_repository & rules.places, Reach::Repository),
    ] {
        let nearby = evidence & rule.corroborators;
        if nearby == 0 {
            continue;
        }
        let doubtful = match reach {
            Reach::Application => false,
            // Another project's library says little about a request that may be anybody's.
            Reach::Above | Reach::Solution => minds_others && !address(nearby),
            Reach::Workspace | Reach::Repository => true,
        };
        let doubts = usize::from(doubtful) + usize::from(rivals);
        let sure = (0..doubts).try_fold(rule.confidence(false, true), |sure, _| Some(sure?.lowered()));
        if let Some(sure) = sure.flatten().max(alone) {
            return Weight::Of(sure, nearby, reach);
        }
    }
    alone.map_or(Weight::Uncorroborated, |sure| Weight::Of(sure, 0, Reach::Application))
}

/// Where evidence stands, the nearest first.
#[derive(Clone, Copy)]
enum Reach {
    Application,
    Above,
    Solution,
    Workspace,
    Repository,
}

impl Reach {
    /// What the reader of a finding has to know beside what the evidence is.
    fn words(self) -> &'static str {
        match self {
            Self::Application => "",
            Self::Above => ", in a folder above the application",
            Self::Solution => ", in a project of the same solution",
            Self::Workspace => ", in another project",
            Self::Repository => ", elsewhere in the repository",
        }
    }
}

/// What is known of a match before its finding is written.
struct Base<'b> {
    confidence: Confidence,
    evidence: Vec<String>,
    manifest: &'b str,
}

struct Place<'p> {
    path: &'p Path,
    /// From the root that was given, so that the same tree elsewhere has the same fingerprints.
    relative: &'p Path,
    ordinal: usize,
}

impl Place<'_> {
    fn fingerprint(&self, rule: &str, context: &str) -> String {
        let name = [rule, &shown(self.relative), context, &self.ordinal.to_string()].join("\0");
        Uuid::new_v5(&NAMESPACE, name.as_bytes()).to_string()
    }
}

fn reason(suppression: Option<&Suppression>) -> Option<String> {
    match suppression {
        Some(Suppression::Because(reason)) => Some(reason.clone()),
        _ => None,
    }
}

/// A path as it is told: `/` everywhere and no `./` in front.
fn shown(path: &Path) -> String {
    let path = path.to_string_lossy().replace('\\', "/");
    path.strip_prefix("./").map(str::to_owned).unwrap_or(path)
}

/// Of this program's fingerprints; any other number would do as well, if it had been from the start.
const NAMESPACE: Uuid = Uuid::from_u128(0x5e1f_0a00_0000_4000_8000_5ca1_5ca1_5ca1);

/// How many names of skipped files are told for each reason.
const EXAMPLES: usize = 20;
