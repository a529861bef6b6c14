//! Rows through the hands of several threads: read from files, understood, put in order, judged, each while the next
//! are on their way.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, Scope, scope};

use crate::engine::STACK_BYTES;
use crate::entry::{Entry, Step};
use crate::intake::row::Row;
use crate::machine::Machine;

use super::rows::RowReader;

/// Rows that are best handed out at a time. Of more the lists are so large that the allocator clears up whenever one is
/// given back, and of fewer the threads would mostly wake each other.
pub const BATCH: usize = 256;

/// What is known of the subjects of so many entries is brought from memory at a time; it fits into the nearest part of it.
const PREFETCHED: usize = 32;

/// So many batches wait between two threads: more would only take up memory.
const MOST_WAITING: usize = 8;

/// Whoever hands out rows gives them, batch by batch, to this; it says whether there is use for more.
pub type Hand<'a> = dyn FnMut(Vec<Row>) -> bool + 'a;

/// What was understood of rows, of which the first is the n-th of all.
type Understood<T> = (usize, Vec<Row>, Vec<T>);

/// The entries of rows, of which the first is the n-th of all.
type Ordered = (usize, Arc<[Entry]>);

/// What is done on the way. What comes out does not depend on how many threads do it.
pub(super) struct Pipe<'a, M, P, O, J> {
    /// Each understands some of the batches.
    pub(super) readers: &'a mut [RowReader],
    /// Each judges all entries, for its own subjects.
    pub(super) machines: &'a mut [M],
    /// Understands rows, of which the first is the n-th of all.
    pub(super) parse: P,
    /// Makes entries of what was understood, in the order of the rows.
    pub(super) order: O,
    /// Judges the entries of rows, of which the first is the n-th of all.
    pub(super) judge: J,
}

impl<'a, M, T, P, O, J> Pipe<'a, M, P, O, J>
where
    M: Send,
    T: Send,
    P: Fn(&mut RowReader, usize, &[Row]) -> Vec<T> + Sync,
    O: FnMut(&[Row], Vec<T>) -> Vec<Entry> + Send,
    J: Fn(&mut M, usize, &[Entry]) -> Vec<Step> + Sync,
{
    /// Takes all rows in that `read` hands out; the steps of each batch, in no order, are for `take`.
    ///
    /// # Errors
    /// What `read` and `take` say, and the operating system of threads.
    pub(super) fn run<E: From<io::Error> + Send>(
        self,
        read: impl FnOnce(&mut Hand<'_>) -> Result<(), E> + Send,
        take: impl FnMut(&[Row], Vec<Step>) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.readers.len() <= 1 { self.run_here(read, take) } else { self.run_on_threads(read, take) }
    }

    fn run_here<E>(
        mut self,
        read: impl FnOnce(&mut Hand<'_>) -> Result<(), E>,
        mut take: impl FnMut(&[Row], Vec<Step>) -> Result<(), E>,
    ) -> Result<(), E> {
        let (mut first, mut ended) = (0, Ok(()));
        read(&mut |rows| {
            let parsed = self.readers.first_mut().map(|reader| (self.parse)(reader, first, &rows));
            let entries = (self.order)(&rows, parsed.unwrap_or_default());
            let machines = self.machines.iter_mut();
            let steps = machines.flat_map(|machine| (self.judge)(machine, first, &entries)).collect();
            first += rows.len();
            ended = take(&rows, steps);
            ended.is_ok()
        })?;
        ended
    }

    fn run_on_threads<E: From<io::Error> + Send>(
        self,
        read: impl FnOnce(&mut Hand<'_>) -> Result<(), E> + Send,
        mut take: impl FnMut(&[Row], Vec<Step>) -> Result<(), E>,
    ) -> Result<(), E> {
        let Pipe { readers, machines, parse, order, judge } = self;
        let (parse, judge) = (&parse, &judge);
        scope(|scope| {
            let (mut to_readers, mut from_readers) = (Vec::new(), Vec::new());
            for reader in readers {
                let (to_reader, rows) = sync_channel::<(usize, Vec<Row>)>(MOST_WAITING);
                let (parsed, from_reader) = sync_channel(MOST_WAITING);
                on_thread(scope, move || {
                    pass_on(&rows, &parsed, |(first, rows)| {
                        let read = parse(reader, first, &rows);
                        (first, rows, read)
                    });
                })?;
                to_readers.push(to_reader);
                from_readers.push(from_reader);
            }
            let (mut to_machines, mut from_machines) = (Vec::new(), Vec::new());
            for machine in machines {
                let (to_machine, entries) = sync_channel::<Ordered>(MOST_WAITING);
                let (steps, from_machine) = sync_channel(MOST_WAITING);
                on_thread(scope, move || {
                    pass_on(&entries, &steps, |(first, entries)| judge(machine, first, &entries));
                })?;
                to_machines.push(to_machine);
                from_machines.push(from_machine);
            }
            let (done, taken) = sync_channel(MOST_WAITING);
            on_thread(scope, move || put_in_order(&from_readers, order, &to_machines, &done))?;
            let reading = Builder::new().spawn_scoped(scope, move || {
                let (mut first, mut turns) = (0, to_readers.iter().cycle());
                read(&mut |rows| {
                    let count = rows.len();
                    let is_sent = turns.next().is_some_and(|reader| reader.send((first, rows)).is_ok());
                    first += count;
                    is_sent
                })
            })?;
            for rows in taken {
                let rows: Vec<Row> = rows;
                let steps = from_machines.iter().filter_map(|steps| steps.recv().ok()).flatten().collect();
                take(&rows, steps)?;
            }
            reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }
}

/// Judges entries one after another.
pub(super) fn process(machine: &mut Machine, entries: &[Entry]) -> Vec<Step> {
    let mut steps = Vec::new();
    for some in entries.chunks(PREFETCHED) {
        machine.prefetch(some);
        some.iter().for_each(|entry| steps.extend(machine.process(entry)));
    }
    steps
}

fn on_thread<'s>(scope: &'s Scope<'s, '_>, work: impl FnOnce() + Send + 's) -> io::Result<()> {
    Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work).map(drop)
}

/// Does something with each thing that comes and passes it on, until there are no more or nobody wants them.
fn pass_on<A, B>(from: &Receiver<A>, to: &SyncSender<B>, mut work: impl FnMut(A) -> B) {
    for thing in from {
        if to.send(work(thing)).is_err() {
            return;
        }
    }
}

/// Takes what was understood from the readers in turn, as the rows were given to them, and gives each machine all of it.
fn put_in_order<T>(
    from_readers: &[Receiver<Understood<T>>],
    mut order: impl FnMut(&[Row], Vec<T>) -> Vec<Entry>,
    to_machines: &[SyncSender<Ordered>],
    done: &SyncSender<Vec<Row>>,
) {
    for from in from_readers.iter().cycle() {
        let Ok((first, rows, parsed)) = from.recv() else { return };
        let entries: Arc<[Entry]> = order(&rows, parsed).into();
        let is_wanted = to_machines.iter().all(|machine| machine.send((first, entries.clone())).is_ok());
        if !is_wanted || done.send(rows).is_err() {
            return;
        }
    }
}
