//! `$filter`: the part of OData's language that Graph's clients write (<https://learn.microsoft.com/graph/filter-query-parameter>):
//! comparisons, `and`, `or`, `not`, parentheses, `in`, `startswith`, `endswith`, `contains`, and `any` over a list.
//!
//! Written here because no kept crate reads it without a whole data service behind it.

use std::cmp::Ordering;

use serde_json::Value;

use crate::time::TenantTime;

/// A condition on an object as Graph shows it.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// Both.
    And(Box<Filter>, Box<Filter>),
    /// One of them.
    Or(Box<Filter>, Box<Filter>),
    /// Not.
    Not(Box<Filter>),
    /// A property, its path split at `/`, compared.
    Compare(Vec<String>, Operator, Scalar),
    /// A property that is one of these.
    In(Vec<String>, Vec<Scalar>),
    /// A function of a text property.
    Text(TextFunction, Vec<String>, String),
    /// A list of texts that has one which compares so.
    Any(Vec<String>, Operator, Scalar),
}

/// How a property is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `eq`
    Equal,
    /// `ne`
    NotEqual,
    /// `gt`
    Greater,
    /// `ge`
    GreaterOrEqual,
    /// `lt`
    Less,
    /// `le`
    LessOrEqual,
}

/// What part of a text is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextFunction {
    /// `startswith`
    StartsWith,
    /// `endswith`
    EndsWith,
    /// `contains`
    Contains,
}

/// What a property is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Scalar {
    /// In quotes; a GUID also without.
    Text(String),
    /// A whole number.
    Number(i64),
    /// `true` or `false`.
    Flag(bool),
    /// `null`
    Null,
    /// A date and time.
    Moment(TenantTime),
}

/// Why a text is no filter, for whoever wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterFault {
    /// Where, in characters from the start.
    pub at: usize,
    /// What was expected there.
    pub expected: &'static str,
}

impl Filter {
    /// Reads a filter.
    pub fn parse(text: &str) -> Result<Self, FilterFault> {
        let tokens = tokens(text)?;
        let mut reader = Reader { tokens, next: 0, end: text.chars().count(), depth: 0 };
        let filter = reader.or()?;
        match reader.peek() {
            None => Ok(filter),
            Some(_) => Err(reader.fault("the end, `and` or `or`")),
        }
    }

    /// The first segments of all property paths in it.
    pub fn properties(&self) -> Vec<&str> {
        match self {
            Self::And(one, other) | Self::Or(one, other) => {
                let mut properties = one.properties();
                properties.extend(other.properties());
                properties
            }
            Self::Not(inner) => inner.properties(),
            Self::Compare(path, ..) | Self::In(path, _) | Self::Text(_, path, _) | Self::Any(path, ..) => {
                path.first().map(String::as_str).into_iter().collect()
            }
        }
    }

    /// Whether an object is meant. Texts are compared without regard to case, as Graph does; a property that the object does
    /// not have is null.
    pub fn matches(&self, object: &Value) -> bool {
        match self {
            Self::And(one, other) => one.matches(object) && other.matches(object),
            Self::Or(one, other) => one.matches(object) || other.matches(object),
            Self::Not(inner) => !inner.matches(object),
            Self::Compare(path, operator, scalar) => operator.holds(at(object, path), scalar),
            Self::In(path, scalars) => scalars.iter().any(|scalar| Operator::Equal.holds(at(object, path), scalar)),
            Self::Text(function, path, part) => {
                let text = at(object, path).as_str().unwrap_or_default().to_lowercase();
                let part = part.to_lowercase();
                match function {
                    TextFunction::StartsWith => text.starts_with(&part),
                    TextFunction::EndsWith => text.ends_with(&part),
                    TextFunction::Contains => text.contains(&part),
                }
            }
            Self::Any(path, operator, scalar) => {
                let list = at(object, path).as_array();
                list.is_some_and(|list| list.iter().any(|item| operator.holds(item, scalar)))
            }
        }
    }
}

impl Operator {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "eq" => Self::Equal,
            "ne" => Self::NotEqual,
            "gt" => Self::Greater,
            "ge" => Self::GreaterOrEqual,
            "lt" => Self::Less,
            "le" => Self::LessOrEqual,
            _ => return None,
        })
    }

    fn holds(self, found: &Value, wanted: &Scalar) -> bool {
        let Some(order) = compare(found, wanted) else { return self == Self::NotEqual };
        match self {
            Self::Equal => order == Ordering::Equal,
            Self::NotEqual => order != Ordering::Equal,
            Self::Greater => order == Ordering::Greater,
            Self::GreaterOrEqual => order != Ordering::Less,
            Self::Less => order == Ordering::Less,
            Self::LessOrEqual => order != Ordering::Greater,
        }
    }
}

