//! Claims what is due, sends it, and settles what came of it: the only loop that tells anybody anything.
//!
//! No transaction is open while something is being sent. A process that ends between a send and its settling
//! leaves a lease behind; the next one to open the store ends it, and the delivery goes out again under the same id.
//!
//! The outbox lives by the wall clock alone, also where records or a demonstration have a time of their own:
//! leases, time-outs and signatures are about other machines' time.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use crate::clock;
use crate::deliver::Outcome;
use crate::deliver::circuit::Admission;
use crate::store::outbox::Claimed;
use crate::store::{Store, StoreError};
use address::AddressBook;
use circuits::{Circuits, LEASE, PER_ENDPOINT, Resting};
use ended::Ended;
use sending::Sending;

pub mod address;
pub mod circuits;
pub mod link;
pub mod send_test;

mod ended;
mod sending;
mod trouble;

/// Deliveries also come from other processes, whose commits wake nobody here; and the clock may be set.
const LOOK_AT_LEAST_EVERY: Duration = Duration::from_secs(30);

/// A store that is busy or full is left alone for a moment.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// The outbox of one process.
pub struct Outbox {
    store: Store,
    book: Arc<AddressBook>,
    circuits: Circuits,
    sending: Sending,
    ended: Vec<Ended>,
    waker: Waker,
    standing: watch::Sender<Standing>,
}

/// Wakes the outbox; to be called after every commit that may have put deliveries in.
#[derive(Clone, Debug, Default)]
pub struct Waker(Arc<Notify>);

impl Waker {
    /// Says that something may be due.
    pub fn wake(&self) {
        self.0.notify_one();
    }
}

/// How the outbox stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Sends under way.
    pub in_flight: usize,
    /// Channels that rest: the mail relay first, then by name.
    pub resting: Vec<Resting>,
}

/// A running outbox.
pub struct Running {
    /// Wakes it.
    pub waker: Waker,
    /// How it stands, for pages and metrics.
    pub standing: watch::Receiver<Standing>,
    /// Ends after the shutdown, or with the error for which the process has to end.
    pub task: JoinHandle<Result<(), StoreError>>,
}

/// Starts the outbox in a task of its own. After `shutdown` it claims no more, and ends with the last send.
pub fn start(store: Store, book: Arc<AddressBook>, shutdown: impl Future<Output = ()> + Send + 'static) -> Running {
    let outbox = Outbox::new(store, book);
    let (waker, standing) = (outbox.waker(), outbox.standing.subscribe());
    Running { waker, standing, task: tokio::spawn(outbox.run(shutdown)) }
}

impl Outbox {
    /// An outbox that does nothing yet.
    pub fn new(store: Store, book: Arc<AddressBook>) -> Self {
        Outbox {
            store,
            book,
            circuits: Circuits::default(),
            sending: Sending::default(),
            ended: Vec::new(),
            waker: Waker::default(),
            standing: watch::Sender::default(),
        }
    }

    /// What wakes it.
    pub fn waker(&self) -> Waker {
        self.waker.clone()
    }

    /// How it stands at `now`.
    pub fn standing(&self, now: DateTime<Utc>) -> Standing {
        Standing { in_flight: self.sending.len(), resting: self.circuits.resting(now) }
    }

