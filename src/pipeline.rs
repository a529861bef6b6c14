//! Evaluates what the log holds and commits what it causes; appends a tick when something is due and nothing comes.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use chrono::{DateTime, Utc};

use crate::clock::Clock;
use crate::engine::STACK_BYTES;
use crate::engine::tally::Tally;
use crate::entry::{Position, Step};
use crate::notice::Notice;
use crate::pack::Pack;
use crate::store::outbox::{Claimed, NewDelivery};
use crate::store::{Store, StoreError};
use packs::Packs;
use worker::Worker;

mod flood;
pub mod judge;
mod moved;
pub mod packs;
mod worker;

/// Entries that may wait to be judged: past it senders are asked to wait, so that alerts are never late without end.
pub const MOST_UNJUDGED: u64 = 100_000;

/// Makes deliveries of notices, as of an instant of the clock.
pub type Address = Box<dyn Fn(Vec<Notice>, DateTime<Utc>) -> Vec<NewDelivery> + Send>;

/// The way from steps to the outbox. For each call of `address` there is one of `posted`, in the same order.
pub struct Post {
    /// From notices to deliveries, as of an instant of the clock. Some of them may be claimed already.
    pub address: Address,
    /// Told what came of them, as soon as they are committed: those that are claimed, and whether others may wait. Both are
    /// nothing when the commit came to nothing.
    pub posted: Arc<dyn Fn(Vec<Claimed>, bool) + Send + Sync>,
}

impl Post {
    /// For one that tells nobody anything.
    pub fn nowhere() -> Self {
        Post { address: Box::new(|_, _| Vec::new()), posted: Arc::new(|_, _| {}) }
    }
}

/// Called after each commit with what it committed.
pub type Committed = Box<dyn Fn(&[Step]) + Send>;

/// What the pipeline works with.
pub struct Setup {
    /// The log and the cases.
    pub store: Store,
    /// The pack in force.
    pub packs: Packs,
    /// Where ticks take their time from.
    pub clock: Clock,
    /// The way to the outbox.
    pub post: Post,
    /// Called after each commit with what it committed.
    pub committed: Committed,
}

/// The running pipeline, to be woken, asked and stopped. Clones are the same one.
#[derive(Clone)]
pub struct Pipeline {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    thread: Mutex<Option<JoinHandle<()>>>,
}

struct State {
    woken: bool,
    /// Something is about to be appended.
    expecting: bool,
    /// The newest entry that is known of.
    head: Position,
    /// How many wait for effects.
    awaiting: usize,
    stopping: bool,
    status: Status,
}

impl State {
    /// Whether somebody waits for effects.
    fn is_awaited(&self) -> bool {
        self.awaiting > 0
    }
}

/// How the pipeline stands.
#[derive(Clone, Debug)]
pub struct Status {
    /// The pack that judges now; of rules that failed again and again it says that they are stopped.
    pub judging: Arc<Pack>,
    /// Every entry up to here has had its effects.
    pub progress: Position,
    /// Entries evaluated since the start.
    pub evaluated: u64,
    /// How judgements ended since the start.
    pub tally: Tally,
    /// What is wrong, in words.
    pub failures: Vec<String>,
    /// Whether it goes on.
    pub running: bool,
    /// Whether it ended because the store can no longer be written.
    pub fatal: bool,
}

impl Pipeline {
    /// Starts where the store's progress stands.
    ///
    /// # Errors
    /// What the database says.
    pub fn start(setup: Setup) -> Result<Self, StoreError> {
        let progress = setup.store.progress()?;
        let head = setup.store.head()?;
        let machine = judge::resume(&setup.store, &setup.packs, progress)?;
        let status = Status {
            judging: machine.pack().clone(),
            progress,
            evaluated: 0,
            tally: Tally::default(),
            failures: Vec::new(),
            running: true,
            fatal: false,
        };
        let state = Mutex::new(State { woken: false, expecting: false, head, awaiting: 0, stopping: false, status });
        let shared = Arc::new(Shared { state, changed: Condvar::new(), thread: Mutex::new(None) });
        let listening = shared.clone();
        setup.store.listen(move |head| listening.appended(head));
        let worker = Worker::new(setup, machine, progress, shared.clone());
        let thread = std::thread::Builder::new()
            .name("pipeline".to_owned())
            .stack_size(STACK_BYTES)
            .spawn(move || {
                let shared = worker.shared.clone();
                if std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| worker.run())).is_err() {
                    shared.end(Some("the evaluation panicked".to_owned()));
                }
            })
            .map_err(|error| StoreError::Database(format!("the pipeline's thread does not start: {error}")))?;
        *shared.thread.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread);
        Ok(Pipeline { shared })
    }

    /// How many entries wait for their effects, as far as it was told.
    pub fn behind(&self) -> u64 {
        let state = self.shared.state();
        u64::try_from(state.head - state.status.progress).unwrap_or(0)
    }

    /// Says that something is about to be appended: waking up takes as long as that, so that both begin now.
    pub fn expect(&self) {
        self.shared.state().expecting = true;
        self.shared.changed.notify_all();
    }

    /// How it stands.
    pub fn status(&self) -> Status {
        self.shared.state().status.clone()
    }

    /// Blocks until every entry up to a position has had its effects, or it has ended; whether it got there.
    pub fn wait_for(&self, position: Position) -> bool {
        let mut state = self.shared.state();
        let waits = state.status.progress < position;
        if waits {
            state.awaiting += 1;
            state.woken = true;
            self.shared.changed.notify_all();
        }
        while state.status.running && state.status.progress < position {
            state = self.shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.awaiting -= usize::from(waits);
        state.status.progress >= position
    }

    /// Lets it finish what it evaluates, and ends it. Blocks.
    pub fn stop(&self) {
        self.shared.state().stopping = true;
        self.shared.changed.notify_all();
        let thread = self.shared.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the pipeline panicked");
        }
    }
}

impl Shared {
    fn appended(&self, head: Position) {
        let mut state = self.state();
        state.head = state.head.max(head);
        state.woken = true;
        drop(state);
        self.changed.notify_all();
    }

    fn end(&self, why: Option<String>) {
        let mut state = self.state();
        state.status.running = false;
        if let Some(why) = why {
            tracing::error!(error = why, "the pipeline ended");
            state.status.fatal = true;
            state.status.failures.push(why);
        }
        drop(state);
        self.changed.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
