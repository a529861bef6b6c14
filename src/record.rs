//! What happened: the record, its typed values and the limits on it.

pub mod fingerprint;
pub mod groups;
pub mod json;
pub mod parse;
pub mod region;
pub mod reject;
pub mod schema;
pub mod shown;
pub mod slot;
pub mod stated;
pub mod value;
pub mod words;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use schema::{FieldId, KindId};
use slot::Slot;
use stated::Stated;
use value::Value;

/// The identity of a record: who sent it and the sender's own number for it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RecordKey {
    /// The source's id, for example `apoa`.
    pub source: Arc<str>,
    /// The sender's id for the record, unique within the source.
    pub id: Arc<str>,
}

impl std::fmt::Display for RecordKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.source, self.id)
    }
}

/// One thing that happened, checked against the schema. Its raw JSON stays with whoever holds it.
#[derive(Clone, Debug)]
pub struct Record {
    /// Source and id.
    pub key: RecordKey,
    /// What kind of record this is.
    pub kind: KindId,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// When the edge took it in; historical data may state it.
    pub received_at: DateTime<Utc>,
    /// The sender took the record back.
    pub withdrawn: bool,
    /// Members of the JSON that the schema does not know: kept in the log, unreadable to rules.
    pub unknown_fields: u32,
    stated: Stated,
}

impl Record {
    /// A record that stands, with its values in any order; of two values for one field the first stays.
    pub fn new(
        key: RecordKey,
        kind: KindId,
        occurred_at: DateTime<Utc>,
        received_at: DateTime<Utc>,
        mut values: Vec<(FieldId, Value)>,
    ) -> Self {
        values.retain(|(_, value)| !value.is_missing());
        values.sort_by_key(|(id, _)| *id);
        values.dedup_by_key(|(id, _)| *id);
        Record {
            key,
            kind,
            occurred_at,
            received_at,
            withdrawn: false,
            unknown_fields: 0,
            stated: Stated::of(values.iter().map(|(id, value)| (*id, value.slot()))),
        }
    }

    /// The value of a field.
    #[inline]
    pub fn value(&self, field: FieldId) -> Slot<'_> {
        self.stated.slot(field)
    }

    /// Every stated field with its value, in the schema's order.
    pub fn values(&self) -> impl Iterator<Item = (FieldId, Slot<'_>)> {
        self.stated.iter()
    }

    /// The order of records within a dossier: by when they happened, then by identity, so that it does not depend on arrival.
    pub fn order(&self) -> (DateTime<Utc>, &RecordKey) {
        (self.occurred_at, &self.key)
    }
}
