//! One file per grant: from the request to the decision.

pub(crate) mod authorization_code;
pub(crate) mod client_credentials;
pub(crate) mod device_code;
pub(crate) mod password;
pub(crate) mod refresh_token;

use ropeway_core::policy::refresh_lifetime::Remembered;
use ropeway_core::signin::Proofs;
use ropeway_core::token::Authorization;

/// What the person proved on the page when they allowed this.
fn proofs_of(authorization: &Authorization, confidential_client: bool) -> Proofs {
    Proofs::Remembered(Remembered {
        issued_at: authorization.issued_at,
        password_at: authorization.proofs.password_at,
        second_factor_at: authorization.proofs.mfa_at,
        confidential_client,
        single_page_since: None,
    })
}
