//! The subjects, their waiting deadlines and the calendar: one entry in, the steps that it causes out.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::engine::dossier::Logged;
use crate::engine::{Case, Event, Instant, Judged, World, step};
use crate::entry::{Cause, Effects, Entry, EntryBody, Position, Step, ThresholdChange, Timer};
use crate::pack::Pack;
use crate::record::Record;
use crate::subject::{Subject, SubjectKind, subject_of, subjects_of};
use crate::triage::apply::Triage;

/// Evaluates entries in their order. It holds the cases that it has been given; the others it asks for.
#[derive(Debug)]
pub struct Machine {
    world: World,
    cases: HashMap<Subject, Case>,
    timers: BTreeSet<(DateTime<Utc>, Arc<str>, Subject, Timer)>,
    with_alerts: BTreeSet<Subject>,
    boundaries: Vec<DateTime<Utc>>,
    now: DateTime<Utc>,
    judged: BTreeMap<(Arc<str>, Judged), u64>,
}

impl Machine {
    /// Before the first entry.
    pub fn new(pack: Arc<Pack>) -> Self {
        let boundaries = pack.timeline.boundaries();
        Machine {
            world: World::new(pack),
            cases: HashMap::new(),
            timers: BTreeSet::new(),
            with_alerts: BTreeSet::new(),
            boundaries,
            now: DateTime::<Utc>::MIN_UTC,
            judged: BTreeMap::new(),
        }
    }

    /// How many judgements of each rule ended how, since this machine began.
    pub fn judged(&self) -> &BTreeMap<(Arc<str>, Judged), u64> {
        &self.judged
    }

    /// Takes the counts of [`Machine::judged`] out; it counts from nothing again.
    pub fn take_judged(&mut self) -> BTreeMap<(Arc<str>, Judged), u64> {
        std::mem::take(&mut self.judged)
    }

    /// Goes on where a log stands: its last instant, what waits, what is open, what was set.
    pub fn resume(&mut self, resume: Resume) {
        self.now = resume.now;
        self.timers = resume.timers.into_iter().map(|(subject, timer)| queued(subject, timer)).collect();
        self.with_alerts = resume.with_alerts.into_iter().collect();
        for (position, change) in &resume.thresholds {
            self.set_threshold(*position, change);
        }
    }

    /// The pack that judges.
    pub fn pack(&self) -> &Arc<Pack> {
        &self.world.pack
    }

    /// When something is due that no entry has brought yet: a deadline or a phase boundary.
    pub fn next_due(&self) -> Option<DateTime<Utc>> {
        let timer = self.timers.first().map(|(due, ..)| *due);
        let boundary = self.boundary_after(self.now);
        timer.into_iter().chain(boundary).min()
    }

    /// The subjects whose cases an entry needs and this machine does not hold.
    pub fn needs(&self, entry: &Entry) -> Vec<Subject> {
        let mut needed = BTreeSet::new();
        if self.boundary_after(self.now).is_some_and(|boundary| boundary <= entry.at) {
            needed.extend(self.watched());
        }
        needed.extend(
            self.timers.iter().take_while(|(due, ..)| *due <= entry.at).map(|(_, _, subject, _)| subject.clone()),
        );
        match &entry.body {
            EntryBody::Record { record, before } => needed.extend(self.concerned(record, before)),
            EntryBody::Threshold(_) => needed.extend(self.watched()),
            EntryBody::Act { subject, .. } => {
                needed.insert(subject.clone());
            }
            EntryBody::Tick | EntryBody::Pack { .. } => {}
        }
        needed.into_iter().filter(|subject| !self.cases.contains_key(subject)).collect()
    }

    /// Takes a case in, as it was before the entry that needs it.
    pub fn admit(&mut self, case: Case) {
        self.cases.insert(case.subject.clone(), case);
    }

    /// How many cases it holds.
    pub fn held(&self) -> usize {
        self.cases.len()
    }

    /// Lets go of all cases; they are asked for again.
    pub fn forget(&mut self) {
        self.cases.clear();
    }

    /// Lets go of the cases of single records: few are asked for again.
    pub fn forget_records(&mut self) {
        self.cases.retain(|subject, _| subject.kind != SubjectKind::Record);
        self.cases.shrink_to_fit();
    }

    /// Evaluates one entry. A case that it needs and was not given counts as empty.
    pub fn process(&mut self, entry: &Entry) -> Vec<Step> {
        let mut steps = Vec::new();
        self.advance(entry, &mut steps);
        let now = Instant { at: entry.at, position: entry.position };
        match &entry.body {
            EntryBody::Record { record, before } => {
                self.count_without_subject(record);
                for subject in self.concerned(record, before) {
                    let was_here = before.contains(&subject);
                    self.on_record(&subject, record, was_here, now, &mut steps);
                }
            }
            EntryBody::Threshold(change) => {
                self.set_threshold(entry.position, change);
                for subject in self.timed() {
                    self.run(&subject, &Event::Tuned, now, Cause::Entry, &mut steps);
                }
            }
            EntryBody::Act { alert, subject, by, act } => {
                self.with_case(subject, now, Cause::Entry, &mut steps, |triage| triage.act(alert, by, act));
            }
            EntryBody::Tick | EntryBody::Pack { .. } => {}
        }
        steps
    }

