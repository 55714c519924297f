//! Ropeway's HTTP surface, over the pure decisions of `ropeway-core` and the rows of `ropeway-store`.
//!
//! A request enters by [`routes`], is stamped with its [`moment`], and a thin handler in `http/` calls one thing. For the
//! token endpoint that is the spine in `token.rs`: client, load, admit, check, decide, record, issue, the same steps for
//! every grant; what differs between grants is one file each in `grants/`. [`serving`] is the way in from the network.

mod account;
mod admit;
pub mod app;
mod arm;
mod authorize;
mod bearer;
mod browser;
pub mod control;
mod device_authorization;
mod device_pace;
mod facts;
mod grants;
mod graph;
mod http;
mod issue;
mod issuer_keys;
pub mod key_pool;
pub mod keys;
#[doc(hidden)]
pub mod measure;
pub mod moment;
mod outbound;
mod outcome;
mod own_password;
pub mod pages;
mod password_check;
mod record;
pub mod routes;
pub mod serving;
mod sign_in;
mod signin;
mod snapshot;
mod token;
mod upkeep;
mod waiting;
