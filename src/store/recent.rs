//! The entries that were appended last, in memory: whoever judges them need not read them back, and begins while they are
//! being written.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::entry::Position;
use crate::soon::soon;
use crate::store::StoreError;
use crate::store::dossier::Move;
use crate::store::log::{StoredBody, StoredEntry};

/// The most entries that are kept: more are read from the disk when their turn comes.
const MOST_ENTRIES: usize = 2_048;

/// The most bytes of bodies that are kept.
const MOST_BYTES: usize = 4 << 20;

/// Told of the newest position after each append.
type Listener = Box<dyn Fn(Position) + Send + Sync>;

/// An entry of the log, and what it does to dossiers.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) entry: StoredEntry,
    pub(super) moved: Option<Move>,
}

/// What was appended by this process, without gaps, until its effects are committed.
#[derive(Default)]
pub(super) struct Recent {
    entries: Mutex<Entries>,
    /// Something has landed, or is lost.
    landed: Condvar,
    listener: OnceLock<Listener>,
}

#[derive(Debug, Default)]
struct Entries {
    kept: VecDeque<Kept>,
    bytes: usize,
    /// Where what is being written begins: the first position of each append.
    coming: VecDeque<Position>,
    /// What was being written will never be on disk, nor anything after it.
    is_lost: bool,
    /// The newest that this process appended.
    newest: Option<Position>,
}

/// Entries that are being written: on disk once they [`land`](Coming::land). Dropped before, they never will be.
#[must_use]
pub(super) struct Coming {
    recent: Arc<Recent>,
    newest: Position,
    /// Nobody was told of some of them.
    is_news: bool,
    has_landed: bool,
}

impl Coming {
    /// Says that they are on disk.
    pub(super) fn land(mut self) {
        self.has_landed = true;
        self.recent.lock().coming.pop_front();
        self.recent.landed.notify_all();
        if self.is_news {
            self.recent.tell(self.newest);
        }
    }
}

impl Drop for Coming {
    fn drop(&mut self) {
        if !self.has_landed {
            self.recent.lock().is_lost = true;
            self.recent.landed.notify_all();
        }
    }
}

impl Recent {
    /// Has somebody told of what is appended; the first one to ask is.
    pub(super) fn listen(&self, listener: Listener) {
        // whoever comes second finds out by looking
        drop(self.listener.set(listener));
    }

    /// Adds what is being written, in the order of the log; none where that is nothing. Where it leaves a gap, because
    /// another process wrote or there was no room, it has to be read from the disk, like all that follows until this is
    /// empty.
    pub(super) fn add(self: &Arc<Self>, appended: Vec<Kept>) -> Option<Coming> {
        let first = appended.first()?.entry.position;
        let newest = appended.last()?.entry.position;
        let is_news = self.lock().take(first, newest, appended);
        if !is_news {
            self.tell(newest);
        }
        Some(Coming { recent: Arc::clone(self), newest, is_news, has_landed: false })
    }

    /// At most `limit` entries on disk after a position; none where they are not all here.
    pub(super) fn tail(&self, after: Position, limit: usize) -> Option<Vec<StoredEntry>> {
        let entries = self.lock();
        entries.after(after, limit, |entry| entries.is_on_disk(entry.position))
    }

