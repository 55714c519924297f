//! What goes into statements and comes out of rows, in the domain's types.

use ropeway_core::ids::{AppId, ObjectId, TenantId, parse_guid};
use ropeway_core::time::{TenantTime, WallTime};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::dialect::Row;
use crate::error::StoreError;

/// A statement's parameter.
pub(crate) enum Value<'a> {
    Null,
    Integer(i64),
    Text(&'a str),
    OwnedText(String),
    Bytes(&'a [u8]),
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::OwnedText(text)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<u32> for Value<'_> {
    fn from(number: u32) -> Self {
        Self::Integer(i64::from(number))
    }
}

impl From<Uuid> for Value<'_> {
    fn from(id: Uuid) -> Self {
        Self::OwnedText(id.hyphenated().to_string())
    }
}

impl From<TenantId> for Value<'_> {
    fn from(id: TenantId) -> Self {
        id.0.into()
    }
}

impl From<ObjectId> for Value<'_> {
    fn from(id: ObjectId) -> Self {
        id.0.into()
    }
}

impl From<AppId> for Value<'_> {
    fn from(id: AppId) -> Self {
        id.0.into()
    }
}

impl From<TenantTime> for Value<'_> {
    fn from(time: TenantTime) -> Self {
        Self::Integer(time.0)
    }
}

impl From<WallTime> for Value<'_> {
    fn from(time: WallTime) -> Self {
        Self::Integer(time.0)
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl Row<'_> {
    /// A GUID in a TEXT column.
    pub(crate) fn guid(&self, column: usize) -> Result<Uuid, StoreError> {
        guid(self.text_in_place(column)?)
    }

    /// A GUID in a TEXT column that may be null.
    pub(crate) fn optional_guid(&self, column: usize) -> Result<Option<Uuid>, StoreError> {
        self.optional_text_in_place(column)?.map(guid).transpose()
    }

    /// A number that cannot be negative.
    pub(crate) fn count(&self, column: usize) -> Result<u32, StoreError> {
        let number = self.integer(column)?;
        u32::try_from(number).map_err(|_| StoreError::Corrupt(format!("{number} where a count should be")))
    }

    /// A JSON document in a TEXT column. `what` names it in the error.
    pub(crate) fn document<T: DeserializeOwned>(&self, column: usize, what: &str) -> Result<T, StoreError> {
        serde_json::from_str(self.text_in_place(column)?)
            .map_err(|error| StoreError::Corrupt(format!("a {what} cannot be read: {:?}", error.classify())))
    }
}

fn guid(text: &str) -> Result<Uuid, StoreError> {
    parse_guid(text).map_err(|_| StoreError::Corrupt(format!("{text:?} where a GUID should be")))
}

/// The JSON text of a document column.
pub(crate) fn to_document<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Driver(std::sync::Arc::new(error)))
}
