//! What two packs make of the same records, alert by alert: gained, lost, changed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::alert::{AlertId, Disposition, Finding, HoldReason, Severity};
use crate::entry::Step;
use crate::record::RecordKey;
use crate::record::shown::Shown;
use crate::subject::Subject;

/// The alerts that one pack came to.
#[derive(Debug, Default)]
pub struct Side {
    alerts: BTreeMap<AlertId, Outcome>,
}

/// An alert as one pack had it at the end.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Its name.
    pub alert: AlertId,
    /// The rule's id.
    pub rule: Arc<str>,
    /// Whom or what it is about.
    pub subject: Subject,
    /// When it opened.
    pub opened_at: DateTime<Utc>,
    /// The record that opened it.
    pub record: RecordKey,
    /// What its first finding says, to the first role of the rule.
    pub message: Shown,
    /// Its severity when it opened.
    pub first: Severity,
    /// The highest severity that it reached.
    pub highest: Severity,
    /// The agencies that were told.
    pub told: BTreeSet<Arc<str>>,
    /// Why it is kept from everybody, where it is.
    pub held: Option<HoldReason>,
}

impl Side {
    /// The alerts, by name.
    pub fn outcomes(&self) -> impl Iterator<Item = &Outcome> {
        self.alerts.values()
    }

    /// Takes note of steps; those of one subject come in their order.
    pub fn note(&mut self, steps: &[Step]) {
        for step in steps {
            // an alert's first finding stands beside the alert as it was then
            let disposed = step.effects.dispositions.iter();
            let firsts: BTreeMap<&AlertId, &Finding> = disposed
                .filter(|disposed| !matches!(disposed.disposition, Disposition::Resolve { .. }))
                .rev()
                .map(|disposed| (&disposed.alert, &disposed.finding))
                .collect();
            for alert in &step.effects.alerts {
                if let Some(known) = self.alerts.get_mut(&alert.id) {
                    known.highest = alert.severity;
                    known.told = alert.told.iter().cloned().collect();
                    known.held = alert.held.clone();
                } else if let Some(finding) = firsts.get(&alert.id) {
                    let message = finding.message(|_| true).map(|message| message.text).unwrap_or_default();
                    let outcome = Outcome {
                        alert: alert.id.clone(),
                        rule: alert.rule.clone(),
                        subject: alert.subject.clone(),
                        opened_at: alert.opened_at,
                        record: finding.about.trigger.clone(),
                        message,
                        first: finding.severity,
                        highest: alert.severity,
                        told: alert.told.iter().cloned().collect(),
                        held: alert.held.clone(),
                    };
                    self.alerts.insert(alert.id.clone(), outcome);
                }
            }
        }
    }
}

/// What became of one alert from the first pack to the second.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Only the second pack has it.
    Gained(Outcome),
    /// Only the first pack has it.
    Lost(Outcome),
    /// Both have it, not alike.
    Changed {
        /// With the first pack.
        before: Outcome,
        /// With the second.
        after: Outcome,
    },
    /// Both have it alike.
    Same(Outcome),
}

impl Change {
    /// The alert as the second pack has it, or as it was.
    pub fn outcome(&self) -> &Outcome {
        match self {
            Change::Gained(outcome) | Change::Lost(outcome) | Change::Same(outcome) => outcome,
            Change::Changed { after, .. } => after,
        }
    }

    /// The word of this kind of change.
    pub fn word(&self) -> &'static str {
        match self {
            Change::Gained(_) => "gained",
            Change::Lost(_) => "lost",
            Change::Changed { .. } => "changed",
            Change::Same(_) => "same",
        }
    }
}

/// Sets two sides beside each other, by time of opening. An alert is the same if its name is, which is made of rule,
/// record and opening; of those left, the n-th of a rule and subject are the same matter that opened at another time.
pub fn compare(before: Side, mut after: Side) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut left: BTreeMap<Matter, Vec<Outcome>> = BTreeMap::new();
    for (id, outcome) in before.alerts {
        match after.alerts.remove(&id) {
            Some(now) => changes.push(both(outcome, now)),
            None => left.entry(matter(&outcome)).or_default().push(outcome),
        }
    }
    let mut new: BTreeMap<Matter, Vec<Outcome>> = BTreeMap::new();
    for outcome in after.alerts.into_values() {
        new.entry(matter(&outcome)).or_default().push(outcome);
    }
    for (matter, lost) in left {
        let mut gained = in_order(new.remove(&matter).unwrap_or_default());
        for outcome in in_order(lost) {
            changes.push(match gained.next() {
                Some(now) => both(outcome, now),
                None => Change::Lost(outcome),
            });
        }
        changes.extend(gained.map(Change::Gained));
    }
    changes.extend(new.into_values().flatten().map(Change::Gained));
    changes.sort_by(|a, b| {
        let (a, b) = (a.outcome(), b.outcome());
        (a.opened_at, &a.rule, &a.alert).cmp(&(b.opened_at, &b.rule, &b.alert))
    });
    changes
}

type Matter = (Arc<str>, Subject);

fn matter(outcome: &Outcome) -> Matter {
    (outcome.rule.clone(), outcome.subject.clone())
}

fn in_order(mut outcomes: Vec<Outcome>) -> std::vec::IntoIter<Outcome> {
    outcomes.sort_by(|a, b| (a.opened_at, &a.alert).cmp(&(b.opened_at, &b.alert)));
    outcomes.into_iter()
}

fn both(before: Outcome, after: Outcome) -> Change {
    let is_same = before.opened_at == after.opened_at
        && (before.first, before.highest) == (after.first, after.highest)
        && before.told == after.told
        && before.held == after.held;
    if is_same { Change::Same(after) } else { Change::Changed { before, after } }
}
