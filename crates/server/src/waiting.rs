//! The bounded queue of those who wait for a password attempt to settle.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::bail;
use tokio::sync::Notify;

/// How many wait, and the bell that wakes them.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    inside: AtomicUsize,
    bell: Notify,
}

/// A place in the queue; leaving it is dropping it.
#[derive(Debug)]
pub(crate) struct Place<'a>(&'a Waiting);

impl Waiting {
    /// Takes a place.
    ///
    /// # Errors
    /// The queue is full: the client should come again.
    pub(crate) fn enter(&self) -> anyhow::Result<Place<'_>> {
        let place = Place(self);
        if self.inside.fetch_add(1, Ordering::Relaxed) >= LONGEST {
            bail!("more than {LONGEST} password sign-ins wait");
        }
        Ok(place)
    }

    /// Resolves when an attempt settles after this call. The bell may ring for somebody else's attempt, and one that a
    /// crash left open rings for nobody, so it also resolves after a while.
    pub(crate) fn settled(&self) -> impl Future<Output = ()> + '_ {
        let rung = self.bell.notified();
        async move {
            let _ = tokio::time::timeout(LONGEST_WAIT, rung).await;
        }
    }

    /// Wakes those who wait.
    pub(crate) fn settle(&self) {
        self.bell.notify_waiters();
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.inside.fetch_sub(1, Ordering::Relaxed);
    }
}

const LONGEST: usize = 1024;
const LONGEST_WAIT: Duration = Duration::from_secs(1);
