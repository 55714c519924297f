//! Templates of the catalogue: text with `{placeholders}`.
//!
//! `{` and a small ASCII letter open a placeholder, which letters and digits continue up to `}`. Everything else in
//! braces is literal, because Entra's own texts have braces: `{EmailHidden}` is what a client really reads, and
//! `/{tenant-ID}` is a piece of advice.

/// What a placeholder reads that nobody filled. Behaviour tests look for it: it must reach no client.
pub const UNFILLED: &str = "(unknown)";

/// Replaces each placeholder by its value, or by [`UNFILLED`]. Values are not looked at again.
pub(super) fn fill(template: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut text = String::with_capacity(template.len() + 64);
    for piece in pieces(template) {
        match piece {
            Piece::Literal(literal) => text.push_str(literal),
            Piece::Placeholder(name) => text.push_str(value(name).as_deref().unwrap_or(UNFILLED)),
        }
    }
    text
}

/// The names of the placeholders, in order.
pub(super) fn placeholders(template: &'static str) -> impl Iterator<Item = &'static str> {
    pieces(template).filter_map(|piece| match piece {
        Piece::Placeholder(name) => Some(name),
        Piece::Literal(_) => None,
    })
}

#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    Literal(&'a str),
    Placeholder(&'a str),
}

fn pieces(template: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = template;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some((name, after)) = placeholder_at_start(rest) {
            rest = after;
            return Some(Piece::Placeholder(name));
        }
        // The first byte is consumed whatever it is: a brace that opens no placeholder is literal.
        let end = rest
            .char_indices()
            .skip(1)
            .find(|(at, c)| *c == '{' && placeholder_at_start(&rest[*at..]).is_some())
            .map_or(rest.len(), |(at, _)| at);
        let (literal, after) = rest.split_at(end);
        rest = after;
        Some(Piece::Literal(literal))
    })
}

fn placeholder_at_start(text: &str) -> Option<(&str, &str)> {
    let (name, after) = text.strip_prefix('{')?.split_once('}')?;
    let named = name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(|c| c.is_ascii_alphanumeric());
    named.then_some((name, after))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn braces_are_placeholders_only_before_a_small_letter() {
        let text = fill("{a} {EmailHidden} /{tenant-ID} {", |name| Some(name.to_uppercase()));

        assert_eq!(text, "A {EmailHidden} /{tenant-ID} {");
    }

    #[test]
    fn a_missing_value_is_neutral() {
        assert_eq!(fill("'{a}'({b})", |name| (name == "a").then(|| "1".to_owned())), "'1'((unknown))");
    }

    proptest! {
        #[test]
        fn text_without_placeholders_stays_as_it_is(text in "[^{]*(\\{[A-Z][^{}]*\\})?[^{]*") {
            prop_assert_eq!(fill(&text, |_| None), text);
        }

        #[test]
        fn any_text_can_be_filled(text in any::<String>()) {
            fill(&text, |_| None);
        }
    }
}
