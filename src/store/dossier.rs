//! Dossiers: the newest revisions of the records of one subject, as of a position of the log.

use rusqlite::{Connection, OptionalExtension, params};

use crate::entry::Position;
use crate::store::log::StoredRecord;
use crate::store::log::read::record_from;
use crate::store::{Store, StoreError};
use crate::subject::Subject;

/// The most records of one kind in a dossier. A person has tens; a large source has millions, and no rule needs
/// more than the newest of them.
pub const MOST_PER_KIND: usize = 10_000;

/// The records of one subject.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dossier {
    /// The newest revision of each record that is not withdrawn, ordered by when it happened, source, id.
    pub records: Vec<StoredRecord>,
    /// How many older records the bound cut off, over all kinds.
    pub cut: usize,
}

impl Store {
    /// The dossier of a subject as it was when the entry at `as_of` had been appended and none after it, so that
    /// a step sees the same whether or not newer entries already wait. At most [`MOST_PER_KIND`] of each kind.
    ///
    /// # Errors
    /// What the database says.
    pub fn dossier(&self, subject: &Subject, as_of: Position) -> Result<Dossier, StoreError> {
        self.read(|connection| dossier(connection, subject, as_of, MOST_PER_KIND))
    }
}

fn dossier(connection: &Connection, subject: &Subject, as_of: Position, most: usize) -> Result<Dossier, StoreError> {
    let mut dossier = Dossier::default();
    let mut kind = next_kind(connection, subject, "")?;
    while let Some(current) = kind {
        let part = Part { subject, kind: &current, as_of };
        let records = newest_of(connection, &part, most)?;
        // counting a large part takes long, and only one that was filled up can have been cut
        if records.len() == most {
            dossier.cut += count_of(connection, &part)?.saturating_sub(most);
        }
        dossier.records.extend(records);
        kind = next_kind(connection, subject, &current)?;
    }
    dossier.records.sort_by(|a, b| (a.occurred_at, &a.key).cmp(&(b.occurred_at, &b.key)));
    Ok(dossier)
}

/// The records of one kind within a dossier.
struct Part<'a> {
    subject: &'a Subject,
    kind: &'a str,
    as_of: Position,
}

/// The kind after `before`, by one step through the index however many records there are of each.
fn next_kind(connection: &Connection, subject: &Subject, before: &str) -> Result<Option<String>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT kind FROM dossier WHERE subject_kind = ?1 AND subject_key = ?2 AND kind > ?3
         ORDER BY kind LIMIT 1",
    )?;
    let kind = statement.query_row(params![subject.kind, subject.key, before], |row| row.get(0));
    Ok(kind.optional()?)
}

fn newest_of(connection: &Connection, part: &Part<'_>, most: usize) -> Result<Vec<StoredRecord>, StoreError> {
    // CROSS JOIN keeps the index of the dossier in the lead, which gives the order without sorting
    let mut statement = connection.prepare_cached(
        "SELECT dossier.position, dossier.source, dossier.record_id, dossier.kind, dossier.occurred_at,
                log.received_at, log.revision, log.withdrawn, payload.body
         FROM dossier
           CROSS JOIN log ON log.position = dossier.position
           CROSS JOIN payload ON payload.position = dossier.position
         WHERE dossier.subject_kind = ?1 AND dossier.subject_key = ?2 AND dossier.kind = ?3
           AND dossier.position <= ?4 AND (until IS NULL OR until > ?4)
         ORDER BY dossier.occurred_at DESC, dossier.source DESC, dossier.record_id DESC LIMIT ?5",
    )?;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let (kind, key) = (part.subject.kind, &part.subject.key);
    let rows = statement.query_map(params![kind, key, part.kind, part.as_of, most], record_from)?;
    Ok(rows.collect::<Result<Vec<_>, _>>()?)
}

fn count_of(connection: &Connection, part: &Part<'_>) -> Result<usize, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT COUNT(*) FROM dossier
         WHERE subject_kind = ?1 AND subject_key = ?2 AND kind = ?3
           AND position <= ?4 AND (until IS NULL OR until > ?4)",
    )?;
    let (kind, key) = (part.subject.kind, &part.subject.key);
    let count: i64 = statement.query_row(params![kind, key, part.kind, part.as_of], |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or(0))
}

#[cfg(test)]
mod tests;
