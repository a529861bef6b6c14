//! What one rule made of a record: in a sentence for people, whole for programs.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::known::Known;
use super::told::Told;
use crate::alert::{Alert, Disposition, Finding, Severity};
use crate::engine::Judged;
use crate::engine::trace::{Asked, Clause, Outcome, Trace, WaitState};
use crate::pack::Pack;
use crate::pack::rule::Rule;
use crate::pack::tables::Agency;
use crate::record::groups::Groups;
use crate::record::shown::{Bound, Shown};
use crate::replay::{local, reason};
use crate::subject::subject_of;
use crate::words::{Language, Text, say};

/// What one rule made of a record.
pub struct Explained<'a> {
    pack: &'a Pack,
    /// The rule.
    pub rule: &'a Rule,
    /// Why.
    pub trace: &'a Trace,
    /// What became of what it found, oldest first; also of what is no longer a finding.
    pub history: Vec<(DateTime<Utc>, &'a Disposition)>,
    /// What it found, with the alert.
    pub found: Option<Found<'a>>,
}

/// A finding with its alert.
pub struct Found<'a> {
    /// The finding.
    pub finding: &'a Finding,
    alert: Option<&'a Alert>,
    /// What the agency that is asked about has to do with it.
    pub told: Option<Told<'a>>,
}

/// How a rule came out, the most telling first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// It found something.
    Found,
    /// It could not be judged.
    Failed,
    /// Its deadline waits.
    Waits,
    /// What its deadline waited for had come.
    Answered,
    /// A condition stopped it.
    Stopped,
    /// Its conditions were not asked.
    NotAsked,
}

impl Mark {
    /// In a word.
    pub fn said(self) -> Text {
        match self {
            Mark::Found => say("explain-found"),
            Mark::Failed => say("explain-failed"),
            Mark::Waits => say("explain-waits"),
            Mark::Answered => say("explain-answered"),
            Mark::Stopped => say("explain-stopped"),
            Mark::NotAsked => say("explain-not-asked"),
        }
    }
}

impl<'a> Explained<'a> {
    /// Of a trace; none where the pack no longer has the rule.
    pub fn of(known: &'a Known, trace: &'a Trace, agency: Option<&'a Agency>) -> Option<Self> {
        let pack = known.machine.pack();
        let rule = pack.rule(&trace.key.rule)?;
        let subject = subject_of(&known.logged.record, rule.per);
        let case = subject.and_then(|subject| known.machine.case(&subject));
        let finding = case.and_then(|case| trace.finding(case));
        let found = finding.map(|finding| {
            let alert = known.alert(finding);
            let told = agency.zip(alert).map(|(agency, alert)| Told::of(pack, alert, finding, agency));
            Found { finding, alert, told }
        });
        Some(Explained { pack, rule, trace, history: known.history(&trace.key), found })
    }

    /// How it came out.
    pub fn mark(&self) -> Mark {
        match self.trace.ends() {
            _ if self.found.is_some() => Mark::Found,
            Some(Judged::Failed) => Mark::Failed,
            Some(Judged::Armed) => Mark::Waits,
            Some(Judged::Answered) => Mark::Answered,
            Some(Judged::NotHeld) => Mark::Stopped,
            _ => Mark::NotAsked,
        }
    }

    /// What decided, and what became of it.
    pub fn said(&self) -> Text {
        let zone = self.pack.timeline.zone;
        let Some(found) = &self.found else { return self.trace.said(zone) };
        let became = self.history.last().map_or_else(|| self.trace.said(zone), |(_, disposed)| disposed.said(zone));
        let alert = found.alert.map_or("", |alert| alert.id.as_ref());
        say("explain-became")
            .with("severity", found.finding.severity.word())
            .with("alert", alert)
            .with("became", became)
    }

