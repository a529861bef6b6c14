//! What there is to know of a record: the record, the machine with its cases, and what became of its findings.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::alert::{Alert, AlertEvent, AlertEventKind, Disposition, Finding, FindingKey};
use crate::engine::Instant;
use crate::engine::dossier::Logged;
use crate::entry::{Entry, EntryBody};
use crate::intake::row::Row;
use crate::ledger::{Appended, Ledger};
use crate::machine::Machine;
use crate::pack::Pack;
use crate::pack::diagnostic::{did_you_mean, nearest};
use crate::pipeline::judge;
use crate::pipeline::packs::Packs;
use crate::record::RecordKey;
use crate::record::parse::{Received, parse};
use crate::store::{Scope, Store};
use crate::subject::subjects_of;
use crate::words::{Language, Text, say};

use super::super::rows::{BATCH, TableArgs, Tables, each_batch};
use super::super::{unknown, wrong};

/// Ids on either side of one that a store does not have, among which the one that is meant is looked for.
const BESIDE: usize = 500;

/// A record with all that decided on it.
pub struct Known {
    /// The machine that judges it, with the cases that it is in.
    pub machine: Machine,
    /// As of when that is.
    pub now: Instant,
    /// The record's newest revision.
    pub logged: Logged,
    /// What happened to alerts because of it, in order.
    events: Vec<AlertEvent>,
}

impl Known {
    /// From files of records, judged anew in their order; then time runs on to `until`.
    pub fn of_files(
        pack: Arc<Pack>,
        files: &[PathBuf],
        until: Option<DateTime<Utc>>,
        key: &RecordKey,
        language: Language,
    ) -> anyhow::Result<Self> {
        let tables = Tables::new(&TableArgs::default(), &pack, language)?;
        let mut past =
            Past { machine: Machine::new(pack.clone()), ledger: Ledger::default(), key, seen: Seen::default() };
        each_batch(files, &tables, BATCH, |rows, _| {
            rows.iter().for_each(|row| past.take(row));
            Ok(())
        })?;
        let now = past.run_on(until);
        let Past { machine, seen, .. } = past;
        let Some(logged) = seen.logged else {
            let fault = seen.fault.map(|fault| say("explain-row-refused").with("fault", fault));
            let help = fault.or_else(|| did_you_mean(&name(key), seen.near.as_deref()));
            return Err(unknown(say("thing-record"), &name(key), help, language));
        };
        Ok(Known { machine, now, logged, events: seen.events })
    }

    /// From a deployment's store, as of the newest entry that is judged.
    pub fn of_store(store: &Store, pack: Pack, key: &RecordKey, language: Language) -> anyhow::Result<Self> {
        let position = store.progress()?;
        let mut machine = judge::resume(store, &Packs::new(Arc::new(pack), 0), position)?;
        let Some(stored) = store.record(key)? else {
            return Err(unknown(say("thing-record"), &name(key), near(store, machine.pack(), key)?, language));
        };
        if stored.position > position {
            let message = say("explain-not-judged-yet").with("record", name(key));
            return Err(wrong(&message, Some(&say("explain-not-judged-yet-help")), language));
        }
        let record = judge::read(machine.pack(), &stored).map_err(|reason| {
            let message = say("explain-unreadable").with("record", name(key)).with("reason", reason);
            wrong(&message, None, language)
        })?;
        let mut events = Vec::new();
        for subject in subjects_of(&record) {
            let state = store.subject_state(&subject)?;
            for alert in &state.alerts {
                events.extend(store.alert_events(&alert.id, &Scope::All)?);
            }
            let case = judge::case(machine.pack(), &subject, store.dossier(&subject, position)?, state);
            machine.admit(case);
        }
        let now = Instant { at: machine.now(), position };
        Ok(Known { machine, now, logged: Logged::new(Arc::new(record), stored.position), events })
    }

    /// The alert that a finding is in.
    pub fn alert(&self, finding: &Finding) -> Option<&Alert> {
        let alerts = &self.machine.case(&finding.about.subject)?.alerts;
        alerts.iter().rev().find(|alert| alert.findings.iter().any(|other| other.key() == finding.key()))
    }

