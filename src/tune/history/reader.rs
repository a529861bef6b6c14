//! Bytes to records with only the fields that the rules concerned read.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::intake::row::Row;
use crate::intake::{Submitter, sort};
use crate::ledger::Arrival;
use crate::record::parse::{Interner, Parsed, Reader, Received};
use crate::record::schema::{FieldId, KindId};
use crate::record::slot::Fields;
use crate::record::{Record, RecordKey, fingerprint};
use crate::tune::Plan;

/// Reads records one after another.
pub struct RecordReader<'a> {
    plan: &'a Plan,
    reader: Reader,
    interner: Interner,
    keep: Vec<FieldId>,
}

/// What a row of a file says.
pub struct Read {
    /// The record's kind.
    pub kind: KindId,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// For the ledger: with the record itself only where its kind is one that the plan reads.
    pub arrival: Arrival,
}

impl<'a> RecordReader<'a> {
    /// For a plan.
    pub fn new(plan: &'a Plan) -> Self {
        let pack = &plan.pack;
        let keep = pack.fields_read().into_iter().collect();
        RecordReader {
            plan,
            reader: Reader::new(&pack.schema, pack.timeline.zone),
            interner: Interner::default(),
            keep,
        }
    }

    /// What a row says; `None` where it does not hold to the schema.
    pub fn row(&mut self, row: &Row) -> Option<Read> {
        let read = row.unrefused().and_then(|raw| self.reader.read(raw, Received::Stated));
        let Some(reading) = read else { return self.slowly(row) };
        let (kind, occurred_at, content) = (reading.kind(), reading.occurred_at(), reading.fingerprint());
        let received_at = reading.received_at();
        if !self.plan.kinds.contains(&kind) {
            let key = RecordKey { source: self.interner.source(reading.source()), id: Arc::from(reading.id()) };
            return Some(Read { kind, occurred_at, arrival: Arrival { key, content, received_at, record: None } });
        }
        let record = reading.to_record(&mut self.interner, Some(&self.keep));
        let (key, record) = (record.key.clone(), Some(Arc::new(record)));
        Some(Read { kind, occurred_at, arrival: Arrival { key, content, received_at, record } })
    }

    /// The record of a row that stands, whatever its kind.
    pub fn whole(&mut self, row: &Row) -> Option<Arc<Record>> {
        match row.unrefused().and_then(|raw| self.reader.read(raw, Received::Stated)) {
            Some(reading) => Some(Arc::new(reading.to_record(&mut self.interner, Some(&self.keep)))),
            None => self.slowly(row)?.arrival.record,
        }
    }

    /// A record that the store holds; `None` where it no longer holds to the schema.
    pub fn stored(&mut self, body: &[u8], received_at: DateTime<Utc>) -> Option<Record> {
        if let Some(reading) = self.reader.read(body, Received::Edge(received_at)) {
            return Some(reading.to_record(&mut self.interner, Some(&self.keep)));
        }
        let pack = &self.plan.pack;
        Record::from_stored(&pack.schema, body, received_at, pack.timeline.zone).ok()
    }

    fn slowly(&self, row: &Row) -> Option<Read> {
        let pack = &self.plan.pack;
        let intake = sort(&pack.schema, [row.clone()], Received::Stated, pack.timeline.zone, &Submitter::LOCAL);
        let Parsed { record, canonical, .. } = intake.accepted.into_iter().next()?;
        let content = fingerprint::of(&serde_json::from_slice(&canonical).ok()?);
        let (key, received_at) = (record.key.clone(), record.received_at);
        let (kind, occurred_at) = (record.kind, record.occurred_at);
        let arrival = Arrival { key, content, received_at, record: Some(Arc::new(record)) };
        Some(Read { kind, occurred_at, arrival })
    }
}
