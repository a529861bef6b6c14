//! The writer of one file: commits whatever queued during the last commit, each job in its own savepoint.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::store::checkpoint::Checkpointer;
use crate::store::{Answer, StoreError};

/// The most jobs in one commit, so that the first of a flood does not wait for the last.
const MOST_JOBS: usize = 1024;

/// The most bytes of entries that may wait to be appended; past it `append` is refused, and intake says 429.
/// Steps, claims and settlements are never refused: those who queue them wait for each answer.
const MOST_WAITING_BYTES: usize = 64 << 20;

/// How long what can wait lets others go first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// Until nothing was queued for so long.
    pub(super) quiet: Duration,
    /// For so many commits at most: a flood of others delays it and does not stop it.
    pub(super) most_turns: u32,
}

/// The thread that writes a file, and its queue.
pub(super) struct Writer {
    queue: Queue,
    desk: Arc<Mutex<Desk>>,
    thread: Option<JoinHandle<()>>,
}

/// What a file is written with. The connection goes last: the one closed last has to be able to tidy up.
pub(super) struct Setup {
    /// The thread's name.
    pub(super) name: &'static str,
    /// What moves its write-ahead log.
    pub(super) checkpointer: Checkpointer,
    /// Looks at the file after each commit that is answered.
    pub(super) answered: Box<dyn FnMut(&Connection) + Send>,
    /// The write connection.
    pub(super) connection: Connection,
    /// The epoch in which this process writes.
    pub(super) epoch: i64,
    /// Reads the file's epoch.
    pub(super) epoch_in: fn(&Connection) -> Result<i64, StoreError>,
    /// Whether each commit is synced; if not, only those with a job that asks for it.
    pub(super) is_synced: bool,
    /// That of what can wait.
    pub(super) patience: Patience,
}

impl Writer {
    pub(super) fn start(setup: Setup) -> Result<Self, StoreError> {
        let (sender, receiver) = channel();
        let (name, patience) = (setup.name.to_owned(), setup.patience);
        let desk = Arc::new(Mutex::new(Desk { setup, syncs: None, ended: None }));
        let shared = Arc::clone(&desk);
        let thread = std::thread::Builder::new()
            .name(name)
            .spawn(move || run(&shared, &receiver, patience))
            .map_err(|error| StoreError::Database(error.to_string()))?;
        let queue = Queue { sender: Some(sender), waiting_bytes: Arc::default() };
        Ok(Self { queue, desk, thread: Some(thread) })
    }

    /// Queues a job whatever waits already.
    pub(super) fn submit<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Answer<T> {
        self.queue.put(work, |done| done, None, Manner::Plain)
    }

    /// Queues a job whose commit is synced, also where others are not.
    pub(super) fn submit_synced<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Answer<T> {
        self.queue.put(work, |done| done, None, Manner::Synced)
    }

    /// Queues a job for which nobody waits, and which can be done again if it is lost: others go first for a while.
    pub(super) fn submit_patient<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Answer<T> {
        self.queue.put(work, |done| done, None, Manner::Patient)
    }

