//! The only reading of clock and randomness: everything else is handed a [`Moment`].

use std::net::IpAddr;
use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use ropeway_core::directory::Tenant;
use ropeway_core::time::{TenantTime, WallTime};
use uuid::{Builder, Uuid};

/// When and where a request came in, and the ids it goes by.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// The wall clock.
    pub wall: WallTime,
    /// `trace_id` of an error body and the header `x-ms-request-id`.
    pub trace_id: Uuid,
    /// The peer's address.
    pub ip: IpAddr,
}

impl Moment {
    /// What time it is in the tenant at this moment.
    pub fn in_tenant(&self, tenant: &Tenant) -> TenantTime {
        tenant.settings.clock.at(self.wall)
    }
}

/// Where moments come from: the machine's clock and randomness, or a test's.
#[derive(Debug)]
pub struct Source {
    clock: Mutex<WallClock>,
    random: SystemRandom,
}

/// How the wall clock runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WallClock {
    /// As the machine's, moved by so many milliseconds.
    Running {
        /// Milliseconds ahead of the machine's clock.
        offset: i64,
    },
    /// Stands still.
    Frozen {
        /// What it shows.
        at: WallTime,
    },
}

impl Default for Source {
    fn default() -> Self {
        Self { clock: Mutex::new(WallClock::Running { offset: 0 }), random: SystemRandom::new() }
    }
}

impl Source {
    /// The wall clock.
    pub fn wall(&self) -> WallTime {
        match *self.clock.lock().unwrap_or_else(std::sync::PoisonError::into_inner) {
            WallClock::Running { offset } => WallTime(machine_milliseconds().saturating_add(offset)),
            WallClock::Frozen { at } => at,
        }
    }

    /// Sets how the wall clock runs: for tests that hold both clocks.
    pub fn set_wall_clock(&self, clock: WallClock) {
        *self.clock.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = clock;
    }

    /// So many unpredictable bytes. The operating system's randomness does not fail once it has begun to work, which
    /// start-up waits for; should it all the same, the request fails.
    pub fn random<const N: usize>(&self) -> anyhow::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.random.fill(&mut bytes).map_err(|_| anyhow::anyhow!("the operating system gives no randomness"))?;
        Ok(bytes)
    }

    /// A random id (UUID version 4).
    pub fn id(&self) -> anyhow::Result<Uuid> {
        Ok(Builder::from_random_bytes(self.random()?).into_uuid())
    }

    /// The moment of a request from `ip`.
    pub fn moment(&self, ip: IpAddr) -> anyhow::Result<Moment> {
        let mut id = self.id()?.into_bytes();
        // Entra's request ids end in 00 (captured).
        id[15] = 0;
        Ok(Moment { wall: self.wall(), trace_id: Uuid::from_bytes(id), ip })
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
fn machine_milliseconds() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |elapsed| i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn a_frozen_wall_clock_stands_and_request_ids_end_in_00() {
        let source = Source::default();
        source.set_wall_clock(WallClock::Frozen { at: WallTime(42) });
        let moment = source.moment(IpAddr::from([127, 0, 0, 1])).unwrap();
        assert_eq!(moment.wall, WallTime(42));
        assert!(moment.trace_id.to_string().ends_with("00"));
    }
}
