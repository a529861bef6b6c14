//! From an alert to notices: which agencies are told, and which fields each may see.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::alert::{Alert, AlertId, CloseReason, Evidence, Finding, Message, Severity};
use crate::pack::Pack;
use crate::pack::tables::{Agency, Citation};
use crate::record::region;
use crate::record::schema::Group;

/// Why a notice goes out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "occasion")]
pub enum Occasion {
    /// A new alert.
    Opened,
    /// An alert that is more urgent than it was.
    Escalated {
        /// The severity before.
        from: Severity,
    },
    /// An alert whose evidence changed after it was sent.
    Corrected,
    /// An alert that is over.
    Resolved {
        /// Why.
        reason: CloseReason,
    },
    /// A test of the channel: nothing happened.
    Test,
    /// A channel of the program needs a person: no alert is behind it.
    Trouble,
}

/// One line of evidence as an agency may see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EvidenceLine {
    /// The conjunct as its author wrote it.
    pub text: String,
    /// The value that it saw.
    pub value: String,
    /// The bound that the value met.
    pub bound: Option<String>,
}

/// An alert as one agency may see it: whatever stands here may be shown to that agency.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// The alert's name.
    pub alert: AlertId,
    /// Which sending of the alert this is, from 1.
    pub revision: u32,
    /// The agency's id.
    pub agency: Arc<str>,
    /// The agency's name.
    pub agency_name: String,
    /// Why it goes out.
    pub occasion: Occasion,
    /// The rule's id.
    pub rule: Arc<str>,
    /// The rule's title, without personal data.
    pub title: String,
    /// How soon to act.
    pub severity: Severity,
    /// The phase's name, for people.
    pub phase: String,
    /// The kabupaten's name, or that of the whole area.
    pub kabupaten: String,
    /// When what triggered it happened.
    pub occurred_at: DateTime<Utc>,
    /// As of when the rule was judged.
    pub at: DateTime<Utc>,
    /// How many findings the alert rests on.
    pub findings: usize,
    /// What this agency is told; it can hold personal data that the agency may see.
    pub message: String,
    /// What this agency is asked to do.
    pub action: String,
    /// Why the rule exists.
    pub why: String,
    /// When the rule is known to be wrong.
    pub false_positives: String,
    /// The evidence that the agency may see.
    pub evidence: Vec<EvidenceLine>,
    /// How many lines of evidence it may not see.
    pub evidence_hidden: usize,
    /// Legal basis: the citations in words, unverified ones marked.
    pub basis: Vec<String>,
}

/// The agencies that a finding's rule asks, where it belongs to.
pub fn responsible<'a>(pack: &'a Pack, finding: &'a Finding) -> impl Iterator<Item = &'a Agency> {
    let is_here = |agency: &Agency| {
        finding.kabupaten.as_deref().is_none_or(|code| agency.kabupaten.iter().any(|own| own == code))
    };
    pack.agencies.iter().filter(move |agency| is_here(agency) && role_message(finding, agency).is_some())
}

/// The agencies that are told: those told before and, unless it is over, those of the rule's roles where it happened.
pub fn recipients<'a>(pack: &'a Pack, alert: &Alert, finding: &Finding, occasion: &Occasion) -> Vec<&'a Agency> {
    let was_told = |agency: &Agency| alert.told.contains(&agency.id);
    let asked: Vec<&Arc<str>> = responsible(pack, finding).map(|agency| &agency.id).collect();
    let only_told = matches!(occasion, Occasion::Resolved { .. });
    pack.agencies.iter().filter(|agency| was_told(agency) || (!only_told && asked.contains(&&agency.id))).collect()
}

/// The alert as one agency may see it; `None` where it has no part in it.
pub fn notice(pack: &Pack, alert: &Alert, finding: &Finding, agency: &Agency, occasion: Occasion) -> Option<Notice> {
    let rule = pack.rule(&finding.key.rule)?;
    let message = role_message(finding, agency)?;
    let may_see = |groups: &[Group]| groups.iter().all(|group| agency.sees.contains(group));
    let (seen, hidden): (Vec<&Evidence>, Vec<&Evidence>) =
        finding.evidence.iter().partition(|evidence| may_see(&evidence.groups));
    let text = if may_see(&message.groups) { message.text.clone() } else { rule.title.clone() };
    Some(Notice {
        alert: alert.id.clone(),
        revision: alert.revision,
        agency: agency.id.clone(),
        agency_name: agency.name.clone(),
        occasion,
        rule: rule.id.clone(),
        title: rule.title.clone(),
        severity: alert.severity,
        phase: pack
            .timeline
            .phase_id(&finding.phase)
            .and_then(|id| pack.timeline.phase(id))
            .map_or_else(|| finding.phase.to_string(), |phase| phase.name.clone()),
        kabupaten: match finding.kabupaten.as_deref() {
            Some(code) => region::kabupaten_name(code).map_or_else(|| code.to_owned(), str::to_owned),
            None => pack.area_name.clone(),
        },
        occurred_at: finding.occurred_at,
        at: finding.at,
        findings: alert.findings.len(),
        message: text,
        action: rule.action.clone(),
        why: rule.why.clone(),
        false_positives: rule.false_positives.clone(),
        evidence: seen.into_iter().map(line).collect(),
        evidence_hidden: hidden.len(),
        basis: finding.basis.iter().filter_map(|id| pack.citation(id)).map(Citation::words).collect(),
    })
}

fn line(evidence: &Evidence) -> EvidenceLine {
    EvidenceLine { text: evidence.text.clone(), value: evidence.value.clone(), bound: evidence.bound.clone() }
}

fn role_message<'a>(finding: &'a Finding, agency: &Agency) -> Option<&'a Message> {
    finding.notify.iter().find(|(role, _)| agency.roles.contains(role)).map(|(_, message)| message)
}
