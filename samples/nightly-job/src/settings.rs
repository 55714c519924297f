use std::env;
use std::path::PathBuf;

use anyhow::{Context, anyhow};
use openidconnect::{ClientSecret, ResourceOwnerPassword};

use crate::failure::Failure;
use crate::sealed::StoreKey;
use crate::store::GrantStore;
use crate::ways::Api;

/// All that differs between a test tenant and the real one. What is secret in here shows in no `Debug`.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The tenant's issuer; its OpenID configuration is below it and says the rest. It has the tenant's *id* in it.
    pub issuer_url: String,
    /// A PEM file of certificate authorities to trust besides the system's when talking to the platform.
    pub ca_file: Option<PathBuf>,
    /// The job's application id.
    pub client_id: String,
    /// The job's own secret.
    pub client_secret: ClientSecret,
    /// Whom the job acts for by password. A refresh token belongs to whoever authorised.
    pub user: String,
    /// That user's password.
    pub password: ResourceOwnerPassword,
    /// Where the refresh token is kept. The folder is made when it is missing.
    pub store_file: PathBuf,
    /// What the refresh token is encrypted with; needed for nothing else.
    pub store_key: Option<StoreKey>,
    /// The identifier URI of the Employee API.
    pub employee_api_uri: String,
    /// Where the Employee API lists the employees.
    pub employees_url: String,
    /// The identifier URI of the Timesheet API.
    pub timesheet_api_uri: String,
    /// Where the Timesheet API takes time sheets.
    pub timesheets_url: String,
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
            client_id: "e0a91000-0000-4000-8000-00000000000f".to_owned(),
            client_secret: ClientSecret::new("nightly-job-secret".to_owned()),
            user: "cloud@alpine.test".to_owned(),
            password: ResourceOwnerPassword::new("Summit-2042".to_owned()),
            store_file: PathBuf::from("nightly-job/grant.json"),
            store_key: None,
            employee_api_uri: "api://employees.alpine.test".to_owned(),
            employees_url: "http://localhost:5001/api/employees".to_owned(),
            timesheet_api_uri: "api://timesheets.alpine.test".to_owned(),
            timesheets_url: "http://localhost:5001/api/timesheets".to_owned(),
        }
    }

    /// Reads the settings from the environment; README.md documents names and defaults. An empty variable counts as
    /// unset.
    ///
    /// # Errors
    /// The key is none, or there is no folder for the store.
    pub fn from_env() -> anyhow::Result<Self> {
        let or = |name, default: &str| variable(name).unwrap_or_else(|| default.to_owned());
        let authority = or("AZURE_AUTHORITY_HOST", "https://localhost:8443");
        let tenant = or("AZURE_TENANT_ID", "5e1f0a00-0000-4000-8000-000000000001");
        let defaults = Self::for_tenant(&authority, &tenant);
        let key = variable("NIGHTLY_JOB_STORE_KEY").map(|key| StoreKey::from_base64(&key));
        Ok(Self {
            ca_file: variable("ENTRA_CA_FILE").or_else(|| variable("SSL_CERT_FILE")).map(PathBuf::from),
            client_id: or("NIGHTLY_JOB_CLIENT_ID", &defaults.client_id),
            client_secret: variable("NIGHTLY_JOB_CLIENT_SECRET").map_or(defaults.client_secret, ClientSecret::new),
            user: or("NIGHTLY_JOB_USER", &defaults.user),
            password: variable("NIGHTLY_JOB_PASSWORD").map_or(defaults.password, ResourceOwnerPassword::new),
            store_file: match variable("NIGHTLY_JOB_STORE") {
                Some(file) => PathBuf::from(file),
                None => state_folder()?.join(&defaults.store_file),
            },
            store_key: key.transpose().context("NIGHTLY_JOB_STORE_KEY is no key")?,
            employee_api_uri: or("EMPLOYEE_API_URI", &defaults.employee_api_uri),
            employees_url: or("EMPLOYEES_URL", &defaults.employees_url),
            timesheet_api_uri: or("TIMESHEET_API_URI", &defaults.timesheet_api_uri),
            timesheets_url: or("TIMESHEETS_URL", &defaults.timesheets_url),
            issuer_url: defaults.issuer_url,
        })
    }

    /// What a user permits the job at this API, and no more.
    pub(crate) fn scope(&self, api: Api) -> String {
        match api {
            Api::Timesheets => format!("{}/Timesheets.Submit", self.timesheet_api_uri),
            Api::Employees => format!("{}/Employees.Read", self.employee_api_uri),
        }
    }

    /// All that an administrator permitted the job itself: an application cannot ask for a part of it.
    pub(crate) fn default_scope(&self, api: Api) -> String {
        match api {
            Api::Timesheets => format!("{}/.default", self.timesheet_api_uri),
            Api::Employees => format!("{}/.default", self.employee_api_uri),
        }
    }

    pub(crate) fn store(&self) -> Result<GrantStore, Failure> {
        let key = self.store_key.clone().ok_or_else(|| {
            let why = "NIGHTLY_JOB_STORE_KEY is not set: the refresh token is kept encrypted, and this is the key, 32 \
                random bytes in base64 (`openssl rand -base64 32`)";
            Failure::settings(anyhow!(why))
        })?;
        Ok(GrantStore::new(self.store_file.clone(), key))
    }
}

/// Where a program keeps what it must not lose and nobody else wants (XDG Base Directory Specification).
fn state_folder() -> anyhow::Result<PathBuf> {
    let home =
        || variable("HOME").or_else(|| variable("USERPROFILE")).map(|home| PathBuf::from(home).join(".local/state"));
    let folder = variable("XDG_STATE_HOME").map(PathBuf::from).or_else(home);
    folder.context("there is no home directory for the store; NIGHTLY_JOB_STORE names a file")
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}