    /// The same, with what is being written as far as it can be judged already; empty where this process has appended
    /// nothing more.
    pub(super) fn ahead(&self, after: Position, limit: usize) -> Option<Vec<StoredEntry>> {
        let entries = self.lock();
        if entries.newest == Some(after) {
            return Some(Vec::new());
        }
        entries.after(after, limit, |entry| can_be_judged(entry) || entries.is_on_disk(entry.position))
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

    /// Whether the entries up to a position are on disk.
    pub(super) fn is_on_disk(&self, up_to: Position) -> bool {
        self.lock().is_on_disk(up_to)
    }

    /// Waits until the entries up to a position are on disk.
    pub(super) fn wait_for(&self, up_to: Position) -> Result<(), StoreError> {
        let comes = |entries: &mut Entries| !entries.is_lost && !entries.is_on_disk(up_to);
        soon(|| !comes(&mut self.lock()));
        let entries = self.landed.wait_while(self.lock(), comes).unwrap_or_else(PoisonError::into_inner);
        if entries.is_on_disk(up_to) { Ok(()) } else { Err(StoreError::failed("an append came to nothing")) }
    }

    /// Lets go of what has had its effects.
    pub(super) fn forget(&self, up_to: Position) {
        let mut entries = self.lock();
        while entries.kept.front().is_some_and(|first| first.entry.position <= up_to) {
            let gone = entries.kept.pop_front();
            entries.bytes -= gone.as_ref().map_or(0, bytes_of);
        }
    }

    fn tell(&self, newest: Position) {
        if let Some(listener) = self.listener.get() {
            listener(newest);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    /// Takes what is being written from one position to another; whether some of it can be judged only once it is on disk.
    fn take(&mut self, first: Position, newest: Position, appended: Vec<Kept>) -> bool {
        self.coming.push_back(first);
        self.newest = Some(newest);
        let mut has_to_land = false;
        for kept in appended {
            let follows = self.kept.back().is_none_or(|last| last.entry.position + 1 == kept.entry.position);
            let bytes = self.bytes + bytes_of(&kept);
            if !follows || self.kept.len() >= MOST_ENTRIES || bytes > MOST_BYTES {
                return true;
            }
            has_to_land |= !can_be_judged(&kept.entry);
            self.bytes = bytes;
            self.kept.push_back(kept);
        }
        has_to_land
    }

    fn is_on_disk(&self, position: Position) -> bool {
        self.coming.front().is_none_or(|first| position < *first)
    }

    fn after(
        &self,
        after: Position,
        limit: usize,
        is_meant: impl Fn(&StoredEntry) -> bool,
    ) -> Option<Vec<StoredEntry>> {
        let some = self.kept.iter().skip(self.skipped(after)?).take(limit).map(|kept| &kept.entry);
        Some(some.take_while(|entry| is_meant(entry)).cloned().collect()).filter(|found: &Vec<_>| !found.is_empty())
    }

    /// How many of them are not after a position, where those after it begin here.
    fn skipped(&self, after: Position) -> Option<usize> {
        let first = self.kept.front()?.entry.position;
        usize::try_from(after + 1 - first).ok()
    }
}

/// Whether an entry says all that it takes to judge it: the files of a pack are read from the disk.
fn can_be_judged(entry: &StoredEntry) -> bool {
    !matches!(entry.body, StoredBody::Pack(_))
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
    use crate::store::packs::PackInForce;
    use crate::store::samples::second;

    fn entry(position: Position, body: StoredBody) -> Kept {
        Kept { entry: StoredEntry { position, at: second(position), body }, moved: None }
    }

    fn ticks(positions: impl Iterator<Item = Position>) -> Vec<Kept> {
        positions.map(|position| entry(position, StoredBody::Tick)).collect()
    }

    fn land(coming: Option<Coming>) {
        coming.into_iter().for_each(Coming::land);
    }

    fn positions(found: Option<Vec<StoredEntry>>) -> Option<Vec<Position>> {
        found.map(|found| found.iter().map(|entry| entry.position).collect())
    }

    fn tail(recent: &Recent, after: Position) -> Option<Vec<Position>> {
        positions(recent.tail(after, 3))
    }

    #[test]
    fn it_answers_only_where_nothing_is_missing() {
        let recent = Arc::new(Recent::default());
        assert_eq!(tail(&recent, 0), None);
        land(recent.add(ticks(4..=9)));
        for (after, found) in [(2, None), (3, Some(vec![4, 5, 6])), (7, Some(vec![8, 9])), (9, None), (12, None)] {
            assert_eq!(tail(&recent, after), found, "after {after}");
        }
        assert!(recent.moves(3, 9).is_some() && recent.moves(2, 9).is_none() && recent.moves(3, 10).is_none());
        recent.forget(6);
        assert_eq!((tail(&recent, 5), tail(&recent, 6)), (None, Some(vec![7, 8, 9])));
        // another process had the tenth
        land(recent.add(ticks(11..=11)));
        assert_eq!((tail(&recent, 8), tail(&recent, 10)), (Some(vec![9]), None));
        recent.forget(9);
        land(recent.add(ticks(12..=12)));
        assert_eq!(tail(&recent, 11), Some(vec![12]));
    }

    #[test]
    fn what_is_too_much_is_left_to_the_disk_and_never_makes_a_gap() {
        let recent = Arc::new(Recent::default());
        let most = Position::try_from(MOST_ENTRIES).unwrap();
        land(recent.add(ticks(1..=most + 5)));
        assert_eq!((tail(&recent, most), tail(&recent, most - 1)), (None, Some(vec![most])));
        recent.forget(most);
        land(recent.add(ticks(most + 6..=most + 6)));
        assert_eq!((tail(&recent, most), tail(&recent, most + 5)), (None, Some(vec![most + 6])));
    }

    #[test]
    fn what_is_being_written_is_ahead_of_the_disk() {
        let recent = Arc::new(Recent::default());
        let heard: Arc<Mutex<Vec<Position>>> = Arc::default();
        let hears = Arc::clone(&heard);
        recent.listen(Box::new(move |newest| hears.lock().unwrap().push(newest)));
        let pack = StoredBody::Pack(PackInForce { hash: String::new(), stopped: Vec::new() });

        let first = recent.add(ticks(1..=2));
        let second = recent.add(vec![entry(3, StoredBody::Tick), entry(4, pack), entry(5, StoredBody::Tick)]);
        assert_eq!((tail(&recent, 0), positions(recent.ahead(0, 9))), (None, Some(vec![1, 2, 3])));
        assert_eq!(*heard.lock().unwrap(), [2], "a pack's files are read from the disk");
        land(first);
        assert_eq!((tail(&recent, 0), positions(recent.ahead(3, 9))), (Some(vec![1, 2]), None));
        assert_eq!(recent.wait_for(2), Ok(()));
        land(second);
        assert_eq!((tail(&recent, 2), positions(recent.ahead(3, 9))), (Some(vec![3, 4, 5]), Some(vec![4, 5])));
        assert_eq!(*heard.lock().unwrap(), [2, 5]);
    }

    #[test]
    fn whoever_waits_hears_of_both_ends() {
        for lands in [true, false] {
            let recent = Arc::new(Recent::default());
            let coming = recent.add(ticks(1..=1));
            std::thread::scope(|scope| {
                let waits = scope.spawn(|| recent.wait_for(1));
                if lands {
                    land(coming)
                } else {
                    drop(coming)
                }
                assert_eq!(waits.join().unwrap().is_ok(), lands);
            });
        }
    }
}
