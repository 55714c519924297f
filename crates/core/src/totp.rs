//! Codes of an authenticator app: TOTP (RFC 6238) as Entra takes it, HMAC-SHA-1, 30 seconds, six digits.

use totp_rs::{Algorithm, Builder};

use crate::secret::Secret;
use crate::time::WallTime;

/// The code that an authenticator app with this base32 secret shows at this moment, with leading zeros. `None` when the
/// secret is no base32.
pub fn code(secret_key: &Secret, now: WallTime) -> Option<String> {
    let secret = totp_rs::Secret::try_from_base32(secret_key.expose()).ok()?;
    let seconds = u64::try_from(now.unix_seconds()).ok()?;
    let app = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6).with_step_duration(STEP_SECONDS);
    // RFC 4226 wants 128 bits of a secret, and apps take the 80 bits that many services give.
    Some(app.with_secret(secret).build_noncompliant().generate(seconds).to_string())
}

/// The step whose code this is: of this moment, of the one before, or of the next, as clocks differ (RFC 6238 §5.2). It is
/// for the caller to take each step once.
pub fn matching_step(secret_key: &Secret, typed: &str, now: WallTime) -> Option<i64> {
    let typed = Secret::new(typed);
    let shown = |steps: i64| {
        let at = now.plus_seconds(steps * STEP_SECONDS.cast_signed());
        let matches = code(secret_key, at).is_some_and(|shown| Secret::new(shown).matches(&typed));
        matches.then(|| at.unix_seconds().div_euclid(STEP_SECONDS.cast_signed()))
    };
    [0, -1, 1].into_iter().find_map(shown)
}

/// A fresh secret in base32 from random bytes.
pub fn new_secret(random: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut held, mut bits, mut text) = (0_u32, 0, String::new());
    for byte in random {
        held = (held << 8 | u32::from(*byte)) & 0xffff;
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(ALPHABET[(held >> bits & 31) as usize]));
        }
    }
    text
}

/// Seconds for which the code of this moment is still shown.
pub fn seconds_left(now: WallTime) -> u64 {
    STEP_SECONDS - u64::try_from(now.unix_seconds()).unwrap_or(0) % STEP_SECONDS
}

const STEP_SECONDS: u64 = 30;

#[cfg(test)]
mod tests {
    use super::*;

    /// The SHA-1 rows of RFC 6238, appendix B, cut to six digits; the key is `12345678901234567890`.
    #[test]
    fn codes_are_those_of_the_standard() {
        let key = Secret::new("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        for (seconds, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(&key, WallTime::from_unix_seconds(seconds)).as_deref(), Some(expected), "{seconds}");
        }
    }

    #[test]
    fn the_code_before_and_the_next_are_taken_and_no_other() {
        let key = Secret::new("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        for (seconds, expected) in [(59, Some(1)), (89, Some(1)), (29, Some(1)), (90, None), (119, None)] {
            assert_eq!(matching_step(&key, "287082", WallTime::from_unix_seconds(seconds)), expected, "{seconds}");
        }
    }

    #[test]
    fn a_new_secret_reads_back() {
        let secret = new_secret(b"12345678901234567890");
        assert_eq!(secret, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    #[test]
    fn what_is_no_base32_has_no_code() {
        assert_eq!(code(&Secret::new("not base32!"), WallTime(0)), None);
        assert!(code(&Secret::new("JBSWY3DPEHPK3PXP"), WallTime(0)).is_some());
    }

    #[test]
    fn a_code_is_shown_until_the_step_ends() {
        assert_eq!(seconds_left(WallTime(59_999)), 1);
        assert_eq!(seconds_left(WallTime(60_000)), 30);
    }
}
