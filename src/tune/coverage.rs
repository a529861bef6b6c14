//! How far the records get towards a threshold, before anybody asks how many alerts there would be.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use crate::engine::Judged;
use crate::engine::eval::Fault;
use crate::engine::operand::Reach;
use crate::pack::rule::Rule;
use crate::words::{Text, listed, say};

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
    /// What became of those that do not reach the threshold; none where all do.
    pub fn aside(&self) -> Option<Text> {
        let all = [
            (self.not_held, say("tune-not-held")),
            (self.answered, say("tune-answered")),
            (self.not_in_phase, say("tune-not-in-phase")),
            (self.outside_area, say("tune-outside-area")),
            (self.no_subject, say("tune-no-subject")),
            (self.failed, say("tune-failed")),
        ];
        listed(all.into_iter().filter(|(times, _)| *times > 0).map(|(times, why)| why.with("times", times)))
    }

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
pub fn says(plan: &Plan, history: &History, curve: &Curve) -> Text {
    let kinds: Vec<&str> = trigger_kinds(plan);
    let triggers: usize = kinds.iter().filter_map(|kind| history.kinds.get(*kind)).map(|span| span.records).sum();
    let of_kinds = if triggers == 0 { say("tune-no-kind") } else { say("tune-kinds").with("triggers", triggers) };
    let all = history.span().map_or(0, |span| span.records);
    let of_kinds = of_kinds.with("all", all).with("kinds", kinds.join("`, `"));
    if triggers == 0 {
        return of_kinds;
    }
    let ends = curve.judgements.sum();
    if let Some(why) = ends.aside().filter(|_| ends.reached == 0 && curve.method == Method::OnePass) {
        return say("tune-unreached").with("kinds", of_kinds).with("why", why);
    }
    let opens = |tally: &Tally| tally.sum().open;
    let most = curve.points.iter().map(|point| opens(&point.tally)).max().unwrap_or_default();
    let reached = match curve.method {
        Method::OnePass => {
            let reached = say("tune-reached").with("kinds", of_kinds);
            reached.with("reached", ends.reached).with("triggers", ends.triggers)
        }
        Method::EachValue => of_kinds,
    };
    match opens(&curve.now) {
        0 if most == 0 => say("tune-opens-never").with("reached", reached),
        0 => say("tune-opens-not").with("reached", reached),
        open => say("tune-opens").with("reached", reached).with("alerts", open),
    }
}

/// The kinds that trigger the rules that read the threshold.
fn trigger_kinds(plan: &Plan) -> Vec<&str> {
    let kinds: BTreeSet<_> = plan.readers.iter().flat_map(|rule| rule.on.iter().copied()).collect();
    kinds.into_iter().map(|kind| plan.pack.schema.kind_name(kind)).collect()
}
