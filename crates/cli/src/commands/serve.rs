//! `ropeway serve`.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, anyhow};
use clap::{Args, ValueEnum};
use owo_colors::OwoColorize;
use ropeway_core::claims::IssuerStyle;
use ropeway_core::directory::Tenant;
use ropeway_core::ids::TenantId;
use ropeway_core::password::HashingCost;
use ropeway_server::app::{self, App, AppConfig, SigningKeySource};
use ropeway_server::key_pool::KeyPool;
use ropeway_server::moment::Source;
use ropeway_server::routes;
use ropeway_server::serving::listen::{Listen, ListenAddress, ListenError};
use ropeway_server::serving::origin::Origin;
use ropeway_server::serving::ready::{self, Announcement, Ready, ReadyTenant};
use ropeway_server::serving::{Bound, Limits, ListenOptions, home};

use crate::failure::Failure;
use crate::{environment, output, tenant_files};

/// A server on this machine.
#[derive(Debug, Args)]
#[command(
    after_help = "Without --listen it listens on 127.0.0.1:8443 and [::1]:8443, and on port 443 of both if it may, \
    for clients that drop the port.\nSeveral at once: --listen 127.0.0.2:443 --origin https://127.0.0.2"
)]
pub(crate) struct Serve {
    /// A tenant file; may be repeated [default: the built-in sample]
    #[arg(long, value_name = "FILE")]
    tenant: Vec<PathBuf>,
    /// An address and port to listen on; may be repeated, port 0 picks a free one
    #[arg(long, value_name = "ADDR")]
    listen: Vec<ListenAddress>,
    /// Keep the directory in this folder instead of in memory
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The URL that clients use, without a path [default: https://localhost with the port]
    #[arg(long, value_name = "URL")]
    origin: Option<Origin>,
    /// Whose host names issuers have: this server's, or Entra's for validators that hard-code them
    #[arg(long, value_enum, value_name = "NAMES", default_value_t = IssuerNames::Own)]
    issuer: IssuerNames,
    /// Write a file with origin, CA and control key once requests are answered
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
    /// Listen beyond this machine although passwords and secrets are the sample's, which everybody knows
    #[arg(long)]
    allow_known_secrets: bool,
    /// Stop when standard input ends, as a pipe does when the program at its other end dies
    #[arg(long)]
    stop_at_eof: bool,
}

impl Serve {
    /// Serves until SIGTERM or ctrl-c, or the end of standard input if that counts.
    pub(crate) async fn run(self) -> Result<ExitCode, Failure> {
        let stopwatch = environment::stopwatch();
        // From here on a signal drains: it may come as soon as somebody has read that we are ready.
        let stop = stop_signal()?;
        let input_ends = async {
            match self.stop_at_eof {
                true => end_of_input().await,
                false => std::future::pending().await,
            }
        };
        let directory = tenant_files::directory(&self.tenant)?;
        if let Some(ready_file) = &self.ready_file {
            remove_stale(ready_file)?;
        }
        let home = home::data_home(&environment::variable_os)?;
        let bound = bind(&self.listen, self.origin.clone(), &home).await?;
        if !self.allow_known_secrets && reaches_beyond(&bound) && tenant_files::holds_known_secrets(&directory)? {
            return Err(Failure::bad_input(anyhow!(
                "will not listen beyond this machine: passwords or secrets are the sample's, which everybody knows"
            ))
            .hint("write others into the tenant file, or add `--allow-known-secrets`"));
        }
        let order: Vec<TenantId> = directory.tenants.iter().map(|known| known.tenant.id).collect();
        let control_key = ready::new_control_key()?;
        let config = AppConfig {
            directory,
            data: self.data.clone(),
            origin: bound.origin().to_owned(),
            issuer_style: self.issuer.into(),
            hashing_cost: HashingCost::PRODUCTION,
            signing_key: SigningKeySource::Pool(KeyPool::new(Some(home.join("keys")))),
            control_key: Some(control_key.clone()),
            trusted_ca_files: vec![bound.ca_file().to_owned()],
        };
        let (app, _) = App::start(config, Source::default()).await.map_err(|error| {
            let hint = app::start_hint(&error);
            Failure::refusal(error).hint_if_any(hint)
        })?;
        let ready = Ready::new(&bound, ready_tenants(app.tenants()?, &order), control_key);
        let courtesy_note = bound.courtesy_note().map(str::to_owned);
        let upkeep = tokio::spawn(app.clone().upkeep(Some(KEYS_LAST)));
        let serving = bound.serve(routes::router(app.clone()));
        let announcement = self.announce(&ready);
        let announcement = announcement.context("cannot tell other processes that the server is ready")?;
        output::print(&format!("ready {} in {} ms\n", ready.origin, stopwatch.elapsed().as_millis()))?;
        output::tell(&talk(&ready, courtesy_note.as_deref()));
        tokio::select! {
            () = stop => {}
            () = input_ends => {}
        }
        // A server that stops is not to be found any more.
        drop(announcement);
        app.stop().await;
        serving.drain().await;
        upkeep.await.context("keeping the store and the keys in order")?;
        Ok(ExitCode::SUCCESS)
    }

