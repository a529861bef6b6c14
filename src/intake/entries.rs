//! Sorted rows as entries for the log: what stands becomes a record, what does not is kept in quarantine.

use serde_json::Value as Json;

use super::Quarantined;
use crate::record::parse::{MAX_ID_CHARS, Parsed, Received};
use crate::record::schema::Schema;
use crate::store::log::{NewEntry, NewRecord};
use crate::store::quarantine::NewQuarantined;
use crate::subject::subjects_of;

/// The entries of an intake: first the records in the order of their rows, then what is set aside.
pub fn entries(
    schema: &Schema,
    accepted: Vec<Parsed>,
    quarantined: &[Quarantined],
    received: Received,
    submitted_by: &str,
) -> Vec<NewEntry> {
    let records = accepted.into_iter().map(|parsed| NewEntry::Record(Box::new(record(schema, parsed, received))));
    let aside = quarantined.iter().map(|row| NewEntry::Quarantine(set_aside(row, submitted_by)));
    records.chain(aside).collect()
}

fn record(schema: &Schema, parsed: Parsed, received: Received) -> NewRecord {
    let Parsed { record, canonical, content_hash } = parsed;
    NewRecord {
        kind: schema.kind_name(record.kind).into(),
        occurred_at: record.occurred_at,
        received_at: (received == Received::Stated).then_some(record.received_at),
        withdrawn: record.withdrawn,
        subjects: subjects_of(&record),
        content_hash,
        body: canonical,
        unknown_fields: record.unknown_fields,
        key: record.key,
    }
}

fn set_aside(row: &Quarantined, submitted_by: &str) -> NewQuarantined {
    NewQuarantined {
        source: row.source.clone(),
        id: stated_id(&row.body),
        code: row.code.to_string(),
        pointer: row.pointer.clone(),
        detail: row.detail.clone(),
        body: row.body.clone(),
        submitted_by: submitted_by.to_owned(),
    }
}

/// The id that a row states, where one can be read.
fn stated_id(body: &[u8]) -> Option<String> {
    let json: Json = serde_json::from_slice(body).ok()?;
    let id = json.get("id")?.as_str()?;
    (id.chars().count() <= MAX_ID_CHARS).then(|| id.to_owned())
}
