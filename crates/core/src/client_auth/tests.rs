#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod certificate;
mod federated;
mod registration;

use super::{Authentication, ClientProof};
use crate::error::Denial;

/// The outcome of a check that needs no outside keys.
fn done(authentication: Result<Authentication, Denial>) -> Result<ClientProof, Denial> {
    authentication.map(|authentication| match authentication {
        Authentication::Done(proof) => proof,
        Authentication::Federated(assertion) => panic!("{assertion:?} is an outside issuer's"),
    })
}
