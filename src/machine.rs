//! The subjects, their waiting deadlines and the calendar: one entry in, the steps that it causes out.

mod failing;
mod share;
mod subjects;

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::engine::dossier::Logged;
use crate::engine::index::Lookup;
use crate::engine::tally::Tally;
use crate::engine::trace::{self, Trace};
use crate::engine::{Case, Changes, Event, Instant, Judged, World, step};
use crate::entry::{Cause, Effects, Entry, EntryBody, Position, Step, ThresholdChange, Timer};
use crate::pack::Pack;
use crate::record::Record;
use crate::subject::{Subject, SubjectKind, states, subject_of, subjects_of};
use crate::triage::apply::Triage;

use failing::Failing;
use subjects::{Number, Stated, Subjects};

pub use share::Share;

/// Evaluates entries in their order. It holds the cases that it has been given; the others it asks for.
#[derive(Debug)]
pub struct Machine {
    world: Arc<World>,
    share: Share,
    subjects: Subjects,
    boundaries: Vec<DateTime<Utc>>,
    now: DateTime<Utc>,
    lookup: Lookup,
    tally: Tally,
    /// What was set at run time, which stays over every pack.
    set: Vec<(Position, ThresholdChange)>,
    failing: Failing,
    /// Set where somebody wants to know why.
    traces: Option<Vec<Trace>>,
    tells: Tells,
    /// Room for what the next step changes.
    changes: Changes,
}

impl Machine {
    /// Before the first entry.
    pub fn new(pack: Arc<Pack>) -> Self {
        Machine::for_share(Arc::new(World::new(pack)), Share::ALL)
    }

    /// Before the first entry, for some of the subjects.
    pub fn for_share(world: Arc<World>, share: Share) -> Self {
        let boundaries = world.pack.timeline.boundaries();
        Machine {
            world,
            share,
            subjects: Subjects::default(),
            boundaries,
            now: DateTime::<Utc>::MIN_UTC,
            lookup: Lookup::default(),
            tally: Tally::default(),
            set: Vec::new(),
            failing: Failing::default(),
            traces: None,
            tells: Tells::All,
            changes: Changes::default(),
        }
    }

    /// The same, telling less.
    pub fn telling(self, tells: Tells) -> Self {
        Machine { tells, ..self }
    }

    /// The same, keeping a trace of every judgement until it is asked for. Nothing is spared by the index: what stops a
    /// rule at once is told too.
    pub fn traced(self) -> Self {
        let world = Arc::new(World::new(self.world.pack.clone()).without_index());
        Machine { traces: Some(Vec::new()), world, ..self }
    }

