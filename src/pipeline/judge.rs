//! From stored entries to the steps that they cause: records are read again, cases loaded, the machine asked.

use std::collections::HashSet;
use std::sync::Arc;

use super::packs::Packs;
use super::worker::{Evaluated, Worker};
use crate::engine::Case;
use crate::engine::dossier::Logged;
use crate::entry::{Entry, EntryBody, Position, Step};
use crate::machine::{Machine, Resume};
use crate::pack::Pack;
use crate::record::Record;
use crate::store::cases::SubjectState;
use crate::store::dossier::Dossier;
use crate::store::log::{Standing, StoredBody, StoredEntry, StoredRecord};
use crate::store::{Store, StoreError};
use crate::subject::{Subject, SubjectKind, subject_of};

/// Cases that are read from the store at once: more would hold too many unread records beside the cases.
const READ_TOGETHER: usize = 64;

impl Worker {
    pub(super) fn judge(&mut self, entries: Vec<StoredEntry>) -> Result<Evaluated, StoreError> {
        // an error leaves the machine somewhere between two positions
        self.is_behind = true;
        let count = entries.len();
        let mut steps = Vec::new();
        let mut failures = Vec::new();
        let last = entries.last().map_or(self.evaluated, |stored| stored.position);
        let mut new = HashSet::new();
        let entries: Vec<Entry> = entries
            .into_iter()
            .map(|stored| {
                let is_first =
                    matches!(stored.body, StoredBody::Record { standing: Standing::Newest { replaced: None }, .. });
                let entry = self.entry(stored, &mut failures);
                if let EntryBody::Record { record, .. } = &entry.body
                    && is_first
                {
                    new.extend(subject_of(record, SubjectKind::Record));
                }
                entry
            })
            .collect();
        // whom a record concerns can change with a threshold, and with nothing else
        let is_threshold = |entry: &Entry| matches!(entry.body, EntryBody::Threshold(_));
        for part in entries.chunk_by(|entry, _| !is_threshold(entry)) {
            self.judge_part(part, &new, &mut steps)?;
        }
        self.evaluated = last;
        self.is_behind = false;
        let tally = self.machine.take_tally();
        let are_records = entries.iter().all(|entry| matches!(entry.body, EntryBody::Record { .. }));
        Ok(Evaluated { steps, last, count, tally, failures, are_records })
    }

    /// The cases are read as of before the first entry: the machine takes them on through the others. Of a record that
    /// was never there before, nothing can be known.
    fn judge_part(
        &mut self,
        entries: &[Entry],
        new: &HashSet<Subject>,
        steps: &mut Vec<Step>,
    ) -> Result<(), StoreError> {
        let needed = self.machine.needs(entries);
        let (fresh, known): (Vec<_>, Vec<_>) = needed.into_iter().partition(|subject| new.contains(subject));
        for subject in fresh {
            self.machine.admit(Case::new(subject));
        }
        self.load(&known, entries.first().map_or(self.evaluated, |first| first.position - 1))?;
        for entry in entries {
            let needed = self.machine.needs_in_time(entry);
            self.load(&needed, entry.position - 1)?;
            steps.extend(self.machine.process(entry));
            self.moved.add(entry);
        }
        Ok(())
    }

    fn entry(&self, stored: StoredEntry, failures: &mut Vec<String>) -> Entry {
        let body = match stored.body {
            StoredBody::Record { record, standing: Standing::Newest { replaced } } => {
                match read(self.machine.pack(), &record) {
                    Ok(record) => EntryBody::Record {
                        record: Arc::new(record),
                        before: replaced.map(|replaced| replaced.subjects_before).unwrap_or_default(),
                    },
                    Err(reason) => {
                        tracing::error!(position = stored.position, "a stored record no longer holds to the schema");
                        failures.push(format!(
                        "entry {} of the log does not fit the rule pack and is not judged: {reason}; help: start siaga \
                         again with the pack under which it was taken in",
                        stored.position
                    ));
                        EntryBody::Tick
                    }
                }
            }
            StoredBody::Record { standing: Standing::Stale, .. } | StoredBody::Tick | StoredBody::Purged => {
                EntryBody::Tick
            }
            StoredBody::Pack(pack) => EntryBody::Pack { hash: pack.hash, stopped: pack.stopped },
            StoredBody::Threshold(change) => EntryBody::Threshold(change),
            StoredBody::Act(act) => EntryBody::Act { alert: act.alert, subject: act.subject, by: act.by, act: act.act },
        };
        Entry { position: stored.position, at: stored.at, body }
    }

    fn load(&mut self, subjects: &[Subject], as_of: Position) -> Result<(), StoreError> {
        for some in subjects.chunks(READ_TOGETHER) {
            let dossiers = self.setup.store.dossiers(some, as_of)?;
            let states = self.setup.store.subject_states(some)?;
            for ((subject, dossier), state) in some.iter().zip(dossiers).zip(states) {
                let mut case = case(self.machine.pack(), subject, dossier, state);
                self.catch_up(&mut case);
                self.machine.admit(case);
            }
        }
        Ok(())
    }
}

/// A record as a pack reads it.
///
/// # Errors
/// Why it does not hold to the pack's schema.
pub fn read(pack: &Pack, stored: &StoredRecord) -> Result<Record, String> {
    Record::from_stored(&pack.schema, &stored.body, stored.received_at, pack.timeline.zone)
        .map_err(|faults| faults.first().map_or_else(String::new, |fault| fault.detail.to_string()))
}

/// The case of a subject, as the store holds it and a pack reads it.
pub fn case(pack: &Pack, subject: &Subject, dossier: Dossier, state: SubjectState) -> Case {
    let mut case = Case::new(subject.clone());
    if dossier.cut > 0 {
        tracing::warn!(subject.kind = subject.kind.word(), cut = dossier.cut, "a dossier met its bound");
    }
    for stored in dossier.records {
        if let Ok(record) = read(pack, &stored) {
            case.dossier.insert(Logged::new(Arc::new(record), stored.position));
        }
    }
    case.findings = state.findings.into_iter().collect();
    case.timers = state.timers.into_iter().collect();
    case.alerts = state.alerts;
    case
}

/// A machine that goes on where the store's progress stands.
///
/// # Errors
/// What the database says.
pub fn resume(store: &Store, packs: &Packs, progress: Position) -> Result<Machine, StoreError> {
    let pack = match store.pack_at(progress)? {
        Some(in_force) => packs.of_entry(store, &in_force)?,
        None => packs.pack(),
    };
    let mut machine = Machine::new(pack);
    let now = store.tail(progress - 1, 1)?.first().filter(|entry| entry.position == progress).map(|entry| entry.at);
    if let Some(now) = now {
        let thresholds = store.threshold_changes()?.into_iter().filter(|set| set.position <= progress);
        let thresholds = thresholds.map(|set| (set.position, set.change)).collect();
        machine.resume(Resume {
            now,
            timers: store.timers_waiting()?,
            with_alerts: store.subjects_with_open_alerts()?,
            thresholds,
        });
    }
    Ok(machine)
}
