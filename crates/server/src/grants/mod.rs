//! One file per grant: from the request to the decision.

pub(crate) mod authorization_code;
pub(crate) mod client_credentials;
pub(crate) mod password;
pub(crate) mod refresh_token;
