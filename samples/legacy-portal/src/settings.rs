use std::path::PathBuf;
use std::time::Duration;
use std::{env, fmt};

/// All that differs between a test tenant and the real one.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The tenant's token endpoint, where the password is sent.
    pub token_url: String,
    /// The tenant's OpenID configuration: it names the issuer and the keys of id tokens.
    pub metadata_url: String,
    /// A PEM file of certificate authorities to trust besides the system's when talking to the platform.
    pub ca_file: Option<PathBuf>,
    /// The portal's application id.
    pub client_id: String,
    /// The portal's own secret.
    pub client_secret: ClientSecret,
    /// The identifier URI of the Employee API.
    pub api_uri: String,
    /// Where the Employee API lists the employees.
    pub employees_url: String,
    /// How long, and how many, of the portal's own sessions are kept.
    pub sessions: SessionLimits,
}

/// A secret that is sent and never shown.
#[derive(Clone)]
pub struct ClientSecret(String);

/// Bounds of the sessions in memory.
#[derive(Debug, Clone, Copy)]
pub struct SessionLimits {
    /// No session is older; most end earlier, with their access token.
    pub lifetime: Duration,
    /// One more sign-in ends the oldest session.
    pub at_most: usize,
}

impl Settings {
    /// The sample tenant's settings, for the platform at `authority` (`https://localhost:8443`) and one of its tenants.
    /// An authority without a scheme means `https`, as in the Azure SDKs.
    pub fn for_tenant(authority: &str, tenant: &str) -> Self {
        let authority = authority.trim_end_matches('/');
        let scheme = if authority.contains("://") { "" } else { "https://" };
        Self {
            token_url: format!("{scheme}{authority}/{tenant}/oauth2/v2.0/token"),
            metadata_url: format!("{scheme}{authority}/{tenant}/v2.0/.well-known/openid-configuration"),
            ca_file: None,
            client_id: "e0a91000-0000-4000-8000-00000000000b".to_owned(),
            client_secret: ClientSecret::new("legacy-portal-secret"),
            api_uri: "api://employees.alpine.test".to_owned(),
            employees_url: "http://localhost:5001/api/employees".to_owned(),
            sessions: SessionLimits::default(),
        }
    }

    /// Reads the settings from the environment; README.md documents names and defaults. An empty variable counts as
    /// unset.
    pub fn from_env() -> Self {
        let or = |name, default: &str| variable(name).unwrap_or_else(|| default.to_owned());
        let authority = or("AZURE_AUTHORITY_HOST", "https://localhost:8443");
        let tenant = or("AZURE_TENANT_ID", "5e1f0a00-0000-4000-8000-000000000001");
        let defaults = Self::for_tenant(&authority, &tenant);
        let secret = variable("LEGACY_PORTAL_CLIENT_SECRET").map(|secret| ClientSecret::new(&secret));
        Self {
            ca_file: variable("ENTRA_CA_FILE").or_else(|| variable("SSL_CERT_FILE")).map(PathBuf::from),
            client_id: or("LEGACY_PORTAL_CLIENT_ID", &defaults.client_id),
            client_secret: secret.unwrap_or(defaults.client_secret),
            api_uri: or("EMPLOYEE_API_URI", &defaults.api_uri),
            employees_url: or("EMPLOYEES_URL", &defaults.employees_url),
            token_url: defaults.token_url,
            metadata_url: defaults.metadata_url,
            sessions: defaults.sessions,
        }
    }
}

impl ClientSecret {
    /// Takes the secret.
    pub fn new(secret: &str) -> Self {
        Self(secret.to_owned())
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ClientSecret")
    }
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self { lifetime: Duration::from_hours(8), at_most: 1000 }
    }
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}
