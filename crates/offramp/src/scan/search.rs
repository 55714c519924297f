//! One file: what the rules match in it, and what speaks for and against Entra there.

use std::cell::OnceCell;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::scan::finding::{Confidence, PasswordSource};
use crate::scan::judge::LITERAL_PASSWORD;
use crate::scan::language::Language;
use crate::scan::lexer::code_of;
use crate::scan::rules::{Meaning, Rule, Rules, Scope};
use crate::scan::suppression::{self, Suppression};
use crate::scan::{password, statement};

/// A match that may become a finding once it is known what the rest of the application says.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) rule: usize,
    pub(crate) line: usize,
    pub(crate) column: usize,
    /// Bits of the evidence for Entra in the file; none if there is some against it nearer.
    pub(crate) in_file: u64,
    /// Whether evidence against Entra is nearer than any for it.
    pub(crate) refuted: bool,
    pub(crate) password: PasswordSource,
    /// A password that stands in the code.
    pub(crate) literal: Option<Literal>,
    pub(crate) suppression: Option<Suppression>,
    /// What tells it from other matches of the rule in the file, without any string's content.
    pub(crate) context: String,
}

/// Where a password stands in the code.
#[derive(Debug, Clone)]
pub(crate) struct Literal {
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) suppression: Option<Suppression>,
}

/// What a file's bytes say before anything is parsed.
#[derive(Debug, Default)]
pub(crate) struct Signs {
    /// Bit by number of evidence.
    pub(crate) evidence: u64,
    /// Rules whose anchors are there.
    pub(crate) rules: Vec<usize>,
}

/// Looks for every word of the rules at once.
pub(crate) fn signs_of(rules: &Rules, text: &[u8]) -> Signs {
    let mut signs = Signs::default();
    rules.words.find(text, |word, at| match &rules.meanings[word] {
        Meaning::Anchor(of) => {
            for rule in of {
                if !signs.rules.contains(rule) {
                    signs.rules.push(*rule);
                }
            }
        }
        Meaning::Evidence(number) => {
            if signs.evidence & 1 << number == 0 && stands_alone(text, &at) {
                signs.evidence |= 1 << number;
            }
        }
    });
    signs.rules.sort_unstable();
    signs
}

/// A text in its language, and its code once somebody asks for it.
pub(crate) struct Source<'t> {
    text: &'t str,
    language: &'static Language,
    code: OnceCell<String>,
}

impl<'t> Source<'t> {
    pub(crate) fn new(text: &'t str, language: &'static Language) -> Self {
        Self { text, language, code: OnceCell::new() }
    }

    fn code(&self) -> &str {
        self.code.get_or_init(|| code_of(self.text, self.language.syntax))
    }

    /// Bits of the evidence outside of comments.
    pub(crate) fn evidence(&self, rules: &Rules) -> u64 {
        signs_of(rules, self.code().as_bytes()).evidence
    }
}

/// All matches of these rules in a file of this path.
pub(crate) fn candidates(rules: &Rules, signs: &Signs, path: &str, source: &Source<'_>) -> Vec<Candidate> {
    let (text, language) = (source.text, source.language);
    let fits = |number: &&usize| {
        let rule = &rules.rules[**number];
        rule.languages.contains(&language.name) && rule.path.as_ref().is_none_or(|pattern| pattern.is_match(path))
    };
    let fitting: Vec<usize> = signs.rules.iter().filter(fits).copied().collect();
    if fitting.is_empty() {
        return Vec::new();
    }
    let code = source.code();
    let evidence = evidence_lines(rules, code.as_bytes());
    let file = File { rules, text, code, language, evidence, elsewhere: OnceCell::new() };
    let mut found: Vec<Candidate> = fitting.into_iter().flat_map(|number| file.matches(number)).collect();
    found.sort_by_key(|candidate| (candidate.line, candidate.column, candidate.rule));
    without_shadows(rules, found)
}

struct File<'f> {
    rules: &'f Rules,
    text: &'f str,
    code: &'f str,
    language: &'f Language,
    /// Number of evidence and line.
    evidence: Vec<(usize, usize)>,
    /// Lines with a token endpoint's address; Entra's have a sign of their own on the same line.
    elsewhere: OnceCell<Vec<usize>>,
}

