//! Dossiers: the newest revisions of the records of one subject, as of a position of the log up to the progress.
//!
//! A record enters a handful of them, each elsewhere in the table. So they are filed for many entries at once, in the
//! table's order. What the entries since then do to them is kept in memory, and read from the log where it is not there.

mod unfiled;

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::entry::Position;
use crate::record::RecordKey;
use crate::store::log::StoredRecord;
use crate::store::log::read::{Stood, entered, record_from, stood};
use crate::store::readers::Readers;
use crate::store::{Store, StoreError, set_state_meta, state_meta};
use crate::subject::{Subject, SubjectKind};
use unfiled::Changes;
pub(super) use unfiled::Unfiled;

/// The most records of one kind in a dossier. A person has tens; a large source has millions, and no rule needs
/// more than the newest of them.
pub const MOST_PER_KIND: usize = 10_000;

/// Entries whose dossiers may wait to be filed.
const MOST_UNFILED: Position = 4_096;

/// So many rows are filed, about a tenth of a millisecond, before others may have the processor.
const ROWS_AT_A_TIME: usize = 32;

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
        Ok(self.dossiers(std::slice::from_ref(subject), as_of)?.pop().unwrap_or_default())
    }

    /// The dossiers of some subjects, in their order, on one snapshot; as [`Store::dossier`] each.
    ///
    /// # Errors
    /// What the database says.
    pub fn dossiers(&self, subjects: &[Subject], as_of: Position) -> Result<Vec<Dossier>, StoreError> {
        self.read(|connection| {
            let as_of = as_of.min(state_meta(connection, "progress")?);
            let filed = state_meta(connection, "filed")?;
            let changes = self.inner.unfiled.changes(connection, subjects, filed, as_of)?;
            let each = subjects.iter().zip(&changes);
            each.map(|(subject, changes)| dossier(connection, subject, as_of, changes, MOST_PER_KIND)).collect()
        })
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

/// Whether dossiers of a subject stand in the table. That of a record is the record's newest revision, which the log knows.
fn is_filed(subject: &Subject) -> bool {
    subject.kind != SubjectKind::Record
}

/// Files dossiers in the caller's transaction on the state, where much is judged that is not. It takes some time: where
/// somebody `waits` for the commit, it is left to a later one for as long again, and lets others go first, of whom there
/// are few then.
pub(super) fn file_many(state: &Connection, unfiled: &Unfiled, log: &Readers, waits: bool) -> Result<(), StoreError> {
    let (filed, progress) = (state_meta(state, "filed")?, state_meta(state, "progress")?);
    if progress - filed < if waits { 2 * MOST_UNFILED } else { MOST_UNFILED } {
        return Ok(());
    }
    file_all(state, unfiled, log, filed, progress, waits)
}

fn file_all(
    state: &Connection,
    unfiled: &Unfiled,
    log: &Readers,
    filed: Position,
    progress: Position,
    gives_way: bool,
) -> Result<(), StoreError> {
    let moves = match unfiled.all(filed, progress) {
        Some(moves) => moves,
        None => log.read(|log| moves(log, filed, progress))?,
    };
    file(state, &moves, filed, gives_way)?;
    set_state_meta(state, "filed", progress)?;
    unfiled.forget(progress);
    Ok(())
}

/// Where a revision enters, in the order of the table's key.
type Place<'a> = (&'static str, &'a str, &'a str, i64, &'a RecordKey, Position);

fn entering(one: &Move) -> impl Iterator<Item = Place<'_>> {
    let Move { key, position, stands: Stood { kind, occurred_at, subjects }, .. } = one;
    let subjects = subjects.iter().filter(|subject| is_filed(subject));
    subjects.map(move |subject| (subject.kind.word(), &*subject.key, &**kind, *occurred_at, key, *position))
}

