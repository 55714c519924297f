//! A Jupyter notebook without all that is no code: its code cells' lines, each where it stands in the file.
//!
//! A notebook is JSON. The strings under `source` of objects whose `cell_type` is `code` stay, with their escapes
//! resolved; everything else, outputs above all, becomes blanks. As in the rest of the lexer every byte stays where it
//! was, so an offset in the code is an offset in the notebook.

use std::ops::Range;

/// The code of a notebook, as long as the notebook. One that is no JSON has the code up to where it ends to be.
pub(super) fn cells_of(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut code: Vec<u8> = bytes.iter().map(|byte| if matches!(byte, b'\n' | b'\r') { *byte } else { b' ' }).collect();
    for source in sources(bytes) {
        unescape(bytes, source, &mut code);
    }
    // Whole strings were copied, and escapes became ASCII.
    String::from_utf8(code).unwrap_or_else(|_| " ".repeat(text.len()))
}

/// What an object or array is about.
#[derive(Default)]
struct Frame {
    object: bool,
    /// The last string of an object, which a colon makes a key.
    key: Option<Range<usize>>,
    /// Whether what comes next is a value.
    valued: bool,
    /// Whether strings within are source: the array under `source`.
    source: bool,
    code: bool,
    found: Vec<Range<usize>>,
}

/// The strings of code, without their quotes.
fn sources(text: &[u8]) -> Vec<Range<usize>> {
    let (mut frames, mut kept): (Vec<Frame>, Vec<Range<usize>>) = (Vec::new(), Vec::new());
    let mut at = 0;
    while at < text.len() {
        let byte = text[at];
        at += 1;
        match byte {
            b'{' | b'[' => {
                let source = byte == b'[' && frames.last().is_some_and(|frame| frame.names(text, b"source"));
                frames.push(Frame { object: byte == b'{', source, ..Frame::default() });
            }
            b'}' | b']' => {
                let Some(closed) = frames.pop() else { continue };
                match frames.last_mut() {
                    Some(around) if closed.source => around.found.extend(closed.found),
                    _ if closed.code => kept.extend(closed.found),
                    _ => {}
                }
            }
            b':' => frames.iter_mut().last().into_iter().for_each(|frame| frame.valued = true),
            b',' => frames.iter_mut().last().into_iter().for_each(|frame| frame.valued = false),
            b'"' => {
                let string = at..string_end(text, at);
                at = (string.end + 1).min(text.len());
                let Some(frame) = frames.last_mut() else { continue };
                if frame.object && !frame.valued {
                    frame.key = Some(string);
                } else if frame.source || frame.names(text, b"source") {
                    frame.found.push(string);
                } else if frame.names(text, b"cell_type") {
                    frame.code = &text[string] == b"code";
                }
            }
            _ => {}
        }
    }
    kept.extend(frames.into_iter().filter(|frame| frame.code).flat_map(|frame| frame.found));
    kept
}

impl Frame {
    fn names(&self, text: &[u8], name: &[u8]) -> bool {
        self.object && self.valued && self.key.clone().is_some_and(|key| &text[key] == name)
    }
}

fn string_end(text: &[u8], mut at: usize) -> usize {
    while at < text.len() && text[at] != b'"' {
        at += if text[at] == b'\\' { 2 } else { 1 };
    }
    at.min(text.len())
}

/// Copies a string into the code. An escape is as long as before: what it means, and blanks, which go outside of the
/// quotes that they belong to, so that a string of the code has in it what it has.
fn unescape(text: &[u8], source: Range<usize>, code: &mut [u8]) {
    let (mut at, mut open) = (source.start, false);
    while at < source.end {
        let rest = &text[at..source.end];
        let length = match rest {
            // A continued line: it goes on in the next string.
            [b'\\', b'\\', b'\\', b'n'] => {
                let newline = memchr::memchr(b'\n', &text[source.end..]).map(|found| source.end + found);
                newline.into_iter().for_each(|newline| code[newline] = b' ');
                rest.len()
            }
            // A quote that a backslash of the code's own escapes.
            [b'\\', b'\\', b'\\', b'"', ..] => {
                code[at + 1..at + 3].copy_from_slice(b"\\\"");
                4
            }
            [b'\\', b'"', b'\\', b'"', b'\\', b'"', ..] => {
                let from = if open { at } else { at + 3 };
                code[from..from + 3].copy_from_slice(b"\"\"\"");
                open = !open;
                6
            }
            [b'\\', b'"', ..] => {
                code[if open { at } else { at + 1 }] = b'"';
                open = !open;
                2
            }
            [b'\\', b'\\', ..] => {
                code[at + 1] = b'\\';
                2
            }
            // The file's own line ends here as well, or the cell does; a cell on one line of the file has its lines
            // parted by a byte that is a blank to every rule and no line of the file.
            [b'\\', b'n', _, ..] => {
                code[at] = PARTED;
                open = false;
                2
            }
            [b'\\', b'u', ..] => 6,
            [b'\\', ..] => 2,
            [byte, ..] => {
                code[at] = *byte;
                1
            }
            [] => 1,
        };
        at += length;
    }
}

/// Parts the lines of a cell that is one line of the file.
pub(super) const PARTED: u8 = 0x0c;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_the_code_of_code_cells_stays_and_each_line_stays_where_it_was() {
        let notebook = r#"{
 "cells": [
  {"cell_type": "markdown", "source": ["prose\n"]},
  {
   "cell_type": "code",
   "outputs": [{"text": ["shown"], "output_type": "stream"}],
   "source": [
    "a = f(\"x\", 'C:\\\\d')\n",
    "b"
   ]
  },
  {"source": "one\ntwo", "cell_type": "code"}
 ],
 "metadata": {"name": "meta"}
}"#;
        let code = cells_of(notebook);
        let lines: Vec<(usize, &str)> = code
            .lines()
            .enumerate()
            .map(|(at, line)| (at + 1, line.trim()))
            .filter(|(_, line)| !line.is_empty())
            .collect();
        assert_eq!(lines, [(8, r#"a = f( "x" , 'C: \ \d')"#), (9, "b"), (12, "one\u{c} two")]);
        assert_eq!(code.len(), notebook.len());
    }

    #[test]
    fn a_continued_line_goes_on_in_the_next_string() {
        let notebook = "{\"cell_type\": \"code\", \"source\": [\n \"!az login \\\\\\n\",\n \"  -u a\"\n]}";
        assert_eq!(
            cells_of(notebook).lines().filter(|line| line.contains("az login") && line.contains("-u")).count(),
            1
        );
    }

    #[test]
    fn quotes_hold_what_they_held() {
        let cell =
            |line: &str| cells_of(&format!("{{\"cell_type\": \"code\", \"source\": [\"{line}\"]}}")).trim().to_owned();
        assert_eq!(cell(r#"{\"grant_type\": \"password\"}"#), r#"{ "grant_type" :  "password" }"#);
        assert_eq!(cell(r#"x = \"\"\"a\"\"\" # b"#), r#"x =    """a"""    # b"#);
        assert_eq!(cell(r#"y = \"a\\\"b\""#), r#"y =  "a \" b""#);
    }

    #[test]
    fn what_is_no_notebook_has_no_code() {
        for text in ["", "{", "[]", "\"", "{\"source\": \"a\"}", "{\"cell_type\": \"raw\", \"source\": \"a\"}", "}]\\"]
        {
            assert_eq!(cells_of(text).trim(), "", "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_byte_has_its_place(text in r#"[\{\}\[\]:,"\\nué a]{0,60}"#) {
            prop_assert_eq!(cells_of(&text).len(), text.len());
        }
    }
}
