//! The pure core: what an entry changes for one subject. No clock, no IO, no randomness.

mod deadlines;
pub mod dossier;
pub mod eval;
pub mod index;
mod interpreter;
pub mod judge;
mod lookup;
pub mod operand;
pub mod reference;
pub mod tally;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use chrono::{DateTime, Utc};

use crate::alert::{Alert, Finding, FindingChange, FindingKey, Withdrawal};
use crate::entry::{Position, RuleFailure, ThresholdChange, Timer};
use crate::pack::Pack;
use crate::pack::rule::{Deadline, Rule, Status};
use crate::pack::thresholds::Thresholds;
use crate::record::schema::KindId;
use crate::record::slot::Fields;
use crate::record::{Record, RecordKey};
use crate::subject::{Subject, SubjectKind};
use crate::timeline::PhaseId;

use deadlines::DeadlineStep;
use dossier::{Dossier, Logged};
use eval::Fault;
use index::{Index, Lookup, Match, Setting};
use judge::{Bench, Moment, Verdict, place_of, reaches_back};

/// The pack that judges, with the thresholds set over it and what finds the rules that a record concerns.
#[derive(Clone, Debug)]
pub struct World {
    /// The pack.
    pub pack: Arc<Pack>,
    /// Its thresholds, with what was set at run time.
    pub thresholds: Thresholds,
    /// `None`: every rule that a kind of record triggers is judged.
    index: Option<Index>,
    /// By the place of the kind of record.
    concerned: Vec<Vec<Concerned>>,
}

/// The rules about one kind of subject that a kind of record concerns, by their places.
#[derive(Clone, Debug)]
struct Concerned {
    /// Whom these rules are about.
    per: SubjectKind,
    /// All of them.
    all: Vec<u32>,
    /// Those that it concerns whatever it says: it can arm, move or answer their deadlines, or later triggers look back
    /// to it. For the others the index tells.
    standing: Vec<u32>,
    /// Dossiers hold such records: rules read them, or their later judgements ask for them.
    is_kept: bool,
}

impl World {
    /// For a pack, with nothing set over it yet.
    pub fn new(pack: Arc<Pack>) -> Self {
        let mut concerned: BTreeMap<(KindId, SubjectKind), Concerned> = BTreeMap::new();
        for (place, rule) in (0..).zip(&pack.rules).filter(|(_, rule)| rule.status != Status::Draft) {
            let kinds: BTreeSet<KindId> =
                rule.on.iter().chain(&rule.reads).chain(&rule.moves).chain(&rule.answers).copied().collect();
            for kind in kinds {
                let nothing = || Concerned { per: rule.per, all: vec![], standing: vec![], is_kept: false };
                let known = concerned.entry((kind, rule.per)).or_insert_with(nothing);
                let is_read = rule.deadline.is_some() || rule.reads.contains(&kind);
                known.all.push(place);
                if is_read {
                    known.standing.push(place);
                }
                known.is_kept |= is_read || !rule.reads.is_empty();
            }
        }
        let mut by_kind: Vec<Vec<Concerned>> = pack.schema.kinds().iter().map(|_| Vec::new()).collect();
        for ((kind, _), known) in concerned {
            if let Some(all) = by_kind.get_mut(usize::from(kind.0)) {
                all.push(known);
            }
        }
        let index = Some(Index::new(&pack, &pack.thresholds));
        World { thresholds: pack.thresholds.clone(), index, pack, concerned: by_kind }
    }

    /// The same with its index off: every rule is judged at every record of its kinds. What it finds is the same.
    pub fn without_index(self) -> Self {
        World { index: None, ..self }
    }

    /// Sets a threshold from a position on.
    pub fn set_threshold(&mut self, from: Position, change: &ThresholdChange) {
        let phase = change.phase.as_deref().and_then(|word| self.pack.timeline.phase_id(word));
        self.thresholds.set(from, change, phase);
        if let Some(index) = &mut self.index {
            *index = Index::new(&self.pack, &self.thresholds);
        }
    }