/// `None`: the two cannot be compared.
fn compare(found: &Value, wanted: &Scalar) -> Option<Ordering> {
    match (found, wanted) {
        (Value::Null, Scalar::Null) => Some(Ordering::Equal),
        (Value::Bool(found), Scalar::Flag(wanted)) => Some(found.cmp(wanted)),
        (Value::Number(found), Scalar::Number(wanted)) => Some(found.as_i64()?.cmp(wanted)),
        (Value::String(found), Scalar::Text(wanted)) => Some(found.to_lowercase().cmp(&wanted.to_lowercase())),
        (Value::String(found), Scalar::Moment(wanted)) => Some(TenantTime::parse_rfc3339(found)?.cmp(wanted)),
        _ => None,
    }
}

fn at<'v>(object: &'v Value, path: &[String]) -> &'v Value {
    path.iter().fold(object, |value, name| &value[name.as_str()])
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Quoted(String),
    Open,
    Close,
    Comma,
    Colon,
}

/// The tokens, each with where it begins.
fn tokens(text: &str) -> Result<Vec<(usize, Token)>, FilterFault> {
    let characters: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&character) = characters.get(at) {
        let start = at;
        at += 1;
        let token = match character {
            c if c.is_whitespace() => continue,
            '(' => Token::Open,
            ')' => Token::Close,
            ',' => Token::Comma,
            '\'' => {
                let mut quoted = String::new();
                loop {
                    match (characters.get(at), characters.get(at + 1)) {
                        (Some('\''), Some('\'')) => {
                            quoted.push('\'');
                            at += 2;
                        }
                        (Some('\''), _) => {
                            at += 1;
                            break;
                        }
                        (Some(&c), _) => {
                            quoted.push(c);
                            at += 1;
                        }
                        (None, _) => return Err(FilterFault { at: start, expected: "a closing quote" }),
                    }
                }
                Token::Quoted(quoted)
            }
            // A lambda's colon stands alone; one inside a word is a time's.
            ':' => Token::Colon,
            c if is_of_word(c) => {
                while characters.get(at).is_some_and(|&c| {
                    is_of_word(c) || c == ':' && characters.get(at + 1).is_some_and(char::is_ascii_digit)
                }) {
                    at += 1;
                }
                Token::Word(characters[start..at].iter().collect())
            }
            _ => return Err(FilterFault { at: start, expected: "a property, a value or an operator" }),
        };
        tokens.push((start, token));
    }
    Ok(tokens)
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '+' | '@')
}

struct Reader {
    tokens: Vec<(usize, Token)>,
    next: usize,
    end: usize,
    depth: usize,
}

