//! Values as they lie where they are read, without owning them.

use std::cmp::Ordering;

use chrono::{DateTime, TimeDelta, Utc};

use super::Record;
use super::schema::{FieldId, KindId};
use super::value::Value;

/// The value of a field or of an expression.
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
    /// A span of time, which no record states.
    Span(TimeDelta),
    /// A number of working days, which no record states.
    WorkingDays(i64),
}

impl<'a> Slot<'a> {
    /// Whether nothing is stated.
    pub fn is_missing(self) -> bool {
        matches!(self, Slot::Missing)
    }

    /// The text, where this is one.
    pub fn as_text(self) -> Option<&'a str> {
        match self {
            Slot::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The instant, where this is one.
    pub fn as_time(self) -> Option<DateTime<Utc>> {
        match self {
            Slot::Time(time) => Some(time),
            _ => None,
        }
    }

    /// How two values of one type compare; `None` where either is missing or the types differ.
    pub fn compare(self, other: Slot<'_>) -> Option<Ordering> {
        #[expect(clippy::cast_precision_loss, reason = "as the rule language compares whole and decimal numbers")]
        match (self, other) {
            (Slot::Bool(a), Slot::Bool(b)) => Some(a.cmp(&b)),
            (Slot::Int(a), Slot::Int(b)) => Some(a.cmp(&b)),
            (Slot::Int(a), Slot::Number(b)) => (a as f64).partial_cmp(&b),
            (Slot::Number(a), Slot::Int(b)) => a.partial_cmp(&(b as f64)),
            (Slot::Number(a), Slot::Number(b)) => a.partial_cmp(&b),
            (Slot::Text(a), Slot::Text(b)) => Some(a.cmp(b)),
            (Slot::Time(a), Slot::Time(b)) => Some(a.cmp(&b)),
            (Slot::Span(a), Slot::Span(b)) => Some(a.cmp(&b)),
            (Slot::WorkingDays(a), Slot::WorkingDays(b)) => Some(a.cmp(&b)),
            _ => None,
        }
    }
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
    /// The same with the [`text_hash`] of a text, where it is known already.
    ///
    /// [`text_hash`]: super::fingerprint::text_hash
    fn hashed(&self, field: FieldId) -> (Slot<'_>, Option<u64>) {
        (self.slot(field), None)
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
        self.value(field)
    }
}

impl Value {
    /// This value without owning it.
    pub fn slot(&self) -> Slot<'_> {
        match self {
            Value::Missing => Slot::Missing,
            Value::Bool(value) => Slot::Bool(*value),
            Value::Int(n) => Slot::Int(*n),
            Value::Number(n) => Slot::Number(*n),
            Value::Text(text) => Slot::Text(text),
            Value::Time(time) => Slot::Time(*time),
            Value::Span(span) => Slot::Span(*span),
            Value::WorkingDays(n) => Slot::WorkingDays(*n),
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
            Slot::Span(span) => Value::Span(span),
            Slot::WorkingDays(n) => Value::WorkingDays(n),
        }
    }
}
