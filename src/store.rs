//! The store: log, dossiers, findings, alerts, outbox, access and audit on disk; the only module with SQL.
//!
//! It is two files. The **log** holds what nothing else could bring back: entries with their payloads, quarantine, tokens,
//! packs, the audit log; each of its commits is synced. The **state** beside it holds what is judged from the log, and what
//! became of deliveries. Its commits are whole and in order without a sync: a power failure can take the last of them, and
//! then the same entries are judged again, and their deliveries go out again under the same ids. Each file has a writer
//! of its own; a transaction writes to one of them only. Readers see both, the state never ahead of the log.
//!
//! Reading functions block on the disk for a moment: call them from a blocking thread. Writing functions queue
//! a job for the one writer of a file and return an [`Answer`], which is awaited, or waited for on a blocking thread; when
//! it is there, what it says is committed, and of the log it is on disk.
//!
//! Times are kept as whole milliseconds UTC. Every time is cut to the millisecond (towards the past) on its way
//! in, before anything compares it, so two times within one millisecond are the same time here. Whoever compares
//! times outside compares what came back from the store, or cuts with [`whole_millisecond`] first.
//!
//! Nothing of the database shows in these types, so another one can follow behind the same operations.

pub mod access;
pub mod audit;
pub mod cases;
pub mod counts;
pub mod dossier;
pub mod heard;
pub mod lock;
pub mod log;
pub mod outbox;
pub mod packs;
pub mod people;
pub mod quarantine;

mod chain;
mod checkpoint;
mod column;
mod migrate;
mod page;
mod readers;
mod recent;
#[cfg(test)]
mod samples;
mod state;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeZone, Utc};
use rusqlite::{Connection, TransactionBehavior, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::entry::Position;
use chain::Chain;
use checkpoint::Checkpointer;
use dossier::Unfiled;
use readers::Readers;
use recent::Recent;
use writer::{Patience, Setup, Writer};

/// A SHA-256 digest.
pub type Digest = [u8; 32];

/// Why the store could not do something.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// A newer process has taken the store over. This process must write no more, and end.
    #[error("another process has taken the store over")]
    Fenced,
    /// A commit failed, so nothing more is written. The process must end; it is never retried.
    #[error("the store stopped writing: {cause}")]
    Failed {
        /// What failed.
        cause: String,
    },
    /// Too much is queued, or another process holds the write lock. Nothing was written: retry later.
    #[error("the store is busy")]
    Busy,
    /// The disk is full. Nothing was written.
    #[error("the disk is full")]
    Full,
    /// What the call names is not there.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// Steps at or before the progress, or beyond the new one: they would be applied twice, or be lost.
    #[error("steps do not follow the progress {progress}")]
    OutOfStep {
        /// The progress in the store.
        progress: i64,
    },
    /// A page's cursor that this store did not give.
    #[error("not a cursor of this list")]
    Cursor,
    /// The file was written by a newer version of this program.
    #[error("the store has schema version {found}, this program knows {known}")]
    Newer {
        /// The file's version.
        found: i64,
        /// The newest version known here.
        known: i64,
    },
    /// The state rests on entries that the log does not have. Whoever takes the store over judges the log again.
    #[error(
        "the state beside the store rests on entries that the store does not have\nhelp: `siaga run` sets it aside and judges again"
    )]
    Astray,
    /// The database says no; the text holds no data.
    #[error("the store failed: {0}")]
    Database(String),
}

impl StoreError {
    /// Whether this process can write nothing more, and must end.
    pub fn is_fatal(&self) -> bool {
        matches!(self, StoreError::Fenced | StoreError::Failed { .. })
    }

    pub(crate) fn failed(cause: impl Into<String>) -> Self {
        StoreError::Failed { cause: cause.into() }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy,
            Some(ErrorCode::DiskFull) => StoreError::Full,
            _ => StoreError::Database(error.to_string()),
        }
    }
}

/// An open store. Clones share it; the last one dropped waits for the writer to finish what is queued.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

/// Readers go first: the connection closed last has to be able to tidy up. The state's writer goes before the log's, for
/// which it may have work.
struct Inner {
    readers: Arc<Readers>,
    /// For single rows of the log that are read where nothing may wait for a long read to end.
    glance: Readers,
    tokens: access::Tokens,
    state: Writer,
    chain: Arc<Chain>,
    log: Writer,
    recent: Arc<Recent>,
    unfiled: Arc<Unfiled>,
}

/// Audit rows of the state: alone, they would cost a sync that the next append waits for.
const LOG_PATIENCE: Patience = Patience { quiet: Duration::from_millis(200), most_turns: 1_024 };

