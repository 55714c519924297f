//! `$select`, `$filter`, `$orderby`, `$top`, `$count` and `$skiptoken` of a Graph request, and the page they ask for
//! (<https://learn.microsoft.com/graph/query-parameters>).

use std::cmp::Ordering;

use ropeway_core::graph::Filter;
use serde_json::{Map, Value};
use url::form_urlencoded::Serializer;

use super::answer::{GraphError, NoAnswer};
use crate::http::exchange::Exchange;
use crate::outcome::Stopped;

/// A kind of object that Graph lists.
#[derive(Debug)]
pub(super) struct Kind {
    /// As `$metadata` calls it.
    pub(super) name: &'static str,
    /// What its objects have.
    pub(super) properties: &'static [&'static str],
    /// How many make a page, unasked.
    pub(super) page: usize,
    /// How many make the longest page.
    pub(super) longest_page: usize,
    /// By what a list is sorted unasked, if by anything: asking for it again changes nothing.
    pub(super) natural_order: Option<(&'static str, Direction)>,
}

/// Which way a list is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Ascending,
    Descending,
}

/// What a request asks of a list.
#[derive(Debug)]
pub(super) struct Query {
    pub(super) select: Option<Vec<String>>,
    pub(super) filter: Option<Filter>,
    order_by: Option<(String, Direction)>,
    top: usize,
    count: bool,
    after: Option<i64>,
}

/// A page of a list.
#[derive(Debug)]
pub(super) struct Page {
    objects: Vec<Value>,
    /// Where the next page begins; `None`: there is none.
    next: Option<i64>,
    count: Option<usize>,
}

impl Query {
    /// Reads the query of a request.
    pub(super) fn read(exchange: &Exchange, kind: &Kind) -> Result<Self, GraphError> {
        for unsupported in ["$search", "$expand", "$apply", "$skip"] {
            if option(exchange, unsupported).is_some() {
                let message = format!("Ropeway does not do {unsupported}. Use $filter, $select, $top and $skiptoken.");
                return Err(GraphError::unsupported_query(message));
            }
        }
        let select = option(exchange, "$select").map(|text| {
            text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect::<Vec<_>>()
        });
        for name in select.iter().flatten() {
            kind.knows(name)?;
        }
        let filter = option(exchange, "$filter").map(Filter::parse).transpose().map_err(|fault| {
            let message = format!("Invalid filter clause: at character {}: expected {}.", fault.at, fault.expected);
            GraphError::unsupported_query(message)
        })?;
        for name in filter.iter().flat_map(Filter::properties) {
            kind.knows(name)?;
        }
        let order_by = option(exchange, "$orderby").map(|text| kind.order(text)).transpose()?.flatten();
        let top = match option(exchange, "$top") {
            None => kind.page,
            Some(text) => match text.parse() {
                Ok(top) if (1..=kind.longest_page).contains(&top) => top,
                _ => {
                    let message = format!(
                        "Invalid page size specified: '{text}'. Must be between 1 and {} inclusive.",
                        kind.longest_page
                    );
                    return Err(GraphError::unsupported_query(message));
                }
            },
        };
        let after = match option(exchange, "$skiptoken") {
            None => None,
            Some(text) => Some(i64::from_str_radix(text, 16).map_err(|_| {
                GraphError::unsupported_query("The $skiptoken is not one that a nextLink gave.".to_owned())
            })?),
        };
        Ok(Self { select, filter, order_by, top, count: option(exchange, "$count") == Some("true"), after })
    }

