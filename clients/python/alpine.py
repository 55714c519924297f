"""The sample tenant's cast, as `ropeway tenant show` prints it."""

TENANT = "5e1f0a00-0000-4000-8000-000000000001"
PASSWORD = "Summit-2042"

EMPLOYEE_API = "e0a91000-0000-4000-8000-00000000000a"
LEGACY_PORTAL = "e0a91000-0000-4000-8000-00000000000b"
LEGACY_PORTAL_SECRET = "legacy-portal-secret"
LEGACY_TOOL = "e0a91000-0000-4000-8000-00000000000c"
NIGHTLY_JOB = "e0a91000-0000-4000-8000-00000000000f"
NIGHTLY_JOB_SECRET = "nightly-job-secret"

DEFAULT = ["api://employees.alpine.test/.default"]
READ = ["api://employees.alpine.test/Employees.Read"]
# Only an administrator can consent to it, and none did.
WRITE = ["api://employees.alpine.test/Employees.ReadWrite.All"]
