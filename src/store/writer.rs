//! The one writer: commits whatever queued during the last sync, each job in its own savepoint.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::store::checkpoint::Checkpointer;
use crate::store::{Answer, StoreError, meta};

/// The most jobs in one commit, so that the first of a flood does not wait for the last.
const MOST_JOBS: usize = 1024;

/// The most bytes of entries that may wait to be appended; past it `append` is refused, and intake says 429.
/// Steps, claims and settlements are never refused: those who queue them wait for each answer.
const MOST_WAITING_BYTES: usize = 64 << 20;

/// What can wait does until nothing was queued for so long: whoever was answered just now may send more at once.
const QUIET: Duration = Duration::from_millis(2);

/// What can wait lets so many commits go first at most: a flood of records delays it and does not stop it.
const MOST_TURNS: u32 = 16;

pub(super) struct Writer {
    sender: Option<Sender<Queued>>,
    waiting_bytes: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(connection: Connection, checkpointer: Checkpointer, epoch: i64) -> Result<Self, StoreError> {
        let (sender, receiver) = channel();
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || run(&connection, checkpointer, epoch, &receiver))
            .map_err(|error| StoreError::Database(error.to_string()))?;
        Ok(Self { sender: Some(sender), waiting_bytes: Arc::default(), thread: Some(thread) })
    }

    /// Queues a job whatever waits already.
    pub(super) fn submit<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Answer<T> {
        self.queue(work, None, false)
    }

    /// Queues a job for which nobody waits, and which can be done again if it is lost: others go first for a while.
    pub(super) fn submit_patient<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Answer<T> {
        self.queue(work, None, true)
    }

    /// Queues a job of so many bytes, or refuses it while too much waits. One alone is never too large.
    pub(super) fn submit_bounded<T: Send + 'static>(
        &self,
        bytes: usize,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Answer<T> {
        let before = self.waiting_bytes.fetch_add(bytes, Ordering::Relaxed);
        let load = Load { bytes, waiting: Arc::clone(&self.waiting_bytes) };
        if before > 0 && before.saturating_add(bytes) > MOST_WAITING_BYTES {
            return Answer::refused(StoreError::Busy);
        }
        self.queue(work, Some(load), false)
    }

    fn queue<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
        load: Option<Load>,
        can_wait: bool,
    ) -> Answer<T> {
        let (sender, receiver) = oneshot::channel();
        let task = Task { work: Some(work), result: None, sender, _load: load };
        // a writer that is gone drops the task, and with it the answer's sender: the answer says so
        drop(self.sender.as_ref().map(|queue| queue.send(Queued { job: Box::new(task), can_wait })));
        Answer(receiver)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.sender = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// The bytes of one queued append, given back when it is answered.
struct Load {
    bytes: usize,
    waiting: Arc<AtomicUsize>,
}

impl Drop for Load {
    fn drop(&mut self) {
        self.waiting.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

struct Queued {
    job: Box<dyn Job>,
    can_wait: bool,
}

/// A queued write: performed once at most, then answered once.
trait Job: Send {
    /// Performs it; false when what it wrote is to be undone.
    fn perform(&mut self, connection: &Connection) -> bool;
    /// Answers with what it came to, or with the error that befell the whole commit.
    fn answer(self: Box<Self>, commit: Result<(), StoreError>);
}

struct Task<T, W> {
    work: Option<W>,
    result: Option<Result<T, StoreError>>,
    sender: oneshot::Sender<Result<T, StoreError>>,
    _load: Option<Load>,
}

impl<T, W> Job for Task<T, W>
where
    T: Send,
    W: FnOnce(&Connection) -> Result<T, StoreError> + Send,
{
    fn perform(&mut self, connection: &Connection) -> bool {
        self.result = self.work.take().map(|work| work(connection));
        matches!(self.result, Some(Ok(_)))
    }

    fn answer(self: Box<Self>, commit: Result<(), StoreError>) {
        let Task { result, sender, .. } = *self;
        let never_run = || Err(StoreError::failed("the job was not run"));
        let answer = commit.and_then(|()| result.unwrap_or_else(never_run));
        // nobody may be listening any more, and the write stands all the same
        drop(sender.send(answer));
    }
}

/// The checkpointer ends first: the connection closed last has to be able to tidy up.
fn run(connection: &Connection, mut checkpointer: Checkpointer, epoch: i64, queue: &Receiver<Queued>) {
    let mut ended: Option<StoreError> = None;
    let mut line = Line::default();
    while let Some(mut jobs) = line.next(queue) {
        let commit = match &ended {
            Some(error) => Err(error.clone()),
            None => batch(connection, epoch, &mut jobs),
        };
        ended = commit.clone().err().filter(StoreError::is_fatal);
        for job in jobs {
            job.answer(commit.clone());
        }
        checkpointer.after_commit(connection);
    }
}

/// The jobs that were taken from the queue, and let others go first.
#[derive(Default)]
struct Line {
    waiting: Vec<Box<dyn Job>>,
    /// How many commits the first of them has let go first.
    turns: u32,
    /// The last commit had jobs that do not wait.
    is_busy: bool,
}

impl Line {
    /// The jobs of the next commit; none when everything is done and nothing more can come.
    fn next(&mut self, queue: &Receiver<Queued>) -> Option<Vec<Box<dyn Job>>> {
        let mut jobs = Vec::new();
        loop {
            let first = if self.waiting.is_empty() { Some(queue.recv().ok()?) } else { self.listen(queue) };
            let is_quiet = first.is_none();
            for queued in first.into_iter().chain(queue.try_iter()).take(MOST_JOBS) {
                if queued.can_wait {
                    self.waiting.push(queued.job);
                } else {
                    jobs.push(queued.job);
                }
            }
            if is_quiet || !jobs.is_empty() || !self.is_busy {
                break;
            }
        }
        self.is_busy = !jobs.is_empty();
        if jobs.is_empty() || self.turns >= MOST_TURNS {
            jobs.append(&mut self.waiting);
            self.turns = 0;
        } else if !self.waiting.is_empty() {
            self.turns += 1;
        }
        Some(jobs)
    }

    /// What is queued next, unless those that wait have waited enough.
    fn listen(&self, queue: &Receiver<Queued>) -> Option<Queued> {
        if self.turns >= MOST_TURNS || !self.is_busy {
            return None;
        }
        queue.recv_timeout(QUIET).ok()
    }
}

/// One transaction over all the jobs. An error befell all of them, and none of them is written.
fn batch(connection: &Connection, epoch: i64, jobs: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    begin(connection)?;
    let commit = fill(connection, epoch, jobs).and_then(|keep| {
        let end = if keep { "COMMIT" } else { "ROLLBACK" };
        execute(connection, end).map_err(|error| StoreError::failed(format!("{end}: {error}")))
    });
    if commit.is_err() && !connection.is_autocommit() {
        // the error is already on its way to everybody; a failed rollback adds nothing to it
        drop(connection.execute_batch("ROLLBACK"));
    }
    commit
}

/// Only waiting for another process's lock is worth another try: nothing else lets a transaction not begin.
fn begin(connection: &Connection) -> Result<(), StoreError> {
    execute(connection, "BEGIN IMMEDIATE").map_err(|error| match StoreError::from(error) {
        StoreError::Busy => StoreError::Busy,
        error => StoreError::failed(format!("begin: {error}")),
    })
}

fn execute(connection: &Connection, sql: &str) -> Result<(), rusqlite::Error> {
    connection.prepare_cached(sql)?.execute([]).map(drop)
}

/// Performs the jobs; whether the transaction is to be kept.
fn fill(connection: &Connection, epoch: i64, jobs: &mut [Box<dyn Job>]) -> Result<bool, StoreError> {
    if meta(connection, "epoch")? != epoch {
        return Err(StoreError::Fenced);
    }
    // what a savepoint would undo is the whole transaction
    if let [job] = jobs {
        return Ok(job.perform(connection));
    }
    for job in jobs {
        let keep = in_savepoint(connection, |connection| job.perform(connection));
        keep.map_err(|error| StoreError::failed(format!("savepoint: {error}")))?;
    }
    Ok(true)
}

/// On a broken disk SQLite ends the whole transaction by itself; then the savepoint is gone, and this fails.
fn in_savepoint(connection: &Connection, work: impl FnOnce(&Connection) -> bool) -> Result<(), rusqlite::Error> {
    execute(connection, "SAVEPOINT job")?;
    if !work(connection) {
        execute(connection, "ROLLBACK TO job")?;
    }
    execute(connection, "RELEASE job")
}

#[cfg(test)]
mod tests;
