//! Dossiers: the newest revisions of the records of one subject, as of a position of the log up to the progress.

use std::sync::Arc;

use rusqlite::{Connection, params};

use crate::entry::Position;
use crate::record::RecordKey;
use crate::store::log::StoredRecord;
use crate::store::log::read::{Stood, entered, record_from, stood};
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
    /// a step sees the same whether or not newer entries already wait. At most [`MOST_PER_KIND`] of each kind. Records
    /// enter with the commit of their entry's steps: of those beyond the progress nothing is here yet.
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

/// A revision that enters dossiers, and the one that leaves them for it.
#[derive(Clone, Debug)]
pub(super) struct Move {
    pub(super) key: RecordKey,
    pub(super) position: Position,
    /// Where it stands from here on.
    pub(super) stands: Stood,
    /// Where the revision at a position stood until here.
    pub(super) stood: Option<(Position, Stood)>,
}

/// What the entries of `(after, up_to]` do to dossiers, from the log.
pub(super) fn moves(log: &Connection, after: Position, up_to: Position) -> Result<Vec<Move>, StoreError> {
    let mut statement = log.prepare_cached(
        "SELECT log.position, source, record_id, kind, occurred_at, subjects, replaced
         FROM log LEFT JOIN payload ON payload.position = log.position
         WHERE log.position > ?1 AND log.position <= ?2 AND type = 'record' AND newest = 1 ORDER BY log.position",
    )?;
    let mut rows = statement.query([after, up_to])?;
    let mut moves = Vec::new();
    while let Some(row) = rows.next()? {
        let replaced: Option<Position> = row.get(6)?;
        let subjects = entered(row.get(5)?)?;
        moves.push(Move {
            position: row.get(0)?,
            key: RecordKey { source: row.get(1)?, id: row.get(2)? },
            stands: Stood { kind: row.get(3)?, occurred_at: row.get(4)?, subjects },
            stood: replaced.map(|replaced| Ok::<_, StoreError>((replaced, stood(log, replaced)?))).transpose()?,
        });
    }
    Ok(moves)
}

/// Lets revisions enter and leave, in the caller's transaction on the state.
pub(super) fn apply(state: &Connection, moves: &[Move]) -> Result<(), StoreError> {
    let mut enter = state.prepare_cached(
        "INSERT OR IGNORE INTO dossier (subject_kind, subject_key, kind, occurred_at, source, record_id, position)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    let mut leave = state.prepare_cached(
        "UPDATE dossier SET until = ?8
         WHERE subject_kind = ?1 AND subject_key = ?2 AND kind = ?3 AND occurred_at = ?4 AND source = ?5
           AND record_id = ?6 AND position = ?7",
    )?;
    for Move { key, position, stands, stood } in moves {
        if let Some((at, Stood { kind, occurred_at, subjects })) = stood {
            for subject in subjects {
                let (per, whose) = (subject.kind, &subject.key);
                leave.execute(params![per, whose, kind, occurred_at, key.source, key.id, at, position])?;
            }
        }
        let Stood { kind, occurred_at, subjects } = stands;
        for subject in subjects {
            enter.execute(params![subject.kind, subject.key, kind, occurred_at, key.source, key.id, position])?;
        }
    }
    Ok(())
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
