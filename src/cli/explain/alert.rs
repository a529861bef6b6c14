//! `siaga explain alert`: what an alert rests on, what happened to it and who was told.

use std::fmt::Display;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::super::{Deployment, Exit, Format, Streams, join_store, load_deployment, unknown};
use crate::alert::{Act, Alert, AlertEvent, AlertEventKind, Finding, HoldReason, Severity, Status};
use crate::http::view::area;
use crate::notice::EvidenceLine;
use crate::pack::Pack;
use crate::pack::diagnostic::did_you_mean;
use crate::pack::tables::Citation;
use crate::record::shown::Shown;
use crate::replay::local;
use crate::store::people::AlertFilter;
use crate::store::{Scope, Store};
use crate::words::{Language, Text, say};

/// Among so many of the newest alerts the one that is meant is looked for.
const NEWEST: usize = 1_000;

/// What to explain.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The alert's id
    id: String,
    #[command(flatten)]
    deployment: Deployment,
    /// How to print
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// Explains an alert.
pub fn run(args: &Args, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let (config, pack) = load_deployment(&args.deployment, streams)?;
    let store = join_store(&config)?;
    let Some(alert) = store.alert(&args.id, &Scope::All)? else {
        return Err(unknown(say("thing-alert"), &args.id, near(&store, &args.id)?, streams.language));
    };
    let events = store.alert_events(&alert.id, &Scope::All)?;
    let told = Told { pack: &pack, alert: &alert, events: &events, language: streams.language };
    match args.format {
        Format::Json => writeln!(streams.out, "{}", serde_json::to_string(&told.line())?)?,
        Format::Human => told.print(streams)?,
    }
    Ok(Exit::Clean)
}

fn near(store: &Store, id: &str) -> anyhow::Result<Option<Text>> {
    let newest = store.alerts(&AlertFilter::everything(Scope::All), None, NEWEST)?;
    Ok(did_you_mean(id, newest.items.iter().map(|alert| alert.id.as_ref())))
}

/// An alert with its history.
struct Told<'a> {
    pack: &'a Pack,
    alert: &'a Alert,
    events: &'a [AlertEvent],
    language: Language,
}

