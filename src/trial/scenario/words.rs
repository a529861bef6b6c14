//! A scenario's outcome in words.

use std::collections::BTreeSet;

use chrono_tz::Tz;

use crate::words::{Argument, Text, say};

use super::run::local;
use super::{Expected, Field, Happened, Mismatch};

impl Mismatch {
    /// The line of the file that it is about, where it is about one.
    pub fn line(&self) -> Option<usize> {
        match self {
            Mismatch::Missing(expected) | Mismatch::Differs { expected, .. } => Some(expected.line),
            Mismatch::Unexpected(_) | Mismatch::Failed { .. } | Mismatch::NotOne { .. } => None,
        }
    }

    /// What is to be said, in a sentence for each respect; times are in a zone.
    pub fn texts(&self, zone: Tz) -> Vec<Text> {
        match self {
            Mismatch::Missing(expected) => vec![say("scenario-missing").with("event", expected.words(zone))],
            Mismatch::Unexpected(happened) => vec![say("scenario-unexpected").with("event", happened.words(zone))],
            Mismatch::Differs { expected, happened, fields } => {
                fields.iter().map(|field| differs(*field, expected, happened, zone)).collect()
            }
            Mismatch::Failed { rule, reason } => {
                vec![say("scenario-failed").with("rule", rule.as_ref()).with("reason", reason.as_str())]
            }
            Mismatch::NotOne { rule, alerts } => {
                vec![say("scenario-not-one").with("rule", rule.as_ref()).with("alerts", *alerts)]
            }
        }
    }
}

fn differs(field: Field, expected: &Expected, happened: &Happened, zone: Tz) -> Text {
    let word = |word: &str| if word.is_empty() { say("scenario-nothing").into() } else { Argument::from(word) };
    let (name, wanted, got) = match field {
        Field::What => ("what", word(expected.what), word(happened.what)),
        Field::Severity => {
            ("severity", word(expected.severity.map_or("", |s| s.word())), word(happened.severity.word()))
        }
        Field::Told => ("told", told(expected.told.as_ref().unwrap_or(&BTreeSet::new())), told(&happened.told)),
        Field::Reason => ("reason", word(expected.reason.as_deref().unwrap_or("")), word(&happened.reason)),
        Field::Record => ("record", word(expected.record.as_deref().unwrap_or("")), word(&happened.record.to_string())),
        Field::At => {
            let wanted = expected.at.map(|at| local(at, zone)).unwrap_or_default();
            ("at", word(&wanted), word(&local(happened.at, zone)))
        }
    };
    let event = format!("{} {} {}", happened.rule, happened.what, happened.record);
    say("scenario-differs").with("event", event).with("field", name).with("expected", wanted).with("got", got)
}

fn told(agencies: &BTreeSet<String>) -> Argument {
    match agencies.len() {
        0 => say("scenario-nobody").into(),
        _ => agencies.iter().map(String::as_str).collect::<Vec<_>>().join(", ").into(),
    }
}

impl Expected {
    /// The line in a row, in the words of the file.
    pub fn words(&self, zone: Tz) -> String {
        let Expected { rule, what, severity, told, reason, record, at, .. } = self;
        let at = at.map(|at| local(at, zone));
        let told = told.as_ref().map(|told| told.iter().cloned().collect::<Vec<_>>());
        row(
            rule,
            what,
            severity.map(|s| s.word()),
            reason.as_deref(),
            record.as_deref(),
            at.as_deref(),
            told.as_deref(),
        )
    }
}

impl Happened {
    /// The event in a row, in the words of the file.
    pub fn words(&self, zone: Tz) -> String {
        let Happened { rule, what, severity, told, reason, record, at, .. } = self;
        let (record, at) = (record.to_string(), local(*at, zone));
        let told: Vec<String> = told.iter().cloned().collect();
        let reason = Some(reason.as_str()).filter(|reason| !reason.is_empty());
        row(rule, what, Some(severity.word()), reason, Some(&record), Some(&at), Some(&told))
    }
}

/// One row of the form `{ rule = "...", what = "..." }`, so that it can be copied into the file.
fn row(
    rule: &str,
    what: &str,
    severity: Option<&str>,
    reason: Option<&str>,
    record: Option<&str>,
    at: Option<&str>,
    told: Option<&[String]>,
) -> String {
    let texts = [
        ("rule", Some(rule)),
        ("what", Some(what)),
        ("severity", severity),
        ("reason", reason),
        ("record", record),
        ("at", at),
    ];
    let mut parts: Vec<String> =
        texts.iter().filter_map(|(key, word)| Some(format!("{key} = {:?}", (*word)?))).collect();
    parts.extend(told.map(|told| format!("told = {told:?}")));
    format!("{{ {} }}", parts.join(", "))
}
