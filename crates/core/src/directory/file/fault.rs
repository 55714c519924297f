use std::fmt;

/// Where in the file something stands. Both count from 1; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Place {
    /// Line, from 1.
    pub line: u64,
    /// Column in characters, from 1.
    pub column: u64,
}

/// One thing that is wrong with a tenant file. `Display` is one line: `file:line:column: path: what is wrong; what would be right`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file's name as the reader was told it.
    pub file: String,
    /// Where it stands.
    pub place: Place,
    /// The property, for instance `tenants[0].users[3].mail`; empty for the file as a whole.
    pub path: String,
    /// What is wrong. A secret is never repeated here.
    pub found: String,
    /// What would be right.
    pub remedy: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: ", self.file, self.place.line, self.place.column)?;
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        write!(f, "{}; {}", self.found, self.remedy)
    }
}

/// Every fault of a file, in the order of its lines; never empty. `Display` prints one line each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            fault.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

/// Something that is right in Microsoft Graph and does nothing here. Each is told once, at its first place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The file's name as the reader was told it.
    pub file: String,
    /// Where it first stands.
    pub place: Place,
    /// The property at its first place.
    pub path: String,
    /// What has no effect, and why where that is not plain.
    pub text: String,
    /// How often the file says it.
    pub times: usize,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}: {}", self.file, self.place.line, self.place.column, self.path, self.text)?;
        match self.times {
            1 => Ok(()),
            times => write!(f, " ({times} times)"),
        }
    }
}

/// The candidate that a person most likely meant, if one is near enough: at most a third of the letters differ.
pub(super) fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = word.to_lowercase().chars().take(LONGEST_NAME).collect();
    let near_enough = (word.len() / 3).max(1);
    candidates
        .map(|candidate| (distance(&word, &candidate.to_lowercase().chars().collect::<Vec<_>>()), candidate))
        .filter(|(distance, _)| *distance <= near_enough)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// A remedy that names the nearest candidate, or else says the rule.
pub(super) fn did_you_mean<'a>(word: &str, candidates: impl Iterator<Item = &'a str>, rule: &str) -> String {
    match nearest(word, candidates) {
        Some(name) => format!("did you mean {name}?"),
        None => rule.to_owned(),
    }
}

/// The number of letters to insert, remove, change or swap with their neighbour (optimal string alignment).
fn distance(a: &[char], b: &[char]) -> usize {
    let (mut before, mut last): (Vec<usize>, Vec<usize>) = (Vec::new(), (0..=b.len()).collect());
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let changed = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = changed.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

const LONGEST_NAME: usize = 80;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_and_a_far_one_is_not() {
        let names = || ["displayName", "mail", "userType"].into_iter();
        assert_eq!(nearest("displyName", names()), Some("displayName"));
        assert_eq!(nearest("DisplayName", names()), Some("displayName"));
        assert_eq!(nearest("mall", names()), Some("mail"));
        assert_eq!(nearest("mial", names()), Some("mail"));
        assert_eq!(nearest("shoeSize", names()), None);
        assert_eq!(nearest("", names()), None);
    }
}
