//! The log: entries in, durable and in one order; entries out, committed and without gaps.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use crate::alert::{Act, AlertId};
use crate::entry::{Position, ThresholdChange};
use crate::record::RecordKey;
use crate::store::packs::PackInForce;
use crate::store::quarantine::NewQuarantined;
use crate::store::recent::Coming;
use crate::store::{Answer, Digest, Store, StoreError};
use crate::subject::Subject;

pub mod by_kind;
pub(in crate::store) mod read;
mod write;

/// Something to append.
#[derive(Clone, Debug)]
pub enum NewEntry {
    /// A record that holds to the schema.
    Record(Box<NewRecord>),
    /// A record that does not: it is kept apart from the log, as durably.
    Quarantine(NewQuarantined),
    /// A timer or a phase boundary is due.
    Tick,
    /// From here on this version of the pack judges.
    Pack {
        /// SHA-256 of the pack's files, in hexadecimal.
        hash: String,
        /// The files, path to text: they are kept with the entry.
        files: Arc<BTreeMap<String, String>>,
    },
    /// From here on the pack in force judges without one of its rules. Where another pack is in force by now, or the
    /// rule is stopped already, nothing is logged.
    Stop {
        /// The rule's id.
        rule: Arc<str>,
        /// The hash of the pack in which it failed.
        of: String,
    },
    /// A threshold set at run time.
    Threshold {
        /// What is set.
        change: ThresholdChange,
        /// The agency of the person who set it.
        by: Arc<str>,
    },
    /// A person did something to an alert.
    Act(ActOnAlert),
}

/// What a person did to an alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ActOnAlert {
    /// The alert.
    pub alert: AlertId,
    /// The subject that the alert is about.
    pub subject: Subject,
    /// The agency that the person acted for.
    pub by: Arc<str>,
    /// What the person did.
    pub act: Act,
}

/// A record with what the store indexes it by. The store never reads the body.
#[derive(Clone, Debug)]
pub struct NewRecord {
    /// Source and id.
    pub key: RecordKey,
    /// The kind's name.
    pub kind: Arc<str>,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// When it was received, where historical data states it; none for live data: the store then says `at`.
    /// A stated time later than `at` counts as `at`.
    pub received_at: Option<DateTime<Utc>>,
    /// The sender took it back.
    pub withdrawn: bool,
    /// Every subject that it is about.
    pub subjects: Vec<Subject>,
    /// SHA-256 of the canonical content: equal content has equal digests.
    pub content_hash: Digest,
    /// The canonical JSON.
    pub body: Vec<u8>,
    /// How many members the schema does not know.
    pub unknown_fields: u32,
}

/// Where an entry's time comes from. It is never earlier than the time of the entry before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EdgeTime {
    /// This time, of the edge's clock.
    Wall(DateTime<Utc>),
    /// The record's own time: when it was received, where it says so, or when it happened. An entry that is not
    /// a record has the time of the entry before it, or 1970 where there is none.
    Records,
}

/// What became of an appended entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Appended {
    /// It is in the log.
    At {
        /// Its position.
        position: Position,
        /// Its time.
        at: DateTime<Utc>,
        /// For a record: the how manieth revision of it was logged, from 1. Otherwise 0.
        revision: u32,
    },
    /// The log says so already: the newest revision of the record, which is counted, or the newest pack entry.
    Duplicate,
    /// It is in quarantine.
    Quarantined {
        /// Its number there.
        id: i64,
    },
}

impl Appended {
    /// Its position, when it is in the log.
    pub fn position(&self) -> Option<Position> {
        match self {
            Appended::At { position, .. } => Some(*position),
            Appended::Duplicate | Appended::Quarantined { .. } => None,
        }
    }
}

/// A threshold that was set at run time, with who set it and when.
#[derive(Clone, Debug, PartialEq)]
pub struct SetThreshold {
    /// Where it stands in the log.
    pub position: Position,
    /// When it was set.
    pub at: DateTime<Utc>,
    /// The agency of the person who set it; none where an older version of siaga logged it.
    pub by: Option<Arc<str>>,
    /// What was set.
    pub change: ThresholdChange,
}

/// Of thresholds set at run time, in log order, those that hold: the last for each phase and kabupaten, where it was not
/// taken back.
pub fn holding(changes: &[SetThreshold]) -> Vec<&SetThreshold> {
    let mut last = BTreeMap::new();
    for set in changes {
        last.insert((&set.change.name, &set.change.phase, &set.change.kabupaten), set);
    }
    last.into_values().filter(|set| set.change.value.is_some()).collect()
}

/// A committed entry of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredEntry {
    /// Where it stands.
    pub position: Position,
    /// When it was taken in.
    pub at: DateTime<Utc>,
    /// What it is.
    pub body: StoredBody,
}

/// What a committed entry is.
#[derive(Clone, Debug, PartialEq)]
pub enum StoredBody {
    /// A record.
    Record {
        /// The record.
        record: Box<StoredRecord>,
        /// How it stood among its revisions when it was appended.
        standing: Standing,
    },
    /// Time passed.
    Tick,
    /// A pack version.
    Pack(PackInForce),
    /// A threshold set at run time.
    Threshold(ThresholdChange),
    /// A person did something to an alert.
    Act(ActOnAlert),
    /// Its payload was erased; position, time and hash remain.
    Purged,
}

