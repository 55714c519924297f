use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::Value;

use super::{Issue, Subject};
use crate::ids::AppId;

/// What a token says, each claim once. Written in Entra's order: `aud iss iat nbf exp` first, the rest in alphabetical order.
#[derive(Debug, Clone, PartialEq)]
pub struct Claims(Vec<(&'static str, Value)>);

impl Claims {
    /// The value of this claim.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(claim, _)| *claim == name).map(|(_, value)| value)
    }

    /// Says this, too, or instead.
    pub fn add(&mut self, name: &'static str, value: impl Into<Value>) {
        let place = |name| (FIRST.iter().position(|first| *first == name).unwrap_or(FIRST.len()), name);
        let value = value.into();
        let (at, same) = match self.0.binary_search_by_key(&place(name), |(claim, _)| place(claim)) {
            Ok(at) => (at, 1),
            Err(at) => (at, 0),
        };
        self.0.splice(at..at + same, [(name, value)]);
    }

    /// What every token has: audience, issuer, lifetime, tenant, version and the opaque claims.
    pub(super) fn new(issue: &Issue<'_>, audience: &str, issuer: String, version: &'static str, lifetime: u32) -> Self {
        let now = issue.now.unix_seconds();
        let begin = now.saturating_sub(CLOCK_SKEW_SECONDS);
        let mut claims = Self(Vec::with_capacity(MOST));
        claims.add("aud", audience);
        claims.add("iss", issuer);
        claims.add("iat", begin);
        claims.add("nbf", begin);
        claims.add("exp", now.saturating_add(i64::from(lifetime)));
        claims.add("tid", issue.tenant.id.to_string());
        claims.add("ver", version);
        claims.add("aio", aio(issue));
        claims.add("uti", uti(issue.uti));
        claims.add("xms_ftd", URL_SAFE_NO_PAD.encode(&opaque(issue, "xms_ftd")[..48]));
        claims
    }

    /// The handle that a refreshed token inherits, made of tenant and audience as in Entra's tokens.
    pub(super) fn add_rh(&mut self, issue: &Issue<'_>, audience: AppId) {
        let mut handle = vec![1];
        handle.extend_from_slice(&REGION);
        handle.extend_from_slice(&issue.tenant.id.0.to_bytes_le());
        handle.extend_from_slice(&audience.0.to_bytes_le());
        handle.extend_from_slice(&[0, 0, 0]);
        handle.extend_from_slice(&REGION);
        self.add("rh", format!("1.{}.", URL_SAFE_NO_PAD.encode(handle)));
    }

    /// A claim without a value is left out, never empty.
    pub(super) fn add_some(&mut self, name: &'static str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.add(name, value);
        }
    }

    /// A list without elements is left out too.
    pub(super) fn add_list(&mut self, name: &'static str, values: &[String]) {
        if !values.is_empty() {
            self.add(name, values.to_vec());
        }
    }

    pub(super) fn add_scopes(&mut self, scopes: &[String]) {
        self.add_some("scp", (!scopes.is_empty()).then(|| scopes.join(" ")));
    }
}

impl Serialize for Claims {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// 16 bytes of which Entra leaves the last zero.
fn uti(mut bytes: [u8; 16]) -> String {
    bytes[15] = 0;
    URL_SAFE_NO_PAD.encode(bytes)
}

fn aio(issue: &Issue<'_>) -> String {
    let (head, length): (&[u8], usize) = match issue.subject {
        Subject::User(_) => (&[0x01, 0x34, 0x01], 45),
        Subject::App => (&[0x93, 0x66, 0x60], 36),
    };
    STANDARD.encode([head, &opaque(issue, "aio")[..length]].concat())
}

/// SHA-256, not SHA-512: processors have instructions for it.
fn opaque(issue: &Issue<'_>, claim: &str) -> [u8; 64] {
    let mut bytes = [0; 64];
    for (number, half) in (1..).zip(bytes.chunks_exact_mut(32)) {
        half.copy_from_slice(digest(&SHA256, &[issue.uti.as_slice(), claim.as_bytes(), &[number]].concat()).as_ref());
    }
    bytes
}

/// Entra dates its tokens five minutes back, so that a verifier whose clock is late accepts them at once.
pub(super) const CLOCK_SKEW_SECONDS: i64 = 300;
/// Room for all claims of nearly every token.
const MOST: usize = 40;
const FIRST: [&str; 5] = ["aud", "iss", "iat", "nbf", "exp"];
/// Two bytes that differ between Entra's regions; nobody outside reads them.
const REGION: [u8; 2] = [0x41, 0x01];
