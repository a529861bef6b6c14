//! All that is known of one subject, and what one event changes of it.

mod findings;

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::alert::{Alert, Finding, FindingChange, FindingKey, Withdrawal};
use crate::entry::{RuleFailure, Timer};
use crate::pack::rule::Rule;
use crate::record::RecordKey;
use crate::subject::Subject;

use super::Judged;
use super::dossier::Dossier;
use super::eval::Fault;
use super::prefetch::{Depth, touch};
use super::timers::Timers;
use findings::Findings;

/// All that is known of one subject.
#[derive(Clone, Debug)]
pub struct Case {
    /// The subject.
    pub subject: Subject,
    /// Its records.
    pub dossier: Dossier,
    /// Its findings by key.
    pub findings: Findings,
    /// Its waiting deadlines.
    pub timers: Timers,
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
    /// The deadlines that were judged, and as of when.
    pub deadlines: Vec<(FindingKey, DateTime<Utc>)>,
    /// How each judgement at the record itself, and each deadline that was due, ended, by the place of its rule.
    pub judged: Vec<(u32, Judged)>,
}

impl Case {
    /// A subject of which nothing is known.
    pub fn new(subject: Subject) -> Self {
        Case {
            subject,
            dossier: Dossier::default(),
            findings: Findings::default(),
            timers: Timers::default(),
            alerts: Vec::new(),
        }
    }

    /// Has what lies so deep brought from memory.
    #[inline]
    pub fn prefetch(&self, depth: Depth) {
        let touch_text = |text: &str| touch(text.as_bytes().first().copied());
        match depth {
            Depth::Own => {
                touch((self.subject.key.len(), self.timers.is_empty(), self.findings.is_empty(), self.alerts.len()));
            }
            Depth::Lists => {
                touch_text(&self.subject.key);
                self.timers.iter().for_each(|timer| touch(timer.due));
            }
            Depth::Records => self.timers.iter().for_each(|timer| touch_text(&timer.key.trigger.id)),
        }
        self.dossier.prefetch(depth);
    }

    pub(super) fn findings_of(&self, rule: &Arc<str>) -> Vec<Finding> {
        self.findings.of(rule)
    }

    pub(super) fn set_timer(&mut self, timer: Timer, changes: &mut Changes) {
        match self.timers.insert(timer.clone()) {
            Some(before) if before.due == timer.due => return,
            Some(before) => changes.cleared(before),
            None => {}
        }
        changes.timers_set.push(timer);
    }

    pub(super) fn clear_timer(&mut self, timer: &Timer, changes: &mut Changes) {
        if self.timers.remove(timer) {
            changes.cleared(timer.clone());
        }
    }

    /// Nothing of a rule waits any more, for one trigger or for any.
    pub(super) fn clear_timers(&mut self, rule: &str, trigger: Option<&RecordKey>, changes: &mut Changes) {
        self.timers.take(rule, trigger).for_each(|timer| changes.cleared(timer));
    }

    pub(super) fn record_finding(&mut self, finding: Finding, changes: &mut Changes) {
        match self.findings.insert(finding.clone()) {
            None => changes.findings.push(FindingChange::Added(finding)),
            Some(before) if before != finding => changes.findings.push(FindingChange::Changed(finding)),
            Some(_) => {}
        }
    }

    pub(super) fn withdraw(&mut self, key: &FindingKey, why: Withdrawal, changes: &mut Changes) {
        if let Some(finding) = self.findings.remove(key) {
            changes.findings.push(FindingChange::Withdrawn(finding, why));
        }
    }
}

impl Changes {
    /// Makes room for what the next event changes.
    pub fn clear(&mut self) {
        self.findings.clear();
        self.timers_set.clear();
        self.timers_cleared.clear();
        self.failures.clear();
        self.deadlines.clear();
        self.judged.clear();
    }

    /// Whether nothing changed; how judgements ended is no change.
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
            && self.timers_set.is_empty()
            && self.timers_cleared.is_empty()
            && self.failures.is_empty()
    }

    fn cleared(&mut self, timer: Timer) {
        self.timers_set.retain(|set| *set != timer);
        self.timers_cleared.push(timer);
    }

    pub(super) fn failed(&mut self, rule: &Rule, fault: &Fault) {
        self.failures.push(RuleFailure { rule: rule.id.clone(), reason: fault.to_string() });
    }
}
