//! Which conditions of the rules the tests have seen hold and not hold, and in which phases.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::engine::Judged;
use crate::engine::trace::{Asked, Clause, Outcome, Trace, WaitState};
use crate::pack::Pack;
use crate::pack::rule::{Conjunct, Rule};

/// What the tests have seen of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleCoverage {
    /// The rule.
    pub rule: Arc<str>,
    /// Path of its file within the pack.
    pub file: String,
    /// Its conditions in the author's order; what its deadline waits for comes last.
    pub conjuncts: Vec<ConjunctCoverage>,
    /// The phases in which it runs, in the order of the election.
    pub phases: Vec<PhaseCoverage>,
}

/// What the tests have seen of a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConjunctCoverage {
    /// As its author wrote it.
    pub text: Arc<str>,
    /// Its line.
    pub line: usize,
    /// It is declared a guard, and need not be seen both ways.
    pub is_guard: bool,
    /// It is what the deadline waits for.
    pub is_unless: bool,
    /// How often it held.
    pub held: usize,
    /// How often it did not.
    pub not_held: usize,
}

/// What the tests have seen of a rule in a phase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhaseCoverage {
    /// The phase's word.
    pub phase: Arc<str>,
    /// How often it was judged there.
    pub judged: usize,
    /// How often it found something.
    pub found: usize,
}

impl ConjunctCoverage {
    fn of(conjunct: &Conjunct, is_unless: bool) -> Self {
        ConjunctCoverage {
            text: conjunct.text.clone(),
            line: conjunct.at.line().unwrap_or(0),
            is_guard: conjunct.is_guard,
            is_unless,
            held: 0,
            not_held: 0,
        }
    }

    /// Whether it was seen both ways, or need not be.
    pub fn is_covered(&self) -> bool {
        self.is_guard || (self.held > 0 && self.not_held > 0)
    }

    fn see(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Holds => self.held += 1,
            Outcome::NotHeld | Outcome::Missing => self.not_held += 1,
            Outcome::Failed(_) => {}
        }
    }
}

impl RuleCoverage {
    fn of(pack: &Pack, rule: &Rule) -> Self {
        let unless = rule.deadline.iter().filter_map(|deadline| deadline.unless.as_ref());
        let conjuncts = rule.when.iter().map(|conjunct| ConjunctCoverage::of(conjunct, false));
        let phases = pack.timeline.phases.iter().zip(&rule.phases).filter(|(_, active)| **active);
        RuleCoverage {
            rule: rule.id.clone(),
            file: rule.file.clone(),
            conjuncts: conjuncts.chain(unless.map(|unless| ConjunctCoverage::of(unless, true))).collect(),
            phases: phases.map(|(phase, _)| PhaseCoverage { phase: phase.id.clone(), judged: 0, found: 0 }).collect(),
        }
    }

    /// Whether every condition was seen both ways.
    pub fn is_covered(&self) -> bool {
        self.conjuncts.iter().all(ConjunctCoverage::is_covered)
    }

    fn see(&mut self, trace: &Trace) {
        let Asked::All { phase, conjuncts, .. } = &trace.asked else { return };
        let judged = trace.wait.as_ref().is_none_or(|wait| wait.state == WaitState::Judged);
        if !judged {
            return;
        }
        let unless = trace.wait.iter().filter_map(|wait| wait.unless.as_ref());
        let seen = conjuncts.iter().chain(unless).map(|clause: &Clause| &clause.outcome);
        self.conjuncts.iter_mut().zip(seen).for_each(|(conjunct, outcome)| conjunct.see(outcome));
        if let Some(seen) = self.phases.iter_mut().find(|seen| seen.phase == *phase) {
            seen.judged += 1;
            seen.found += usize::from(trace.ends() == Some(Judged::Found));
        }
    }
}

/// What some judgements have seen of the rules that judge, by id.
pub fn coverage<'t>(pack: &Pack, traces: impl Iterator<Item = &'t Trace>) -> Vec<RuleCoverage> {
    let judging = pack.rules.iter().filter(|rule| rule.judges());
    let mut rules: BTreeMap<Arc<str>, RuleCoverage> =
        judging.map(|rule| (rule.id.clone(), RuleCoverage::of(pack, rule))).collect();
    for trace in traces {
        if let Some(rule) = rules.get_mut(&trace.key.rule) {
            rule.see(trace);
        }
    }
    rules.into_values().collect()
}
