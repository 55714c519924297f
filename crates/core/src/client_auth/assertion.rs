//! Client assertions: JWTs by which a client proves itself (RFC 7523 §2.2).
//!
//! One that the client signed itself has its `appId` as `iss` and `sub` and is checked with its registered certificates
//! (<https://learn.microsoft.com/entra/identity-platform/certificate-credentials>); any other is an outside issuer's
//! ([`federated`](super::federated)). A `jti` may come again until `exp`:
//! clients send one assertion for minutes (MSAL for Python), so Entra must take it (inferred).

use serde_json::Value;

use super::Occasion;
use super::audience;
use super::certificate::{HoldingKey, Thumbprint};
use crate::directory::Application;
use crate::error::Denial;
use crate::ids::AppId;
use crate::time::{TenantTime, WallTime};
use crate::token::{RsaAlgorithm, UnverifiedJws};

/// An assertion that is well formed. Nothing it says is proven yet.
#[derive(Debug, Clone)]
pub(super) struct Assertion {
    pub(super) jws: UnverifiedJws,
    pub(super) issuer: String,
    pub(super) subject: String,
    pub(super) audience: String,
    not_before: WallTime,
    expires: WallTime,
}

impl Assertion {
    /// AADSTS50027 for what is no JWT, 5002727 for another `typ`, 90014 for a missing claim, 5002741 for two audiences.
    pub(super) fn parse(text: &str) -> Result<Self, Denial> {
        let jws = UnverifiedJws::parse(text).map_err(|_| malformed())?;
        let typ = jws.header.get("typ").map(|typ| typ.as_str().unwrap_or_default());
        if typ.is_some_and(|typ| !typ.eq_ignore_ascii_case("JWT") && typ != "http://openid.net/specs/jwt/1.0") {
            return Err(Denial::new(5002727));
        }
        Ok(Self {
            issuer: text_claim(&jws, "iss")?.to_owned(),
            subject: text_claim(&jws, "sub")?.to_owned(),
            audience: audience_claim(&jws)?.to_owned(),
            not_before: time_claim(&jws, "nbf")?,
            expires: time_claim(&jws, "exp")?,
            jws,
        })
    }

    /// Checks an assertion that the client made itself. The order is inferred: whose it is, then its key, then its
    /// signature, and only then what the signature covers.
    pub(super) fn check_own(&self, client: &Application, occasion: &Occasion<'_>) -> Result<(), Denial> {
        if self.subject != self.issuer {
            return Err(Denial::new(50048));
        }
        if !self.issuer.eq_ignore_ascii_case(&client.app_id.to_string()) {
            return Err(Denial::new(700021));
        }
        self.check_signature(client, occasion.now)?;
        if !audience::is_ours(&self.audience, occasion.tenant, occasion.origins) {
            return Err(Denial::new(700023));
        }
        self.check_time(occasion.wall)
    }

    fn check_signature(&self, client: &Application, now: TenantTime) -> Result<(), Denial> {
        let thumbprint = Thumbprint::read(&self.jws).ok_or_else(|| Denial::new(5002723))?;
        let algorithm = match self.jws.header("alg") {
            Some("RS256") => RsaAlgorithm::Rs256,
            Some("PS256") => RsaAlgorithm::Ps256,
            other => return Err(unsupported_algorithm(other, "RS256,PS256")),
        };
        let refused = |reason, found| Err(invalid_signature(client.app_id, reason, thumbprint.shown(), Some(found)));
        let of_thumbprint = client.key_credentials.iter().filter(|key| thumbprint.is_of(key.certificate_der.read()));
        let keys = of_thumbprint.map(|key| HoldingKey::of(key, algorithm)).collect::<Option<Vec<_>>>();
        let keys = keys.ok_or_else(|| Denial::new(5002730))?;
        let Some(first) = keys.first() else {
            return Err(key_refused(client.app_id, NOT_REGISTERED, "The key was not found.", thumbprint.shown(), None));
        };
        let holds = |key: &&HoldingKey<'_>| key.start <= now && now < key.end;
        let Some(key) = keys.iter().find(holds) else {
            let reason = if now < first.start { "The key used is not yet valid." } else { "The key used is expired." };
            return refused(reason, first);
        };
        if !key.public_key.verifies(self.jws.message.as_bytes(), &self.jws.signature) {
            let reason = "The provided signature value did not match the expected signature value.";
            return refused(reason, key);
        }
        Ok(())
    }

