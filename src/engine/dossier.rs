//! The records of one subject, by kind and time: the newest revision of each, without those withdrawn.
//!
//! Most subjects are people with a few records: those lie in one sorted list of 24 bytes each, and the list is all
//! that there is. A kind with many records, of a lodging or a source, has a ring of its own, which holds at most
//! [`MAX_PER_KIND`]; indexes over it are built when a rule first asks what they answer. At that bound the ring takes
//! 0.3 MB, an index by a key 0.3 MB where few keys differ and 1.2 MB where all do, one by source and id 0.3 MB, and
//! the one of stays 0.5 MB. A kind has at most 16 indexes by a key. What is counted on of windows takes 8 bytes for each,
//! at most 32 kB for a kind.

mod column;
mod gaps;
pub mod keyed;
mod large;
mod out;
mod past;
pub mod run;
mod stays;
mod window;

use std::cell::RefCell;
use std::sync::Arc;

use chrono::TimeDelta;

use crate::entry::Position;
use crate::pack::expr::MatchKey;
use crate::record::schema::KindId;
use crate::record::value::nanoseconds;
use crate::record::{Record, RecordKey};

use super::prefetch::{Depth, touch};
use gaps::Gaps;
use keyed::Keyed;
use large::{Equal, Large};
use past::counts_of_few;
use run::{Order, Run, Stretch};

/// A record with its place in the log.
#[derive(Clone, Debug)]
pub struct Logged {
    /// The record.
    pub record: Arc<Record>,
    /// Where its newest revision stands in the log, and below that what kind of record it is.
    place: i64,
    /// When it happened, see [`nanoseconds`]. With the kind at hand, most searches need not look into the record.
    nanos: i64,
}

/// How many bits of a place are the kind. What is left for the position is more than a log can hold.
const KIND_BITS: u32 = u16::BITS;

impl Logged {
    /// A record at a place in the log.
    pub fn new(record: Arc<Record>, position: Position) -> Self {
        let place = position << KIND_BITS | i64::from(record.kind.0);
        Logged { nanos: nanoseconds(record.occurred_at), record, place }
    }

    /// Where its newest revision stands in the log.
    pub fn position(&self) -> Position {
        self.place >> KIND_BITS
    }

    /// What kind of record it is.
    pub fn kind(&self) -> KindId {
        KindId(self.place as u16)
    }

    /// When it happened, see [`nanoseconds`].
    pub fn nanos(&self) -> i64 {
        self.nanos
    }
}

/// The most records of one kind that a dossier holds; older ones fall out first.
pub const MAX_PER_KIND: usize = 10_000;

/// The most records of one kind that are looked through without an index: that costs less than keeping one.
const FEW: usize = 32;

/// The records of one subject. A record's key stands in it at most once.
#[derive(Clone, Debug, Default)]
pub struct Dossier {
    /// By kind, then in order.
    few: Vec<Logged>,
    many: Option<Box<Many>>,
}

/// What only subjects with many records have.
#[derive(Clone, Debug, Default)]
struct Many {
    /// The kinds that have or had more than a few.
    kinds: Vec<Large>,
    /// The gaps that rules have asked for.
    gaps: RefCell<Vec<Gaps>>,
}

/// So many of the last records of a subject are prefetched: rules mostly ask about these.
const LAST: usize = 4;

impl Dossier {
    /// Has what lies so deep brought from memory.
    #[inline]
    pub fn prefetch(&self, depth: Depth) {
        let many = self.many.as_deref();
        match depth {
            Depth::Own => touch((self.few.len(), many.is_some())),
            Depth::Lists => {
                self.few.iter().for_each(|logged| touch(logged.nanos));
                touch(many.map(|many| (many.kinds.len(), many.gaps.borrow().len())));
            }
            Depth::Records => {
                self.few.iter().rev().take(LAST).for_each(|logged| touch(logged.record.kind));
                let Some(many) = many else { return };
                many.kinds.iter().for_each(|large| touch(large.run().last().map(Logged::nanos)));
                many.gaps.borrow().iter().for_each(Gaps::prefetch);
            }
        }
    }

    /// Puts a record in its place; whether the bound made an older one fall out.
    pub fn insert(&mut self, logged: Logged) -> bool {
        if self.many.is_none() {
            self.insert_few(logged);
            return false;
        }
        let record = logged.record.clone();
        let fallen = match self.large_mut(record.kind) {
            Some(large) => large.insert(logged),
            None => {
                self.insert_few(logged);
                None
            }
        };
        self.note_joined(&record);
        self.note_in_gaps(&record);
        if let Some(fallen) = &fallen {
            self.note_left(&fallen.record);
            self.forget_gaps(&fallen.record);
        }
        fallen.is_some()
    }

    /// Takes a record out, whatever its revision.
    pub fn remove(&mut self, record: &Record) {
        let left = match self.large_mut(record.kind) {
            Some(large) => large.remove(record),
            None => self.remove_few(record),
        };
        if let Some(left) = left {
            self.note_left(&left.record);
            self.forget_gaps(&left.record);
        }
    }

