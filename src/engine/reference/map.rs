//! A record as rhai reads it: a map with every field of the schema.

use rhai::{Dynamic, Map};

use crate::record::Record;
use crate::record::schema::{FieldId, Schema};
use crate::record::slot::Slot;
use crate::subject::{SubjectKind, subject_of};

use super::operators::{Missing, Span, Time, WorkingDays};

/// A subject of a record, only for matching.
#[derive(Clone, Debug)]
pub struct Key(pub String);

/// Where a section that is also a subject keeps that subject: no field has such a name.
pub const SUBJECT: &str = "#";

/// A record with every field of the schema, stated or missing; no record: all of them missing.
pub fn record_map(schema: &Schema, record: Option<&Record>) -> Map {
    let mut root = Map::new();
    for (index, field) in schema.fields().iter().enumerate() {
        let id = FieldId(u16::try_from(index).unwrap_or(u16::MAX));
        let value = record.map_or(Dynamic::from(Missing), |record| dynamic(record.value(id)));
        put(&mut root, &field.path, value);
    }
    let envelope = |read: fn(&Record, &Schema) -> Dynamic| record.map_or(Dynamic::from(Missing), |r| read(r, schema));
    root.insert("kind".into(), envelope(|record, schema| schema.kind_name(record.kind).to_owned().into()));
    root.insert("source".into(), envelope(|record, _| record.key.source.to_string().into()));
    root.insert("id".into(), envelope(|record, _| record.key.id.to_string().into()));
    root.insert("occurred_at".into(), envelope(|record, _| Dynamic::from(Time(record.occurred_at))));
    for (kind, word) in SubjectKind::ALL.iter().filter(|(kind, _)| *kind != SubjectKind::Source) {
        let subject = record.and_then(|record| subject_of(record, *kind));
        let key = subject.map_or(Dynamic::from(Missing), |subject| Dynamic::from(Key(subject.key.to_string())));
        let path = if schema.is_section(word) { format!("{word}.{SUBJECT}") } else { (*word).to_owned() };
        put(&mut root, &path, key);
    }
    root
}

fn put(map: &mut Map, path: &str, value: Dynamic) {
    match path.split_once('.') {
        None => {
            map.insert(path.into(), value);
        }
        Some((section, rest)) => {
            let inner = map.entry(section.into()).or_insert_with(|| Map::new().into());
            if let Ok(mut inner) = inner.as_map_mut() {
                put(&mut inner, rest, value);
            }
        }
    }
}

/// A value as rhai has it.
pub fn dynamic(value: Slot<'_>) -> Dynamic {
    match value {
        Slot::Missing => Dynamic::from(Missing),
        Slot::Bool(value) => (value).into(),
        Slot::Int(value) => (value).into(),
        Slot::Number(value) => (value).into(),
        Slot::Text(value) => value.into(),
        Slot::Time(value) => Dynamic::from(Time(value)),
        Slot::Span(value) => Dynamic::from(Span(value)),
        Slot::WorkingDays(value) => Dynamic::from(WorkingDays(value)),
    }
}
