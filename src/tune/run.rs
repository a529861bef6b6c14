//! A replay of some subjects under one setting, counted for the settings that it stands for.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use crate::alert::Finding;
use crate::engine::Judged;
use crate::entry::{Entry, EntryBody, Step};
use crate::machine::{Machine, Share};
use crate::route;
use crate::subject::Subject;

use super::classes::Shares;
use super::curve::{Cell, Opened, Tally, Told};
use super::setting::Setting;
use super::{History, Plan};

/// Which subjects a replay counts.
pub enum Who {
    /// All of some group, for the settings at these places.
    All(Arc<Group>, Vec<usize>),
    /// These, each for its settings.
    Some(Shares),
}

/// Subjects that are replayed together.
#[derive(Debug, Default)]
pub struct Group {
    /// The subjects.
    pub subjects: HashSet<Subject>,
    /// The places of the entries that are about them, rising.
    pub entries: Vec<usize>,
}

impl Group {
    /// Of some subjects.
    pub fn new<'a>(history: &History, subjects: impl Iterator<Item = &'a Subject>) -> Self {
        let subjects: HashSet<Subject> = subjects.cloned().collect();
        let entries = places(history, subjects.iter());
        Group { subjects, entries }
    }
}

fn places<'a>(history: &History, subjects: impl Iterator<Item = &'a Subject>) -> Vec<usize> {
    let mut places: Vec<usize> =
        subjects.filter_map(|subject| history.by_subject.get(subject)).flatten().copied().collect();
    places.sort_unstable();
    places.dedup();
    places
}

/// What a replay counted.
#[derive(Debug, Default)]
pub struct Counted {
    /// By the place of the setting.
    pub tallies: HashMap<usize, Tally>,
    /// Who is told of alerts of a rule in a kabupaten.
    pub told: Told,
    /// How judgements ended.
    pub judged: BTreeMap<(Arc<str>, Judged), u64>,
}

/// Replays.
pub fn run(plan: &Plan, history: &History, setting: Setting, who: &Who) -> Counted {
    let mut machine = Machine::for_share(Arc::new(plan.settings.world(&plan.pack, setting)), Share::ALL);
    let mut counted = Counted::default();
    let mut take = |steps: Vec<Step>| steps.iter().for_each(|step| counted.take(plan, who, step));
    let own;
    let places = match who {
        Who::All(group, _) => &group.entries,
        Who::Some(shares) => {
            own = places(history, shares.keys());
            &own
        }
    };
    let entries = places.iter().filter_map(|place| history.entries.get(*place));
    entries.for_each(|entry| take(machine.process(entry)));
    if let Some(steps) = finish(&mut machine, history) {
        take(steps);
    }
    counted.judged = machine.take_tally().endings(&plan.pack);
    counted
}

/// Lets the time up to the log's end pass.
fn finish(machine: &mut Machine, history: &History) -> Option<Vec<Step>> {
    let (position, at) = history.end?;
    Some(machine.process(&Entry { position, at, body: EntryBody::Tick }))
}

impl Counted {
    fn take(&mut self, plan: &Plan, who: &Who, step: &Step) {
        let places: &[usize] = match who {
            Who::All(group, places) if group.subjects.contains(&step.subject) => places,
            Who::All(..) => &[],
            Who::Some(shares) => shares.get(&step.subject).map_or(&[], Vec::as_slice),
        };
        if places.is_empty() {
            return;
        }
        for disposed in &step.effects.dispositions {
            let finding = &disposed.finding;
            if !plan.is_moved(finding.rule()) {
                continue;
            }
            self.tell(plan, finding);
            let cell = Cell {
                rule: finding.rule().clone(),
                phase: finding.about.phase.clone(),
                kabupaten: finding.about.kabupaten.clone(),
                day: plan.pack.timeline.date(finding.about.at),
            };
            for place in places {
                let tally = self.tallies.entry(*place).or_default();
                tally.count(&cell, &disposed.disposition);
                if matches!(disposed.disposition, crate::alert::Disposition::Open) && matches!(who, Who::All(..)) {
                    tally.opened.insert(Opened {
                        rule: finding.rule().clone(),
                        subject: finding.about.subject.clone(),
                        record: finding.about.trigger.clone(),
                        at: finding.about.occurred_at,
                    });
                }
            }
        }
    }

    fn tell(&mut self, plan: &Plan, finding: &Finding) {
        let place = (finding.rule().clone(), finding.about.kabupaten.clone());
        self.told
            .entry(place)
            .or_insert_with(|| route::responsible(&plan.pack, finding).map(|agency| agency.id.clone()).collect());
    }
}
