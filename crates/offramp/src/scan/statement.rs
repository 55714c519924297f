//! How far a match reaches: the call, the command, the lines around it.

use std::ops::Range;

use regex::Regex;

use crate::scan::rules::Scope;

/// The part of the code that a rule's `with` and `unless` look at.
pub(crate) fn scope(code: &str, found: Range<usize>, scope: Scope) -> Range<usize> {
    match scope {
        Scope::Call => call(code, found.clone()).unwrap_or_else(|| command(code, found)),
        Scope::Line => command_start(code, found.start)..command(code, found).end,
        Scope::Near => near(code, found, NEAR),
        Scope::File => 0..code.len(),
        Scope::Splat => {
            let command = command(code, found.clone());
            splatted(code, found).unwrap_or(command.start)..command.end
        }
    }
}

/// Where the table begins that `@name` at the end of the match spreads over the command.
fn splatted(code: &str, found: Range<usize>) -> Option<usize> {
    let name = code.get(found.clone())?.rsplit_once('@')?.1;
    let from = floor(code, found.start.saturating_sub(FARTHEST));
    let before = code.get(from..found.start)?;
    let name = regex::escape(name);
    let made = Regex::new(&format!(r"(?i)\${name}\s*=\s*(?:\[ordered\]\s*)?@\{{")).ok()?;
    // It may be made elsewhere and only be added to here.
    let added_to = || Regex::new(&format!(r"(?i)\${name}(?:\.|\[)")).ok()?.find(before);
    made.find_iter(before).last().or_else(added_to).map(|found| from + found.start())
}

/// From the match to the end of the call that it opens.
pub(crate) fn call(code: &str, found: Range<usize>) -> Option<Range<usize>> {
    let matched = code.get(found.clone())?;
    let open = match matched.trim_end().ends_with('(') {
        true => found.start + matched.rfind('(')?,
        false => {
            found.end
                + code
                    .get(found.end..)?
                    .find(|c: char| !c.is_whitespace())
                    .filter(|at| code[found.end + at..].starts_with('('))?
        }
    };
    let end = pieces(code, open + 1, LONGEST, |_| false).end;
    Some(found.start..(end + 1).min(code.len()))
}

/// From the match to the end of its command.
pub(crate) fn command(code: &str, found: Range<usize>) -> Range<usize> {
    let mut quote = None;
    let (bytes, from) = (code.as_bytes(), found.end.max(found.start));
    // A quote that the match itself opened is still open.
    for byte in code.get(found.clone()).unwrap_or_default().bytes() {
        track(&mut quote, byte);
    }
    for (at, byte) in bytes.iter().enumerate().skip(from).take(LONGEST) {
        let ends = match byte {
            b'\n' => true,
            b'|' | b';' => quote.is_none(),
            b'&' => quote.is_none() && bytes.get(at + 1) == Some(&b'&'),
            _ => false,
        };
        if ends {
            return found.start..at;
        }
        track(&mut quote, *byte);
    }
    found.start..floor(code, (from + LONGEST).min(code.len()))
}

/// Where the command that this is in the middle of begins on its line.
fn command_start(code: &str, at: usize) -> usize {
    let line = code[..at].rfind('\n').map_or(0, |newline| newline + 1);
    code[line..at].rfind(['|', ';', '&']).map_or(line, |end| line + end + 1)
}

/// Lines before and after the match, but no more than fits a person's look at generated ones.
pub(crate) fn near(code: &str, found: Range<usize>, lines: usize) -> Range<usize> {
    let first = floor(code, found.start.saturating_sub(WIDEST));
    let last = floor(code, (found.end + WIDEST).min(code.len()));
    let before = code[first..found.start].rmatch_indices('\n').nth(lines).map_or(first, |(at, _)| first + at + 1);
    let after = code[found.end..last].match_indices('\n').nth(lines).map_or(last, |(at, _)| found.end + at);
    before..after
}

