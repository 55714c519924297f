//! `ropeway token`.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use clap::{Args, ValueEnum};
use ropeway_core::directory::{Directory, Password, TenantDirectory};
use ropeway_core::error::explain::parse_code;
use ropeway_core::ids::AppId;
use ropeway_core::secret::Secret;
use ropeway_server::serving::origin::Origin;
use ropeway_server::serving::ready::Ready;
use serde_json::Value;

use super::device_code;
use crate::client_certificate::ClientCertificate;
use crate::failure::Failure;
use crate::{environment, https, output, running, tenant_files};

/// A token, as a client would get it.
#[derive(Debug, Args)]
#[command(after_help = "Secrets come from ROPEWAY_PASSWORD, ROPEWAY_CLIENT_SECRET, --password-stdin or a prompt; \
    those of the sample are known. A certificate is registered under the application's keyCredentials.")]
pub(crate) struct Token {
    /// The user who signs in
    #[arg(long, value_name = "UPN")]
    user: Option<String>,
    /// The client application [default: the sample's Legacy tool; for client credentials Nightly job]
    #[arg(long, value_name = "APPID")]
    client: Option<AppId>,
    /// A scope; may be repeated [default: the sample's Employee API]
    #[arg(long, value_name = "S")]
    scope: Vec<String>,
    /// The grant: RFC 6749 §4.3 or §4.4, or RFC 8628
    #[arg(long, value_enum, default_value_t = Flow::Password)]
    flow: Flow,
    /// The tenant, by id or domain [default: the server's first]
    #[arg(long, value_name = "TENANT")]
    tenant: Option<String>,
    /// The server, when several are running
    #[arg(long, value_name = "URL")]
    origin: Option<Origin>,
    /// Print the whole response
    #[arg(long, conflicts_with = "decode")]
    json: bool,
    /// Print the claims of the access token
    #[arg(long)]
    decode: bool,
    /// Read the password from stdin
    #[arg(long)]
    password_stdin: bool,
    /// Prove the client by the private key and the certificate in this PEM file instead of a secret
    #[arg(long, value_name = "FILE")]
    client_certificate: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Flow {
    Password,
    ClientCredentials,
    DeviceCode,
}

impl Token {
    /// Asks for it and prints it.
    pub(crate) async fn run(self) -> Result<ExitCode, Failure> {
        if self.flow == Flow::Password && self.user.is_none() {
            return Err(Failure::bad_input(anyhow!("no user is given")).hint("ropeway token --user cloud@alpine.test"));
        }
        let server = running::find(self.origin.as_ref())?;
        let tenant = match (&self.tenant, server.tenants.first()) {
            (Some(tenant), _) => tenant.clone(),
            (None, Some(first)) => first.tenant_id.to_string(),
            (None, None) => {
                return Err(Failure::refusal(anyhow!("the server has no tenant")).hint("name one with `--tenant`"));
            }
        };
        let known = Known::of(&server)?;
        let url = format!("{}/{tenant}/oauth2/v2.0/token", server.origin);
        let form = self.form(&known, &url)?;
        let (status, body) = match self.flow {
            Flow::Password | Flow::ClientCredentials => ask(&server, &url, &form).await?,
            Flow::DeviceCode => device_code::run(&server, &tenant, form).await?,
        };
        self.print(status, &body)
    }

    fn form(&self, known: &Known, url: &str) -> Result<Vec<(&'static str, String)>, Failure> {
        let client = self.client.or_else(|| self.default_client().parse().ok()).map(|client| client.to_string());
        let client = client.ok_or_else(|| Failure::bad_input(anyhow!("no client is given")).hint("--client APPID"))?;
        let mut form = vec![("client_id", client.clone())];
        let proof = self.proof(known, &client, url)?;
        let proved = !proof.is_empty();
        form.extend(proof);
        let scope = match (self.scope.is_empty(), self.flow) {
            (false, _) => self.scope.join(" "),
            (true, Flow::Password | Flow::DeviceCode) => format!("openid profile {EMPLOYEE_API}/.default"),
            (true, Flow::ClientCredentials) => format!("{EMPLOYEE_API}/.default"),
        };
        form.push(("scope", scope));
        match self.flow {
            Flow::Password => {
                let user = self.user.clone().unwrap_or_default();
                let password = self.password(&user, known)?;
                form.extend([("grant_type", "password".to_owned()), ("username", user)]);
                form.push(("password", password.expose().to_owned()));
            }
            Flow::ClientCredentials if !proved => {
                return Err(Failure::bad_input(anyhow!("no secret is known for client {client}"))
                    .hint("put it into ROPEWAY_CLIENT_SECRET, or add `--client-certificate FILE`"));
            }
            Flow::ClientCredentials => form.push(("grant_type", "client_credentials".to_owned())),
            Flow::DeviceCode => form.push(("grant_type", device_code::GRANT_TYPE.to_owned())),
        }
        Ok(form)
    }

