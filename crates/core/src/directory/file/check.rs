use std::collections::HashMap;

use super::fault::{Fault, Note, Place, did_you_mean};
use super::node::{Content, Key, Node};
use super::shape::{Kind, Property, Shape};
use super::value::{Located, Object, Value, read_text};

/// Collects everything that is to be said about one file.
pub(super) struct Reader<'a> {
    file_name: &'a str,
    env: &'a dyn Fn(&str) -> Option<String>,
    pub(super) faults: Vec<Fault>,
    pub(super) notes: Vec<Note>,
    noted: HashMap<String, usize>,
    /// Inside a policy: whether it is off, so that what is unsupported is only noted, and how often it was.
    policy: Option<(bool, usize)>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(file_name: &'a str, env: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { file_name, env, faults: Vec::new(), notes: Vec::new(), noted: HashMap::new(), policy: None }
    }

    pub(super) fn fault(&mut self, place: Place, path: &str, found: impl Into<String>, remedy: impl Into<String>) {
        let fault = Fault {
            file: self.file_name.to_owned(),
            place,
            path: path.to_owned(),
            found: found.into(),
            remedy: remedy.into(),
        };
        // Text behind an anchor is read once for each alias; its faults are told once.
        let told = |known: &Fault| known.place == place && known.found == fault.found && known.remedy == fault.remedy;
        if !self.faults.iter().rev().take(MOST_ALIASES_LOOKED_AT).any(told) {
            self.faults.push(fault);
        }
    }

    pub(super) fn note(&mut self, place: Place, path: &str, text: String) {
        match self.noted.get(&text).and_then(|index| self.notes.get_mut(*index)) {
            Some(note) => note.times += 1,
            None => {
                self.noted.insert(text.clone(), self.notes.len());
                let file = self.file_name.to_owned();
                self.notes.push(Note { file, place, path: path.to_owned(), text, times: 1 });
            }
        }
    }

    /// Checks one object against the table. `None` when it is no object at all.
    pub(super) fn object(&mut self, kind: &'static Kind, node: &Node, path: &str) -> Option<Object> {
        let Content::Map(entries) = &node.content else {
            self.wrong(Shape::Object(kind), node, path);
            return None;
        };
        if kind.may_be_off {
            self.policy = Some((is_off(entries), 0));
        }
        let mut fields = Vec::new();
        let mut faulty = Vec::new();
        let mut seen: HashMap<&str, Place> = HashMap::new();
        for (key, value) in entries {
            let path = join(path, &key.name);
            if let Some(first) = seen.insert(&key.name, key.place) {
                let found = format!("stands here again, first in line {}", first.line);
                self.fault(key.place, &path, found, "keep one of the two");
                continue;
            }
            match self.property(kind, key, value, &path) {
                Some(field) => fields.push(field),
                None if matches!(value.content, Content::Null) => {}
                None => faulty.extend(kind.property(&key.name).map(|property| property.name)),
            }
        }
        for missing in kind.properties.iter().filter(|p| p.required && !has_value(entries, p.name)) {
            let found = format!("{} has no {}", kind.spoken, missing.name);
            self.fault(node.place, path, found, format!("add {}: {}", missing.name, in_a_sentence(missing.about)));
        }
        let must_be_off = kind.may_be_off && self.policy.take().is_some_and(|(_, forgiven)| forgiven > 0);
        Some(Object { kind, place: node.place, path: path.to_owned(), fields, faulty, must_be_off })
    }

    fn property(&mut self, kind: &'static Kind, key: &Key, node: &Node, path: &str) -> Option<(&'static str, Located)> {
        let name = key.name.as_str();
        if let Some(property) = kind.property(name) {
            return self.acted_on(property, node, path);
        }
        if name.contains("@odata.") || matches!(node.content, Content::Null) && kind.names().any(|known| known == name)
        {
            return None;
        }
        let listed = |names: &str| names.split_whitespace().any(|known| known == name);
        if listed(kind.without_effect) || name.starts_with("extension_") {
            if !says_nothing(&node.content) && name != "$schema" {
                self.note(key.place, path, format!("{name} of {} has no effect here", kind.spoken));
            }
        } else if listed(kind.unsupported) {
            if !says_nothing(&node.content) {
                self.unsupported(key.place, path, name);
            }
        } else if let Some((_, remedy)) = kind.refused.iter().find(|(refused, _)| *refused == name) {
            self.fault(key.place, path, format!("{} has no such property", kind.spoken), *remedy);
        } else {
            let rule = "remove it; `ropeway tenant schema` tells every name";
            let remedy = did_you_mean(name, kind.names().chain(kind.refused.iter().map(|(name, _)| *name)), rule);
            self.fault(key.place, path, format!("{} has no such property", kind.spoken), remedy);
        }
        None
    }

    fn acted_on(&mut self, property: &'static Property, node: &Node, path: &str) -> Option<(&'static str, Located)> {
        if matches!(node.content, Content::Null) {
            return None;
        }
        let value = self.value(property.shape, node, path)?;
        Some((property.name, Located { place: node.place, path: path.to_owned(), value }))
    }

    /// Something of Graph's that would change who may sign in, met in the walk.
    fn unsupported(&mut self, place: Place, path: &str, what: &str) {
        match &mut self.policy {
            None => self.fault(
                place,
                path,
                format!("{what} is not supported yet"),
                "remove it: it would change who may sign in",
            ),
            Some((off, forgiven)) => {
                let off = *off;
                *forgiven += usize::from(off);
                self.unsupported_in_policy(place, path, what, off);
            }
        }
    }

    /// The same of a policy. In one that is off it is only noted.
    pub(super) fn unsupported_in_policy(&mut self, place: Place, path: &str, what: &str, off: bool) {
        if off {
            self.note(place, path, format!("{what} is not supported yet; the policy is loaded as disabled"));
        } else {
            let remedy = "it would change who may sign in: remove it, or set the policy's state to disabled";
            self.fault(place, path, format!("{what} is not supported yet"), remedy);
        }
    }

    fn value(&mut self, shape: Shape, node: &Node, path: &str) -> Option<Value> {
        match (shape, &node.content) {
            (Shape::Object(kind), _) => self.object(kind, node, path).map(Value::Object),
            (Shape::List(element), Content::List(nodes)) => Some(self.list(*element, nodes, path)),
            (Shape::References, Content::List(nodes)) => Some(self.list(Shape::Reference, nodes, path)),
            (Shape::References, _) => Some(self.list(Shape::Reference, std::slice::from_ref(node), path)),
            (Shape::Words(known), Content::List(nodes)) => Some(self.list(Shape::Word(known, ""), nodes, path)),
            (Shape::Words(known), Content::Text(text)) => self.comma_separated(known, text, node, path),
            (Shape::Word(known, not_yet), Content::Text(word)) => self.word(known, not_yet, word, node, path),
            (Shape::Flag, Content::Flag(flag)) => Some(Value::Flag(*flag)),
            (Shape::Number(lowest, highest), Content::Number(number)) => {
                match number.parse::<i64>().ok().filter(|number| (lowest..=highest).contains(number)) {
                    Some(number) => Some(Value::Number(number)),
                    None => self.wrong(shape, node, path),
                }
            }
            (Shape::Reference, Content::Map(entries)) => match entries.iter().find(|(key, _)| key.name == "id") {
                Some((_, id)) if matches!(id.content, Content::Text(_)) => self.value(Shape::Reference, id, path),
                _ => self.wrong(shape, node, path),
            },
            (Shape::Secret | Shape::Password | Shape::Base32, Content::Map(entries)) => {
                self.environment(shape, entries, node, path)
            }
            (_, Content::Text(text)) => match read_text(shape, text) {
                Ok(value) => Some(value),
                Err(remedy) => {
                    let found = if may_be_secret(shape) { NOT_SHOWN.to_owned() } else { describe(&node.content) };
                    self.fault(node.place, path, found, remedy);
                    None
                }
            },
            _ => self.wrong(shape, node, path),
        }
    }

    fn list(&mut self, element: Shape, nodes: &[Node], path: &str) -> Value {
        let mut list = Vec::new();
        for (index, node) in nodes.iter().enumerate() {
            let path = format!("{path}[{index}]");
            if matches!(node.content, Content::Null) {
                self.wrong(element, node, &path);
            } else if let Some(value) = self.value(element, node, &path) {
                list.push(Located { place: node.place, path, value });
            }
        }
        Value::List(list)
    }

    fn word(
        &mut self,
        known: &'static [&'static str],
        not_yet: &'static str,
        word: &str,
        node: &Node,
        path: &str,
    ) -> Option<Value> {
        if let Some(word) = known.iter().find(|known| **known == word) {
            return Some(Value::Word(word));
        }
        if not_yet.split_whitespace().any(|name| name == word) {
            self.unsupported(node.place, path, word);
            return None;
        }
        let rule = format!("expected {}", one_of(known));
        self.fault(node.place, path, describe_text(word), did_you_mean(word, known.iter().copied(), &rule));
        None
    }

    fn comma_separated(
        &mut self,
        known: &'static [&'static str],
        text: &str,
        node: &Node,
        path: &str,
    ) -> Option<Value> {
        let mut list = Vec::new();
        for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            let value = self.word(known, "", word, node, path)?;
            list.push(Located { place: node.place, path: path.to_owned(), value });
        }
        Some(Value::List(list))
    }

    fn environment(&mut self, shape: Shape, entries: &[(Key, Node)], node: &Node, path: &str) -> Option<Value> {
        let [(Key { name: key, .. }, Node { content: Content::Text(name), .. })] = entries else {
            return self.wrong(shape, node, path);
        };
        if key != "env" {
            return self.wrong(shape, node, path);
        }
        let Some(text) = (self.env)(name).filter(|text| !text.is_empty()) else {
            let found = format!("the environment variable {name} is not set");
            self.fault(node.place, path, found, format!("set {name}, or write the value here"));
            return None;
        };
        match read_text(shape, &text) {
            Ok(value) => Some(value),
            Err(remedy) => {
                let found = format!("the environment variable {name} holds something else");
                self.fault(node.place, path, found, remedy);
                None
            }
        }
    }

    fn wrong(&mut self, shape: Shape, node: &Node, path: &str) -> Option<Value> {
        let remedy = match &node.content {
            Content::Number(_) | Content::Flag(_) if is_secret(shape) => {
                "write it in quotes to make it text".to_owned()
            }
            Content::Number(text) if is_text(shape) => format!("write it in quotes to make it text: \"{text}\""),
            Content::Flag(flag) if is_text(shape) => format!("write it in quotes to make it text: \"{flag}\""),
            _ => expected(shape),
        };
        let found = match &node.content {
            Content::Number(_) if may_be_secret(shape) => "found a number".to_owned(),
            Content::Text(_) if may_be_secret(shape) => NOT_SHOWN.to_owned(),
            content => describe(content),
        };
        self.fault(node.place, path, found, remedy);
        None
    }
}

