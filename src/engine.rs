//! The pure core: what an entry changes for one subject. No clock, no IO, no randomness.

mod boundary;
mod case;
mod deadlines;
pub mod dossier;
pub mod eval;
pub mod index;
mod interpreter;
pub mod judge;
mod lookup;
pub mod operand;
pub(crate) mod prefetch;
pub mod reference;
pub mod tally;
pub mod timers;
pub mod trace;
mod world;

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::alert::{FindingKey, Withdrawal};
use crate::entry::{Position, Timer};
use crate::pack::rule::{Deadline, Rule, Status};
use crate::record::schema::KindId;
use crate::record::{Record, RecordKey};

use deadlines::DeadlineStep;
use dossier::Logged;
use eval::Fault;
use index::Match;
use judge::{Bench, Moment, Verdict, reaches_back};

pub use case::{Case, Changes};
pub use world::World;

/// The stack of a thread that reads or judges rules: helpers nest, and rhai recurs. Within every limit a script can go
/// through the 2 MB that a thread has otherwise, which would end the process.
pub const STACK_BYTES: usize = 64 << 20;

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
    /// Another pack judges from here on.
    NewPack,
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

/// What an event changes for a subject, into changes that are empty, so that their room can be used again; the case takes
/// them on.
pub fn step(world: &World, case: &mut Case, event: &Event<'_>, now: Instant, changes: &mut Changes) {
    match event {
        Event::Arrival { new, found } => on_arrival(world, case, new, found, now, changes),
        Event::Revision { key, old, new } => {
            on_revision(world, case, &Touch { key, old: old.as_deref(), new: new.as_ref() }, now, changes);
        }
        Event::Tuned => {
            for place in waiting_rules(world, case) {
                if let Some(step) = step_at(world, place, now) {
                    step.recompute(case, changes);
                }
            }
        }
        Event::NewPack => {
            for timer in ended_timers(world, case) {
                case.clear_timer(&timer, changes);
            }
            for place in waiting_rules(world, case) {
                if let Some(step) = step_at(world, place, now) {
                    step.recompute(case, changes);
                }
            }
        }
        Event::Due(timer) => match world.place_of_rule(&timer.key.rule).and_then(|place| step_at(world, place, now)) {
            Some(step) => step.fire(case, timer, changes),
            None => case.clear_timer(timer, changes),
        },
    }
}

/// Whether a finding that was held still stands: its answer has not come meanwhile.
pub fn still_stands(world: &World, case: &Case, key: &FindingKey, now: Instant) -> bool {
    let Some(place) = world.pack.place_of(&key.rule) else { return false };
    step_at(world, place, now).is_none_or(|step| step.still_waits(case, key).unwrap_or(true))
}

fn deadline_step<'a>(world: &'a World, rule: &'a Rule, deadline: &'a Deadline, now: Instant) -> DeadlineStep<'a> {
    DeadlineStep { world, rule, deadline, at: now.at, position: now.position }
}

/// A step of the rule at a place; `None` where it has no deadline.
fn step_at(world: &World, place: u32, now: Instant) -> Option<DeadlineStep<'_>> {
    let rule = world.rule(place)?;
    Some(deadline_step(world, rule, rule.deadline.as_ref()?, now))
}

/// The deadlines that nothing waits for under this pack: of rules that are gone, or that their triggers no longer arm.
/// Those of a stopped rule wait on: the pack that mends it judges them.
fn ended_timers(world: &World, case: &Case) -> Vec<Timer> {
    let is_armed = |key: &FindingKey| {
        world
            .pack
            .rule(&key.rule)
            .filter(|rule| rule.status != Status::Draft && rule.per == case.subject.kind)
            .is_some_and(|rule| rule.deadline.is_some() && case.dossier.find(&key.trigger, &rule.on).is_some())
    };
    case.timers.iter().filter(|timer| !is_armed(&timer.key)).cloned().collect()
}

/// The places of the rules that judge and for which something waits, rising.
fn waiting_rules(world: &World, case: &Case) -> Vec<u32> {
    let mut places: Vec<u32> = case.timers.iter().filter_map(|timer| world.place_of_rule(&timer.key.rule)).collect();
    places.dedup();
    places
}