    /// Lets the time up to an entry pass: at each instant boundaries first, then deadlines.
    fn advance(&mut self, entry: &Entry, steps: &mut Vec<Step>) {
        while let Some(due) = self.next_due().filter(|due| *due <= entry.at) {
            let now = Instant { at: due, position: entry.position };
            if self.boundary_after(self.now) == Some(due) {
                self.now = due;
                for subject in self.watched() {
                    self.run(&subject, &Event::Tuned, now, Cause::Boundary, steps);
                    self.with_case(&subject, now, Cause::Boundary, steps, |triage| triage.raise());
                }
                continue;
            }
            if let Some((_, _, subject, timer)) = self.timers.pop_first() {
                self.run(&subject, &Event::Due(timer), now, Cause::Timer, steps);
            }
        }
        self.now = self.now.max(entry.at);
    }

    /// `was_here`: an older revision was about this subject too; without one there is nothing to look for.
    fn on_record(
        &mut self,
        subject: &Subject,
        record: &Arc<Record>,
        was_here: bool,
        now: Instant,
        steps: &mut Vec<Step>,
    ) {
        let case = self.cases.get(subject).filter(|_| was_here);
        let old = case.and_then(|case| case.dossier.find_any(&record.key)).map(|logged| logged.record.clone());
        let stays = !record.withdrawn && subjects_of(record).contains(subject);
        let new = stays.then(|| Logged { record: record.clone(), position: now.position });
        self.run(subject, &Event::Record { old, new }, now, Cause::Entry, steps);
    }

    fn run(&mut self, subject: &Subject, event: &Event, now: Instant, cause: Cause, steps: &mut Vec<Step>) {
        let case = self.cases.entry(subject.clone()).or_insert_with(|| Case::new(subject.clone()));
        let changes = step(&self.world, case, event, now);
        for judged in &changes.judged {
            *self.judged.entry(judged.clone()).or_default() += 1;
        }
        let mut triage = Triage::new(&self.world, case, now);
        triage.take(changes);
        let effects = triage.finish();
        self.keep(subject, effects, now, cause, steps);
    }

    fn with_case(
        &mut self,
        subject: &Subject,
        now: Instant,
        cause: Cause,
        steps: &mut Vec<Step>,
        work: impl FnOnce(&mut Triage<'_>),
    ) {
        let case = self.cases.entry(subject.clone()).or_insert_with(|| Case::new(subject.clone()));
        let mut triage = Triage::new(&self.world, case, now);
        work(&mut triage);
        let effects = triage.finish();
        self.keep(subject, effects, now, cause, steps);
    }

    fn keep(&mut self, subject: &Subject, effects: Effects, now: Instant, cause: Cause, steps: &mut Vec<Step>) {
        if effects.is_empty() {
            return;
        }
        for timer in &effects.timers_cleared {
            self.timers.remove(&queued(subject.clone(), timer.clone()));
        }
        for timer in &effects.timers_set {
            self.timers.insert(queued(subject.clone(), timer.clone()));
        }
        let is_open =
            self.cases.get(subject).is_some_and(|case| case.alerts.iter().any(|alert| alert.status.is_open()));
        if is_open {
            self.with_alerts.insert(subject.clone());
        } else {
            self.with_alerts.remove(subject);
        }
        steps.push(Step { position: now.position, at: now.at, cause, subject: subject.clone(), effects });
    }

    fn concerned(&self, record: &Record, before: &[Subject]) -> BTreeSet<Subject> {
        let now = if record.withdrawn { Vec::new() } else { subjects_of(record) };
        let is_concerned = |subject: &&Subject| self.world.concerns(subject.kind, record.kind);
        now.iter().filter(is_concerned).chain(before).cloned().collect()
    }

    fn count_without_subject(&mut self, record: &Record) {
        for (kind, _) in SubjectKind::ALL {
            if record.withdrawn || subject_of(record, kind).is_some() {
                continue;
            }
            for rule in self.world.triggered(kind, record.kind) {
                *self.judged.entry((rule.id.clone(), Judged::NoSubject)).or_default() += 1;
            }
        }
    }

    fn timed(&self) -> BTreeSet<Subject> {
        self.timers.iter().map(|(_, _, subject, _)| subject.clone()).collect()
    }

    fn watched(&self) -> BTreeSet<Subject> {
        self.timed().into_iter().chain(self.with_alerts.iter().cloned()).collect()
    }

    fn boundary_after(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let next = self.boundaries.partition_point(|boundary| *boundary <= instant);
        self.boundaries.get(next).copied()
    }

    fn set_threshold(&mut self, position: Position, change: &ThresholdChange) {
        let phase = change.phase.as_deref().and_then(|word| self.world.pack.timeline.phase_id(word));
        self.world.thresholds.set(position, change, phase);
    }
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

fn queued(subject: Subject, timer: Timer) -> (DateTime<Utc>, Arc<str>, Subject, Timer) {
    (timer.due, timer.key.rule.clone(), subject, timer)
}
