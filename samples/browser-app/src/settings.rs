use std::env;
use std::path::PathBuf;

/// All that differs between a test tenant and the real one.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The tenant's authority, as MSAL takes it: `https://localhost:8443/{tenant}`.
    pub authority: String,
    /// The application's id.
    pub client_id: String,
    /// The scope that the Employee API asks for.
    pub scope: String,
    /// Where the Employee API lists the employees. It must allow this application's origin (CORS).
    pub employees_url: String,
    /// The folder `lib` of the npm package `@azure/msal-browser`.
    pub library: PathBuf,
}

impl Settings {
    /// The sample tenant's settings, for the platform at `authority` (`https://localhost:8443`) and one of its tenants.
    /// An authority without a scheme means `https`, as in the Azure SDKs.
    pub fn for_tenant(authority: &str, tenant: &str) -> Self {
        let authority = authority.trim_end_matches('/');
        let scheme = if authority.contains("://") { "" } else { "https://" };
        Self {
            authority: format!("{scheme}{authority}/{tenant}"),
            client_id: "e0a91000-0000-4000-8000-00000000000e".to_owned(),
            scope: "api://employees.alpine.test/Employees.Read".to_owned(),
            employees_url: "http://localhost:5001/api/employees".to_owned(),
            library: PathBuf::from("target/tools/browser-app/node_modules/@azure/msal-browser/lib"),
        }
    }

    /// Reads the settings from the environment; README.md documents names and defaults. An empty variable counts as
    /// unset.
    pub fn from_env() -> Self {
        let or = |name, default: &str| variable(name).unwrap_or_else(|| default.to_owned());
        let authority = or("AZURE_AUTHORITY_HOST", "https://localhost:8443");
        let tenant = or("AZURE_TENANT_ID", "5e1f0a00-0000-4000-8000-000000000001");
        let defaults = Self::for_tenant(&authority, &tenant);
        Self {
            client_id: or("BROWSER_APP_CLIENT_ID", &defaults.client_id),
            scope: or("EMPLOYEE_API_SCOPE", &defaults.scope),
            employees_url: or("EMPLOYEES_URL", &defaults.employees_url),
            library: variable("BROWSER_APP_LIBRARY").map_or(defaults.library, PathBuf::from),
            authority: defaults.authority,
        }
    }
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}
