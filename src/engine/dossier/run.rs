//! Consecutive records of one kind, in order, as they lie in memory.

use std::collections::VecDeque;
use std::iter::Chain;
use std::slice::Iter;

use chrono::{DateTime, Utc};

use super::Logged;
use crate::record::{Record, RecordKey};

/// A place in the order of a dossier.
pub type Order<'a> = (DateTime<Utc>, &'a RecordKey);

/// A stretch of a dossier's order.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stretch<'a> {
    /// From this instant on; without one, from the first record.
    pub from: Option<DateTime<Utc>>,
    /// Up to and including this place; without one, up to the last record.
    pub until: Option<Order<'a>>,
}

/// Consecutive records of one kind, in order. A ring has them in two pieces.
#[derive(Clone, Copy, Debug, Default)]
pub struct Run<'a> {
    front: &'a [Logged],
    back: &'a [Logged],
}

impl<'a> Run<'a> {
    /// All of a slice.
    pub fn of(records: &'a [Logged]) -> Self {
        Run { front: records, back: &[] }
    }

    /// All of a ring.
    pub fn of_ring(records: &'a VecDeque<Logged>) -> Self {
        let (front, back) = records.as_slices();
        Run { front, back }
    }

    /// How many records.
    pub fn len(&self) -> usize {
        self.front.len() + self.back.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.front.is_empty() && self.back.is_empty()
    }

    /// The n-th record.
    pub fn get(&self, index: usize) -> Option<&'a Logged> {
        self.front.get(index).or_else(|| self.back.get(index.checked_sub(self.front.len())?))
    }

    /// The first record.
    pub fn first(&self) -> Option<&'a Logged> {
        self.front.first().or_else(|| self.back.first())
    }

    /// The last record.
    pub fn last(&self) -> Option<&'a Logged> {
        self.back.last().or_else(|| self.front.last())
    }

    /// The records, from either end.
    pub fn iter(&self) -> Chain<Iter<'a, Logged>, Iter<'a, Logged>> {
        self.front.iter().chain(self.back)
    }

    /// The records from the `start`-th up to before the `end`-th.
    pub fn slice(&self, start: usize, end: usize) -> Run<'a> {
        let cut = self.front.len();
        let piece = |records: &'a [Logged], start: usize, end: usize| records.get(start..end).unwrap_or(&[]);
        Run {
            front: piece(self.front, start.min(cut), end.min(cut)),
            back: piece(self.back, start.saturating_sub(cut), end.saturating_sub(cut)),
        }
    }

    /// How many records come before some point of the order, where `before` tells which do.
    pub fn count_before(&self, before: impl Fn(&Record) -> bool) -> usize {
        match self.back.first() {
            Some(first) if before(&first.record) => {
                self.front.len() + self.back.partition_point(|known| before(&known.record))
            }
            _ => self.front.partition_point(|known| before(&known.record)),
        }
    }

    /// As [`Run::count_before`], for a point near the end.
    pub fn count_before_late(&self, before: impl Fn(&Record) -> bool) -> usize {
        let (mut end, mut step) = (self.len(), 1);
        while let Some(place) = end.checked_sub(step) {
            if self.get(place).is_some_and(|known| before(&known.record)) {
                return place + self.slice(place, end).count_before(before);
            }
            (end, step) = (place, step * 2);
        }
        self.slice(0, end).count_before(before)
    }

    /// How many records come up to and including a place. Most questions are about the newest.
    pub fn count_until(&self, order: Order<'_>) -> usize {
        match self.last() {
            Some(last) if last.record.order() > order => self.count_before(|record| record.order() <= order),
            _ => self.len(),
        }
    }

    /// From which to before which record a stretch reaches.
    pub fn bounds(&self, stretch: Stretch<'_>) -> (usize, usize) {
        let end = stretch.until.map_or(self.len(), |order| self.count_until(order));
        let start = stretch.from.map_or(0, |from| self.count_before(|record| record.occurred_at < from));
        (start.min(end), end)
    }

    /// The records in a stretch.
    pub fn within(&self, stretch: Stretch<'_>) -> Run<'a> {
        let (start, end) = self.bounds(stretch);
        self.slice(start, end)
    }

    /// Where the record of a place stands.
    pub fn place_of(&self, order: Order<'_>) -> Option<usize> {
        let place = self.count_until(order).checked_sub(1)?;
        self.get(place).filter(|known| known.record.order() == order).map(|_| place)
    }
}

impl<'a> IntoIterator for Run<'a> {
    type Item = &'a Logged;
    type IntoIter = Chain<Iter<'a, Logged>, Iter<'a, Logged>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Stretch<'_> {
    /// Whether a record lies in it.
    pub fn has(&self, record: &Record) -> bool {
        self.from.is_none_or(|from| record.occurred_at >= from)
            && self.until.is_none_or(|until| record.order() <= until)
    }
}
