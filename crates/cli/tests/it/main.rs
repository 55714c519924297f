//! The binary, from the outside: what is typed, what comes out where, which exit code.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

mod alpine;
#[cfg(feature = "demo")]
mod browser;
mod client_certificate;
#[cfg(feature = "demo")]
mod demo;
mod device_code;
#[cfg(target_os = "linux")]
mod disk;
mod durability;
mod explain;
mod help;
mod matrix;
#[cfg(feature = "demo")]
mod nightly_job;
#[cfg(feature = "demo")]
mod portals;
mod ropeway;
mod scan;
mod serve;
mod tenant;
mod trust;
mod usage;
