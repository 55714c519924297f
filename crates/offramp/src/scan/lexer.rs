//! A file without its comments: what rules look at.
//!
//! Comments and documentation strings become blanks and the end of a continued line becomes blanks as well, so a command
//! over several lines is one, prose does not count, and every byte stays where it was: an offset in the code is an offset
//! in the text. Strings stay as they are; the lexer knows them only to know what is a comment.

mod notebook;
pub(crate) mod syntax;

pub(crate) use syntax::Syntax;
use syntax::{Escape, Quote};

/// The code of a text, as long as the text.
pub(crate) fn code_of(text: &str, syntax: &Syntax) -> String {
    if syntax.notebook {
        return code_of_notebook(text);
    }
    let mut lexer =
        Lexer { text: text.as_bytes(), code: text.as_bytes().to_vec(), at: 0, last: None, line_blank: true };
    let marks = syntax.first_bytes();
    while let Some(byte) = lexer.text.get(lexer.at) {
        // Most bytes begin nothing.
        if marks[usize::from(*byte)] { lexer.step(*byte, syntax) } else { lexer.advance(*byte) }
    }
    // Only whole comments, and the ASCII ends of lines, were made blank, so this is what was valid before.
    String::from_utf8(lexer.code).unwrap_or_else(|_| text.to_owned())
}

/// What parts the lines of a cell is an end of a line to the lexer alone, so that a comment ends there.
fn code_of_notebook(text: &str) -> String {
    let cells = notebook::cells_of(text);
    let parted = char::from(notebook::PARTED);
    let mut code = code_of(&cells.replace(parted, "\n"), &syntax::PYTHON).into_bytes();
    for (at, _) in cells.match_indices(parted) {
        code[at] = notebook::PARTED;
    }
    String::from_utf8(code).unwrap_or(cells)
}

struct Lexer<'t> {
    text: &'t [u8],
    code: Vec<u8>,
    at: usize,
    /// The last byte that was neither blank nor comment.
    last: Option<u8>,
    /// Nothing but blanks since the line began.
    line_blank: bool,
}

impl Lexer<'_> {
    fn step(&mut self, byte: u8, syntax: &Syntax) {
        let boundary = self.at == 0 || BOUNDARIES.contains(&self.text[self.at - 1]);
        if let Some((open, close)) = syntax.blocks.iter().find(|(open, _)| self.begins(open)) {
            let end = self.find(close, self.at + open.len()).map_or(self.text.len(), |found| found + close.len());
            self.drop_to(end);
        } else if syntax.comments.iter().any(|mark| self.begins(mark))
            || (boundary && syntax.spaced_comments.iter().any(|mark| self.begins(mark)))
            || (self.line_blank && syntax.first_comments.iter().any(|mark| self.begins_in_any_case(mark)))
        {
            let end = self.line_end();
            self.drop_to(end);
        } else if let Some(quote) = syntax.strings.iter().find(|quote| self.begins(quote.open)) {
            self.string(quote, syntax.docstrings);
        } else if syntax.continuation == Some(byte) && self.continues_line(boundary, byte) {
            let end = self.line_end();
            let newline = (end < self.text.len()).then_some(end);
            self.blank(self.at, newline.map_or(end, |newline| newline + 1), true);
            self.at = newline.map_or(end, |newline| newline + 1);
        } else {
            self.advance(byte);
        }
    }

    fn advance(&mut self, byte: u8) {
        match byte {
            b'\n' => self.line_blank = true,
            byte if byte.is_ascii_whitespace() => {}
            byte => {
                self.last = Some(byte);
                self.line_blank = false;
            }
        }
        self.at += 1;
    }

    /// `_` is part of names in Visual Basic and joins lines only after a blank.
    fn continues_line(&self, boundary: bool, byte: u8) -> bool {
        let rest = &self.text[self.at + 1..self.line_end()];
        rest.iter().all(|byte| *byte == b'\r') && (byte != b'_' || boundary)
    }

    fn string(&mut self, quote: &Quote, docstrings: bool) {
        let start = self.at;
        let documentation =
            docstrings && quote.lines && self.line_blank && self.last.is_none_or(|last| !JOINS.contains(&last));
        let end = self.string_end(quote);
        if documentation && self.text[end..self.line_end_from(end)].iter().all(u8::is_ascii_whitespace) {
            self.blank(start, end, false);
        } else {
            self.last = Some(b'"');
            self.line_blank = false;
        }
        self.at = end;
    }

    fn string_end(&self, quote: &Quote) -> usize {
        let (mut at, close) = (self.at + quote.open.len(), quote.close.as_bytes());
        while at < self.text.len() {
            let rest = &self.text[at..];
            match quote.escape {
                Escape::After(mark) if rest[0] == mark && rest.len() > 1 && (quote.lines || rest[1] != b'\n') => {
                    at += 2
                }
                _ if Some(&rest[0]) == close.first() && rest.starts_with(close) => {
                    at += close.len();
                    if quote.escape != Escape::Doubled || !self.text[at..].starts_with(close) {
                        return at;
                    }
                    at += close.len();
                }
                _ if rest[0] == b'\n' && !quote.lines => return at,
                _ => at += 1,
            }
        }
        self.text.len()
    }

    fn drop_to(&mut self, end: usize) {
        self.blank(self.at, end, false);
        if self.text[self.at..end].contains(&b'\n') {
            self.line_blank = true;
        }
        self.at = end;
    }

    fn blank(&mut self, start: usize, end: usize, newlines: bool) {
        for byte in &mut self.code[start..end] {
            if newlines || !matches!(*byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
    }

    fn begins(&self, mark: &str) -> bool {
        self.text[self.at..].starts_with(mark.as_bytes())
    }

    fn begins_in_any_case(&self, mark: &str) -> bool {
        self.text[self.at..].get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark.as_bytes()))
    }

    fn find(&self, mark: &str, from: usize) -> Option<usize> {
        memchr::memmem::find(self.text.get(from..)?, mark.as_bytes()).map(|found| from + found)
    }

    fn line_end(&self) -> usize {
        self.line_end_from(self.at)
    }

    fn line_end_from(&self, at: usize) -> usize {
        memchr::memchr(b'\n', &self.text[at..]).map_or(self.text.len(), |found| at + found)
    }
}

