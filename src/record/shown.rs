//! Values as people read them, put into words only when somebody does.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::slot::Slot;
use super::{region, words};

/// A value as people read it. It is its words: two are equal where they read the same, and as JSON it is one text.
#[derive(Clone, Debug, Default)]
pub enum Shown {
    /// Not stated.
    #[default]
    Missing,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A decimal number.
    Number(f64),
    /// Words as they are; what comes back from a store is always this.
    Text(Arc<str>),
    /// Words of the program.
    Static(&'static str),
    /// A code or word that people know by a name, where it is a known one.
    Named(Naming, Arc<str>),
    /// An instant, read in a zone.
    Time(DateTime<Utc>, Tz),
    /// A span of time.
    Span(TimeDelta),
    /// A number of working days.
    WorkingDays(i64),
    /// One after the other: a message with its values.
    Joined(Arc<[Shown]>),
    /// One after the other with commas between.
    Listed(Arc<[Shown]>),
}

/// What names a code or word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// The list of kabupaten.
    Kabupaten,
    /// The list of kecamatan.
    Kecamatan,
    /// The words of the schema's closed lists.
    Choice,
}

impl Naming {
    fn name(self, word: &str) -> Option<&'static str> {
        match self {
            Naming::Kabupaten => region::kabupaten_name(word),
            Naming::Kecamatan => region::kecamatan(word).map(|region| region.name.as_str()),
            Naming::Choice => words::choice_name(word),
        }
    }
}

impl Shown {
    /// A value, with instants read in a zone.
    pub fn of(value: Slot<'_>, zone: Tz) -> Self {
        match value {
            Slot::Missing => Shown::Missing,
            Slot::Bool(value) => Shown::Bool(value),
            Slot::Int(n) => Shown::Int(n),
            Slot::Number(n) => Shown::Number(n),
            Slot::Text(text) => Shown::Text(text.into()),
            Slot::Time(time) => Shown::Time(time, zone),
            Slot::Span(span) => Shown::Span(span),
            Slot::WorkingDays(n) => Shown::WorkingDays(n),
        }
    }

    /// A value by its name where it is a text that has one.
    pub fn named(value: Slot<'_>, naming: Option<Naming>, zone: Tz) -> Self {
        match (value, naming) {
            (Slot::Text(text), Some(naming)) => Shown::Named(naming, text.into()),
            _ => Shown::of(value, zone),
        }
    }

    /// Whether there is nothing to read.
    pub fn is_empty(&self) -> bool {
        match self {
            Shown::Text(text) => text.is_empty(),
            Shown::Named(_, word) => word.is_empty(),
            Shown::Static(text) => text.is_empty(),
            Shown::Joined(parts) => parts.iter().all(Shown::is_empty),
            Shown::Listed(items) => match items.as_ref() {
                [] => true,
                [only] => only.is_empty(),
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether two of one kind are told apart as easily as their words; `None` where only the words tell.
    fn tells(&self, other: &Self) -> Option<bool> {
        match (self, other) {
            (Shown::Missing, Shown::Missing) => Some(true),
            (Shown::Bool(a), Shown::Bool(b)) => Some(a == b),
            (Shown::Int(a), Shown::Int(b)) | (Shown::WorkingDays(a), Shown::WorkingDays(b)) => Some(a == b),
            (Shown::Text(a), Shown::Text(b)) => Some(a == b),
            (Shown::Static(a), Shown::Static(b)) => Some(a == b),
            (Shown::Static(a), Shown::Text(b)) | (Shown::Text(b), Shown::Static(a)) => Some(**a == **b),
            // the words say less than the values from here on
            (Shown::Number(a), Shown::Number(b)) => (a.to_bits() == b.to_bits()).then_some(true),
            (Shown::Time(a, _), Shown::Time(b, _)) if a != b => None,
            (Shown::Time(_, a), Shown::Time(_, b)) => (a == b).then_some(true),
            (Shown::Span(a), Shown::Span(b)) => (a == b).then_some(true),
            (Shown::Named(a, code), Shown::Named(b, other)) => (a == b && code == other).then_some(true),
            (Shown::Joined(a), Shown::Joined(b)) | (Shown::Listed(a), Shown::Listed(b)) => (a == b).then_some(true),
            _ => None,
        }
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Shown::Missing => f.write_str(words::MISSING),
            Shown::Bool(value) => f.write_str(words::yes_or_no(*value)),
            Shown::Int(n) => write!(f, "{n}"),
            Shown::Number(n) => words::write_number(f, *n),
            Shown::Text(text) => f.write_str(text),
            Shown::Static(text) => f.write_str(text),
            Shown::Named(naming, word) => f.write_str(naming.name(word).unwrap_or(word)),
            Shown::Time(time, zone) => words::write_time(f, *time, *zone),
            Shown::Span(span) => words::write_span(f, *span),
            Shown::WorkingDays(n) => write!(f, "{n} hari kerja"),
            Shown::Joined(parts) => parts.iter().try_for_each(|part| part.fmt(f)),
            Shown::Listed(items) => {
                let mut between = "";
                items.iter().try_for_each(|item| {
                    f.write_str(std::mem::replace(&mut between, ", "))?;
                    item.fmt(f)
                })
            }
        }
    }
}

impl PartialEq for Shown {
    fn eq(&self, other: &Self) -> bool {
        self.tells(other).unwrap_or_else(|| self.to_string() == other.to_string())
    }
}

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Shown::Text(text) => serializer.serialize_str(text),
            other => serializer.collect_str(other),
        }
    }
}

impl<'de> Deserialize<'de> for Shown {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Arc::<str>::deserialize(deserializer).map(Shown::Text)
    }
}

impl From<&str> for Shown {
    fn from(text: &str) -> Self {
        Shown::Text(Arc::from(text))
    }
}

/// What a value was held against: how, and the other value. As JSON it is one text.
#[derive(Clone, Debug)]
pub struct Bound {
    /// How: a sign or words; empty where the value says it all.
    pub how: &'static str,
    /// The other value, or values.
    pub value: Shown,
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.how.is_empty() {
            write!(f, "{} ", self.how)?;
        }
        self.value.fmt(f)
    }
}

impl PartialEq for Bound {
    fn eq(&self, other: &Self) -> bool {
        (self.how == other.how && self.value.tells(&other.value) == Some(true)) || self.to_string() == other.to_string()
    }
}

impl Serialize for Bound {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Bound {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Shown::deserialize(deserializer).map(|value| Bound { how: "", value })
    }
}

impl From<&str> for Bound {
    fn from(text: &str) -> Self {
        Bound { how: "", value: text.into() }
    }
}

#[cfg(test)]
mod tests;
