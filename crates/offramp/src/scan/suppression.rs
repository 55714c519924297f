//! Comments that accept a finding, with a reason.

use std::sync::LazyLock;

use regex::Regex;

/// What a comment beside a finding says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Suppression {
    /// It gives this reason.
    Because(String),
    /// It gives none, and so has no effect.
    WithoutReason {
        /// Its line, counted from 1.
        line: usize,
    },
}

/// The comment on the line of `at`, or on the line before, that names the rule or no rule.
pub(crate) fn beside(text: &str, code: &str, at: usize, rule: &str) -> Option<Suppression> {
    let own = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let before = text[..own.saturating_sub(1)].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[at..].find('\n').map_or(text.len(), |newline| at + newline);
    let found = MARK.captures_iter(text.get(before..end)?).find(|captures| {
        let in_comment = captures.get(0).is_some_and(|mark| {
            let start = before + mark.start();
            code.get(start..start + "ropeway-ignore".len()).is_some_and(|code| code.trim().is_empty())
        });
        let named = captures.get(1).map(|rules| rules.as_str().split(',').any(|named| named.trim() == rule));
        in_comment && named.unwrap_or(true)
    })?;
    let reason = found.get(2).map(|reason| reason.as_str()).unwrap_or_default();
    let ends = ["-->", "*/", "#>"].iter().filter_map(|mark| reason.find(mark)).min();
    let reason = reason[..ends.unwrap_or(reason.len())].trim();
    if reason.is_empty() {
        let start = before + found.get(0).map(|mark| mark.start()).unwrap_or_default();
        return Some(Suppression::WithoutReason { line: text[..start].matches('\n').count() + 1 });
    }
    Some(Suppression::Because(reason.to_owned()))
}

#[expect(clippy::expect_used, reason = "a stated pattern")]
static MARK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"ropeway-ignore(?:\[([a-z0-9, -]+)\])?(?::[ \t]*([^\r\n]*))?").expect("a stated pattern")
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::lexer::{code_of, syntax};

    fn beside_x(text: &str) -> Option<Suppression> {
        beside(text, &code_of(text, &syntax::CSHARP), text.find('X').unwrap(), "a-rule")
    }

    #[test]
    fn a_comment_with_a_reason_accepts_the_finding_beside_it() {
        let because = |reason: &str| Some(Suppression::Because(reason.to_owned()));
        assert_eq!(beside_x("X(); // ropeway-ignore: test tenant"), because("test tenant"));
        assert_eq!(beside_x("// ropeway-ignore[a-rule]: test tenant\nX();"), because("test tenant"));
        assert_eq!(beside_x("/* ropeway-ignore[b, a-rule]: until May */ X();"), because("until May"));
        assert_eq!(beside_x("// ropeway-ignore[b]: test tenant\nX();"), None);
        assert_eq!(beside_x("// ropeway-ignore: test tenant\n\nX();"), None);
        assert_eq!(beside_x("s = \"ropeway-ignore: no comment\"; X();"), None);
    }

    #[test]
    fn without_a_reason_it_has_no_effect_and_is_told() {
        assert_eq!(beside_x("\n// ropeway-ignore\nX();"), Some(Suppression::WithoutReason { line: 2 }));
        assert_eq!(beside_x("X(); // ropeway-ignore[a-rule]:  "), Some(Suppression::WithoutReason { line: 1 }));
    }
}
