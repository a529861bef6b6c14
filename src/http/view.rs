//! An alert as its reader's agency may see it: fields by the agency's groups, the subject's key never.

use std::sync::Arc;

use chrono::{DateTime, FixedOffset, Utc};
use serde::Serialize;

use crate::alert::{Act, Alert, AlertEvent, AlertEventKind, Finding, HoldReason, Severity, Status, late_hours};
use crate::notice::EvidenceLine;
use crate::pack::Pack;
use crate::pack::tables::{Agency, Citation};
use crate::record::region;
use crate::record::schema::Group;
use crate::record::shown::Shown;

/// One alert, for one agency.
#[derive(Debug, Serialize)]
pub struct AlertView {
    /// Its name.
    pub id: Arc<str>,
    /// The rule's id.
    pub rule: Arc<str>,
    /// The rule's title.
    pub title: String,
    /// How soon to act.
    pub severity: Severity,
    /// Where it stands in its life.
    pub status: &'static str,
    /// Why it is closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// Why it is kept from everybody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held: Option<&'static str>,
    /// The phase's word.
    pub phase: Option<Arc<str>>,
    /// The kabupaten's code; none for the whole area.
    pub kabupaten: Option<Arc<str>>,
    /// The kabupaten's name, or that of the whole area.
    pub area: String,
    /// When it opened.
    pub opened_at: DateTime<FixedOffset>,
    /// How late its first finding was heard of, in hours, where that is more than a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub late_hours: Option<i64>,
    /// When it last changed.
    pub updated_at: DateTime<FixedOffset>,
    /// How many times it was sent out.
    pub revision: u32,
    /// How many findings it rests on.
    pub findings: usize,
    /// What the agency is told; none where it has no part in it or may not see it.
    pub message: Option<Shown>,
    /// What the rule asks for.
    pub action: String,
    /// The evidence that the agency may see.
    pub evidence: Vec<EvidenceLine>,
    /// How many lines it may not see.
    pub evidence_hidden: usize,
    /// Legal basis in words.
    pub basis: Vec<String>,
    /// What happened to it, oldest first; only where one alert is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history: Option<Vec<HistoryLine>>,
}

/// One line of an alert's history.
#[derive(Debug, Serialize)]
pub struct HistoryLine {
    at: DateTime<FixedOffset>,
    what: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

/// Whoever reads: the agency of the pack, or one that the pack does not have and that therefore sees no field.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    pack: &'a Pack,
    agency: Option<&'a Agency>,
}

impl<'a> Reader<'a> {
    /// Somebody of an agency.
    pub fn new(pack: &'a Pack, agency: &str) -> Self {
        Reader { pack, agency: pack.agency(agency) }
    }

    /// The alert, without its history.
    pub fn alert(&self, alert: &Alert) -> AlertView {
        let finding = alert.newest();
        let rule = self.pack.rule(&alert.rule);
        // who is exempt was to be left in peace: not even the evidence is shown
        let exempt = alert.held == Some(HoldReason::Exempt);
        let shown = finding.filter(|_| !exempt);
        let evidence = shown.map(|finding| finding.evidence()).unwrap_or_default();
        let visible: Vec<EvidenceLine> =
            evidence.iter().filter(|line| self.may_see(line.groups.iter())).map(EvidenceLine::from).collect();
        let kabupaten = finding.and_then(|finding| finding.about.kabupaten.clone());
        AlertView {
            id: alert.id.clone(),
            rule: alert.rule.clone(),
            title: rule.map_or_else(|| alert.rule.to_string(), |rule| rule.title.clone()),
            severity: alert.severity,
            status: alert.status.word(),
            reason: match &alert.status {
                Status::Ditutup { reason, .. } => Some(reason.word()),
                _ => None,
            },
            held: alert.held.as_ref().map(HoldReason::word),
            phase: finding.map(|finding| finding.about.phase.clone()),
            area: area(self.pack, kabupaten.as_deref()),
            kabupaten,
            opened_at: self.local(alert.opened_at),
            late_hours: alert.findings.first().and_then(|first| late_hours(first.about.at, alert.opened_at)),
            updated_at: self.local(alert.updated_at),
            revision: alert.revision,
            findings: alert.findings.len(),
            message: shown.and_then(|finding| self.message(finding)),
            action: rule.map(|rule| rule.action.clone()).unwrap_or_default(),
            evidence_hidden: finding.map_or(0, |finding| finding.evidence_lines()) - visible.len(),
            evidence: visible,
            basis: finding.map(|finding| self.basis(finding)).unwrap_or_default(),
            history: None,
        }
    }

    /// The alert with its history.
    pub fn alert_with_history(&self, alert: &Alert, events: &[AlertEvent]) -> AlertView {
        let history = events.iter().map(|event| self.event(event)).collect();
        AlertView { history: Some(history), ..self.alert(alert) }
    }

    fn message(&self, finding: &Finding) -> Option<Shown> {
        let agency = self.agency?;
        let message = finding.message(|role| agency.roles.contains(role))?;
        self.may_see(message.groups.iter()).then_some(message.text)
    }

    fn basis(&self, finding: &Finding) -> Vec<String> {
        finding.basis().iter().filter_map(|id| self.pack.citation(id)).map(Citation::words).collect()
    }

    fn may_see(&self, mut groups: impl Iterator<Item = Group>) -> bool {
        let sees = |group| group == Group::Envelope || self.agency.is_some_and(|own| own.sees.contains(&group));
        groups.all(sees)
    }

    /// A comment can hold whatever its writer sees, so it is for those who see at least as much.
    fn may_read_comments_of(&self, writer: &str) -> bool {
        let own = self.agency.is_some_and(|agency| agency.id.as_ref() == writer);
        own || self.pack.agency(writer).is_some_and(|writer| self.may_see(writer.sees.iter().copied()))
    }

    fn event(&self, event: &AlertEvent) -> HistoryLine {
        let at = self.local(event.at);
        match &event.what {
            AlertEventKind::Disposed { disposition, .. } => {
                let reason = Some(disposition.reason()).filter(|reason| !reason.is_empty());
                HistoryLine { at, what: disposition.word(), reason, by: None, text: None }
            }
            AlertEventKind::Acted { by, act } => {
                let (what, reason, text) = match act {
                    Act::Acknowledge => ("acknowledge", None, None),
                    Act::Review => ("review", None, None),
                    Act::Close { reason } => ("close", Some(reason.word().to_owned()), None),
                    Act::Comment { text } => ("comment", None, Some(text.clone())),
                };
                let text = text.filter(|_| self.may_read_comments_of(by));
                HistoryLine { at, what, reason, by: Some(by.clone()), text }
            }
        }
    }

    fn local(&self, at: DateTime<Utc>) -> DateTime<FixedOffset> {
        at.with_timezone(&self.pack.timeline.zone).fixed_offset()
    }
}

/// The name of a kabupaten, or of the whole area.
pub fn area(pack: &Pack, kabupaten: Option<&str>) -> String {
    match kabupaten {
        Some(code) => region::kabupaten_name(code).unwrap_or(code).to_owned(),
        None => pack.area_name.clone(),
    }
}
