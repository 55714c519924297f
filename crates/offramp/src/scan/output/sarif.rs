//! SARIF 2.1.0, for code scanning services.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::scan::baseline::FINGERPRINT;
use crate::scan::finding::{Confidence, Finding, Report};

/// The report as a SARIF log of one run.
#[must_use]
pub fn sarif(report: &Report) -> Value {
    let mut rules: BTreeMap<&str, &Finding> = BTreeMap::new();
    for finding in report.findings() {
        rules.entry(&finding.rule).or_insert(finding);
    }
    let numbers: BTreeMap<&str, usize> = rules.keys().enumerate().map(|(number, rule)| (*rule, number)).collect();
    let results: Vec<Value> = report.findings().map(|finding| result(finding, &numbers, report.compared)).collect();
    let notifications: Vec<Value> = report
        .skipped_examples
        .iter()
        .map(|(skip, path)| {
            json!({
                "level": "note",
                "message": {"text": format!("not searched: {}", skip.words())},
                "locations": [{"physicalLocation": {"artifactLocation": artifact(path)}}],
            })
        })
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "ropeway scan",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.values().map(|finding| descriptor(finding)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "where the scan was started"}}},
            "invocations": [{"executionSuccessful": true, "toolExecutionNotifications": notifications}],
            "results": results,
        }],
    })
}

fn descriptor(finding: &Finding) -> Value {
    let first_step = finding.replacement.as_ref().map(|replacement| replacement.first_step.as_str());
    let help = [Some(finding.why.as_str()), first_step].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let link = finding.replacement.as_ref().map(|replacement| format!("\n\nRead: `{}`", replacement.link));
    json!({
        "id": finding.rule,
        "shortDescription": {"text": finding.title},
        "fullDescription": {"text": finding.why},
        "help": {"text": help, "markdown": format!("{help}{}", link.unwrap_or_default())},
        "properties": {
            "tags": ["security", "authentication", "external/cwe/cwe-522"],
            "security-severity": if finding.rule == "literal-password" { "8.0" } else { "6.0" },
        },
    })
}

fn result(finding: &Finding, numbers: &BTreeMap<&str, usize>, compared: bool) -> Value {
    let password = finding.password.map(|source| format!("; {}", source.words())).unwrap_or_default();
    let instead = finding.replacement.as_ref().map(|replacement| {
        let call = replacement.call.as_ref().map(|call| format!(" ({call})")).unwrap_or_default();
        format!(". Replace with: {}{call}. First step: {}", replacement.flow, replacement.first_step)
    });
    let mut result = json!({
        "ruleId": finding.rule,
        "ruleIndex": numbers.get(finding.rule.as_str()),
        "level": level(finding.confidence),
        "message": {"text": format!("{}{password}{}", finding.title, instead.unwrap_or_default())},
        "locations": [{"physicalLocation": {
            "artifactLocation": artifact(&finding.path),
            "region": {"startLine": finding.line, "startColumn": finding.column},
        }}],
        "partialFingerprints": {FINGERPRINT: finding.fingerprint},
        "properties": {"confidence": finding.confidence.name(), "kind": finding.kind, "password": finding.password, "evidence": finding.evidence},
    });
    if compared {
        result["baselineState"] = json!(if finding.known { "unchanged" } else { "new" });
    }
    if let Some(reason) = &finding.suppressed {
        result["suppressions"] = json!([{"kind": "inSource", "justification": reason}]);
    }
    result
}

fn level(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::High => "error",
        Confidence::Medium => "warning",
        Confidence::Low => "note",
    }
}

/// A path within the scanned tree is relative to it; one outside is a URI of its own.
fn artifact(path: &str) -> Value {
    let escaped: String = path.bytes().map(escaped).collect();
    match path.starts_with('/') {
        true => json!({"uri": format!("file://{escaped}")}),
        false => json!({"uri": escaped, "uriBaseId": "%SRCROOT%"}),
    }
}

fn escaped(byte: u8) -> String {
    match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    }
}
