//! Scenario files: what happens over time, step by step, and every alert that the whole pack makes of it.

mod compare;
mod expect;
mod node;
mod read;
mod record;
mod run;
mod words;

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::alert::{Act, AlertId, Severity};
use crate::engine::trace::Trace;
use crate::entry::ThresholdChange;
use crate::record::RecordKey;
use crate::record::parse::Parsed;
use crate::subject::SubjectKind;
use crate::timeline::Timeline;

pub use read::{Scenarios, of_pack, read};
pub use run::run;

/// One file: `scenarios/<id>.toml` in the pack's folder.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its name: the file's path below the folder, without its ending.
    pub id: String,
    /// Path of the file within the pack.
    pub file: String,
    /// What it shows, for people.
    pub title: String,
    /// Set before anything happens.
    thresholds: Vec<ThresholdChange>,
    /// The pack's calendar with the scenario's days in it, where it has any.
    timeline: Option<Timeline>,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

impl Scenario {
    /// Whether it expects something of a rule, or a person acts on an alert of it.
    pub fn is_about(&self, rule: &str) -> bool {
        self.steps.iter().any(|step| {
            let acts = matches!(&step.does, Does::Act { rule: of, .. } if of.as_ref() == rule);
            acts || step.expect.iter().flatten().any(|expected| expected.rule.as_ref() == rule)
        })
    }
}

/// One thing that happens.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its line in the file.
    pub line: usize,
    /// What happens.
    does: Does,
    /// Every alert event that it brings, in no order; none where the step asserts nothing.
    pub expect: Option<Vec<Expected>>,
}

#[derive(Clone, Debug)]
enum Does {
    /// Records come in.
    Records(Vec<Parsed>),
    /// Time runs on to here.
    Advance(DateTime<Utc>),
    /// Thresholds are set.
    Set { at: Option<DateTime<Utc>>, changes: Vec<ThresholdChange> },
    /// A person acts on an alert.
    Act { at: Option<DateTime<Utc>>, rule: Arc<str>, record: Option<String>, by: Option<Arc<str>>, act: Act },
}

/// A line of `expect`: what is not stated may be anything.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Expected {
    /// Its line in the file.
    pub line: usize,
    /// The rule.
    pub rule: Arc<str>,
    /// `open`, `repeat`, `escalate`, `hold` or `resolve`.
    pub what: &'static str,
    /// The alert's severity.
    pub severity: Option<Severity>,
    /// The agencies that are told; empty: nobody is.
    pub told: Option<BTreeSet<String>>,
    /// Why, in the words of the disposition.
    pub reason: Option<String>,
    /// The record behind it: its id, or `source/id`.
    pub record: Option<String>,
    /// When.
    pub at: Option<DateTime<Utc>>,
}

/// An alert event.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Happened {
    /// The rule.
    pub rule: Arc<str>,
    /// `open`, `repeat`, `escalate`, `hold` or `resolve`.
    pub what: &'static str,
    /// The alert's severity.
    pub severity: Severity,
    /// The agencies that are told.
    pub told: BTreeSet<String>,
    /// Why, empty where `what` says it all.
    pub reason: String,
    /// The record behind it.
    pub record: RecordKey,
    /// When.
    pub at: DateTime<Utc>,
    /// What kind of subject the alert is about.
    pub subject: SubjectKind,
    /// The alert.
    pub alert: AlertId,
}

/// How a scenario came out.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The scenario's id.
    pub scenario: String,
    /// Its title.
    pub title: String,
    /// Path of its file within the pack.
    pub file: String,
    /// Its steps.
    pub steps: Vec<StepOutcome>,
}

/// How a step came out.
#[derive(Clone, Debug)]
pub struct StepOutcome {
    /// Its line in the file.
    pub line: usize,
    /// The virtual time after it.
    pub at: DateTime<Utc>,
    /// What was expected; none where the step asserts nothing.
    pub expected: Option<Vec<Expected>>,
    /// What happened.
    pub happened: Vec<Happened>,
    /// Where the two do not match, and what else went wrong.
    pub mismatches: Vec<Mismatch>,
    /// Why each rule held or did not, in the order of judging.
    pub traces: Vec<Trace>,
}

/// Something that is not as the file says.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mismatch {
    /// An expected event did not happen.
    Missing(Expected),
    /// An event happened that is not expected.
    Unexpected(Happened),
    /// An expected event happened in another way.
    Differs {
        /// As the file says.
        expected: Expected,
        /// As it was.
        happened: Happened,
        /// In which respects.
        fields: Vec<Field>,
    },
    /// A rule could not be judged.
    Failed {
        /// The rule.
        rule: Arc<str>,
        /// Why.
        reason: String,
    },
    /// A person is to act on an alert, and so many open ones fit.
    NotOne {
        /// The alert's rule.
        rule: Arc<str>,
        /// None, or more than one.
        alerts: usize,
    },
}

/// What an expectation can say of an event beside its rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Field {
    /// `what`.
    What,
    /// `severity`.
    Severity,
    /// `told`.
    Told,
    /// `reason`.
    Reason,
    /// `record`.
    Record,
    /// `at`.
    At,
}

impl Outcome {
    /// Whether everything is as the file says.
    pub fn passed(&self) -> bool {
        self.steps.iter().all(|step| step.mismatches.is_empty())
    }
}

#[cfg(test)]
mod tests;
