//! Fixed words, looked for all at once and in any case.
//!
//! An automaton waits at every byte for the state that the byte before led to. Here two grams of each word, four bytes
//! each, are marks in a small table: the ones least to be expected in code, and one byte apart, so that one of them begins
//! at an even place of the text wherever the word stands. Every second place is looked up, none waits for another, and
//! nearly all are not marked. Where one is, the words are compared in full.

use std::ops::Range;

/// Words of at least [`SHORTEST`] bytes.
#[derive(Debug)]
pub(crate) struct Words {
    words: Vec<String>,
    /// A bit for each hash: whether any gram has it.
    marks: Box<[u64; HASHES / 64]>,
    /// Where the grams of each hash begin in `grams`; one more at the end.
    starts: Vec<u32>,
    grams: Vec<Gram>,
}

#[derive(Debug, Clone, Copy)]
struct Gram {
    hash: usize,
    word: usize,
    /// Where it begins in the word; before it, if negative.
    offset: isize,
}

impl Words {
    /// Takes the words apart. Case is that of ASCII letters.
    pub(crate) fn new(words: Vec<String>) -> Self {
        let mut grams = Vec::new();
        for (word, text) in words.iter().enumerate() {
            let first = first_gram(text.as_bytes());
            for offset in [first, first + 1] {
                grams.extend(hashes_at(text.as_bytes(), offset).map(|hash| Gram { hash, word, offset }));
            }
        }
        grams.sort_by_key(|gram| gram.hash);
        let (mut marks, mut starts) = (Box::new([0; HASHES / 64]), vec![0; HASHES + 1]);
        for gram in &grams {
            marks[gram.hash / 64] |= 1 << (gram.hash % 64);
            starts[gram.hash + 1] += 1;
        }
        for hash in 0..HASHES {
            starts[hash + 1] += starts[hash];
        }
        Self { words, marks, starts, grams }
    }

    /// Calls back with the number of each word that is in the text, and where it is, however they overlap.
    pub(crate) fn find(&self, text: &[u8], mut found: impl FnMut(usize, Range<usize>)) {
        let mut at = 0;
        let mut look_at = |bytes: &[u8; WIDTH], at: usize| {
            if hashes_of(bytes).into_iter().fold(0, |any, hash| any | self.marked(hash)) & 1 != 0 {
                self.compare(bytes, text, at, &mut found);
            }
        };
        while let Some(bytes) = text[at..].first_chunk() {
            look_at(bytes, at);
            at += STEP;
        }
        let mut rest = [0; STEP + WIDTH];
        rest[..text.len() - at].copy_from_slice(&text[at..]);
        for place in [0, STEP] {
            if let Some(bytes) = rest[place..].first_chunk() {
                look_at(bytes, at + place);
            }
        }
    }

    /// In its lowest bit.
    #[inline(always)]
    fn marked(&self, hash: usize) -> u64 {
        self.marks[hash / 64] >> (hash % 64)
    }

    #[cold]
    #[inline(never)]
    fn compare(&self, bytes: &[u8; WIDTH], text: &[u8], at: usize, found: &mut impl FnMut(usize, Range<usize>)) {
        for (number, hash) in hashes_of(bytes).into_iter().enumerate() {
            if self.marked(hash) & 1 == 0 {
                continue;
            }
            for gram in &self.grams[self.starts[hash] as usize..self.starts[hash + 1] as usize] {
                let word = self.words[gram.word].as_bytes();
                let Some(start) = (at + 2 * number).checked_add_signed(-gram.offset) else { continue };
                let range = start..start + word.len();
                if text.get(range.clone()).is_some_and(|text| text.eq_ignore_ascii_case(word)) {
                    found(gram.word, range);
                }
            }
        }
    }
}

/// The hashes of the grams at the even places of [`STEP`] bytes.
#[inline(always)]
fn hashes_of(bytes: &[u8; WIDTH]) -> [usize; STEP / 2] {
    let eight = |at: usize| {
        let mut eight = [0; 8];
        eight.copy_from_slice(&bytes[at..at + 8]);
        u64::from_le_bytes(eight) | u64::from_le_bytes([FOLD; 8])
    };
    let [a, b, c, d] = [eight(0), eight(2), eight(8), eight(10)];
    [a, a >> 16, a >> 32, b >> 32, c, c >> 16, c >> 32, d >> 32].map(|gram| hash(gram as u32))
}

/// The upper bits of a product depend on all bits of its factors.
#[inline(always)]
fn hash(folded: u32) -> usize {
    (folded.wrapping_mul(0x9e37_79b1) >> (u32::BITS - HASHES.ilog2())) as usize
}

