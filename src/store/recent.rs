//! The entries that were appended last, in memory: whoever judges them need not read them back.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::entry::Position;
use crate::store::dossier::Move;
use crate::store::log::{StoredBody, StoredEntry};

/// The most entries that are kept: more are read from the disk when their turn comes.
const MOST_ENTRIES: usize = 2_048;

/// The most bytes of bodies that are kept.
const MOST_BYTES: usize = 4 << 20;

/// An entry that is on disk, and what it does to dossiers.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) entry: StoredEntry,
    pub(super) moved: Option<Move>,
}

/// What was appended by this process, without gaps, until its effects are committed.
#[derive(Debug, Default)]
pub(super) struct Recent(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    kept: VecDeque<Kept>,
    bytes: usize,
    /// The newest position, until somebody was told of it.
    news: Option<Position>,
}

impl Recent {
    /// Adds what was just committed. Where that leaves a gap, because another process wrote or there was no room, it has to
    /// be read from the disk, like all that follows until this is empty.
    pub(super) fn add(&self, appended: Vec<Kept>) {
        let mut entries = self.lock();
        entries.news = appended.last().map(|kept| kept.entry.position).or(entries.news);
        for kept in appended {
            let follows = entries.kept.back().is_none_or(|last| last.entry.position + 1 == kept.entry.position);
            let bytes = entries.bytes + bytes_of(&kept);
            if !follows || entries.kept.len() >= MOST_ENTRIES || bytes > MOST_BYTES {
                return;
            }
            entries.bytes = bytes;
            entries.kept.push_back(kept);
        }
    }

    /// The newest position, where that is news.
    pub(super) fn news(&self) -> Option<Position> {
        self.lock().news.take()
    }

    /// At most `limit` entries after a position; none where they are not all here.
    pub(super) fn tail(&self, after: Position, limit: usize) -> Option<Vec<StoredEntry>> {
        let entries = self.lock();
        let skipped = entries.skipped(after)?;
        let found: Vec<_> = entries.kept.iter().skip(skipped).take(limit).map(|kept| kept.entry.clone()).collect();
        Some(found).filter(|found| !found.is_empty())
    }

    /// What the entries of `(after, up_to]` do to dossiers; none where they are not all here.
    pub(super) fn moves(&self, after: Position, up_to: Position) -> Option<Vec<Move>> {
        let entries = self.lock();
        let skipped = entries.skipped(after)?;
        if entries.kept.back().is_none_or(|last| last.entry.position < up_to) {
            return None;
        }
        let some = entries.kept.iter().skip(skipped).take_while(|kept| kept.entry.position <= up_to);
        Some(some.filter_map(|kept| kept.moved.clone()).collect())
    }

    /// Lets go of what has had its effects.
    pub(super) fn forget(&self, up_to: Position) {
        let mut entries = self.lock();
        while entries.kept.front().is_some_and(|first| first.entry.position <= up_to) {
            let gone = entries.kept.pop_front();
            entries.bytes -= gone.as_ref().map_or(0, bytes_of);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    /// How many of them are not after a position, where those after it begin here.
    fn skipped(&self, after: Position) -> Option<usize> {
        let first = self.kept.front()?.entry.position;
        usize::try_from(after + 1 - first).ok()
    }
}

fn bytes_of(kept: &Kept) -> usize {
    match &kept.entry.body {
        StoredBody::Record { record, .. } => record.body.len(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::samples::second;

    fn kept(position: Position) -> Kept {
        Kept { entry: StoredEntry { position, at: second(position), body: StoredBody::Tick }, moved: None }
    }

    fn tail(recent: &Recent, after: Position) -> Option<Vec<Position>> {
        recent.tail(after, 3).map(|found| found.iter().map(|entry| entry.position).collect())
    }

    #[test]
    fn it_answers_only_where_nothing_is_missing() {
        let recent = Recent::default();
        assert_eq!(tail(&recent, 0), None);
        recent.add((4..=9).map(kept).collect());
        for (after, found) in [(2, None), (3, Some(vec![4, 5, 6])), (7, Some(vec![8, 9])), (9, None), (12, None)] {
            assert_eq!(tail(&recent, after), found, "after {after}");
        }
        assert!(recent.moves(3, 9).is_some() && recent.moves(2, 9).is_none() && recent.moves(3, 10).is_none());
        recent.forget(6);
        assert_eq!((tail(&recent, 5), tail(&recent, 6)), (None, Some(vec![7, 8, 9])));
        // another process had the tenth
        recent.add(vec![kept(11)]);
        assert_eq!((tail(&recent, 8), tail(&recent, 10)), (Some(vec![9]), None));
        recent.forget(9);
        recent.add(vec![kept(12)]);
        assert_eq!(tail(&recent, 11), Some(vec![12]));
    }

    #[test]
    fn what_is_too_much_is_left_to_the_disk_and_never_makes_a_gap() {
        let recent = Recent::default();
        let most = Position::try_from(MOST_ENTRIES).unwrap();
        recent.add((1..=most + 5).map(kept).collect());
        assert_eq!((tail(&recent, most), tail(&recent, most - 1)), (None, Some(vec![most])));
        recent.forget(most);
        recent.add(vec![kept(most + 6)]);
        assert_eq!((tail(&recent, most), tail(&recent, most + 5)), (None, Some(vec![most + 6])));
    }
}
