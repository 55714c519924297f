//! Servers take turns, slice by slice, with bare signing in between. What a machine yields changes from second to second, so
//! what is to be compared is measured side by side, and the middle of many slices counts.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use aws_lc_rs::rsa::KeyPair;

use crate::client::Client;
use crate::limit::{self, Limit};
use crate::load::{self, Load};
use crate::server::Server;
use crate::token_endpoint::{Case, Grant};

/// A server and what it is asked: the n-th request.
#[derive(Clone)]
pub(crate) struct Entrant<'e> {
    pub(crate) server: &'e Server,
    pub(crate) client: &'e Client,
    pub(crate) call: Grant,
}

/// CPU time of one slice, in microseconds an answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slice {
    /// Of the server.
    pub(crate) server: f64,
    /// Of the signatures in it, made by nothing but the crypto library.
    pub(crate) signatures: f64,
}

impl Entrant<'_> {
    /// Asks for so long.
    ///
    /// # Errors
    /// An answer was not 200.
    pub(crate) async fn load(&self, duration: Duration) -> anyhow::Result<Load> {
        let call = Arc::clone(&self.call);
        // No two connections ask for one user at the same time, and every user has the turn.
        let next = move |connection: usize, turn: usize| Some(call(turn * load::connections() + connection));
        load::run(self.client, self.server.pid(), duration, 200, next).await
    }
}

/// Warms up, then gives each entrant so much time in all, in slices.
///
/// # Errors
/// An answer was not 200.
pub(crate) async fn in_turns(
    name: &'static str,
    key: &KeyPair,
    entrants: &[Entrant<'_>],
    duration: Duration,
) -> anyhow::Result<Vec<Case>> {
    eprintln!("  {name}");
    let mut loads: Vec<Vec<Load>> = vec![Vec::new(); entrants.len()];
    let (mut limits, mut slices) = (Vec::new(), vec![Vec::new(); entrants.len()]);
    for entrant in entrants {
        entrant.load(WARM_UP).await?;
    }
    for _ in 0..duration.as_millis().div_ceil(SLICE.as_millis()) {
        let mut of_round = Vec::new();
        for entrant in entrants {
            of_round.push(entrant.load(SLICE).await?);
        }
        let limit = limit::signatures(key, SLICE / 2)?;
        for ((load, loads), slices) in of_round.into_iter().zip(&mut loads).zip(&mut slices) {
            slices.push(Slice {
                server: 1e6 / load.per_server_cpu_second(),
                signatures: 1e6 / limit.in_one(load.signatures).per_cpu_second,
            });
            loads.push(load);
        }
        limits.push(limit);
    }
    let limit = Limit::mean(&limits);
    let cases = loads.into_iter().zip(slices).map(|(loads, slices)| {
        let load = Load::sum(loads).context("no time to measure in")?;
        let limit = limit.in_one(load.signatures);
        Ok(Case { name, load, limit, slices, profile: None })
    });
    cases.collect()
}

/// The value in the middle.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

const WARM_UP: Duration = Duration::from_secs(1);
const SLICE: Duration = Duration::from_millis(500);
