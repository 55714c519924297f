//! What the story plays on: the identity server, the sample APIs and the portals, as tasks of this process.

use std::path::PathBuf;

use anyhow::{Context, anyhow};
use ropeway_core::claims::IssuerStyle;
use ropeway_core::directory::{Directory, TenantDirectory};
use ropeway_core::ids::TenantId;
use ropeway_core::password::HashingCost;
use ropeway_server::app::{App, AppConfig, SigningKeySource};
use ropeway_server::key_pool::KeyPool;
use ropeway_server::moment::Source;
use ropeway_server::routes;
use ropeway_server::serving::listen::ListenAddress;
use ropeway_server::serving::ready::{self, Announcement, Ready};
use ropeway_server::serving::{Serving, home};
use tokio::net::TcpListener;

use super::portals::{PortalUrls, Portals};
use crate::commands::serve;
use crate::failure::Failure;
use crate::{environment, https};

/// The servers, answering.
pub(crate) struct Stage {
    /// The identity server's URL.
    pub(crate) origin: String,
    /// The APIs' URL.
    pub(crate) api: String,
    /// The applications to click on, where they were asked for.
    pub(crate) portals: Option<PortalUrls>,
    pub(crate) ca_file: PathBuf,
    /// What did not work and matters to some clients only.
    pub(crate) note: Option<String>,
    /// Trusts the local CA.
    pub(crate) http: reqwest::Client,
    /// What the identity server serves, for what an administrator does.
    pub(crate) app: App,
    serving: Serving,
    announcement: Announcement,
}

impl Stage {
    /// Starts all. The APIs trust `tenant`.
    ///
    /// # Errors
    /// A port is taken, or the directory cannot be loaded.
    pub(crate) async fn build(
        directory: Directory,
        tenant: TenantId,
        listen: &[ListenAddress],
        api_listen: &ListenAddress,
        portals: Option<Portals>,
    ) -> Result<Self, Failure> {
        let home = home::data_home(&environment::variable_os)?;
        let bound = serve::bind(listen, None, &home).await?;
        let (listener, api) = bind_api(api_listen).await?;
        let order: Vec<TenantId> = directory.tenants.iter().map(|TenantDirectory { tenant, .. }| tenant.id).collect();
        let control_key = ready::new_control_key()?;
        let config = AppConfig {
            directory,
            data: None,
            origin: bound.origin().to_owned(),
            issuer_style: IssuerStyle::Own,
            hashing_cost: HashingCost::PRODUCTION,
            signing_key: SigningKeySource::Pool(KeyPool::new(Some(home.join("keys")))),
            control_key: Some(control_key.clone()),
            trusted_ca_files: vec![bound.ca_file().to_owned()],
        };
        let (app, _) = App::start(config, Source::default()).await?;
        // Other commands find the demo as they find `serve`.
        let ready = Ready::new(&bound, serve::ready_tenants(app.tenants()?, &order), control_key);
        let note = bound.courtesy_note().map(str::to_owned);
        let serving = bound.serve(routes::router(app.clone()));
        let announcement = ready.announce(&home::runtime_dir(&environment::variable_os), None);
        let announcement = announcement.context("cannot tell other processes that the server is ready")?;
        let mut settings = employee_api::Settings::for_tenant(&ready.origin, &tenant.to_string());
        settings.ca_file = Some(ready.ca_file.clone());
        let portal_urls = portals.as_ref().map(Portals::urls).transpose()?;
        if let Some(urls) = &portal_urls {
            settings.cors_origin = urls.browser_app.clone();
        }
        tokio::spawn(async move {
            if let Err(error) = employee_api::serve(listener, settings).await {
                tracing::error!("the sample APIs stopped: {error:#}");
            }
        });
        if let Some(portals) = portals {
            portals.serve(&ready.origin, tenant, &api, &ready.ca_file)?;
        }
        let http = https::client(&ready.ca_file)?;
        let Ready { origin, ca_file, .. } = ready;
        Ok(Self { origin, api, portals: portal_urls, ca_file, note, http, app, serving, announcement })
    }

    /// Stops the identity server; APIs and portals end with the process.
    pub(crate) async fn leave(self) {
        drop(self.announcement);
        drop(self.http);
        drop(self.app);
        self.serving.drain().await;
    }
}

async fn bind_api(listen: &ListenAddress) -> Result<(TcpListener, String), Failure> {
    let (asked, listener) = match listen {
        ListenAddress::Address(address) => (address.to_string(), TcpListener::bind(address).await),
        ListenAddress::Name { host, port } => {
            (format!("{host}:{port}"), TcpListener::bind((host.as_str(), *port)).await)
        }
    };
    let listener = listener.map_err(|error| {
        let error = anyhow::Error::new(error).context(format!("the sample APIs cannot listen on {asked}"));
        Failure::refusal(error).hint("`--api-listen 127.0.0.1:0` picks a free port")
    })?;
    let address = listener.local_addr().map_err(|error| anyhow!("the sample APIs have no address: {error}"))?;
    let url = match listen {
        ListenAddress::Address(_) => format!("http://{address}"),
        ListenAddress::Name { host, .. } => format!("http://{host}:{}", address.port()),
    };
    Ok((listener, url))
}