    /// Takes a page out of the list. `batch` gives the objects after a place, each with its own place, none at the end; one
    /// that is null is a place and no object.
    pub(super) fn page(
        &self,
        mut batch: impl FnMut(Option<i64>) -> Result<Vec<(i64, Value)>, Stopped>,
    ) -> Result<Page, Stopped> {
        let sorted = self.order_by.is_some() || self.count;
        let mut place = if sorted { None } else { self.after };
        let mut found: Vec<(i64, Value)> = Vec::new();
        'all: loop {
            let objects = batch(place)?;
            if objects.is_empty() {
                break;
            }
            for (at, object) in objects {
                place = Some(at);
                if !object.is_null() && self.filter.as_ref().is_none_or(|filter| filter.matches(&object)) {
                    found.push((at, object));
                    if !sorted && found.len() > self.top {
                        break 'all;
                    }
                }
            }
        }
        if !sorted {
            let more = found.len() > self.top;
            found.truncate(self.top);
            let next = found.last().map(|(at, _)| *at).filter(|_| more);
            return Ok(Page { objects: found.into_iter().map(|(_, object)| object).collect(), next, count: None });
        }
        let count = found.len();
        if let Some((property, direction)) = &self.order_by {
            found.sort_by(|(one_at, one), (other_at, other)| {
                let order = order(&one[property.as_str()], &other[property.as_str()]);
                match direction {
                    // The sign-in log comes the latest first, and its dates are whole seconds.
                    Direction::Ascending => order.then(one_at.cmp(other_at)),
                    Direction::Descending => order.reverse(),
                }
            });
        }
        let start = self.after.and_then(|after| usize::try_from(after).ok()).unwrap_or(0);
        let end = start.saturating_add(self.top);
        let objects: Vec<Value> = found.into_iter().map(|(_, object)| object).skip(start).take(self.top).collect();
        let next = i64::try_from(end).ok().filter(|_| end < count);
        Ok(Page { objects, next, count: self.count.then_some(count) })
    }

    /// The object as it was asked for: what `$select` names, or what comes unasked.
    pub(super) fn selected(&self, object: &Value, unasked: &[&str]) -> Value {
        let wanted = |name: &str| match &self.select {
            Some(select) => select.iter().any(|selected| selected.eq_ignore_ascii_case(name)),
            None => unasked.contains(&name),
        };
        let properties = object.as_object().into_iter().flatten();
        properties.filter(|(name, _)| wanted(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// What `@odata.context` says of the selection: `users(id,displayName)`.
    pub(super) fn context(&self, collection: &str) -> String {
        match &self.select {
            Some(select) => format!("{collection}({})", select.join(",")),
            None => collection.to_owned(),
        }
    }
}

impl Page {
    /// The answer: context, count, the link to the next page at this path, and the objects.
    pub(super) fn answer(
        self,
        exchange: &Exchange,
        query: &Query,
        path: &str,
        collection: &str,
        unasked: &[&str],
    ) -> Value {
        let mut answer = Map::new();
        let version = if path.starts_with("/beta/") { "beta" } else { "v1.0" };
        let context = format!("{}/{version}/$metadata#{}", exchange.origin, query.context(collection));
        answer.insert("@odata.context".to_owned(), context.into());
        if let Some(count) = self.count {
            answer.insert("@odata.count".to_owned(), count.into());
        }
        if let Some(next) = self.next {
            let mut parameters = Serializer::new(String::new());
            for name in ["$select", "$filter", "$orderby", "$top", "$count"] {
                if let Some(value) = option(exchange, name) {
                    parameters.append_pair(name, value);
                }
            }
            parameters.append_pair("$skiptoken", &format!("{next:x}"));
            // As Graph writes them: the dollar of an option is not escaped.
            let link = format!("{}{path}?{}", exchange.origin, parameters.finish().replace("%24", "$"));
            answer.insert("@odata.nextLink".to_owned(), link.into());
        }
        let objects = self.objects.iter().map(|object| query.selected(object, unasked)).collect();
        answer.insert("value".to_owned(), Value::Array(objects));
        Value::Object(answer)
    }
}

impl Kind {
    fn knows(&self, name: &str) -> Result<(), GraphError> {
        if self.properties.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            return Ok(());
        }
        let message = format!("Could not find a property named '{name}' on type '{}'.", self.name);
        Err(GraphError::bad_request(&message))
    }

    /// `None`: as the list is sorted anyway.
    fn order(&self, text: &str) -> Result<Option<(String, Direction)>, GraphError> {
        let mut words = text.split_whitespace();
        let (name, direction, rest) = (words.next().unwrap_or_default(), words.next().unwrap_or("asc"), words.next());
        let direction = match direction {
            "asc" if rest.is_none() => Direction::Ascending,
            "desc" if rest.is_none() => Direction::Descending,
            _ => {
                let message = format!("Invalid $orderby: '{text}'. Expected one property, and asc or desc.");
                return Err(GraphError::unsupported_query(message));
            }
        };
        self.knows(name)?;
        let natural = self.natural_order.is_some_and(|natural| natural == (name, direction));
        Ok((!natural).then(|| (name.to_owned(), direction)))
    }
}

/// An option of the query. Its name is read in any case; the dollar may be missing at the beta endpoint.
fn option<'e>(exchange: &'e Exchange, name: &str) -> Option<&'e str> {
    let bare = name.strip_prefix('$').filter(|_| exchange.path.starts_with("/beta/"));
    exchange.query_in_any_case(name).or_else(|| exchange.query_in_any_case(bare?))
}

fn order(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::String(one), Value::String(other)) => one.to_lowercase().cmp(&other.to_lowercase()),
        (Value::Number(one), Value::Number(other)) => one.as_i64().cmp(&other.as_i64()),
        (Value::Bool(one), Value::Bool(other)) => one.cmp(other),
        (one, other) => one.is_null().cmp(&other.is_null()).reverse(),
    }
}

/// Runs what reads a long list away from those who answer requests.
pub(super) async fn at_length<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, NoAnswer> + Send + 'static,
) -> Result<T, NoAnswer> {
    tokio::task::spawn_blocking(read).await.map_err(|error| Stopped::Broken(error.into()))?
}
