// The sample tenant's cast, as `ropeway tenant show` prints it, and where the running server has it.

export const TENANT = "5e1f0a00-0000-4000-8000-000000000001";
export const PASSWORD = "Summit-2042";

export const EMPLOYEE_API = "e0a91000-0000-4000-8000-00000000000a";
export const LEGACY_PORTAL = "e0a91000-0000-4000-8000-00000000000b";
export const LEGACY_PORTAL_SECRET = "legacy-portal-secret";
export const LEGACY_TOOL = "e0a91000-0000-4000-8000-00000000000c";
export const NIGHTLY_JOB = "e0a91000-0000-4000-8000-00000000000f";
export const NIGHTLY_JOB_SECRET = "nightly-job-secret";

export const DEFAULT = ["api://employees.alpine.test/.default"];
export const READ = ["api://employees.alpine.test/Employees.Read"];
// Only an administrator can consent to it, and none did.
export const WRITE = ["api://employees.alpine.test/Employees.ReadWrite.All"];

// Microsoft's own, in every tenant.
export const AZURE_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

export const ORIGIN = process.env.ROPEWAY_ORIGIN;
export const AUTHORITY = `${ORIGIN}/${TENANT}`;
export const MODERN_PORTAL = "e0a91000-0000-4000-8000-00000000000d";
export const MODERN_PORTAL_SECRET = "modern-portal-secret";
export const MODERN_PORTAL_REDIRECT = "http://localhost:5003/signin-oidc";
