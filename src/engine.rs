//! The pure core: what an entry changes for one subject. No clock, no IO, no randomness.

mod deadlines;
pub mod dossier;
pub mod eval;
mod interpreter;
pub mod judge;
mod lookup;
pub mod operand;
pub mod reference;
pub mod words;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::alert::{Alert, Finding, FindingChange, FindingKey, Withdrawal};
use crate::entry::{Position, RuleFailure, Timer};
use crate::pack::Pack;
use crate::pack::rule::{Deadline, Rule, Status};
use crate::pack::thresholds::Thresholds;
use crate::record::schema::KindId;
use crate::record::{Record, RecordKey};
use crate::subject::{Subject, SubjectKind};

use deadlines::DeadlineStep;
use dossier::{Dossier, Logged};
use eval::Fault;
use judge::{Bench, Moment, Verdict, reaches_back};

/// The pack that judges, with the thresholds set over it and an index from kinds to rules.
#[derive(Debug)]
pub struct World {
    /// The pack.
    pub pack: Arc<Pack>,
    /// Its thresholds, with what was set at run time.
    pub thresholds: Thresholds,
    concerned: HashMap<(SubjectKind, KindId), Vec<usize>>,
}

impl World {
    /// For a pack, with nothing set over it yet.
    pub fn new(pack: Arc<Pack>) -> Self {
        let mut concerned: HashMap<(SubjectKind, KindId), Vec<usize>> = HashMap::new();
        for (index, rule) in pack.rules.iter().enumerate().filter(|(_, rule)| rule.status != Status::Draft) {
            let kinds: BTreeSet<KindId> =
                rule.on.iter().chain(&rule.reads).chain(&rule.moves).chain(&rule.answers).copied().collect();
            for kind in kinds {
                concerned.entry((rule.per, kind)).or_default().push(index);
            }
        }
        World { thresholds: pack.thresholds.clone(), pack, concerned }
    }

    /// The rules about a kind of subject that a kind of record triggers.
    pub fn triggered(&self, subject: SubjectKind, kind: KindId) -> impl Iterator<Item = &Arc<Rule>> {
        let concerned = self.concerned.get(&(subject, kind)).map_or(&[][..], Vec::as_slice);
        concerned.iter().filter_map(|index| self.pack.rules.get(*index)).filter(move |rule| rule.on.contains(&kind))
    }

    /// The rule of an id, where it judges: a draft does not.
    fn judging(&self, id: &str) -> Option<&Arc<Rule>> {
        self.pack.rule(id).filter(|rule| rule.status != Status::Draft)
    }

    /// Whether any rule about this kind of subject is concerned by a kind of record.
    pub fn concerns(&self, subject: SubjectKind, kind: KindId) -> bool {
        self.concerned.contains_key(&(subject, kind))
    }

    fn rules_for(&self, subject: SubjectKind, kinds: impl Iterator<Item = KindId>) -> BTreeSet<usize> {
        kinds.filter_map(|kind| self.concerned.get(&(subject, kind))).flatten().copied().collect()
    }
}

/// All that is known of one subject.
#[derive(Clone, Debug)]
pub struct Case {
    /// The subject.
    pub subject: Subject,
    /// Its records.
    pub dossier: Dossier,
    /// Its findings by key.
    pub findings: BTreeMap<FindingKey, Finding>,
    /// Its waiting deadlines.
    pub timers: BTreeSet<Timer>,
    /// Its alerts, closed ones too, in the order of opening.
    pub alerts: Vec<Alert>,
}

/// What one event changed, in the order of the rules.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Findings added, changed, withdrawn.
    pub findings: Vec<FindingChange>,
    /// Timers set.
    pub timers_set: Vec<Timer>,
    /// Timers that no longer wait.
    pub timers_cleared: Vec<Timer>,
    /// Rules that could not be judged.
    pub failures: Vec<RuleFailure>,
    /// How each judgement at the record itself, and each deadline that was due, ended.
    pub judged: Vec<(Arc<str>, Judged)>,
}

/// How a judgement ended; each ends in exactly one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Judged {
    /// It holds.
    Found,
    /// A condition does not hold.
    NotHeld,
    /// The rule does not run in the phase.
    NotInPhase,
    /// It happened where the pack is not responsible.
    OutsideArea,
    /// The record does not state what the rule is about.
    NoSubject,
    /// A deadline waits.
    Armed,
    /// What the deadline waits for had come.
    Answered,
    /// It could not be judged.
    Failed,
}

