//! What is printed of findings: one line for each disposition, in log order.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::alert::{Disposition, Evidence, Finding, Severity};
use crate::entry::{Cause, Disposed, Position, Step};
use crate::pack::Pack;
use crate::record::shown::{Bound, Shown};
use crate::route;
use crate::subject::Subject;
use crate::words::{Language, say};

/// One finding with its disposition, as the contract has it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// The rule's id.
    pub rule: Arc<str>,
    subject: SubjectLine,
    at: String,
    phase: Arc<str>,
    /// The severity that the alert has with it.
    pub severity: Severity,
    kabupaten: Option<Arc<str>>,
    record: RecordLine,
    notify: Vec<Arc<str>>,
    disposition: DispositionLine,
    message: Shown,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    messages: BTreeMap<Arc<str>, Shown>,
    evidence: Vec<EvidenceLine>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct SubjectLine {
    kind: &'static str,
    key: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct RecordLine {
    source: Arc<str>,
    id: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct DispositionLine {
    kind: &'static str,
    reason: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct EvidenceLine {
    text: Arc<str>,
    value: Shown,
    bound: Option<Bound>,
    holds: bool,
}

/// Where a line stands in the log: by position, instant, cause, rule and subject.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Place(Position, DateTime<Utc>, Cause, Arc<str>, Subject);

/// The lines of some steps, in log order: by position, instant, cause, rule and subject.
pub fn lines(pack: &Pack, steps: Vec<Step>) -> Vec<Line> {
    placed(pack, steps).into_iter().map(|(_, line)| line).collect()
}

/// The same with their places.
pub(super) fn placed(pack: &Pack, steps: Vec<Step>) -> Vec<(Place, Line)> {
    let mut placed: Vec<(Place, &Disposed)> = steps
        .iter()
        .flat_map(|step| step.effects.dispositions.iter().map(move |disposed| (step, disposed)))
        .map(|(step, disposed)| {
            let finding = &disposed.finding;
            let (rule, subject) = (finding.rule().clone(), finding.about.subject.clone());
            (Place(step.position, step.at, step.cause, rule, subject), disposed)
        })
        .collect();
    placed.sort_by(|(a, _), (b, _)| a.cmp(b));
    let line = |disposed: &Disposed| line(pack, &disposed.finding, &disposed.disposition);
    placed.into_iter().map(|(place, disposed)| (place, line(disposed))).collect()
}

fn line(pack: &Pack, finding: &Finding, disposition: &Disposition) -> Line {
    let texts = finding.texts();
    let about = &finding.about;
    let by_role = || finding.notify().into_iter().map(|(role, message)| (role, message.text));
    Line {
        rule: finding.rule().clone(),
        subject: SubjectLine { kind: about.subject.kind.word(), key: about.subject.key.clone() },
        at: local(about.at, pack.timeline.zone),
        phase: about.phase.clone(),
        severity: finding.severity,
        kabupaten: about.kabupaten.clone(),
        record: RecordLine { source: about.trigger.source.clone(), id: about.trigger.id.clone() },
        notify: route::responsible(pack, finding).map(|agency| agency.id.clone()).collect(),
        disposition: DispositionLine {
            kind: disposition.word(),
            reason: Some(reason(disposition, pack.timeline.zone)).filter(|reason| !reason.is_empty()),
        },
        message: texts.first().cloned().unwrap_or(Shown::Static("")),
        messages: if texts.len() > 1 { by_role().collect() } else { BTreeMap::new() },
        evidence: finding.evidence().into_iter().map(evidence_line).collect(),
    }
}

impl Line {
    /// What became of the finding.
    pub fn kind(&self) -> &'static str {
        self.disposition.kind
    }

    /// The line for people.
    pub fn words(&self, pack: &Pack, language: Language) -> String {
        let title = pack.rule(&self.rule).map_or(self.rule.as_ref(), |rule| rule.title.as_str());
        let reason = self.disposition.reason.as_deref().map(|reason| format!(" ({reason})")).unwrap_or_default();
        let agencies = self.notify.join(", ");
        let told = match self.disposition.kind {
            "hold" => say("replay-not-told").with("agencies", agencies).render(language),
            _ => format!("-> {agencies}"),
        };
        format!(
            "{}  {}  {}{reason}  {} ({title})\n    {}\n    {}",
            self.at, self.severity, self.disposition.kind, self.rule, self.message, told,
        )
    }
}

/// Why a finding was disposed so, with times in the pack's zone.
pub fn reason(disposition: &Disposition, zone: Tz) -> String {
    match disposition {
        Disposition::Repeat { since } => format!("since {}", local(*since, zone)),
        other => other.reason(),
    }
}

fn evidence_line(evidence: Evidence) -> EvidenceLine {
    let Evidence { text, value, bound, holds, .. } = evidence;
    EvidenceLine { text, value, bound, holds }
}

/// An instant in the pack's zone, RFC 3339.
pub fn local(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).to_rfc3339_opts(SecondsFormat::AutoSi, false)
}
