//! When people stayed, so that a stay is compared only with those that can overlap it.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::run::{Order, Stretch};
use crate::record::Record;
use crate::record::schema::core;

/// Stays that are passed over together: twice as many are parted.
const BLOCK: usize = 64;

/// From when to when someone stayed, by what the records say.
#[derive(Clone, Debug)]
pub struct Stay {
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    /// The first check-out after the start that fits; none where the record itself says the end.
    out: Option<Arc<Record>>,
}

impl Stay {
    /// Of a record; `first_out` looks for the first check-out from an instant on that fits. One without any end is a
    /// night.
    pub fn of(record: &Record, first_out: impl FnOnce(DateTime<Utc>) -> Option<Arc<Record>>) -> Self {
        let start = start_of(record);
        let time = |field| record.value(field).as_time();
        if let Some(end) = time(core::CHECK_OUT) {
            return Stay { start, end, out: None };
        }
        let night = || start.checked_add_signed(TimeDelta::days(1)).unwrap_or(DateTime::<Utc>::MAX_UTC);
        Stay { start, end: time(core::PLANNED_CHECK_OUT).unwrap_or_else(night), out: first_out(start) }
    }

    /// When it begins and ends, as far as is known at a place of the order.
    pub fn span_at(&self, known: Order<'_>) -> (DateTime<Utc>, DateTime<Utc>) {
        let out = self.out.as_ref().filter(|out| out.order() <= known);
        (self.start, out.map_or(self.end, |out| out.occurred_at))
    }

    /// Whether a check-out that fits would end it, or does.
    fn can_end_with(&self, out: &Record) -> bool {
        self.out.as_ref().is_none_or(|known| known.order() >= out.order())
    }

    fn latest_end(&self) -> DateTime<Utc> {
        self.out.as_ref().map_or(self.end, |out| self.end.max(out.occurred_at))
    }
}

/// When a stay begins.
pub fn start_of(record: &Record) -> DateTime<Utc> {
    record.value(core::CHECK_IN).as_time().unwrap_or(record.occurred_at)
}

/// The stays of one kind of record, in the order of the records, in blocks that know their earliest start and their
/// latest end.
#[derive(Clone, Debug, Default)]
pub struct Stays {
    blocks: Vec<Block>,
}

#[derive(Clone, Debug)]
struct Block {
    stays: Vec<(Arc<Record>, Stay)>,
    earliest: DateTime<Utc>,
    latest: DateTime<Utc>,
}

impl Stays {
    /// Puts a stay in its place.
    pub fn insert(&mut self, record: Arc<Record>, stay: Stay) {
        let order = Some(record.order());
        let after = self.blocks.partition_point(|block| block.first() <= order);
        let is_newest = after == self.blocks.len();
        match self.blocks.get_mut(after.saturating_sub(1)) {
            Some(block) if !(is_newest && block.last() < order && block.stays.len() >= BLOCK) => {
                block.insert(record, stay);
                if block.stays.len() >= 2 * BLOCK {
                    let rest = block.stays.split_off(BLOCK);
                    block.measure();
                    self.blocks.insert(after.max(1), Block::of(rest));
                }
            }
            _ => self.blocks.push(Block::of(vec![(record, stay)])),
        }
    }

    /// Takes out the stay of a record.
    pub fn remove(&mut self, record: &Record) {
        let Some((place, index)) = self.place_of(record.order()) else { return };
        let Some(block) = self.blocks.get_mut(place) else { return };
        block.stays.remove(index);
        block.measure();
        if block.stays.is_empty() {
            self.blocks.remove(place);
        }
    }

    /// Whether a check-out that fits would end the stay of a record, or does.
    pub fn can_end_with(&self, record: &Record, out: &Record) -> bool {
        let place = self.place_of(record.order());
        let stay = place.and_then(|(place, index)| self.blocks.get(place)?.stays.get(index));
        stay.is_some_and(|(_, stay)| stay.can_end_with(out))
    }

    /// Puts a stay in the place of the one of the same record.
    pub fn replace(&mut self, record: &Record, stay: Stay) {
        let Some((place, index)) = self.place_of(record.order()) else { return };
        let Some(block) = self.blocks.get_mut(place) else { return };
        if let Some((_, known)) = block.stays.get_mut(index) {
            *known = stay;
        }
        block.measure();
    }

    /// Shows the records of a stretch whose stays share more than a span with one from `start` to `end`, as far as
    /// is known at a place of the order.
    pub fn overlapping<'a>(
        &'a self,
        stretch: Stretch<'_>,
        (start, end): (DateTime<Utc>, DateTime<Utc>),
        span: TimeDelta,
        known: Order<'_>,
        mut see: impl FnMut(&'a Record),
    ) {
        let first = stretch
            .from
            .map_or(0, |from| self.blocks.partition_point(|block| block.last().is_some_and(|l| l.0 < from)));
        let last = stretch
            .until
            .map_or(self.blocks.len(), |order| self.blocks.partition_point(|block| block.first() <= Some(order)));
        let shares = |one_end: DateTime<Utc>, other_start: DateTime<Utc>| one_end - other_start > span;
        let blocks = self.blocks.get(first.min(last)..last).unwrap_or(&[]);
        for block in blocks.iter().filter(|block| shares(block.latest, start) && shares(end, block.earliest)) {
            let near = |stay: &Stay| shares(stay.latest_end(), start) && shares(end, stay.start);
            for (record, stay) in block.stays.iter().filter(|(_, stay)| near(stay)) {
                let (other_start, other_end) = stay.span_at(known);
                if shares(end.min(other_end), start.max(other_start)) && stretch.has(record) {
                    see(record);
                }
            }
        }
    }

    fn place_of(&self, order: Order<'_>) -> Option<(usize, usize)> {
        let place = self.blocks.partition_point(|block| block.first() <= Some(order)).checked_sub(1)?;
        let stays = &self.blocks.get(place)?.stays;
        let index = stays.partition_point(|(record, _)| record.order() < order);
        stays.get(index).filter(|(record, _)| record.order() == order).map(|_| (place, index))
    }
}

impl Block {
    fn of(stays: Vec<(Arc<Record>, Stay)>) -> Self {
        let mut block = Block { stays, earliest: DateTime::<Utc>::MAX_UTC, latest: DateTime::<Utc>::MIN_UTC };
        block.measure();
        block
    }

    fn measure(&mut self) {
        let earliest = self.stays.iter().map(|(_, stay)| stay.start).min();
        let latest = self.stays.iter().map(|(_, stay)| stay.latest_end()).max();
        self.earliest = earliest.unwrap_or(DateTime::<Utc>::MAX_UTC);
        self.latest = latest.unwrap_or(DateTime::<Utc>::MIN_UTC);
    }

    fn insert(&mut self, record: Arc<Record>, stay: Stay) {
        self.earliest = self.earliest.min(stay.start);
        self.latest = self.latest.max(stay.latest_end());
        let index = self.stays.partition_point(|(known, _)| known.order() <= record.order());
        self.stays.insert(index, (record, stay));
    }

    fn first(&self) -> Option<Order<'_>> {
        self.stays.first().map(|(record, _)| record.order())
    }

    fn last(&self) -> Option<Order<'_>> {
        self.stays.last().map(|(record, _)| record.order())
    }
}
