//! Codes of an authenticator app: TOTP (RFC 6238) as Entra takes it, HMAC-SHA-1, 30 seconds, six digits.

use aws_lc_rs::hmac;

use crate::secret::Secret;
use crate::time::WallTime;

/// The code that an authenticator app with this base32 secret shows at this moment, with leading zeros. `None` when the
/// secret is no base32.
pub fn code(secret_key: &Secret, now: WallTime) -> Option<String> {
    let key = base32(secret_key.expose())?;
    let step = u64::try_from(now.unix_seconds()).ok()? / STEP_SECONDS;
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &key), &step.to_be_bytes());
    // RFC 4226 §5.3: the last four bits say where the 31 bits of the code begin.
    let tag = tag.as_ref();
    let offset = usize::from(tag.last()? & 0x0f);
    let word = tag.get(offset..)?.first_chunk::<4>()?;
    Some(format!("{:06}", (u32::from_be_bytes(*word) & 0x7fff_ffff) % 1_000_000))
}

/// Seconds for which the code of this moment is still shown.
pub fn seconds_left(now: WallTime) -> u64 {
    STEP_SECONDS - u64::try_from(now.unix_seconds()).unwrap_or(0) % STEP_SECONDS
}

/// RFC 4648 §6 without padding; bits that fill no byte are dropped.
fn base32(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut held, mut bits) = (0_u32, 0);
    for letter in text.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'2'..=b'7' => letter - b'2' + 26,
            _ => return None,
        };
        held = (held << 5 | u32::from(value)) & 0xfff;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).ok()?);
        }
    }
    Some(bytes)
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
