//! Quarantine: records that broke the schema, whole, with the reason and the place.

use chrono::{DateTime, Utc};

use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, params};
use sha2::{Digest as _, Sha256};

use crate::record::RecordKey;
use crate::store::audit::{self, Note};
use crate::store::page::{Place, cut, one_more};
use crate::store::{Answer, Digest, Page, Store, StoreError, millis, time_of};

/// The columns that [`quarantined`] reads.
macro_rules! columns {
    () => {
        "SELECT id, at, last_at, times, source, record_id, code, pointer, detail, body, submitted_by, settled_at,
                settled_how
         FROM quarantine"
    };
}

/// A record that broke the schema.
#[derive(Clone, Debug)]
pub struct NewQuarantined {
    /// The source that it names, if it names one.
    pub source: Option<String>,
    /// The id that it names, if it names one.
    pub id: Option<String>,
    /// What is wrong, in a word.
    pub code: String,
    /// Where, as a JSON pointer.
    pub pointer: String,
    /// What is wrong, for people.
    pub detail: String,
    /// The bytes as they came.
    pub body: Vec<u8>,
    /// Who sent it: the token's agency, or a file's name.
    pub submitted_by: String,
}

/// A record in quarantine.
#[derive(Clone, Debug, PartialEq)]
pub struct Quarantined {
    /// Its number.
    pub id: i64,
    /// When it first came.
    pub at: DateTime<Utc>,
    /// When it last came.
    pub last_at: DateTime<Utc>,
    /// How many times the same sender sent the same bytes.
    pub times: u32,
    /// The source that it names.
    pub source: Option<String>,
    /// The id that it names.
    pub record_id: Option<String>,
    /// What is wrong, in a word.
    pub code: String,
    /// Where, as a JSON pointer.
    pub pointer: String,
    /// What is wrong, for people.
    pub detail: String,
    /// The bytes as they came.
    pub body: Vec<u8>,
    /// Who sent it.
    pub submitted_by: String,
    /// When it was set right or set aside; none while it waits.
    pub settled_at: Option<DateTime<Utc>>,
    /// `corrected`, `fixed by ` whom, `tried again by ` whom, or `dropped: ` with the reason; none while it waits.
    pub settled_how: Option<String>,
}

impl Store {
    /// What waits in quarantine, newest first, from a cursor on.
    ///
    /// # Errors
    /// `Cursor`, or what the database says.
    pub fn quarantine(&self, cursor: Option<&str>, limit: usize) -> Result<Page<Quarantined>, StoreError> {
        let from = Place::from_cursor(cursor)?;
        self.read(|connection| {
            let mut statement = connection.prepare_cached(concat!(
                columns!(),
                " WHERE settled_at IS NULL AND id < ?1 ORDER BY id DESC LIMIT ?2"
            ))?;
            let rows = statement
                .query_map(params![from.number, one_more(limit)], |row| {
                    let item = quarantined(row)?;
                    let place = Place { number: item.id, text: String::new() };
                    Ok((place, item))
                })?
                .collect::<Result<Vec<_>, _>>()?;
            Ok(cut(rows, limit))
        })
    }

    /// One record in quarantine, a settled one too.
    ///
    /// # Errors
    /// What the database says.
    pub fn quarantined(&self, id: i64) -> Result<Option<Quarantined>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(concat!(columns!(), " WHERE id = ?1"))?;
            Ok(statement.query_row([id], quarantined).optional()?)
        })
    }

    /// Takes one off the list for a reason, because nobody will correct it. Its row remains.
    ///
    /// Errors: `NotFound` unless it waits.
    pub fn quarantine_drop(&self, id: i64, reason: &str, by: &str, now: DateTime<Utc>) -> Answer<()> {
        let (by, how) = (by.to_owned(), format!("dropped: {reason}"));
        self.write(move |connection| {
            let mut statement = connection.prepare_cached(
                "UPDATE quarantine SET settled_at = ?2, settled_how = ?3 WHERE id = ?1 AND settled_at IS NULL",
            )?;
            if statement.execute(params![id, millis(now), how])? == 0 {
                return Err(StoreError::NotFound("record in quarantine"));
            }
            let note = Note { at: now, actor: &by, what: "quarantine.dropped", object: &id.to_string() };
            audit::append(connection, &note, how.as_bytes())
        })
    }
}

