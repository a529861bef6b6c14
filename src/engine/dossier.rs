//! The records of one subject, by kind and time: the newest revision of each, without those withdrawn.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::entry::Position;
use crate::record::schema::KindId;
use crate::record::{Record, RecordKey};

/// A record with its place in the log.
#[derive(Clone, Debug)]
pub struct Logged {
    /// The record.
    pub record: Arc<Record>,
    /// Where its newest revision stands in the log.
    pub position: Position,
}

/// The most records of one kind that a dossier holds; older ones fall out first.
pub const MAX_PER_KIND: usize = 10_000;

/// The records of one subject.
#[derive(Clone, Debug, Default)]
pub struct Dossier {
    kinds: BTreeMap<KindId, Vec<Logged>>,
}

impl Dossier {
    /// Puts a record in its place; whether the bound made an older one fall out.
    pub fn insert(&mut self, logged: Logged) -> bool {
        let records = self.kinds.entry(logged.record.kind).or_default();
        let place = records.partition_point(|known| known.record.order() <= logged.record.order());
        records.insert(place, logged);
        let full = records.len() > MAX_PER_KIND;
        if full {
            records.remove(0);
        }
        full
    }

    /// Takes a record out, whatever its revision.
    pub fn remove(&mut self, record: &Record) {
        if let Some(records) = self.kinds.get_mut(&record.kind) {
            records.retain(|known| known.record.key != record.key);
        }
    }

    /// All records of a kind, in order.
    pub fn of_kind(&self, kind: KindId) -> &[Logged] {
        self.kinds.get(&kind).map_or(&[], Vec::as_slice)
    }

    /// The record of a key among some kinds.
    pub fn find(&self, key: &RecordKey, kinds: &[KindId]) -> Option<&Logged> {
        kinds.iter().find_map(|kind| self.of_kind(*kind).iter().find(|known| known.record.key == *key))
    }

    /// The record of a key, of whatever kind.
    pub fn find_any(&self, key: &RecordKey) -> Option<&Logged> {
        self.kinds.values().flatten().find(|known| known.record.key == *key)
    }

    /// Records of a kind from one instant up to and including a trigger.
    pub fn until(&self, kind: KindId, from: Option<DateTime<Utc>>, trigger: &Record) -> &[Logged] {
        let records = self.of_kind(kind);
        let end = records.partition_point(|known| known.record.order() <= trigger.order());
        let start = from.map_or(0, |from| records.partition_point(|known| known.record.occurred_at < from));
        records.get(start.min(end)..end).unwrap_or(&[])
    }

    /// Records of a kind from one instant on, however late.
    pub fn since(&self, kind: KindId, from: DateTime<Utc>) -> &[Logged] {
        let records = self.of_kind(kind);
        let start = records.partition_point(|known| known.record.occurred_at < from);
        records.get(start..).unwrap_or(&[])
    }

    /// How many records of a kind happened in `[from, until)`.
    pub fn count_between(&self, kind: KindId, from: DateTime<Utc>, until: DateTime<Utc>) -> usize {
        let records = self.of_kind(kind);
        let start = records.partition_point(|known| known.record.occurred_at < from);
        records.partition_point(|known| known.record.occurred_at < until).saturating_sub(start)
    }

    /// Records of some kinds that come after another in order, with the kinds mixed.
    pub fn after<'a>(&'a self, kinds: &'a [KindId], order: (DateTime<Utc>, &RecordKey)) -> Vec<&'a Logged> {
        let mut later: Vec<&Logged> = kinds
            .iter()
            .flat_map(|kind| {
                let records = self.of_kind(*kind);
                let start = records.partition_point(|known| known.record.order() <= order);
                records.get(start..).unwrap_or(&[])
            })
            .collect();
        later.sort_by(|a, b| a.record.order().cmp(&b.record.order()));
        later
    }

    /// The last record of some kinds.
    pub fn newest(&self, kinds: &[KindId]) -> Option<&Logged> {
        kinds
            .iter()
            .filter_map(|kind| self.of_kind(*kind).last())
            .max_by(|a, b| a.record.order().cmp(&b.record.order()))
    }

    /// The last instants of some kinds up to and including a trigger, rising, each once, at most `limit`.
    pub fn instants_until(&self, kinds: &[KindId], trigger: &Record, limit: usize) -> Vec<DateTime<Utc>> {
        let mut instants: Vec<DateTime<Utc>> = Vec::new();
        for kind in kinds {
            let mut latest: Vec<DateTime<Utc>> = Vec::new();
            for known in self.until(*kind, None, trigger).iter().rev() {
                if latest.last() == Some(&known.record.occurred_at) {
                    continue;
                }
                if latest.len() == limit {
                    break;
                }
                latest.push(known.record.occurred_at);
            }
            instants.append(&mut latest);
        }
        instants.sort_unstable();
        instants.dedup();
        instants.split_off(instants.len().saturating_sub(limit))
    }
}
