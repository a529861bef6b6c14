//! Rows of files to arrivals, with only the fields that some rule reads.

use std::sync::Arc;

use crate::engine::World;
use crate::engine::index::Lookup;
use crate::intake::row::Row;
use crate::intake::{Submitter, sort};
use crate::ledger::Arrival;
use crate::record::parse::{FieldSet, Interner, Parsed, Reader, Received};
use crate::record::slot::Fields;
use crate::record::{Record, RecordKey, fingerprint};
use crate::subject::states;

/// Reads rows one after another.
pub struct RowReader {
    world: Arc<World>,
    reader: Reader,
    interner: Interner,
    lookup: Lookup,
    keep: FieldSet,
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
        let key = RecordKey { source: self.interner.text(reading.source()), id: Arc::from(reading.id()) };
        Some(Arrival { key, content, received_at: reading.received_at(), record: None })
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
    world.matching(record, lookup);
    world.concerned_by(record.kind(), &lookup.found).any(|per| states(record, per))
}
