//! Rows of files to arrivals, with only the fields that some rule reads.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::engine::World;
use crate::engine::index::Lookup;
use crate::intake::row::Row;
use crate::intake::{Submitter, sort};
use crate::ledger::{Arrival, Newest};
use crate::machine::Share;
use crate::record::parse::{Interner, Parsed, Reader, Received};
use crate::record::schema::FieldId;
use crate::record::slot::Fields;
use crate::record::{Record, RecordKey, fingerprint};
use crate::subject::{SubjectKind, states};

/// What a record is held against others of its key by.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// Its key, see [`Keys`].
    pub key: [u64; 2],
    /// Its content and when it was received.
    pub newest: Newest,
    /// The sender took it back.
    pub withdrawn: bool,
    /// Some rule is concerned by what it says, or it is withdrawn.
    pub is_record: bool,
}

/// Hashes of records' keys that stand for them: no two of a hundred million are the same, and nobody outside can look
/// for two that are.
#[derive(Clone, Debug, Default)]
pub struct Keys([RandomState; 2]);

impl Keys {
    /// What stands for source and id.
    pub fn of(&self, source: &str, id: &str) -> [u64; 2] {
        self.0.each_ref().map(|state| state.hash_one((source, id)))
    }
}

/// Which records are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wants {
    /// None.
    Nothing,
    /// Those that change something for a subject of a part.
    Concerned(Share),
    /// All.
    All,
}

/// Reads rows one after another.
pub struct RowReader {
    world: Arc<World>,
    reader: Reader,
    interner: Interner,
    lookup: Lookup,
    keep: Vec<FieldId>,
}

impl RowReader {
    /// For the rules of a pack.
    pub fn new(world: Arc<World>) -> Self {
        let reader = Reader::new(&world.pack.schema, world.pack.timeline.zone);
        let keep = world.pack.fields_read().into_iter().collect();
        RowReader { reader, interner: Interner::default(), lookup: Lookup::default(), keep, world }
    }

    /// What a row brings; `None` for one that does not hold to the schema.
    pub fn arrival(&mut self, row: &Row) -> Option<Arrival> {
        let read = row.unrefused().and_then(|raw| self.reader.read(raw, Received::Stated));
        let Some(reading) = read else { return self.slowly(row) };
        let content = reading.fingerprint();
        if reading.withdrawn() || is_concerned(&self.world, &reading, &mut self.lookup) {
            let record = reading.to_record(&mut self.interner, Some(&self.keep));
            let (key, received_at) = (record.key.clone(), record.received_at);
            return Some(Arrival { key, content, received_at, record: Some(Arc::new(record)) });
        }
        let key = RecordKey { source: self.interner.source(reading.source()), id: Arc::from(reading.id()) };
        Some(Arrival { key, content, received_at: reading.received_at(), record: None })
    }

    /// What a row that stands says, as far as it takes to hold it against others of its key.
    pub fn claim(&mut self, row: &Row, keys: &Keys) -> Option<Claim> {
        let read = row.unrefused().and_then(|raw| self.reader.read(raw, Received::Stated));
        let Some(reading) = read else {
            let Arrival { key, content, received_at, record } = self.slowly(row)?;
            let withdrawn = record.as_ref().is_some_and(|record| record.withdrawn);
            let newest = Newest { content, received_at };
            return Some(Claim { key: keys.of(&key.source, &key.id), newest, withdrawn, is_record: record.is_some() });
        };
        let newest = Newest { content: reading.fingerprint(), received_at: reading.received_at() };
        let withdrawn = reading.withdrawn();
        let is_record = withdrawn || is_concerned(&self.world, &reading, &mut self.lookup);
        Some(Claim { key: keys.of(reading.source(), reading.id()), newest, withdrawn, is_record })
    }

    /// When a row that stands was received, and its record where `wants` the subjects of a part.
    pub fn part(&mut self, row: &Row, wants: Wants) -> Option<(DateTime<Utc>, Option<Arc<Record>>)> {
        let read = row.unrefused().and_then(|raw| self.reader.read(raw, Received::Stated));
        let Some(reading) = read else {
            let Arrival { received_at, record, .. } = self.slowly(row)?;
            return Some((received_at, record.filter(|_| wants != Wants::Nothing)));
        };
        let is_wanted = match wants {
            Wants::Nothing => false,
            Wants::All => true,
            Wants::Concerned(share) => {
                concerns(&self.world, &reading, &mut self.lookup, |per| share.has_stated(&reading, per))
            }
        };
        let record = is_wanted.then(|| Arc::new(reading.to_record(&mut self.interner, Some(&self.keep))));
        Some((reading.received_at(), record))
    }

    /// The record of a row that stands.
    pub fn record(&mut self, row: &Row) -> Option<Arc<Record>> {
        let read = row.unrefused().and_then(|raw| self.reader.read(raw, Received::Stated));
        match read.map(|reading| reading.to_record(&mut self.interner, Some(&self.keep))) {
            Some(record) => Some(Arc::new(record)),
            None => self.slowly(row)?.record,
        }
    }

    fn slowly(&self, row: &Row) -> Option<Arrival> {
        let pack = &self.world.pack;
        let intake = sort(&pack.schema, [row.clone()], Received::Stated, pack.timeline.zone, &Submitter::LOCAL);
        let Parsed { record, canonical, .. } = intake.accepted.into_iter().next()?;
        let content = fingerprint::of(&serde_json::from_slice(&canonical).ok()?);
        let (key, received_at) = (record.key.clone(), record.received_at);
        Some(Arrival { key, content, received_at, record: Some(Arc::new(record)) })
    }
}

/// Whether a record that is new to everybody changes anything for any of its subjects.
fn is_concerned<F: Fields>(world: &World, record: &F, lookup: &mut Lookup) -> bool {
    concerns(world, record, lookup, |per| states(record, per))
}

/// Whether a record that is new to everybody changes anything for a subject of some kinds.
fn concerns<F: Fields>(world: &World, record: &F, lookup: &mut Lookup, of: impl Fn(SubjectKind) -> bool) -> bool {
    // most do whatever they say
    world.concerned_by(record.kind(), &[]).any(&of)
        || world.subjects_of_rules(record.kind()).any(&of) && {
            world.matching(record, lookup);
            world.concerned_by(record.kind(), &lookup.found).any(&of)
        }
}