    /// Queues a job; where that `may_block`, it is done on the calling thread if nobody writes just now, which does not wait
    /// for a thread to wake up, twice. Once it is committed, and before anything else, `done` makes the answer of what it
    /// came to.
    pub(super) fn submit_then<R: Send + 'static, T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<R, StoreError> + Send + 'static,
        done: impl FnOnce(R) -> T + Send + 'static,
        may_block: bool,
    ) -> Answer<T> {
        let (job, answer) = task(work, done, None);
        self.hand_in(job, may_block);
        answer
    }

    /// Queues a job of so many bytes, or refuses it while too much waits. One alone is never too large, and done on the
    /// calling thread where that `may_block`. Once it is committed, and before the next job is answered, `done` makes the
    /// answer of what it came to.
    pub(super) fn submit_bounded<R: Send + 'static, T: Send + 'static>(
        &self,
        bytes: usize,
        may_block: bool,
        work: impl FnOnce(&Connection) -> Result<R, StoreError> + Send + 'static,
        done: impl FnOnce(R) -> T + Send + 'static,
    ) -> Answer<T> {
        let before = self.queue.waiting_bytes.fetch_add(bytes, Ordering::Relaxed);
        let load = Load { bytes, waiting: Arc::clone(&self.queue.waiting_bytes) };
        if before > 0 && before.saturating_add(bytes) > MOST_WAITING_BYTES {
            return Answer::refused(StoreError::Busy);
        }
        let (job, answer) = task(work, done, Some(load));
        self.hand_in(job, may_block && before == 0);
        answer
    }

    /// Whether a bounded job waits or is being done.
    pub(super) fn is_at_work(&self) -> bool {
        self.queue.waiting_bytes.load(Ordering::Relaxed) > 0
    }

    fn hand_in(&self, job: Box<dyn Job>, may_block: bool) {
        if !may_block {
            return self.queue.send(job, Manner::Plain);
        }
        match self.desk.try_lock() {
            Ok(mut desk) => desk.commit(vec![job], false),
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner().commit(vec![job], false),
            Err(TryLockError::WouldBlock) => self.queue.send(job, Manner::Plain),
        }
    }

    /// Where jobs for it are queued by others. It ends after the last of these is gone.
    pub(super) fn queue(&self) -> Queue {
        self.queue.clone()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue.sender = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// What waits to be written.
#[derive(Clone)]
pub(super) struct Queue {
    sender: Option<Sender<Queued>>,
    waiting_bytes: Arc<AtomicUsize>,
}

impl Queue {
    /// Queues a patient job of which only `done` hears.
    pub(super) fn put_patient<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
        done: impl FnOnce(T) + Send + 'static,
    ) {
        drop(self.put(work, done, None, Manner::Patient));
    }

    fn put<R: Send + 'static, T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<R, StoreError> + Send + 'static,
        done: impl FnOnce(R) -> T + Send + 'static,
        load: Option<Load>,
        manner: Manner,
    ) -> Answer<T> {
        let (job, answer) = task(work, done, load);
        self.send(job, manner);
        answer
    }

    fn send(&self, job: Box<dyn Job>, manner: Manner) {
        // a writer that is gone drops the job, and with it the answer's sender: the answer says so
        drop(self.sender.as_ref().map(|queue| queue.send(Queued { job, manner })));
    }
}

fn task<R: Send + 'static, T: Send + 'static>(
    work: impl FnOnce(&Connection) -> Result<R, StoreError> + Send + 'static,
    done: impl FnOnce(R) -> T + Send + 'static,
    load: Option<Load>,
) -> (Box<dyn Job>, Answer<T>) {
    let (sender, receiver) = oneshot::channel();
    let task = Task { stage: Stage::Queued(work, done), sender, _load: load };
    (Box::new(task), Answer(receiver))
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
    manner: Manner,
}

/// How a job is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    /// With whatever is queued.
    Plain,
    /// With whatever is queued, and synced.
    Synced,
    /// After others, for a while.
    Patient,
}

/// A queued write: performed once at most, then answered once.
trait Job: Send {
    /// Performs it; false when what it wrote is to be undone.
    fn perform(&mut self, connection: &Connection) -> bool;
    /// Makes the answer of what it came to, or of the error that befell the whole commit.
    fn conclude(&mut self, commit: &Result<(), StoreError>);
    /// Sends the answer.
    fn answer(self: Box<Self>);
}

struct Task<R, T, W, D> {
    stage: Stage<R, T, W, D>,
    sender: oneshot::Sender<Result<T, StoreError>>,
    _load: Option<Load>,
}

/// How far a job has come.
enum Stage<R, T, W, D> {
    Queued(W, D),
    Performed(Result<R, StoreError>, D),
    Concluded(Result<T, StoreError>),
    /// On its way from one to the next.
    Between,
}

impl<R, T, W, D> Task<R, T, W, D> {
    fn take(&mut self) -> Stage<R, T, W, D> {
        std::mem::replace(&mut self.stage, Stage::Between)
    }
}

impl<R, T, W, D> Job for Task<R, T, W, D>
where
    R: Send,
    T: Send,
    W: FnOnce(&Connection) -> Result<R, StoreError> + Send,
    D: FnOnce(R) -> T + Send,
{
    fn perform(&mut self, connection: &Connection) -> bool {
        let Stage::Queued(work, done) = self.take() else { return false };
        let result = work(connection);
        let keep = result.is_ok();
        self.stage = Stage::Performed(result, done);
        keep
    }

    fn conclude(&mut self, commit: &Result<(), StoreError>) {
        let stage = self.take();
        self.stage = Stage::Concluded(commit.clone().and_then(|()| match stage {
            Stage::Performed(result, done) => result.map(done),
            Stage::Queued(..) | Stage::Concluded(_) | Stage::Between => Err(StoreError::failed("the job was not run")),
        }));
    }

    fn answer(self: Box<Self>) {
        if let Stage::Concluded(answer) = self.stage {
            // nobody may be listening any more, and the write stands all the same
            drop(self.sender.send(answer));
        }
    }
}

