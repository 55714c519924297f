//! Copies of a tenant by the control API, as a test suite makes them: one for each test.

use std::time::Duration;

use hyper::Method;
use hyper::body::Bytes;

use crate::client::{Call, Client};
use crate::clock::{self, milliseconds};
use crate::server::Server;

/// How long copies took, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Copies {
    pub(crate) median: f64,
    pub(crate) p99: f64,
    pub(crate) count: usize,
}

/// Copies the sample's Alpine again and again over one connection, no copy dropped.
///
/// # Errors
/// A copy was refused.
pub(crate) async fn measure(server: &Server, duration: Duration) -> anyhow::Result<Copies> {
    let call = Call {
        method: Method::POST,
        path: "/_ropeway/api/v1/tenants".into(),
        content_type: "application/json",
        bearer: Some(server.ready.control_key.expose().to_owned()),
        body: Bytes::from_static(br#"{"from":"5e1f0a00-0000-4000-8000-000000000001"}"#),
    };
    let mut connection = Client::of(&server.ready)?.connect().await?;
    let mut took = Vec::new();
    let started = clock::stopwatch();
    while started.elapsed() < duration {
        let sent = clock::stopwatch();
        let answer = connection.send(&call).await?;
        anyhow::ensure!(answer.status == 201, "a copy was answered {}", answer.status);
        took.push(milliseconds(sent.elapsed()));
    }
    took.sort_by(f64::total_cmp);
    let at = |part: usize| took.get(took.len() * part / 100).copied().unwrap_or_default();
    Ok(Copies { median: at(50), p99: at(99), count: took.len() })
}
