//! The records of one kind by what they have under one key.

use std::collections::VecDeque;
use std::hash::BuildHasher;

use chrono::TimeDelta;
use hashbrown::{DefaultHashBuilder, HashTable};

use super::keyed::Keyed;
use super::run::Run;
use super::window::{KeyNumber, NO_KEY, Window};
use super::{Logged, room_to_grow};
use crate::pack::expr::MatchKey;
use crate::record::slot::Slot;

/// Past so many, questions that look differently far share windows: each costs two bytes per key.
const MAX_WINDOWS: usize = 8;

/// The key's number of each record, and the records of each number. A number is free again when its last record goes.
#[derive(Clone, Debug)]
pub struct Column {
    key: MatchKey,
    numbers: VecDeque<KeyNumber>,
    records: Vec<VecDeque<Logged>>,
    free: Vec<KeyNumber>,
    /// Numbers by what they stand for, which is what their records have.
    known: HashTable<KeyNumber>,
    hasher: DefaultHashBuilder,
    decimals: usize,
    windows: Vec<Window>,
}

impl Column {
    /// Of records in their order.
    pub fn new(key: MatchKey, records: &VecDeque<Logged>) -> Self {
        let mut column = Column {
            key,
            numbers: VecDeque::with_capacity(records.len()),
            records: Vec::new(),
            free: Vec::new(),
            known: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            decimals: 0,
            windows: Vec::new(),
        };
        records.iter().enumerate().for_each(|(place, logged)| column.insert(place, logged));
        column
    }

    /// Under which key.
    pub fn key(&self) -> MatchKey {
        self.key
    }

    /// A record came to stand at a place.
    pub fn insert(&mut self, place: usize, logged: &Logged) {
        let keyed = Keyed::of(&logged.record, self.key);
        let number = if keyed.is_missing() { NO_KEY } else { self.number_for(keyed) };
        self.decimals += usize::from(keyed.is_decimal());
        if let Some(records) = self.records.get_mut(usize::from(number)) {
            let order = logged.record.order();
            let at = Run::of_ring(records).count_until(order);
            if records.len() == records.capacity() {
                records.reserve_exact(room_to_grow(records.len()));
            }
            records.insert(at, logged.clone());
            if records.len() == 1 {
                self.make_known(number);
            }
        }
        self.numbers.insert(place, number);
        self.windows.iter_mut().for_each(|window| window.inserted(place, number));
    }

    /// The record that stood at a place is gone.
    pub fn remove(&mut self, place: usize, logged: &Logged) {
        let Some(number) = self.numbers.remove(place) else { return };
        self.windows.iter_mut().for_each(|window| window.removed(place, number));
        self.decimals -= usize::from(Keyed::of(&logged.record, self.key).is_decimal());
        let Some(records) = self.records.get_mut(usize::from(number)) else { return };
        if records.len() == 1 {
            let hash = self.hasher.hash_one(Keyed::of(&logged.record, self.key));
            if let Ok(entry) = self.known.find_entry(hash, |known| *known == number) {
                entry.remove();
            }
            self.free.push(number);
        }
        if let Some(at) = Run::of_ring(records).place_of(logged.record.order()) {
            records.remove(at);
        }
    }

    /// The number of the records that equal a value, or `None` where an index cannot tell.
    pub fn equal_to(&self, value: Keyed<'_>) -> Option<KeyNumber> {
        // decimals that are nearly the same are equal
        if value.is_decimal() || (value.is_whole() && self.decimals > 0) {
            return None;
        }
        Some(if value.is_missing() { NO_KEY } else { self.number_of(value).unwrap_or(NO_KEY) })
    }

    /// The records of a number, in order.
    pub fn records_of(&self, number: KeyNumber) -> Option<&VecDeque<Logged>> {
        self.records.get(usize::from(number))
    }

    /// How many keys differ from `start` up to before `end`, for a question that looks so far back.
    pub fn distinct(&mut self, span: Option<TimeDelta>, start: usize, end: usize) -> usize {
        let own = self.windows.iter().position(|window| window.span == span);
        let place = own.or_else(|| {
            if self.windows.len() < MAX_WINDOWS {
                self.windows.push(Window::new(span));
                return Some(self.windows.len() - 1);
            }
            let distances = self.windows.iter().map(|window| window.distance(start, end)).enumerate();
            distances.min_by_key(|(_, distance)| *distance).map(|(place, _)| place)
        });
        let Some(window) = place.and_then(|place| self.windows.get_mut(place)) else { return 0 };
        window.span = span;
        window.distinct(&self.numbers, start, end)
    }

    fn number_of(&self, value: Keyed<'_>) -> Option<KeyNumber> {
        let stands_for = |number: &KeyNumber| self.keyed(*number) == value;
        self.known.find(self.hasher.hash_one(value), stands_for).copied()
    }

    /// The number of a value, a free one where it is new.
    fn number_for(&mut self, value: Keyed<'_>) -> KeyNumber {
        self.number_of(value).or_else(|| self.free.pop()).unwrap_or_else(|| {
            self.records.push(VecDeque::new());
            KeyNumber::try_from(self.records.len() - 1).unwrap_or(NO_KEY)
        })
    }

    fn make_known(&mut self, number: KeyNumber) {
        let (key, records, hasher) = (self.key, &self.records, &self.hasher);
        let hash = |number: &KeyNumber| hasher.hash_one(keyed(records, key, *number));
        self.known.insert_unique(hash(&number), number, hash);
    }

    fn keyed(&self, number: KeyNumber) -> Keyed<'_> {
        keyed(&self.records, self.key, number)
    }
}

/// What a number stands for.
fn keyed(records: &[VecDeque<Logged>], key: MatchKey, number: KeyNumber) -> Keyed<'_> {
    let first = records.get(usize::from(number)).and_then(VecDeque::front);
    first.map_or(Keyed::Plain(Slot::Missing), |logged| Keyed::of(&logged.record, key))
}
