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
    /// Of the pack that judges, by the place of the rule.
    by_rule: Vec<Ended>,
    /// Of packs before it.
    before: BTreeMap<(Arc<str>, Judged), u64>,
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

    /// A judgement ended of the rule at a place; one of an arrival is among those that the index would else have counted
    /// as spared.
    pub fn ended(&mut self, rule: u32, judged: Judged, is_arrival: bool) {
        let rule = rule as usize;
        if self.by_rule.len() <= rule {
            self.by_rule.resize(rule + 1, Ended::default());
        }
        let Some(known) = self.by_rule.get_mut(rule) else { return };
        known.asked += u64::from(is_arrival);
        if let Some(count) = known.ended.get_mut(judged as usize) {
            *count += 1;
        }
    }

    /// Another pack judges from here on: what this one's index spared is counted as its rules ended.
    pub fn close(&mut self, pack: &Pack) {
        *self = Tally { before: self.endings(pack), ..Tally::default() };
    }

    /// Takes the counts of another in, of the same pack.
    pub fn absorb(&mut self, other: Tally) {
        other.arrivals.into_iter().for_each(|(arrival, count)| *self.arrivals.entry(arrival).or_default() += count);
        other.before.into_iter().for_each(|(ending, count)| *self.before.entry(ending).or_default() += count);
        let missing = other.by_rule.len().saturating_sub(self.by_rule.len());
        self.by_rule.extend(std::iter::repeat_n(Ended::default(), missing));
        for (known, Ended { asked, ended }) in self.by_rule.iter_mut().zip(other.by_rule) {
            known.asked += asked;
            known.ended.iter_mut().zip(ended).for_each(|(known, more)| *known += more);
        }
    }

    /// The counts by rule and ending.
    pub fn endings(&self, pack: &Pack) -> BTreeMap<(Arc<str>, Judged), u64> {
        let mut endings = self.before.clone();
        for (rule, known) in pack.rules.iter().zip(&self.by_rule) {
            let ended = Judged::ALL.into_iter().zip(known.ended).filter(|(_, count)| *count > 0);
            ended.for_each(|(judged, count)| *endings.entry((rule.id.clone(), judged)).or_default() += count);
        }
        for (place, rule) in pack.rules.iter().enumerate().filter(|(_, rule)| rule.judges()) {
            let asked = self.by_rule.get(place).map_or(0, |known| known.asked);
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
