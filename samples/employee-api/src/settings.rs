use std::env;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::ensure;

/// All that differs between a test tenant and the real one.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The OpenID configuration document of the tenant (OpenID Connect Discovery 1.0 §4). It must be one tenant's, not
    /// that of `common`: its `issuer` is compared with the token's letter by letter.
    pub metadata_url: String,
    /// A PEM file of certificate authorities to trust besides the system's when talking to the provider.
    pub ca_file: Option<PathBuf>,
    /// The registration that guards `/api/employees`.
    pub employee_api: ApiRegistration,
    /// The registration that guards `/api/timesheets`.
    pub timesheet_api: ApiRegistration,
    /// The one browser origin that may call these APIs, without a trailing slash.
    pub cors_origin: String,
    /// When the provider's keys are read again.
    pub key_refresh: KeyRefresh,
}

/// An API as it is registered in the directory.
#[derive(Debug, Clone)]
pub struct ApiRegistration {
    /// The application id: the `aud` of v2.0 access tokens.
    pub app_id: String,
    /// The identifier URI, in front of a scope's name when a client asks for it.
    pub identifier_uri: String,
}

/// When the provider's keys are read again.
#[derive(Debug, Clone, Copy)]
pub struct KeyRefresh {
    /// The age at which the keys are read anew even if nothing seems to be missing.
    pub max_age: Duration,
    /// How long no unknown key id is looked up after one that the provider did not have either. Anybody can send a
    /// made-up key id; this keeps them from making us hammer the provider.
    pub pause_after_unknown_key: Duration,
    /// How long the provider is left alone after it failed to answer.
    pub pause_after_failure: Duration,
}

impl Settings {
    /// The sample tenant's settings, for the provider at `authority` (`https://localhost:8443`) and one of its tenants.
    /// An authority without a scheme means `https`, as in the Azure SDKs.
    pub fn for_tenant(authority: &str, tenant: &str) -> Self {
        let authority = authority.trim_end_matches('/');
        let scheme = if authority.contains("://") { "" } else { "https://" };
        Self {
            metadata_url: format!("{scheme}{authority}/{tenant}/v2.0/.well-known/openid-configuration"),
            ca_file: None,
            employee_api: ApiRegistration {
                app_id: "e0a91000-0000-4000-8000-00000000000a".to_owned(),
                identifier_uri: "api://employees.alpine.test".to_owned(),
            },
            timesheet_api: ApiRegistration {
                app_id: "e0a91000-0000-4000-8000-000000000012".to_owned(),
                identifier_uri: "api://timesheets.alpine.test".to_owned(),
            },
            cors_origin: "http://localhost:5004".to_owned(),
            key_refresh: KeyRefresh::default(),
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
            metadata_url: or("ENTRA_METADATA_URL", &defaults.metadata_url),
            ca_file: variable("ENTRA_CA_FILE").or_else(|| variable("SSL_CERT_FILE")).map(PathBuf::from),
            employee_api: ApiRegistration {
                app_id: or("EMPLOYEE_API_APP_ID", &defaults.employee_api.app_id),
                identifier_uri: or("EMPLOYEE_API_URI", &defaults.employee_api.identifier_uri),
            },
            timesheet_api: ApiRegistration {
                app_id: or("TIMESHEET_API_APP_ID", &defaults.timesheet_api.app_id),
                identifier_uri: or("TIMESHEET_API_URI", &defaults.timesheet_api.identifier_uri),
            },
            cors_origin: or("EMPLOYEE_API_CORS_ORIGIN", &defaults.cors_origin),
            key_refresh: defaults.key_refresh,
        }
    }

    /// Refuses at start what would otherwise spoil every answer.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        for api in [&self.employee_api, &self.timesheet_api] {
            ensure!(!api.app_id.is_empty(), "the API {} has no application id", api.identifier_uri);
            // The URI is quoted in WWW-Authenticate, where RFC 6750 §3 allows these characters and no others.
            let fits = |c: char| matches!(c, '\x21' | '\x23'..='\x5b' | '\x5d'..='\x7e');
            ensure!(
                !api.identifier_uri.is_empty() && api.identifier_uri.chars().all(fits),
                "the identifier URI {:?} of API {} is not a URI",
                api.identifier_uri,
                api.app_id
            );
        }
        Ok(())
    }
}

impl Default for KeyRefresh {
    fn default() -> Self {
        Self {
            max_age: Duration::from_hours(6),
            pause_after_unknown_key: Duration::from_secs(30),
            pause_after_failure: Duration::from_secs(1),
        }
    }
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}
