//! Traces of the judgements that one event brings about.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{Asked, Trace, Wait, WaitState};
use crate::alert::FindingKey;
use crate::engine::dossier::Logged;
use crate::engine::judge::Moment;
use crate::engine::{Case, Changes, Event, Instant, Touch, World, bench, deadline_step, later_triggers};
use crate::pack::rule::Rule;
use crate::record::Record;
use crate::subject::{SubjectKind, states};

/// What was judged in a step, told from the case that it left and what it changed: rules at the record of the event and
/// at later triggers that look back to it, deadlines that were armed or judged.
pub fn of_event(world: &World, case: &Case, event: &Event<'_>, now: Instant, changes: &Changes) -> Vec<Trace> {
    let touch = match event {
        Event::Arrival { new, .. } => Some(Touch { key: &new.record.key, old: None, new: Some(new) }),
        Event::Revision { key, old, new } => Some(Touch { key, old: old.as_deref(), new: new.as_ref() }),
        Event::Tuned | Event::NewPack | Event::Due(_) => None,
    };
    let mut traces = touch.map_or_else(Vec::new, |touch| at_record(world, case, &touch, now, changes));
    let armed = changes.timers_set.iter().map(|timer| (&timer.key, None));
    let judged = changes.deadlines.iter().map(|(key, at)| (key, Some(*at)));
    traces.extend(armed.chain(judged).filter_map(|(key, at)| deadline(world, case, key, at, now)));
    traces
}

/// Rules that a record triggers and that are about something that it does not state.
pub fn without_subject(world: &World, record: &Record) -> Vec<Trace> {
    let missing = SubjectKind::ALL.iter().map(|(per, _)| *per).filter(|per| !states(record, *per));
    let rules = missing.flat_map(|per| world.triggered(per, record.kind));
    rules.map(|(_, rule)| Trace::unasked(&rule.id, &record.key, record.occurred_at, Asked::NoSubject)).collect()
}

fn at_record(world: &World, case: &Case, touch: &Touch<'_>, now: Instant, changes: &Changes) -> Vec<Trace> {
    let kinds = touch.kinds().filter_map(|kind| world.concerned(case.subject.kind, kind));
    let rules: BTreeSet<u32> = kinds.flat_map(|known| &known.all).copied().collect();
    let mut traces = Vec::new();
    for rule in rules.into_iter().filter_map(|place| world.rule(place)) {
        let own = touch.new.filter(|new| rule.on.contains(&new.record.kind));
        if rule.deadline.is_some() {
            traces.extend(own.and_then(|new| never_due(world, case, rule, new, now, changes)));
            continue;
        }
        let later = later_triggers(case, rule, touch);
        let triggers = own.into_iter().chain(&later);
        traces.extend(triggers.map(|new| bench(world, case, rule, new).trace(Moment::Trigger(new.position()))));
    }
    traces
}

/// A trigger whose deadline is not known: a part of it is missing, or it failed.
fn never_due(
    world: &World,
    case: &Case,
    rule: &Rule,
    trigger: &Logged,
    now: Instant,
    changes: &Changes,
) -> Option<Trace> {
    let is_its = |key: &FindingKey| key.rule == rule.id && key.trigger == trigger.record.key;
    let is_known = changes.timers_set.iter().any(|timer| is_its(&timer.key))
        || changes.deadlines.iter().any(|(key, _)| is_its(key));
    let due = deadline_step(world, rule, rule.deadline.as_ref()?, now).due_of(case, trigger, 0);
    let is_due = matches!(due, Ok(Some(_)));
    let wait = Wait { due, state: WaitState::Waits, unless: None };
    (!is_known && !is_due).then(|| bench(world, case, rule, trigger).trace_due(now.at, now.position, 0, wait))
}

/// A deadline that was armed, or judged as of an instant.
fn deadline(
    world: &World,
    case: &Case,
    key: &FindingKey,
    judged_at: Option<DateTime<Utc>>,
    now: Instant,
) -> Option<Trace> {
    let rule = world.judging(&key.rule)?;
    let trigger = case.dossier.find(&key.trigger, &rule.on)?;
    let due = deadline_step(world, rule, rule.deadline.as_ref()?, now).due_of(case, trigger, key.firing);
    let state = if judged_at.is_some() { WaitState::Judged } else { WaitState::Waits };
    let wait = Wait { due, state, unless: None };
    Some(bench(world, case, rule, trigger).trace_due(judged_at.unwrap_or(now.at), now.position, key.firing, wait))
}