impl Reader {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|(_, token)| token)
    }

    fn take(&mut self) -> Option<Token> {
        let (_, token) = self.tokens.get(self.next)?.clone();
        self.next += 1;
        Some(token)
    }

    fn fault(&self, expected: &'static str) -> FilterFault {
        FilterFault { at: self.tokens.get(self.next).map_or(self.end, |(at, _)| *at), expected }
    }

    fn takes(&mut self, wanted: &Token) -> bool {
        let found = self.peek() == Some(wanted);
        self.next += usize::from(found);
        found
    }

    fn takes_word(&mut self, word: &str) -> bool {
        self.takes(&Token::Word(word.to_owned()))
    }

    fn wants(&mut self, wanted: &Token, expected: &'static str) -> Result<(), FilterFault> {
        if self.takes(wanted) { Ok(()) } else { Err(self.fault(expected)) }
    }

    fn or(&mut self) -> Result<Filter, FilterFault> {
        let mut filter = self.and()?;
        while self.takes_word("or") {
            filter = Filter::Or(Box::new(filter), Box::new(self.and()?));
        }
        Ok(filter)
    }

    fn and(&mut self) -> Result<Filter, FilterFault> {
        let mut filter = self.one()?;
        while self.takes_word("and") {
            filter = Filter::And(Box::new(filter), Box::new(self.one()?));
        }
        Ok(filter)
    }

    fn one(&mut self) -> Result<Filter, FilterFault> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.fault("fewer parentheses"));
        }
        let filter = self.condition();
        self.depth -= 1;
        filter
    }

    fn condition(&mut self) -> Result<Filter, FilterFault> {
        if self.takes(&Token::Open) {
            let inner = self.or()?;
            self.wants(&Token::Close, "a closing parenthesis")?;
            return Ok(inner);
        }
        if self.takes_word("not") {
            return Ok(Filter::Not(Box::new(self.one()?)));
        }
        for (name, function) in [
            ("startswith", TextFunction::StartsWith),
            ("startsWith", TextFunction::StartsWith),
            ("endswith", TextFunction::EndsWith),
            ("endsWith", TextFunction::EndsWith),
            ("contains", TextFunction::Contains),
        ] {
            if self.takes_word(name) {
                return self.text_function(function);
            }
        }
        let path = self.path()?;
        if path.last().is_some_and(|last| last == "any") && self.peek() == Some(&Token::Open) {
            return self.any(path);
        }
        if self.takes_word("in") {
            return self.one_of(path);
        }
        let operator = self.operator()?;
        Ok(Filter::Compare(path, operator, self.scalar()?))
    }

    fn text_function(&mut self, function: TextFunction) -> Result<Filter, FilterFault> {
        self.wants(&Token::Open, "an opening parenthesis")?;
        let path = self.path()?;
        self.wants(&Token::Comma, "a comma")?;
        let Some(Token::Quoted(part)) = self.peek().cloned() else { return Err(self.fault("a text in quotes")) };
        self.next += 1;
        self.wants(&Token::Close, "a closing parenthesis")?;
        Ok(Filter::Text(function, path, part))
    }

    /// `list/any(x: x eq 'value')`, or `x:x eq`, as a colon needs no blank.
    fn any(&mut self, mut path: Vec<String>) -> Result<Filter, FilterFault> {
        path.pop();
        self.wants(&Token::Open, "an opening parenthesis")?;
        let Some(Token::Word(variable)) = self.take() else { return Err(self.fault("a name for the item")) };
        self.wants(&Token::Colon, "a colon")?;
        self.wants(&Token::Word(variable), "the item's name")?;
        let operator = self.operator()?;
        let scalar = self.scalar()?;
        self.wants(&Token::Close, "a closing parenthesis")?;
        Ok(Filter::Any(path, operator, scalar))
    }

    fn one_of(&mut self, path: Vec<String>) -> Result<Filter, FilterFault> {
        self.wants(&Token::Open, "an opening parenthesis")?;
        let mut scalars = vec![self.scalar()?];
        while self.takes(&Token::Comma) {
            scalars.push(self.scalar()?);
        }
        self.wants(&Token::Close, "a closing parenthesis")?;
        Ok(Filter::In(path, scalars))
    }

    fn path(&mut self) -> Result<Vec<String>, FilterFault> {
        let is_path =
            |word: &str| word.split('/').all(|name| name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'));
        match self.peek() {
            Some(Token::Word(word)) if is_path(word) => {
                let path = word.split('/').map(str::to_owned).collect();
                self.next += 1;
                Ok(path)
            }
            _ => Err(self.fault("a property")),
        }
    }

    fn operator(&mut self) -> Result<Operator, FilterFault> {
        let operator = match self.peek() {
            Some(Token::Word(word)) => Operator::of(word),
            _ => None,
        };
        self.next += usize::from(operator.is_some());
        operator.ok_or_else(|| self.fault("eq, ne, gt, ge, lt, le or in"))
    }

    fn scalar(&mut self) -> Result<Scalar, FilterFault> {
        let scalar = match self.peek() {
            Some(Token::Quoted(text)) => Some(Scalar::Text(text.clone())),
            Some(Token::Word(word)) => bare(word),
            _ => None,
        };
        self.next += usize::from(scalar.is_some());
        scalar.ok_or_else(|| self.fault("a value: a text in quotes, a number, true, false, null or a moment"))
    }
}

fn bare(word: &str) -> Option<Scalar> {
    Some(match word {
        "true" => Scalar::Flag(true),
        "false" => Scalar::Flag(false),
        "null" => Scalar::Null,
        _ => {
            if let Ok(number) = word.parse() {
                return Some(Scalar::Number(number));
            }
            if let Some(moment) = TenantTime::parse_rfc3339(word) {
                return Some(Scalar::Moment(moment));
            }
            Scalar::Text(crate::ids::parse_guid(word).ok()?.to_string())
        }
    })
}