    /// What proves the client: an assertion, a secret, or nothing where none is known.
    fn proof(&self, known: &Known, client: &str, url: &str) -> Result<Vec<(&'static str, String)>, Failure> {
        if let Some(file) = &self.client_certificate {
            let certificate =
                ClientCertificate::read(file).map_err(|error| Failure::bad_input(error).hint(MAKE_A_CERTIFICATE))?;
            let assertion = certificate.assertion(client, url)?;
            return Ok(vec![("client_assertion_type", JWT_BEARER.to_owned()), ("client_assertion", assertion)]);
        }
        let secret = from_environment("ROPEWAY_CLIENT_SECRET").or_else(|| known.client_secret(client));
        Ok(secret.iter().map(|secret| ("client_secret", secret.expose().to_owned())).collect())
    }

    fn default_client(&self) -> &'static str {
        match self.flow {
            Flow::Password | Flow::DeviceCode => LEGACY_TOOL,
            Flow::ClientCredentials => NIGHTLY_JOB,
        }
    }

    fn password(&self, user: &str, known: &Known) -> Result<Secret, Failure> {
        if self.password_stdin {
            let mut line = String::new();
            std::io::stdin().read_line(&mut line).map_err(|error| {
                Failure::bad_input(anyhow::Error::new(error).context("cannot read the password from stdin"))
            })?;
            return Ok(Secret::new(line.trim_end_matches(['\r', '\n'])));
        }
        if let Some(password) = from_environment("ROPEWAY_PASSWORD").or_else(|| known.password(user)) {
            return Ok(password);
        }
        if !std::io::stdin().is_terminal() {
            return Err(Failure::bad_input(anyhow!("no password is known for {user}"))
                .hint("put it into ROPEWAY_PASSWORD, or add `--password-stdin`"));
        }
        let password = rpassword::prompt_password(format!("Password of {user}: "))
            .map_err(|error| Failure::bad_input(anyhow::Error::new(error).context("cannot ask for the password")))?;
        Ok(Secret::new(password))
    }

    fn print(&self, status: u16, body: &str) -> Result<ExitCode, Failure> {
        let json: Value = serde_json::from_str(body)
            .map_err(|_| Failure::refusal(anyhow!("the server answered {status} and no JSON: {}", first_line(body))))?;
        if self.json {
            output::print_json(&json)?;
        }
        let token = json.get("access_token").and_then(Value::as_str);
        match token {
            Some(token) if status == 200 => {
                if self.decode {
                    let claims = https::claims(token);
                    output::print_json(
                        &claims.ok_or_else(|| Failure::refusal(anyhow!("the access token is no JWT")))?,
                    )?;
                } else if !self.json {
                    output::print(&format!("{token}\n"))?;
                }
                Ok(ExitCode::SUCCESS)
            }
            _ => {
                let member = |name: &str| json.get(name).and_then(Value::as_str);
                let text = member("error_description")
                    .or_else(|| member("error"))
                    .unwrap_or("the server refused without a word");
                let failure = Failure::refusal(anyhow!("{}", text.to_owned()));
                Err(match parse_code(text) {
                    Some(code) => failure.hint(format!("ropeway explain {code}")),
                    None => failure,
                })
            }
        }
    }
}

/// The sample's passwords and secrets, as far as the server serves the sample.
struct Known {
    tenants: Vec<TenantDirectory>,
}

impl Known {
    fn of(server: &Ready) -> Result<Self, Failure> {
        let Directory { mut tenants, .. } = tenant_files::sample()?;
        let first = server.tenants.first().map(|tenant| tenant.tenant_id);
        if first != tenants.first().map(|known| known.tenant.id) {
            tenants.clear();
        }
        Ok(Self { tenants })
    }

    fn password(&self, user: &str) -> Option<Secret> {
        let mut users = self.tenants.iter().flat_map(|known| &known.users);
        // A guest is found under its mail, and again as a member at home, where its password is.
        users.find_map(|known| match &known.password {
            Some(Password::Plain(password)) if known.sign_in_name().eq_ignore_ascii_case(user) => {
                Some(password.clone())
            }
            _ => None,
        })
    }

    fn client_secret(&self, client: &str) -> Option<Secret> {
        let mut applications = self.tenants.iter().flat_map(|known| &known.tenant.applications);
        let application = applications.find(|application| application.app_id.to_string() == client)?;
        application.password_credentials.first().map(|credential| credential.secret_text.clone())
    }
}

pub(super) async fn ask(server: &Ready, url: &str, form: &[(&'static str, String)]) -> Result<(u16, String), Failure> {
    let client = https::client(&server.ca_file)?;
    let answer = client.post(url).form(form).send().await.with_context(|| format!("cannot reach {url}"))?;
    let status = answer.status().as_u16();
    let body = answer.text().await.with_context(|| format!("{url} broke off its answer"))?;
    Ok((status, body))
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(200).collect()
}

fn from_environment(name: &str) -> Option<Secret> {
    environment::variable(name).map(Secret::new)
}

const MAKE_A_CERTIFICATE: &str = "make one with `openssl req -x509 -newkey rsa:2048 -noenc -subj /CN=client \
    -keyout client.pem -out client.crt && cat client.crt >> client.pem`";
/// RFC 7523 §2.2.
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const EMPLOYEE_API: &str = "api://employees.alpine.test";
const LEGACY_TOOL: &str = "e0a91000-0000-4000-8000-00000000000c";
const NIGHTLY_JOB: &str = "e0a91000-0000-4000-8000-00000000000f";