    /// What became of a finding, oldest first; also where it is no longer one.
    pub fn history(&self, key: &FindingKey) -> Vec<(DateTime<Utc>, &Disposition)> {
        self.events.iter().filter_map(|event| Some((event.at, of_finding(event, key)?))).collect()
    }
}

/// What an event says of a finding.
fn of_finding<'e>(event: &'e AlertEvent, key: &FindingKey) -> Option<&'e Disposition> {
    match &event.what {
        AlertEventKind::Disposed { finding: Some(finding), disposition } if finding == key => Some(disposition),
        _ => None,
    }
}

/// The past as files tell it.
struct Past<'a> {
    machine: Machine,
    ledger: Ledger,
    key: &'a RecordKey,
    seen: Seen,
}

/// What was seen of the record that is asked for.
#[derive(Default)]
struct Seen {
    logged: Option<Logged>,
    events: Vec<AlertEvent>,
    /// Why a row of it does not stand.
    fault: Option<String>,
    /// The record that is named most like it.
    near: Option<String>,
}

impl Past<'_> {
    fn take(&mut self, row: &Row) {
        let Ok(json) = row.json() else { return };
        let pack = self.machine.pack();
        let is_it = json["source"] == *self.key.source && json["id"] == *self.key.id;
        let parsed = match parse(&pack.schema, json, Received::Stated, pack.timeline.zone) {
            Ok(parsed) => parsed,
            Err(faults) => {
                if is_it {
                    self.seen.fault = faults.into_iter().next().map(|fault| fault.detail);
                }
                return;
            }
        };
        if self.seen.logged.is_none() {
            self.compare(&parsed.record.key);
        }
        if let Appended::Entry(entry) | Appended::Stale(entry) = self.ledger.append(parsed) {
            if let EntryBody::Record { record, .. } = &entry.body
                && is_it
            {
                self.seen.logged = Some(Logged::new(record.clone(), entry.position));
            }
            self.process(&entry);
        }
    }

    fn compare(&mut self, other: &RecordKey) {
        let (wanted, other) = (name(self.key), name(other));
        let near = self.seen.near.as_deref().into_iter().chain([other.as_str()]);
        self.seen.near = nearest(&wanted, near).map(str::to_owned);
    }

    fn process(&mut self, entry: &Entry) {
        let steps = self.machine.process(entry);
        let events = steps.into_iter().flat_map(|step| step.effects.events);
        let is_its = |event: &AlertEvent| match &event.what {
            AlertEventKind::Disposed { finding: Some(finding), .. } => finding.trigger == *self.key,
            _ => false,
        };
        self.seen.events.extend(events.filter(is_its));
    }

    fn run_on(&mut self, until: Option<DateTime<Utc>>) -> Instant {
        let entry = self.ledger.tick(until.unwrap_or(DateTime::<Utc>::MIN_UTC));
        self.process(&entry);
        Instant { at: entry.at, position: entry.position }
    }
}

/// A record's name: its source and its id.
pub fn name(key: &RecordKey) -> String {
    format!("{}/{}", key.source, key.id)
}

/// The record of the store, or the source, that is probably meant.
fn near(store: &Store, pack: &Pack, key: &RecordKey) -> anyhow::Result<Option<Text>> {
    let ids: Vec<String> = store.ids_beside(key, BESIDE)?;
    let names: Vec<String> = match ids.is_empty() {
        true => pack.sources.iter().map(|source| format!("{}/{}", source.id, key.id)).collect(),
        false => ids.iter().map(|id| format!("{}/{id}", key.source)).collect(),
    };
    Ok(did_you_mean(&name(key), names.iter().map(String::as_str)))
}

/// Reads `SOURCE/ID`.
///
/// # Errors
/// It has no slash.
pub fn key(word: &str) -> Result<RecordKey, String> {
    let (source, id) = word.split_once('/').ok_or("write it as SOURCE/ID, as in `kanim-muaraenim/000123`")?;
    Ok(RecordKey { source: Arc::from(source), id: Arc::from(id) })
}
