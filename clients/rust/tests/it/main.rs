//! azure_identity and openidconnect against a `ropeway serve` with the sample tenant.

mod alpine;
mod azure_identity_credentials;
mod certificate;
mod openid_connect;
mod server;
mod wire;
