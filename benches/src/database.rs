//! The database's part of a sign-in, in this process: what it reads and what it writes, without network and signatures.

use std::path::Path;
use std::time::Duration;

use ropeway_core::claims::IssuerStyle;
use ropeway_core::directory::Directory;
use ropeway_core::password::HashingCost;
use ropeway_core::token::SigningKeyMaterial;
use ropeway_server::app::{App, AppConfig, SigningKeySource};
use ropeway_server::measure;
use ropeway_server::moment::Source;
use tokio::task::JoinSet;

use crate::clock;
use crate::load;
use crate::process;
use crate::tenant::{self, TENANT, TOOL};

/// Of one sign-in, in microseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DatabaseTime {
    /// CPU time of its reads.
    pub(crate) read: f64,
    /// Wall-clock time of its reads that one in a hundred exceeds.
    pub(crate) read_p99: f64,
    /// CPU time of its write, in a commit that as many share as sign in at once.
    pub(crate) write: f64,
}

impl DatabaseTime {
    /// CPU time of all.
    pub(crate) fn total(self) -> f64 {
        self.read + self.write
    }
}

/// Measures with the data directory `folder`, in which there are so many users.
///
/// # Errors
/// The directory cannot be opened, or a user is missing.
pub(crate) async fn measure(
    folder: &Path,
    directory: &Directory,
    key: &SigningKeyMaterial,
    users: usize,
    duration: Duration,
) -> anyhow::Result<DatabaseTime> {
    let config = AppConfig {
        directory: directory.clone(),
        data: Some(folder.to_owned()),
        origin: "https://localhost".to_owned(),
        issuer_style: IssuerStyle::Own,
        hashing_cost: HashingCost::PRODUCTION,
        signing_key: SigningKeySource::Given(key.clone()),
        control_key: None,
        trusted_ca_files: Vec::new(),
    };
    let (app, _) = App::start(config, Source::default()).await?;
    reads(&app, users, duration / 4)?;
    let (read, read_p99) = reads(&app, users, duration)?;
    let write = writes(&app, users, duration).await?;
    app.stop().await;
    Ok(DatabaseTime { read, read_p99, write })
}

fn reads(app: &App, users: usize, duration: Duration) -> anyhow::Result<(f64, f64)> {
    let mut took = Vec::new();
    let before = process::thread_cpu_seconds()?;
    let started = clock::stopwatch();
    while started.elapsed() < duration {
        let name = tenant::user_name(somebody(took.len(), users));
        let begun = clock::stopwatch();
        anyhow::ensure!(measure::read(app, TENANT, TOOL, &name)?, "{name} is missing");
        took.push(begun.elapsed().as_secs_f64() * 1e6);
    }
    let cpu = (process::thread_cpu_seconds()? - before) * 1e6 / took.len() as f64;
    took.sort_by(f64::total_cmp);
    Ok((cpu, took.get(took.len() * 99 / 100).copied().unwrap_or_default()))
}

async fn writes(app: &App, users: usize, duration: Duration) -> anyhow::Result<f64> {
    let own = std::process::id();
    let tenant = app.tenant(TENANT)?;
    let before = process::cpu_seconds(own)?;
    let started = clock::stopwatch();
    let mut writers = JoinSet::new();
    for writer in 0..load::connections() {
        let (app, tenant) = (app.clone(), tenant.clone());
        writers.spawn(async move {
            let mut written = 0;
            while started.elapsed() < duration {
                let name = tenant::user_name(somebody(written * load::connections() + writer, users));
                measure::write(&app, &tenant, TOOL, &name).await?;
                written += 1;
            }
            anyhow::Ok(written)
        });
    }
    let mut written = 0;
    while let Some(ended) = writers.join_next().await {
        written += ended??;
    }
    Ok((process::cpu_seconds(own)? - before) * 1e6 / written as f64)
}

/// Users far apart, one after the other, so that no page of the database is read twice in a row.
pub(crate) fn somebody(turn: usize, users: usize) -> usize {
    turn.wrapping_mul(7_919_111) % users
}
