use std::collections::HashMap;

use super::check::{Reader, describe_text};
use super::fault::{Place, nearest};
use super::value::{Located, Value};
use crate::ids::{AppId, ObjectId};

/// What a reference may lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    User(ObjectId),
    Group(ObjectId),
    /// The application and its service principal.
    Application(AppId, ObjectId),
    /// A named location; `false` when it is of a kind that no policy may name yet.
    Location(ObjectId, bool),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    User,
    Group,
    Application,
    Location,
}

impl Target {
    fn sort(self) -> Sort {
        match self {
            Self::User(_) => Sort::User,
            Self::Group(_) => Sort::Group,
            Self::Application(..) => Sort::Application,
            Self::Location(..) => Sort::Location,
        }
    }
}

impl Sort {
    fn spoken(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Application => "application",
            Self::Location => "named location",
        }
    }

    fn named_by(self) -> &'static str {
        match self {
            Self::User => "a user's id or userPrincipalName",
            Self::Group => "a group's id or displayName",
            Self::Application => "an application's id, appId or identifier URI",
            Self::Location => "a location's id or displayName",
        }
    }
}

/// The objects of one tenant by everything that a reference may call them.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// By name in lower case.
    targets: HashMap<String, Vec<Target>>,
    /// As they are written, for suggestions.
    written: Vec<(Sort, String)>,
    /// Display names of applications, which are no references, with the `appId` to write instead.
    display_names: HashMap<String, AppId>,
    /// Sorts of which an object could not be read: what seems to dangle may be that one.
    incomplete: Vec<Sort>,
}

impl Names {
    /// Lets `name` lead to this object.
    pub(super) fn add(&mut self, name: &str, target: Target) {
        let targets = self.targets.entry(name.to_lowercase()).or_default();
        if !targets.contains(&target) {
            targets.push(target);
            self.written.push((target.sort(), name.to_owned()));
        }
    }

    pub(super) fn add_display_name(&mut self, name: &str, app_id: AppId) {
        self.display_names.insert(name.to_lowercase(), app_id);
    }

    /// An object of this sort has a fault in what it is called by.
    pub(super) fn miss(&mut self, sort: Sort) {
        self.incomplete.push(sort);
    }

    /// The one object of these sorts that the text names, without a word if there is none.
    pub(super) fn lookup(&self, text: &str, sorts: &[Sort]) -> Option<Target> {
        match self.candidates(text, sorts).as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    }

    /// The one object of these sorts that the reference names, or a fault.
    pub(super) fn resolve(&self, reader: &mut Reader<'_>, reference: &Located, sorts: &[Sort]) -> Option<Target> {
        let Value::Text(text) = &reference.value else { return None };
        let candidates = self.candidates(text, sorts);
        if let [one] = candidates.as_slice() {
            return Some(*one);
        }
        if candidates.is_empty() && sorts.iter().any(|sort| self.incomplete.contains(sort)) {
            return None;
        }
        let spoken: Vec<&str> = sorts.iter().map(|sort| sort.spoken()).collect();
        let (found, remedy) = if candidates.is_empty() {
            let found = format!("{}, which is no {} of this tenant", describe_text(text), spoken.join(" or "));
            (found, self.remedy(text, sorts))
        } else {
            let found = format!("{}, the name of {} objects", describe_text(text), candidates.len());
            (found, "write the id of the one that is meant".to_owned())
        };
        reader.fault(reference.place, &reference.path, found, remedy);
        None
    }

    fn candidates(&self, text: &str, sorts: &[Sort]) -> Vec<Target> {
        let targets = self.targets.get(&text.to_lowercase()).map(Vec::as_slice).unwrap_or_default();
        targets.iter().copied().filter(|target| sorts.contains(&target.sort())).collect()
    }

    fn remedy(&self, text: &str, sorts: &[Sort]) -> String {
        if let Some(app_id) =
            self.display_names.get(&text.to_lowercase()).filter(|_| sorts.contains(&Sort::Application))
        {
            return format!("write the application's appId: {app_id}");
        }
        let written = self.written.iter().filter(|(sort, _)| sorts.contains(sort)).map(|(_, name)| name.as_str());
        match nearest(text, written) {
            Some(name) => format!("did you mean {name}?"),
            None => {
                let named_by: Vec<&str> = sorts.iter().map(|sort| sort.named_by()).collect();
                format!("expected {}", named_by.join(", or "))
            }
        }
    }
}

/// Values that must not repeat, with the place each was first seen at; line 0 for what is built in.
#[derive(Debug, Default)]
pub(super) struct Unique(HashMap<String, Place>);

impl Unique {
    /// Faults `value` if it was seen before (without case); `what` says of what it must be the only one.
    pub(super) fn claim(&mut self, reader: &mut Reader<'_>, value: &str, place: Place, path: &str, what: &str) -> bool {
        if let Some(first) = self.0.get(&value.to_lowercase()) {
            let by = match first.line {
                0 => "an application that is here has already".to_owned(),
                line => format!("is in use in line {line} already"),
            };
            let found = format!("{}, which {by}", describe_text(value));
            reader.fault(place, path, found, format!("each {what} needs its own"));
            return false;
        }
        self.0.insert(value.to_lowercase(), place);
        true
    }
}
