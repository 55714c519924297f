use serde_json::Value;

use super::ClientProof;
use super::assertion::{Assertion, invalid_signature, unsupported_algorithm};
use crate::directory::{Application, FederatedIdentityCredential};
use crate::error::Denial;
use crate::ids::AppId;
use crate::time::WallTime;
use crate::token::VerifyingKey;

/// A token of an outside issuer, sent as an assertion, that one of the application's federated credentials names
/// (<https://learn.microsoft.com/entra/workload-id/workload-identity-federation>). Whether the issuer signed it is still
/// to be checked: its keys have to be fetched first, and only an issuer that is named is ever asked.
#[derive(Debug, Clone)]
pub struct FederatedAssertion {
    assertion: Assertion,
    client: AppId,
    key_id: String,
}

impl FederatedAssertion {
    /// An assertion whose `iss` is a URL is an outside issuer's.
    pub(super) fn is_one(assertion: &Assertion) -> bool {
        assertion.issuer.contains("://")
    }

    /// Finds the credential that names this token: AADSTS70021 where the application has none at all, 700211, 700212 and
    /// 700213 for the first of issuer, audience and subject that none has (their order is inferred), 7002138 for a subject
    /// in another case.
    pub(super) fn find(assertion: Assertion, client: &Application) -> Result<Self, Denial> {
        matching(&assertion, &client.federated_identity_credentials)?;
        let key_id = assertion.jws.header("kid").ok_or_else(|| Denial::new(5002723))?.to_owned();
        if assertion.jws.header("alg") != Some("RS256") {
            return Err(unsupported_algorithm(assertion.jws.header("alg"), "RS256"));
        }
        Ok(Self { key_id, client: client.app_id, assertion })
    }

    /// The `iss`, as the tenant's credential has it.
    pub fn issuer(&self) -> &str {
        &self.assertion.issuer
    }

    /// The `kid` that must be among the issuer's keys.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// Checks signature and time. Of another Entra tenant, only a token that an application got for itself is taken
    /// (AADSTS700229).
    pub fn check(&self, keys: &[VerifyingKey], now: WallTime) -> Result<ClientProof, Denial> {
        let refused = |reason| invalid_signature(self.client, reason, &self.key_id, None);
        let jws = &self.assertion.jws;
        let Some(key) = keys.iter().find(|key| key.key_id() == self.key_id) else {
            return Err(refused("The key was not found."));
        };
        if !key.verifies(jws.message.as_bytes(), &jws.signature) {
            return Err(refused("The provided signature value did not match the expected signature value."));
        }
        self.assertion.check_time(now)?;
        if self.is_of_entra() && !self.is_app_only() {
            return Err(Denial::new(700229));
        }
        Ok(ClientProof::Certificate)
    }

    fn is_of_entra(&self) -> bool {
        let tenant = self.claim("tid").unwrap_or_default();
        let of_v2 = self.issuer().strip_suffix("/v2.0").unwrap_or(self.issuer());
        !tenant.is_empty() && of_v2.trim_end_matches('/').ends_with(&format!("/{tenant}"))
    }

    /// An application's own token has its service principal as `oid` and `sub`, a user's has a pairwise `sub`.
    fn is_app_only(&self) -> bool {
        self.claim("oid") == Some(&self.assertion.subject) && self.claim("scp").is_none()
    }

    fn claim(&self, name: &str) -> Option<&str> {
        self.assertion.jws.claims.get(name).and_then(Value::as_str)
    }
}

fn matching(assertion: &Assertion, credentials: &[FederatedIdentityCredential]) -> Result<(), Denial> {
    let Assertion { issuer, subject, audience, .. } = assertion;
    if credentials.is_empty() {
        return Err(Denial::new(70021).with("issuer", issuer).with("subject", subject).with("audience", audience));
    }
    let of_issuer: Vec<_> = credentials.iter().filter(|credential| credential.issuer == *issuer).collect();
    if of_issuer.is_empty() {
        return Err(Denial::new(700211).with("issuer", issuer));
    }
    let for_audience: Vec<_> =
        of_issuer.into_iter().filter(|credential| credential.audiences.contains(audience)).collect();
    if for_audience.is_empty() {
        return Err(Denial::new(700212).with("audience", audience));
    }
    if for_audience.iter().any(|credential| credential.subject == *subject) {
        return Ok(());
    }
    if for_audience.iter().any(|credential| credential.subject.eq_ignore_ascii_case(subject)) {
        return Err(Denial::new(7002138).with("subject", subject));
    }
    Err(Denial::new(700213).with("subject", subject))
}