/// Settlements: one by one they would write the same pages again and again, beside steps that somebody waits for.
const STATE_PATIENCE: Patience = Patience { quiet: Duration::from_millis(10), most_turns: 16 };

/// Pages that are added to the log's write-ahead log until they are moved, 4 MiB: once it has started over, what is synced
/// lies where something lay before, and no length or extent has to be written with it.
const LOG_ROUND: usize = 1_024;

/// The same of the state, 64 MiB: many of them are newer versions of the same pages, and each is moved once a round.
const STATE_ROUND: usize = 16 * 1_024;

impl Store {
    /// Opens the store at `path`, creates or migrates it, and takes it over: whoever had it is fenced.
    ///
    /// # Errors
    /// `Newer`, `Busy`, or what the database says.
    pub fn open(path: &Path, now: DateTime<Utc>) -> Result<Self, StoreError> {
        let mut log = migrate::open_log(path)?;
        let mut state = state::take(path, &mut log)?;
        let epoch = take_over(&mut log, &mut state, now)?;
        checkpoint::lay_out(path, &mut log, LOG_ROUND)?;
        Self::start(path, log, state.connection, epoch)
    }

    /// Opens the store beside the process that has it, without taking it over: for short commands such as
    /// a new token or an import. It is fenced together with that process.
    ///
    /// # Errors
    /// As [`Store::open`], and `Astray`.
    pub fn join(path: &Path) -> Result<Self, StoreError> {
        let log = migrate::open_log(path)?;
        let state = state::join(path, &log)?;
        let epoch = meta(&log, "epoch")?;
        Self::start(path, log, state, epoch)
    }

    fn start(path: &Path, mut log: Connection, mut state: Connection, epoch: i64) -> Result<Self, StoreError> {
        let (readers, glance) = (Readers::of_both(path)?, Readers::of_log(path)?);
        let beside = migrate::state_path(path);
        let chain = Chain::open(&log, &beside)?;
        let unfiled = Arc::new(Unfiled::after(state_meta(&state, "filed")?));
        let log = Writer::start(Setup {
            name: "store-log",
            checkpointer: Checkpointer::start(path, &mut log, LOG_ROUND)?,
            answered: Box::new(|_| {}),
            connection: log,
            epoch,
            epoch_in: |log| meta(log, "epoch"),
            is_synced: true,
            patience: LOG_PATIENCE,
        })?;
        let state = Writer::start(Setup {
            name: "store-state",
            checkpointer: Checkpointer::start(&beside, &mut state, STATE_ROUND)?,
            answered: Box::new(Arc::clone(&chain).follow(log.queue())),
            connection: state,
            epoch,
            epoch_in: |state| state_meta(state, "epoch"),
            is_synced: false,
            patience: STATE_PATIENCE,
        })?;
        let (readers, tokens, recent) = (Arc::new(readers), access::Tokens::default(), Arc::default());
        Ok(Self { inner: Arc::new(Inner { readers, glance, tokens, state, chain, log, recent, unfiled }) })
    }

    /// Has somebody told of the newest position of each append of this process, before it is answered. The first one to ask
    /// is told, for as long as the store is open.
    pub fn listen(&self, listener: impl Fn(Position) + Send + Sync + 'static) {
        self.inner.recent.listen(Box::new(listener));
    }

    /// The epoch that the store is in: how often it was taken over.
    ///
    /// # Errors
    /// What the database says.
    pub fn epoch(&self) -> Result<i64, StoreError> {
        self.read(|connection| meta(connection, "epoch"))
    }

    /// Queues a write to the log.
    fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Answer<T> {
        self.inner.log.submit(work)
    }

    /// Queues a write to the state.
    fn write_state<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Answer<T> {
        self.inner.state.submit(work)
    }

    /// Queues a write to the state of what is in no log: its commit is synced.
    fn write_state_synced<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Answer<T> {
        self.inner.state.submit_synced(work)
    }

    /// Reads on one snapshot of each file.
    fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.inner.readers.read(work)
    }

    /// Reads a row or two of the log, which takes microseconds: no other reads are waited for.
    fn glance<T>(&self, work: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.inner.glance.read(work)
    }
}

