//! Many records of one kind, with indexes that are built when they are first asked for and kept from then on.

use std::cell::{OnceCell, Ref, RefCell};
use std::collections::VecDeque;
use std::hash::BuildHasher;
use std::sync::Arc;

use chrono::TimeDelta;
use hashbrown::{DefaultHashBuilder, HashTable};

use super::column::Column;
use super::keyed::Keyed;
use super::past::Past;
use super::run::{Run, Stretch};
use super::stays::Stays;
use super::{Logged, MAX_PER_KIND};
use crate::pack::expr::MatchKey;
use crate::record::schema::KindId;
use crate::record::{Record, RecordKey};

/// The most keys of one kind that are indexed: rules match by a few, and each can take a megabyte.
const MAX_COLUMNS: usize = 16;

/// The records of a kind that has many.
#[derive(Clone, Debug)]
pub struct Large {
    /// Their kind.
    pub kind: KindId,
    records: VecDeque<Logged>,
    columns: RefCell<Vec<Column>>,
    identities: OnceCell<Identities>,
    /// When people stayed, where a rule asks for it.
    pub stays: RefCell<Option<Stays>>,
    /// How many there were in windows that rules have asked about.
    pub past: RefCell<Past>,
}

impl Large {
    /// Of records in their order.
    pub fn new(kind: KindId, records: impl Iterator<Item = Logged>) -> Self {
        Large {
            kind,
            records: records.collect(),
            columns: RefCell::default(),
            identities: OnceCell::new(),
            stays: RefCell::default(),
            past: RefCell::default(),
        }
    }

    /// All of them, in order.
    pub fn run(&self) -> Run<'_> {
        Run::of_ring(&self.records)
    }

    /// Whether a rule has asked for the stays.
    pub fn has_stays(&self) -> bool {
        self.stays.borrow().is_some()
    }

    /// Puts a record in its place; the oldest one where there was no room for both.
    pub fn insert(&mut self, logged: Logged) -> Option<Logged> {
        let place = self.run().count_until(logged.record.order());
        for column in self.columns.get_mut() {
            column.insert(place, &logged);
        }
        if let Some(identities) = self.identities.get_mut() {
            identities.insert(&logged.record);
        }
        self.records.insert(place, logged);
        if self.records.len() > MAX_PER_KIND { self.take(0) } else { None }
    }

    /// Takes out the record of a key, which most likely stands where `record` does.
    pub fn remove(&mut self, record: &Record) -> Option<Logged> {
        let place = self.run().place_of(record.order());
        let place = place.or_else(|| self.records.iter().position(|known| known.record.key == record.key));
        place.and_then(|place| self.take(place))
    }

    fn take(&mut self, place: usize) -> Option<Logged> {
        let logged = self.records.remove(place)?;
        for column in self.columns.get_mut() {
            column.remove(place, &logged);
        }
        if let Some(identities) = self.identities.get_mut() {
            identities.remove(&logged.record.key);
        }
        self.past.get_mut().left(logged.nanos());
        Some(logged)
    }

    /// The record of a key.
    pub fn find(&self, key: &RecordKey) -> Option<&Logged> {
        let identities = self.identities.get_or_init(|| Identities::of(&self.records));
        let record = identities.get(key)?;
        self.run().place_of(record.order()).and_then(|place| self.records.get(place))
    }

    /// The records that equal a value, or `None` where only looking at each can tell.
    pub fn equal_to(&self, key: MatchKey, value: Keyed<'_>) -> Option<Equal<'_>> {
        let columns = self.column(key)?;
        let column = Ref::filter_map(columns, |columns| columns.iter().find(|column| column.key() == key)).ok()?;
        let number = column.equal_to(value)?;
        Some(Equal(Ref::filter_map(column, |column| column.records_of(number)).ok()))
    }

    /// How many keys differ in a stretch, for a question that looks so far back; `None` where only looking at each
    /// record can tell.
    pub fn distinct(&self, key: MatchKey, span: Option<TimeDelta>, stretch: Stretch<'_>) -> Option<usize> {
        drop(self.column(key)?);
        let (start, end) = self.run().bounds(stretch);
        let mut columns = self.columns.try_borrow_mut().ok()?;
        let column = columns.iter_mut().find(|column| column.key() == key)?;
        Some(column.distinct(span, start, end))
    }

    /// The columns, where the one of a key is among them.
    fn column(&self, key: MatchKey) -> Option<Ref<'_, Vec<Column>>> {
        let columns = self.columns.borrow();
        if columns.iter().any(|column| column.key() == key) {
            return Some(columns);
        }
        let has_room = columns.len() < MAX_COLUMNS;
        drop(columns);
        if !has_room {
            return None;
        }
        // whoever still reads another column goes on without this one
        self.columns.try_borrow_mut().ok()?.push(Column::new(key, &self.records));
        Some(self.columns.borrow())
    }
}

/// The records that equal a value.
pub struct Equal<'a>(Option<Ref<'a, VecDeque<Logged>>>);

impl Equal<'_> {
    /// In order.
    pub fn run(&self) -> Run<'_> {
        self.0.as_ref().map(|records| Run::of_ring(records)).unwrap_or_default()
    }
}

/// Records by source and id, with the hashes of these, which lie elsewhere in memory.
#[derive(Clone, Debug, Default)]
struct Identities {
    records: HashTable<(u64, Arc<Record>)>,
    hasher: DefaultHashBuilder,
}

impl Identities {
    fn of(records: &VecDeque<Logged>) -> Self {
        let mut identities = Identities::default();
        records.iter().for_each(|logged| identities.insert(&logged.record));
        identities
    }

    fn get(&self, key: &RecordKey) -> Option<&Arc<Record>> {
        self.records.find(self.hasher.hash_one(key), |(_, record)| record.key == *key).map(|(_, record)| record)
    }

    fn insert(&mut self, record: &Arc<Record>) {
        let hash = self.hasher.hash_one(&record.key);
        self.records.insert_unique(hash, (hash, record.clone()), |(hash, _)| *hash);
    }

    fn remove(&mut self, key: &RecordKey) {
        if let Ok(entry) = self.records.find_entry(self.hasher.hash_one(key), |(_, record)| record.key == *key) {
            entry.remove();
        }
    }
}
