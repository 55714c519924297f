//! What the scanner looks for, as ripgrep takes it: one pattern a line.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

/// The patterns of the built-in rules, and the words of their evidence.
pub(super) fn of_the_rules(root: &Path) -> anyhow::Result<(String, String)> {
    let folder = root.join("crates/offramp/rules");
    let entries = fs::read_dir(&folder).context("reading the rules")?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    let (mut patterns, mut words) = (String::new(), String::new());
    for file in files {
        let text = fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
        patterns.push_str(&patterns_in(&text)?);
        words.push_str(&words_in(&text));
    }
    anyhow::ensure!(patterns.lines().count() > 40, "the rules have {} patterns", patterns.lines().count());
    anyhow::ensure!(words.lines().count() > 100, "the evidence has {} words", words.lines().count());
    Ok((patterns, words))
}

fn patterns_in(text: &str) -> anyhow::Result<String> {
    let mut patterns = String::new();
    let lines: Vec<&str> = text.lines().collect();
    for (number, line) in lines.iter().enumerate() {
        let Some(pattern) = line.strip_prefix("    pattern: ") else { continue };
        let quoted = pattern.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
        let pattern = quoted.with_context(|| format!("a pattern in other quotes: {pattern}"))?.replace("''", "'");
        // ripgrep searches line by line, and refuses what must not.
        let pattern = pattern.replace(r"[\s\S]", ".").replace(r"[^\n]", ".");
        let pattern = within_a_line(&pattern);
        // Without Unicode a class holds bytes, and these dashes have three.
        let pattern = pattern.replace("[-–—]", "(?:-|–|—)");
        let mut rule = lines[number..].iter().take_while(|line| !line.starts_with("  - id:"));
        let ignore_case = rule.any(|line| line.trim() == "ignore_case: true");
        patterns.push_str(&if ignore_case { format!("(?i:{pattern})\n") } else { format!("{pattern}\n") });
    }
    Ok(patterns)
}

/// A pattern with any white space where it wants a line's end; in a class ripgrep takes one.
fn within_a_line(pattern: &str) -> String {
    let mut in_class = false;
    let mut one_line = String::new();
    let mut rest = pattern.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => match rest.next() {
                Some('n') if !in_class => one_line.push_str(r"\s"),
                next => one_line.extend([Some(c), next].into_iter().flatten()),
            },
            c => {
                in_class = c == '[' || in_class && c != ']';
                one_line.push(c);
            }
        }
    }
    one_line
}

/// Evidence stands in lists of one line, or of one word a line.
fn words_in(text: &str) -> String {
    let mut words = String::new();
    let mut within = false;
    for line in text.lines() {
        let listed = match line.strip_prefix("    words:") {
            Some(list) => {
                within = list.trim().is_empty();
                list.trim().trim_start_matches('[').trim_end_matches(']').split(", ").collect()
            }
            None => match line.strip_prefix("      - ").filter(|_| within) {
                Some(word) => vec![word],
                None => {
                    within = false;
                    Vec::new()
                }
            },
        };
        for word in listed.into_iter().map(|word| word.trim_matches('\'')).filter(|word| !word.is_empty()) {
            let escaped = word
                .chars()
                .map(|c| if c.is_alphanumeric() { c.to_string() } else { format!(r"\x{:02x}", u32::from(c)) });
            words.push_str(&format!("(?i:{})\n", escaped.collect::<String>()));
        }
    }
    words
}
