//! The gaps between the last instants of some kinds, kept from one question to the next: a lodging is asked at every
//! record of its own.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};

use super::Dossier;
use super::run::{Order, Run, Stretch};
use crate::engine::prefetch::touch;
use crate::record::schema::KindId;
use crate::record::{Record, RecordKey};

/// The most questions that are kept; each asks about other kinds or more instants.
const MAX_KEPT: usize = 4;

/// So many of them lie beside each other in one line of the memory.
const GAPS_A_LINE: usize = 8;

/// The last instants up to a place of the order, each once, with what lies between them. Of what is kept no record
/// comes after the place.
#[derive(Clone, Debug)]
pub struct Gaps {
    kinds: Box<[KindId]>,
    most: usize,
    until: (DateTime<Utc>, RecordKey),
    /// In milliseconds since 1970.
    instants: VecDeque<i64>,
    /// The gaps in milliseconds, by length.
    rising: Vec<i64>,
}

impl Dossier {
    /// The gaps in milliseconds between the last instants of some kinds up to and including a trigger, at most `most`
    /// instants; rising.
    pub fn gaps_until<T>(&self, kinds: &[KindId], trigger: &Record, most: usize, ask: impl FnOnce(&[i64]) -> T) -> T {
        let Some(many) = &self.many else { return ask(&Gaps::new(self, kinds, trigger, most).rising) };
        let mut kept = many.gaps.borrow_mut();
        let known = kept.iter().find(|gaps| *gaps.kinds == *kinds && gaps.most == most);
        if let Some(gaps) = known.filter(|gaps| gaps.until() == trigger.order()) {
            return ask(&gaps.rising);
        }
        let gaps = Gaps::new(self, kinds, trigger, most);
        let answer = ask(&gaps.rising);
        // a question about the past is seldom, and no reason to forget what is known of the present
        if known.is_none() && self.newest(kinds).is_none_or(|newest| newest.record.order() <= gaps.until()) {
            kept.truncate(MAX_KEPT - 1);
            kept.insert(0, gaps);
        }
        answer
    }

    /// Takes a record that joined into the gaps; those are forgotten among which it comes.
    pub(super) fn note_in_gaps(&mut self, record: &Record) {
        if let Some(many) = &mut self.many {
            many.gaps.get_mut().retain_mut(|gaps| gaps.take_in(record) || !gaps.would_change(record));
        }
    }

    /// Forgets the gaps that a record which left would change.
    pub(super) fn forget_gaps(&mut self, record: &Record) {
        if let Some(many) = &mut self.many {
            many.gaps.get_mut().retain(|gaps| !gaps.would_change(record));
        }
    }

    /// The last instants of some kinds up to and including a trigger, in milliseconds, rising, each once, at most `most`.
    fn instants_until(&self, kinds: &[KindId], trigger: &Record, most: usize) -> VecDeque<i64> {
        let stretch = Stretch { from: None, until: Some(trigger.order()) };
        let mut rests: Vec<Run<'_>> = kinds.iter().map(|kind| self.within(*kind, stretch)).collect();
        let mut instants = VecDeque::with_capacity(most);
        let newest = |rest: &Run<'_>| rest.last().map(|last| last.record.occurred_at);
        while instants.len() < most
            && let Some(at) = rests.iter().filter_map(newest).max()
        {
            if instants.front() != Some(&at.timestamp_millis()) {
                instants.push_front(at.timestamp_millis());
            }
            for rest in rests.iter_mut().filter(|rest| newest(rest) == Some(at)) {
                *rest = rest.slice(0, rest.count_before(at));
            }
        }
        instants
    }
}

impl Gaps {
    fn new(dossier: &Dossier, kinds: &[KindId], trigger: &Record, most: usize) -> Self {
        let instants = dossier.instants_until(kinds, trigger, most);
        let pairs = instants.iter().zip(instants.iter().skip(1));
        let mut rising: Vec<i64> = pairs.map(|(earlier, later)| later - earlier).collect();
        rising.sort_unstable();
        Gaps { kinds: kinds.into(), most, until: place_of(trigger), instants, rising }
    }

    /// Has what is kept brought from memory.
    pub(super) fn prefetch(&self) {
        touch((self.instants.front().copied(), self.instants.back().copied()));
        self.rising.iter().step_by(GAPS_A_LINE).copied().for_each(touch);
    }

    fn until(&self) -> Order<'_> {
        (self.until.0, &self.until.1)
    }

    /// Takes a record in that comes after the place; whether it does.
    fn take_in(&mut self, record: &Record) -> bool {
        let comes_after = self.kinds.contains(&record.kind) && record.order() > self.until();
        if comes_after {
            self.push(record.occurred_at.timestamp_millis());
            self.until = place_of(record);
        }
        comes_after
    }

    fn push(&mut self, at: i64) {
        let last = self.instants.back().copied();
        if last == Some(at) {
            return;
        }
        if let Some(last) = last {
            let gap = at - last;
            self.rising.insert(self.rising.partition_point(|known| *known < gap), gap);
        }
        self.instants.push_back(at);
        if self.instants.len() > self.most
            && let (Some(first), Some(second)) = (self.instants.pop_front(), self.instants.front())
            && let Ok(place) = self.rising.binary_search(&(second - first))
        {
            self.rising.remove(place);
        }
    }

    fn would_change(&self, record: &Record) -> bool {
        let is_full = self.instants.len() == self.most;
        let at = record.occurred_at.timestamp_millis();
        let is_before = || is_full && self.instants.front().is_some_and(|first| at < *first);
        // most come after it
        record.order() <= self.until() && self.kinds.contains(&record.kind) && !is_before()
    }
}

fn place_of(record: &Record) -> (DateTime<Utc>, RecordKey) {
    (record.occurred_at, record.key.clone())
}
