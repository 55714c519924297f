//! `cargo xtask bench`: what Ropeway costs on the machine it runs on.
//!
//! One file for each thing that is measured; [`token_endpoint`] is the heart. [`limit`] says what the libraries underneath
//! allow, [`load`] makes load, [`server`] starts the release binary, [`report`] writes `docs/performance.md` and holds the
//! goals. Reads `/proc`, so it runs on Linux.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a chore talks to the person who started it")]

mod client;
mod clock;
mod copies;
mod database;
mod limit;
mod load;
mod machine;
mod population;
mod process;
mod profile;
mod report;
mod server;
mod start;
mod tenant;
mod token_endpoint;
mod turns;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use aws_lc_rs::rsa::KeyPair;
use clap::Parser;
use ropeway_core::directory::Directory;
use ropeway_core::token::SigningKeyMaterial;
use ropeway_server::key_pool::KeyPool;

use crate::client::Client;
use crate::report::{Million, Report};
use crate::server::Setting;
use crate::token_endpoint::{Bench, Case};
use crate::turns::{Entrant, in_turns};

/// Measures the release binary on this machine
#[derive(Parser)]
#[command(bin_name = "cargo xtask bench")]
struct Arguments {
    /// The binary
    #[arg(long, value_name = "FILE")]
    ropeway: PathBuf,
    /// The repository, whose commit the document names
    #[arg(long, value_name = "DIR")]
    root: PathBuf,
    /// Where the document goes; it is printed too
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Instead of all this: another binary to compare the token endpoint with
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// How long each load lasts
    #[arg(long, value_name = "N", default_value_t = 5)]
    seconds: u64,
    /// How many users the large directory has
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    users: usize,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let measured = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("starting the runtime")
        .and_then(|runtime| runtime.block_on(measure(&arguments)));
    match measured {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            error.chain().skip(1).for_each(|cause| eprintln!("caused by: {cause}"));
            ExitCode::from(2)
        }
    }
}

/// `true`: every goal is met.
async fn measure(arguments: &Arguments) -> anyhow::Result<bool> {
    let stopwatch = clock::stopwatch();
    let machine = machine::describe(&arguments.root);
    let workshop = Workshop::open(arguments).await?;
    if let Some(other) = &arguments.against {
        println!("{}", workshop.compared(other).await?);
        return Ok(true);
    }

    eprintln!("limits");
    let signatures = limit::signatures(&workshop.key, Duration::from_secs(3))?;
    let (hashes, hashing) = limit::hashes(&tenant::password(), FEW_USERS + FIRST_SIGN_INS)?;

    eprintln!("the token endpoint, in memory");
    let (cases, floor, loaded) = workshop.token_endpoint(&hashes, hashing).await?;

    let million = workshop.million(hashes.get(..FEW_USERS).unwrap_or_default()).await?;

    eprintln!("starts");
    let sample = workshop.setting("sample", None, None)?;
    start::idle(&sample).await.context("filling the pool of spare keys")?;
    let spares = sample.home().join("keys");
    let kept = workshop.folder.path().join("spares");
    copy_folder(&spares, &kept)?;
    let warm = || copy_folder(&kept, &spares);
    let starts = vec![
        ("spare keys there", start::starts(&sample, STARTS, warm).await?),
        ("no spare key left", start::starts(&sample, STARTS, || start::empty_key_pool(&sample)).await?),
        ("first start ever: no key and no CA", start::starts(&sample, STARTS, || start::fresh_home(&sample)).await?),
    ];
    let idle = start::idle(&sample).await?;

    eprintln!("copies of a tenant");
    let server = sample.start()?;
    let copies = copies::measure(&server, Duration::from_secs(arguments.seconds)).await?;
    server.stop()?;

    let took = stopwatch.elapsed().as_secs_f64();
    let report =
        Report { machine, signatures, hashes: hashing, cases, floor, million, starts, idle, loaded, copies, took };
    let text = report.markdown();
    println!("{text}");
    if let Some(output) = &arguments.output {
        std::fs::write(output, &text).with_context(|| format!("writing {}", output.display()))?;
        eprintln!("written to {}", output.display());
    }
    Ok(report.all_met())
}

/// What all measurements share.
struct Workshop<'a> {
    arguments: &'a Arguments,
    folder: tempfile::TempDir,
    material: SigningKeyMaterial,
    key: KeyPair,
}

impl<'a> Workshop<'a> {
    async fn open(arguments: &'a Arguments) -> anyhow::Result<Self> {
        let material = KeyPool::new(None).take().await?;
        let key = KeyPair::from_pkcs8(&material.pkcs8_der).map_err(|_| anyhow!("the new key cannot be read"))?;
        Ok(Self { arguments, folder: tempfile::tempdir().context("making a folder")?, material, key })
    }

    fn setting(&self, name: &str, tenant: Option<&Path>, data: Option<&Path>) -> anyhow::Result<Setting> {
        let folder = self.folder.path().join(name);
        std::fs::create_dir_all(&folder)?;
        let owned = |path: Option<&Path>| path.map(Path::to_owned);
        Ok(Setting { ropeway: self.arguments.ropeway.clone(), folder, tenant: owned(tenant), data: owned(data) })
    }

    fn duration(&self) -> Duration {
        Duration::from_secs(self.arguments.seconds)
    }

