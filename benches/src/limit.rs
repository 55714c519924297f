//! The limits: what the libraries underneath do on this machine when nobody asks them over a network.

use std::time::Duration;

use anyhow::{Context, anyhow};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use ropeway_core::password::{self, HashingCost, HashingMemory};
use ropeway_core::secret::Secret;

use crate::clock;
use crate::machine;
use crate::process;

/// How often something can be done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit {
    /// In a second of the wall clock, on all cores.
    pub(crate) per_second: f64,
    /// In a second of one core's time: other people's work does not make it smaller.
    pub(crate) per_cpu_second: f64,
}

impl Limit {
    /// The mean of several that were measured for equally long.
    pub(crate) fn mean(limits: &[Self]) -> Self {
        let mean = |of: fn(&Self) -> f64| limits.iter().map(of).sum::<f64>() / limits.len() as f64;
        Self { per_second: mean(|limit| limit.per_second), per_cpu_second: mean(|limit| limit.per_cpu_second) }
    }

    /// Of something that is done so often in one go.
    pub(crate) fn in_one(self, times: u32) -> Self {
        let times = f64::from(times.max(1));
        Self { per_second: self.per_second / times, per_cpu_second: self.per_cpu_second / times }
    }

    /// Of both, one after the other.
    pub(crate) fn and(self, other: Self) -> Self {
        let both = |one: f64, other: f64| 1.0 / (1.0 / one + 1.0 / other);
        Self {
            per_second: both(self.per_second, other.per_second),
            per_cpu_second: both(self.per_cpu_second, other.per_cpu_second),
        }
    }
}

/// RSA-2048 signatures (PKCS #1 v1.5, SHA-256) of a message as long as a token.
///
/// # Errors
/// The key cannot sign.
pub(crate) fn signatures(key: &KeyPair, duration: Duration) -> anyhow::Result<Limit> {
    let message = [b'x'; 900];
    on_all_cores(duration, |_| {
        let (random, mut signature) = (SystemRandom::new(), vec![0; key.public_modulus_len()]);
        move || {
            key.sign(&RSA_PKCS1_SHA256, &random, &message, &mut signature).map_err(|_| anyhow!("signing failed"))?;
            Ok(true)
        }
    })
}

/// Argon2id hashes of one password at the server's cost, every one with another salt: the PHC strings, and how fast they
/// were made.
///
/// # Errors
/// The password cannot be hashed.
pub(crate) fn hashes(password: &Secret, count: usize) -> anyhow::Result<(Vec<String>, Limit)> {
    let (sender, made) = std::sync::mpsc::channel();
    let limit = on_all_cores(Duration::MAX, |core| {
        let (sender, mut memory) = (sender.clone(), HashingMemory::default());
        let mut numbers = (core..count).step_by(machine::cores());
        move || {
            let Some(number) = numbers.next() else { return Ok(false) };
            let salt = (number as u128).to_be_bytes();
            let hash = password::hash(password, salt, HashingCost::PRODUCTION, &mut memory)?;
            sender.send(hash.expose().to_owned())?;
            Ok(true)
        }
    })?;
    drop(sender);
    Ok((made.into_iter().collect(), limit))
}

/// Repeats what `make` gives each core, for so long or until it answers `false`.
fn on_all_cores<Repeated>(duration: Duration, make: impl Fn(usize) -> Repeated) -> anyhow::Result<Limit>
where
    Repeated: FnMut() -> anyhow::Result<bool> + Send,
{
    let started = clock::stopwatch();
    let of_cores: Vec<(usize, f64)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..machine::cores())
            .map(|core| {
                let mut repeated = make(core);
                scope.spawn(move || {
                    let before = process::thread_cpu_seconds()?;
                    let mut times = 0;
                    while started.elapsed() < duration && repeated()? {
                        times += 1;
                    }
                    anyhow::Ok((times, process::thread_cpu_seconds()? - before))
                })
            })
            .collect();
        let join =
            |thread: std::thread::ScopedJoinHandle<'_, _>| thread.join().map_err(|_| anyhow!("a thread died"))?;
        threads.into_iter().map(join).collect::<anyhow::Result<_>>()
    })
    .context("measuring a limit")?;
    let seconds = started.elapsed().as_secs_f64();
    let times: usize = of_cores.iter().map(|(times, _)| times).sum();
    let cpu_seconds: f64 = of_cores.iter().map(|(_, cpu)| cpu).sum();
    Ok(Limit { per_second: times as f64 / seconds, per_cpu_second: times as f64 / cpu_seconds })
}