impl Store {
    /// Says of one that stands in the log now who set it right, and how: its row remains beside the record.
    ///
    /// Errors: `NotFound` where it is not there, or was set aside.
    pub fn quarantine_fixed(&self, id: i64, how: String, by: &str, now: DateTime<Utc>) -> Answer<()> {
        let by = by.to_owned();
        self.write(move |connection| {
            // a record under the same name has taken it off the list already
            let mut statement = connection.prepare_cached(
                "UPDATE quarantine SET settled_at = ?2, settled_how = ?3
                 WHERE id = ?1 AND (settled_at IS NULL OR settled_how = 'corrected')",
            )?;
            if statement.execute(params![id, millis(now), how])? == 0 {
                return Err(StoreError::NotFound("record in quarantine"));
            }
            let note = Note { at: now, actor: &by, what: "quarantine.fixed", object: &id.to_string() };
            audit::append(connection, &note, how.as_bytes())
        })
    }
}

fn quarantined(row: &Row<'_>) -> rusqlite::Result<Quarantined> {
    Ok(Quarantined {
        id: row.get(0)?,
        at: time_of(row.get(1)?),
        last_at: time_of(row.get(2)?),
        times: row.get(3)?,
        source: row.get(4)?,
        record_id: row.get(5)?,
        code: row.get(6)?,
        pointer: row.get(7)?,
        detail: row.get(8)?,
        body: row.get(9)?,
        submitted_by: row.get(10)?,
        settled_at: row.get::<_, Option<i64>>(11)?.map(time_of),
        settled_how: row.get(12)?,
    })
}

/// Keeps a record in the caller's transaction. A sender that repeats itself fills no disk: the same bytes with the
/// same fault wait once, and count.
pub(super) fn keep(connection: &Connection, record: &NewQuarantined, at: i64) -> Result<i64, StoreError> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO quarantine (at, last_at, times, fingerprint, source, record_id, code, pointer, detail,
                                 body, submitted_by)
         VALUES (?1, ?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (fingerprint) WHERE settled_at IS NULL
           DO UPDATE SET times = times + 1, last_at = excluded.last_at
         RETURNING id",
    )?;
    let id = statement.query_row(
        params![
            at,
            fingerprint(record),
            record.source,
            record.id,
            record.code,
            record.pointer,
            record.detail,
            record.body,
            record.submitted_by
        ],
        |row| row.get(0),
    )?;
    Ok(id)
}

/// Whether anything waits. Where nothing does, no record has to be looked for.
pub(super) fn anything_waits(connection: &Connection) -> rusqlite::Result<bool> {
    connection.prepare_cached("SELECT 1 FROM quarantine WHERE settled_at IS NULL LIMIT 1")?.exists([])
}

/// Finds what waits under the name of a record.
pub(super) fn waiting(connection: &Connection) -> rusqlite::Result<CachedStatement<'_>> {
    connection.prepare_cached("SELECT id FROM quarantine WHERE source = ?1 AND record_id = ?2 AND settled_at IS NULL")
}

/// Takes off the list, in the caller's transaction, what [`waiting`] finds of a record that stands now. Next to no record
/// has any, and looking takes a fraction of an UPDATE.
pub(super) fn correct(
    connection: &Connection,
    waiting: &mut CachedStatement<'_>,
    key: &RecordKey,
    at: i64,
) -> Result<(), StoreError> {
    let waiting = waiting.query_map([&key.source, &key.id], |row| row.get(0))?;
    for id in waiting.collect::<Result<Vec<i64>, _>>()? {
        let mut settle = connection
            .prepare_cached("UPDATE quarantine SET settled_at = ?2, settled_how = 'corrected' WHERE id = ?1")?;
        settle.execute([id, at])?;
        let object = id.to_string();
        let note = Note { at: time_of(at), actor: audit::PROGRAM, what: "quarantine.corrected", object: &object };
        audit::append(connection, &note, b"")?;
    }
    Ok(())
}

/// What makes it the same fault of the same record from the same sender.
fn fingerprint(record: &NewQuarantined) -> Digest {
    let mut hasher = Sha256::new();
    for text in [&record.submitted_by, &record.code, &record.pointer] {
        hasher.update((text.len() as u64).to_be_bytes());
        hasher.update(text);
    }
    hasher.update(&record.body);
    hasher.finalize().into()
}
