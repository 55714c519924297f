use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::Context;
use ropeway_core::directory::TenantClock;
use ropeway_core::ids::TenantId;
use ropeway_core::secret::Secret;
use ropeway_core::token::SigningKeyMaterial;
use ropeway_server::app::App;
use ropeway_server::key_pool::KeyPool;
use ropeway_server::moment::WallClock;
use ropeway_server::serving::Serving;
use tokio::sync::OnceCell;

use crate::browser::Browser;
use crate::builder::TestTenantBuilder;
use crate::request::TokenRequest;

/// A running test tenant. Drop it and the server stops.
pub struct TestTenant {
    app: App,
    tenant: TenantId,
    origin: String,
    ca_file: PathBuf,
    serves_443: bool,
    http: reqwest::Client,
    serving: Serving,
    control_key: Secret,
}

impl TestTenant {
    /// The sample tenant, on a free loopback address.
    ///
    /// # Errors
    /// As [`TestTenantBuilder::start`].
    pub async fn start() -> anyhow::Result<Self> {
        Self::builder().start().await
    }

    /// Says how the tenant is to be, before it starts.
    pub fn builder() -> TestTenantBuilder {
        TestTenantBuilder::default()
    }

    pub(crate) fn new(
        app: App,
        tenant: TenantId,
        origin: String,
        ca_file: PathBuf,
        serves_443: bool,
        serving: Serving,
        control_key: Secret,
    ) -> anyhow::Result<Self> {
        let pem = std::fs::read(&ca_file).context("reading the local CA's certificate")?;
        let http = reqwest::Client::builder()
            .tls_certs_only([reqwest::Certificate::from_pem(&pem)?])
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self { app, tenant, origin, ca_file, serves_443, http, serving, control_key })
    }

    /// Where it answers, for instance `https://127.84.3.9`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The tenant that requests go to.
    pub fn id(&self) -> TenantId {
        self.tenant
    }

    /// The authority to configure clients with: origin and tenant id.
    pub fn authority(&self) -> String {
        format!("{}/{}", self.origin, self.tenant)
    }

    /// The local CA's certificate, in PEM: what the code under test must trust.
    pub fn ca_file(&self) -> &Path {
        &self.ca_file
    }

    /// Whether it has port 443. Without, MSAL for Python (azure-identity, az) cannot use the password grant, because it
    /// asks for the user realm without the port.
    pub fn serves_port_443(&self) -> bool {
        self.serves_443
    }

    /// An HTTP client that trusts this tenant.
    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// An access token for the sample's Employee API in this user's name, by the password grant.
    ///
    /// # Errors
    /// The refusal, with its code, cause and remedy.
    pub async fn token(&self, user: &str) -> anyhow::Result<String> {
        Ok(self.password(user).send().await?.granted()?.access_token().to_owned())
    }

    /// A password grant by the sample's public client, asking for the Employee API: change what you want before sending.
    pub fn password(&self, user: &str) -> TokenRequest<'_> {
        TokenRequest::password(self, user)
    }

    /// A client-credentials grant by the sample's nightly job.
    pub fn client_credentials(&self) -> TokenRequest<'_> {
        TokenRequest::client_credentials(self)
    }

    /// A request to the device code endpoint by Legacy tool, for the Employee API.
    pub fn device_code(&self) -> TokenRequest<'_> {
        TokenRequest::device_code(self)
    }

    /// Legacy tool asks whether the person has answered.
    pub fn poll(&self, device_code: &str) -> TokenRequest<'_> {
        TokenRequest::poll(self, device_code)
    }

    /// Redeems a refresh token with the sample's public client.
    pub fn refresh(&self, refresh_token: &str) -> TokenRequest<'_> {
        TokenRequest::refresh(self, refresh_token)
    }

    /// A token request with nothing in it.
    pub fn request(&self) -> TokenRequest<'_> {
        TokenRequest::empty(self)
    }

    /// The bearer token of the control API.
    pub fn control_key(&self) -> &Secret {
        &self.control_key
    }

    /// A browser with no cookies yet, to sign in on the tenant's pages.
    pub fn browser(&self) -> Browser<'_> {
        Browser::new(self)
    }

    /// A request to the control API, for instance `(Method::GET, "keys")`; the path is below `/_ropeway/api/v1/`.
    pub fn control(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}/_ropeway/api/v1/{path}", self.origin);
        self.http.request(method, url).bearer_auth(self.control_key.expose())
    }

    /// Lets tenant time pass: password age, lockout and lifetimes go on, tokens stay valid.
    ///
    /// # Errors
    /// The store failed.
    pub async fn advance(&self, by: Duration) -> anyhow::Result<()> {
        let seconds = i64::try_from(by.as_secs()).context("more seconds than there are")?;
        self.app
            .change_tenant(self.tenant, move |tenant| {
                tenant.settings.clock = match tenant.settings.clock {
                    TenantClock::Offset { seconds: before } => {
                        TenantClock::Offset { seconds: before.saturating_add(seconds) }
                    }
                    TenantClock::Frozen { at } => TenantClock::Frozen { at: at.plus_seconds(seconds) },
                };
            })
            .await
    }

    /// Sets how the wall clock runs: what tokens are stamped with.
    pub fn set_wall_clock(&self, clock: WallClock) {
        self.app.source.set_wall_clock(clock);
    }

    /// Stops it and waits until it has let go of its data directory.
    pub async fn stop(self) {
        self.app.stop().await;
        self.serving.drain().await;
    }

    /// The application behind it, to change its directory and read its sign-in log.
    pub fn app(&self) -> &App {
        &self.app
    }
}

#[expect(clippy::disallowed_methods, reason = "a test library has no command line to be handed the environment by")]
pub(crate) fn environment(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name)
}

/// What all tenants of one test process share: the CA and a signing key, which is slow to make.
#[derive(Debug)]
pub(crate) struct Process {
    home: PathBuf,
    signing_key: OnceCell<SigningKeyMaterial>,
}

impl Process {
    pub(crate) fn shared() -> anyhow::Result<&'static Self> {
        static SHARED: OnceLock<Process> = OnceLock::new();
        if let Some(shared) = SHARED.get() {
            return Ok(shared);
        }
        let home = ropeway_server::serving::home::data_home(&environment)?;
        Ok(SHARED.get_or_init(|| Self { home, signing_key: OnceCell::new() }))
    }

    /// Where the CA is kept: the user's own data directory, so that trust in it outlives the test.
    pub(crate) fn home(&self) -> &Path {
        &self.home
    }

    pub(crate) async fn signing_key(&self) -> anyhow::Result<SigningKeyMaterial> {
        self.signing_key.get_or_try_init(|| async { KeyPool::new(None).take().await }).await.cloned()
    }
}
