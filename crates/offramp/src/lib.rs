//! The way off the password grant: where it is in code.
//!
//! [`scan`] is the only part so far. It knows nothing of the server and names no other crate of Ropeway: it reads files
//! and rules, and returns a [`scan::Report`] that [`scan::output`] writes as text, JSON or SARIF. It talks to nobody.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test fails by panicking"))]

pub mod scan;
