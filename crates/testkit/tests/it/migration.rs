//! `docs/migration.md` quotes the samples: every quoted line is in them, and on its own side alone.

use std::fs;
use std::path::Path;

#[test]
fn the_quoted_hunks_are_the_samples_own_lines() {
    let text = fs::read_to_string(repository().join("docs/migration.md")).expect("the document");
    let hunks: Vec<_> = text.split("```diff\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(hunks.len() >= 8, "{} hunks", hunks.len());
    for hunk in hunks {
        assert_eq!(faults(hunk, &source), Vec::<String>::new());
    }
}

#[test]
fn a_quoted_line_that_is_not_there_is_found() {
    let file = |path: &str| if path == "old" { "one\ntwo\nthree\n".to_owned() } else { "one\nTWO\nthree\n".to_owned() };
    let hunk = |lines: &str| format!("--- old\n+++ new\n{lines}");
    assert_eq!(faults(&hunk(" one\n-two\n+TWO\n three\n"), &file), Vec::<String>::new());
    assert_eq!(faults(&hunk("-TWO\n"), &file), ["old lacks:\nTWO\n", "new has:\nTWO\n"]);
    assert_eq!(faults(&hunk("+two\n"), &file), ["new lacks:\ntwo\n", "old has:\ntwo\n"]);
    assert_eq!(faults(&hunk("-one\n"), &file), ["new has:\none\n"], "it did not go");
    assert_eq!(faults(&hunk("-one\n-three\n"), &file), ["old lacks:\none\nthree\n"], "the order counts");
}

/// What the hunk quotes, side by side, and is not in its file as it stands there; then what it says has gone or come, and is
/// in the other file as well.
fn faults(hunk: &str, read: &dyn Fn(&str) -> String) -> Vec<String> {
    let mut lines = hunk.lines();
    let mut path = |sign: &str| lines.next().and_then(|line| line.strip_prefix(sign)).expect("a file's name");
    let sides = [(path("--- "), '-'), (path("+++ "), '+')];
    let lines: Vec<_> = lines.collect();
    let quoted = |sign: char| {
        let own = lines.iter().filter(move |line| line.starts_with([sign, ' ']));
        own.map(|line| format!("{}\n", &line[1..])).collect::<String>()
    };
    let changed = |sign: char| {
        let own = lines.iter().filter(move |line| line.starts_with(sign));
        own.map(|line| format!("{}\n", &line[1..])).collect::<String>()
    };
    let holds = |path: &str, text: &str| format!("\n{}", read(path)).contains(&format!("\n{text}"));
    let lacking = sides.iter().filter(|(path, sign)| !holds(path, &quoted(*sign)));
    let lacking = lacking.map(|(path, sign)| format!("{path} lacks:\n{}", quoted(*sign)));
    let others = [(sides[1].0, sides[0].1), (sides[0].0, sides[1].1)];
    let left = others.into_iter().map(|(path, sign)| (path, changed(sign)));
    let left = left.filter(|(path, text)| !text.is_empty() && holds(path, text));
    lacking.chain(left.map(|(path, text)| format!("{path} has:\n{text}"))).collect()
}

fn source(path: &str) -> String {
    fs::read_to_string(repository().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}
