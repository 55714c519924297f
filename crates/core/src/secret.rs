//! Text that must not be printed.

use std::fmt;

use zeroize::Zeroizing;

/// A password, client secret or token. `Debug` shows nothing of it and there is no `Display`; the memory is wiped on drop.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text over.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself. Never log what this returns.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether both hold the same text, in time that depends on their lengths only.
    pub fn matches(&self, other: &Secret) -> bool {
        aws_lc_rs::constant_time::verify_slices_are_equal(self.0.as_bytes(), other.0.as_bytes()).is_ok()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Secret::new("Summit-2042")), "Secret(…)");
    }

    #[test]
    fn matching_compares_the_whole_text() {
        assert!(Secret::new("a").matches(&Secret::new("a")));
        assert!(!Secret::new("a").matches(&Secret::new("ab")));
    }
}
