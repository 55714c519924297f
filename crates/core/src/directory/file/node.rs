use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, Location, Spanned};

use super::fault::Place;

/// A YAML value that knows where it stands.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) content: Content,
}

#[derive(Debug, Clone)]
pub(super) enum Content {
    Null,
    Flag(bool),
    /// As it would be written again.
    Number(String),
    Text(String),
    List(Vec<Node>),
    /// In the order of the file, repeated keys included.
    Map(Vec<(Key, Node)>),
}

#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) place: Place,
    pub(super) name: String,
}

/// The text is not YAML.
pub(super) struct SyntaxError {
    pub(super) place: Place,
    pub(super) message: String,
}

/// Reads one YAML document. A file without any is `Null`.
pub(super) fn parse(text: &str) -> Result<Node, SyntaxError> {
    let options = serde_saphyr::options! {
        // Repeated keys are told with both their places, by the check.
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        // A person who writes `password: 007` means text, and `no` is no boolean since YAML 1.2.
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        strict_booleans: true,
        null_as_string: true,
        budget: serde_saphyr::budget! {
            max_depth: DEEPEST_NESTING,
            max_events: 20_000_000,
            max_nodes: 5_000_000,
            // One anchor for the password of a thousand test users is no attack.
            enforce_alias_anchor_ratio: false,
        },
        emit_comments: false,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options::<Option<Node>>(text, options)
        .map(|node| node.unwrap_or(Node { place: Place { line: 1, column: 1 }, content: Content::Null }))
        .map_err(|error| {
            let place = error.location().map_or(Place { line: 1, column: 1 }, place_of);
            let message = match error.without_snippet() {
                serde_saphyr::Error::MultipleDocuments { .. } => "a second document begins at ---".to_owned(),
                other => other.to_string(),
            };
            let placed = format!(" at line {}, column {}", place.line, place.column);
            SyntaxError { place, message: message.trim_end_matches(&placed).to_owned() }
        })
}

fn place_of(location: Location) -> Place {
    Place { line: location.line().max(1), column: location.column().max(1) }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Content>::deserialize(deserializer)?;
        // Behind an alias: where the anchored text stands, which is what must be changed.
        Ok(Self { place: place_of(spanned.defined), content: spanned.value })
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ContentVisitor)
    }
}

struct ContentVisitor;

impl<'de> Visitor<'de> for ContentVisitor {
    type Value = Content;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Content, E> {
        Ok(Content::Null)
    }

    fn visit_none<E>(self) -> Result<Content, E> {
        Ok(Content::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Content, D::Error> {
        Content::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Content, E> {
        Ok(Content::Flag(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Content, E> {
        Ok(Content::Number(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Content, E> {
        Ok(Content::Number(value.to_string()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Content, E> {
        Ok(Content::Number(value.to_string()))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Content, E> {
        Ok(Content::Number(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Content, E> {
        Ok(Content::Number(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Content, E> {
        Ok(Content::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Content, E> {
        Ok(Content::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Content, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element::<Node>()? {
            list.push(item);
        }
        Ok(Content::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Content, A::Error> {
        let mut map = Vec::new();
        while let Some(key) = entries.next_key::<Spanned<Content>>()? {
            let place = place_of(key.defined);
            let name = match key.value {
                Content::Text(name) | Content::Number(name) => name,
                Content::Flag(flag) => flag.to_string(),
                Content::Null => "null".to_owned(),
                Content::List(_) | Content::Map(_) => return Err(A::Error::custom("a key must be a name")),
            };
            map.push((Key { place, name }, entries.next_value()?));
        }
        Ok(Content::Map(map))
    }
}

/// Deeper than any tenant file, and shallow enough for a small thread stack.
const DEEPEST_NESTING: usize = 32;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail by panicking")]

    use super::*;

    #[test]
    fn every_value_knows_its_line_and_column_in_characters() {
        let node = parse("# ä\nä: [1, {b: \"x\"}]\nc: 007\n").ok().unwrap();
        let Content::Map(entries) = node.content else { panic!("no map") };
        let places: Vec<_> = entries.iter().map(|(key, value)| (key.place, value.place)).collect();
        assert_eq!(
            places,
            [
                (Place { line: 2, column: 1 }, Place { line: 2, column: 4 }),
                (Place { line: 3, column: 1 }, Place { line: 3, column: 4 })
            ]
        );
        assert!(matches!(&entries[1].1.content, Content::Text(text) if text == "007"));
    }

    #[test]
    fn repeated_keys_are_kept_and_merge_keys_are_expanded() {
        let Content::Map(entries) = parse("a: 1\na: 2\n").ok().unwrap().content else { panic!("no map") };
        assert_eq!(entries.len(), 2);
        let Content::Map(entries) = parse("x: &x {p: 1, q: 2}\ny: {<<: *x, q: 3}\n").ok().unwrap().content else {
            panic!("no map")
        };
        let Content::Map(merged) = &entries[1].1.content else { panic!("no map") };
        assert_eq!(merged.len(), 2);
    }

    #[test]
    fn what_is_no_yaml_is_told_with_its_place() {
        let error = parse("tenants:\n  - {id: [}\n").err().unwrap();
        assert_eq!(error.place.line, 2);
        assert!(parse(&"[".repeat(1000)).is_err());
        assert!(matches!(parse("").ok().unwrap().content, Content::Null));
    }
}
