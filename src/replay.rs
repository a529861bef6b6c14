//! What a pack would have found in records of the past: files in, findings with their dispositions out.

mod line;
pub mod passes;
pub mod pipe;
mod rows;
mod sorting;
mod spill;

use std::io;
use std::panic::resume_unwind;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::engine::{STACK_BYTES, World};
use crate::entry::{Entry, Step};
use crate::intake::row::Row;
use crate::ledger::{Appended, Arrival, Ledger};
use crate::machine::{Machine, Share, Tells};
use crate::pack::Pack;

use pipe::{Hand, Pipe, process};
use rows::RowReader;

pub use line::{Line, lines, local, reason};

/// A replay under way. The subjects are shared out over threads; what comes out does not depend on how many there are.
pub struct Replay {
    ledger: Ledger,
    readers: Vec<RowReader>,
    /// Reads again what an older revision makes a record.
    late: RowReader,
    shares: Vec<Machine>,
    /// What came in so far.
    pub counts: Counts,
}

/// What became of the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Rows read.
    pub rows: usize,
    /// Rows that are now in the log.
    pub accepted: usize,
    /// Rows that say what the log says already.
    pub duplicates: usize,
    /// Rows that do not hold to the schema.
    pub quarantined: usize,
    /// Rule judgements that failed.
    pub failures: usize,
}

impl Replay {
    /// Before the first record, on one thread.
    pub fn new(pack: Arc<Pack>) -> Self {
        Replay::with_threads(pack, 1)
    }

    /// Before the first record, on so many threads.
    pub fn with_threads(pack: Arc<Pack>, threads: usize) -> Self {
        Replay::over(&Arc::new(World::new(pack)), threads)
    }

    /// The same over a world that is built already.
    pub fn over(world: &Arc<World>, threads: usize) -> Self {
        let threads = threads.max(1);
        let machine =
            |index| Machine::for_share(Arc::new(world.apart()), Share { index, of: threads }).telling(Tells::Alerts);
        Replay {
            ledger: Ledger::default(),
            late: RowReader::new(world.clone()),
            readers: (0..threads).map(|_| RowReader::new(world.clone())).collect(),
            shares: (0..threads).map(machine).collect(),
            counts: Counts::default(),
        }
    }

    /// The same for who asks only for [`lines`].
    pub fn for_lines(self) -> Self {
        let shares = self.shares.into_iter().map(|machine| machine.telling(Tells::Dispositions)).collect();
        Replay { shares, ..self }
    }

    /// Takes rows in, in their order; the steps that they cause, in no order.
    pub fn feed(&mut self, rows: &[Row]) -> Vec<Step> {
        let read = over_chunks(&mut self.readers, rows, |reader, row| reader.arrival(row));
        let entries = self.order(rows, read);
        self.process(&entries)
    }

    /// Takes all rows in that `read` hands out, in their order; the steps that each batch causes, in no order, are for
    /// `take`. While some rows are judged, the next are being read.
    ///
    /// # Errors
    /// What `read` and `take` say, and the operating system of threads.
    pub fn stream<E: From<io::Error> + Send>(
        &mut self,
        read: impl FnOnce(&mut Hand<'_>) -> Result<(), E> + Send,
        mut take: impl FnMut(&[Row], Vec<Step>) -> Result<(), E>,
    ) -> Result<(), E> {
        let parse = |reader: &mut RowReader, _: usize, rows: &[Row]| -> Vec<Option<Arrival>> {
            rows.iter().map(|row| reader.arrival(row)).collect()
        };
        let (mut readers, mut machines) = (std::mem::take(&mut self.readers), std::mem::take(&mut self.shares));
        let order = |rows: &[Row], read| self.order(rows, read);
        let mut failures = 0;
        let judge = |machine: &mut Machine, _: usize, entries: &[Entry]| process(machine, entries);
        let pipe = Pipe { readers: &mut readers, machines: &mut machines, parse, order, judge };
        let ended = pipe.run(read, |rows, steps| {
            failures += failures_in(&steps);
            take(rows, steps)
        });
        self.counts.failures += failures;
        (self.readers, self.shares) = (readers, machines);
        ended
    }

    /// Lets the clock run on to an instant.
    pub fn run_on(&mut self, until: DateTime<Utc>) -> Vec<Step> {
        let entry = self.ledger.tick(until);
        self.process(&[entry])
    }

    fn order(&mut self, rows: &[Row], read: Vec<Option<Arrival>>) -> Vec<Entry> {
        self.counts.rows += rows.len();
        read.into_iter().zip(rows).filter_map(|(arrival, row)| self.append(arrival, row)).collect()
    }

    fn append(&mut self, arrival: Option<Arrival>, row: &Row) -> Option<Entry> {
        let Some(mut arrival) = arrival else {
            self.counts.quarantined += 1;
            return None;
        };
        if arrival.record.is_none() && self.ledger.is_concerned(&arrival.key) {
            arrival.record = self.late.record(row);
        }
        match self.ledger.append(arrival) {
            Appended::Entry(entry) | Appended::Stale(entry) => {
                self.counts.accepted += 1;
                Some(entry)
            }
            Appended::Duplicate => {
                self.counts.duplicates += 1;
                None
            }
        }
    }

    fn process(&mut self, entries: &[Entry]) -> Vec<Step> {
        let steps: Vec<Step> = in_parallel(self.shares.iter_mut().collect(), |machine| process(machine, entries));
        self.counts.failures += failures_in(&steps);
        steps
    }
}

fn failures_in(steps: &[Step]) -> usize {
    steps.iter().map(|step| step.effects.failures.len()).sum()
}

/// Reads rows, each reader a stretch of them; what is read of each, in their order.
fn over_chunks<T: Send>(
    readers: &mut [RowReader],
    rows: &[Row],
    read: impl Fn(&mut RowReader, &Row) -> T + Sync,
) -> Vec<T> {
    let share = rows.len().div_ceil(readers.len()).max(1);
    let work = readers.iter_mut().zip(rows.chunks(share)).collect();
    in_parallel(work, |(reader, rows)| rows.iter().map(|row| read(reader, row)).collect())
}

/// Does each piece of work on a thread of its own; the results in the order of the pieces.
fn in_parallel<W: Send, T: Send>(mut work: Vec<W>, run: impl Fn(W) -> Vec<T> + Sync) -> Vec<T> {
    if work.len() <= 1 {
        return work.pop().map_or_else(Vec::new, run);
    }
    let run = &run;
    std::thread::scope(|scope| {
        let spawned: Vec<_> = work
            .into_iter()
            .map(|piece| {
                let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
                thread.spawn_scoped(scope, move || run(piece))
            })
            .collect();
        spawned
            .into_iter()
            .flatten()
            .flat_map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)))
            .collect()
    })
}
