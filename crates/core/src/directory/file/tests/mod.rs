#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail by panicking")]

mod faults;
mod reading;
mod sample;
mod showing;

use super::*;
use crate::directory::sample as built_in_sample;

/// Three lines of a file that are right; what a test adds begins in line 4.
const ALPINE: &str = "tenants:
- id: 5e1f0a00-0000-4000-8000-000000000001
  verifiedDomains: [{ name: alpine.test }]
";

fn nothing_set(_: &str) -> Option<String> {
    None
}

fn right(text: &str) -> TenantFile {
    read(text, "t.yaml", &nothing_set).unwrap_or_else(|faults| panic!("{faults}"))
}

/// The tenant that [`ALPINE`] and this text describe.
fn alpine(text: &str) -> crate::directory::TenantDirectory {
    right(&format!("{ALPINE}{text}")).directory.tenants.remove(0)
}

fn sample_directory() -> Directory {
    built_in_sample::directory().unwrap_or_else(|faults| panic!("{faults}"))
}