    fn announce(&self, ready: &Ready) -> anyhow::Result<Announcement> {
        ready.announce(&home::runtime_dir(&environment::variable_os), self.ready_file.as_deref())
    }
}

/// Takes the ports: these, or the default ones.
pub(crate) async fn bind(listen: &[ListenAddress], origin: Option<Origin>, home: &Path) -> Result<Bound, Failure> {
    let listen = match listen.is_empty() {
        true => Listen::Default,
        false => Listen::Addresses(listen.to_vec()),
    };
    let options = ListenOptions { listen, origin, home: home.to_owned(), limits: Limits::default() };
    Bound::bind(options, environment::now()).await.map_err(|error| {
        let hint = error.downcast_ref::<ListenError>().and_then(ListenError::hint);
        Failure::refusal(error).hint_if_any(hint)
    })
}

/// Whoever waits for the ready file must not find that of an earlier run.
fn remove_stale(ready_file: &Path) -> Result<(), Failure> {
    match std::fs::remove_file(ready_file) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            let error = anyhow::Error::new(error).context(format!("cannot replace {}", ready_file.display()));
            Err(Failure::bad_input(error))
        }
        _ => Ok(()),
    }
}

fn reaches_beyond(bound: &Bound) -> bool {
    bound.addresses().iter().any(|address| !address.ip().to_canonical().is_loopback())
}

/// The tenants in the order of the files; those that a data directory holds besides come last.
pub(crate) fn ready_tenants(mut tenants: Vec<Tenant>, order: &[TenantId]) -> Vec<ReadyTenant> {
    tenants.sort_by_key(|tenant| order.iter().position(|id| *id == tenant.id).unwrap_or(usize::MAX));
    let ready = |tenant: Tenant| {
        let mut domains = tenant.verified_domains;
        domains.sort_by_key(|domain| !domain.is_default);
        ReadyTenant {
            tenant_id: tenant.id,
            display_name: tenant.display_name,
            domains: domains.into_iter().map(|domain| domain.name).collect(),
        }
    };
    tenants.into_iter().map(ready).collect()
}

fn talk(ready: &Ready, courtesy_note: Option<&str>) -> String {
    let mut text = String::new();
    for tenant in &ready.tenants {
        text.push_str(&format!("{} {} {}\n", tenant.tenant_id, tenant.display_name, tenant.domains.join(" ")));
    }
    if let Some(note) = courtesy_note {
        text.push_str(&format!("{} {note}\n", "note:".yellow().bold()));
    }
    text.push_str(
        "In another terminal: eval \"$(ropeway env)\"; ropeway token --user cloud@alpine.test; ctrl-c stops\n",
    );
    text
}

/// Listens for the signals at once; the future ends with the first of them.
#[cfg(unix)]
pub(crate) fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for ctrl-c")?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(not(unix))]
pub(crate) fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    Ok(async {
        // Without a way to hear ctrl-c the process ends by it all the same, only not gently.
        let _ = tokio::signal::ctrl_c().await;
    })
}

/// Reads on a thread of its own, which does not keep the process: a read that waits cannot be called off.
async fn end_of_input() {
    let (ended, end) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        // A fault of the pipe is its end as well, and nobody may be waiting any more.
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        let _ = ended.send(());
    });
    let _ = end.await;
}

/// `--issuer`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum IssuerNames {
    Own,
    Entra,
}

impl From<IssuerNames> for IssuerStyle {
    fn from(names: IssuerNames) -> Self {
        match names {
            IssuerNames::Own => Self::Own,
            IssuerNames::Entra => Self::Entra,
        }
    }
}

/// A signing key is replaced after 90 days. Only a server that keeps its data lives to see it.
const KEYS_LAST: Duration = Duration::from_hours(90 * 24);