/// Deeper than any filter that a person or a library writes.
const DEEPEST: usize = 32;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn sign_in() -> Value {
        json!({
            "userPrincipalName": "O'Neil@alpine.test", "isInteractive": true, "userId": null,
            "appId": "e0a91000-0000-4000-8000-00000000000c", "createdDateTime": "2026-11-25T08:00:00Z",
            "status": { "errorCode": 50126 }, "signInEventTypes": ["interactiveUser"],
        })
    }

    #[test]
    fn a_filter_means_the_objects_that_it_says() {
        for (filter, expected) in [
            ("userPrincipalName eq 'o''neil@alpine.test'", true),
            ("userPrincipalName eq 'neil@alpine.test'", false),
            ("status/errorCode eq 50126", true),
            ("status/errorCode ne 50126", false),
            ("status/errorCode ge 50000 and status/errorCode lt 50127", true),
            ("createdDateTime ge 2026-11-25T08:00:00Z", true),
            ("createdDateTime gt 2026-11-25T09:00:00+01:00", false),
            ("createdDateTime le 2026-11-25T07:59:59.9Z", false),
            ("isInteractive eq true and userId eq null", true),
            ("not (isInteractive eq true) or status/errorCode eq 50126", true),
            ("appId eq e0a91000-0000-4000-8000-00000000000c", true),
            ("appId in ('x', 'E0A91000-0000-4000-8000-00000000000C')", true),
            ("startswith(userPrincipalName, 'O''') and endswith(userPrincipalName,'.TEST')", true),
            ("contains(userPrincipalName,'fjord')", false),
            ("signInEventTypes/any(t: t eq 'interactiveUser')", true),
            ("signInEventTypes/any(t:t eq 'servicePrincipal')", false),
            ("missing eq null", true),
            ("missing eq 'x'", false),
            ("missing ne 'x'", true),
            ("userPrincipalName eq 5", false),
        ] {
            assert_eq!(Filter::parse(filter).unwrap().matches(&sign_in()), expected, "{filter}");
        }
    }

    #[test]
    fn and_binds_closer_than_or() {
        let filter = "status/errorCode eq 1 and status/errorCode eq 2 or status/errorCode eq 50126";
        assert!(Filter::parse(filter).unwrap().matches(&sign_in()));
        assert_eq!(Filter::parse(filter).unwrap().properties(), ["status"; 3]);
    }

    #[test]
    fn a_fault_is_told_with_its_place() {
        for (filter, at) in [
            ("", 0),
            ("userPrincipalName", 17),
            ("userPrincipalName eq", 20),
            ("userPrincipalName is 'x'", 18),
            ("userPrincipalName eq x", 21),
            ("userPrincipalName eq 'x", 21),
            ("(isInteractive eq true", 22),
            ("isInteractive eq true)", 21),
            ("isInteractive eq true isInteractive", 22),
            ("startswith(userPrincipalName 'x')", 29),
            ("appId in ()", 10),
            ("signInEventTypes/any(t: u eq 'x')", 24),
            ("a eq 1; drop", 6),
            ("1 eq 1", 0),
        ] {
            assert_eq!(Filter::parse(filter).unwrap_err().at, at, "{filter}");
        }
        let deep = format!("{}a eq 1{}", "(".repeat(10_000), ")".repeat(10_000));
        assert_eq!(Filter::parse(&deep).unwrap_err().expected, "fewer parentheses");
    }

    proptest! {
        #[test]
        fn any_text_is_a_filter_or_a_fault_inside_it(text in "\\PC*") {
            match Filter::parse(&text) {
                Ok(filter) => { filter.matches(&sign_in()); }
                Err(fault) => prop_assert!(fault.at <= text.chars().count()),
            }
        }

        #[test]
        fn words_of_the_language_in_any_order(words in prop::collection::vec(prop::sample::select(vec![
            "and", "or", "not", "(", ")", "eq", "in", "a/b", "any", "'x'", ",", ":", "true", "7", "startswith", "a/any",
        ]), 0..30)) {
            let text = words.join(" ");
            if let Err(fault) = Filter::parse(&text) {
                prop_assert!(fault.at <= text.len());
            }
        }
    }
}