    /// The tenant file with a user for each hash: where it is, and what it says.
    fn tenant(&self, name: &str, hashes: &[String]) -> anyhow::Result<(PathBuf, Directory)> {
        let file = tenant::tenant_file(hashes, &self.material);
        let path = self.folder.path().join(format!("{name}.json"));
        std::fs::write(&path, file.to_string())?;
        Ok((path, tenant::directory(&file)?))
    }

    /// Every grant against a directory in memory, and the memory after it.
    async fn token_endpoint(
        &self,
        hashes: &[String],
        hashing: limit::Limit,
    ) -> anyhow::Result<(Vec<Case>, Case, process::Memory)> {
        let (file, _) = self.tenant("memory", hashes)?;
        let server = self.setting("memory", Some(&file), None)?.start()?;
        let client = Client::of(&server.ready)?;
        let bench = Bench { server: &server, client: &client, key: &self.key, duration: self.duration() };
        let mut cases = vec![bench.first_sign_ins(FEW_USERS..hashes.len(), hashing).await?];
        for (name, grant) in bench.grants(FEW_USERS, &self.material).await? {
            // An assertion is verified on top; the profile of a secret shows the rest.
            cases.push(bench.run(name, !name.contains("certificate"), grant).await?);
        }
        let floor = bench.run("no token at all", false, Arc::new(|_| tenant::liveness())).await?;
        let loaded = process::memory(server.pid())?;
        server.stop()?;
        cases.swap(0, 1);
        Ok((cases, floor, loaded))
    }

    /// The token endpoint of another binary beside this one's, both with the few users in memory.
    async fn compared(&self, other: &Path) -> anyhow::Result<String> {
        let (hashes, _) = limit::hashes(&tenant::password(), FEW_USERS)?;
        let (file, _) = self.tenant("memory", &hashes)?;
        let start = |name: &str, ropeway: &Path| {
            Setting { ropeway: ropeway.to_owned(), ..self.setting(name, Some(&file), None)? }.start()
        };
        let (first, second) = (start("first", &self.arguments.ropeway)?, start("second", other)?);
        let (first_client, second_client) = (Client::of(&first.ready)?, Client::of(&second.ready)?);
        let bench = |server, client| Bench { server, client, key: &self.key, duration: self.duration() };
        let (first, second) = (bench(&first, &first_client), bench(&second, &second_client));
        let grants = first.grants(FEW_USERS, &self.material).await?;
        let others = second.grants(FEW_USERS, &self.material).await?;
        let mut compared = Vec::new();
        for ((name, grant), (_, other)) in grants.into_iter().zip(others) {
            let entrants = [first.entrant(grant), second.entrant(other)];
            compared.push(in_turns(name, &self.key, &entrants, self.duration()).await?);
        }
        Ok(report::comparison(&compared))
    }

    /// The same few users, and a million, in data directories.
    async fn million(&self, hashes: &[String]) -> anyhow::Result<Million> {
        let (file, directory) = self.tenant("data", hashes)?;
        let many_users = self.arguments.users;
        let (mut databases, mut servers, mut sizes) = (Vec::new(), Vec::new(), Vec::new());
        for users in [FEW_USERS, many_users] {
            eprintln!("{users} users in a data directory");
            let folder = self.folder.path().join(format!("data-{users}"));
            let stopwatch = clock::stopwatch();
            population::populate(&folder, &directory, users).await?;
            let written_in = stopwatch.elapsed().as_secs_f64();
            let database =
                database::measure(&folder, &directory, &self.material, users, Duration::from_secs(2)).await?;
            eprintln!("  database time: {database:.1?}");
            databases.push(database);
            let server = self.setting(&format!("server-{users}"), Some(&file), Some(&folder))?.start()?;
            servers.push((Client::of(&server.ready)?, server, users));
            sizes.push((std::fs::metadata(folder.join("ropeway.db"))?.len() as f64 / 1024.0 / 1024.0, written_in));
        }
        let entrants: Vec<Entrant<'_>> = servers
            .iter()
            .map(|(client, server, users)| {
                let users = *users;
                let call = Arc::new(move |turn| tenant::password_grant(database::somebody(turn, users)));
                Entrant { server, client, call }
            })
            .collect();
        let cases = in_turns("password", &self.key, &entrants, self.duration()).await?;
        let missing = "two directories were measured";
        let (memory, ready) = match servers.last() {
            Some((_, server, _)) => (process::memory(server.pid())?, clock::milliseconds(server.ready_after)),
            None => anyhow::bail!(missing),
        };
        let (size, written_in) = sizes.pop().context(missing)?;
        let mut measured = databases.into_iter().zip(cases);
        let (few, many) = measured.next().zip(measured.next()).context(missing)?;
        for (_, server, _) in servers {
            server.stop()?;
        }
        Ok(Million { few_users: FEW_USERS, many_users, size, written_in, ready, memory, few, many })
    }
}

fn copy_folder(from: &Path, to: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from).with_context(|| format!("reading {}", from.display()))? {
        let entry = entry?;
        std::fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

/// The small directory.
const FEW_USERS: usize = 10;
/// Passwords that are hashed for the first time: enough for three seconds.
const FIRST_SIGN_INS: usize = 240;
const STARTS: usize = 7;