/// The log first: from then on whoever had the store appends nothing. What it still commits to the state until that is
/// taken over too are effects of entries that are there.
fn take_over(log: &mut Connection, state: &mut state::Opened, now: DateTime<Utc>) -> Result<i64, StoreError> {
    let tx = log.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let epoch = meta(&tx, "epoch")? + 1;
    set_meta(&tx, "epoch", epoch)?;
    let object = format!("epoch {epoch}");
    let note = |what| audit::Note { at: now, actor: audit::PROGRAM, what, object: &object };
    audit::append(&tx, &note("store.opened"), b"")?;
    if state.is_renewed {
        audit::append(&tx, &note("state.set-aside"), b"")?;
    }
    tx.commit()?;
    let tx = state.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    set_state_meta(&tx, "epoch", epoch)?;
    outbox::queue::end_leases(&tx, now)?;
    tx.commit()?;
    Ok(epoch)
}

/// One of the log's own numbers: `epoch`, `id` or `audited`.
fn meta(log: &Connection, key: &str) -> Result<i64, StoreError> {
    let mut statement = log.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
    Ok(statement.query_row([key], |row| row.get(0))?)
}

fn set_meta(log: &Connection, key: &str, value: i64) -> Result<(), StoreError> {
    let mut statement = log.prepare_cached("UPDATE meta SET value = ?2 WHERE key = ?1")?;
    statement.execute(params![key, value])?;
    Ok(())
}

/// One of the state's own numbers: `epoch`, `log`, `progress` or `filed`.
fn state_meta(state: &Connection, key: &str) -> Result<i64, StoreError> {
    let mut statement = state.prepare_cached("SELECT value FROM state_meta WHERE key = ?1")?;
    Ok(statement.query_row([key], |row| row.get(0))?)
}

fn set_state_meta(state: &Connection, key: &str, value: i64) -> Result<(), StoreError> {
    let mut statement = state.prepare_cached("UPDATE state_meta SET value = ?2 WHERE key = ?1")?;
    statement.execute(params![key, value])?;
    Ok(())
}

/// What a write will have come to: await it, or [`wait`](Answer::wait). Dropping it does not take the write back.
#[must_use = "nothing is certain before the answer is there"]
pub struct Answer<T>(tokio::sync::oneshot::Receiver<Result<T, StoreError>>);

impl<T> Answer<T> {
    /// Blocks until the write is on disk or refused. Not from async code.
    ///
    /// # Errors
    /// Why it was refused.
    pub fn wait(self) -> Result<T, StoreError> {
        self.0.blocking_recv().unwrap_or_else(|_| Err(writer_gone()))
    }

    fn refused(error: StoreError) -> Self {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        // the receiver is alive, so this cannot fail
        drop(sender.send(Err(error)));
        Self(receiver)
    }
}

impl<T> Future for Answer<T> {
    type Output = Result<T, StoreError>;

    fn poll(mut self: std::pin::Pin<&mut Self>, context: &mut std::task::Context<'_>) -> std::task::Poll<Self::Output> {
        std::pin::Pin::new(&mut self.0).poll(context).map(|answer| answer.unwrap_or_else(|_| Err(writer_gone())))
    }
}

fn writer_gone() -> StoreError {
    StoreError::failed("the writer is gone")
}

/// Whose eyes a query is for. An agency sees the alerts that it was told of, and what hangs on them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The program itself, or a coordinator: everything.
    All,
    /// One agency, by its id.
    Agency(String),
}

impl Scope {
    /// The agency that a query is restricted to.
    fn agency(&self) -> Option<&str> {
        match self {
            Scope::All => None,
            Scope::Agency(agency) => Some(agency),
        }
    }
}

/// Part of a list, and where it goes on.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// What is on this page, in the list's order.
    pub items: Vec<T>,
    /// Where the next page starts; none when this was the last.
    pub next: Option<String>,
}

/// The time cut to the millisecond, towards the past: the precision in which the store keeps and compares times.
pub fn whole_millisecond(time: DateTime<Utc>) -> DateTime<Utc> {
    time_of(millis(time))
}

/// Milliseconds since 1970, cut towards the past.
fn millis(time: DateTime<Utc>) -> i64 {
    time.timestamp_millis()
}

/// The time of so many milliseconds since 1970; beyond chrono's range its nearest end.
fn time_of(millis: i64) -> DateTime<Utc> {
    Utc.timestamp_millis_opt(millis).single().unwrap_or(if millis < 0 {
        DateTime::<Utc>::MIN_UTC
    } else {
        DateTime::<Utc>::MAX_UTC
    })
}

/// What the program keeps as JSON.
fn to_json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| unreadable(&error))
}

fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| unreadable(&error))
}

/// The place only: serde's own words can quote the data.
fn unreadable(error: &serde_json::Error) -> StoreError {
    StoreError::Database(format!("stored JSON does not fit at {}:{}", error.line(), error.column()))
}
