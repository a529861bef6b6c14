//! The records of a store: only what the plan needs is read and parsed, on all cores.

use crate::entry::{Position, ThresholdChange};
use crate::store::log::by_kind::Passed;
use crate::store::{Store, StoreError};

use super::super::{Plan, workers};
use super::reader::RecordReader;
use super::{History, entry, is_needed, needs_kind};

/// The log is passed in parts of at least so many entries.
const LEAST_PART: Position = 4_096;

/// What was set at run time, in log order.
///
/// # Errors
/// What the database says.
pub fn set_before(store: &Store) -> Result<Vec<ThresholdChange>, StoreError> {
    Ok(store.threshold_changes()?.into_iter().map(|set| set.change).collect())
}

impl History {
    /// The records of a store, up to its newest entry. What people did to alerts is left out: at another value there
    /// would have been other alerts.
    ///
    /// # Errors
    /// What the database says.
    pub fn of_store(plan: &Plan, store: &Store) -> Result<History, StoreError> {
        let head = store.head()?;
        let parts = workers::each(&parts(head), |part| read_part(plan, store, *part));
        let mut history = History::default();
        for part in parts {
            let part = part?;
            history.unfit += part.unfit;
            for (kind, span) in part.kinds {
                match history.kinds.get_mut(&kind) {
                    Some(known) => known.add(span),
                    None => drop(history.kinds.insert(kind, span)),
                }
            }
            history.entries.extend(part.entries);
        }
        history.end = store.tail(head - 1, 1)?.first().map(|entry| (head, entry.at));
        history.index(plan);
        Ok(history)
    }
}

fn parts(head: Position) -> Vec<(Position, Position)> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let cores = Position::try_from(cores).unwrap_or(1);
    let size = (head / (cores * 4)).max(LEAST_PART);
    let starts = (0..).map(|part| part * size).take_while(|start| *start < head);
    starts.map(|start| (start, (start + size).min(head))).collect()
}

fn read_part(plan: &Plan, store: &Store, part: (Position, Position)) -> Result<History, StoreError> {
    let mut part_reader = PartReader { plan, reader: RecordReader::new(plan), history: History::default() };
    let is_wanted = |kind: &str| needs_kind(plan, kind).is_some();
    store.pass(part, is_wanted, |passed| part_reader.take(passed))?;
    Ok(part_reader.history)
}

/// Reads a part of the log.
struct PartReader<'a> {
    plan: &'a Plan,
    reader: RecordReader<'a>,
    history: History,
}

impl PartReader<'_> {
    fn take(&mut self, passed: &Passed<'_>) {
        self.history.count(passed.kind, passed.occurred_at);
        let Some(body) = passed.body else { return };
        let Some(record) = self.reader.stored(body, passed.received_at) else {
            self.history.unfit += 1;
            return;
        };
        let before = passed.replaced.as_ref().map(|replaced| replaced.subjects_before.clone()).unwrap_or_default();
        let entry = entry(passed.position, passed.at, record, before);
        if is_needed(self.plan, &entry) {
            self.history.entries.push(entry);
        }
    }
}