/// Lets the revisions after the filed ones enter and leave.
fn file(state: &Connection, moves: &[Move], filed: Position, gives_way: bool) -> Result<(), StoreError> {
    let left = |one: &Move| one.stood.as_ref().map(|(before, _)| (*before, one.position));
    let until: HashMap<Position, Position> = moves.iter().filter_map(left).collect();
    let mut entered: Vec<_> = moves.iter().flat_map(entering).collect();
    entered.sort_unstable();
    let mut enter = state.prepare_cached(
        "INSERT OR IGNORE INTO dossier (subject_kind, subject_key, kind, occurred_at, source, record_id, position, until)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    for (row, (per, whose, kind, at, key, position)) in entered.into_iter().enumerate() {
        if gives_way && row % ROWS_AT_A_TIME == 0 {
            std::thread::yield_now();
        }
        enter.execute(params![per, whose, kind, at, key.source, key.id, position, until.get(&position)])?;
    }
    let mut leave = state.prepare_cached(
        "UPDATE dossier SET until = ?8
         WHERE subject_kind = ?1 AND subject_key = ?2 AND kind = ?3 AND occurred_at = ?4 AND source = ?5
           AND record_id = ?6 AND position = ?7",
    )?;
    for Move { key, position, stood, .. } in moves {
        let Some((before, Stood { kind, occurred_at, subjects })) = stood.as_ref().filter(|(at, _)| *at <= filed)
        else {
            continue;
        };
        for subject in subjects.iter().filter(|subject| is_filed(subject)) {
            let (per, whose) = (subject.kind, &subject.key);
            leave.execute(params![per, whose, kind, occurred_at, key.source, key.id, before, position])?;
        }
    }
    Ok(())
}

/// Sorts after every kind.
const AFTER_ALL_KINDS: &str = "\u{10ffff}";

fn dossier(
    connection: &Connection,
    subject: &Subject,
    as_of: Position,
    changes: &Changes,
    most: usize,
) -> Result<Dossier, StoreError> {
    if !is_filed(subject) {
        return of_record(connection, subject, as_of);
    }
    let mut dossier = Dossier::default();
    // so that enough is left of each kind
    let limit = most + changes.left.len();
    // all kinds in one go; one that meets the limit is left, and the next go begins at the kind before it
    let mut full = Part { subject, kind: Arc::from(AFTER_ALL_KINDS), as_of };
    while let Some(kind) = newest_before(connection, &full, limit, &mut dossier.records)? {
        full.kind = kind;
        // counting a large part takes long, and only one that was filled up can have been cut
        dossier.cut += count_of(connection, &full)?.saturating_sub(limit);
    }
    dossier.records.retain(|record| !changes.left.contains(&record.position));
    for position in &changes.entered {
        dossier.records.extend(record_at(connection, *position)?);
    }
    dossier.records.sort_by(|a, b| (a.occurred_at, &a.key).cmp(&(b.occurred_at, &b.key)));
    dossier.cut += cut(&mut dossier.records, most);
    Ok(dossier)
}

/// Takes the oldest records of each kind that are too many; how many these are.
fn cut(records: &mut Vec<StoredRecord>, most: usize) -> usize {
    if records.len() <= most {
        return 0;
    }
    let mut of_kind: HashMap<Arc<str>, usize> = HashMap::new();
    for record in &*records {
        *of_kind.entry(record.kind.clone()).or_default() += 1;
    }
    let before = records.len();
    records.retain(|record| {
        let left = of_kind.get_mut(&record.kind);
        let is_too_many = left.as_ref().is_some_and(|left| **left > most);
        if let Some(left) = left.filter(|_| is_too_many) {
            *left -= 1;
        }
        !is_too_many
    });
    before - records.len()
}

/// The dossier of a record: its newest revision as of a position, unless that takes it back.
fn of_record(connection: &Connection, subject: &Subject, as_of: Position) -> Result<Dossier, StoreError> {
    let Some((source, id)) = subject.key.split_once('/') else { return Ok(Dossier::default()) };
    let mut newest = connection.prepare_cached("SELECT newest FROM record WHERE source = ?1 AND record_id = ?2")?;
    let mut replaced = connection.prepare_cached("SELECT replaced FROM log WHERE position = ?1")?;
    let mut at: Option<Position> = newest.query_row([source, id], |row| row.get(0)).optional()?;
    while let Some(later) = at.filter(|at| *at > as_of) {
        at = replaced.query_row([later], |row| row.get(0))?;
    }
    let record = at.map(|at| record_at(connection, at)).transpose()?.flatten();
    Ok(Dossier { records: record.into_iter().filter(|record| !record.withdrawn).collect(), cut: 0 })
}

/// A revision; none where its payload was erased.
fn record_at(connection: &Connection, position: Position) -> Result<Option<StoredRecord>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT log.position, source, record_id, kind, occurred_at, received_at, revision, withdrawn, body
         FROM log JOIN payload ON payload.position = log.position WHERE log.position = ?1",
    )?;
    Ok(statement.query_row([position], record_from).optional()?)
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
