//! How judgements end, counted: each ends in exactly one way, also those that the index spares.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use foldhash::fast::FixedState;

use crate::pack::Pack;
use crate::pack::rule::Rule;
use crate::record::schema::KindId;
use crate::record::slot::Fields;
use crate::subject::SubjectKind;

use super::Judged;

/// How many judgements ended how.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    arrivals: HashMap<Arrival, u64, FixedState>,
    by_rule: HashMap<Arc<str>, Ended, FixedState>,
}

/// The judgements of one rule.
#[derive(Clone, Copy, Debug, Default)]
struct Ended {
    /// Those of arrivals, which the index did not spare.
    asked: u64,
    /// All, by how they ended.
    ended: [u64; Judged::ALL.len()],
}

/// What of a record decides how judgements end without looking at its conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Arrival {
    kind: KindId,
    /// One bit for each kind of subject that it states.
    subjects: u8,
    /// The phase, by its place; `None` outside the pack's area.
    phase: Option<usize>,
}

impl Tally {
    /// A record that is new to everybody came: every rule that it triggers is judged, most of them by the index alone.
    pub fn arrived<F: Fields>(
        &mut self,
        record: &F,
        subjects: impl Iterator<Item = SubjectKind>,
        phase: Option<usize>,
    ) {
        let subjects = subjects.fold(0, |all, kind| all | bit(kind));
        *self.arrivals.entry(Arrival { kind: record.kind(), subjects, phase }).or_default() += 1;
    }

    /// A judgement ended; one of an arrival is among those that the index would else have counted as spared.
    pub fn ended(&mut self, rule: &Arc<str>, judged: Judged, is_arrival: bool) {
        let known = self.by_rule.entry(rule.clone()).or_default();
        known.asked += u64::from(is_arrival);
        known.ended.iter_mut().zip(Judged::ALL).filter(|(_, ending)| *ending == judged).for_each(|(n, _)| *n += 1);
    }

    /// Another pack judges from here on: what this one's index spared is counted as its rules ended.
    pub fn close(&mut self, pack: &Pack) {
        let endings = self.endings(pack);
        *self = Tally::default();
        for ((rule, judged), count) in endings {
            let known = self.by_rule.entry(rule).or_default();
            known
                .ended
                .iter_mut()
                .zip(Judged::ALL)
                .filter(|(_, ending)| *ending == judged)
                .for_each(|(n, _)| *n += count);
        }
    }

    /// Takes the counts of another in.
    pub fn absorb(&mut self, other: Tally) {
        other.arrivals.into_iter().for_each(|(arrival, count)| *self.arrivals.entry(arrival).or_default() += count);
        for (rule, Ended { asked, ended }) in other.by_rule {
            let known = self.by_rule.entry(rule).or_default();
            known.asked += asked;
            known.ended.iter_mut().zip(ended).for_each(|(known, more)| *known += more);
        }
    }

    /// The counts by rule and ending.
    pub fn endings(&self, pack: &Pack) -> BTreeMap<(Arc<str>, Judged), u64> {
        let mut endings: BTreeMap<(Arc<str>, Judged), u64> = BTreeMap::new();
        for (rule, known) in &self.by_rule {
            let ended = Judged::ALL.into_iter().zip(known.ended).filter(|(_, count)| *count > 0);
            endings.extend(ended.map(|(judged, count)| ((rule.clone(), judged), count)));
        }
        for rule in pack.rules.iter().filter(|rule| rule.judges()) {
            let asked = self.by_rule.get(&rule.id).map_or(0, |known| known.asked);
            let mut spared: BTreeMap<Judged, u64> = BTreeMap::new();
            for (arrival, count) in self.arrivals.iter().filter(|(arrival, _)| rule.on.contains(&arrival.kind)) {
                if let Some(judged) = arrival.ending(rule) {
                    *spared.entry(judged).or_default() += count;
                }
            }
            if let Some(count) = spared.get_mut(&Judged::NotHeld) {
                *count = count.saturating_sub(asked);
            }
            for (judged, count) in spared.into_iter().filter(|(_, count)| *count > 0) {
                *endings.entry((rule.id.clone(), judged)).or_default() += count;
            }
        }
        endings
    }
}

impl Arrival {
    /// How a rule ends that was not asked; `None` for one with a deadline, which is always asked where there is a subject.
    fn ending(&self, rule: &Rule) -> Option<Judged> {
        if self.subjects & bit(rule.per) == 0 {
            return Some(Judged::NoSubject);
        }
        if rule.deadline.is_some() {
            return None;
        }
        let is_active = |phase: usize| rule.phases.get(phase).copied().unwrap_or(false);
        Some(match self.phase {
            // where the finding belongs is known only once it is asked
            _ if rule.area.is_some() => Judged::NotHeld,
            None => Judged::OutsideArea,
            Some(phase) if !is_active(phase) => Judged::NotInPhase,
            Some(_) => Judged::NotHeld,
        })
    }
}

fn bit(kind: SubjectKind) -> u8 {
    1 << (kind as u8)
}
