use std::borrow::Cow;

use serde::Serialize;

/// The rules a decision went through, in order, with what each saw. The portal's "why" and the log read this.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Trace(pub Vec<TraceEntry>);

/// One rule's word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TraceEntry {
    /// The rule.
    pub rule: &'static str,
    /// What it saw, in words for a person. Never a secret.
    pub saw: Cow<'static, str>,
    /// Whether it let the request pass.
    pub verdict: Verdict,
}

/// Whether a rule let the request pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// It did.
    Passed,
    /// It ended the decision.
    Stopped,
}

impl Trace {
    pub(super) fn passed(&mut self, rule: &'static str, saw: impl Into<Cow<'static, str>>) {
        self.0.push(TraceEntry { rule, saw: saw.into(), verdict: Verdict::Passed });
    }

    pub(super) fn stopped(&mut self, rule: &'static str, saw: impl Into<Cow<'static, str>>) {
        self.0.push(TraceEntry { rule, saw: saw.into(), verdict: Verdict::Stopped });
    }

    /// The rule that ended the decision, if one did.
    pub fn stopped_by(&self) -> Option<&TraceEntry> {
        self.0.iter().find(|entry| entry.verdict == Verdict::Stopped)
    }
}