/// A record as it is in the log; whoever reads it parses the body.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredRecord {
    /// Where this revision stands in the log.
    pub position: Position,
    /// Source and id.
    pub key: RecordKey,
    /// The kind's name.
    pub kind: Arc<str>,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// When it was received. This, and not what the body says, orders revisions.
    pub received_at: DateTime<Utc>,
    /// The how manieth logged revision this is, from 1.
    pub revision: u32,
    /// The sender took the record back.
    pub withdrawn: bool,
    /// The canonical JSON.
    pub body: Vec<u8>,
}

/// How a revision stood among the record's revisions when it was appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It became the newest.
    Newest {
        /// What it replaced; none when it is the first.
        replaced: Option<Replaced>,
    },
    /// A newer one had come before it: logged, and without effect.
    Stale,
}

/// The revision that a newer one replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// Its position.
    pub position: Position,
    /// When it said that the record happened.
    pub occurred_at: DateTime<Utc>,
    /// The subjects whose dossiers it was in; none when it was withdrawn.
    pub subjects_before: Vec<Subject>,
}

impl Store {
    /// Appends the entries in their order, all or none; the answer has one word for each.
    ///
    /// A record is known by source and id. The same content as its newest revision is a duplicate, other content
    /// a new revision. The newest revision is the one received last, at equal times the one that arrived last.
    /// Where a record states when it was received, any revision with that time and content is a duplicate too,
    /// so reading a file again changes nothing.
    ///
    /// Errors: `Busy` past the queue's bound, before anything is queued.
    pub fn append(&self, entries: Vec<NewEntry>, time: EdgeTime) -> Answer<Vec<Appended>> {
        self.add(entries, time, false)
    }

    /// The same, on the calling thread where nothing else is being appended: waking another one, twice, takes as long as
    /// the disk. From async code only where it may block.
    pub fn append_here(&self, entries: Vec<NewEntry>, time: EdgeTime) -> Answer<Vec<Appended>> {
        self.add(entries, time, true)
    }

    /// Whether something is being appended.
    pub fn is_appending(&self) -> bool {
        self.inner.log.is_at_work()
    }

    fn add(&self, entries: Vec<NewEntry>, time: EdgeTime, may_block: bool) -> Answer<Vec<Appended>> {
        let bytes = entries.iter().map(weight).sum();
        let recent = Arc::clone(&self.inner.recent);
        let work = move |connection: &Connection| {
            let (appended, kept) = write::append_all(connection, entries, time)?;
            Ok((appended, recent.add(kept)))
        };
        self.inner.log.submit_bounded(bytes, may_block, work, |(appended, coming)| {
            coming.into_iter().for_each(Coming::land);
            appended
        })
    }

    /// At most `limit` committed entries after a position, in order and without gaps.
    ///
    /// # Errors
    /// What the database says.
    pub fn tail(&self, after: Position, limit: usize) -> Result<Vec<StoredEntry>, StoreError> {
        match self.inner.recent.tail(after, limit) {
            Some(entries) => Ok(entries),
            None => self.read(|connection| read::tail(connection, after, limit)),
        }
    }

    /// The same from memory, and with entries that are still being written: what is judged of them can be committed once
    /// they are on disk, and [`Store::commit`] waits for that. Empty where this process has appended nothing more; none
    /// where only the disk can say.
    pub fn tail_ahead(&self, after: Position, limit: usize) -> Option<Vec<StoredEntry>> {
        self.inner.recent.ahead(after, limit)
    }

    /// The newest revision of one record, a withdrawn one too; none when its payload was erased.
    ///
    /// # Errors
    /// What the database says.
    pub fn record(&self, key: &RecordKey) -> Result<Option<StoredRecord>, StoreError> {
        self.read(|connection| read::record(connection, key))
    }

    /// Ids of a source's records that sort next to an id: at most `limit` before it and as many after.
    ///
    /// # Errors
    /// What the database says.
    pub fn ids_beside(&self, key: &RecordKey, limit: usize) -> Result<Vec<String>, StoreError> {
        self.read(|connection| read::ids_beside(connection, key, limit))
    }

    /// The time of the newest entry; none in an empty log.
    ///
    /// # Errors
    /// What the database says.
    pub fn last_at(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.read(read::last_at)
    }

    /// The newest entry's position; 0 in an empty log.
    ///
    /// # Errors
    /// What the database says.
    pub fn head(&self) -> Result<Position, StoreError> {
        self.read(read::head)
    }

    /// Every threshold set at run time, in log order.
    ///
    /// # Errors
    /// What the database says.
    pub fn threshold_changes(&self) -> Result<Vec<SetThreshold>, StoreError> {
        self.read(read::threshold_changes)
    }
}

/// What an entry counts for while it waits: its body, and about what stands around one.
fn weight(entry: &NewEntry) -> usize {
    const AROUND: usize = 512;
    let body = match entry {
        NewEntry::Record(record) => record.body.len(),
        NewEntry::Quarantine(quarantined) => quarantined.body.len(),
        NewEntry::Tick
        | NewEntry::Pack { .. }
        | NewEntry::Stop { .. }
        | NewEntry::Threshold { .. }
        | NewEntry::Act(_) => 0,
    };
    AROUND + body
}

/// The words of the entry types.
mod word {
    pub(super) const RECORD: &str = "record";
    pub(super) const TICK: &str = "tick";
    pub(super) const PACK: &str = "pack";
    pub(super) const THRESHOLD: &str = "threshold";
    pub(super) const ACT: &str = "act";
}

#[cfg(test)]
mod tests;