    /// Finds the rules without a deadline that a record can trigger, by all that they ask of the record alone.
    pub fn matching<F: Fields>(&self, record: &F, lookup: &mut Lookup) {
        let Some(index) = &self.index else { return self.all_triggered(record, lookup) };
        index.matching(record, || self.setting(record, index.asks_about_days()), lookup);
        if !lookup.found.is_empty() && self.is_outside(record) {
            lookup.found.retain(|found| self.rule(found.rule).is_some_and(|rule| rule.area.is_some()));
        }
    }

    /// The phase in which a record happened, by its place; `None` where this pack is not responsible there.
    pub fn phase_of<F: Fields>(&self, record: &F) -> Option<usize> {
        (!self.is_outside(record)).then(|| usize::from(self.phase_at(record).0))
    }

    /// The phase when and where a record happened.
    fn phase_at<F: Fields>(&self, record: &F) -> PhaseId {
        self.pack.timeline.phase_at(place_of(record, None), record.occurred_at())
    }

    fn is_outside<F: Fields>(&self, record: &F) -> bool {
        let kabupaten = place_of(record, None).kabupaten;
        kabupaten.is_some_and(|kabupaten| !self.pack.area.iter().any(|area| area == kabupaten))
    }

    /// Takes every rule without a deadline as found that runs at a kind of record, then and there.
    fn all_triggered<F: Fields>(&self, record: &F, lookup: &mut Lookup) {
        let phase = self.phase_of(record);
        let is_active = |rule: &Rule| phase.is_some_and(|phase| rule.phases.get(phase) == Some(&true));
        let is_meant = |rule: &Rule| rule.on.contains(&record.kind()) && (rule.area.is_some() || is_active(rule));
        let judging = |rule: &Rule| rule.status != Status::Draft && rule.deadline.is_none();
        let found = (0..).zip(&self.pack.rules).filter(|(_, rule)| judging(rule) && is_meant(rule));
        lookup.found.clear();
        lookup.found.extend(found.map(|(rule, _)| Match { rule, holds: false }));
    }

    fn setting<F: Fields>(&self, record: &F, asks_about_days: bool) -> Setting {
        let timeline = &self.pack.timeline;
        let (place, at) = (place_of(record, None), record.occurred_at());
        Setting {
            phase: usize::from(timeline.phase_at(place, at).0),
            days_to_voting: if asks_about_days { timeline.days_to_voting(place, at) } else { 0 },
            is_voting_day: asks_about_days && timeline.is_voting_day(place, at),
        }
    }

    /// The kinds of subject for which a record of a kind changes something, given the rules that it can trigger.
    pub fn concerned_by<'a>(&'a self, kind: KindId, found: &'a [Match]) -> impl Iterator<Item = SubjectKind> + 'a {
        let triggers = move |per| found.iter().any(|found| self.rule(found.rule).is_some_and(|rule| rule.per == per));
        let concerned = self.concerned.get(usize::from(kind.0)).map_or(&[][..], Vec::as_slice).iter();
        concerned.filter(move |known| known.is_kept || !known.standing.is_empty() || triggers(known.per)).map(|k| k.per)
    }

    /// The kinds of subject that rules which a kind of record concerns are about.
    pub fn subjects_of_rules(&self, kind: KindId) -> impl Iterator<Item = SubjectKind> {
        self.concerned.get(usize::from(kind.0)).into_iter().flatten().map(|known| known.per)
    }

    /// The rules about a kind of subject that a kind of record triggers.
    pub fn triggered(&self, subject: SubjectKind, kind: KindId) -> impl Iterator<Item = &Arc<Rule>> {
        let concerned = self.concerned(subject, kind).map_or(&[][..], |known| &known.all);
        concerned.iter().filter_map(|place| self.rule(*place)).filter(move |rule| rule.on.contains(&kind))
    }

    /// The rule at a place.
    pub fn rule(&self, place: u32) -> Option<&Arc<Rule>> {
        self.pack.rules.get(place as usize)
    }

