#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail by panicking")]

use super::*;
use crate::directory::sample;

fn nothing_set(_: &str) -> Option<String> {
    None
}

#[test]
fn the_sample_is_read_without_a_fault_and_says_nothing_in_vain() {
    let file = read(sample::FILE, "sample.yaml", &nothing_set).unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(file.without_effect, []);
    assert_eq!(file.directory.tenants.len(), 3);
}
