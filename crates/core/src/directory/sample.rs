//! The sample tenant: what is served without a tenant file, and what `ropeway tenant init` writes.

use std::sync::OnceLock;

use super::Directory;
use super::file::{self, Faults};

/// The sample's file, commented for a reader.
pub const FILE: &str = include_str!("../../../../tenants/sample.yaml");

/// The password of every sample user who has one.
pub const PASSWORD: &str = "Summit-2042";

/// The sample, read once for each process.
///
/// # Errors
/// None in a build that passed its tests: the sample is a part of the binary.
pub fn directory() -> Result<Directory, Faults> {
    // Tests start many sample tenants in one process.
    static SAMPLE: OnceLock<Result<Directory, Faults>> = OnceLock::new();
    SAMPLE.get_or_init(|| file::read(FILE, "sample.yaml", &|_| None).map(|file| file.directory)).clone()
}
