//! Reading the log: entries in order, single records, and the entries that outlast a restart.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Deserialize;

use super::{Replaced, SetThreshold, Standing, StoredBody, StoredEntry, StoredRecord, word};
use crate::entry::Position;
use crate::record::RecordKey;
use crate::store::packs::PackInForce;
use crate::store::{StoreError, from_json, time_of};
use crate::subject::Subject;

pub(super) fn tail(connection: &Connection, after: Position, limit: usize) -> Result<Vec<StoredEntry>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT log.position, source, record_id, kind, occurred_at, received_at, revision, withdrawn, body,
                at, type, newest, replaced
         FROM log LEFT JOIN payload ON payload.position = log.position
         WHERE log.position > ?1 ORDER BY log.position LIMIT ?2",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut rows = statement.query(params![after, limit])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        entries.push(StoredEntry { position: row.get(0)?, at: time_of(row.get(9)?), body: body(connection, row)? });
    }
    Ok(entries)
}

fn body(connection: &Connection, row: &Row<'_>) -> Result<StoredBody, StoreError> {
    let type_word: String = row.get(10)?;
    if type_word == word::TICK {
        return Ok(StoredBody::Tick);
    }
    let Some(payload) = row.get::<_, Option<Vec<u8>>>(8)? else {
        return Ok(StoredBody::Purged);
    };
    match type_word.as_str() {
        word::RECORD => {
            Ok(StoredBody::Record { record: Box::new(record_from(row)?), standing: standing(connection, row)? })
        }
        word::PACK => Ok(StoredBody::Pack(PackInForce::from_payload(text(payload)?)?)),
        word::THRESHOLD => Ok(StoredBody::Threshold(from_json(&text(payload)?)?)),
        word::ACT => Ok(StoredBody::Act(from_json(&text(payload)?)?)),
        _ => Err(StoreError::Database(format!("unknown entry type `{type_word}`"))),
    }
}

pub(in crate::store) fn text(payload: Vec<u8>) -> Result<String, StoreError> {
    String::from_utf8(payload).map_err(|_| StoreError::Database("a payload is not UTF-8".to_owned()))
}

/// A record from a row that begins with: position, source, record_id, kind, occurred_at, received_at, revision,
/// withdrawn, body.
pub(in crate::store) fn record_from(row: &Row<'_>) -> rusqlite::Result<StoredRecord> {
    Ok(StoredRecord {
        position: row.get(0)?,
        key: RecordKey { source: row.get(1)?, id: row.get(2)? },
        kind: row.get::<_, Arc<str>>(3)?,
        occurred_at: time_of(row.get(4)?),
        received_at: time_of(row.get(5)?),
        revision: row.get(6)?,
        withdrawn: row.get(7)?,
        body: row.get(8)?,
    })
}

fn standing(connection: &Connection, row: &Row<'_>) -> Result<Standing, StoreError> {
    let is_newest: bool = row.get(11)?;
    if !is_newest {
        return Ok(Standing::Stale);
    }
    let replaced = row.get::<_, Option<Position>>(12)?.map(|position| replaced(connection, position)).transpose()?;
    Ok(Standing::Newest { replaced })
}

pub(super) fn replaced(connection: &Connection, position: Position) -> Result<Replaced, StoreError> {
    Ok(replaced_by(position, &stood(connection, position)?))
}

/// What a revision is to the one that replaced it.
pub(super) fn replaced_by(position: Position, stood: &Stood) -> Replaced {
    let mut subjects = stood.subjects.clone();
    subjects.sort();
    Replaced { position, occurred_at: time_of(stood.occurred_at), subjects_before: subjects }
}

/// Where a revision stands, or stood until it was replaced: in no dossier, once its payload is erased.
#[derive(Clone, Debug)]
pub(in crate::store) struct Stood {
    pub(in crate::store) kind: Arc<str>,
    pub(in crate::store) occurred_at: i64,
    pub(in crate::store) subjects: Vec<Subject>,
}

pub(in crate::store) fn stood(connection: &Connection, position: Position) -> Result<Stood, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT kind, occurred_at, subjects FROM log LEFT JOIN payload ON payload.position = log.position
         WHERE log.position = ?1",
    )?;
    let (kind, occurred_at, subjects): (_, _, Option<String>) =
        statement.query_row([position], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(Stood { kind, occurred_at, subjects: entered(subjects)? })
}

/// The subjects whose dossiers a revision entered, as they are kept with its payload.
pub(in crate::store) fn entered(subjects: Option<String>) -> Result<Vec<Subject>, StoreError> {
    Ok(subjects.map(|subjects| from_json(&subjects)).transpose()?.unwrap_or_default())
}

pub(super) fn record(connection: &Connection, key: &RecordKey) -> Result<Option<StoredRecord>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT log.position, log.source, log.record_id, kind, occurred_at, received_at, revision, withdrawn, body
         FROM record
           JOIN log ON log.position = record.newest
           JOIN payload ON payload.position = record.newest
         WHERE record.source = ?1 AND record.record_id = ?2",
    )?;
    Ok(statement.query_row([&key.source, &key.id], record_from).optional()?)
}

pub(super) fn ids_beside(connection: &Connection, key: &RecordKey, limit: usize) -> Result<Vec<String>, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut ids = Vec::new();
    for sql in [
        "SELECT record_id FROM record WHERE source = ?1 AND record_id < ?2 ORDER BY record_id DESC LIMIT ?3",
        "SELECT record_id FROM record WHERE source = ?1 AND record_id > ?2 ORDER BY record_id LIMIT ?3",
    ] {
        let mut statement = connection.prepare_cached(sql)?;
        let rows = statement.query_map(params![key.source, key.id, limit], |row| row.get(0))?;
        for id in rows {
            ids.push(id?);
        }
    }
    Ok(ids)
}

pub(super) fn last_at(connection: &Connection) -> Result<Option<DateTime<Utc>>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT at FROM log ORDER BY position DESC LIMIT 1")?;
    let at = statement.query_row([], |row| row.get(0)).optional()?;
    Ok(at.map(time_of))
}

pub(in crate::store) fn head(connection: &Connection) -> Result<Position, StoreError> {
    let mut statement = connection.prepare_cached("SELECT COALESCE(MAX(position), 0) FROM log")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

/// Who set a threshold, as it stands beside the change.
#[derive(Deserialize)]
struct SetBy {
    by: Option<Arc<str>>,
}

pub(super) fn threshold_changes(connection: &Connection) -> Result<Vec<SetThreshold>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT log.position, at, body FROM log JOIN payload ON payload.position = log.position
         WHERE type = 'threshold' ORDER BY log.position",
    )?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    rows.map(|row| {
        let (position, at, payload) = row?;
        let payload = text(payload)?;
        let SetBy { by } = from_json(&payload)?;
        Ok(SetThreshold { position, at: time_of(at), by, change: from_json(&payload)? })
    })
    .collect()
}
