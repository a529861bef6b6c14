//! One pass over the subjects: where the threshold decides, and at which settings it decides for a finding.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::FixedState;

use crate::engine::World;
use crate::engine::dossier::{Dossier, Logged};
use crate::engine::judge::{Bench, reaches_back};
use crate::engine::operand::{MOST_TURNING, Meeting, Reach, Turns};
use crate::entry::EntryBody;
use crate::pack::rule::Rule;
use crate::record::{Record, RecordKey};
use crate::subject::{Subject, subject_of};

use super::coverage::{End, Judgements};
use super::history::History;
use super::near::{self, NearMiss, Nearest};
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
        let mut standing = Standing::default();
        for index in self.history.by_subject.get(subject).into_iter().flatten() {
            let Some(entry) = self.history.entries.get(*index) else { continue };
            let EntryBody::Record { record, before } = &entry.body else { continue };
            let old = before.contains(subject).then(|| dossier.find_any(&record.key)).flatten();
            let old = old.map(|logged| logged.record.clone());
            if let Some(old) = &old {
                deciding.in_order = false;
                dossier.remove(old);
                standing.retain(|(_, key), _| *key != record.key);
            }
            let stays = !record.withdrawn && subject_of(record, subject.kind).as_ref() == Some(subject);
            let new = stays.then(|| Logged::new(record.clone(), entry.position));
            if let Some(new) = &new {
                dossier.insert(new.clone());
            }
            for rule in rules().filter(|rule| rule.deadline.is_none()) {
                let again = judged_again(rule, &dossier, old.as_deref(), new.as_ref());
                deciding.in_order &= again.is_empty();
                let first = new.iter().filter(|new| rule.on.contains(&new.record.kind)).map(|new| &new.record);
                for trigger in first.chain(&again) {
                    let bench = Bench { world: now, rule, subject, dossier: &dossier, trigger };
                    self.judge(&bench, &mut deciding, &mut standing, observed);
                }
            }
        }
        for ((rule, _), Stands { end, near }) in standing {
            observed.judgements.note(&rule, end);
            near.into_iter().for_each(|near| observed.nearest.offer(near));
        }
        if deciding.beside || !deciding.holds.is_empty() {
            observed.deciding.push(deciding);
        }
    }

    /// Judges a trigger; what it stands at last counts, whatever it stood at before something came late.
    fn judge(&self, bench: &Bench<'_>, deciding: &mut Deciding, standing: &mut Standing, observed: &mut Observed) {
        if !self.plan.is_reader(bench.rule) {
            deciding.beside |= matches!(bench.reach(None), Ok(Reach::Open(_)));
            return;
        }
        let reach = bench.reach(Some(self.plan.threshold));
        let mut stands = Stands { end: End::of(&reach), near: None };
        if let Ok(Reach::Open(meeting)) = &reach {
            let holds = self.holds(bench, meeting);
            stands.near = self.look(bench, meeting, &holds, observed);
            if !holds.is_empty() {
                deciding.holds.push(holds);
            }
        }
        standing.insert((bench.rule.id.clone(), bench.trigger.key.clone()), stands);
    }

    /// The places of the settings at which a trigger is a finding.
    fn holds(&self, bench: &Bench<'_>, meeting: &Meeting) -> Vec<usize> {
        let under = |world: &World| Bench { world, ..*bench }.holds_at(meeting);
        let values = self.worlds.get(..self.values.len()).unwrap_or_default();
        let is_small = self.values.iter().all(|value| value.abs() <= MOST_TURNING);
        let mut holds: Vec<usize> = match meeting.turns().filter(|_| is_small) {
            Some(Turns::HoldsBelow) => (0..values.partition_point(&under)).collect(),
            Some(Turns::HoldsAbove) => (values.partition_point(|world| !under(world))..values.len()).collect(),
            None => (0..values.len()).filter(|place| values.get(*place).is_some_and(&under)).collect(),
        };
        holds.extend(self.now().is_some_and(&under).then_some(values.len()));
        holds
    }

    fn look(&self, bench: &Bench<'_>, meeting: &Meeting, holds: &[usize], observed: &mut Observed) -> Option<NearMiss> {
        let compared = bench.compared(meeting, self.plan.threshold)?;
        if let (true, Some(operand)) = (compared.is_plain, near::as_number(&compared.operand)) {
            observed.operands.push(operand);
        }
        if holds.last() == Some(&self.values.len()) {
            return None;
        }
        let at: Vec<f64> = holds.iter().filter_map(|place| self.values.get(*place)).copied().collect();
        near::below(bench, meeting, compared, self.plan, &at)
    }
}

/// How the triggers of a subject stand, by rule and record.
type Standing = HashMap<(Arc<str>, RecordKey), Stands, FixedState>;

struct Stands {
    end: End,
    near: Option<NearMiss>,
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
