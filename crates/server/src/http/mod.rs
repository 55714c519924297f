//! One thin file per endpoint: read the request, call one thing, render. No rules here.

pub(crate) mod account;
pub(crate) mod authorize;
mod cross_origin;
pub(crate) mod device_authorization;
pub(crate) mod error_page;
pub(crate) mod exchange;
pub(crate) mod health;
pub(crate) mod instance_discovery;
pub(crate) mod keys;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod metadata;
pub(crate) mod not_found;
pub(crate) mod page;
pub(crate) mod token;
pub(crate) mod user_realm;