/// A record that is new to everybody: only what the index found, and what it concerns whatever it says.
fn on_arrival(world: &World, case: &mut Case, new: &Logged, found: &[Match], now: Instant, changes: &mut Changes) {
    let kind = new.record.kind;
    let Some(concerned) = world.concerned(case.subject.kind, kind) else { return };
    if concerned.is_kept {
        case.dossier.insert(new.clone());
    }
    changes.findings.reserve(found.len());
    case.findings.reserve(found.len());
    changes.judged.reserve(found.len());
    let touch = Touch { key: &new.record.key, old: None, new: Some(new) };
    let per = case.subject.kind;
    let is_about = |found: &&Match| world.per(found.rule) == Some(per);
    let mut found = found.iter().filter(is_about).copied().peekable();
    let mut standing = concerned.standing.iter().copied().peekable();
    let mut setting = None;
    // most records come last, and then nothing looks back to them
    let is_last = case.dossier.has_none_after(new);
    while let Some(place) = found.peek().map(|found| found.rule).into_iter().chain(standing.peek().copied()).min() {
        let found = found.next_if(|found| found.rule == place);
        let is_standing = standing.next_if_eq(&place).is_some();
        let Some(rule) = world.rule(place) else { continue };
        if let Some(Match { holds, .. }) = found {
            let bench = bench(world, case, rule, new);
            let verdict = if holds {
                let (phase, about) = setting.get_or_insert_with(|| bench.setting());
                bench.found(place, new.position(), *phase, about)
            } else {
                bench.judge(Moment::Trigger(new.position()))
            };
            take(case, rule, new, verdict, Standing::New(place), changes);
        }
        // only these may have a deadline
        if !is_standing {
            continue;
        }
        if let Some(step) = step_at(world, place, now) {
            step.on_record(case, &touch, changes);
        } else if !is_last {
            for trigger in later_triggers(case, rule, &touch) {
                judge_trigger(world, case, rule, &trigger, Standing::Known(None), changes);
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
    let found = case.findings.iter().filter(|finding| finding.about.trigger == *touch.key);
    rules.extend(found.filter_map(|finding| world.place_of_rule(finding.rule())));
    for place in rules {
        match step_at(world, place, now) {
            Some(step) => step.on_record(case, touch, changes),
            None => rejudge(world, case, place, touch, changes),
        }
    }
}

/// Judges a rule at the record itself, where it triggers, and at later triggers that look back to it.
fn rejudge(world: &World, case: &mut Case, place: u32, touch: &Touch<'_>, changes: &mut Changes) {
    let Some(rule) = world.rule(place) else { return };
    match touch.new.filter(|new| rule.on.contains(&new.record.kind)) {
        Some(new) => judge_trigger(world, case, rule, new, Standing::Known(Some(place)), changes),
        None => {
            let finding = FindingKey { rule: rule.id.clone(), trigger: touch.key.clone(), firing: 0 };
            case.withdraw(&finding, Withdrawal::EvidenceWithdrawn, changes);
        }
    }
    for trigger in later_triggers(case, rule, touch) {
        judge_trigger(world, case, rule, &trigger, Standing::Known(None), changes);
    }
}

fn judge_trigger(
    world: &World,
    case: &mut Case,
    rule: &Rule,
    trigger: &Logged,
    standing: Standing,
    changes: &mut Changes,
) {
    let verdict = bench(world, case, rule, trigger).judge(Moment::Trigger(trigger.position()));
    take(case, rule, trigger, verdict, standing, changes);
}

fn bench<'a>(world: &'a World, case: &'a Case, rule: &'a Rule, trigger: &'a Logged) -> Bench<'a> {
    Bench { world, rule, subject: &case.subject, dossier: &case.dossier, trigger: &trigger.record }
}

/// How a rule stands to a trigger. The judgement at the record itself, which ends in exactly one way, has the rule's place.
#[derive(Clone, Copy)]
enum Standing {
    /// Nobody knew of the trigger, so nothing was found at it.
    New(u32),
    /// It may have been judged before.
    Known(Option<u32>),
}

/// What came of judging at a trigger.
fn take(
    case: &mut Case,
    rule: &Rule,
    trigger: &Logged,
    verdict: Result<Verdict, Fault>,
    standing: Standing,
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
    if judged != Judged::Found && matches!(standing, Standing::Known(_)) && !case.findings.is_empty() {
        // also where it can no longer be judged: else it would depend on which record came first
        let key = FindingKey { rule: rule.id.clone(), trigger: trigger.record.key.clone(), firing: 0 };
        case.withdraw(&key, Withdrawal::EvidenceWithdrawn, changes);
    }
    let (Standing::New(place) | Standing::Known(Some(place))) = standing else { return };
    changes.judged.push((place, judged));
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