    /// The rule of an id, where it judges: a draft does not.
    fn judging(&self, id: &str) -> Option<&Arc<Rule>> {
        self.pack.rule(id).filter(|rule| rule.status != Status::Draft)
    }

    fn place_of_rule(&self, id: &str) -> Option<u32> {
        let place = self.pack.rules.binary_search_by(|rule| rule.id.as_ref().cmp(id)).ok()?;
        u32::try_from(place).ok().filter(|_| self.judging(id).is_some())
    }

    fn concerned(&self, subject: SubjectKind, kind: KindId) -> Option<&Concerned> {
        self.concerned.get(usize::from(kind.0))?.iter().find(|known| known.per == subject)
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
    pub findings: BTreeMap<FindingKey, Arc<Finding>>,
    /// When its waiting deadlines are due.
    pub timers: BTreeMap<FindingKey, DateTime<Utc>>,
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
    /// All endings.
    pub const ALL: [Judged; 8] = [
        Judged::Found,
        Judged::NotHeld,
        Judged::NotInPhase,
        Judged::OutsideArea,
        Judged::NoSubject,
        Judged::Armed,
        Judged::Answered,
        Judged::Failed,
    ];

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
pub enum Event<'a> {
    /// A record of which nothing was known before joined it.
    Arrival {
        /// The record.
        new: Logged,
        /// The rules that it can trigger, see [`World::matching`].
        found: &'a [Match],
    },
    /// A record left it or changed in it.
    Revision {
        /// The record.
        key: &'a RecordKey,
        /// The revision before, where the dossier holds it.
        old: Option<Arc<Record>>,
        /// The revision that it has now, where it belongs to this subject.
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
    /// Which record.
    pub key: &'a RecordKey,
    /// Before.
    pub old: Option<&'a Record>,
    /// After.
    pub new: Option<&'a Logged>,
}

impl Touch<'_> {
    fn kinds(&self) -> impl Iterator<Item = KindId> {
        self.old.map(|old| old.kind).into_iter().chain(self.new.map(|new| new.record.kind))
    }
}

/// What an event changes for a subject; the case takes the changes on.
pub fn step(world: &World, case: &mut Case, event: &Event<'_>, now: Instant) -> Changes {
    let mut changes = Changes::default();
    match event {
        Event::Arrival { new, found } => on_arrival(world, case, new, found, now, &mut changes),
        Event::Revision { key, old, new } => {
            on_revision(world, case, &Touch { key, old: old.as_deref(), new: new.as_ref() }, now, &mut changes);
        }
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
    let ids: BTreeSet<&Arc<str>> = case.timers.keys().map(|key| &key.rule).collect();
    ids.into_iter()
        .filter_map(|id| world.judging(id))
        .filter_map(|rule| rule.deadline.clone().map(|deadline| (rule.clone(), deadline)))
        .collect()
}

/// A record that is new to everybody: only what the index found, and what it concerns whatever it says.
fn on_arrival(world: &World, case: &mut Case, new: &Logged, found: &[Match], now: Instant, changes: &mut Changes) {
    let kind = new.record.kind;
    let Some(concerned) = world.concerned(case.subject.kind, kind) else { return };
    if concerned.is_kept {
        case.dossier.insert(new.clone());
    }
    changes.findings.reserve(found.len());
    changes.judged.reserve(found.len());
    let touch = Touch { key: &new.record.key, old: None, new: Some(new) };
    let per = case.subject.kind;
    let about = |found: &&Match| world.rule(found.rule).is_some_and(|rule| rule.per == per);
    let mut found = found.iter().filter(about).copied().peekable();
    let mut standing = concerned.standing.iter().copied().peekable();
    let mut phase = None;
    while let Some(place) = found.peek().map(|found| found.rule).into_iter().chain(standing.peek().copied()).min() {
        let found = found.next_if(|found| found.rule == place);
        let is_standing = standing.next_if_eq(&place).is_some();
        let Some(rule) = world.rule(place) else { continue };
        if let Some(deadline) = &rule.deadline {
            deadline_step(world, rule, deadline, now).on_record(case, &touch, changes);
            continue;
        }
        if let Some(Match { holds, .. }) = found {
            let bench = bench(world, case, rule, new);
            let verdict = if holds {
                bench.found(new.position, *phase.get_or_insert_with(|| world.phase_at(&*new.record)))
            } else {
                bench.judge(Moment::Trigger(new.position))
            };
            take(case, rule, new, verdict, true, changes);
        }
        if is_standing {
            for trigger in later_triggers(case, rule, &touch) {
                judge_trigger(world, case, rule, &trigger, false, changes);
            }
        }
    }
    if !concerned.is_kept && !changes.findings.is_empty() {
        // what a finding is about can be asked for as long as it stands
        case.dossier.insert(new.clone());
    }
}

/// A record that went or changed: every rule that it concerns or concerned is asked.
fn on_revision(world: &World, case: &mut Case, touch: &Touch<'_>, now: Instant, changes: &mut Changes) {
    if let Some(old) = touch.old {
        case.dossier.remove(old);
    }
    let concerned = |kind: KindId| world.concerned(case.subject.kind, kind);
    let mut rules: BTreeSet<u32> = touch.kinds().filter_map(concerned).flat_map(|known| &known.all).copied().collect();
    if let Some(new) = touch.new {
        case.dossier.insert(new.clone());
    }
    let found = case.findings.keys().filter(|finding| finding.trigger == *touch.key);
    rules.extend(found.filter_map(|finding| world.place_of_rule(&finding.rule)));
    for rule in rules.into_iter().filter_map(|place| world.rule(place)) {
        match &rule.deadline {
            Some(deadline) => deadline_step(world, rule, deadline, now).on_record(case, touch, changes),
            None => rejudge(world, case, rule, touch, changes),
        }
    }
}

/// Judges a rule at the record itself, where it triggers, and at later triggers that look back to it.
fn rejudge(world: &World, case: &mut Case, rule: &Rule, touch: &Touch<'_>, changes: &mut Changes) {
    match touch.new.filter(|new| rule.on.contains(&new.record.kind)) {
        Some(new) => judge_trigger(world, case, rule, new, true, changes),
        None => {
            let finding = FindingKey { rule: rule.id.clone(), trigger: touch.key.clone(), firing: 0 };
            case.withdraw(&finding, Withdrawal::EvidenceWithdrawn, changes);
        }
    }
    for trigger in later_triggers(case, rule, touch) {
        judge_trigger(world, case, rule, &trigger, false, changes);
    }
}

fn judge_trigger(world: &World, case: &mut Case, rule: &Rule, trigger: &Logged, counts: bool, changes: &mut Changes) {
    let verdict = bench(world, case, rule, trigger).judge(Moment::Trigger(trigger.position));
    take(case, rule, trigger, verdict, counts, changes);
}

fn bench<'a>(world: &'a World, case: &'a Case, rule: &'a Rule, trigger: &'a Logged) -> Bench<'a> {
    Bench { world, rule, subject: &case.subject, dossier: &case.dossier, trigger: &trigger.record }
}

/// What came of judging at a trigger. `counts`: it is the judgement at the record itself, which ends in exactly one way.
fn take(
    case: &mut Case,
    rule: &Rule,
    trigger: &Logged,
    verdict: Result<Verdict, Fault>,
    counts: bool,
    changes: &mut Changes,
) {
    let judged = match verdict {
        Ok(Verdict::Found(finding)) => {
            case.record_finding(finding, changes);
            Judged::Found
        }
        Ok(silent) => Judged::from(&silent),
        Err(fault) => {
            changes.failed(rule, &fault);
            Judged::Failed
        }
    };
    if judged != Judged::Found && !case.findings.is_empty() {
        // also where it can no longer be judged: else it would depend on which record came first
        let key = FindingKey { rule: rule.id.clone(), trigger: trigger.record.key.clone(), firing: 0 };
        case.withdraw(&key, Withdrawal::EvidenceWithdrawn, changes);
    }
    if counts {
        changes.judged.push((rule.id.clone(), judged));
    }
}

/// The triggers after a record that look back to it.
fn later_triggers(case: &Case, rule: &Rule, touch: &Touch<'_>) -> Vec<Logged> {
    if !touch.kinds().any(|kind| rule.reads.contains(&kind)) {
        return Vec::new();
    }
    let orders = [touch.old.map(Record::order), touch.new.map(|new| new.record.order())];
    let Some(first) = orders.into_iter().flatten().min() else { return Vec::new() };
    let touched =
        |at: DateTime<Utc>| orders.iter().flatten().any(|(touched, _)| reaches_back(rule.looks_back, at, *touched));
    let later = case.dossier.after(&rule.on, first).into_iter();
    let others = later.filter(|logged| logged.record.key != *touch.key);
    others.filter(|logged| touched(logged.record.occurred_at)).cloned().collect()
}

impl Case {
    /// A subject of which nothing is known.
    pub fn new(subject: Subject) -> Self {
        Case {
            subject,
            dossier: Dossier::default(),
            findings: BTreeMap::new(),
            timers: BTreeMap::new(),
            alerts: Vec::new(),
        }
    }

    /// The waiting deadlines of a rule.
    fn timers_of(&self, rule: &Arc<str>) -> Vec<Timer> {
        let waiting = self.timers.range(first_key(rule)..).take_while(|(key, _)| key.rule == *rule);
        waiting.map(|(key, due)| Timer { due: *due, key: key.clone() }).collect()
    }

    /// The waiting deadlines of a rule at one trigger.
    fn timers_at(&self, rule: &Arc<str>, trigger: &RecordKey) -> Vec<Timer> {
        let first = FindingKey { rule: rule.clone(), trigger: trigger.clone(), firing: 0 };
        let waiting = self.timers.range(first..).take_while(|(key, _)| key.rule == *rule && key.trigger == *trigger);
        waiting.map(|(key, due)| Timer { due: *due, key: key.clone() }).collect()
    }

    fn findings_of(&self, rule: &Arc<str>) -> Vec<Arc<Finding>> {
        let found = self.findings.range(first_key(rule)..).take_while(|(key, _)| key.rule == *rule);
        found.map(|(_, finding)| finding.clone()).collect()
    }

    fn set_timer(&mut self, timer: Timer, changes: &mut Changes) {
        match self.timers.get(&timer.key).copied() {
            Some(due) if due == timer.due => return,
            Some(due) => self.clear_timer(&Timer { due, key: timer.key.clone() }, changes),
            None => {}
        }
        self.timers.insert(timer.key.clone(), timer.due);
        changes.timers_set.push(timer);
    }

    fn clear_timer(&mut self, timer: &Timer, changes: &mut Changes) {
        if self.timers.get(&timer.key) == Some(&timer.due) {
            self.timers.remove(&timer.key);
            changes.timers_set.retain(|set| set != timer);
            changes.timers_cleared.push(timer.clone());
        }
    }

    fn record_finding(&mut self, finding: Arc<Finding>, changes: &mut Changes) {
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

/// A key before all that a rule can have.
fn first_key(rule: &Arc<str>) -> FindingKey {
    static EMPTY: LazyLock<Arc<str>> = LazyLock::new(|| Arc::from(""));
    let trigger = RecordKey { source: EMPTY.clone(), id: EMPTY.clone() };
    FindingKey { rule: rule.clone(), trigger, firing: 0 }
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
    /// Whether nothing changed; how judgements ended is no change.
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
            && self.timers_set.is_empty()
            && self.timers_cleared.is_empty()
            && self.failures.is_empty()
    }

    fn failed(&mut self, rule: &Rule, fault: &Fault) {
        self.failures.push(RuleFailure { rule: rule.id.clone(), reason: fault.to_string() });
    }
}
