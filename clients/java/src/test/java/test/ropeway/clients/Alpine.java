package test.ropeway.clients;

import java.util.Set;

/** The sample tenant's cast, as {@code ropeway tenant show} prints it. */
final class Alpine {
    static final String TENANT = "5e1f0a00-0000-4000-8000-000000000001";
    static final String PASSWORD = "Summit-2042";

    static final String EMPLOYEE_API = "e0a91000-0000-4000-8000-00000000000a";
    static final String LEGACY_TOOL = "e0a91000-0000-4000-8000-00000000000c";
    static final String NIGHTLY_JOB = "e0a91000-0000-4000-8000-00000000000f";
    static final String NIGHTLY_JOB_SECRET = "nightly-job-secret";

    static final Set<String> DEFAULT = Set.of("api://employees.alpine.test/.default");
    static final Set<String> READ = Set.of("api://employees.alpine.test/Employees.Read");
    /** Only an administrator can consent to it, and none did. */
    static final Set<String> WRITE = Set.of("api://employees.alpine.test/Employees.ReadWrite.All");

    private Alpine() {}
}
