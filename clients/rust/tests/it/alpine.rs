//! The sample tenant's cast, as `ropeway tenant show` prints it.

pub const TENANT: &str = "5e1f0a00-0000-4000-8000-000000000001";
pub const PASSWORD: &str = "Summit-2042";

pub const LEGACY_PORTAL: &str = "e0a91000-0000-4000-8000-00000000000b";
pub const LEGACY_PORTAL_SECRET: &str = "legacy-portal-secret";
pub const LEGACY_TOOL: &str = "e0a91000-0000-4000-8000-00000000000c";
pub const NIGHTLY_JOB: &str = "e0a91000-0000-4000-8000-00000000000f";
pub const NIGHTLY_JOB_SECRET: &str = "nightly-job-secret";

pub const DEFAULT: &str = "api://employees.alpine.test/.default";
