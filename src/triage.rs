//! From a finding to a disposition: open, repeat, escalate, hold or resolve, each with its reason.

pub mod apply;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::alert::{Alert, CloseReason, Disposition, Finding, HoldReason, Severity, Status};
use crate::pack::Pack;
use crate::pack::rule::{self, OncePer, Rule};

/// Which alert a finding belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The one at this place among the subject's alerts.
    Join(usize),
    /// A new one, on this occasion.
    New(String),
}

/// What becomes of a new finding, and which alert it belongs to.
pub fn decide(
    pack: &Pack,
    rule: &Rule,
    finding: &Finding,
    alerts: &[Alert],
    now: DateTime<Utc>,
) -> (Disposition, Target) {
    let target = target(rule, finding, alerts, now);
    if let Some(hold) = hold(pack, rule, finding, alerts, now) {
        return (Disposition::Hold(hold), target);
    }
    let joined = match &target {
        Target::Join(index) => alerts.get(*index),
        Target::New(_) => None,
    };
    let disposition = match joined {
        None => Disposition::Open,
        Some(alert) if !alert.status.is_open() => Disposition::Repeat { since: alert.opened_at },
        Some(alert) if alert.held.is_some() => Disposition::Open,
        Some(alert) if finding.severity > alert.severity => {
            Disposition::Escalate { from: alert.severity, to: finding.severity }
        }
        Some(alert) => Disposition::Repeat { since: alert.opened_at },
    };
    (disposition, target)
}

/// Why a finding is kept from people, if it is.
pub fn hold(pack: &Pack, rule: &Rule, finding: &Finding, alerts: &[Alert], now: DateTime<Utc>) -> Option<HoldReason> {
    // first: whatever else holds it, an exempt person's finding is shown to nobody
    if finding.about.exempt {
        return Some(HoldReason::Exempt);
    }
    if rule.status == rule::Status::Shadow {
        return Some(HoldReason::Shadow);
    }
    if finding.severity == Severity::Silent {
        return Some(HoldReason::SilentPhase);
    }
    if let Some(by) = suppressor(pack, rule, alerts) {
        return Some(HoldReason::Suppressed { by: by.rule.clone() });
    }
    let quiet = TimeDelta::days(i64::from(pack.false_alarm_days));
    let until = alerts.iter().filter(|alert| alert.rule == rule.id).filter_map(|alert| match alert.status {
        Status::Ditutup { reason: CloseReason::FalseAlarm, at } => Some(at + quiet),
        _ => None,
    });
    until.max().filter(|until| *until > now).map(|until| HoldReason::FalseAlarm { until })
}

/// The open alert of another rule that explains this one's findings.
pub fn suppressor<'a>(pack: &Pack, rule: &Rule, alerts: &'a [Alert]) -> Option<&'a Alert> {
    let suppressing: Vec<&Arc<Rule>> =
        pack.suppressors.iter().filter(|other| other.suppresses.contains(&rule.id)).collect();
    alerts.iter().find(|alert| {
        alert.status.is_open() && alert.held.is_none() && suppressing.iter().any(|other| other.id == alert.rule)
    })
}

fn target(rule: &Rule, finding: &Finding, alerts: &[Alert], now: DateTime<Utc>) -> Target {
    let own = || alerts.iter().enumerate().rev().filter(|(_, alert)| alert.rule == rule.id);
    // an alert about exempt people is never told, so nothing else joins it
    let own = || own().filter(|(_, alert)| is_about_exempt(alert) == finding.about.exempt);
    if finding.firing > 0 {
        let holds_trigger =
            |alert: &Alert| alert.findings.iter().any(|other| other.about.trigger == finding.about.trigger);
        if let Some((index, _)) = own().find(|(_, alert)| alert.status.is_open() && holds_trigger(alert)) {
            return Target::Join(index);
        }
    }
    let occasion = match rule.once_per {
        OncePer::Case => "case".to_owned(),
        OncePer::Phase => format!("phase:{}", finding.about.phase),
        OncePer::Record => format!("record:{}", finding.about.trigger),
        OncePer::Span(_) => "span".to_owned(),
    };
    let joins = |alert: &Alert| match rule.once_per {
        OncePer::Case => alert.status.is_open(),
        OncePer::Phase | OncePer::Record => alert.occasion == occasion && is_open_or_closed_by_people(alert),
        OncePer::Span(span) => now < alert.opened_at + span && is_open_or_closed_by_people(alert),
    };
    match own().find(|(_, alert)| joins(alert)) {
        Some((index, _)) => Target::Join(index),
        None => Target::New(occasion),
    }
}

/// Whether an alert is held because whom it is about is exempt.
pub fn is_about_exempt(alert: &Alert) -> bool {
    alert.held == Some(HoldReason::Exempt)
}

/// What the program closed itself may come again on the same occasion; what people closed is settled for it.
fn is_open_or_closed_by_people(alert: &Alert) -> bool {
    match &alert.status {
        Status::Ditutup { reason, .. } => CloseReason::BY_PEOPLE.iter().any(|(by_people, _)| by_people == reason),
        _ => true,
    }
}
