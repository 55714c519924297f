//! Load: so many connections, each with the next request as soon as the last one was answered.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::task::JoinSet;

use crate::client::{Call, Client};
use crate::clock;
use crate::machine;
use crate::process;

/// What a stretch of load came to.
#[derive(Debug, Clone)]
pub(crate) struct Load {
    /// Answers.
    pub(crate) requests: usize,
    /// Wall-clock seconds that it took.
    pub(crate) seconds: f64,
    /// CPU seconds of the server.
    pub(crate) server_cpu: f64,
    /// CPU seconds of this program, which makes the load.
    pub(crate) own_cpu: f64,
    /// Signatures in each answer.
    pub(crate) signatures: u32,
    /// From first byte sent to last byte read, in microseconds, the shortest first.
    latencies: Vec<u32>,
}

impl Load {
    /// All of them one after the other; `None` of none.
    pub(crate) fn sum(loads: Vec<Self>) -> Option<Self> {
        let mut loads = loads.into_iter();
        let mut sum = loads.next()?;
        for load in loads {
            sum.requests += load.requests;
            sum.seconds += load.seconds;
            sum.server_cpu += load.server_cpu;
            sum.own_cpu += load.own_cpu;
            sum.latencies.extend(load.latencies);
        }
        sum.latencies.sort_unstable();
        Some(sum)
    }

    /// Answers per second of the wall clock.
    pub(crate) fn per_second(&self) -> f64 {
        self.requests as f64 / self.seconds
    }

    /// Answers per CPU second of the server.
    pub(crate) fn per_server_cpu_second(&self) -> f64 {
        self.requests as f64 / self.server_cpu
    }

    /// The server's share of the whole machine, 0 to 1.
    pub(crate) fn server_share(&self) -> f64 {
        self.server_cpu / (self.seconds * machine::cores() as f64)
    }

    /// This program's share of the whole machine, 0 to 1.
    pub(crate) fn own_share(&self) -> f64 {
        self.own_cpu / (self.seconds * machine::cores() as f64)
    }

    /// The latency that this part of the requests did not exceed, in milliseconds.
    pub(crate) fn latency(&self, part: f64) -> f64 {
        let last = self.latencies.len().saturating_sub(1);
        let place = (part * last as f64).round() as usize;
        self.latencies.get(place).map_or(0.0, |microseconds| f64::from(*microseconds) / 1e3)
    }
}

/// Keeps all connections busy for so long, or until `next` has no request left. `next` is told which connection asks and
/// how many requests that one had before.
///
/// # Errors
/// An answer has another status than `expected`, or a connection broke.
pub(crate) async fn run(
    client: &Client,
    server: u32,
    duration: Duration,
    expected: u16,
    next: impl Fn(usize, usize) -> Option<Call> + Send + Sync + 'static,
) -> anyhow::Result<Load> {
    let next = Arc::new(next);
    let mut open = Vec::new();
    for _ in 0..connections() {
        open.push(client.connect().await?);
    }
    let own = std::process::id();
    let (server_before, own_before) = (process::cpu_seconds(server)?, process::cpu_seconds(own)?);
    let started = clock::stopwatch();
    let mut tasks = JoinSet::new();
    for (number, mut connection) in open.into_iter().enumerate() {
        let next = Arc::clone(&next);
        tasks.spawn(async move {
            let mut latencies: Vec<u32> = Vec::new();
            let mut signatures = 0;
            while started.elapsed() < duration
                && let Some(call) = next(number, latencies.len())
            {
                let sent = clock::stopwatch();
                let answer = connection.send(&call).await?;
                latencies.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
                if answer.status != expected {
                    anyhow::bail!("answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
                }
                if latencies.len() == 1 {
                    signatures = answer.signed_tokens();
                }
            }
            Ok((latencies, signatures))
        });
    }
    let (mut latencies, mut signatures) = (Vec::new(), 0);
    while let Some(ended) = tasks.join_next().await {
        let (of_one, signed) = ended.context("a connection's task ended early")??;
        latencies.extend(of_one);
        signatures = signatures.max(signed);
    }
    let seconds = started.elapsed().as_secs_f64();
    let server_cpu = process::cpu_seconds(server)? - server_before;
    let own_cpu = process::cpu_seconds(own)? - own_before;
    latencies.sort_unstable();
    Ok(Load { requests: latencies.len(), seconds, server_cpu, own_cpu, signatures, latencies })
}

/// Enough that the server never waits for a request, not even while it waits for the disk.
pub(crate) fn connections() -> usize {
    8 * machine::cores()
}
