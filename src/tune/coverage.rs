//! How far the records get towards a threshold, before anybody asks how many alerts there would be.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use crate::engine::Judged;
use crate::engine::eval::Fault;
use crate::engine::operand::Reach;
use crate::pack::rule::Rule;

use super::curve::{Curve, Tally};
use super::plan::Method;
use super::{History, Plan};

/// How many triggers of the rules that read the threshold ended how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgements(BTreeMap<Arc<str>, Ends>);

/// How the triggers of one rule ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ends {
    /// Triggers in all.
    pub triggers: u64,
    /// They do not state what the rule is about.
    pub no_subject: u64,
    /// They happened where the pack is not responsible.
    pub outside_area: u64,
    /// The rule does not run in their phase.
    pub not_in_phase: u64,
    /// A condition that does not read the threshold does not hold.
    pub not_held: u64,
    /// They could not be judged.
    pub failed: u64,
    /// What the deadline waits for came in time; only where each value is replayed.
    pub answered: u64,
    /// The threshold decided.
    pub reached: u64,
}

/// How a trigger stands towards the threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    OutsideArea,
    NotInPhase,
    NotHeld,
    Reached,
    Failed,
}

impl End {
    pub(super) fn of(reach: &Result<Reach, Fault>) -> Self {
        match reach {
            Ok(Reach::OutsideArea) => End::OutsideArea,
            Ok(Reach::NotInPhase) => End::NotInPhase,
            Ok(Reach::NotHeld) => End::NotHeld,
            Ok(Reach::Open(_)) => End::Reached,
            Err(_) => End::Failed,
        }
    }
}

impl Ends {
    fn add(&mut self, other: &Ends) {
        self.triggers += other.triggers;
        self.no_subject += other.no_subject;
        self.outside_area += other.outside_area;
        self.not_in_phase += other.not_in_phase;
        self.not_held += other.not_held;
        self.failed += other.failed;
        self.answered += other.answered;
        self.reached += other.reached;
    }
}

impl Judgements {
    /// By rule.
    pub fn by_rule(&self) -> &BTreeMap<Arc<str>, Ends> {
        &self.0
    }

    /// Over all rules.
    pub fn sum(&self) -> Ends {
        self.0.values().fold(Ends::default(), |mut sum, ends| {
            sum.add(ends);
            sum
        })
    }

    pub(super) fn add(&mut self, other: &Judgements) {
        for (rule, ends) in &other.0 {
            self.of(rule).add(ends);
        }
    }

    pub(super) fn note(&mut self, rule: &Arc<str>, end: End) {
        let ends = self.of(rule);
        ends.triggers += 1;
        match end {
            End::OutsideArea => ends.outside_area += 1,
            End::NotInPhase => ends.not_in_phase += 1,
            End::NotHeld => ends.not_held += 1,
            End::Reached => ends.reached += 1,
            End::Failed => ends.failed += 1,
        }
    }

    /// What a machine counted, where the curve comes from replays.
    pub(super) fn count(&mut self, rule: &Arc<str>, judged: Judged, times: u64) {
        let ends = self.of(rule);
        ends.triggers += times;
        match judged {
            Judged::OutsideArea => ends.outside_area += times,
            Judged::NotInPhase => ends.not_in_phase += times,
            Judged::NotHeld => ends.not_held += times,
            // counted from the records themselves
            Judged::NoSubject => ends.triggers -= times,
            Judged::Failed => ends.failed += times,
            Judged::Answered => ends.answered += times,
            Judged::Found => ends.reached += times,
            // it waits: how it ends is counted when it is due
            Judged::Armed => ends.triggers -= times,
        }
    }

    pub(super) fn without_subject(&mut self, rule: &Rule, times: u64) {
        let ends = self.of(&rule.id);
        ends.triggers += times;
        ends.no_subject += times;
    }

    fn of(&mut self, rule: &Arc<str>) -> &mut Ends {
        self.0.entry(rule.clone()).or_default()
    }
}

/// What the records say of the threshold at all, in a sentence: nothing of the kinds, nothing that reaches it, nothing
/// that fires, or how many of how many.
pub fn says(plan: &Plan, history: &History, curve: &Curve) -> String {
    let kinds: Vec<&str> = trigger_kinds(plan);
    let triggers: usize = kinds.iter().filter_map(|kind| history.kinds.get(*kind)).map(|span| span.records).sum();
    let kinds = kinds.join("`, `");
    let all = history.span().map_or(0, |span| span.records);
    let ends = curve.judgements.sum();
    if triggers == 0 {
        return format!(
            "none of the {all} records is of a kind that these rules judge (`{kinds}`): they say nothing about this threshold"
        );
    }
    let judged = format!("{triggers} of {all} records are of a kind that these rules judge (`{kinds}`)");
    if ends.reached == 0 && curve.method == Method::OnePass {
        let why = [
            (ends.not_held, "do not meet another condition"),
            (ends.not_in_phase, "fall into phases in which the rule does not run"),
            (ends.outside_area, "happened outside the area"),
            (ends.no_subject, "do not say whom they are about"),
            (ends.failed, "could not be judged"),
        ];
        let why = why.iter().filter(|(times, _)| *times > 0).map(|(times, why)| format!("{times} {why}"));
        let why: Vec<String> = why.collect();
        return format!("{judged}, and none reaches this threshold: {}; moving it changes nothing", why.join(", "));
    }
    let opens = |tally: &Tally| tally.sum().open;
    let most = curve.points.iter().map(|point| opens(&point.tally)).max().unwrap_or_default();
    let reached = match curve.method {
        Method::OnePass => format!("{judged}; {} of {} triggers reach the threshold", ends.reached, ends.triggers),
        Method::EachValue => judged,
    };
    match opens(&curve.now) {
        0 if most == 0 => format!("{reached}; no alert would open, now or at any value looked at"),
        0 => format!("{reached}; no alert would open as it is now"),
        open => format!("{reached}; {open} alerts would open as it is now"),
    }
}

/// The kinds that trigger the rules that read the threshold.
fn trigger_kinds(plan: &Plan) -> Vec<&str> {
    let kinds: BTreeSet<_> = plan.readers.iter().flat_map(|rule| rule.on.iter().copied()).collect();
    kinds.into_iter().map(|kind| plan.pack.schema.kind_name(kind)).collect()
}
