//! Encryption at rest: AES-256-GCM with a nonce of its own for every writing.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

/// The key that the store is encrypted with.
#[derive(Clone)]
pub struct StoreKey {
    aead: Arc<RandomizedNonceKey>,
    /// Tells two keys apart and nothing about either.
    id: String,
}

/// A text is no key: 32 bytes in base64 are.
#[derive(Debug, thiserror::Error)]
#[error("a key is 32 random bytes in base64 (`openssl rand -base64 32`)")]
pub struct NoKey;

/// Why sealed bytes cannot be opened.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum CannotOpen {
    /// They were never sealed, or were changed.
    Broken(&'static str),
    /// They were sealed with another key.
    OtherKey,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Envelope {
    format: u32,
    key_id: String,
    nonce: String,
    sealed: String,
}

impl StoreKey {
    /// Reads a key.
    ///
    /// # Errors
    /// It is not 32 bytes in base64.
    pub fn from_base64(text: &str) -> Result<Self, NoKey> {
        let bytes = STANDARD.decode(text.trim()).map_err(|_| NoKey)?;
        let aead = RandomizedNonceKey::new(&AES_256_GCM, &bytes).map_err(|_| NoKey)?;
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &bytes), b"nightly-job key id");
        let id = STANDARD.encode(tag.as_ref().get(..KEY_ID_BYTES).ok_or(NoKey)?);
        Ok(Self { aead: Arc::new(aead), id })
    }

    /// Encrypts.
    ///
    /// # Errors
    /// The system has no randomness.
    pub(crate) fn seal(&self, mut bytes: Vec<u8>) -> anyhow::Result<Vec<u8>> {
        let nonce = self.aead.seal_in_place_append_tag(aad(), &mut bytes)?;
        let (format, key_id) = (FORMAT, self.id.clone());
        let envelope =
            Envelope { format, key_id, nonce: STANDARD.encode(nonce.as_ref()), sealed: STANDARD.encode(bytes) };
        Ok(serde_json::to_vec(&envelope)?)
    }

    /// Decrypts what [`seal`](Self::seal) made.
    pub(crate) fn open(&self, file: &[u8]) -> Result<Vec<u8>, CannotOpen> {
        let envelope: Envelope = serde_json::from_slice(file).map_err(|_| CannotOpen::Broken("it is no such file"))?;
        if envelope.format != FORMAT {
            return Err(CannotOpen::Broken("it is written by another version of the job"));
        }
        if envelope.key_id != self.id {
            return Err(CannotOpen::OtherKey);
        }
        let base64 = |text: &str| STANDARD.decode(text).map_err(|_| CannotOpen::Broken("it is no base64"));
        let nonce = Nonce::try_assume_unique_for_key(&base64(&envelope.nonce)?);
        let nonce = nonce.map_err(|_| CannotOpen::Broken("its nonce has another length"))?;
        let mut sealed = base64(&envelope.sealed)?;
        let opened = self.aead.open_in_place(nonce, aad(), &mut sealed);
        opened.map(|bytes| bytes.to_vec()).map_err(|_| CannotOpen::Broken("it was changed after it was written"))
    }
}

impl fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreKey([redacted])")
    }
}

/// Bound to what it is, so that nothing else that is sealed with this key passes for it.
fn aad() -> Aad<&'static [u8]> {
    Aad::from(b"nightly-job grant, format 1")
}

const FORMAT: u32 = 1;
const KEY_ID_BYTES: usize = 6;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use proptest::prelude::*;

    use super::*;

    fn key(byte: u8) -> StoreKey {
        StoreKey::from_base64(&STANDARD.encode([byte; 32])).unwrap()
    }

    #[test]
    fn only_32_bytes_in_base64_are_a_key() {
        assert!(StoreKey::from_base64(&format!("{}\n", STANDARD.encode([7; 32]))).is_ok());
        for wrong in ["", "secret", &STANDARD.encode([7; 16]), &STANDARD.encode([7; 33]), &"7".repeat(64)] {
            assert!(StoreKey::from_base64(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn no_two_writings_look_alike_and_none_shows_what_it_holds() {
        let (one, other) = (key(1).seal(b"refresh".to_vec()).unwrap(), key(1).seal(b"refresh".to_vec()).unwrap());
        assert_ne!(one, other);
        assert_eq!((key(1).open(&one).unwrap(), key(1).open(&other).unwrap()), (b"refresh".into(), b"refresh".into()));
        assert!(!String::from_utf8(one).unwrap().contains(&STANDARD.encode(b"refresh")));
        assert_eq!(format!("{:?}", key(1)), "StoreKey([redacted])");
    }

    #[test]
    fn another_key_is_told_from_a_broken_file() {
        let sealed = key(1).seal(b"refresh".to_vec()).unwrap();
        assert_eq!(key(2).open(&sealed), Err(CannotOpen::OtherKey));
        assert!(matches!(key(1).open(&sealed[..sealed.len() - 1]), Err(CannotOpen::Broken(_))));
        let newer = String::from_utf8(sealed).unwrap().replace("\"format\":1", "\"format\":2");
        assert!(matches!(key(1).open(newer.as_bytes()), Err(CannotOpen::Broken(_))));
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens(bytes: Vec<u8>) {
            prop_assert_eq!(key(1).open(&key(1).seal(bytes.clone()).unwrap()), Ok(bytes));
        }

        #[test]
        fn what_was_changed_does_not(bytes: Vec<u8>, at: prop::sample::Index, byte: u8) {
            let mut sealed = key(1).seal(bytes).unwrap();
            let at = at.index(sealed.len());
            prop_assume!(sealed[at] != byte);
            sealed[at] = byte;
            prop_assert!(key(1).open(&sealed).is_err());
        }

        #[test]
        fn strange_bytes_are_refused(bytes: Vec<u8>, nonce: Vec<u8>, sealed: Vec<u8>) {
            prop_assert!(key(1).open(&bytes).is_err());
            let (nonce, sealed) = (STANDARD.encode(nonce), STANDARD.encode(sealed));
            let envelope = Envelope { format: FORMAT, key_id: key(1).id, nonce, sealed };
            prop_assert!(key(1).open(&serde_json::to_vec(&envelope).unwrap()).is_err());
        }
    }
}
