//! Consecutive records of one kind, in order, as they lie in memory.

use std::cmp::Ordering;
use std::collections::VecDeque;
use std::iter::Chain;
use std::slice::Iter;

use chrono::{DateTime, Utc};

use super::Logged;
use crate::record::value::nanoseconds;
use crate::record::{Record, RecordKey};

/// So many records are looked at one by one, from the end on, before the rest is halved and halved again.
const NEAR: usize = 16;

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
        Run {
            front: piece(self.front, start.min(cut), end.min(cut)),
            back: piece(self.back, start.saturating_sub(cut), end.saturating_sub(cut)),
        }
    }

    /// How many records come before an instant.
    pub fn count_before(&self, at: DateTime<Utc>) -> usize {
        let point = Point::new(at, None);
        self.count(|known| point.is_after(known))
    }

    /// The same for an instant in nanoseconds, see [`nanoseconds`].
    pub fn count_before_nanos(&self, nanos: i64) -> usize {
        self.count(|known| known.nanos < nanos)
    }

    /// How many records come up to and including a place. Most questions are about the newest.
    pub fn count_until(&self, order: Order<'_>) -> usize {
        let point = Point::new(order.0, Some(order.1));
        match self.last() {
            Some(last) if !point.is_after(last) => self.count(|known| point.is_after(known)),
            _ => self.len(),
        }
    }

    /// The records behind a place.
    pub fn after(&self, order: Order<'_>) -> Run<'a> {
        self.slice(self.count_until(order), self.len())
    }

    /// How many come before a point, of which `is_before` tells.
    #[inline]
    fn count(&self, is_before: impl Fn(&Logged) -> bool) -> usize {
        match count_in(self.back, &is_before) {
            0 => count_in(self.front, is_before),
            in_back => self.front.len() + in_back,
        }
    }

    /// From which to before which record a stretch reaches.
    pub fn bounds(&self, stretch: Stretch<'_>) -> (usize, usize) {
        if self.is_empty() {
            return (0, 0);
        }
        let end = stretch.until.map_or(self.len(), |order| self.count_until(order));
        let start = stretch.from.map_or(0, |from| self.slice(0, end).count_before(from));
        (start, end)
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

/// How many of some records come before a point. From the end on: what is asked for is mostly near it, and what is near
/// it is at hand.
#[inline]
fn count_in(records: &[Logged], is_before: impl Fn(&Logged) -> bool) -> usize {
    let near = records.iter().rev().take(NEAR).take_while(|known| !is_before(known)).count();
    let (mut end, mut step) = (records.len() - near, NEAR);
    if near < NEAR {
        return end;
    }
    while let Some(place) = end.checked_sub(step) {
        if records.get(place).is_some_and(&is_before) {
            return place + piece(records, place, end).partition_point(is_before);
        }
        (end, step) = (place, step * 2);
    }
    piece(records, 0, end).partition_point(is_before)
}

fn piece(records: &[Logged], start: usize, end: usize) -> &[Logged] {
    records.get(start..end).unwrap_or(&[])
}

/// A point between records: before all of an instant, or right behind a place.
struct Point<'a> {
    nanos: i64,
    at: DateTime<Utc>,
    behind: Option<&'a RecordKey>,
}

impl<'a> Point<'a> {
    fn new(at: DateTime<Utc>, behind: Option<&'a RecordKey>) -> Self {
        Point { nanos: nanoseconds(at), at, behind }
    }

    #[inline]
    fn is_after(&self, logged: &Logged) -> bool {
        // the record itself lies elsewhere in memory
        match logged.nanos.cmp(&self.nanos) {
            Ordering::Less => true,
            Ordering::Greater => false,
            Ordering::Equal => match self.behind {
                Some(key) => logged.record.order() <= (self.at, key),
                None => logged.record.occurred_at < self.at,
            },
        }
    }
}

impl Stretch<'_> {
    /// Whether a record lies in it.
    pub fn has(&self, record: &Record) -> bool {
        self.from.is_none_or(|from| record.occurred_at >= from)
            && self.until.is_none_or(|until| record.order() <= until)
    }
}
