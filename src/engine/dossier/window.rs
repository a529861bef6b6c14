//! How many keys differ among consecutive records, counted on from one question to the next.

use std::collections::VecDeque;

use chrono::TimeDelta;

/// A key's number within a column.
pub type KeyNumber = u16;

/// The number of a record that has no key.
pub const NO_KEY: KeyNumber = KeyNumber::MAX;

// so that there is a number for each key, and a count for each number of records
const _: () = assert!(super::MAX_PER_KIND < KeyNumber::MAX as usize);

/// How often each key occurs from one place of a column up to before another. Questions come mostly in order, so
/// each moves the ends a little, and only what lies between is counted.
#[derive(Clone, Debug)]
pub struct Window {
    /// How far back its questions look; `None`: all the way.
    pub span: Option<TimeDelta>,
    start: usize,
    end: usize,
    counts: Vec<u16>,
    distinct: usize,
}

impl Window {
    /// One that holds nothing yet.
    pub fn new(span: Option<TimeDelta>) -> Self {
        Window { span, start: 0, end: 0, counts: Vec::new(), distinct: 0 }
    }

    /// How many places its ends would have to move.
    pub fn distance(&self, start: usize, end: usize) -> usize {
        self.start.abs_diff(start) + self.end.abs_diff(end)
    }

    /// How many keys differ from `start` up to before `end`.
    pub fn distinct(&mut self, keys: &VecDeque<KeyNumber>, start: usize, end: usize) -> usize {
        if self.distance(start, end) > end - start {
            self.clear(start);
        }
        while self.start > start {
            self.start -= 1;
            self.add(keys.get(self.start));
        }
        while self.end < end {
            self.add(keys.get(self.end));
            self.end += 1;
        }
        while self.start < start {
            self.take(keys.get(self.start));
            self.start += 1;
        }
        while self.end > end {
            self.end -= 1;
            self.take(keys.get(self.end));
        }
        self.distinct
    }

    /// A record came to stand at a place; those from there on move up.
    pub fn inserted(&mut self, place: usize, key: KeyNumber) {
        if place <= self.start {
            self.start += 1;
            self.end += 1;
        } else if place < self.end {
            self.end += 1;
            self.add(Some(&key));
        }
    }

    /// The record at a place is gone; those after it move down.
    pub fn removed(&mut self, place: usize, key: KeyNumber) {
        if place < self.start {
            self.start -= 1;
            self.end -= 1;
        } else if place < self.end {
            self.end -= 1;
            self.take(Some(&key));
        }
    }

    fn clear(&mut self, place: usize) {
        self.counts.fill(0);
        (self.start, self.end, self.distinct) = (place, place, 0);
    }

    fn add(&mut self, key: Option<&KeyNumber>) {
        let Some(&key) = key.filter(|key| **key != NO_KEY) else { return };
        let key = usize::from(key);
        if key >= self.counts.len() {
            self.counts.resize(key + 1, 0);
        }
        if let Some(count) = self.counts.get_mut(key) {
            self.distinct += usize::from(*count == 0);
            *count += 1;
        }
    }

    fn take(&mut self, key: Option<&KeyNumber>) {
        if let Some(count) = key.and_then(|key| self.counts.get_mut(usize::from(*key))) {
            *count = count.saturating_sub(1);
            self.distinct -= usize::from(*count == 0);
        }
    }
}