impl<'a> Told<'a> {
    fn title(&self) -> &'a str {
        self.pack.rule(&self.alert.rule).map_or(self.alert.rule.as_ref(), |rule| rule.title.as_str())
    }

    /// The finding whose words stand for the alert; none where the person was to be left in peace.
    fn shown(&self) -> Option<&'a Finding> {
        self.alert.newest().filter(|_| self.alert.held != Some(HoldReason::Exempt))
    }

    fn evidence(&self) -> Vec<EvidenceLine> {
        self.shown().map_or_else(Vec::new, |finding| finding.evidence().iter().map(EvidenceLine::from).collect())
    }

    /// What the rule waited for, and until when.
    fn deadline(&self) -> Option<Text> {
        let finding = self.shown()?;
        let deadline = self.pack.rule(finding.rule())?.deadline.as_ref()?;
        let due = self.time(finding.about.at);
        Some(match &deadline.unless {
            Some(unless) => say("explain-alert-waited").with("due", due).with("unless", one_line(&unless.text)),
            None => say("explain-alert-due").with("due", due),
        })
    }

    fn messages(&self) -> Vec<(Arc<str>, Shown)> {
        let messages = self.shown().map(|finding| finding.notify()).unwrap_or_default();
        messages.into_iter().map(|(role, message)| (role, message.text)).collect()
    }

    fn basis(&self) -> Vec<String> {
        let basis = self.alert.newest().map(|finding| finding.basis().iter());
        basis.into_iter().flatten().filter_map(|id| self.pack.citation(id)).map(Citation::words).collect()
    }

    /// Each agency that took it, at its first word.
    fn acknowledged(&self) -> Vec<(&'a str, DateTime<Utc>)> {
        let mut found: Vec<(&str, DateTime<Utc>)> = Vec::new();
        for event in self.events {
            if let AlertEventKind::Acted { by, act: Act::Acknowledge } = &event.what
                && !found.iter().any(|(known, _)| *known == by.as_ref())
            {
                found.push((by, event.at));
            }
        }
        found
    }

    fn said(&self, text: &Text) -> String {
        text.render(self.language)
    }

    fn time(&self, at: DateTime<Utc>) -> String {
        Shown::Time(at, self.pack.timeline.zone).to_string()
    }

    fn status(&self) -> Text {
        match &self.alert.status {
            Status::Ditutup { reason, at } => {
                say("explain-alert-closed").with("at", self.time(*at)).with("reason", reason.said())
            }
            status => say("explain-alert-open").with("status", status.word()),
        }
    }

    fn area(&self) -> String {
        area(self.pack, self.alert.newest().and_then(|finding| finding.about.kabupaten.as_deref()))
    }

    fn print(&self, streams: &mut Streams<'_>) -> anyhow::Result<()> {
        let Told { pack, alert, .. } = self;
        let zone = pack.timeline.zone;
        let out = &mut streams.out;
        writeln!(out, "{} {}: {} · {}", alert.severity, alert.id, self.title(), self.area())?;
        let opened = say("explain-alert-opened")
            .with("rule", alert.rule.as_ref())
            .with("at", self.time(alert.opened_at))
            .with("status", self.status());
        writeln!(out, "{}", self.said(&opened))?;
        if let Some(held) = &alert.held {
            let held = say("disposed-hold").with("reason", held.said(zone));
            writeln!(out, "{}", self.said(&held))?;
        }
        for (role, message) in self.messages() {
            writeln!(out, "\n{role}: {message}")?;
        }
        let evidence = self.evidence().into_iter().map(|line| {
            let EvidenceLine { text, value, bound } = line;
            let seen = match bound {
                Some(bound) => {
                    say("explain-evidence-bound").with("value", value.to_string()).with("bound", bound.to_string())
                }
                None => say("explain-evidence").with("value", value.to_string()),
            };
            format!("{}\n  ({text})", self.said(&seen))
        });
        let evidence = self.deadline().map(|text| self.said(&text)).into_iter().chain(evidence);
        let title = say("explain-alert-evidence").with("findings", alert.findings.len());
        list(out, &self.said(&title), evidence)?;
        let history = self.events.chunk_by(|a, b| a.what.said(zone) == b.what.said(zone));
        let history = history.map(|alike| self.said(&self.happened(alike)));
        list(out, &self.said(&say("explain-alert-history")), history)?;
        list(out, &self.said(&say("explain-alert-told")), alert.told.iter())?;
        let acknowledged = self.acknowledged().into_iter().map(|(by, at)| format!("{by}, {}", self.time(at)));
        list(out, &self.said(&say("explain-alert-acknowledged")), acknowledged)?;
        list(out, &self.said(&say("explain-alert-basis")), self.basis().into_iter())
    }

    /// What happened, in one line however often it happened in a row.
    fn happened(&self, alike: &[AlertEvent]) -> Text {
        let [first, .., last] = alike else {
            return alike.first().map_or(Text::Plain(String::new()), |event| self.event_said(event));
        };
        say("explain-event-often")
            .with("at", self.time(first.at))
            .with("until", self.time(last.at))
            .with("count", alike.len())
            .with("what", first.what.said(self.pack.timeline.zone))
    }

    fn event_said(&self, event: &AlertEvent) -> Text {
        let what = event.what.said(self.pack.timeline.zone);
        say("explain-event").with("at", self.time(event.at)).with("what", what)
    }

    fn line(&self) -> Line<'a> {
        let Told { pack, alert, .. } = self;
        let zone = pack.timeline.zone;
        Line {
            id: &alert.id,
            rule: &alert.rule,
            title: self.title(),
            severity: alert.severity,
            status: alert.status.word(),
            reason: match &alert.status {
                Status::Ditutup { reason, .. } => Some(reason.word()),
                _ => None,
            },
            held: alert.held.as_ref().map(HoldReason::word),
            area: self.area(),
            opened_at: local(alert.opened_at, zone),
            updated_at: local(alert.updated_at, zone),
            findings: alert.findings.len(),
            messages: self.messages().into_iter().map(|(role, message)| RoleLine { role, message }).collect(),
            evidence: self.evidence(),
            history: self.events.iter().map(|event| self.event(event)).collect(),
            told: alert.told.iter().map(AsRef::as_ref).collect(),
            acknowledged: (self.acknowledged().into_iter())
                .map(|(agency, at)| AckLine { agency, at: local(at, zone) })
                .collect(),
            basis: self.basis(),
        }
    }

    fn event(&self, event: &AlertEvent) -> EventLine {
        let zone = self.pack.timeline.zone;
        EventLine { at: local(event.at, zone), what: event.what.word(), reason: self.said(&event.what.said(zone)) }
    }
}

/// A condition may stand on several lines in its rule.
fn one_line(condition: &str) -> String {
    condition.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A title and what stands under it, where there is anything.
fn list<T: Display>(out: &mut dyn std::io::Write, title: &str, lines: impl Iterator<Item = T>) -> anyhow::Result<()> {
    let mut lines = lines.peekable();
    if lines.peek().is_some() {
        writeln!(out, "\n{title}")?;
    }
    for line in lines {
        writeln!(out, "- {line}")?;
    }
    Ok(())
}

/// An alert as JSON.
#[derive(Debug, Serialize)]
struct Line<'a> {
    id: &'a str,
    rule: &'a str,
    title: &'a str,
    severity: Severity,
    status: &'static str,
    reason: Option<&'static str>,
    held: Option<&'static str>,
    area: String,
    opened_at: String,
    updated_at: String,
    findings: usize,
    messages: Vec<RoleLine>,
    evidence: Vec<EvidenceLine>,
    history: Vec<EventLine>,
    told: Vec<&'a str>,
    acknowledged: Vec<AckLine<'a>>,
    basis: Vec<String>,
}

#[derive(Debug, Serialize)]
struct RoleLine {
    role: Arc<str>,
    message: Shown,
}

#[derive(Debug, Serialize)]
struct AckLine<'a> {
    agency: &'a str,
    at: String,
}

#[derive(Debug, Serialize)]
struct EventLine {
    at: String,
    what: &'static str,
    reason: String,
}
