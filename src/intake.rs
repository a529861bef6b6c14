//! Bodies and files to records, or to quarantine with the reason.

pub mod body;
pub mod cloudevent;
pub mod entries;
pub mod file;
pub mod fix;
pub mod folder;
pub mod map;
pub mod profile;
pub mod report;
pub mod row;
pub mod sent;
pub mod settle;
pub mod sheet;

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono_tz::Tz;
use serde::Serialize;

use crate::record::Record;
use crate::record::parse::{Interner, MAX_ID_CHARS, Parsed, Reader, Received, parse, redact, with_reader};
use crate::record::reject::{RejectCode, Rejection};
use crate::record::schema::Schema;
use row::Row;

/// The kind that only an officer may report.
const OFFICERS_KIND: &str = "activity.reported";

/// Which sources or kinds somebody may submit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All of them.
    All,
    /// These.
    Only(BTreeSet<Arc<str>>),
}

impl Scope {
    /// Whether it covers a name.
    pub fn covers(&self, name: &str) -> bool {
        match self {
            Scope::All => true,
            Scope::Only(names) => names.contains(name),
        }
    }
}

/// Who sends records, and what the token lets them send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submitter {
    /// The sources in whose name they may send.
    pub sources: Scope,
    /// The kinds that they may send.
    pub kinds: Scope,
    /// They hold an officer's token, which `activity.reported` takes.
    pub officer: bool,
}

impl Submitter {
    /// Whoever holds the files themselves: replays and imports on this machine.
    pub const LOCAL: Submitter = Submitter { sources: Scope::All, kinds: Scope::All, officer: true };

    fn objection(&self, schema: &Schema, record: &Record) -> Option<Rejection> {
        let kind = schema.kind_name(record.kind);
        let fault = |path, what, help| Some(Rejection::at(RejectCode::NotYours, path, what, help));
        if matches!(&self.sources, Scope::Only(sources) if sources.is_empty()) {
            let help = "ask the operator for one made with `siaga token new --source ID`";
            fault("source", "your token is bound to no source, so it sends no records", help)
        } else if !self.sources.covers(&record.key.source) {
            fault("source", "your token does not cover this source", "use the source that the token was made for")
        } else if !self.kinds.covers(kind) {
            fault("kind", "your token does not cover this kind of record", "ask the operator for a token that does")
        } else if kind == OFFICERS_KIND && !self.officer {
            fault("kind", "`activity.reported` takes an officer's token", "let the officer who saw it send it")
        } else {
            None
        }
    }
}

/// A row that is set aside until somebody corrects it. What is kept of it has no NIK and no photograph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Quarantined {
    /// Its place among the rows, from 0.
    pub index: usize,
    /// Where the first fault is, as a JSON pointer.
    pub pointer: String,
    /// What kind of fault it is.
    pub code: RejectCode,
    /// What is wrong, then `help:` with what to do.
    pub detail: String,
    /// Further faults of the row.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Rejection>,
    /// For a row of a table: the cells at fault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cells: Vec<report::CellTold>,
    /// The source that it names, where one can be read.
    #[serde(skip)]
    pub source: Option<String>,
    /// The row, for correction and sending again.
    #[serde(skip)]
    pub body: Vec<u8>,
}

/// Rows, sorted into what stands and what does not.
#[derive(Clone, Debug, Default)]
pub struct Intake {
    /// Records that stand, in the order of the rows.
    pub accepted: Vec<Parsed>,
    /// The others.
    pub quarantined: Vec<Quarantined>,
}

/// Checks every row; none of them stops another.
pub fn sort(
    schema: &Schema,
    rows: impl IntoIterator<Item = Row>,
    received: Received,
    zone: Tz,
    allowed: &Submitter,
) -> Intake {
    with_reader(schema, zone, |reader, interner| {
        let mut intake = Intake::default();
        for row in rows {
            let read = match quickly(&row, reader, interner, received) {
                Some(parsed) => Ok(parsed),
                None => thoroughly(schema, &row, received, zone),
            };
            match read.and_then(|parsed| permitted(schema, parsed, allowed)) {
                Ok(parsed) => intake.accepted.push(parsed),
                Err(faults) => intake.quarantined.push(set_aside(row, faults)),
            }
        }
        intake
    })
}

/// The record of a row that certainly stands.
fn quickly(row: &Row, reader: &mut Reader, interner: &mut Interner, received: Received) -> Option<Parsed> {
    let raw = row.unrefused()?;
    reader.read(raw, received).map(|reading| reading.to_parsed(interner))
}

fn thoroughly(schema: &Schema, row: &Row, received: Received, zone: Tz) -> Result<Parsed, Vec<Rejection>> {
    let json = row.json().map_err(|fault| vec![fault.clone()])?;
    let mut faults = row.doubts.clone();
    match parse(schema, json, received, zone) {
        Ok(parsed) if faults.is_empty() => Ok(parsed),
        Ok(_) => Err(faults),
        Err(more) => {
            let told = |fault: &Rejection| row.doubts.iter().any(|doubt| doubt.pointer == fault.pointer);
            faults.extend(more.into_iter().filter(|fault| !told(fault)));
            Err(faults)
        }
    }
}

fn permitted(schema: &Schema, parsed: Parsed, allowed: &Submitter) -> Result<Parsed, Vec<Rejection>> {
    match allowed.objection(schema, &parsed.record) {
        Some(fault) => Err(vec![fault]),
        None => Ok(parsed),
    }
}

fn set_aside(row: Row, faults: Vec<Rejection>) -> Quarantined {
    let mut faults = faults.into_iter();
    let first = faults
        .next()
        .unwrap_or_else(|| Rejection::new(RejectCode::NotAnObject, "", "the row is no record", "send JSON objects"));
    let (source, body) = match row.json().cloned() {
        Ok(mut json) => {
            let touched = redact(&mut json);
            let source = json
                .get("source")
                .and_then(|source| source.as_str())
                .filter(|source| source.chars().count() <= MAX_ID_CHARS)
                .map(str::to_owned);
            let body = if touched { json.to_string().into_bytes() } else { row.raw };
            (source, body)
        }
        Err(_) => (None, row.raw),
    };
    Quarantined {
        index: row.index,
        pointer: first.pointer,
        code: first.code,
        detail: first.detail,
        also: faults.collect(),
        cells: Vec::new(),
        source,
        body,
    }
}

#[cfg(test)]
mod tests;