    /// The traces since this was last asked for, in the order of judging.
    pub fn take_traces(&mut self) -> Vec<Trace> {
        self.traces.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// The pack that judges, with the thresholds set over it.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// How far time has passed.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// What is known of a subject.
    pub fn case(&self, subject: &Subject) -> Option<&Case> {
        self.subjects.case_of(subject)
    }

    /// The judgements since this was last asked for.
    pub fn take_tally(&mut self) -> Tally {
        std::mem::take(&mut self.tally)
    }

    /// Goes on where a log stands: its last instant, what waits, what is open, what was set.
    pub fn resume(&mut self, resume: Resume) {
        self.now = resume.now;
        self.subjects = Subjects::default();
        resume.timers.into_iter().for_each(|(subject, timer)| self.subjects.wait(&subject, timer));
        resume.with_alerts.iter().for_each(|subject| self.subjects.alerted(subject));
        self.set = resume.thresholds;
        self.set_thresholds();
    }

    fn set_thresholds(&mut self) {
        if !self.set.is_empty() {
            let set = self.set.iter().map(|(position, change)| (*position, change));
            Arc::make_mut(&mut self.world).set_thresholds(set);
        }
    }

    /// Lets another pack judge. It is to be called right before the pack's entry is processed, when all that the machine
    /// evaluated is kept: it lets go of its cases, which hold records as the pack before reads them.
    pub fn take_pack(&mut self, pack: Arc<Pack>) {
        self.forget();
        self.boundaries = pack.timeline.boundaries();
        self.world = Arc::new(World::new(pack));
        self.set_thresholds();
        self.lookup = Lookup::default();
        self.failing = Failing::default();
    }

    /// The rules that have failed so often in a row that they should be stopped; each is named once.
    pub fn take_failing(&mut self) -> Vec<Arc<str>> {
        self.failing.take()
    }

    /// The pack that judges.
    pub fn pack(&self) -> &Arc<Pack> {
        &self.world.pack
    }

    /// When something is due that no entry has brought yet: a deadline or a phase boundary.
    pub fn next_due(&mut self) -> Option<DateTime<Utc>> {
        self.subjects.next_due().into_iter().chain(self.boundary_after(self.now)).min()
    }

    /// The subjects that some entries are about, whose cases this machine does not hold.
    pub fn needs(&mut self, entries: &[Entry]) -> Vec<Subject> {
        let mut needed = BTreeSet::new();
        for entry in entries {
            match &entry.body {
                EntryBody::Record { record, before } => needed.extend(self.concerned(record, before)),
                EntryBody::Act { subject, .. } => {
                    needed.insert(subject.clone());
                }
                EntryBody::Threshold(_) | EntryBody::Tick | EntryBody::Pack { .. } => {}
            }
        }
        self.not_held(needed)
    }

    /// The subjects that time or a threshold brings to an entry, whose cases this machine does not hold.
    pub fn needs_in_time(&self, entry: &Entry) -> Vec<Subject> {
        let mut needed = BTreeSet::new();
        let passed = self.boundaries.iter().filter(|at| **at > self.now && **at <= entry.at);
        needed.extend(self.watched_at(passed.copied()));
        if matches!(entry.body, EntryBody::Threshold(_) | EntryBody::Pack { .. }) {
            needed.extend(self.timed());
        }
        needed.extend(self.subjects.due_until(entry.at).cloned());
        self.not_held(needed)
    }

    fn not_held(&self, needed: BTreeSet<Subject>) -> Vec<Subject> {
        needed.into_iter().filter(|subject| !self.subjects.holds(subject)).collect()
    }

    /// Takes a case in, as it was before the entry that needs it, or before an earlier one that is still to come.
    pub fn admit(&mut self, case: Case) {
        self.subjects.admit(case);
    }

    /// How many cases it holds.
    pub fn held(&self) -> usize {
        self.subjects.held()
    }

    /// Lets go of all cases; they are asked for again.
    pub fn forget(&mut self) {
        self.subjects.forget();
    }

    /// Lets go of the cases that were not used since this was last called: a busy lodging stays, its guests of this morning
    /// and the cases of single records go. The first call only looks.
    pub fn forget_idle(&mut self) {
        self.subjects.forget_idle();
    }

    /// Has what is known of the subjects of some entries, and of those for which something is due until then, brought
    /// from memory. It changes nothing, and is worth it where most subjects have not been heard of for long.
    pub fn prefetch(&self, entries: &[Entry]) {
        let until = entries.last().map_or(self.now, |entry| entry.at);
        let records = entries.iter().filter_map(|entry| match &entry.body {
            EntryBody::Record { record, .. } => Some(record),
            _ => None,
        });
        let stated = records.flat_map(|record| {
            let kinds = self.world.subjects_of_rules(record.kind);
            kinds.filter_map(|per| Stated::of(record, per)).filter(|stated| self.share.has(stated.hash))
        });
        self.subjects.prefetch(stated, until);
    }

    /// Evaluates one entry. A case that it needs and was not given counts as empty.
    pub fn process(&mut self, entry: &Entry) -> Vec<Step> {
        let mut steps = Vec::new();
        self.advance(entry, &mut steps);
        let now = Instant { at: entry.at, position: entry.position };
        match &entry.body {
            EntryBody::Record { record, before } => {
                if let Some(traces) = self.traces.as_mut().filter(|_| !record.withdrawn) {
                    traces.extend(trace::without_subject(&self.world, record));
                }
                if before.is_empty() && !record.withdrawn {
                    self.on_arrival(record, now, &mut steps);
                } else {
                    self.on_revision(record, before, now, &mut steps);
                }
            }
            EntryBody::Threshold(change) => {
                self.set.push((entry.position, change.clone()));
                Arc::make_mut(&mut self.world).set_threshold(entry.position, change);
                for number in self.numbers(self.timed()) {
                    self.run(number, &Event::Tuned, now, Cause::Entry, &mut steps);
                }
            }
            EntryBody::Act { alert, subject, by, act } => {
                let number = self.subjects.number(subject);
                self.with_case(number, now, Cause::Entry, &mut steps, |triage| triage.act(alert, by, act));
            }
            EntryBody::Pack { .. } => {
                for number in self.numbers(self.timed()) {
                    self.run(number, &Event::NewPack, now, Cause::Entry, &mut steps);
                }
            }
            EntryBody::Tick => {}
        }
        steps
    }

    /// Lets the time up to an entry pass: at each instant boundaries first, then deadlines.
    fn advance(&mut self, entry: &Entry, steps: &mut Vec<Step>) {
        while let Some(due) = self.next_due().filter(|due| *due <= entry.at) {
            let now = Instant { at: due, position: entry.position };
            if self.boundary_after(self.now) == Some(due) {
                let watched = self.numbers(self.watched_at([due]));
                self.now = due;
                for number in watched {
                    self.run(number, &Event::Tuned, now, Cause::Boundary, steps);
                    self.with_case(number, now, Cause::Boundary, steps, |triage| triage.raise());
                }
                continue;
            }
            for (number, timer) in self.subjects.due_at(due) {
                // one that was due before it can have cleared it
                if self.subjects.case(number).and_then(|case| case.timers.due(&timer.key)) == Some(due) {
                    self.run(number, &Event::Due(timer), now, Cause::Timer, steps);
                }
            }
        }
        self.now = self.now.max(entry.at);
    }

    fn on_arrival(&mut self, record: &Arc<Record>, now: Instant, steps: &mut Vec<Step>) {
        if self.tells == Tells::All {
            let stated = self.world.subjects_of_rules(record.kind).filter(|per| states(record.as_ref(), *per));
            self.tally.arrived(record.as_ref(), stated, self.world.phase_of(record.as_ref()));
        }
        let share = self.share;
        let stated = |per| Stated::of(record, per).filter(|stated| share.has(stated.hash));
        let own = first_few(self.world.subjects_of_rules(record.kind).filter_map(stated));
        if own.iter().all(Option::is_none) {
            return;
        }
        self.world.matching(record.as_ref(), &mut self.lookup);
        let found = std::mem::take(&mut self.lookup.found);
        let concerned = self.world.concerned_by(record.kind, &found);
        let concerned = concerned.filter_map(|per| own.iter().flatten().find(|stated| stated.kind == per));
        let numbers = first_few(concerned.filter_map(|stated| self.subjects.number_of(stated)));
        for number in numbers.into_iter().flatten() {
            let new = Logged::new(record.clone(), now.position);
            let event = Event::Arrival { new, found: &found };
            self.run(number, &event, now, Cause::Entry, steps);
        }
        self.lookup.found = found;
    }

    fn on_revision(&mut self, record: &Arc<Record>, before: &[Subject], now: Instant, steps: &mut Vec<Step>) {
        let subjects = if record.withdrawn { Vec::new() } else { subjects_of(record) };
        let missing = SubjectKind::ALL.iter().filter(|(kind, _)| !subjects.iter().any(|s| s.kind == *kind));
        for (kind, _) in missing.filter(|_| !record.withdrawn) {
            let rules = self.world.triggered(*kind, record.kind);
            rules.for_each(|(place, _)| self.tally.ended(place, Judged::NoSubject, false));
        }
        let share = self.share;
        let all: BTreeSet<&Subject> = subjects.iter().chain(before).collect();
        for subject in all.into_iter().filter(|subject| share.has_subject(subject)) {
            let case = self.subjects.case_of(subject).filter(|_| before.contains(subject));
            let old = case.and_then(|case| case.dossier.find_any(&record.key)).map(|logged| logged.record.clone());
            let stays = subjects.contains(subject);
            let new = stays.then(|| Logged::new(record.clone(), now.position));
            let event = Event::Revision { key: &record.key, old, new };
            let number = self.subjects.number(subject);
            self.run(number, &event, now, Cause::Entry, steps);
        }
    }

    fn run(&mut self, number: Number, event: &Event<'_>, now: Instant, cause: Cause, steps: &mut Vec<Step>) {
        let Some(case) = self.subjects.case_mut(number) else { return };
        let mut changes = std::mem::take(&mut self.changes);
        step(&self.world, case, event, now, &mut changes);
        let is_arrival = matches!(event, Event::Arrival { .. });
        if let Some(traces) = &mut self.traces {
            traces.extend(trace::of_event(&self.world, case, event, now, &changes));
        }
        for (place, judged) in &changes.judged {
            if self.tells == Tells::All {
                self.tally.ended(*place, *judged, is_arrival);
            }
            if *judged != Judged::Failed {
                self.failing.held_up(*place);
            }
        }
        for failure in &changes.failures {
            if let Some(place) = self.world.pack.place_of(&failure.rule) {
                self.failing.failed(place, &failure.rule);
            }
        }
        if changes.is_empty()
            || (self.tells != Tells::All && changes.findings.is_empty() && changes.failures.is_empty())
        {
            self.subjects.queue(number, &changes.timers_cleared, &changes.timers_set);
            changes.clear();
            self.changes = changes;
            return;
        }
        let mut triage = triage(&self.world, case, now, self.tells);
        triage.take(changes);
        let effects = triage.finish();
        self.keep(number, effects, now, cause, steps);
    }

    fn with_case(
        &mut self,
        number: Number,
        now: Instant,
        cause: Cause,
        steps: &mut Vec<Step>,
        work: impl FnOnce(&mut Triage<'_>),
    ) {
        let Some(case) = self.subjects.case_mut(number) else { return };
        let mut triage = triage(&self.world, case, now, self.tells);
        work(&mut triage);
        let effects = triage.finish();
        self.keep(number, effects, now, cause, steps);
    }

    fn keep(&mut self, number: Number, effects: Effects, now: Instant, cause: Cause, steps: &mut Vec<Step>) {
        if effects.is_empty() {
            return;
        }
        self.subjects.queue(number, &effects.timers_cleared, &effects.timers_set);
        if self.tells == Tells::Dispositions || !effects.alerts.is_empty() {
            self.subjects.note_alerts(number);
        }
        let Some(subject) = self.subjects.case(number).map(|case| case.subject.clone()) else { return };
        if self.tells == Tells::All || effects.tells() {
            steps.push(Step { position: now.position, at: now.at, cause, subject, effects });
        }
    }

    fn concerned(&mut self, record: &Record, before: &[Subject]) -> Vec<Subject> {
        if record.withdrawn {
            return before.to_vec();
        }
        if !before.is_empty() {
            return subjects_of(record).into_iter().chain(before.iter().cloned()).collect();
        }
        self.world.matching(record, &mut self.lookup);
        let concerned = self.world.concerned_by(record.kind, &self.lookup.found);
        concerned.filter_map(|per| subject_of(record, per)).collect()
    }

    /// Some subjects by number, in their order.
    fn numbers(&mut self, subjects: BTreeSet<Subject>) -> Vec<Number> {
        subjects.iter().map(|subject| self.subjects.number(subject)).collect()
    }

    fn timed(&self) -> BTreeSet<Subject> {
        self.subjects.timed().cloned().collect()
    }

    /// The subjects for whom a phase boundary changes something: their deadlines move, or their alerts rise.
    fn watched_at(&self, boundaries: impl IntoIterator<Item = DateTime<Utc>>) -> BTreeSet<Subject> {
        let mut boundaries = boundaries.into_iter().peekable();
        if boundaries.peek().is_none() {
            return BTreeSet::new();
        }
        let moved: BTreeSet<u32> = boundaries.flat_map(|at| self.world.moved_at(at)).collect();
        let rules: Vec<&str> = moved.iter().filter_map(|place| self.world.rule(*place)).map(|rule| &*rule.id).collect();
        self.subjects.watched(&rules).cloned().collect()
    }

    fn boundary_after(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let next = self.boundaries.partition_point(|boundary| *boundary <= instant);
        self.boundaries.get(next).copied()
    }
}

/// What a machine tells of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tells {
    /// All that changed; judgements are counted.
    All,
    /// Findings and alerts, with whoever is told of them. Steps that only set or clear timers are left out.
    Alerts,
    /// Findings and what becomes of them, without alerts and notices.
    Dispositions,
}

fn triage<'a>(world: &'a World, case: &'a mut Case, now: Instant, tells: Tells) -> Triage<'a> {
    let triage = Triage::new(world, case, now);
    if tells == Tells::Dispositions { triage.of_findings() } else { triage }
}

/// What there is of each kind of subject; a list of its own for each record would cost more than what is done with it.
fn first_few<T: Copy>(all: impl Iterator<Item = T>) -> [Option<T>; SubjectKind::ALL.len()] {
    let mut few = [None; SubjectKind::ALL.len()];
    few.iter_mut().zip(all).for_each(|(place, one)| *place = Some(one));
    few
}

/// Where a log stands, for a machine that goes on with it.
#[derive(Debug)]
pub struct Resume {
    /// The instant of the last entry that was evaluated.
    pub now: DateTime<Utc>,
    /// Every waiting deadline.
    pub timers: Vec<(Subject, Timer)>,
    /// Subjects with an open alert.
    pub with_alerts: Vec<Subject>,
    /// Thresholds set at run time.
    pub thresholds: Vec<(Position, ThresholdChange)>,
}