    /// The condition that decided: the one that stopped the rule, or what answered its deadline.
    pub fn decided_by(&self) -> Option<&'a Clause> {
        match self.mark() {
            Mark::Answered => self.trace.wait.as_ref()?.unless.as_ref(),
            Mark::Stopped | Mark::Failed => self.trace.stopped_by(),
            Mark::Found | Mark::Waits | Mark::NotAsked => None,
        }
    }

    /// The same for programs.
    pub fn line(&self, language: Language) -> Line<'a> {
        let zone = self.pack.timeline.zone;
        let trace = self.trace;
        let (phase, kabupaten) = match &trace.asked {
            Asked::All { phase, kabupaten, .. } => (Some(phase), kabupaten.as_ref()),
            Asked::NotInPhase { phase } => (Some(phase), None),
            Asked::OutsideArea { kabupaten } => (None, Some(kabupaten)),
            _ => (None, None),
        };
        Line {
            rule: &trace.key.rule,
            record: RecordLine { source: &trace.key.trigger.source, id: &trace.key.trigger.id },
            firing: trace.key.firing,
            at: local(trace.at, zone),
            outcome: trace.ends().map(Judged::word),
            asked: asked(&trace.asked),
            reason: self.said().render(language),
            phase,
            kabupaten,
            deadline: trace.wait.as_ref().map(|wait| DeadlineLine {
                due: wait.due.as_ref().ok().copied().flatten().map(|due| local(due, zone)),
                state: match wait.state {
                    WaitState::Waits => "waits",
                    WaitState::Judged => "judged",
                    WaitState::TakenOver => "taken-over",
                },
                unless: wait.unless.as_ref().map(ClauseLine::of),
            }),
            decided_by: self.decided_by().map(ClauseLine::of),
            conjuncts: trace.conjuncts().iter().map(ClauseLine::of).collect(),
            history: (self.history.iter())
                .map(|(at, disposed)| DisposedLine {
                    at: local(*at, zone),
                    kind: disposed.word(),
                    reason: Some(reason(disposed, zone)).filter(|words| !words.is_empty()),
                })
                .collect(),
            finding: self.found.as_ref().map(|found| found.line(language)),
        }
    }
}

impl<'a> Found<'a> {
    fn line(&self, language: Language) -> FindingLine<'a> {
        FindingLine {
            alert: self.alert.map(|alert| &alert.id),
            severity: self.finding.severity,
            told: self.alert.map_or(&[], |alert| &alert.told),
            agency: self.told.as_ref().map(|told| ToldLine {
                why: told.why.word(),
                reason: told.said().render(language),
                message: told.message.clone(),
                groups_unseen: told.unseen.iter().map(|group| group.word()).collect(),
                evidence_hidden: told.hidden,
            }),
        }
    }
}

fn asked(asked: &Asked) -> &'static str {
    match asked {
        Asked::OtherKind => "other-kind",
        Asked::Draft => "draft",
        Asked::NoSubject => "no-subject",
        Asked::OutsideArea { .. } => "outside-area",
        Asked::NotInPhase { .. } => "not-in-phase",
        Asked::Failed(_) => "failed",
        Asked::All { .. } => "all",
    }
}

/// What one rule made of a record, as JSON.
#[derive(Debug, Serialize)]
pub struct Line<'a> {
    rule: &'a str,
    record: RecordLine<'a>,
    firing: u8,
    at: String,
    outcome: Option<&'static str>,
    asked: &'static str,
    reason: String,
    phase: Option<&'a Arc<str>>,
    kabupaten: Option<&'a Arc<str>>,
    deadline: Option<DeadlineLine<'a>>,
    decided_by: Option<ClauseLine<'a>>,
    conjuncts: Vec<ClauseLine<'a>>,
    history: Vec<DisposedLine>,
    finding: Option<FindingLine<'a>>,
}

#[derive(Debug, Serialize)]
struct RecordLine<'a> {
    source: &'a str,
    id: &'a str,
}

#[derive(Debug, Serialize)]
struct DisposedLine {
    at: String,
    kind: &'static str,
    reason: Option<String>,
}

#[derive(Debug, Serialize)]
struct DeadlineLine<'a> {
    due: Option<String>,
    state: &'static str,
    unless: Option<ClauseLine<'a>>,
}

#[derive(Debug, Serialize)]
struct ClauseLine<'a> {
    text: &'a str,
    line: usize,
    column: usize,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<String>,
    value: Option<&'a Shown>,
    bound: Option<&'a Bound>,
    groups: Groups,
    guard: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    branches: Vec<ClauseLine<'a>>,
}

impl<'a> ClauseLine<'a> {
    fn of(clause: &'a Clause) -> Self {
        ClauseLine {
            text: &clause.text,
            line: clause.line,
            column: clause.column,
            outcome: clause.outcome.word(),
            fault: match &clause.outcome {
                Outcome::Failed(fault) => Some(fault.to_string()),
                _ => None,
            },
            value: clause.value.as_ref(),
            bound: clause.bound.as_ref(),
            groups: clause.groups,
            guard: clause.is_guard,
            branches: clause.branches.iter().map(ClauseLine::of).collect(),
        }
    }
}

#[derive(Debug, Serialize)]
struct FindingLine<'a> {
    alert: Option<&'a Arc<str>>,
    severity: Severity,
    told: &'a [Arc<str>],
    #[serde(skip_serializing_if = "Option::is_none")]
    agency: Option<ToldLine>,
}

#[derive(Debug, Serialize)]
struct ToldLine {
    why: &'static str,
    reason: String,
    message: Option<Shown>,
    groups_unseen: Vec<&'static str>,
    evidence_hidden: usize,
}
