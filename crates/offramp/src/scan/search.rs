//! One file: what the rules match in it, and what speaks for and against Entra there.

use std::cell::{LazyCell, OnceCell};
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
    let (lines, elsewhere) = (OnceCell::new(), OnceCell::new());
    let file = File { rules, text, code, language, lines, evidence, elsewhere };
    let mut found: Vec<Candidate> = fitting.into_iter().flat_map(|number| file.matches(number)).collect();
    found.sort_by_key(|candidate| (candidate.line, candidate.column, candidate.rule));
    without_shadows(rules, found)
}

struct File<'f> {
    rules: &'f Rules,
    text: &'f str,
    code: &'f str,
    language: &'f Language,
    lines: OnceCell<Lines>,
    /// Number of evidence and line, in order of the lines.
    evidence: Vec<(usize, usize)>,
    /// Lines with a token endpoint's address, in order; Entra's have a sign of their own on the same line.
    elsewhere: OnceCell<Vec<usize>>,
}

impl File<'_> {
    fn matches(&self, number: usize) -> Vec<Candidate> {
        let rule = &self.rules.rules[number];
        let scope = rule.entry.scope;
        // What is asked of the file has one answer for all matches.
        if scope == Scope::File && !rule.allows(self.code) {
            return Vec::new();
        }
        let around = LazyCell::new(|| Around::of(rule, self));
        let mut budget = Budget::for_text(self.code.len());
        let all = rule.pattern().captures_iter(self.code);
        let allowed = all.map_while(|captures| {
            let found = captures.get(0)?;
            let allowed = scope == Scope::File || {
                let scope = statement::scope(self.code, found.range(), scope);
                budget.spend(scope.len())?;
                rule.allows(&self.code[scope])
            };
            Some(allowed.then(|| self.candidate(number, rule, &around, found.start(), &captures)))
        });
        match scope {
            Scope::File => allowed.flatten().take(1).collect(),
            _ => allowed.flatten().take(MOST).collect(),
        }
    }

    fn candidate(
        &self,
        number: usize,
        rule: &Rule,
        around: &Around,
        start: usize,
        captures: &regex::Captures<'_>,
    ) -> Candidate {
        // A pattern may begin with the blank or the dot before what it is about.
        let about = |c: char| c.is_alphanumeric() || matches!(c, '_' | '"' | '\'' | '$' | '/');
        let start = start + self.code[start..].find(about).unwrap_or_default();
        let (line, column) = self.lines().place(self.text, start);
        let password = password::of(rule, self.code, self.language, captures);
        let refuted = around.refutes(line);
        Candidate {
            rule: number,
            line,
            column,
            in_file: if refuted { 0 } else { around.corroborators },
            refuted,
            password: password.source,
            literal: password.literal.map(|at| self.literal(at)),
            suppression: suppression::beside(self.text, self.code, start, &rule.entry.id),
            context: self.context(start),
        }
    }

    fn lines(&self) -> &Lines {
        self.lines.get_or_init(|| Lines::of(self.text))
    }

    /// The lines with a token endpoint's address.
    fn endpoints(&self) -> &[usize] {
        let found = || ENDPOINT.find_iter(self.code).map(|found| self.lines().line(found.start())).collect();
        self.elsewhere.get_or_init(found)
    }

    fn literal(&self, at: usize) -> Literal {
        let (line, column) = self.lines().place(self.text, at);
        let suppression = suppression::beside(self.text, self.code, at, LITERAL_PASSWORD);
        Literal { line, column, suppression }
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

/// What a file says for and against one rule, worked out once for all of its matches.
struct Around {
    /// Bits of the evidence for it.
    corroborators: u64,
    /// The lines with some, in order.
    pro: Vec<usize>,
    /// The lines with evidence against it, and with an address that may be, in order each.
    contra: [Vec<usize>; 2],
}

impl Around {
    fn of(rule: &Rule, file: &File<'_>) -> Self {
        let with = |bits: u64| file.evidence.iter().filter(move |(of, _)| bits & 1 << of != 0);
        let lines = |bits: u64| with(bits).map(|(_, line)| *line).collect();
        let endpoints = if rule.counter_signs == 0 { Vec::new() } else { file.endpoints().to_vec() };
        Self {
            corroborators: with(rule.corroborators).fold(0, |bits, (of, _)| bits | 1 << of),
            pro: lines(rule.corroborators),
            contra: [lines(rule.counter_signs), endpoints],
        }
    }

    /// Whether evidence against the rule is nearer to this line than any for it.
    fn refutes(&self, line: usize) -> bool {
        let contra = self.contra.iter().filter_map(|lines| nearest(lines, line)).min();
        contra.is_some_and(|contra| nearest(&self.pro, line).is_none_or(|pro| contra < pro))
    }
}

/// How far the nearest of these lines is, which are in order.
fn nearest(lines: &[usize], line: usize) -> Option<usize> {
    let at = lines.partition_point(|other| *other < line);
    let beside = lines[at.saturating_sub(1)..].iter().take(2);
    beside.map(|other| other.abs_diff(line)).min()
}

/// Where the lines of a text begin.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self([0].into_iter().chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1)).collect())
    }

    /// Counted from 1.
    fn line(&self, at: usize) -> usize {
        self.0.partition_point(|start| *start <= at)
    }

    /// Line and column, counted from 1.
    fn place(&self, text: &str, at: usize) -> (usize, usize) {
        let line = self.line(at);
        let start = self.0.get(line.saturating_sub(1)).copied().unwrap_or_default();
        (line, text[start..at].chars().count() + 1)
    }
}

