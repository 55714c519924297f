//! For a person.

use std::fmt::Write;

use crate::scan::finding::{Confidence, Finding, Report, Skip};

/// The findings, application by application; `links` is where the migration guide is.
#[must_use]
pub fn text(report: &Report) -> String {
    let mut text = String::new();
    for application in &report.applications {
        let open: Vec<&Finding> = application.findings.iter().filter(|finding| finding.open()).collect();
        if open.is_empty() {
            continue;
        }
        let manifest = application.manifest.as_ref().filter(|manifest| **manifest != application.name);
        let manifest = manifest.map(|manifest| format!(" ({manifest})")).unwrap_or_default();
        let _ = writeln!(text, "{}{manifest}", application.name);
        let mut kinds: Vec<&str> = Vec::new();
        for finding in &open {
            if !kinds.contains(&finding.kind.as_str()) {
                kinds.push(&finding.kind);
            }
        }
        for kind in kinds {
            let of_kind: Vec<&&Finding> = open.iter().filter(|finding| finding.kind == kind).collect();
            for finding in &of_kind {
                write_finding(&mut text, finding);
            }
            // The first step of a literal is its own.
            let replaced =
                of_kind.iter().find(|finding| finding.password.is_some() && finding.rule != "literal-password");
            if let Some(replacement) = replaced.and_then(|finding| finding.replacement.as_ref()) {
                let _ = writeln!(text, "  this is:      {}", replacement.application);
                let _ = writeln!(text, "  replace with: {}", replacement.flow);
                let _ = writeln!(text, "  first step:   {}", replacement.first_step);
                let _ = writeln!(text, "  read:         {}", replacement.link);
            }
        }
        text.push('\n');
    }
    text
}

fn write_finding(text: &mut String, finding: &Finding) {
    let place = format!("{}:{}:{}", finding.path, finding.line, finding.column);
    let _ = writeln!(text, "  {place}  {}  {}", finding.confidence.name(), finding.rule);
    let source = finding.password.filter(|_| finding.rule != "literal-password");
    let password = source.map(|source| format!("; {}", source.words())).unwrap_or_default();
    let _ = writeln!(text, "      {}{password}", finding.title);
    // Who doubts it looks there first.
    if finding.confidence != Confidence::High && !finding.evidence.is_empty() && source.is_some() {
        let _ = writeln!(text, "      because of: {}", finding.evidence.join("; "));
    }
    if finding.rule == "literal-password" {
        if let Some(replacement) = &finding.replacement {
            let _ = writeln!(text, "      {}", replacement.first_step);
        }
    } else if let Some(call) = finding.replacement.as_ref().and_then(|replacement| replacement.call.as_ref()) {
        let _ = writeln!(text, "      instead: {call}");
    }
}

/// What was found and what was left out, in a few lines.
#[must_use]
pub fn summary(report: &Report) -> String {
    let open = |confidence| report.findings().filter(|found| found.open() && found.confidence == confidence).count();
    let by_confidence: Vec<String> = [Confidence::High, Confidence::Medium, Confidence::Low]
        .into_iter()
        .map(|confidence| (open(confidence), confidence.name()))
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} {name}"))
        .collect();
    let total = report.open(Confidence::Low);
    let applications = report.applications.iter().filter(|found| found.findings.iter().any(Finding::open)).count();
    let mut text = match total {
        0 => "no findings".to_owned(),
        _ => format!(
            "{} ({}) in {}",
            counted(total as u64, "finding"),
            by_confidence.join(", "),
            counted(applications as u64, "application")
        ),
    };
    let suppressed = report.findings().filter(|finding| finding.suppressed.is_some()).count();
    let known = report.findings().filter(|finding| finding.known && finding.suppressed.is_none()).count();
    for (count, what) in
        [(suppressed as u64, "suppressed"), (known as u64, "of the baseline"), (report.gone, "of the baseline gone")]
    {
        if count > 0 {
            let _ = write!(text, "; {count} {what}");
        }
    }
    let _ = write!(text, "\n{} searched", counted(report.files, "file"));
    let skipped: Vec<String> = report.skipped.iter().map(|(skip, count)| format!("{count} {}", skip.words())).collect();
    if !skipped.is_empty() {
        let _ = write!(text, "; not searched: {}", skipped.join(", "));
    }
    if report.read_as_windows1252 > 0 {
        let _ = write!(text, "; {} read as Windows-1252", report.read_as_windows1252);
    }
    text.push('\n');
    for (skip, path) in report.skipped_examples.iter().filter(|(skip, _)| *skip == Skip::Unreadable) {
        let _ = writeln!(text, "  {}: {path}", skip.words());
    }
    if report.uncorroborated > 0 {
        let _ = writeln!(
            text,
            "{} without a sign that they are Entra's left out; --uncorroborated shows them",
            counted(report.uncorroborated, "password grant")
        );
    }
    if report.other_provider > 0 {
        let _ = writeln!(
            text,
            "{} of another identity provider left out",
            counted(report.other_provider, "password grant")
        );
    }
    text
}

fn counted(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
