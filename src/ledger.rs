//! A log in memory, for replays and tests: the same identities, revisions and times as the stored one.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use foldhash::fast::FixedState;

use crate::entry::{Entry, EntryBody, Position};
use crate::record::parse::Parsed;
use crate::record::{Record, RecordKey};
use crate::subject::{Subject, subjects_of};

/// The log so far, by what the next entry needs of it.
#[derive(Debug)]
pub struct Ledger {
    heads: HashMap<RecordKey, Head, FixedState>,
    position: Position,
    at: DateTime<Utc>,
}

/// The newest revision of a record.
#[derive(Debug)]
struct Head {
    content: u64,
    received_at: DateTime<Utc>,
    record: Option<Arc<Record>>,
}

/// A record that comes in.
#[derive(Debug)]
pub struct Arrival {
    /// Source and id.
    pub key: RecordKey,
    /// Equal for equal content.
    pub content: u64,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// The record, unless no rule is concerned by what it says.
    pub record: Option<Arc<Record>>,
}

/// What became of a record.
#[derive(Debug)]
pub enum Appended {
    /// It is the newest revision: this entry has it.
    Entry(Entry),
    /// An older revision that comes late: only time passes.
    Stale(Entry),
    /// Its newest revision says the same.
    Duplicate,
}

impl Default for Ledger {
    fn default() -> Self {
        Ledger { heads: HashMap::default(), position: 0, at: DateTime::<Utc>::MIN_UTC }
    }
}

impl Ledger {
    /// Appends a record at its own time: when it was received, or when it happened. One that concerns no rule, nor did
    /// before, lets time pass and does nothing else.
    pub fn append(&mut self, arrival: impl Into<Arrival>) -> Appended {
        let Arrival { key, content, received_at, record } = arrival.into();
        let head = Head { content, received_at, record: record.clone() };
        let before = match self.heads.get_mut(&key) {
            Some(known) if known.content == content => {
                // said again later, it also stands against what was said in between and is still to come
                known.received_at = known.received_at.max(received_at);
                return Appended::Duplicate;
            }
            Some(known) if known.received_at > received_at => {
                return Appended::Stale(self.entry(received_at, EntryBody::Tick));
            }
            Some(known) => {
                let before = known.subjects();
                *known = head;
                before
            }
            None => {
                self.heads.insert(key, head);
                Vec::new()
            }
        };
        let body = record.map_or(EntryBody::Tick, |record| EntryBody::Record { record, before });
        Appended::Entry(self.entry(received_at, body))
    }

    /// Whether some rule was concerned by the newest revision: then it is also by the next one, whatever that says.
    pub fn is_concerned(&self, key: &RecordKey) -> bool {
        self.heads.get(key).is_some_and(|head| head.record.is_some())
    }

    /// Lets time pass up to an instant.
    pub fn tick(&mut self, until: DateTime<Utc>) -> Entry {
        self.entry(until, EntryBody::Tick)
    }

    /// Appends anything else at an instant.
    pub fn entry(&mut self, at: DateTime<Utc>, body: EntryBody) -> Entry {
        self.position += 1;
        self.at = self.at.max(at);
        Entry { position: self.position, at: self.at, body }
    }
}

impl Head {
    fn subjects(&self) -> Vec<Subject> {
        self.record.as_ref().filter(|record| !record.withdrawn).map_or_else(Vec::new, |record| subjects_of(record))
    }
}

impl From<Parsed> for Arrival {
    fn from(parsed: Parsed) -> Self {
        let [a, b, c, d, e, f, g, h, ..] = parsed.content_hash;
        Arrival {
            key: parsed.record.key.clone(),
            content: u64::from_be_bytes([a, b, c, d, e, f, g, h]),
            received_at: parsed.record.received_at,
            record: Some(Arc::new(parsed.record)),
        }
    }
}
