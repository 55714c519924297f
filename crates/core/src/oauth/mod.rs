//! The wire, parsed once: forms, authorization and token requests, scopes, and the documents that clients discover us by.

pub mod authorize;
pub mod claims_request;
pub mod client_credential;
pub mod discovery;
pub mod domain_hint;
pub mod form;
pub mod pkce;
pub mod redirect_uri;
pub mod scope;
pub mod tenant_segment;
pub mod token;
pub mod user_realm;
