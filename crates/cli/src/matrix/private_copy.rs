//! A server for one purpose: started from a directory, on an address of its own, gone afterwards.

use anyhow::Context;
use ropeway_core::claims::IssuerStyle;
use ropeway_core::directory::Directory;
use ropeway_core::password::HashingCost;
use ropeway_server::app::{App, AppConfig, SigningKeySource};
use ropeway_server::key_pool::KeyPool;
use ropeway_server::moment::Source;
use ropeway_server::routes;
use ropeway_server::serving::listen::Listen;
use ropeway_server::serving::{Bound, Limits, ListenOptions, Serving, home};

use crate::{environment, https};

/// The copy, answering.
pub(crate) struct PrivateCopy {
    pub(crate) origin: String,
    /// Trusts the copy's CA.
    pub(crate) http: reqwest::Client,
    /// The same, which follows no redirects.
    pub(crate) browser: reqwest::Client,
    serving: Serving,
}

impl PrivateCopy {
    /// Starts it. Nothing of it is announced, so that no other command finds it.
    ///
    /// # Errors
    /// There is no port, no home for the local CA, or the directory cannot be loaded.
    pub(crate) async fn start(directory: Directory) -> anyhow::Result<Self> {
        let home = home::data_home(&environment::variable_os)?;
        let options =
            ListenOptions { listen: Listen::Private, origin: None, home: home.clone(), limits: Limits::default() };
        let bound = Bound::bind(options, environment::now()).await.context("no address for a private copy")?;
        let config = AppConfig {
            directory,
            data: None,
            origin: bound.origin().to_owned(),
            issuer_style: IssuerStyle::Own,
            // Lives for a second and guards nothing.
            hashing_cost: HashingCost::TEST_KIT,
            signing_key: SigningKeySource::Pool(KeyPool::new(Some(home.join("keys")))),
            control_key: None,
            trusted_ca_files: Vec::new(),
        };
        let (app, _) = App::start(config, Source::default()).await.context("loading a private copy")?;
        let (origin, http) = (bound.origin().to_owned(), https::client(bound.ca_file())?);
        let browser = https::browser(bound.ca_file())?;
        Ok(Self { origin, http, browser, serving: bound.serve(routes::router(app)) })
    }

    /// Stops it and waits for that.
    pub(crate) async fn stop(self) {
        drop((self.http, self.browser));
        self.serving.drain().await;
    }
}
