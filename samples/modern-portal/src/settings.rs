use std::env;
use std::path::PathBuf;
use std::time::Duration;

use openidconnect::ClientSecret;

/// All that differs between a test tenant and the real one.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The tenant's issuer; its OpenID configuration is below it and says the rest. It has the tenant's *id* in it.
    pub issuer_url: String,
    /// A PEM file of certificate authorities to trust besides the system's when talking to the platform.
    pub ca_file: Option<PathBuf>,
    /// The portal's application id.
    pub client_id: String,
    /// The portal's own secret.
    pub client_secret: ClientSecret,
    /// Where the platform sends the browser back to, as registered. Its path is `/signin-oidc`.
    pub redirect_uri: String,
    /// The identifier URI of the Employee API.
    pub api_uri: String,
    /// Where the Employee API lists the employees.
    pub employees_url: String,
    /// How long, and how many, of the portal's own sessions are kept.
    pub sessions: SessionLimits,
    /// The same for sign-ins that were begun. The page may ask for much, such as setting up a second factor.
    pub attempts: SessionLimits,
}

/// Bounds of what is kept in memory.
#[derive(Debug, Clone, Copy)]
pub struct SessionLimits {
    /// Nothing is kept longer.
    pub lifetime: Duration,
    /// One more drops the oldest.
    pub at_most: usize,
}

impl Settings {
    /// The sample tenant's settings, for the platform at `authority` (`https://localhost:8443`) and one of its tenants,
    /// by id. An authority without a scheme means `https`, as in the Azure SDKs.
    pub fn for_tenant(authority: &str, tenant: &str) -> Self {
        let authority = authority.trim_end_matches('/');
        let scheme = if authority.contains("://") { "" } else { "https://" };
        Self {
            issuer_url: format!("{scheme}{authority}/{tenant}/v2.0"),
            ca_file: None,
            client_id: "e0a91000-0000-4000-8000-00000000000d".to_owned(),
            client_secret: ClientSecret::new("modern-portal-secret".to_owned()),
            redirect_uri: "http://localhost:5003/signin-oidc".to_owned(),
            api_uri: "api://employees.alpine.test".to_owned(),
            employees_url: "http://localhost:5001/api/employees".to_owned(),
            sessions: SessionLimits { lifetime: Duration::from_hours(8), at_most: 1000 },
            attempts: SessionLimits { lifetime: Duration::from_mins(30), at_most: 1000 },
        }
    }

    /// Reads the settings from the environment; README.md documents names and defaults. An empty variable counts as
    /// unset.
    pub fn from_env() -> Self {
        let or = |name, default: &str| variable(name).unwrap_or_else(|| default.to_owned());
        let authority = or("AZURE_AUTHORITY_HOST", "https://localhost:8443");
        let tenant = or("AZURE_TENANT_ID", "5e1f0a00-0000-4000-8000-000000000001");
        let defaults = Self::for_tenant(&authority, &tenant);
        let secret = variable("MODERN_PORTAL_CLIENT_SECRET").map(ClientSecret::new);
        Self {
            ca_file: variable("ENTRA_CA_FILE").or_else(|| variable("SSL_CERT_FILE")).map(PathBuf::from),
            client_id: or("MODERN_PORTAL_CLIENT_ID", &defaults.client_id),
            client_secret: secret.unwrap_or(defaults.client_secret),
            redirect_uri: or("MODERN_PORTAL_REDIRECT_URI", &defaults.redirect_uri),
            api_uri: or("EMPLOYEE_API_URI", &defaults.api_uri),
            employees_url: or("EMPLOYEES_URL", &defaults.employees_url),
            issuer_url: defaults.issuer_url,
            sessions: defaults.sessions,
            attempts: defaults.attempts,
        }
    }
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}