/// `path.key`, or `key` at the top. What is no name ends at its first strange character: it may be a part of a secret
/// that lacks its quotes.
fn join(path: &str, key: &str) -> String {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '@' | '#');
    let key = match key.find(|c| !is_name(c)).filter(|_| key != "$schema") {
        Some(end) => format!("{}…", &key[..end]),
        None => key.chars().take(LONGEST_SHOWN).collect(),
    };
    if path.is_empty() { key } else { format!("{path}.{key}") }
}

/// Whether a policy's `state` says that it does not act. A state that is missing or wrong counts as acting.
fn is_off(entries: &[(Key, Node)]) -> bool {
    let state = entries.iter().find(|(key, _)| key.name == "state").map(|(_, node)| &node.content);
    matches!(state, Some(Content::Text(state)) if state == "disabled" || state == "enabledForReportingButNotEnforced")
}

/// A sentence of the table without its capital and its full stop.
fn in_a_sentence(text: &str) -> String {
    let text = text.trim_end_matches('.');
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(first), Some(second)) if second.is_lowercase() || second == ' ' => {
            format!("{}{}", first.to_lowercase(), &text[first.len_utf8()..])
        }
        _ => text.to_owned(),
    }
}

fn has_value(entries: &[(Key, Node)], name: &str) -> bool {
    entries.iter().any(|(key, node)| key.name == name && !matches!(node.content, Content::Null))
}

