//! From files to bytes, and from bytes to text, or the reason why not.

use std::borrow::Cow;
use std::io::{self, ErrorKind, Read};

use crate::scan::finding::Skip;

/// The bytes of one file after the other, in memory that stays.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    memory: Vec<u8>,
    filled: usize,
}

impl Buffer {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.memory[..self.filled]
    }

    pub(crate) fn clear(&mut self) {
        self.filled = 0;
        self.memory.truncate(KEPT);
        self.memory.shrink_to(KEPT);
    }

    /// Reads on until it has so many bytes, or the file ends.
    pub(crate) fn read(&mut self, file: &mut impl Read, most: usize) -> io::Result<()> {
        while self.filled < most {
            if self.filled == self.memory.len() {
                self.memory.resize(KEPT.max(2 * self.filled), 0);
            }
            let end = most.min(self.memory.len());
            match file.read(&mut self.memory[self.filled..end]) {
                Ok(0) => break,
                Ok(read) => self.filled += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// A text, and whether it had to be taken for Windows-1252.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Decoded<'b> {
    pub(crate) text: Cow<'b, str>,
    pub(crate) windows1252: bool,
}

/// The largest file that is read, in bytes.
pub(crate) const LARGEST: u64 = 16 << 20;

/// What a buffer keeps between files, in bytes; nearly all files are smaller.
const KEPT: usize = 256 << 10;

/// Decodes UTF-8, UTF-16 that begins with its mark, and what old editors wrote.
pub(crate) fn decode(bytes: &[u8]) -> Result<Decoded<'_>, Skip> {
    let plain = |text| Ok(Decoded { text, windows1252: false });
    if let Some(rest) = bytes.strip_prefix(b"\xff\xfe") {
        return utf16(rest, u16::from_le_bytes).and_then(|text| plain(Cow::Owned(text)));
    }
    if let Some(rest) = bytes.strip_prefix(b"\xfe\xff") {
        return utf16(rest, u16::from_be_bytes).and_then(|text| plain(Cow::Owned(text)));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if memchr::memchr(0, bytes).is_some() {
        return Err(Skip::Binary);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => plain(Cow::Borrowed(text)),
        Err(_) => windows1252(bytes).map(|text| Decoded { text: Cow::Owned(text), windows1252: true }),
    }
}

/// Whether a line is longer than people write.
pub(crate) fn has_endless_line(text: &str, values: bool) -> bool {
    let longest = if values { 4 << 20 } else { 64 << 10 };
    text.len() > longest && text.split('\n').any(|line| line.len() > longest)
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, Skip> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(Skip::WrongEncoding);
    }
    char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).collect::<Result<_, _>>().map_err(|_| Skip::WrongEncoding)
}

/// Rules look at ASCII alone, so which letter a byte over 127 is does not matter; that it is text does.
fn windows1252(bytes: &[u8]) -> Result<String, Skip> {
    let text = |byte: &u8| match byte {
        b'\t' | b'\n' | b'\r' | 0x0c | 0x1b => true,
        0..=0x1f | 0x7f | 0x81 | 0x8d | 0x8f | 0x90 | 0x9d => false,
        _ => true,
    };
    if !bytes.iter().all(text) {
        return Err(Skip::WrongEncoding);
    }
    Ok(bytes.iter().map(|byte| char::from(*byte)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_holds_one_file_after_the_other() {
        let mut buffer = Buffer::default();
        for length in [5, 3 * KEPT, 0, KEPT, KEPT + 1, 7] {
            let text: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            buffer.clear();
            buffer.read(&mut text.as_slice(), LARGEST as usize).unwrap();
            assert!(buffer.bytes() == text, "{length}");
        }
        buffer.clear();
        let mut text = b"abcdef".as_slice();
        buffer.read(&mut text, 2).unwrap();
        assert_eq!((buffer.bytes(), text), (b"ab".as_slice(), b"cdef".as_slice()));
        buffer.read(&mut text, 5).unwrap();
        assert_eq!(buffer.bytes(), b"abcde");
    }

    #[test]
    fn what_people_write_is_read_and_the_rest_has_a_reason() {
        let read = |bytes: &[u8]| decode(bytes).map(|decoded| (decoded.text.into_owned(), decoded.windows1252));
        assert_eq!(read("é".as_bytes()), Ok(("é".to_owned(), false)));
        assert_eq!(read(b"\xef\xbb\xbfa"), Ok(("a".to_owned(), false)));
        assert_eq!(read(b"\xff\xfea\0\xe9\0"), Ok(("aé".to_owned(), false)));
        assert_eq!(read(b"\xfe\xff\0a"), Ok(("a".to_owned(), false)));
        assert_eq!(read(b"caf\xe9"), Ok(("café".to_owned(), true)));
        assert_eq!(read(b"\xff\xfea"), Err(Skip::WrongEncoding));
        assert_eq!(read(b"\xff\xfe\x00\xd8"), Err(Skip::WrongEncoding));
        assert_eq!(read(b"\x81\x01"), Err(Skip::WrongEncoding));
        assert_eq!(read(b"a\0b"), Err(Skip::Binary));
    }

    #[test]
    fn a_line_of_values_may_be_longer_than_one_of_code() {
        let line = "x".repeat(100 << 10);
        assert!(has_endless_line(&line, false) && !has_endless_line(&line, true));
        assert!(!has_endless_line(&"x\n".repeat(100 << 10), false));
    }
}