/// After one of these a word ends, and a comment of the kind that needs a blank before it may begin.
const BOUNDARIES: &[u8] = b" \t\r\n\x0c,;";

/// After one of these a string belongs to the statement before it.
const JOINS: &[u8] = b"=([{,+%\\";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn comments_become_blanks_and_strings_stay() {
        for (syntax, text, code) in [
            (&syntax::CSHARP, "a(); // b\nc", "a();     \nc"),
            (&syntax::CSHARP, "x = \"http://h\"; /* y\nz */ w", "x = \"http://h\";     \n     w"),
            (&syntax::CSHARP, "@\"c:\\\" // d", "@\"c:\\\"     "),
            (&syntax::PYTHON, "x = 'a # b' # c", "x = 'a # b'    "),
            (&syntax::SHELL, "echo a#b # c", "echo a#b    "),
            (&syntax::SHELL, "curl -d '# x'", "curl -d '# x'"),
            (&syntax::POWERSHELL, "<# a\nb #> c", "    \n     c"),
            (&syntax::VBNET, "x = \"a'b\" ' c", "x = \"a'b\"    "),
            (&syntax::XML, "<a><!-- b --></a>", "<a>          </a>"),
            (&syntax::BATCH, "REM az login\naz login", "            \naz login"),
            (&syntax::JSON, "{\"a\": \"//b\"} // c", "{\"a\": \"//b\"}     "),
            (&syntax::RUST, "'a, '\"', \"// b\" // c", "'a, '\"', \"// b\"     "),
        ] {
            assert_eq!(code_of(text, syntax), code, "{text}");
        }
    }

    #[test]
    fn continued_lines_are_one() {
        assert_eq!(code_of("az login \\\n  -u a", &syntax::SHELL), "az login     -u a");
        assert_eq!(code_of("Connect-X `\r\n -C $c", &syntax::POWERSHELL), "Connect-X     -C $c");
        assert_eq!(code_of("F(a, _\n b_\n)", &syntax::VBNET), "F(a,    b_\n)");
    }

    #[test]
    fn documentation_strings_are_prose_and_other_long_strings_are_not() {
        let code = code_of("def f():\n    \"\"\"Use x().\n    y\"\"\"\n    a = \"\"\"z\"\"\"\n", &syntax::PYTHON);
        assert!(!code.contains("Use") && !code.contains('y') && code.contains("\"\"\"z\"\"\""), "{code}");
        let code = code_of("f(\n    \"\"\"kept\"\"\"\n)", &syntax::PYTHON);
        assert!(code.contains("kept"));
    }

    #[test]
    fn a_stray_apostrophe_does_harm_to_its_line_alone() {
        let code = code_of("it: don't # a\n# b\nc", &syntax::SHELL);
        assert!(!code.contains('b') && code.contains('c'), "{code}");
    }

    proptest! {
        #[test]
        fn every_byte_stays_where_it_was(text in "[a-z\"'`#/*\\\\\n\r =(@r<>!-é]{0,80}") {
            for syntax in [&syntax::CSHARP, &syntax::PYTHON, &syntax::SHELL, &syntax::POWERSHELL, &syntax::RUST, &syntax::RUBY] {
                let code = code_of(&text, syntax);
                prop_assert_eq!(code.len(), text.len());
                for (was, is) in text.bytes().zip(code.bytes()) {
                    prop_assert!(was == is || is == b' ');
                }
            }
        }
    }
}
