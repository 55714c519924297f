//! What a running server does for itself: sweep what has outlived its time, and replace its keys.

use std::time::Duration;

use ropeway_core::ids::TenantId;
use ropeway_core::time::TenantTime;

use crate::app::App;

impl App {
    /// Sweeps the store every minute and replaces the keys when they are older than `rotate_keys_every` (`None`: never).
    /// Returns when [`Inner::stop`](crate::app::Inner::stop) is called. What goes wrong is logged and tried again a minute later.
    pub async fn upkeep(self, rotate_keys_every: Option<Duration>) {
        let mut minute = tokio::time::interval(PAUSE);
        minute.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = self.stopping.cancelled() => return,
                _ = minute.tick() => {}
            }
            if let Err(error) = self.upkeep_once(rotate_keys_every).await {
                tracing::warn!("upkeep was not finished and will be tried again: {error:#}");
            }
        }
    }

    /// One round of [`App::upkeep`].
    ///
    /// # Errors
    /// The store failed, or a key cannot be made.
    pub async fn upkeep_once(&self, rotate_keys_every: Option<Duration>) -> anyhow::Result<()> {
        let wall = self.source.wall();
        let tenants = self.tenants()?;
        let clocks: Vec<(TenantId, TenantTime)> =
            tenants.iter().map(|tenant| (tenant.id, tenant.settings.clock.at(wall))).collect();
        for (tenant, (id, now)) in tenants.iter().zip(&clocks) {
            self.store.fail_overdue_attempts(*id, *now, wall, tenant.settings.smart_lockout).await?;
        }
        let swept = self.store.sweep(&clocks).await?;
        if swept.redeemed + swept.sign_ins > 0 {
            tracing::debug!("swept {} single-use marks and {} sign-ins", swept.redeemed, swept.sign_ins);
        }
        self.passwords.release_memory();
        self.rotate_keys_that_are_due(rotate_keys_every).await
    }
}

const PAUSE: Duration = Duration::from_secs(60);
