//! The wire, parsed once: forms, token requests, scopes, and the documents that clients discover us by.

pub mod claims_request;
pub mod client_credential;
pub mod discovery;
pub mod form;
pub mod scope;
pub mod tenant_segment;
pub mod token;
pub mod user_realm;
