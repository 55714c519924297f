//! One file per grant: from the request to the decision.

pub(crate) mod authorization_code;
pub(crate) mod client_credentials;
pub(crate) mod device_code;
pub(crate) mod password;
mod redemption;
pub(crate) mod refresh_token;
