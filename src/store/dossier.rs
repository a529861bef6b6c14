//! Dossiers: the newest revisions of the records of one subject, as of a position of the log.

use std::sync::Arc;

use rusqlite::{Connection, params};

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

    /// The dossiers of some subjects, in their order, on one snapshot; as [`Store::dossier`] each.
    ///
    /// # Errors
    /// What the database says.
    pub fn dossiers(&self, subjects: &[Subject], as_of: Position) -> Result<Vec<Dossier>, StoreError> {
        let all = |connection: &Connection| {
            subjects.iter().map(|subject| dossier(connection, subject, as_of, MOST_PER_KIND)).collect()
        };
        self.read(all)
    }
}

/// Sorts after every kind.
const AFTER_ALL_KINDS: &str = "\u{10ffff}";

fn dossier(connection: &Connection, subject: &Subject, as_of: Position, most: usize) -> Result<Dossier, StoreError> {
    let mut dossier = Dossier::default();
    // all kinds in one go; one that meets the bound is left, and the next go begins at the kind before it
    let mut full = Part { subject, kind: Arc::from(AFTER_ALL_KINDS), as_of };
    while let Some(kind) = newest_before(connection, &full, most, &mut dossier.records)? {
        full.kind = kind;
        // counting a large part takes long, and only one that was filled up can have been cut
        dossier.cut += count_of(connection, &full)?.saturating_sub(most);
    }
    dossier.records.sort_by(|a, b| (a.occurred_at, &a.key).cmp(&(b.occurred_at, &b.key)));
    Ok(dossier)
}

/// The records of one kind within a dossier.
struct Part<'a> {
    subject: &'a Subject,
    kind: Arc<str>,
    as_of: Position,
}

/// Adds the newest records of the kinds before one; the kind at which it stopped because that met the bound.
fn newest_before(
    connection: &Connection,
    part: &Part<'_>,
    most: usize,
    records: &mut Vec<StoredRecord>,
) -> Result<Option<Arc<str>>, StoreError> {
    // CROSS JOIN keeps the index of the dossier in the lead, which gives the order without sorting
    let mut statement = connection.prepare_cached(
        "SELECT dossier.position, dossier.source, dossier.record_id, dossier.kind, dossier.occurred_at,
                log.received_at, log.revision, log.withdrawn, payload.body
         FROM dossier
           CROSS JOIN log ON log.position = dossier.position
           CROSS JOIN payload ON payload.position = dossier.position
         WHERE dossier.subject_kind = ?1 AND dossier.subject_key = ?2 AND dossier.kind < ?3
           AND dossier.position <= ?4 AND (until IS NULL OR until > ?4)
         ORDER BY dossier.kind DESC, dossier.occurred_at DESC, dossier.source DESC, dossier.record_id DESC",
    )?;
    let (subject, key) = (part.subject.kind, &part.subject.key);
    let mut rows = statement.query(params![subject, key, part.kind, part.as_of])?;
    let mut of_kind: usize = 0;
    while let Some(row) = rows.next()? {
        let record = record_from(row)?;
        let goes_on = records.last().filter(|_| of_kind > 0).is_some_and(|last| last.kind == record.kind);
        of_kind = if goes_on { of_kind + 1 } else { 1 };
        let kind = record.kind.clone();
        records.push(record);
        if of_kind == most {
            return Ok(Some(kind));
        }
    }
    Ok(None)
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
