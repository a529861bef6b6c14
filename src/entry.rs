//! The log's entries, and what the steps over them change: the words between engine, store and pipeline.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::alert::{Act, Alert, AlertEvent, AlertId, Disposition, Finding, FindingChange, FindingKey};
use crate::notice::Notice;
use crate::record::Record;
use crate::subject::Subject;

/// A place in the log; positions rise, without promise of being dense.
pub type Position = i64;

/// Everything that can change an outcome.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Where it stands in the log.
    pub position: Position,
    /// When it was taken in, never earlier than the entry before it.
    pub at: DateTime<Utc>,
    /// What it is.
    pub body: EntryBody,
}

/// What an entry is.
#[derive(Clone, Debug)]
pub enum EntryBody {
    /// Something happened, or the sender says anew what happened: this is the record's newest revision.
    Record {
        /// The record.
        record: Arc<Record>,
        /// The subjects that its older revision was about, where there is one.
        before: Vec<Subject>,
    },
    /// Time passed: a timer or a phase boundary is due.
    Tick,
    /// From here on this version of the pack judges.
    Pack {
        /// SHA-256 of the pack's files, in hexadecimal.
        hash: String,
        /// Rules that it judges without, because they failed again and again.
        stopped: Vec<Arc<str>>,
    },
    /// A threshold was set at run time.
    Threshold(ThresholdChange),
    /// A person did something to an alert.
    Act {
        /// The alert.
        alert: AlertId,
        /// The subject that the alert is about.
        subject: Subject,
        /// The agency that the person acted for.
        by: Arc<str>,
        /// What the person did.
        act: Act,
    },
}

/// A threshold set at run time; it wins over the pack from its position on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ThresholdChange {
    /// The threshold's name.
    pub name: Arc<str>,
    /// Only in this phase, or in all.
    pub phase: Option<Arc<str>>,
    /// Only in this kabupaten, or in all.
    pub kabupaten: Option<Arc<str>>,
    /// The value; none where what was set for this phase and kabupaten is taken back.
    pub value: Option<f64>,
}

/// A deadline that waits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timer {
    /// When it is due.
    pub due: DateTime<Utc>,
    /// Rule, arming record and firing.
    pub key: FindingKey,
}

/// What one step changed for one subject. It commits whole or not at all.
#[derive(Clone, Debug, Default)]
pub struct Effects {
    /// Findings added, changed, withdrawn, in order.
    pub findings: Vec<FindingChange>,
    /// Timers of the subject that are set, after `timers_cleared` are gone.
    pub timers_set: Vec<Timer>,
    /// Timers of the subject that no longer wait.
    pub timers_cleared: Vec<Timer>,
    /// Alerts in their new state.
    pub alerts: Vec<Alert>,
    /// Lines for the alerts' histories, in order.
    pub events: Vec<AlertEvent>,
    /// What is to be sent, already cut to what each agency may see.
    pub notices: Vec<Notice>,
    /// What became of each finding, in order; a phase boundary disposes anew of an alert's newest one.
    pub dispositions: Vec<Disposed>,
    /// Rules that could not be judged, with the reason.
    pub failures: Vec<RuleFailure>,
}

/// A finding and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Disposed {
    /// The alert that it belongs to.
    pub alert: AlertId,
    /// The finding.
    pub finding: Finding,
    /// What became of it.
    pub disposition: Disposition,
}

/// Why a step came within its entry; at one instant they come in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Cause {
    /// A phase began.
    Boundary,
    /// A deadline was due.
    Timer,
    /// The entry itself.
    Entry,
}

impl Effects {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        !self.tells() && self.timers_set.is_empty() && self.timers_cleared.is_empty()
    }

    /// Whether more changed than what waits.
    pub fn tells(&self) -> bool {
        let is_silent = self.findings.is_empty()
            && self.alerts.is_empty()
            && self.events.is_empty()
            && self.notices.is_empty()
            && self.dispositions.is_empty()
            && self.failures.is_empty();
        !is_silent
    }
}

/// The effects of one (entry, subject).
#[derive(Clone, Debug)]
pub struct Step {
    /// The entry.
    pub position: Position,
    /// The instant as of which it was judged: the entry's own, or an earlier one that the entry let pass.
    pub at: DateTime<Utc>,
    /// Why it came within the entry.
    pub cause: Cause,
    /// The subject.
    pub subject: Subject,
    /// What changed.
    pub effects: Effects,
}

/// A rule that could not be judged at a record; the others went on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleFailure {
    /// The rule's id.
    pub rule: Arc<str>,
    /// Why, without personal data.
    pub reason: String,
}
