package clients

// The sample tenant's cast, as `ropeway tenant show` prints it.
const (
	tenant   = "5e1f0a00-0000-4000-8000-000000000001"
	password = "Summit-2042"

	employeeAPI        = "e0a91000-0000-4000-8000-00000000000a"
	legacyPortal       = "e0a91000-0000-4000-8000-00000000000b"
	legacyPortalSecret = "legacy-portal-secret"
	legacyTool         = "e0a91000-0000-4000-8000-00000000000c"
	nightlyJob         = "e0a91000-0000-4000-8000-00000000000f"
	nightlyJobSecret   = "nightly-job-secret"
)

var (
	defaultScope = []string{"api://employees.alpine.test/.default"}
	read         = []string{"api://employees.alpine.test/Employees.Read"}
	// Only an administrator can consent to it, and none did.
	write = []string{"api://employees.alpine.test/Employees.ReadWrite.All"}
)
