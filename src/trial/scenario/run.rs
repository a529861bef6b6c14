//! Runs a scenario on virtual time, with the whole pack.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Tz;

use crate::alert::{Act, Alert, AlertId, Disposition};
use crate::entry::{self, EntryBody, ThresholdChange};
use crate::ledger::{Appended, Ledger};
use crate::machine::Machine;
use crate::notice::{Notice, Occasion};
use crate::pack::Pack;
use crate::record::parse::Parsed;

use super::compare::compare;
use super::{Does, Happened, Mismatch, Outcome, Scenario, Step, StepOutcome};

/// Runs a scenario.
pub fn run(pack: &Arc<Pack>, scenario: &Scenario) -> Outcome {
    let pack = match &scenario.timeline {
        Some(timeline) => Arc::new(Pack { timeline: timeline.clone(), ..pack.as_ref().clone() }),
        None => pack.clone(),
    };
    let mut course = Course {
        machine: Machine::new(pack.clone()).traced(),
        pack,
        ledger: Ledger::default(),
        now: DateTime::<Utc>::MIN_UTC,
        alerts: Vec::new(),
        steps: Vec::new(),
    };
    course.set(course.now, &scenario.thresholds);
    Outcome {
        scenario: scenario.id.clone(),
        title: scenario.title.clone(),
        file: scenario.file.clone(),
        steps: scenario.steps.iter().map(|step| course.step(step)).collect(),
    }
}

/// A scenario under way.
struct Course {
    pack: Arc<Pack>,
    machine: Machine,
    ledger: Ledger,
    now: DateTime<Utc>,
    /// All alerts in their newest state, by their opening.
    alerts: Vec<Alert>,
    /// What this step has brought.
    steps: Vec<entry::Step>,
}

impl Course {
    fn step(&mut self, step: &Step) -> StepOutcome {
        let mut mismatches = Vec::new();
        match &step.does {
            Does::Records(records) => records.iter().for_each(|record| self.record(record)),
            Does::Advance(until) => self.advance(*until),
            Does::Set { at, changes } => self.set(at.unwrap_or(self.now), changes),
            Does::Act { at, rule, record, by, act } => {
                self.advance(at.unwrap_or(self.now));
                mismatches.extend(self.act(rule, record.as_deref(), by.as_ref(), act));
            }
        }
        let steps = std::mem::take(&mut self.steps);
        let happened: Vec<Happened> = steps.iter().flat_map(|step| self.happened(step)).collect();
        if let Some(expected) = &step.expect {
            mismatches.extend(compare(expected, &happened));
        }
        let failures = steps.iter().flat_map(|step| &step.effects.failures);
        mismatches.extend(failures.map(|f| Mismatch::Failed { rule: f.rule.clone(), reason: f.reason.clone() }));
        StepOutcome {
            line: step.line,
            at: self.now,
            expected: step.expect.clone(),
            happened,
            mismatches,
            traces: self.machine.take_traces(),
        }
    }

    fn record(&mut self, parsed: &Parsed) {
        // one that says what its newest revision says is not taken in
        if let Appended::Entry(entry) | Appended::Stale(entry) = self.ledger.append(parsed.clone()) {
            self.process(&entry);
        }
    }

    fn advance(&mut self, until: DateTime<Utc>) {
        let entry = self.ledger.tick(until);
        self.process(&entry);
    }

    fn set(&mut self, at: DateTime<Utc>, changes: &[ThresholdChange]) {
        for change in changes {
            let entry = self.ledger.entry(at, EntryBody::Threshold(change.clone()));
            self.process(&entry);
        }
    }

    /// Lets a person act on the open alert of a rule; what is wrong where there is none, or more than one.
    fn act(&mut self, rule: &Arc<str>, record: Option<&str>, by: Option<&Arc<str>>, act: &Act) -> Option<Mismatch> {
        let is_about = |alert: &Alert| {
            let is_it = |name| alert.findings.iter().any(|f| names(name, &f.about.trigger));
            record.is_none_or(is_it)
        };
        let open = |alert: &&Alert| alert.rule == *rule && alert.status.is_open() && is_about(alert);
        let fitting: Vec<&Alert> = self.alerts.iter().filter(open).collect();
        let [alert] = fitting.as_slice() else {
            return Some(Mismatch::NotOne { rule: rule.clone(), alerts: fitting.len() });
        };
        let first_told = alert.told.first().or_else(|| self.pack.agencies.first().map(|agency| &agency.id));
        let by = by.or(first_told).cloned().unwrap_or_else(|| Arc::from(""));
        let body = EntryBody::Act { alert: alert.id.clone(), subject: alert.subject.clone(), by, act: act.clone() };
        let entry = self.ledger.entry(self.now, body);
        self.process(&entry);
        None
    }

    fn process(&mut self, entry: &entry::Entry) {
        self.now = entry.at;
        let steps = self.machine.process(entry);
        for alert in steps.iter().flat_map(|step| &step.effects.alerts) {
            match self.alerts.iter_mut().find(|known| known.id == alert.id) {
                Some(known) => known.clone_from(alert),
                None => self.alerts.push(alert.clone()),
            }
        }
        self.steps.extend(steps);
    }

    fn happened(&self, step: &entry::Step) -> Vec<Happened> {
        let mut notices: Vec<&Notice> = step.effects.notices.iter().collect();
        let dispositions = step.effects.dispositions.iter();
        dispositions
            .map(|disposed| Happened {
                rule: disposed.finding.rule().clone(),
                what: disposed.disposition.word(),
                severity: disposed.finding.severity,
                told: told(&disposed.alert, &disposed.disposition, &mut notices),
                reason: reason(&disposed.disposition, self.pack.timeline.zone),
                record: disposed.finding.about.trigger.clone(),
                at: step.at,
                subject: disposed.finding.about.subject.kind,
                alert: disposed.alert.clone(),
            })
            .collect()
    }
}

/// Takes out of a step's notices those that one disposition sent; the agencies that got them.
fn told(alert: &AlertId, disposition: &Disposition, notices: &mut Vec<&Notice>) -> BTreeSet<String> {
    let is_own = |notice: &&mut &Notice| {
        notice.alert == *alert
            && matches!(
                (&notice.occasion, disposition),
                (Occasion::Opened, Disposition::Open)
                    | (Occasion::Escalated { .. }, Disposition::Escalate { .. })
                    | (Occasion::Corrected, Disposition::Repeat { .. })
                    | (Occasion::Resolved { .. }, Disposition::Resolve { .. })
            )
    };
    notices.extract_if(.., |notice| is_own(&notice)).map(|notice| notice.agency.to_string()).collect()
}

/// Whether a text names a record: by its id, or by source and id.
pub(super) fn names(text: &str, record: &crate::record::RecordKey) -> bool {
    record.id.as_ref() == text || record.to_string() == text
}

/// Why something became of a finding, with times in the pack's zone.
fn reason(disposition: &Disposition, zone: Tz) -> String {
    match disposition {
        Disposition::Repeat { since } => format!("since {}", local(*since, zone)),
        other => other.reason(),
    }
}

/// An instant in the pack's zone.
pub(super) fn local(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).to_rfc3339_opts(SecondsFormat::AutoSi, false)
}