/// The arguments of a call whose scope this is, each with where it stands.
pub(crate) fn arguments(code: &str, call: Range<usize>) -> Vec<Range<usize>> {
    let Some(open) = code[call.clone()].find('(').map(|at| call.start + at) else { return Vec::new() };
    let mut arguments = Vec::new();
    let mut start = open + 1;
    let mut rest = pieces(code, start, LONGEST, |byte| byte == b',');
    loop {
        arguments.push(start..rest.end);
        if code.as_bytes().get(rest.end) != Some(&b',') || arguments.len() > 20 {
            return arguments;
        }
        start = rest.end + 1;
        rest = pieces(code, start, LONGEST, |byte| byte == b',');
    }
}

/// From `start` to the bracket that closes what is around it, or to a byte that ends it, outside of quotes and brackets.
pub(crate) fn pieces(code: &str, start: usize, longest: usize, ends: impl Fn(u8) -> bool) -> Range<usize> {
    let (mut depth, mut quote, mut escaped) = (0usize, None, false);
    for (at, byte) in code.bytes().enumerate().skip(start).take(longest) {
        if escaped {
            escaped = false;
            continue;
        }
        match (quote, byte) {
            (Some(_), b'\\') => escaped = true,
            (Some(mark), byte) if byte == mark => quote = None,
            // A string ends with its line at the latest, but for the ones that may hold lines.
            (Some(b'\'' | b'"'), b'\n') => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'' | b'`') => quote = Some(byte),
            (None, byte) if depth == 0 && ends(byte) => return start..at,
            (None, b'(' | b'[' | b'{') => depth += 1,
            (None, b')' | b']' | b'}') if depth == 0 => return start..at,
            (None, b')' | b']' | b'}') => depth -= 1,
            _ => {}
        }
    }
    start..floor(code, (start + longest).min(code.len()))
}

fn track(quote: &mut Option<u8>, byte: u8) {
    match (*quote, byte) {
        (Some(mark), byte) if byte == mark => *quote = None,
        (None, b'"' | b'\'') => *quote = Some(byte),
        _ => {}
    }
}

fn floor(code: &str, at: usize) -> usize {
    (0..=at).rev().find(|at| code.is_char_boundary(*at)).unwrap_or_default()
}

/// Lines on each side of a match that are near it.
pub(crate) const NEAR: usize = 15;

/// What is near a match is no farther, in bytes.
const WIDEST: usize = 16 << 10;

/// A table that is spread over a command is no farther before it, in bytes.
const FARTHEST: usize = 4000;

/// No call or command is longer, in bytes.
const LONGEST: usize = 4000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_reaches_to_its_bracket() {
        let code = "x.F(a, g(b, c), \"d) ,\")\n.H()";
        let call = call(code, 1..4).unwrap();
        assert_eq!(&code[call.clone()], ".F(a, g(b, c), \"d) ,\")");
        let arguments: Vec<_> = arguments(code, call).into_iter().map(|range| code[range].trim().to_owned()).collect();
        assert_eq!(arguments, ["a", "g(b, c)", "\"d) ,\""]);
    }

    #[test]
    fn a_command_ends_at_a_pipe_outside_of_quotes() {
        let code = "az login -p 'a|b' -u c | tee";
        assert_eq!(&code[command(code, 0..8)], "az login -p 'a|b' -u c ");
    }

    #[test]
    fn a_splatted_command_begins_with_its_table() {
        let code = "$q = @{ A = 1 }\n$p = @{}\n$P = @{ B = 2 }\nif ($x) { Connect @p -C 3 | Out-Null }";
        let found = code.find("Connect").unwrap()..code.find("@p").unwrap() + 2;
        assert_eq!(&code[scope(code, found, Scope::Splat)], "$P = @{ B = 2 }\nif ($x) { Connect @p -C 3 ");
        let code = "$p.Add('D', 4)\nConnect @p";
        assert_eq!(&code[scope(code, code.len() - 10..code.len(), Scope::Splat)], code);
        let code = "Connect @other -C 3";
        assert_eq!(&code[scope(code, 0..14, Scope::Splat)], code);
    }

    #[test]
    fn what_never_closes_ends_somewhere() {
        let code = format!("F({}", "é".repeat(5000));
        assert!(call(&code, 0..2).is_some());
        assert!(!command(&code, 0..2).is_empty());
    }
}
