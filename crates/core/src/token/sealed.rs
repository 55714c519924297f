use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

/// A key that seals text which only we read again: AES-256-GCM.
pub struct SealingKey {
    id: u32,
    key: LessSafeKey,
}

impl SealingKey {
    /// `id` stands in clear in what is sealed and chooses the key that opens it. `None` only if the cryptographic library
    /// refuses the key.
    pub fn new(id: u32, key: &[u8; 32]) -> Option<Self> {
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).ok()?);
        Some(Self { id, key })
    }

    /// Seals `plaintext` into base64url text. What is sealed for one `purpose` opens for no other.
    ///
    /// `nonce` must be random: the same nonce twice under one key gives the key away.
    ///
    /// # Errors
    /// The cryptographic library could not seal: our failure.
    pub fn seal(&self, nonce: [u8; NONCE_LEN], purpose: &str, plaintext: &[u8]) -> Result<String, SealingFailed> {
        let mut body = plaintext.to_vec();
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), self.context(purpose), &mut body)
            .map_err(|_| SealingFailed)?;
        let mut sealed = vec![FORMAT];
        sealed.extend_from_slice(&self.id.to_be_bytes());
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&body);
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    fn open(&self, nonce: [u8; NONCE_LEN], purpose: &str, body: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let mut body = Zeroizing::new(body.to_vec());
        let nonce = Nonce::assume_unique_for_key(nonce);
        let length = self.key.open_in_place(nonce, self.context(purpose), &mut body).ok()?.len();
        body.truncate(length);
        Some(body)
    }

    /// Everything in clear is authenticated too, and so is the purpose.
    fn context(&self, purpose: &str) -> Aad<Vec<u8>> {
        let mut context = vec![FORMAT];
        context.extend_from_slice(&self.id.to_be_bytes());
        context.extend_from_slice(purpose.as_bytes());
        Aad::from(context)
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealingKey({})", self.id)
    }
}

/// The text could not be sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text could not be sealed")]
pub struct SealingFailed;

/// The sealing keys in force: the newest seals, all of them open.
#[derive(Debug)]
pub struct KeyRing {
    newest: SealingKey,
    older: Vec<SealingKey>,
}

impl KeyRing {
    /// A ring of one key for sealing and, while they overlap, its predecessors.
    pub fn new(newest: SealingKey, older: Vec<SealingKey>) -> Self {
        Self { newest, older }
    }

    /// The key that seals.
    pub fn newest(&self) -> &SealingKey {
        &self.newest
    }

    /// Opens what [`SealingKey::seal`] made for this purpose under a key of this ring; anything else is `None`.
    pub fn open(&self, purpose: &str, text: &str) -> Option<Zeroizing<Vec<u8>>> {
        if text.len() > LONGEST_TEXT {
            return None;
        }
        let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (format, rest) = sealed.split_first()?;
        let (id, rest) = rest.split_first_chunk()?;
        let (nonce, body) = rest.split_first_chunk()?;
        if *format != FORMAT {
            return None;
        }
        let id = u32::from_be_bytes(*id);
        let key = std::iter::once(&self.newest).chain(&self.older).find(|key| key.id == id)?;
        key.open(*nonce, purpose, body)
    }
}

/// The first byte, so that the text begins with `A` and a later layout can be told apart.
const FORMAT: u8 = 1;
const LONGEST_TEXT: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed precondition fails the test")]

    use proptest::prelude::*;

    use super::*;

    fn key(id: u32) -> SealingKey {
        SealingKey::new(id, &[id.to_be_bytes()[3]; 32]).unwrap()
    }

    fn ring() -> KeyRing {
        KeyRing::new(key(2), vec![key(1)])
    }

    #[test]
    fn every_key_of_the_ring_opens_what_it_sealed() {
        for id in [1, 2] {
            let sealed = key(id).seal([7; 12], "refresh", b"text").unwrap();

            assert!(sealed.starts_with('A'));
            assert_eq!(ring().open("refresh", &sealed).as_deref(), Some(&b"text".to_vec()));
        }
    }

    #[test]
    fn another_purpose_another_key_and_a_retired_key_open_nothing() {
        let sealed = key(2).seal([7; 12], "refresh", b"text").unwrap();
        let retired = key(3).seal([7; 12], "refresh", b"text").unwrap();
        let same_id = KeyRing::new(SealingKey::new(2, &[9; 32]).unwrap(), vec![]);

        assert!(ring().open("refresh", &sealed).is_some());
        assert!(ring().open("cookie", &sealed).is_none());
        assert!(same_id.open("refresh", &sealed).is_none());
        assert!(ring().open("refresh", &retired).is_none());
    }

    #[test]
    fn one_changed_character_anywhere_opens_nothing() {
        let sealed = key(2).seal([7; 12], "refresh", b"text").unwrap();
        for (index, character) in sealed.char_indices() {
            let mut changed = sealed.clone();
            changed.replace_range(index..=index, if character == 'A' { "B" } else { "A" });
            assert!(ring().open("refresh", &changed).is_none(), "character {index}");
        }
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens_again(plaintext in proptest::collection::vec(any::<u8>(), 0..300), nonce: [u8; 12]) {
            let sealed = key(2).seal(nonce, "refresh", &plaintext).unwrap();
            prop_assert_eq!(ring().open("refresh", &sealed).map(|opened| opened.to_vec()), Some(plaintext));
        }

        #[test]
        fn garbage_opens_nothing(text in ".{0,200}", bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            prop_assert!(ring().open("refresh", &text).is_none());
            let headed = [&[FORMAT, 0, 0, 0, 2], bytes.as_slice()].concat();
            prop_assert!(ring().open("refresh", &URL_SAFE_NO_PAD.encode(headed)).is_none());
        }
    }
}
