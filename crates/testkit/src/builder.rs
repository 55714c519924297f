use std::path::{Path, PathBuf};

use anyhow::Context;
use ropeway_core::claims::IssuerStyle;
use ropeway_core::directory::{Directory, file, sample};
use ropeway_core::ids::TenantId;
use ropeway_core::password::HashingCost;
use ropeway_core::time::WallTime;
use ropeway_server::app::{App, AppConfig, SigningKeySource};
use ropeway_server::moment::{Source, WallClock};
use ropeway_server::routes;
use ropeway_server::serving::listen::Listen;
use ropeway_server::serving::origin::Origin;
use ropeway_server::serving::ready;
use ropeway_server::serving::{Bound, Limits, ListenOptions};

use crate::sample::ALPINE;
use crate::tenant::{Process, TestTenant, environment};

/// How a [`TestTenant`] is to be. What is left out is as the sample tenant has it.
#[derive(Debug, Default)]
pub struct TestTenantBuilder {
    issuer_style: Option<IssuerStyle>,
    file: Option<(String, String)>,
    tenant: Option<TenantId>,
    wall: Option<WallTime>,
    data: Option<PathBuf>,
    trusted_ca_files: Vec<PathBuf>,
    changes: Vec<Change>,
}

struct Change(Box<dyn FnOnce(&mut Directory) + Send>);

impl std::fmt::Debug for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Change(…)")
    }
}

impl TestTenantBuilder {
    /// Serves this tenant file instead of the sample; its first tenant is the one that requests go to.
    ///
    /// # Errors
    /// The file cannot be read. Faults in it are told by [`start`](Self::start).
    pub fn file(mut self, path: impl AsRef<Path>) -> anyhow::Result<Self> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
        self.file = Some((text, path.display().to_string()));
        Ok(self)
    }

    /// Serves this text, in the tenant file's form, instead of the sample.
    #[must_use]
    pub fn yaml(mut self, text: impl Into<String>) -> Self {
        self.file = Some((text.into(), "tenant.yaml".to_owned()));
        self
    }

    /// The tenant that requests go to. Default: Alpine, or the first tenant of the file.
    #[must_use]
    pub fn tenant(mut self, tenant: TenantId) -> Self {
        self.tenant = Some(tenant);
        self
    }

    /// Freezes the wall clock at this moment. Default: the machine's clock.
    #[must_use]
    pub fn frozen_at(mut self, wall: WallTime) -> Self {
        self.wall = Some(wall);
        self
    }

    /// Whose host names issuers have. Default: the server's own; [`IssuerStyle::Entra`] is for validators that hard-code
    /// Entra's.
    #[must_use]
    pub fn issuer_style(mut self, style: IssuerStyle) -> Self {
        self.issuer_style = Some(style);
        self
    }

    /// Keeps the directory under this path instead of in memory.
    #[must_use]
    pub fn data(mut self, directory: impl Into<PathBuf>) -> Self {
        self.data = Some(directory.into());
        self
    }

    /// Trusts these certificates, in PEM, where the tenant asks an outside issuer for its keys. Other test tenants and the
    /// system's certificates are trusted anyway.
    #[must_use]
    pub fn trusting(mut self, ca_file: impl Into<PathBuf>) -> Self {
        self.trusted_ca_files.push(ca_file.into());
        self
    }

    /// Changes the directory before it is served.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Directory) + Send + 'static) -> Self {
        self.changes.push(Change(Box::new(change)));
        self
    }

    /// Starts to serve.
    ///
    /// # Errors
    /// Faults in the tenant file, all of them; or no port, no disk, no key.
    pub async fn start(self) -> anyhow::Result<TestTenant> {
        let process = Process::shared()?;
        let (mut directory, first) = match &self.file {
            Some((text, name)) => {
                let read = file::read(text, name, &|variable| environment(variable)?.into_string().ok())
                    .map_err(|faults| anyhow::anyhow!("{faults}"))?;
                let first = read.directory.tenants.first().map(|tenant| tenant.tenant.id);
                (read.directory, first)
            }
            None => (sample::directory()?, Some(ALPINE)),
        };
        for change in self.changes {
            (change.0)(&mut directory);
        }
        let source = Source::default();
        if let Some(at) = self.wall {
            source.set_wall_clock(WallClock::Frozen { at });
        }
        let options = ListenOptions {
            listen: Listen::Private,
            origin: None::<Origin>,
            home: process.home().to_owned(),
            limits: Limits::default(),
        };
        let bound = Bound::bind(options, Source::default().wall()).await?;
        let control_key = ready::new_control_key()?;
        let mut trusted_ca_files = self.trusted_ca_files;
        trusted_ca_files.push(bound.ca_file().to_owned());
        let config = AppConfig {
            directory,
            data: self.data,
            origin: bound.origin().to_owned(),
            issuer_style: self.issuer_style.unwrap_or(IssuerStyle::Own),
            hashing_cost: HashingCost::TEST_KIT,
            signing_key: SigningKeySource::Given(process.signing_key().await?),
            control_key: Some(control_key.clone()),
            trusted_ca_files,
        };
        let (app, _) = App::start(config, source).await?;
        let tenant = self.tenant.or(first).context("the tenant file holds no tenant")?;
        let (origin, ca_file, serves_443) =
            (bound.origin().to_owned(), bound.ca_file().to_owned(), bound.serves_port_443());
        let serving = bound.serve(routes::router(app.clone()));
        TestTenant::new(app, tenant, origin, ca_file, serves_443, serving, control_key)
    }
}