/// The connection, for whoever commits: the writer's thread, or one that finds it free.
struct Desk {
    setup: Setup,
    /// Whether the next commit would be synced; none before the first.
    syncs: Option<bool>,
    ended: Option<StoreError>,
}

impl Desk {
    fn commit(&mut self, mut jobs: Vec<Box<dyn Job>>, is_synced: bool) {
        let commit = match &self.ended {
            Some(error) => Err(error.clone()),
            None => self.sync(is_synced).and_then(|()| self.batch(&mut jobs)),
        };
        self.ended = commit.clone().err().filter(StoreError::is_fatal);
        for job in &mut jobs {
            job.conclude(&commit);
        }
        for job in jobs {
            job.answer();
        }
        if commit.is_ok() {
            (self.setup.answered)(&self.setup.connection);
        }
        self.setup.checkpointer.after_commit(&self.setup.connection, self.syncs == Some(true));
    }

    /// Has the next commit synced, with all before it, or not.
    fn sync(&mut self, is_synced: bool) -> Result<(), StoreError> {
        let syncs = is_synced || self.setup.is_synced;
        if self.syncs != Some(syncs) {
            self.setup.connection.pragma_update(None, "synchronous", if syncs { "FULL" } else { "NORMAL" })?;
            self.syncs = Some(syncs);
        }
        Ok(())
    }

    /// One transaction over all the jobs. An error befell all of them, and none of them is written.
    fn batch(&self, jobs: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
        let connection = &self.setup.connection;
        begin(connection)?;
        let commit = self.fill(jobs).and_then(|keep| {
            let end = if keep { "COMMIT" } else { "ROLLBACK" };
            execute(connection, end).map_err(|error| StoreError::failed(format!("{end}: {error}")))
        });
        if commit.is_err() && !connection.is_autocommit() {
            // the error is already on its way to everybody; a failed rollback adds nothing to it
            drop(connection.execute_batch("ROLLBACK"));
        }
        commit
    }

    /// Performs the jobs; whether the transaction is to be kept.
    fn fill(&self, jobs: &mut [Box<dyn Job>]) -> Result<bool, StoreError> {
        let connection = &self.setup.connection;
        if (self.setup.epoch_in)(connection)? != self.setup.epoch {
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
}

fn run(desk: &Mutex<Desk>, queue: &Receiver<Queued>, patience: Patience) {
    let mut line = Line { patience, waiting: Vec::new(), turns: 0 };
    while let Some(Turn { jobs, is_synced }) = line.next(queue) {
        lock(desk).commit(jobs, is_synced);
    }
}

fn lock(desk: &Mutex<Desk>) -> MutexGuard<'_, Desk> {
    desk.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The jobs of one commit.
#[derive(Default)]
struct Turn {
    jobs: Vec<Box<dyn Job>>,
    is_synced: bool,
}

/// The jobs that were taken from the queue, and let others go first.
struct Line {
    patience: Patience,
    waiting: Vec<Box<dyn Job>>,
    /// How many commits the first of them has let go first.
    turns: u32,
}

impl Line {
    /// The jobs of the next commit; none when everything is done and nothing more can come.
    fn next(&mut self, queue: &Receiver<Queued>) -> Option<Turn> {
        let Turn { mut jobs, mut is_synced } = Turn::default();
        while jobs.is_empty() {
            let first = if self.waiting.is_empty() {
                Some(queue.recv().ok()?)
            } else {
                queue.recv_timeout(self.patience.quiet).ok()
            };
            let is_quiet = first.is_none();
            for queued in first.into_iter().chain(queue.try_iter()).take(MOST_JOBS) {
                is_synced |= queued.manner == Manner::Synced;
                if queued.manner == Manner::Patient {
                    self.waiting.push(queued.job);
                } else {
                    jobs.push(queued.job);
                }
            }
            if is_quiet {
                break;
            }
        }
        if jobs.is_empty() || self.turns >= self.patience.most_turns {
            jobs.append(&mut self.waiting);
            self.turns = 0;
        } else if !self.waiting.is_empty() {
            self.turns += 1;
        }
        Some(Turn { jobs, is_synced })
    }
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