    /// Sends until `shutdown`, and settles what is under way then.
    ///
    /// # Errors
    /// A store that this process can write to no more.
    pub async fn run(mut self, shutdown: impl Future<Output = ()>) -> Result<(), StoreError> {
        let mut shutdown = pin!(shutdown);
        let mut open = true;
        loop {
            let pause = match self.round(open, clock::now()).await {
                Ok(pause) => pause,
                Err(error) if error.is_fatal() => return Err(error),
                Err(error) => {
                    tracing::warn!(store.error = %error, "the outbox could not use the store and tries again");
                    STORE_PAUSE
                }
            };
            // what could not be settled by now has a lease, and goes out again
            if !open && self.sending.len() == 0 {
                return Ok(());
            }
            tokio::select! {
                () = &mut shutdown, if open => open = false,
                Some((claimed, outcome)) = self.sending.next() => self.judge(&claimed, &outcome, clock::now()),
                () = self.waker.0.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Claims, sends and settles everything that is due at `now`, as if that took no time; says how many were
    /// claimed. For tests, which do not wait.
    ///
    /// # Errors
    /// What the store says.
    pub async fn step(&mut self, now: DateTime<Utc>) -> Result<usize, StoreError> {
        let mut total = 0;
        loop {
            self.settle().await?;
            match self.begin(now).await? {
                0 => return Ok(total),
                claimed => total += claimed,
            }
            self.finish(now).await;
        }
    }

    /// Makes one attempt at these deliveries and no others.
    pub(crate) async fn attempt(&mut self, ids: Vec<String>, now: DateTime<Utc>) -> Result<(), StoreError> {
        for some in ids.chunks(PER_ENDPOINT) {
            let claimed = self.store.claim_these(some.to_vec(), now, LEASE).await?;
            self.send(claimed, now).await?;
            self.finish(now).await;
            self.settle().await?;
        }
        Ok(())
    }

    /// When there is something to do again, if nothing happens until then; none when nothing waits.
    ///
    /// # Errors
    /// What the database says.
    pub async fn next_at(&self, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, StoreError> {
        let due = blocking(&self.store, move |store| store.next_delivery_at(now)).await?;
        Ok(due.into_iter().chain(self.circuits.next_trial_at(now)).min())
    }

    /// Settles what has ended, claims what there is room for, and says how long there is nothing to do.
    async fn round(&mut self, open: bool, now: DateTime<Utc>) -> Result<Duration, StoreError> {
        while let Some((claimed, outcome)) = self.sending.next_ended() {
            self.judge(&claimed, &outcome, now);
        }
        self.settle().await?;
        while open && self.begin(now).await? > 0 {
            self.settle().await?;
        }
        self.standing.send_replace(self.standing(now));
        let next = self.next_at(now).await?.and_then(|at| (at - now).to_std().ok());
        Ok(next.map_or(LOOK_AT_LEAST_EVERY, |wait| wait.min(LOOK_AT_LEAST_EVERY)))
    }

    /// Claims as much as there is room for and starts to send it; says how many that were.
    async fn begin(&mut self, now: DateTime<Utc>) -> Result<usize, StoreError> {
        let limits = [self.circuits.mail(now), self.circuits.webhooks(now)];
        // both are queued before either is awaited, so they share a commit
        let answers = limits.map(|limits| limits.map(|limits| self.store.claim(now, limits)));
        let mut claimed = Vec::new();
        for answer in answers.into_iter().flatten() {
            claimed.extend(answer.await?);
        }
        let count = claimed.len();
        self.send(claimed, now).await?;
        Ok(count)
    }

    /// Links have to be on disk before anybody can follow them.
    async fn send(&mut self, claimed: Vec<Claimed>, now: DateTime<Utc>) -> Result<(), StoreError> {
        let links: Vec<_> = claimed.iter().filter_map(|one| link::mail_link(&self.book, one)).collect();
        if !links.is_empty() {
            self.store.link_add(links).await?;
        }
        for one in claimed {
            match self.circuits.admit(&one, now) {
                Admission::Go => self.sending.start(Arc::clone(&self.book), one, now),
                refused => self.ended.extend(Ended::unsent(one, refused, now)),
            }
        }
        Ok(())
    }

    async fn finish(&mut self, now: DateTime<Utc>) {
        while let Some((claimed, outcome)) = self.sending.next().await {
            self.judge(&claimed, &outcome, now);
        }
    }

    fn judge(&mut self, claimed: &Claimed, outcome: &Outcome, now: DateTime<Utc>) {
        self.circuits.settle(claimed, outcome, now);
        self.ended.push(Ended::sent(&self.book, claimed, outcome, now));
    }

    /// Brings what ended into the store; what the store does not take now stays for the next time.
    async fn settle(&mut self) -> Result<(), StoreError> {
        let ended = std::mem::take(&mut self.ended);
        let answers: Vec<_> = ended
            .iter()
            .map(|one| {
                // the coordinator first: settled alone, an endpoint that is gone would never be told of
                let told = (!one.tell.is_empty()).then(|| self.store.enqueue(one.tell.clone()));
                (told, self.store.settle(&one.id, one.settlement.clone(), one.at))
            })
            .collect();
        let mut result = Ok(());
        for (one, (told, settled)) in ended.into_iter().zip(answers) {
            let told = match told {
                Some(told) => told.await,
                None => Ok(()),
            };
            match told.and(settled.await) {
                Ok(()) => {}
                Err(StoreError::NotFound(_)) => {
                    tracing::error!(delivery.id = one.id, "a delivery that was sent is not in the store");
                }
                Err(error) => {
                    self.ended.push(one);
                    result = Err(error);
                }
            }
        }
        result
    }
}

/// Reads from the store on a thread that may wait for the disk.
async fn blocking<T: Send + 'static>(
    store: &Store,
    read: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let store = store.clone();
    let answer = tokio::task::spawn_blocking(move || read(&store)).await;
    answer.unwrap_or_else(|error| Err(StoreError::Database(format!("a read broke off: {error}"))))
}
