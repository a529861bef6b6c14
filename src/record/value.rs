//! A typed value of a record's field or of an expression over records.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

/// What a field or an expression holds.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Value {
    /// Not stated: every comparison with it is false.
    #[default]
    Missing,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A decimal number, always finite.
    Number(f64),
    /// Text.
    Text(Arc<str>),
    /// An instant.
    Time(DateTime<Utc>),
    /// A span of time.
    Span(TimeDelta),
    /// A number of working days, which becomes a span only beside a date and a calendar of holidays.
    WorkingDays(i64),
}

impl Value {
    /// Text from a string slice.
    pub fn text(text: &str) -> Self {
        Value::Text(Arc::from(text))
    }

    /// Whether nothing was stated.
    pub fn is_missing(&self) -> bool {
        matches!(self, Value::Missing)
    }

    /// The text, where this is one.
    pub fn as_text(&self) -> Option<&Arc<str>> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The instant, where this is one.
    pub fn as_time(&self) -> Option<DateTime<Utc>> {
        self.slot().as_time()
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Value::Int(value)
    }
}

impl From<DateTime<Utc>> for Value {
    fn from(value: DateTime<Utc>) -> Self {
        Value::Time(value)
    }
}

/// An instant in nanoseconds; what lies centuries away counts as the end of time.
pub fn nanoseconds(time: DateTime<Utc>) -> i64 {
    let seconds = time.timestamp();
    match seconds.checked_mul(1_000_000_000) {
        Some(nanos) => nanos.saturating_add(i64::from(time.timestamp_subsec_nanos())),
        None if seconds < 0 => i64::MIN,
        None => i64::MAX,
    }
}
