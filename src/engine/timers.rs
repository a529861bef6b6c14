//! The deadlines that wait for one subject: few, so that a sorted list is all they need.

use std::cmp::Ordering;
use std::ops::Range;

use chrono::{DateTime, Utc};

use crate::alert::FindingKey;
use crate::entry::Timer;
use crate::record::RecordKey;

/// The waiting deadlines of a subject, by key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timers(Vec<Timer>);

impl Timers {
    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Timer> {
        self.0.iter()
    }

    /// When the deadline of a key is due, if it waits.
    pub fn due(&self, key: &FindingKey) -> Option<DateTime<Utc>> {
        let place = self.place(key).ok()?;
        self.0.get(place).map(|timer| timer.due)
    }

    /// Those of a rule.
    pub fn of(&self, rule: &str) -> &[Timer] {
        self.0.get(self.range(rule, None)).unwrap_or(&[])
    }

    /// Those of a rule at a trigger.
    pub fn at(&self, rule: &str, trigger: &RecordKey) -> &[Timer] {
        self.0.get(self.range(rule, Some(trigger))).unwrap_or(&[])
    }

    /// When the first of them is due.
    pub fn first_due(&self) -> Option<DateTime<Utc>> {
        self.0.iter().map(|timer| timer.due).min()
    }

    /// Puts a timer in the place of the one with its key, which it returns.
    pub fn insert(&mut self, timer: Timer) -> Option<Timer> {
        match self.place(&timer.key) {
            Ok(place) => self.0.get_mut(place).map(|known| std::mem::replace(known, timer)),
            Err(place) => {
                if self.0.len() == self.0.capacity() {
                    self.0.reserve_exact((self.0.len() / 2).max(3));
                }
                self.0.insert(place, timer);
                None
            }
        }
    }

    /// Takes out those of a rule, of one trigger or of all.
    pub fn take(&mut self, rule: &str, trigger: Option<&RecordKey>) -> std::vec::Drain<'_, Timer> {
        let theirs = self.range(rule, trigger);
        self.0.drain(theirs)
    }

    /// Where those of a rule stand, of one trigger or of all.
    fn range(&self, rule: &str, trigger: Option<&RecordKey>) -> Range<usize> {
        let order = |timer: &Timer| {
            let by_trigger = || trigger.map_or(Ordering::Equal, |trigger| timer.key.trigger.cmp(trigger));
            (*timer.key.rule).cmp(rule).then_with(by_trigger)
        };
        let first = self.0.partition_point(|timer| order(timer).is_lt());
        // most subjects have none
        let theirs = self.0.iter().skip(first).take_while(|timer| order(timer).is_eq());
        first..first + theirs.count()
    }

    /// Takes a timer out; whether it waited.
    pub fn remove(&mut self, timer: &Timer) -> bool {
        let place = self.place(&timer.key).ok().filter(|place| self.0.get(*place) == Some(timer));
        place.map(|place| self.0.remove(place)).is_some()
    }

    fn place(&self, key: &FindingKey) -> Result<usize, usize> {
        self.0.binary_search_by(|timer| timer.key.cmp(key))
    }
}

impl FromIterator<Timer> for Timers {
    fn from_iter<I: IntoIterator<Item = Timer>>(timers: I) -> Self {
        let mut all = Timers::default();
        for timer in timers {
            all.insert(timer);
        }
        all
    }
}
