//! Ropeway's behaviour, through the door its users use: one binary, one file per feature.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod account;
mod arm;
mod authorization_code;
mod authorize;
mod bad_input;
mod claims;
mod client_assertion;
mod client_certificate;
mod clients;
mod consent;
mod control_api;
mod device_code;
mod directory;
mod federated_credential;
mod graph;
mod guards;
mod headers;
mod key_rotation;
mod lockout;
mod metadata;
mod migration;
mod outside_issuer;
mod readme;
mod refresh_token;
mod refusals;
mod revocation;
mod secrets;
mod security;
mod sign_in_page;
mod sign_out;
mod single_page;
mod single_sign_on;
mod tokens;
mod user_table;
mod v1_endpoint;