impl Judged {
    /// The word of this ending, as counts show it.
    pub fn word(self) -> &'static str {
        match self {
            Judged::Found => "found",
            Judged::NotHeld => "not-held",
            Judged::NotInPhase => "not-in-phase",
            Judged::OutsideArea => "outside-area",
            Judged::NoSubject => "no-subject",
            Judged::Armed => "armed",
            Judged::Answered => "answered",
            Judged::Failed => "failed",
        }
    }
}

/// What happens to a subject.
#[derive(Clone, Debug)]
pub enum Event {
    /// A record joined it, left it or changed in it.
    Record {
        /// The revision that it had before, where it was in this dossier.
        old: Option<Arc<Record>>,
        /// The revision that it has now, where it belongs to this dossier.
        new: Option<Logged>,
    },
    /// A phase began, or a threshold changed.
    Tuned,
    /// A deadline is due.
    Due(Timer),
}

/// When an event happens: its instant and the place in the log that brought it.
#[derive(Clone, Copy, Debug)]
pub struct Instant {
    /// Now.
    pub at: DateTime<Utc>,
    /// The place in the log.
    pub position: Position,
}

/// The record of an event, before and after.
pub struct Touch<'a> {
    /// Before.
    pub old: Option<&'a Record>,
    /// After.
    pub new: Option<&'a Logged>,
}

impl Touch<'_> {
    fn key(&self) -> &RecordKey {
        static NONE: std::sync::LazyLock<RecordKey> =
            std::sync::LazyLock::new(|| RecordKey { source: Arc::from(""), id: Arc::from("") });
        self.new.map(|new| &new.record.key).or_else(|| self.old.map(|old| &old.key)).unwrap_or(&NONE)
    }

    fn kinds(&self) -> impl Iterator<Item = KindId> {
        self.old.map(|old| old.kind).into_iter().chain(self.new.map(|new| new.record.kind))
    }
}

/// What an event changes for a subject; the case takes the changes on.
pub fn step(world: &World, case: &mut Case, event: &Event, now: Instant) -> Changes {
    let mut changes = Changes::default();
    match event {
        Event::Record { old, new } => on_record(world, case, old.as_deref(), new.as_ref(), now, &mut changes),
        Event::Tuned => {
            for (rule, deadline) in waiting_rules(world, case) {
                deadline_step(world, &rule, &deadline, now).recompute(case, &mut changes);
            }
        }
        Event::Due(timer) => match world.judging(&timer.key.rule) {
            Some(rule) => match &rule.deadline {
                Some(deadline) => deadline_step(world, rule, deadline, now).fire(case, timer, &mut changes),
                None => case.clear_timer(timer, &mut changes),
            },
            None => case.clear_timer(timer, &mut changes),
        },
    }
    changes
}

/// Whether a finding that was held still stands: its answer has not come meanwhile.
pub fn still_stands(world: &World, case: &Case, key: &FindingKey, now: Instant) -> bool {
    let Some(rule) = world.pack.rule(&key.rule) else { return false };
    match &rule.deadline {
        Some(deadline) => deadline_step(world, rule, deadline, now).still_waits(case, key).unwrap_or(true),
        None => true,
    }
}

fn deadline_step<'a>(world: &'a World, rule: &'a Rule, deadline: &'a Deadline, now: Instant) -> DeadlineStep<'a> {
    DeadlineStep { world, rule, deadline, at: now.at, position: now.position }
}

fn waiting_rules(world: &World, case: &Case) -> Vec<(Arc<Rule>, Deadline)> {
    let ids: BTreeSet<&Arc<str>> = case.timers.iter().map(|timer| &timer.key.rule).collect();
    ids.into_iter()
        .filter_map(|id| world.judging(id))
        .filter_map(|rule| rule.deadline.clone().map(|deadline| (rule.clone(), deadline)))
        .collect()
}

fn on_record(
    world: &World,
    case: &mut Case,
    old: Option<&Record>,
    new: Option<&Logged>,
    now: Instant,
    changes: &mut Changes,
) {
    if let Some(old) = old {
        case.dossier.remove(old);
    }
    if let Some(new) = new {
        case.dossier.insert(new.clone());
    }
    let touch = Touch { old, new };
    for index in world.rules_for(case.subject.kind, touch.kinds()) {
        let Some(rule) = world.pack.rules.get(index) else { continue };
        match &rule.deadline {
            Some(deadline) => deadline_step(world, rule, deadline, now).on_record(case, &touch, changes),
            None => rejudge(world, case, rule, &touch, changes),
        }
    }
}

