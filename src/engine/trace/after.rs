//! Why a record is or is not behind a finding, asked at any later time.

use std::sync::Arc;

use super::{Asked, Trace, Wait, WaitState};
use crate::alert::Finding;
use crate::engine::dossier::Logged;
use crate::engine::judge::Moment;
use crate::engine::{Case, Instant, World, bench, deadline_step};
use crate::pack::rule::{Deadline, Rule};
use crate::subject::{Subject, subject_of};

/// Every rule of the pack at one record, in the pack's order, with the cases as of now. A deadline with later steps is
/// told by the newest of its firings.
pub fn of_record<'a>(
    world: &World,
    case_of: impl Fn(&Subject) -> Option<&'a Case>,
    trigger: &Logged,
    now: Instant,
) -> Vec<Trace> {
    world.pack.rules.iter().map(|rule| of_rule(world, &case_of, rule, trigger, now)).collect()
}

fn of_rule<'a>(
    world: &World,
    case_of: &impl Fn(&Subject) -> Option<&'a Case>,
    rule: &Arc<Rule>,
    trigger: &Logged,
    now: Instant,
) -> Trace {
    let record = &trigger.record;
    let unasked = |asked| Trace::unasked(&rule.id, &record.key, record.occurred_at, asked);
    if !rule.on.contains(&record.kind) {
        return unasked(Asked::OtherKind);
    }
    if !rule.judges() {
        return unasked(Asked::Draft);
    }
    let Some(subject) = subject_of(record, rule.per) else { return unasked(Asked::NoSubject) };
    let unknown;
    let case = match case_of(&subject) {
        Some(case) => case,
        None => {
            unknown = Case::new(subject);
            &unknown
        }
    };
    match &rule.deadline {
        Some(deadline) => of_deadline(world, case, rule, deadline, trigger, now),
        None => bench(world, case, rule, trigger).trace(Moment::Trigger(trigger.position())),
    }
}

fn of_deadline(world: &World, case: &Case, rule: &Rule, deadline: &Deadline, trigger: &Logged, now: Instant) -> Trace {
    let key = &trigger.record.key;
    let step = deadline_step(world, rule, deadline, now);
    let found = case.findings_of(&rule.id).into_iter().rev().find(|finding| finding.about.trigger == *key);
    let timer = case.timers.at(&rule.id, key).last();
    let firing = found.as_ref().map(|finding| finding.firing).or(timer.as_ref().map(|timer| timer.key.firing));
    let firing = firing.unwrap_or(0);
    let due = step.due_of(case, trigger, firing);
    let (state, at) = match (&found, &timer, &due) {
        (Some(finding), ..) => (WaitState::Judged, finding.about.at),
        (None, Some(_), _) | (None, None, Err(_) | Ok(None)) => (WaitState::Waits, now.at),
        (None, None, Ok(Some(due))) => {
            // what was heard of late was judged when it was heard of
            let judged = trigger.record.received_at.max(*due);
            let newer = case.dossier.after(&rule.on, trigger.record.order());
            let is_taken_over = !deadline.each_record && newer.iter().any(|other| other.record.received_at <= judged);
            if is_taken_over || judged > now.at { (WaitState::TakenOver, now.at) } else { (WaitState::Judged, judged) }
        }
    };
    let due = timer.filter(|_| found.is_none()).map_or(due, |timer| Ok(Some(timer.due)));
    bench(world, case, rule, trigger).trace_due(at, now.position, firing, Wait { due, state, unless: None })
}

impl Trace {
    /// The finding that this is the trace of, where there is one.
    pub fn finding<'a>(&self, case: &'a Case) -> Option<&'a Finding> {
        case.findings.get(&self.key)
    }
}
