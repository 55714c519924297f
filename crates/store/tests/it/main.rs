//! The store through its own door, every sentence in memory and in a directory.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]
#![allow(missing_docs, reason = "tests are named as sentences")]

mod consents;
mod copy;
mod documents;
mod durability;
mod fixtures;
mod import;
mod keys;
mod lockout;
mod redeemed;
mod sign_ins;
mod users;
mod writes;
