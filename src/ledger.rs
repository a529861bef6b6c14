//! A log in memory, for replays and tests: the same identities, revisions and times as the stored one.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::entry::{Entry, EntryBody, Position};
use crate::record::RecordKey;
use crate::record::parse::Parsed;
use crate::subject::{Subject, subjects_of};

/// The log so far, by what the next entry needs of it.
#[derive(Debug)]
pub struct Ledger {
    heads: HashMap<RecordKey, Head>,
    position: Position,
    at: DateTime<Utc>,
}

#[derive(Debug)]
struct Head {
    hash: [u8; 32],
    received_at: DateTime<Utc>,
    subjects: Vec<Subject>,
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
        Ledger { heads: HashMap::new(), position: 0, at: DateTime::<Utc>::MIN_UTC }
    }
}

impl Ledger {
    /// Appends a record at its own time: when it was received, or when it happened.
    pub fn append(&mut self, parsed: Parsed) -> Appended {
        let record = parsed.record;
        let subjects = if record.withdrawn { Vec::new() } else { subjects_of(&record) };
        let head = Head { hash: parsed.content_hash, received_at: record.received_at, subjects };
        let before = match self.heads.get_mut(&record.key) {
            Some(known) if known.hash == head.hash => {
                // said again later, it also stands against what was said in between and is still to come
                known.received_at = known.received_at.max(head.received_at);
                return Appended::Duplicate;
            }
            Some(known) if known.received_at > head.received_at => {
                return Appended::Stale(self.entry(record.received_at, EntryBody::Tick));
            }
            Some(known) => known.subjects.clone(),
            None => Vec::new(),
        };
        self.heads.insert(record.key.clone(), head);
        let at = record.received_at;
        Appended::Entry(self.entry(at, EntryBody::Record { record: Arc::new(record), before }))
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
