//! Why a rule holds or does not: each conjunct with what it saw, by the evaluator that judges.
//!
//! A trace asks all conjuncts, also after one that does not hold. It is made beside a judgement and never takes its place.

mod after;
mod clause;
mod during;
mod said;

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::alert::FindingKey;
use crate::entry::Position;
use crate::record::RecordKey;

use super::Judged;
use super::eval::{Fault, Looking};
use super::judge::{Bench, Moment, Stand};

pub use after::of_record;
pub use clause::{Clause, Outcome};
pub use during::{of_event, without_subject};

/// A rule at a trigger: what it asked and what the answers were.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// Rule, trigger and firing.
    pub key: FindingKey,
    /// As of when it was judged: when the trigger happened, or when a deadline was due.
    pub at: DateTime<Utc>,
    /// What it waits for, where it has a deadline.
    pub wait: Option<Wait>,
    /// What came of asking.
    pub asked: Asked,
}

/// A deadline.
#[derive(Clone, Debug, PartialEq)]
pub struct Wait {
    /// When it is due; none where a part of it is missing.
    pub due: Result<Option<DateTime<Utc>>, Fault>,
    /// Where it stands.
    pub state: WaitState,
    /// What would answer it, as of when it was judged.
    pub unless: Option<Clause>,
}

/// Where a deadline stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitState {
    /// It is not due yet, or never will be.
    Waits,
    /// It was due, and judged.
    Judged,
    /// A newer trigger took its place.
    TakenOver,
}

/// What came of asking a rule.
#[derive(Clone, Debug, PartialEq)]
pub enum Asked {
    /// It does not run at such records.
    OtherKind,
    /// It is a draft and judges nothing.
    Draft,
    /// The record does not state what the rule is about.
    NoSubject,
    /// It happened where the pack is not responsible.
    OutsideArea {
        /// The kabupaten.
        kabupaten: Arc<str>,
    },
    /// The rule does not run in the phase.
    NotInPhase {
        /// The phase's word.
        phase: Arc<str>,
    },
    /// Where it belongs to could not be told.
    Failed(Fault),
    /// Its conjuncts were asked.
    All {
        /// The phase's word.
        phase: Arc<str>,
        /// The kabupaten; none for the whole area.
        kabupaten: Option<Arc<str>>,
        /// Every conjunct of `when`, in the author's order.
        conjuncts: Vec<Clause>,
    },
}

impl Trace {
    /// A trace of a rule that was not asked.
    fn unasked(rule: &Arc<str>, trigger: &RecordKey, at: DateTime<Utc>, asked: Asked) -> Self {
        Trace { key: FindingKey { rule: rule.clone(), trigger: trigger.clone(), firing: 0 }, at, wait: None, asked }
    }

    /// The conjuncts, where they were asked.
    pub fn conjuncts(&self) -> &[Clause] {
        match &self.asked {
            Asked::All { conjuncts, .. } => conjuncts,
            _ => &[],
        }
    }

    /// The conjunct that stopped the rule: the first in the author's order that does not hold; where none is false,
    /// the first that failed.
    pub fn stopped_by(&self) -> Option<&Clause> {
        let conjuncts = self.conjuncts();
        let is_false = |clause: &&Clause| matches!(clause.outcome, Outcome::NotHeld | Outcome::Missing);
        conjuncts.iter().find(is_false).or_else(|| conjuncts.iter().find(|clause| clause.outcome != Outcome::Holds))
    }

    /// How the judgement ends that this is a trace of; `None` where the rule is not one to judge such a record.
    pub fn ends(&self) -> Option<Judged> {
        if let Some(wait) = &self.wait {
            let answered = wait.unless.as_ref().map(|unless| &unless.outcome);
            match (&wait.due, wait.state, answered) {
                (Err(_), ..) => return Some(Judged::Failed),
                (Ok(None), ..) => return Some(Judged::NotHeld),
                (_, WaitState::Waits, _) => return Some(Judged::Armed),
                (_, WaitState::TakenOver, _) => return None,
                (_, WaitState::Judged, Some(Outcome::Holds)) => return Some(Judged::Answered),
                (_, WaitState::Judged, Some(Outcome::Failed(_))) => return Some(Judged::Failed),
                (_, WaitState::Judged, _) => {}
            }
        }
        Some(match &self.asked {
            Asked::OtherKind | Asked::Draft => return None,
            Asked::NoSubject => Judged::NoSubject,
            Asked::OutsideArea { .. } => Judged::OutsideArea,
            Asked::NotInPhase { .. } => Judged::NotInPhase,
            Asked::Failed(_) => Judged::Failed,
            Asked::All { .. } => match self.stopped_by().map(|clause| &clause.outcome) {
                None => Judged::Found,
                Some(Outcome::Failed(_)) => Judged::Failed,
                Some(_) => Judged::NotHeld,
            },
        })
    }
}

impl Bench<'_> {
    /// What [`Bench::judge`] decides on at a moment.
    pub fn trace(&self, moment: Moment) -> Trace {
        let (at, as_of, firing) = match moment {
            Moment::Trigger(position) => (self.trigger.occurred_at, position, 0),
            Moment::Due { at, as_of, firing } => (at, as_of, firing),
        };
        let key = FindingKey { rule: self.rule.id.clone(), trigger: self.trigger.key.clone(), firing };
        Trace { key, at, wait: None, asked: self.asked(at, as_of) }
    }

    /// The same for a deadline, with what would answer it.
    fn trace_due(&self, at: DateTime<Utc>, as_of: Position, firing: u8, wait: Wait) -> Trace {
        let unless = self.rule.deadline.as_ref().and_then(|deadline| deadline.unless.as_ref());
        let unless = unless.and_then(|unless| {
            let kabupaten = self.kabupaten(at, as_of).ok()?;
            let phase = self.phase(kabupaten.as_deref(), at);
            Some(self.scope(kabupaten.as_deref(), phase, at, as_of, Looking::Forward).clause(unless))
        });
        Trace { wait: Some(Wait { unless, ..wait }), ..self.trace(Moment::Due { at, as_of, firing }) }
    }

    fn asked(&self, at: DateTime<Utc>, as_of: Position) -> Asked {
        let word = |phase| self.world.pack.timeline.phase_text(phase);
        let (kabupaten, phase) = match self.stand(at, as_of) {
            Ok(Stand::Here(kabupaten, phase)) => (kabupaten, phase),
            Ok(Stand::OutsideArea(kabupaten)) => return Asked::OutsideArea { kabupaten },
            Ok(Stand::NotInPhase(phase)) => return Asked::NotInPhase { phase: word(phase) },
            Err(fault) => return Asked::Failed(fault),
        };
        let scope = self.scope(kabupaten.map(AsRef::as_ref), phase, at, as_of, Looking::Back);
        let conjuncts = self.rule.when.iter().map(|conjunct| scope.clause(conjunct)).collect();
        Asked::All { phase: word(phase), kabupaten: kabupaten.cloned(), conjuncts }
    }
}
