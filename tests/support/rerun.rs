//! What a log comes to when it is judged from its first entry on, and whether a store says the same.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use siaga::alert::{Alert, Finding, FindingChange, FindingKey};
use siaga::entry::{Effects, Entry, EntryBody, Timer};
use siaga::machine::Machine;
use siaga::outbox::address::{AddressBook, address};
use siaga::pack::Pack;
use siaga::record::Record;
use siaga::store::log::{Standing, StoredBody, StoredEntry};
use siaga::store::outbox::{Delivery, DeliveryFilter};
use siaga::store::people::AlertFilter;
use siaga::store::{Page, Scope, Store, StoreError};
use siaga::subject::Subject;

const PAGE: usize = 500;

/// All that a log comes to.
#[derive(Debug, Default, PartialEq)]
pub struct Outcome {
    pub alerts: BTreeMap<String, Alert>,
    pub findings: BTreeMap<(Subject, FindingKey), Finding>,
    pub timers: BTreeMap<(Subject, FindingKey), Timer>,
    /// The ids of everything that somebody is told.
    pub deliveries: BTreeSet<String>,
}

/// Every entry of a log.
pub fn log(store: &Store) -> Vec<StoredEntry> {
    let mut entries: Vec<StoredEntry> = Vec::new();
    loop {
        let after = entries.last().map_or(0, |entry| entry.position);
        let more = store.tail(after, PAGE).unwrap();
        if more.is_empty() {
            return entries;
        }
        entries.extend(more);
    }
}

/// Judges a log in a new machine that holds every case.
pub fn judged(config: &Path, entries: &[StoredEntry]) -> Outcome {
    let (config, pack) = siaga::config::load(config, &|_| None).config.unwrap();
    let (book, pack) = (config.address_book(&pack).unwrap(), Arc::new(pack));
    let mut machine = Machine::new(pack.clone());
    let mut outcome = Outcome::default();
    for stored in entries {
        for step in machine.process(&entry(&pack, stored)) {
            outcome.take(&book, &step.subject, step.effects);
        }
    }
    outcome
}

fn entry(pack: &Pack, stored: &StoredEntry) -> Entry {
    let body = match stored.body.clone() {
        StoredBody::Record { record, standing: Standing::Newest { replaced } } => {
            let read = Record::from_stored(&pack.schema, &record.body, record.received_at, pack.timeline.zone);
            let before = replaced.map(|replaced| replaced.subjects_before).unwrap_or_default();
            EntryBody::Record { record: Arc::new(read.unwrap()), before }
        }
        StoredBody::Record { standing: Standing::Stale, .. } | StoredBody::Tick => EntryBody::Tick,
        StoredBody::Pack(pack) => EntryBody::Pack { hash: pack.hash, stopped: pack.stopped },
        other => panic!("no test puts this into its log: {other:?}"),
    };
    Entry { position: stored.position, at: stored.at, body }
}

impl Outcome {
    fn take(&mut self, book: &AddressBook, subject: &Subject, effects: Effects) {
        for change in effects.findings {
            let key = (subject.clone(), change.finding().key().owned());
            match change {
                FindingChange::Added(finding) | FindingChange::Changed(finding) => {
                    self.findings.insert(key, finding);
                }
                FindingChange::Withdrawn(..) => drop(self.findings.remove(&key)),
            }
        }
        for timer in effects.timers_cleared {
            self.timers.remove(&(subject.clone(), timer.key));
        }
        for timer in effects.timers_set {
            self.timers.insert((subject.clone(), timer.key.clone()), timer);
        }
        self.alerts.extend(effects.alerts.into_iter().map(|alert| (alert.id.to_string(), alert)));
        let addressed = address(book, effects.notices, siaga::clock::now());
        for delivery in addressed.deliveries {
            assert!(self.deliveries.insert(delivery.id), "one delivery is made twice");
        }
    }

    /// What a store says, about the subjects of `wanted` and of its own alerts.
    pub fn stored(store: &Store, wanted: &Outcome) -> Self {
        let filter = AlertFilter::everything(Scope::All);
        let alerts: Vec<Alert> = all(|cursor| store.alerts(&filter, cursor, PAGE));
        let mut subjects: BTreeSet<Subject> = alerts.iter().map(|alert| alert.subject.clone()).collect();
        subjects.extend(wanted.findings.keys().chain(wanted.timers.keys()).map(|(subject, _)| subject.clone()));
        let mut outcome = Outcome::default();
        for subject in subjects {
            for finding in store.subject_state(&subject).unwrap().findings {
                outcome.findings.insert((subject.clone(), finding.key().owned()), finding);
            }
        }
        for (subject, timer) in store.timers_waiting().unwrap() {
            outcome.timers.insert((subject, timer.key.clone()), timer);
        }
        outcome.alerts = alerts.into_iter().map(|alert| (alert.id.to_string(), alert)).collect();
        outcome.deliveries = deliveries(store).into_iter().map(|delivery| delivery.id).collect();
        outcome
    }
}

/// Every delivery of a store.
pub fn deliveries(store: &Store) -> Vec<Delivery> {
    let filter = DeliveryFilter::everything(Scope::All);
    all(|cursor| store.deliveries(&filter, cursor, PAGE))
}

/// Every item of a paged list.
pub fn all<T>(page: impl Fn(Option<&str>) -> Result<Page<T>, StoreError>) -> Vec<T> {
    let mut items = Vec::new();
    let mut cursor = None;
    loop {
        let Page { items: more, next } = page(cursor.as_deref()).unwrap();
        items.extend(more);
        match next {
            Some(next) => cursor = Some(next),
            None => return items,
        }
    }
}