    /// `nbf` may be missing, and Entra sets no limit to `exp` (documented).
    pub(super) fn check_time(&self, now: WallTime) -> Result<(), Denial> {
        let begun = self.not_before <= now.plus_seconds(CLOCK_SKEW_SECONDS);
        let expired = self.expires.plus_seconds(CLOCK_SKEW_SECONDS) <= now;
        if begun && !expired {
            return Ok(());
        }
        Err(Denial::new(700024)
            .with("now", ticks(now))
            .with("notBefore", ticks(self.not_before))
            .with("expires", ticks(self.expires)))
    }
}

/// AADSTS5002738.
pub(super) fn unsupported_algorithm(algorithm: Option<&str>, supported: &'static str) -> Denial {
    Denial::new(5002738).with("algorithm", algorithm.unwrap_or_default()).with("supported", supported)
}

/// AADSTS700027 for a key that is known or looked for under this name.
pub(super) fn invalid_signature(
    client: AppId,
    reason: &'static str,
    thumbprint: &str,
    found: Option<&HoldingKey<'_>>,
) -> Denial {
    key_refused(client, "Client assertion contains an invalid signature.", reason, thumbprint, found)
}

fn malformed() -> Denial {
    Denial::new(50027)
}

fn text_claim<'j>(jws: &'j UnverifiedJws, name: &'static str) -> Result<&'j str, Denial> {
    match jws.claims.get(name) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text),
        None | Some(Value::Null | Value::String(_)) => Err(Denial::new(90014).with("name", name)),
        Some(_) => Err(malformed()),
    }
}

fn audience_claim(jws: &UnverifiedJws) -> Result<&str, Denial> {
    match jws.claims.get("aud") {
        Some(Value::Array(audiences)) => match audiences.as_slice() {
            [Value::String(audience)] => Ok(audience),
            [] => Err(Denial::new(90014).with("name", "aud")),
            [_] => Err(malformed()),
            several => Err(Denial::new(5002741).with("count", several.len())),
        },
        _ => text_claim(jws, "aud"),
    }
}

/// A NumericDate, which may have a fraction (RFC 7519 §2; MSAL for Python sends one). A missing one is the epoch, as
/// Entra's own error text shows it.
fn time_claim(jws: &UnverifiedJws, name: &str) -> Result<WallTime, Denial> {
    match jws.claims.get(name) {
        None | Some(Value::Null) => Ok(WallTime(0)),
        Some(value) => {
            let seconds = value.as_f64().ok_or_else(malformed)?;
            // The conversion saturates: the end of time is as good as any moment behind it.
            Ok(WallTime((seconds * 1000.0) as i64))
        }
    }
}

fn key_refused(
    app_id: AppId,
    problem: &'static str,
    reason: &'static str,
    thumbprint: &str,
    found: Option<&HoldingKey<'_>>,
) -> Denial {
    let found =
        found.map_or_else(String::new, |key| format!(" Found key 'Start={}, End={}',", date(key.start), date(key.end)));
    Denial::new(700027)
        .with("problem", problem)
        .with("reason", reason)
        .with("thumbprint", thumbprint)
        .with("foundKey", found)
        .with("appId", app_id)
        .with("application", app_id)
}

/// `2026-11-25T08:00:00.2500000Z`, to the tenth of a microsecond.
fn ticks(moment: WallTime) -> String {
    let seconds = moment.to_rfc3339();
    format!("{}.{:03}0000Z", seconds.trim_end_matches('Z'), moment.0.rem_euclid(1000))
}

/// `11/25/2026 08:00:00`.
fn date(moment: TenantTime) -> String {
    let text = moment.to_rfc3339();
    let (date, time) = text.trim_end_matches('Z').split_once('T').unwrap_or_default();
    let mut parts = date.rsplitn(3, '-');
    let (day, month, year) = (parts.next(), parts.next(), parts.next());
    format!("{}/{}/{} {time}", month.unwrap_or_default(), day.unwrap_or_default(), year.unwrap_or_default())
}

/// How far the clocks of client and server may be apart.
const CLOCK_SKEW_SECONDS: i64 = 5 * 60;
const NOT_REGISTERED: &str =
    "The certificate with identifier used to sign the client assertion is not registered on application.";
