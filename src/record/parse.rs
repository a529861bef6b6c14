//! Raw JSON to a checked record, or to the reasons why not.

pub mod arrival;
mod envelope;
mod field;
pub mod passport;
mod place;
pub mod reader;
mod scan;
mod time;

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};

use super::reject::{RejectCode, Rejection, pointer};
use super::schema::{KindId, Schema};
use super::{Record, RecordKey};
use envelope::Envelope;
pub use reader::{Interner, Reader, Reading, Spare, with_reader};
pub use scan::{MAX_FAULTS, REDACTED, redact};
pub use time::instant;

/// The longest text that a field may hold, in bytes: a long address fits, a document does not.
pub const MAX_TEXT_BYTES: usize = 4096;
/// The longest name of a member, in bytes: it ends up in pointers and messages.
pub const MAX_NAME_BYTES: usize = 200;
/// The longest id or source, in characters: they are keys of tables.
pub const MAX_ID_CHARS: usize = 200;
/// How deep a record may nest; the schema needs three.
pub const MAX_DEPTH: usize = 16;
/// Members and array items of one record; the schema needs about sixty.
pub const MAX_MEMBERS: usize = 500;
/// How far ahead of its arrival a record may be dated, in hours: a clock or a zone is wrong beyond that.
pub const MAX_AHEAD_HOURS: i64 = 24;

/// When a record was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// Live: the edge took it in now, whatever its envelope says.
    Edge(DateTime<Utc>),
    /// Historical: as its envelope says, else when it occurred.
    Stated,
}

/// A record that stands, with the bytes by which its content is compared.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The record.
    pub record: Record,
    /// RFC 8785 form of the normalised JSON without `received_at`: what the log keeps.
    pub canonical: Vec<u8>,
    /// SHA-256 of `canonical`.
    pub content_hash: [u8; 32],
}

/// Checks one record against the schema. A date alone is 00:00 in `zone`.
///
/// # Errors
/// Every fault that was found, the one to show first in front; never empty.
pub fn parse(schema: &Schema, json: &Json, received: Received, zone: Tz) -> Result<Parsed, Vec<Rejection>> {
    let Some(root) = json.as_object() else {
        let what = "a record must be a JSON object";
        let help = "send `{\"id\": ..., \"source\": ..., \"kind\": ..., \"occurred_at\": ...}`";
        return Err(vec![Rejection::new(RejectCode::NotAnObject, "", what, help)]);
    };
    let faults = scan::check(root);
    if faults.iter().any(|fault| matches!(fault.code, RejectCode::TooDeep | RejectCode::TooMany)) {
        return Err(faults);
    }
    let mut root = root.clone();
    let record = read(schema, &mut root, received, zone, faults)?;
    sealed(record, &root)
}

/// Reads envelope and fields, bringing the JSON into its one form; `faults` are those already found.
fn read(
    schema: &Schema,
    root: &mut Map<String, Json>,
    received: Received,
    zone: Tz,
    mut faults: Vec<Rejection>,
) -> Result<Record, Vec<Rejection>> {
    let stated_received_at = root.remove("received_at");
    let mut envelope = Envelope { root: &mut *root, zone, faults: &mut faults };
    let id = envelope.id("id");
    let source = envelope.id("source");
    let kind = envelope.kind(schema);
    let occurred_at = envelope.time("occurred_at");
    let withdrawn = envelope.withdrawn();
    let received_at = match received {
        Received::Edge(at) => Some(at),
        Received::Stated => envelope.received_at(stated_received_at).or(occurred_at),
    };
    let fields = field::read(schema, zone, root, &mut faults);
    if let (Some(kind), false) = (kind, withdrawn) {
        faults.extend(missing(schema, kind, root));
    }
    faults.extend(ahead(occurred_at, received_at));
    let (Some(id), Some(source), Some(kind), Some(occurred_at), Some(received_at), true) =
        (id, source, kind, occurred_at, received_at, faults.is_empty())
    else {
        return Err(one_a_place(faults));
    };
    let key = RecordKey { source, id };
    let mut record = Record::new(key, kind, occurred_at, received_at, fields.values);
    record.withdrawn = withdrawn;
    record.unknown_fields = fields.unknown;
    Ok(record)
}

