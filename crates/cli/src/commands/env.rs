//! `ropeway env`.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use ropeway_core::directory::Directory;
use ropeway_server::serving::origin::Origin;
use ropeway_server::serving::ready::Ready;
use serde_json::{Map, Value};

use crate::failure::Failure;
use crate::{output, running, tenant_files};

/// Variables for the running server.
#[derive(Debug, Args)]
#[command(
    after_help = "For a shell: eval \"$(ropeway env)\"\nFor PowerShell: ropeway env --format pwsh | Out-String | Invoke-Expression"
)]
pub(crate) struct Env {
    /// How to write them
    #[arg(long, value_enum, default_value_t = Format::Sh)]
    format: Format,
    /// The server, when several are running
    #[arg(long, value_name = "URL")]
    origin: Option<Origin>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Sh,
    Pwsh,
    Dotenv,
    Json,
}

impl Env {
    /// Prints them.
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let server = running::find(self.origin.as_ref())?;
        let variables = variables(&server, &tenant_files::sample()?);
        output::print(&write(&variables, self.format))?;
        Ok(ExitCode::SUCCESS)
    }
}

fn variables(server: &Ready, sample: &Directory) -> Vec<(&'static str, String)> {
    let mut variables = vec![("AZURE_AUTHORITY_HOST", server.origin.clone())];
    if let Some(tenant) = server.tenants.first() {
        variables.push(("AZURE_TENANT_ID", tenant.tenant_id.to_string()));
        // One set that DefaultAzureCredential takes as it is: the sample's job with its secret. A user's name and password
        // beside it would be passed over.
        let job = sample.tenants.iter().find(|known| known.tenant.id == tenant.tenant_id);
        let job = job.and_then(|known| known.tenant.application(NIGHTLY_JOB.parse().ok()?));
        if let Some((job, secret)) = job.and_then(|job| Some((job, job.password_credentials.first()?))) {
            variables.push(("AZURE_CLIENT_ID", job.app_id.to_string()));
            variables.push(("AZURE_CLIENT_SECRET", secret.secret_text.expose().to_owned()));
        }
    }
    variables.push(("REQUESTS_CA_BUNDLE", server.ca_bundle_file.display().to_string()));
    variables.push(("NODE_EXTRA_CA_CERTS", server.ca_file.display().to_string()));
    variables.push(("CURL_CA_BUNDLE", server.ca_bundle_file.display().to_string()));
    variables.push(("SSL_CERT_FILE", server.ca_bundle_file.display().to_string()));
    variables
}

/// Remarks come last: an `eval` that forgets its quotes runs everything in one line.
fn write(variables: &[(&'static str, String)], format: Format) -> String {
    let mut text = String::new();
    for (name, value) in variables {
        match format {
            Format::Sh => text.push_str(&format!("export {name}='{}'\n", value.replace('\'', "'\\''"))),
            Format::Pwsh => text.push_str(&format!("$env:{name} = '{}'\n", value.replace('\'', "''"))),
            Format::Dotenv => {
                text.push_str(&format!(
                    "{name}=\"{}\"\n",
                    value.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "\\$")
                ));
            }
            Format::Json => {}
        }
    }
    if format == Format::Json {
        let object: Map<String, Value> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str()))).collect();
        return format!("{:#}\n", Value::from(object));
    }
    for remark in REMARKS {
        text.push_str(&format!("# {remark}\n"));
    }
    text
}

/// Nightly job of the sample.
const NIGHTLY_JOB: &str = "e0a91000-0000-4000-8000-00000000000f";

/// No variable turns off the question to login.microsoftonline.com whether an authority exists.
const REMARKS: [&str; 8] = [
    "Microsoft's libraries ask login.microsoftonline.com whether an authority exists; turn that off in code:",
    "MSAL Python: instance_discovery=False; azure-identity for Python: disable_instance_discovery=True",
    "MSAL Node and MSAL Browser: auth.knownAuthorities with host and port; @azure/identity: disableInstanceDiscovery: true",
    "MSAL.NET: WithInstanceDiscovery(false); Azure.Identity for .NET: DisableInstanceDiscovery = true",
    "MSAL Go: WithInstanceDiscovery(false); azidentity for Go: DisableInstanceDiscovery: true",
    "MSAL Java: instanceDiscovery(false); azure-identity for Java: disableInstanceDiscovery(); its CA: -Djavax.net.ssl.trustStore",
    "az: export AZURE_CORE_INSTANCE_DISCOVERY=false; azure_identity for Rust asks nobody",
    "Node reads NODE_EXTRA_CA_CERTS when it starts; aiohttp and httpx want the CA in code, from SSL_CERT_FILE",
];