    fn insert_few(&mut self, logged: Logged) {
        let kind = logged.kind();
        let (start, end) = self.bounds_of(kind);
        if end - start < FEW {
            let of_kind = Run::of(self.few.get(start..end).unwrap_or(&[]));
            let place = start + of_kind.count_until(logged.record.order());
            if self.few.len() == self.few.capacity() {
                self.few.reserve_exact(room_to_grow(self.few.len()));
            }
            self.few.insert(place, logged);
            return;
        }
        let mut large = Large::new(kind, self.few.drain(start..end));
        large.insert(logged);
        self.few.shrink_to_fit();
        self.many.get_or_insert_default().kinds.push(large);
    }

    fn remove_few(&mut self, record: &Record) -> Option<Logged> {
        let (start, end) = self.bounds_of(record.kind);
        let of_kind = self.few.get(start..end)?;
        let place = of_kind.iter().position(|known| known.record.key == record.key)?;
        Some(self.few.remove(start + place))
    }

    /// Where the records of a kind stand among the few.
    fn bounds_of(&self, kind: KindId) -> (usize, usize) {
        let start = self.few.partition_point(|known| known.kind() < kind);
        let of_kind = self.few.get(start..).unwrap_or(&[]);
        (start, start + of_kind.iter().take_while(|known| known.kind() == kind).count())
    }

    fn large(&self, kind: KindId) -> Option<&Large> {
        self.many.as_ref()?.kinds.iter().find(|large| large.kind == kind)
    }

    fn large_mut(&mut self, kind: KindId) -> Option<&mut Large> {
        self.many.as_mut()?.kinds.iter_mut().find(|large| large.kind == kind)
    }

    fn all_large(&self) -> &[Large] {
        self.many.as_ref().map_or(&[], |many| many.kinds.as_slice())
    }

    /// All records of a kind, in order.
    pub fn of_kind(&self, kind: KindId) -> Run<'_> {
        if let Some(large) = self.large(kind) {
            return large.run();
        }
        let (start, end) = self.bounds_of(kind);
        Run::of(self.few.get(start..end).unwrap_or(&[]))
    }

    /// The record of a key among some kinds.
    pub fn find(&self, key: &RecordKey, kinds: &[KindId]) -> Option<&Logged> {
        kinds.iter().find_map(|kind| match self.large(*kind) {
            Some(large) => large.find(key),
            None => self.of_kind(*kind).iter().find(|known| known.record.key == *key),
        })
    }

    /// The record of a key, of whatever kind.
    pub fn find_any(&self, key: &RecordKey) -> Option<&Logged> {
        let few = self.few.iter().find(|known| known.record.key == *key);
        few.or_else(|| self.all_large().iter().find_map(|large| large.find(key)))
    }

    /// Records of a kind in a stretch.
    pub fn within(&self, kind: KindId, stretch: Stretch<'_>) -> Run<'_> {
        self.of_kind(kind).within(stretch)
    }

    /// How many records of a kind each window of some length before an instant's own has, of those that have any; of
    /// `windows` such lengths, the own one among them. All in nanoseconds.
    pub fn counts_before(&self, kind: KindId, step: i64, windows: usize, now: i64) -> Vec<i64> {
        match self.large(kind) {
            Some(large) => large.past.borrow_mut().counts(large.run(), step, windows, now),
            None => counts_of_few(self.of_kind(kind), step, windows, now),
        }
    }

    /// Records of a kind that equal a value under a key, or `None` where only looking at each can tell.
    pub fn equal_to(&self, kind: KindId, key: MatchKey, value: Keyed<'_>) -> Option<Equal<'_>> {
        self.large(kind)?.equal_to(key, value)
    }

    /// How many keys the records of a kind in a stretch have, for a question that looks so far back; `None` where
    /// only looking at each can tell.
    pub fn distinct(
        &self,
        key: MatchKey,
        kind: KindId,
        span: Option<TimeDelta>,
        stretch: Stretch<'_>,
    ) -> Option<usize> {
        self.large(kind)?.distinct(key, span, stretch)
    }

    /// Records of some kinds that come after another in order, with the kinds mixed.
    pub fn after<'a>(&'a self, kinds: &[KindId], order: Order<'_>) -> Vec<&'a Logged> {
        let mut later: Vec<&Logged> = Vec::new();
        for kind in kinds {
            later.extend(self.of_kind(*kind).after(order));
        }
        if kinds.len() > 1 {
            later.sort_by(|a, b| a.record.order().cmp(&b.record.order()));
        }
        later
    }

    /// Whether no record comes after one in order.
    pub fn has_none_after(&self, one: &Logged) -> bool {
        let lasts = self.all_large().iter().filter_map(|large| large.run().last());
        let comes_after = |other: &Logged| other.nanos >= one.nanos && other.record.order() > one.record.order();
        !self.few.iter().chain(lasts).any(comes_after)
    }

    /// The last record of some kinds.
    pub fn newest(&self, kinds: &[KindId]) -> Option<&Logged> {
        kinds
            .iter()
            .filter_map(|kind| self.of_kind(*kind).last())
            .max_by(|a, b| a.record.order().cmp(&b.record.order()))
    }
}

/// By how much a full list of so many grows: little, since most never do again.
fn room_to_grow(length: usize) -> usize {
    (length / 4).max(2)
}