impl Record {
    /// The record of bytes that the log kept: what [`parse`] gave when they came in.
    ///
    /// # Errors
    /// Every fault, where the schema has changed since.
    pub fn from_stored(
        schema: &Schema,
        canonical: &[u8],
        received_at: DateTime<Utc>,
        zone: Tz,
    ) -> Result<Record, Vec<Rejection>> {
        let received = Received::Edge(received_at);
        let fast = with_reader(schema, zone, |reader, interner| {
            reader.read(canonical, received).map(|reading| reading.to_record(interner, None))
        });
        if let Some(record) = fast {
            return Ok(record);
        }
        let mut root: Map<String, Json> = serde_json::from_slice(canonical).map_err(|_| {
            let help = "restore the store from a copy";
            vec![Rejection::new(RejectCode::NotJson, "", "the stored record is not a JSON object", help)]
        })?;
        read(schema, &mut root, received, zone, Vec::new())
    }
}

fn sealed(record: Record, root: &Map<String, Json>) -> Result<Parsed, Vec<Rejection>> {
    let canonical = serde_json_canonicalizer::to_vec(root).map_err(|_| {
        let help = "write numbers as text";
        vec![Rejection::new(RejectCode::Type, "", "the record has no canonical form", help)]
    })?;
    let content_hash = Sha256::digest(&canonical).into();
    Ok(Parsed { record, canonical, content_hash })
}

/// What the kind requires and the record does not state. A member that is there and wrong is not missing.
fn missing(schema: &Schema, kind: KindId, root: &Map<String, Json>) -> Vec<Rejection> {
    let Some(kind) = schema.kind(kind) else {
        return Vec::new();
    };
    let mut faults: Vec<Rejection> = Vec::new();
    if is_stated(root, "person.passport.number") && !is_stated(root, "person.passport.issuer") {
        let what = "a passport number without `person.passport.issuer` names nobody";
        let help = "state the issuer's code, such as `UTO`";
        faults.push(Rejection::at(RejectCode::Missing, "person.passport.issuer", what, help));
    }
    for required in &kind.requires {
        let stated = required.split('|').any(|path| is_stated(root, path));
        let first = pointer(required.split('|').next().unwrap_or_default());
        let told = faults.iter().any(|fault| first.starts_with(&fault.pointer));
        if !stated && !told {
            let names = required.replace('|', "` or `");
            let what = format!("`{names}` is missing");
            let help = format!("state it; `{}` needs it", kind.name);
            faults.push(Rejection::new(RejectCode::Missing, &first, &what, &help));
        }
    }
    faults
}

fn is_stated(root: &Map<String, Json>, path: &str) -> bool {
    field::stated(root, path).is_some()
}

fn ahead(occurred_at: Option<DateTime<Utc>>, received_at: Option<DateTime<Utc>>) -> Option<Rejection> {
    let ahead = occurred_at?.signed_duration_since(received_at?);
    (ahead > TimeDelta::hours(MAX_AHEAD_HOURS)).then(|| {
        let what = format!("`occurred_at` is more than {MAX_AHEAD_HOURS} hours after the record was received");
        let help = "check day, month and time zone";
        Rejection::at(RejectCode::Future, "occurred_at", &what, help)
    })
}

/// One place is named once: what was refused everywhere is not also of the wrong form.
fn one_a_place(mut faults: Vec<Rejection>) -> Vec<Rejection> {
    let mut seen = HashSet::new();
    faults.retain(|fault| seen.insert(fault.pointer.clone()));
    faults.truncate(MAX_FAULTS);
    faults
}

#[cfg(test)]
mod tests;