/// The hash of the gram at this offset of the word; all that it can have, if it reaches over the word's end.
fn hashes_at(word: &[u8], offset: isize) -> impl Iterator<Item = usize> {
    let byte = |at: isize| usize::try_from(offset + at).ok().and_then(|at| word.get(at)).copied();
    let bytes = [byte(0), byte(1), byte(2), byte(3)];
    let others = if bytes.contains(&None) { 0..=u8::MAX } else { FOLD..=FOLD };
    let others = others.filter(|other| other & FOLD == FOLD);
    others.map(move |other| hash(u32::from_le_bytes(bytes.map(|byte| byte.unwrap_or(other) | FOLD))))
}

/// Where the first of a word's two grams begins.
fn first_gram(word: &[u8]) -> isize {
    let grams: Vec<usize> = word.windows(4).map(expected).collect();
    let pairs = grams.windows(2).map(|pair| pair[0] + pair[1]).enumerate();
    let rarest = pairs.min_by_key(|(_, expected)| *expected).map(|(offset, _)| offset as isize);
    // One of each two grams of a short word reaches over its end, by one byte only.
    rarest.unwrap_or(if word.len() == SHORTEST { -1 } else { 0 })
}

/// How much these four bytes are to be expected in code, by no measure that matters elsewhere.
fn expected(gram: &[u8]) -> usize {
    let gram = gram.to_ascii_lowercase();
    let common = |byte: &u8| COMMON.iter().rev().position(|known| known == byte).map_or(0, |rank| rank + 1);
    let everyday = EVERYDAY.as_bytes().windows(4).any(|known| known == gram);
    gram.iter().map(common).sum::<usize>() + if everyday { 1000 } else { 0 }
}

/// Shorter words are in every other file.
pub(crate) const SHORTEST: usize = 3;

/// Makes a capital letter small. What else it makes alike is told apart when words are compared.
const FOLD: u8 = 0x20;

/// How many hashes there are: the marks are 16 KiB, so they stay in the processor's nearest cache.
const HASHES: usize = 1 << 17;

/// How many bytes of the text are looked at at once.
const STEP: usize = 16;

/// As many as the grams at their even places need.
const WIDTH: usize = STEP + 2;

/// What code has most of, the commonest first.
const COMMON: &[u8] = b" etrnaiosldcpumfghby_vwk.x-()=/q,j;z:0\"1";

/// Words that code of every kind is full of.
const EVERYDAY: &str = "type_type with context text build request client ping mode public server default specific \
                        allow user password common work get. .get set force active action share service source \
                        application environment certificate connect method create return string .com ', ' \
                        authenticate authorization azure exchange config endpoint provider identity owner device \
                        credential secret token async browser";

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;

    fn words(words: &[&str]) -> Words {
        Words::new(words.iter().map(|word| (*word).to_owned()).collect())
    }

    fn found(words: &Words, text: &str) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        words.find(text.as_bytes(), |word, range| found.push((word, range.start)));
        found.sort_unstable();
        found
    }

    fn expected(words: &[&str], text: &str) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        for (number, word) in words.iter().enumerate() {
            let places = text.as_bytes().windows(word.len()).enumerate();
            found.extend(places.filter(|(_, at)| at.eq_ignore_ascii_case(word.as_bytes())).map(|(at, _)| (number, at)));
        }
        found
    }

    #[test]
    fn words_are_found_in_any_case_wherever_they_stand() {
        assert_eq!(found(&words(&["ews", "Reviews"]), "ReVieWS"), [(0, 4), (1, 0)]);
        assert_eq!(found(&words(&["ews"]), "EWS"), [(0, 0)]);
        assert_eq!(found(&words(&["été"]), "été"), [(0, 0)]);
        assert_eq!(found(&words(&["a@b", "[]_^"]), "a`b {}\x7f~"), [], "what folds alike is not the same");
        assert_eq!(found(&words(&["abc"]), ""), []);
        let words = words(&["Login", "gin", "ogin", "login."]);
        for (before, after) in (0..40).flat_map(|before| (0..40).map(move |after| (before, after))) {
            let text = format!("{}login{}", " ".repeat(before), ".".repeat(after));
            assert_eq!(found(&words, &text)[..3], [(0, before), (1, before + 2), (2, before + 1)]);
        }
    }

    proptest! {
        #[test]
        fn what_comparing_everywhere_finds_is_found(text in "[aAbB@`c.é]{0,60}") {
            prop_assert_eq!(found(&WORDS, &text), expected(SEARCHED, &text));
        }
    }

    const SEARCHED: &[&str] = &["abc", "aab", "bbcc", "ab@.a", "abababab", "é.a", "cab", "b`b"];

    static WORDS: LazyLock<Words> = LazyLock::new(|| words(SEARCHED));
}
