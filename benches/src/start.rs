//! From spawn to the first token, and what a server holds in memory when nothing happens.

use std::fs;
use std::time::Duration;

use anyhow::Context;
use hyper::Method;
use hyper::body::Bytes;

use crate::client::{Call, Client};
use crate::clock::milliseconds;
use crate::process::{self, Memory};
use crate::server::{Server, Setting};
use crate::turns::median;

/// Starts of one kind, in milliseconds.
#[derive(Debug, Clone)]
pub(crate) struct Starts {
    /// Until the line `ready`; the median.
    pub(crate) ready: f64,
    /// Until the first token is read to its end; the median.
    pub(crate) token: f64,
    /// The slowest first token.
    pub(crate) slowest: f64,
}

/// Starts the sample so many times, each time after `prepare`.
///
/// # Errors
/// A start failed.
pub(crate) async fn starts(
    setting: &Setting,
    times: usize,
    prepare: impl Fn() -> anyhow::Result<()>,
) -> anyhow::Result<Starts> {
    let (mut ready, mut token) = (Vec::new(), Vec::new());
    for _ in 0..times {
        prepare()?;
        let server = setting.start()?;
        let took = first_token(&server).await?;
        ready.push(milliseconds(server.ready_after));
        token.push(milliseconds(took));
        server.stop()?;
    }
    let slowest = token.iter().copied().fold(0.0, f64::max);
    Ok(Starts { ready: median(ready), token: median(token), slowest })
}

/// A folder of spare keys with nothing in it, as after many starts in a row.
///
/// # Errors
/// It cannot be emptied.
pub(crate) fn empty_key_pool(setting: &Setting) -> anyhow::Result<()> {
    remove(&setting.home().join("keys"))
}

/// A home without CA and keys, as on a machine that never saw Ropeway.
///
/// # Errors
/// It cannot be emptied.
pub(crate) fn fresh_home(setting: &Setting) -> anyhow::Result<()> {
    remove(&setting.home())
}

/// Starts the sample and lets it refill the pool of spare keys and hash the file's passwords: the memory it has then.
///
/// # Errors
/// It did not start.
pub(crate) async fn idle(setting: &Setting) -> anyhow::Result<Memory> {
    let server = setting.start()?;
    first_token(&server).await?;
    let pid = server.pid();
    let mut before = process::cpu_seconds(pid)?;
    // Until it has done nothing for a while.
    loop {
        tokio::time::sleep(Duration::from_secs(2)).await;
        let now = process::cpu_seconds(pid)?;
        if now - before < 0.015 {
            return process::memory(pid);
        }
        before = now;
    }
}

async fn first_token(server: &Server) -> anyhow::Result<Duration> {
    let client = Client::of(&server.ready)?;
    let mut connection = client.connect().await?;
    let answer = connection.send(&sample_sign_in()).await?;
    let took = server.spawned.elapsed();
    anyhow::ensure!(answer.status == 200, "the sample's user was answered {}", answer.status);
    Ok(took)
}

/// `cloud@alpine.test` through Legacy tool.
fn sample_sign_in() -> Call {
    let form = "grant_type=password&client_id=e0a91000-0000-4000-8000-00000000000c&username=cloud%40alpine.test\
                &password=Summit-2042&scope=openid+profile+api%3A%2F%2Femployees.alpine.test%2F.default";
    Call {
        method: Method::POST,
        path: "/5e1f0a00-0000-4000-8000-000000000001/oauth2/v2.0/token".into(),
        content_type: "application/x-www-form-urlencoded",
        bearer: None,
        body: Bytes::from_static(form.as_bytes()),
    }
}

fn remove(folder: &std::path::Path) -> anyhow::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("emptying {}", folder.display()))
        }
        _ => Ok(()),
    }
}
