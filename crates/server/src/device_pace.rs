//! How often a device asks, and how often somebody types a wrong user code. Forgotten at a restart: neither is a proof.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use ropeway_core::time::{TenantTime, WallTime};
use ropeway_core::token::DEVICE_POLL_SECONDS;

/// What is remembered of devices and of those who type their codes.
#[derive(Debug, Default)]
pub(crate) struct DevicePace {
    polled: Mutex<HashMap<[u8; 32], TenantTime>>,
    wrong: Mutex<HashMap<IpAddr, Wrong>>,
}

/// Wrong codes from one address.
#[derive(Debug, Clone, Copy)]
struct Wrong {
    since: WallTime,
    count: u32,
}

impl DevicePace {
    /// Notes a poll, and whether it came sooner after the last than half of what the device was asked to leave between them
    /// (RFC 8628 §3.5; that Entra minds is inferred). MSAL for Go begins with 50 ms and takes the hint.
    pub(crate) fn polls_too_fast(&self, device: [u8; 32], now: TenantTime) -> bool {
        let mut polled = self.polled.lock().unwrap_or_else(PoisonError::into_inner);
        forget_at(&mut polled);
        let before = polled.insert(device, now);
        before.is_some_and(|before| now.0.saturating_sub(before.0) < DEVICE_POLL_SECONDS * 500)
    }

    /// Whether codes from this address are looked at: a code has 45 bits and lives for fifteen minutes, and 20 wrong ones in
    /// five minutes are no typing errors.
    pub(crate) fn may_guess(&self, ip: IpAddr, now: WallTime) -> bool {
        let wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        wrong.get(&ip).is_none_or(|wrong| wrong.is_over(now) || wrong.count < MOST_WRONG)
    }

    /// Notes a wrong code.
    pub(crate) fn guessed_wrong(&self, ip: IpAddr, now: WallTime) {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        forget_at(&mut wrong);
        let before = wrong.get(&ip).copied().filter(|wrong| !wrong.is_over(now));
        let before = before.unwrap_or(Wrong { since: now, count: 0 });
        wrong.insert(ip, Wrong { count: before.count.saturating_add(1), ..before });
    }
}

impl Wrong {
    fn is_over(self, now: WallTime) -> bool {
        now.seconds_since(self.since) >= WINDOW_SECONDS
    }
}

/// Memory has an end: what was noted so far is forgotten.
fn forget_at<K: Hash + Eq, V>(noted: &mut HashMap<K, V>) {
    if noted.len() >= REMEMBERED {
        noted.clear();
    }
}

const REMEMBERED: usize = 100_000;
const MOST_WRONG: u32 = 20;
const WINDOW_SECONDS: i64 = 300;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_may_poll_at_the_pace_it_was_told() {
        let pace = DevicePace::default();
        let at = |seconds: i64| TenantTime(0).plus_seconds(seconds);
        for (seconds, too_fast) in [(0, false), (1, true), (3, true), (8, false), (13, false)] {
            assert_eq!(pace.polls_too_fast([1; 32], at(seconds)), too_fast, "{seconds}");
        }
        assert!(!pace.polls_too_fast([2; 32], at(13)), "another device");
    }

    #[test]
    fn whoever_guesses_codes_is_not_listened_to_for_a_while() {
        let pace = DevicePace::default();
        let (one, other) = (IpAddr::from([127, 0, 0, 1]), IpAddr::from([127, 0, 0, 2]));
        let start = WallTime(0);
        for _ in 0..MOST_WRONG {
            assert!(pace.may_guess(one, start));
            pace.guessed_wrong(one, start);
        }
        assert!(!pace.may_guess(one, start));
        assert!(pace.may_guess(other, start), "another address");
        assert!(pace.may_guess(one, start.plus_seconds(WINDOW_SECONDS)), "and not for ever");
    }
}
