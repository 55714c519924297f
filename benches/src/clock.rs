//! The clock, read here and nowhere else.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ropeway_core::time::WallTime;

/// Begins to count.
#[expect(clippy::disallowed_methods, reason = "a benchmark is about time")]
pub(crate) fn stopwatch() -> Instant {
    Instant::now()
}

/// The wall clock.
#[expect(clippy::disallowed_methods, reason = "a benchmark says when it was made")]
pub(crate) fn wall() -> WallTime {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    WallTime(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}

/// Today's date, `2026-11-25`, in UTC.
pub(crate) fn today() -> String {
    let now = time::OffsetDateTime::from_unix_timestamp(wall().unix_seconds());
    now.map_or_else(|_| String::new(), |now| now.date().to_string())
}

/// Milliseconds with a fraction.
pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
