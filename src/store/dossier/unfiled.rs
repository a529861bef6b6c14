//! What judged entries do to dossiers before it is filed, in memory.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use super::{Move, is_filed, moves};
use crate::entry::Position;
use crate::store::StoreError;
use crate::subject::Subject;

/// What is not filed, as far as it was met. What is missing is read from the log.
#[derive(Debug)]
pub(in crate::store) struct Unfiled(Mutex<Tray>);

/// What the entries of `(after, up_to]` do.
#[derive(Debug)]
struct Tray {
    after: Position,
    up_to: Position,
    moves: VecDeque<Move>,
    /// Where in the log the dossier of a subject changes.
    by_subject: HashMap<Subject, Vec<Position>>,
}

/// What becomes of one dossier.
#[derive(Clone, Debug, Default)]
pub(super) struct Changes {
    /// The revisions that enter, by position, and do not leave again.
    pub(super) entered: BTreeSet<Position>,
    /// Filed ones that leave.
    pub(super) left: BTreeSet<Position>,
}

impl Unfiled {
    /// Before the first entry after what is filed.
    pub(in crate::store) fn after(filed: Position) -> Self {
        Unfiled(Mutex::new(Tray::after(filed)))
    }

    /// Notes what the entries of `(after, up_to]` do, where those before them are noted.
    pub(in crate::store) fn add(&self, after: Position, up_to: Position, moves: Vec<Move>) {
        let mut tray = self.lock();
        if tray.up_to == after {
            tray.add(up_to, moves);
        }
    }

    /// What becomes of dossiers with the entries of `(filed, up_to]`, which the log has.
    pub(super) fn changes(
        &self,
        log: &Connection,
        subjects: &[Subject],
        filed: Position,
        up_to: Position,
    ) -> Result<Vec<Changes>, StoreError> {
        let mut tray = self.lock();
        if tray.up_to < filed {
            *tray = Tray::after(filed);
        }
        if tray.after <= filed {
            tray.catch_up(log, up_to)?;
            return Ok(tray.changes(subjects, filed, up_to));
        }
        drop(tray);
        // more is filed by now than on this snapshot
        let mut older = Tray::after(filed);
        older.catch_up(log, up_to)?;
        Ok(older.changes(subjects, filed, up_to))
    }

    /// All that the entries of `(filed, up_to]` do; none where it is not all here.
    pub(super) fn all(&self, filed: Position, up_to: Position) -> Option<Vec<Move>> {
        let tray = self.lock();
        let is_whole = tray.after <= filed && tray.up_to >= up_to;
        is_whole
            .then(|| tray.moves.iter().filter(|one| filed < one.position && one.position <= up_to).cloned().collect())
    }

    /// Lets go of what is filed.
    pub(super) fn forget(&self, filed: Position) {
        self.lock().forget(filed);
    }

    fn lock(&self) -> MutexGuard<'_, Tray> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tray {
    fn after(filed: Position) -> Self {
        Tray { after: filed, up_to: filed, moves: VecDeque::new(), by_subject: HashMap::new() }
    }

    fn catch_up(&mut self, log: &Connection, up_to: Position) -> Result<(), StoreError> {
        if self.up_to < up_to {
            self.add(up_to, moves(log, self.up_to, up_to)?);
        }
        Ok(())
    }

    fn add(&mut self, up_to: Position, moves: Vec<Move>) {
        for one in &moves {
            for subject in one.subjects() {
                self.by_subject.entry(subject.clone()).or_default().push(one.position);
            }
        }
        self.moves.extend(moves);
        self.up_to = up_to;
    }

    fn changes(&self, subjects: &[Subject], filed: Position, up_to: Position) -> Vec<Changes> {
        subjects.iter().map(|subject| self.changes_of(subject, filed, up_to)).collect()
    }

    fn changes_of(&self, subject: &Subject, filed: Position, up_to: Position) -> Changes {
        let mut changes = Changes::default();
        let positions = self.by_subject.get(subject).into_iter().flatten();
        let moves = positions.filter(|position| filed < **position && **position <= up_to);
        for Move { position, stands, stood, .. } in moves.filter_map(|position| self.at(*position)) {
            if let Some((before, _)) = stood.as_ref().filter(|(_, stood)| stood.subjects.contains(subject))
                && !changes.entered.remove(before)
            {
                changes.left.insert(*before);
            }
            if stands.subjects.contains(subject) {
                changes.entered.insert(*position);
            }
        }
        changes
    }

    fn at(&self, position: Position) -> Option<&Move> {
        let place = self.moves.binary_search_by_key(&position, |one| one.position).ok()?;
        self.moves.get(place)
    }

    fn forget(&mut self, filed: Position) {
        let count = self.moves.partition_point(|one| one.position <= filed);
        for one in self.moves.drain(..count) {
            for subject in one.subjects() {
                if let Some(positions) = self.by_subject.get_mut(subject) {
                    positions.retain(|position| *position > filed);
                    if positions.is_empty() {
                        self.by_subject.remove(subject);
                    }
                }
            }
        }
        self.after = self.after.max(filed);
        self.up_to = self.up_to.max(filed);
    }
}

impl Move {
    /// The subjects whose filed dossiers change, each once.
    fn subjects(&self) -> impl Iterator<Item = &Subject> {
        let before = self.stood.iter().flat_map(|(_, stood)| &stood.subjects);
        let gone = before.filter(|subject| !self.stands.subjects.contains(subject));
        self.stands.subjects.iter().chain(gone).filter(|subject| is_filed(subject))
    }
}