/// Whether an export wrote the property only because it writes them all.
fn says_nothing(content: &Content) -> bool {
    match content {
        Content::Null | Content::Flag(false) => true,
        Content::Flag(true) | Content::Number(_) => false,
        Content::Text(text) => text.is_empty() || text == "none",
        Content::List(list) => list.is_empty(),
        Content::Map(entries) => {
            let switched_off =
                |(key, node): &(Key, Node)| key.name == "isEnabled" && matches!(node.content, Content::Flag(false));
            entries.iter().any(switched_off) || entries.iter().all(|(_, node)| says_nothing(&node.content))
        }
    }
}

fn is_secret(shape: Shape) -> bool {
    matches!(shape, Shape::Secret | Shape::Password | Shape::Base32)
}

/// Whether what stands here may be a secret that was put one level too high.
fn may_be_secret(shape: Shape) -> bool {
    match shape {
        Shape::List(element) => may_be_secret(*element),
        Shape::Object(kind) => kind.properties.iter().any(|property| is_secret(property.shape)),
        shape => is_secret(shape),
    }
}

fn is_text(shape: Shape) -> bool {
    matches!(shape, Shape::Text | Shape::Reference | Shape::Permission | Shape::References)
}

fn expected(shape: Shape) -> String {
    match shape {
        Shape::Text => "expected text".to_owned(),
        Shape::Permission => "expected a permission's id or value".to_owned(),
        Shape::Reference | Shape::References => "expected an object's id or name".to_owned(),
        Shape::Secret | Shape::Password | Shape::Base32 => "expected text, or { env: NAME }".to_owned(),
        Shape::Word(known, _) => format!("expected {}", one_of(known)),
        // Whatever is no text has the same remedy as text that does not fit.
        other => match read_text(other, "") {
            Err(remedy) => remedy,
            Ok(_) => "expected another type".to_owned(),
        },
    }
}

fn one_of(words: &[&str]) -> String {
    match words {
        [only] => (*only).to_owned(),
        words => format!("one of {}", words.join(", ")),
    }
}

pub(super) fn describe_text(text: &str) -> String {
    let shown: String = text.chars().take(LONGEST_SHOWN).flat_map(char::escape_debug).collect();
    let cut = if text.chars().nth(LONGEST_SHOWN).is_some() { "…" } else { "" };
    format!("found \"{shown}{cut}\"")
}

fn describe(content: &Content) -> String {
    match content {
        Content::Null => "found nothing".to_owned(),
        Content::Flag(flag) => format!("found {flag}"),
        Content::Number(number) => format!("found the number {number}"),
        Content::Text(text) => describe_text(text),
        Content::List(_) => "found a list".to_owned(),
        Content::Map(_) => "found an object".to_owned(),
    }
}

const NOT_SHOWN: &str = "found a value that is not shown";
const LONGEST_SHOWN: usize = 60;
/// How far back an equal fault is looked for: an alias in a list of many.
const MOST_ALIASES_LOOKED_AT: usize = 200;