impl File<'_> {
    fn matches(&self, number: usize) -> Vec<Candidate> {
        let rule = &self.rules.rules[number];
        let all = rule.pattern().captures_iter(self.code);
        let allowed = all.filter_map(|captures| {
            let found = captures.get(0)?;
            let scope = statement::scope(self.code, found.range(), rule.entry.scope);
            rule.allows(&self.code[scope]).then(|| self.candidate(number, rule, found.start(), &captures))
        });
        match rule.entry.scope {
            Scope::File => allowed.take(1).collect(),
            _ => allowed.take(MOST).collect(),
        }
    }

    fn candidate(&self, number: usize, rule: &Rule, start: usize, captures: &regex::Captures<'_>) -> Candidate {
        // A pattern may begin with the blank or the dot before what it is about.
        let about = |c: char| c.is_alphanumeric() || matches!(c, '_' | '"' | '\'' | '$' | '/');
        let start = start + self.code[start..].find(about).unwrap_or_default();
        let (line, column) = self.place(start);
        let password = password::of(rule, self.code, self.language, captures);
        let nearest = |bits: u64| {
            let lines = self.evidence.iter().filter(|(of, _)| bits & 1 << of != 0);
            lines.map(|(_, at)| at.abs_diff(line)).min()
        };
        let pro = nearest(rule.corroborators);
        let contra = nearest(rule.counter_signs).into_iter().chain(self.nearest_endpoint(rule, line)).min();
        let refuted = contra.is_some_and(|contra| pro.is_none_or(|pro| contra < pro));
        Candidate {
            rule: number,
            line,
            column,
            in_file: if refuted { 0 } else { self.bits() & rule.corroborators },
            refuted,
            password: password.source,
            literal: password.literal.map(|at| self.literal(at)),
            suppression: suppression::beside(self.text, self.code, start, &rule.entry.id),
            context: self.context(start),
        }
    }

    /// How many lines away the next token endpoint's address is, for a rule that minds other providers.
    fn nearest_endpoint(&self, rule: &Rule, line: usize) -> Option<usize> {
        if rule.counter_signs == 0 {
            return None;
        }
        let found = || ENDPOINT.find_iter(self.code).map(|found| self.place(found.start()).0).collect();
        self.elsewhere.get_or_init(found).iter().map(|at| at.abs_diff(line)).min()
    }

    fn bits(&self) -> u64 {
        self.evidence.iter().fold(0, |bits, (number, _)| bits | 1 << number)
    }

    fn literal(&self, at: usize) -> Literal {
        let (line, column) = self.place(at);
        let suppression = suppression::beside(self.text, self.code, at, LITERAL_PASSWORD);
        Literal { line, column, suppression }
    }

    /// Line and column, counted from 1.
    fn place(&self, at: usize) -> (usize, usize) {
        let before = &self.text[..at];
        let line = memchr::memchr_iter(b'\n', before.as_bytes()).count() + 1;
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (line, before[start..].chars().count() + 1)
    }

    /// The line without blanks and without what is in quotes; nothing where bare words are values.
    fn context(&self, at: usize) -> String {
        if self.language.bare_words_are_values {
            return String::new();
        }
        let start = self.code[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let line = self.code[start..].lines().next().unwrap_or_default();
        let mut quote = None;
        let mut kept = String::new();
        for c in line.chars().filter(|c| !c.is_whitespace()) {
            match quote {
                Some(open) if c == open => quote = None,
                Some(_) => {}
                None => {
                    quote = matches!(c, '"' | '\'' | '`').then_some(c);
                    kept.push(c);
                }
            }
        }
        // The line may have begun within a string, and then what is outside of quotes is in it.
        if quote.is_some() { String::new() } else { kept }
    }
}

fn evidence_lines(rules: &Rules, code: &[u8]) -> Vec<(usize, usize)> {
    let (mut lines, mut line, mut at) = (Vec::new(), 1, 0);
    rules.words.find(code, |word, found| {
        if let Meaning::Evidence(number) = &rules.meanings[word]
            && stands_alone(code, &found)
        {
            // Of words that overlap the later one may come first; they are on one line.
            if found.start > at {
                line += memchr::memchr_iter(b'\n', &code[at..found.start]).count();
                at = found.start;
            }
            lines.push((*number, line));
        }
    });
    lines
}

/// Whether a word is no part of a longer one.
fn stands_alone(text: &[u8], word: &Range<usize>) -> bool {
    let part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let joins = |inner: Option<&u8>, outer: Option<&u8>| inner.is_some_and(part) && outer.is_some_and(part);
    let before = word.start.checked_sub(1).and_then(|before| text.get(before));
    !joins(text.get(word.start), before) && !joins(text[word.clone()].last(), text.get(word.end))
}

/// Where several rules match on one line it is the one that knows most: not the generic one, and the surest.
fn without_shadows(rules: &Rules, found: Vec<Candidate>) -> Vec<Candidate> {
    let sure = |candidate: &Candidate| {
        let rule = &rules.rules[candidate.rule];
        (!rule.generic(), rule.confidence(candidate.in_file != 0, candidate.in_file != 0).unwrap_or(Confidence::Low))
    };
    let mut kept: Vec<Candidate> = Vec::new();
    for candidate in found {
        match kept.last_mut().filter(|last| last.line == candidate.line) {
            Some(last) if sure(&candidate) > sure(last) => *last = candidate,
            Some(_) => {}
            _ => kept.push(candidate),
        }
    }
    kept
}

/// An address whose path ends in a token endpoint's name.
#[expect(clippy::expect_used, reason = "a stated pattern")]
static ENDPOINT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"https?://[A-Za-z0-9.:-]+/[^\s"'`<>]*token\b"#).expect("a stated pattern"));

/// More matches of one rule in one file are generated text.
const MOST: usize = 1000;
