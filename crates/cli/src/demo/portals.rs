//! The sample applications that a person clicks on, as tasks of this process.

use std::path::Path;

use anyhow::anyhow;
use ropeway_core::ids::TenantId;
use tokio::net::TcpListener;

use crate::failure::Failure;

/// The applications' ports, taken.
pub(crate) struct Portals {
    legacy: TcpListener,
    modern: TcpListener,
    browser_app: TcpListener,
    second: TcpListener,
}

/// Where the applications answer.
pub(crate) struct PortalUrls {
    pub(crate) legacy: String,
    pub(crate) modern: String,
    pub(crate) browser_app: String,
    pub(crate) second: String,
}

impl Portals {
    /// Takes the ports that the sample tenant registers, or free ones: for `localhost`, Entra compares redirect URIs
    /// without the port.
    ///
    /// # Errors
    /// A port is taken.
    pub(crate) async fn bind(free_ports: bool) -> Result<Self, Failure> {
        let port = |registered: u16| if free_ports { 0 } else { registered };
        Ok(Self {
            legacy: bind("legacy portal", port(5002)).await?,
            modern: bind("modern portal", port(5003)).await?,
            browser_app: bind("browser app", port(5004)).await?,
            second: bind("second portal", port(5005)).await?,
        })
    }

    /// Where they will answer.
    ///
    /// # Errors
    /// The system does not tell.
    pub(crate) fn urls(&self) -> anyhow::Result<PortalUrls> {
        Ok(PortalUrls {
            legacy: url(&self.legacy)?,
            modern: url(&self.modern)?,
            browser_app: url(&self.browser_app)?,
            second: url(&self.second)?,
        })
    }

    /// Starts them. They end with the process.
    ///
    /// # Errors
    /// The system does not tell a port.
    pub(crate) fn serve(self, origin: &str, tenant: TenantId, api: &str, ca_file: &Path) -> anyhow::Result<()> {
        let urls = self.urls()?;
        let tenant = tenant.to_string();
        let employees_url = format!("{api}/api/employees");
        let ca_file = Some(ca_file.to_owned());

        let mut legacy = legacy_portal::Settings::for_tenant(origin, &tenant);
        (legacy.employees_url, legacy.ca_file) = (employees_url.clone(), ca_file.clone());
        let mut modern = modern_portal::Settings::for_tenant(origin, &tenant);
        (modern.employees_url, modern.ca_file) = (employees_url.clone(), ca_file.clone());
        modern.redirect_uri = format!("{}/signin-oidc", urls.modern);
        let mut second = second_portal::Settings::for_tenant(origin, &tenant);
        (second.employees_url, second.ca_file) = (employees_url.clone(), ca_file);
        second.redirect_uri = format!("{}/signin-oidc", urls.second);
        let mut browser_app = browser_app::Settings::for_tenant(origin, &tenant);
        browser_app.employees_url = employees_url;

        run("legacy portal", legacy_portal::serve(self.legacy, legacy));
        run("modern portal", modern_portal::serve(self.modern, modern));
        run("browser app", browser_app::serve(self.browser_app, browser_app));
        run("second portal", second_portal::serve(self.second, second));
        Ok(())
    }
}

async fn bind(name: &str, port: u16) -> Result<TcpListener, Failure> {
    TcpListener::bind(("localhost", port)).await.map_err(|error| {
        let error = anyhow::Error::new(error).context(format!("the {name} cannot listen on localhost:{port}"));
        Failure::refusal(error).hint("`--free-ports` takes others; `--once` tells the story without the portals")
    })
}

fn url(listener: &TcpListener) -> anyhow::Result<String> {
    let address = listener.local_addr().map_err(|error| anyhow!("a portal has no address: {error}"))?;
    Ok(format!("http://localhost:{}", address.port()))
}

fn run(name: &'static str, serving: impl Future<Output = anyhow::Result<()>> + Send + 'static) {
    tokio::spawn(async move {
        if let Err(error) = serving.await {
            tracing::error!("the {name} stopped: {error:#}");
        }
    });
}
