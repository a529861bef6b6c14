//! One pass over the subjects: where the threshold decides, and at which settings it decides for a finding.

use std::sync::Arc;

use crate::engine::World;
use crate::engine::dossier::{Dossier, Logged};
use crate::engine::judge::{Bench, reaches_back};
use crate::engine::operand::{Meeting, Reach};
use crate::entry::EntryBody;
use crate::pack::rule::Rule;
use crate::record::Record;
use crate::subject::{Subject, subject_of};

use super::coverage::Judgements;
use super::history::History;
use super::near::{self, Nearest};
use super::{Plan, workers};

/// Subjects that one worker takes at a time.
const CHUNK: usize = 256;

/// A subject for which something can come out.
#[derive(Debug)]
pub struct Deciding {
    /// The subject.
    pub subject: Subject,
    /// Each trigger was judged once: nothing came late and nothing was revised.
    pub in_order: bool,
    /// A rule that does not read the threshold can find something.
    pub beside: bool,
    /// For each judgement that holds at some setting, the places of those settings.
    pub holds: Vec<Vec<usize>>,
}

/// What the pass saw.
#[derive(Debug, Default)]
pub struct Observed {
    /// Subjects for which something can come out, in their order.
    pub deciding: Vec<Deciding>,
    /// How far the triggers got.
    pub judgements: Judgements,
    /// The triggers closest to firing.
    pub nearest: Nearest,
    /// The numbers that were compared with the threshold as it stands.
    pub operands: Vec<f64>,
}

/// The settings to look at; the last is how it is now.
pub struct Pass<'a> {
    /// What is to be found out.
    pub plan: &'a Plan,
    /// The records.
    pub history: &'a History,
    /// The rules under each setting.
    pub worlds: &'a [World],
    /// The values of the settings but the last.
    pub values: &'a [f64],
}

