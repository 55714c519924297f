//! Rust's clients of Entra, unmodified, against the `ropeway` binary: see `tests/it`.
