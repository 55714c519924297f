//! Findings that are known and accepted: the output of an earlier scan.

use std::collections::HashSet;

use serde_json::Value;

use crate::scan::finding::Report;

/// What an earlier scan found.
#[derive(Debug, Clone, Default)]
pub struct Baseline {
    fingerprints: HashSet<String>,
}

/// Why a text is no baseline.
#[derive(Debug, thiserror::Error)]
pub enum BaselineFault {
    /// It is no JSON.
    #[error("it is no JSON: {0}")]
    NotJson(#[from] serde_json::Error),
    /// It is JSON of another kind.
    #[error("it is neither the JSON nor the SARIF output of a scan")]
    NoScan,
}

impl Baseline {
    /// Reads the JSON or the SARIF output of an earlier scan.
    ///
    /// # Errors
    /// When it is neither.
    pub fn read(text: &str) -> Result<Self, BaselineFault> {
        let value: Value = serde_json::from_str(text)?;
        let of_json = |application: &Value| application["findings"].as_array().cloned().unwrap_or_default();
        let of_sarif = |run: &Value| run["results"].as_array().cloned().unwrap_or_default();
        let (findings, fingerprint): (Vec<Value>, fn(&Value) -> &Value) =
            if let Some(applications) = value["applications"].as_array() {
                (applications.iter().flat_map(of_json).collect(), |finding| &finding["fingerprint"])
            } else if let Some(runs) = value["runs"].as_array() {
                (runs.iter().flat_map(of_sarif).collect(), |result| &result["partialFingerprints"][FINGERPRINT])
            } else {
                return Err(BaselineFault::NoScan);
            };
        let fingerprints = findings.iter().filter_map(|finding| Some(fingerprint(finding).as_str()?.to_owned()));
        Ok(Self { fingerprints: fingerprints.collect() })
    }

    /// Marks the findings that it has, and counts those of its own that are gone.
    pub(crate) fn apply(&self, report: &mut Report) {
        let mut seen = HashSet::new();
        for finding in report.applications.iter_mut().flat_map(|application| &mut application.findings) {
            finding.known = self.fingerprints.contains(&finding.fingerprint);
            if finding.known {
                seen.insert(finding.fingerprint.clone());
            }
        }
        report.compared = true;
        report.gone = (self.fingerprints.len() - seen.len()) as u64;
    }
}

/// The name of the fingerprint in SARIF.
pub(crate) const FINGERPRINT: &str = "ropewayFingerprint/v1";
