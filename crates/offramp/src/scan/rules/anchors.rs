//! The fixed text without which a pattern cannot match. One search for all anchors decides which files any rule needs to
//! look at.

use regex_syntax::hir::{Hir, HirKind};

use crate::scan::words::SHORTEST;

/// Words of which every match of the pattern has at least one; `None` when the pattern has no fixed text.
pub(super) fn anchors_of(pattern: &str) -> Result<Option<Vec<String>>, Box<regex_syntax::Error>> {
    // Case does not matter: the search for anchors ignores it.
    let hir = regex_syntax::ParserBuilder::new().build().parse(pattern)?;
    Ok(required(&hir).filter(|words| shortest(words) >= SHORTEST))
}

fn required(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Literal(literal) => Some(vec![std::str::from_utf8(&literal.0).ok()?.to_owned()]),
        HirKind::Capture(capture) => required(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => required(&repetition.sub),
        HirKind::Alternation(branches) => {
            let words: Option<Vec<_>> = branches.iter().map(required).collect();
            words.map(|words| words.concat()).filter(|words| words.len() <= MOST)
        }
        HirKind::Concat(parts) => parts.iter().filter_map(required).max_by_key(|words| shortest(words)),
        _ => None,
    }
}

fn shortest(words: &[String]) -> usize {
    words.iter().map(String::len).min().unwrap_or_default()
}

const MOST: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_fixed_text_is_the_anchor() {
        for (pattern, words) in [
            (r"\.AcquireTokenByUsernamePassword\s*\(", Some(vec![".AcquireTokenByUsernamePassword"])),
            (r"az\s+login\b", Some(vec!["login"])),
            (r"(?:az login|az\.cmd login)\b", Some(vec!["az login", "az.cmd login"])),
            (r"(?:alpha|beta)\s*\(", Some(vec!["alpha", "beta"])),
            (r"grant_?type\W{0,9}password", Some(vec!["password"])),
            (r"(?:optional)?\w+", None),
            (r"a[bc]d", None),
        ] {
            let words = words.map(|words| words.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(anchors_of(pattern).unwrap(), words, "{pattern}");
        }
        assert!(anchors_of("(").is_err());
    }
}
