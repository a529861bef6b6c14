//! A log in memory, for replays and tests: the same identities, revisions and times as the stored one.

use std::hash::BuildHasher;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry as Place;

use crate::entry::{Entry, EntryBody, Position};
use crate::record::parse::Parsed;
use crate::record::{Record, RecordKey};
use crate::subject::{Subject, subjects_of};

/// The log so far, by what the next entry needs of it.
#[derive(Debug)]
pub struct Ledger {
    heads: HashTable<Head>,
    position: Position,
    at: DateTime<Utc>,
}

/// The newest revision of a record.
#[derive(Debug)]
struct Head {
    /// Of its key, which lies elsewhere in memory.
    hash: u64,
    newest: Newest,
    known: Known,
}

/// The newest revision of a record, as far as the next one is held against it.
#[derive(Clone, Copy, Debug)]
pub struct Newest {
    /// Equal for equal content.
    pub content: u64,
    /// When it was received.
    pub received_at: DateTime<Utc>,
}

/// What a record that comes in is beside the newest revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// Newer.
    Newer,
    /// Older, and late.
    Older,
    /// The same.
    Same,
}

impl Newest {
    /// What another revision is beside this one.
    pub fn beside(&mut self, other: Newest) -> Beside {
        if self.content == other.content {
            // said again later, it also stands against what was said in between and is still to come
            self.received_at = self.received_at.max(other.received_at);
            return Beside::Same;
        }
        if self.received_at > other.received_at { Beside::Older } else { Beside::Newer }
    }
}

/// What is kept of a revision. A record has its own key.
#[derive(Debug)]
enum Known {
    Record(Arc<Record>),
    Key(Box<RecordKey>),
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
        Ledger { heads: HashTable::new(), position: 0, at: DateTime::<Utc>::MIN_UTC }
    }
}

impl Ledger {
    /// Appends a record at its own time: when it was received, or when it happened. One that concerns no rule, nor did
    /// before, lets time pass and does nothing else.
    pub fn append(&mut self, arrival: impl Into<Arrival>) -> Appended {
        let Arrival { key, content, received_at, record } = arrival.into();
        let (hash, newest) = (hash(&key), Newest { content, received_at });
        let place = self.heads.entry(hash, |head| head.is_of(hash, &key), |head| head.hash);
        let before = match place {
            Place::Occupied(mut place) => {
                let known = place.get_mut();
                match known.newest.beside(newest) {
                    Beside::Same => return Appended::Duplicate,
                    Beside::Older => return Appended::Stale(self.entry(received_at, EntryBody::Tick)),
                    Beside::Newer => {}
                }
                let before = known.subjects();
                *known = Head::new(hash, key, newest, record.clone());
                before
            }
            Place::Vacant(place) => {
                place.insert(Head::new(hash, key, newest, record.clone()));
                Vec::new()
            }
        };
        let body = record.map_or(EntryBody::Tick, |record| EntryBody::Record { record, before });
        Appended::Entry(self.entry(received_at, body))
    }

    /// Whether some rule was concerned by the newest revision: then it is also by the next one, whatever that says.
    pub fn is_concerned(&self, key: &RecordKey) -> bool {
        let head = self.heads.find(hash(key), |head| head.is_of(hash(key), key));
        head.is_some_and(|head| matches!(head.known, Known::Record(_)))
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

fn hash(key: &RecordKey) -> u64 {
    FixedState::default().hash_one(key)
}

impl Head {
    fn new(hash: u64, key: RecordKey, newest: Newest, record: Option<Arc<Record>>) -> Self {
        let known = record.map_or_else(|| Known::Key(Box::new(key)), Known::Record);
        Head { hash, newest, known }
    }

    fn is_of(&self, hash: u64, key: &RecordKey) -> bool {
        let own = match &self.known {
            Known::Record(record) => &record.key,
            Known::Key(key) => key,
        };
        self.hash == hash && own == key
    }

    fn subjects(&self) -> Vec<Subject> {
        match &self.known {
            Known::Record(record) if !record.withdrawn => subjects_of(record),
            Known::Record(_) | Known::Key(_) => Vec::new(),
        }
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