impl Pass<'_> {
    /// Passes all subjects.
    pub fn run(&self) -> Observed {
        let mut subjects: Vec<&Subject> = self.history.by_subject.keys().collect();
        subjects.sort_unstable();
        let chunks: Vec<&[&Subject]> = subjects.chunks(CHUNK).collect();
        let parts = workers::each(&chunks, |chunk| {
            let mut observed = Observed::default();
            chunk.iter().for_each(|subject| self.subject(subject, &mut observed));
            observed
        });
        parts.into_iter().fold(Observed::default(), |mut all, part| {
            all.deciding.extend(part.deciding);
            all.judgements.add(&part.judgements);
            all.nearest.add(part.nearest);
            all.operands.extend(part.operands);
            all
        })
    }

    fn now(&self) -> Option<&World> {
        self.worlds.last()
    }

    fn subject(&self, subject: &Subject, observed: &mut Observed) {
        let Some(now) = self.now() else { return };
        let rules = || self.plan.pack.rules.iter().filter(|rule| rule.per == subject.kind);
        let mut dossier = Dossier::default();
        // a rule that waits is not looked into: it may find something
        let beside = rules().any(|rule| rule.deadline.is_some());
        let mut deciding = Deciding { subject: subject.clone(), in_order: true, beside, holds: Vec::new() };
        let mut seen = Observed::default();
        for index in self.history.by_subject.get(subject).into_iter().flatten() {
            let Some(entry) = self.history.entries.get(*index) else { continue };
            let EntryBody::Record { record, before } = &entry.body else { continue };
            let old = before.contains(subject).then(|| dossier.find_any(&record.key)).flatten();
            let old = old.map(|logged| logged.record.clone());
            if let Some(old) = &old {
                deciding.in_order = false;
                dossier.remove(old);
            }
            let stays = !record.withdrawn && subject_of(record, subject.kind).as_ref() == Some(subject);
            let new = stays.then(|| Logged { record: record.clone(), position: entry.position });
            if let Some(new) = &new {
                dossier.insert(new.clone());
            }
            for rule in rules().filter(|rule| rule.deadline.is_none()) {
                let again = judged_again(rule, &dossier, old.as_deref(), new.as_ref());
                deciding.in_order &= again.is_empty();
                let first = new.iter().filter(|new| rule.on.contains(&new.record.kind)).map(|new| &new.record);
                for trigger in first.chain(&again) {
                    let bench = Bench { world: now, rule, subject, dossier: &dossier, trigger };
                    self.judge(&bench, &mut deciding, &mut seen);
                }
            }
        }
        if !deciding.in_order {
            self.look_back(now, subject, &dossier, &mut seen);
        }
        observed.judgements.add(&seen.judgements);
        observed.nearest.add(seen.nearest);
        observed.operands.extend(seen.operands);
        if deciding.beside || !deciding.holds.is_empty() {
            observed.deciding.push(deciding);
        }
    }

    fn judge(&self, bench: &Bench<'_>, deciding: &mut Deciding, seen: &mut Observed) {
        if !self.plan.is_reader(bench.rule) {
            deciding.beside |= matches!(bench.reach(None), Ok(Reach::Open(_)));
            return;
        }
        let reach = bench.reach(Some(self.plan.threshold));
        if let Ok(Reach::Open(meeting)) = &reach {
            let holds = self.holds(bench, meeting);
            self.note(bench, meeting, &holds, seen);
            if !holds.is_empty() {
                deciding.holds.push(holds);
            }
        }
        seen.judgements.note(bench.rule, &reach);
    }

    /// The places of the settings at which a trigger is a finding.
    fn holds(&self, bench: &Bench<'_>, meeting: &Meeting) -> Vec<usize> {
        let under = |world| Bench { world, ..*bench }.holds_at(meeting);
        self.worlds.iter().enumerate().filter(|(_, world)| under(world)).map(|(place, _)| place).collect()
    }

    fn note(&self, bench: &Bench<'_>, meeting: &Meeting, holds: &[usize], seen: &mut Observed) {
        let Some(compared) = bench.compared(meeting, self.plan.threshold) else { return };
        if let (true, Some(operand)) = (compared.is_plain, near::as_number(&compared.operand)) {
            seen.operands.push(operand);
        }
        if holds.last() != Some(&self.values.len()) {
            let at: Vec<f64> = holds.iter().filter_map(|place| self.values.get(*place)).copied().collect();
            seen.nearest.offer(|| near::below(bench, meeting, &compared, self.plan, &at));
        }
    }

    /// Where triggers were judged more than once, what counts is how they stand in the end.
    fn look_back(&self, now: &World, subject: &Subject, dossier: &Dossier, seen: &mut Observed) {
        seen.judgements = Judgements::default();
        seen.nearest = Nearest::default();
        let mut aside = Deciding { subject: subject.clone(), in_order: false, beside: false, holds: Vec::new() };
        for rule in self.plan.readers.iter().filter(|rule| rule.per == subject.kind) {
            for trigger in rule.on.iter().flat_map(|kind| dossier.of_kind(*kind)) {
                let bench = Bench { world: now, rule, subject, dossier, trigger: &trigger.record };
                self.judge(&bench, &mut aside, seen);
            }
        }
    }
}

/// The triggers that a record makes the engine judge again, or more: later ones that look back to it.
fn judged_again(rule: &Rule, dossier: &Dossier, old: Option<&Record>, new: Option<&Logged>) -> Vec<Arc<Record>> {
    let touched = [old, new.map(|new| new.record.as_ref())];
    let touched = || touched.iter().flatten();
    let Some(first) = touched().map(|record| record.order()).min() else { return Vec::new() };
    if !touched().any(|record| rule.reads.contains(&record.kind)) {
        return Vec::new();
    }
    let reached = |trigger: &Record| {
        touched().any(|touched| reaches_back(rule.looks_back, trigger.occurred_at, touched.occurred_at))
    };
    let is_other = |trigger: &Record| touched().all(|touched| touched.key != trigger.key);
    let later = dossier.after(&rule.on, first).into_iter().map(|logged| &logged.record);
    later.filter(|trigger| is_other(trigger) && reached(trigger)).cloned().collect()
}