/// Judges a rule at the record itself, where it triggers, and at later triggers that look back to it.
fn rejudge(world: &World, case: &mut Case, rule: &Rule, touch: &Touch<'_>, changes: &mut Changes) {
    let key = touch.key();
    let gone = !touch.new.is_some_and(|new| rule.on.contains(&new.record.kind));
    if gone {
        let finding = FindingKey { rule: rule.id.clone(), trigger: key.clone(), firing: 0 };
        case.withdraw(&finding, Withdrawal::EvidenceWithdrawn, changes);
    }
    for trigger in triggers(case, rule, touch, gone) {
        let bench = Bench { world, rule, subject: &case.subject, dossier: &case.dossier, trigger: &trigger.record };
        let judged = match bench.judge(Moment::Trigger(trigger.position)) {
            Ok(Verdict::Found(finding)) => {
                case.record_finding(*finding, changes);
                Judged::Found
            }
            Ok(silent) => Judged::from(&silent),
            Err(fault) => {
                changes.failed(rule, &fault);
                Judged::Failed
            }
        };
        if judged != Judged::Found {
            // also where it can no longer be judged: else it would depend on which record came first
            let key = FindingKey { rule: rule.id.clone(), trigger: trigger.record.key.clone(), firing: 0 };
            case.withdraw(&key, Withdrawal::EvidenceWithdrawn, changes);
        }
        if trigger.record.key == *touch.key() {
            changes.judged.push((rule.id.clone(), judged));
        }
    }
}

fn triggers(case: &Case, rule: &Rule, touch: &Touch<'_>, gone: bool) -> Vec<Logged> {
    let mut triggers: Vec<Logged> = if gone { Vec::new() } else { touch.new.cloned().into_iter().collect() };
    if touch.kinds().any(|kind| rule.reads.contains(&kind)) {
        let orders = [touch.old.map(Record::order), touch.new.map(|new| new.record.order())];
        let touched: Vec<DateTime<Utc>> = orders.iter().flatten().map(|(at, _)| *at).collect();
        if let Some(first) = orders.into_iter().flatten().min() {
            let reached = |at: DateTime<Utc>| touched.iter().any(|touched| reaches_back(rule.looks_back, at, *touched));
            let later = case.dossier.after(&rule.on, first);
            let others = later.into_iter().filter(|logged| logged.record.key != *touch.key());
            triggers.extend(others.filter(|logged| reached(logged.record.occurred_at)).cloned());
        }
    }
    triggers
}

impl Case {
    /// A subject of which nothing is known.
    pub fn new(subject: Subject) -> Self {
        Case {
            subject,
            dossier: Dossier::default(),
            findings: BTreeMap::new(),
            timers: BTreeSet::new(),
            alerts: Vec::new(),
        }
    }

    fn timers_of(&self, rule: &str) -> Vec<Timer> {
        self.timers.iter().filter(|timer| timer.key.rule.as_ref() == rule).cloned().collect()
    }

    fn findings_of(&self, rule: &str) -> Vec<Finding> {
        self.findings.values().filter(|finding| finding.key.rule.as_ref() == rule).cloned().collect()
    }

    fn set_timer(&mut self, timer: Timer, changes: &mut Changes) {
        let same = self.timers.iter().find(|known| known.key == timer.key && **known != timer).cloned();
        if let Some(same) = same {
            self.clear_timer(&same, changes);
        }
        if self.timers.insert(timer.clone()) {
            changes.timers_set.push(timer);
        }
    }

    fn clear_timer(&mut self, timer: &Timer, changes: &mut Changes) {
        if self.timers.remove(timer) {
            changes.timers_set.retain(|set| set != timer);
            changes.timers_cleared.push(timer.clone());
        }
    }

    fn record_finding(&mut self, finding: Finding, changes: &mut Changes) {
        match self.findings.insert(finding.key.clone(), finding.clone()) {
            None => changes.findings.push(FindingChange::Added(finding)),
            Some(before) if before != finding => changes.findings.push(FindingChange::Changed(finding)),
            Some(_) => {}
        }
    }

    fn withdraw(&mut self, key: &FindingKey, why: Withdrawal, changes: &mut Changes) {
        if let Some(finding) = self.findings.remove(key) {
            changes.findings.push(FindingChange::Withdrawn(finding, why));
        }
    }
}

impl From<&Verdict> for Judged {
    fn from(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Found(_) => Judged::Found,
            Verdict::NotHeld => Judged::NotHeld,
            Verdict::NotInPhase => Judged::NotInPhase,
            Verdict::OutsideArea => Judged::OutsideArea,
        }
    }
}

impl Changes {
    fn failed(&mut self, rule: &Rule, fault: &Fault) {
        self.failures.push(RuleFailure { rule: rule.id.clone(), reason: fault.to_string() });
    }
}
