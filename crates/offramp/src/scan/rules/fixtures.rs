//! A rule tried on its own fixtures.

use std::path::Path;

use crate::scan::language::Language;
use crate::scan::rules::file::Fixture;
use crate::scan::rules::{RuleFault, Rules};
use crate::scan::search;

/// Tries the rule on what it finds and what it leaves alone.
pub(super) fn hold(rules: &Rules, id: &str) -> Result<(), RuleFault> {
    let Some((number, rule)) = rules.rules.iter().enumerate().find(|(_, rule)| rule.entry.id == id) else {
        return Ok(());
    };
    let cases = rule.entry.finds.iter().map(|fixture| (fixture, true));
    let cases = cases.chain(rule.entry.leaves.iter().map(|fixture| (fixture, false)));
    for (fixture, expected) in cases {
        let fault = |fault: String| RuleFault::Rule { rule: id.to_owned(), fault };
        let language = Language::of(Path::new(&fixture.file))
            .ok_or_else(|| fault(format!("the fixture {} has a name of no language", fixture.file)))?;
        if finds(rules, number, fixture, language) != expected {
            let verb = if expected { "does not find" } else { "finds" };
            return Err(fault(format!("{verb} its fixture {}: {}", fixture.file, fixture.text.trim())));
        }
    }
    Ok(())
}

fn finds(rules: &Rules, number: usize, fixture: &Fixture, language: &'static Language) -> bool {
    let signs = search::signs_of(rules, fixture.text.as_bytes());
    let beside = fixture.beside.as_ref().map(|beside| search::signs_of(rules, beside.as_bytes()).evidence);
    let source = search::Source::new(&fixture.text, language);
    let evidence = source.evidence(rules) | beside.unwrap_or_default();
    let rule = &rules.rules[number];
    search::candidates(rules, &signs, &fixture.file, &source).iter().any(|candidate| {
        candidate.rule == number
            && !candidate.refuted
            && rule.confidence(candidate.in_file != 0, evidence & rule.corroborators != 0).is_some()
    })
}
