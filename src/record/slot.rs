//! A record's values as they lie where it was read, without owning them.

use chrono::{DateTime, Utc};

use super::Record;
use super::schema::{FieldId, KindId};
use super::value::Value;

/// The value of one field.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub enum Slot<'a> {
    /// Not stated.
    #[default]
    Missing,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A decimal number, always finite.
    Number(f64),
    /// Text in its one spelling.
    Text(&'a str),
    /// An instant.
    Time(DateTime<Utc>),
}

/// What rules can read of a record, owned or not.
pub trait Fields {
    /// What kind of record this is.
    fn kind(&self) -> KindId;
    /// Who sent it.
    fn source(&self) -> &str;
    /// The sender's own number for it.
    fn id(&self) -> &str;
    /// When it happened.
    fn occurred_at(&self) -> DateTime<Utc>;
    /// The value of a field.
    fn slot(&self, field: FieldId) -> Slot<'_>;
    /// The [`text_hash`] of a field that is text, where it is known already.
    ///
    /// [`text_hash`]: super::fingerprint::text_hash
    fn text_hash(&self, _: FieldId) -> Option<u64> {
        None
    }
}

impl Fields for Record {
    fn kind(&self) -> KindId {
        self.kind
    }

    fn source(&self) -> &str {
        &self.key.source
    }

    fn id(&self) -> &str {
        &self.key.id
    }

    fn occurred_at(&self) -> DateTime<Utc> {
        self.occurred_at
    }

    fn slot(&self, field: FieldId) -> Slot<'_> {
        self.value(field).slot()
    }
}

impl Value {
    /// This value without owning it; spans are no field's value.
    pub fn slot(&self) -> Slot<'_> {
        match self {
            Value::Missing | Value::Span(_) | Value::WorkingDays(_) => Slot::Missing,
            Value::Bool(value) => Slot::Bool(*value),
            Value::Int(n) => Slot::Int(*n),
            Value::Number(n) => Slot::Number(*n),
            Value::Text(text) => Slot::Text(text),
            Value::Time(time) => Slot::Time(*time),
        }
    }
}

impl From<Slot<'_>> for Value {
    fn from(slot: Slot<'_>) -> Self {
        match slot {
            Slot::Missing => Value::Missing,
            Slot::Bool(value) => Value::Bool(value),
            Slot::Int(n) => Value::Int(n),
            Slot::Number(n) => Value::Number(n),
            Slot::Text(text) => Value::text(text),
            Slot::Time(time) => Value::Time(time),
        }
    }
}