/// How much of a file one rule's matches may look at around themselves. Those that overlap without end are generated text.
struct Budget(usize);

impl Budget {
    fn for_text(length: usize) -> Self {
        Self(length.saturating_mul(OVERLAPS).saturating_add(SPARE))
    }

    /// Nothing when there is none left.
    fn spend(&mut self, length: usize) -> Option<()> {
        self.0 = self.0.checked_sub(length)?;
        Some(())
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

/// As many surroundings of matches may overlap, on average: each is some 30 lines.
const OVERLAPS: usize = 64;

/// What small files have beyond that, in bytes.
const SPARE: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_its_line_and_column() {
        let text = "a\n\nébc\n";
        let lines = Lines::of(text);
        let place = |what: &str| lines.place(text, text.find(what).unwrap());
        assert_eq!((place("a"), place("é"), place("c"), place("\n\n")), ((1, 1), (3, 1), (3, 3), (1, 2)));
        assert_eq!(lines.place(text, text.len()), (4, 1));
    }

    #[test]
    fn the_nearest_line_is_found_on_both_sides() {
        for (lines, line, distance) in [
            (&[][..], 5, None),
            (&[3], 5, Some(2)),
            (&[3, 6], 5, Some(1)),
            (&[5, 9], 5, Some(0)),
            (&[1, 2, 9], 5, Some(3)),
        ] {
            assert_eq!(nearest(lines, line), distance, "{lines:?}");
        }
    }

    #[test]
    fn the_work_for_a_rule_grows_with_the_file_and_no_faster() {
        for lines in [1 << 10, 1 << 14] {
            let code = "{ strategy }\n".repeat(lines);
            let mut budget = Budget::for_text(code.len());
            let near = |at: usize| statement::scope(&code, at..at + 1, Scope::Near).len();
            let spent: Vec<usize> =
                (0..lines).map(|line| near(line * 13)).take_while(|all| budget.spend(*all).is_some()).collect();
            assert_eq!(spent.len(), lines, "lines of usual length are all looked at");
            assert!(spent.iter().sum::<usize>() <= code.len() * OVERLAPS + SPARE);
        }
        let code = "{ strategy } ".repeat(1 << 16);
        let mut budget = Budget::for_text(code.len());
        let near = |at: usize| statement::scope(&code, at..at + 1, Scope::Near).len();
        let looked = (0..1 << 16).map(|at| near(at * 13)).take_while(|all| budget.spend(*all).is_some()).count();
        assert!(looked > 1000 && looked < 1 << 16, "{looked}");
    }
}
