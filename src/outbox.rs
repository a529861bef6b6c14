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

use chrono::{DateTime, Utc};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep_until;

use crate::clock;
use crate::deliver::Outcome;
use crate::deliver::circuit::Admission;
use crate::store::outbox::{Channel, ClaimRound, Claimed, Claims, Settled};
use crate::store::{Answer, Store, StoreError};
use address::AddressBook;
use circuits::{Circuits, LEASE, PER_ENDPOINT, Resting, WEBHOOKS_IN_FLIGHT_MOST};
use due::Due;
use held::Held;
use places::Places;
use rounds::{Asked, Rounds, first_retry};
use sending::{Sending, UnderWay};

pub mod address;
pub mod circuits;
pub mod link;
pub mod places;
pub mod rules;
pub mod send_test;

mod due;
mod ended;
mod held;
mod rounds;
mod sending;
mod trouble;

/// The outbox of one process.
pub struct Outbox {
    store: Store,
    book: Arc<AddressBook>,
    circuits: Circuits,
    held: Held,
    sending: Sending,
    ended: Vec<Settled>,
    places: Places,
    /// What the last claims left: an endpoint with older ones is not sent newer ones before them.
    due: Due,
    standing: watch::Sender<Standing>,
}

/// Wakes the outbox; to be called after every commit that may have put deliveries in, unless the commit told
/// [`Places`] of them.
#[derive(Clone, Debug, Default)]
pub struct Waker(Places);

impl Waker {
    /// Says that something may be due.
    pub fn wake(&self) {
        self.0.wake();
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
    /// Where commits ask whether their deliveries can go out at once.
    pub places: Places,
    /// How it stands, for pages and metrics.
    pub standing: watch::Receiver<Standing>,
    /// Ends after the shutdown, or with the error for which the process has to end.
    pub task: JoinHandle<Result<(), StoreError>>,
}

/// Starts the outbox on a thread of its own, which no flood of requests keeps busy. After `shutdown` it claims no more, and
/// ends with the last send.
pub fn start(store: Store, book: Arc<AddressBook>, shutdown: impl Future<Output = ()> + Send + 'static) -> Running {
    let outbox = Outbox::new(store, book);
    let (waker, places, standing) = (outbox.waker(), outbox.places.clone(), outbox.standing.subscribe());
    let task = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| StoreError::failed(format!("the outbox does not start: {error}")))?;
        runtime.block_on(outbox.run(shutdown))
    });
    Running { waker, places, standing, task }
}

impl Outbox {
    /// An outbox that does nothing yet.
    pub fn new(store: Store, book: Arc<AddressBook>) -> Self {
        Outbox {
            store,
            book,
            circuits: Circuits::default(),
            held: Held::default(),
            sending: Sending::default(),
            ended: Vec::new(),
            places: Places::default(),
            // before the first claim nobody knows
            due: Due::anywhere(),
            standing: watch::Sender::default(),
        }
    }

    /// What wakes it.
    pub fn waker(&self) -> Waker {
        Waker(self.places.clone())
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
        let mut rounds = Rounds::default();
        loop {
            let now = clock::now();
            rounds.look_if_due();
            rounds.news.add(self.take_news(now));
            if open {
                self.start_sends(now);
            } else {
                self.put_back_held(now);
            }
            self.write(&mut rounds, open, now);
            rounds.look_by(self.circuits.next_trial_at(now), now);
            self.show(&rounds.news, now);
            // what could not be settled by now has a lease, and goes out again
            if !open && self.sending.len() == 0 && (rounds.is_idle() || rounds.is_resting()) {
                return Ok(());
            }
            let until = rounds.until();
            tokio::select! {
                () = &mut shutdown, if open => open = false,
                Some((sent, outcome)) = self.sending.next() => {
                    self.judge(&sent, &outcome, clock::now());
                    while let Some((sent, outcome)) = self.sending.next_ended() {
                        self.judge(&sent, &outcome, clock::now());
                    }
                }
                (settled, answer) = rounds.settling.ended() => {
                    self.has_settled(settled, answer).or_else(|error| rounds.rest(error))?;
                }
                claimed = rounds.claiming.ended() => match claimed {
                    Ok((asked, round)) => {
                        rounds.look_by(round.next_at, now);
                        self.take(asked, round, clock::now());
                    }
                    Err(error) => rounds.rest(error)?,
                },
                () = self.places.called() => {}
                () = sleep_until(until) => {}
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
            let (asked, answer) = self.claim(now);
            let round = answer.await?;
            let claimed: usize = round.claims.iter().map(|claims| claims.claimed.len()).sum();
            self.take(asked, round, now);
            if claimed == 0 {
                return Ok(total);
            }
            total += claimed;
            self.finish(now).await;
        }
    }

    /// Makes one attempt at these deliveries and no others.
    pub(crate) async fn attempt(&mut self, ids: Vec<String>, now: DateTime<Utc>) -> Result<(), StoreError> {
        for some in ids.chunks(PER_ENDPOINT) {
            let claimed = self.store.claim_these(some.to_vec(), now, LEASE).await?;
            let links: Vec<_> = claimed.iter().filter_map(|one| link::mail_link(&self.book, one)).collect();
            self.store.link_add(links).await?;
            self.take_claimed(claimed, now);
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

    /// Takes what commits have put in; says where something may wait for a claim.
    fn take_news(&mut self, now: DateTime<Utc>) -> Due {
        let news = self.places.news();
        for one in news.claimed {
            self.held.hold(one, now);
        }
        news.due
    }

    /// Queues what there is to write, settling and claiming, each while no other of its kind is under way.
    fn write(&mut self, rounds: &mut Rounds, open: bool, now: DateTime<Utc>) {
        if rounds.may_settle() && !self.ended.is_empty() {
            let settled = Arc::new(std::mem::take(&mut self.ended));
            settled.iter().flat_map(|one| &one.tell).for_each(|told| rounds.news.note(told));
            rounds.look_by(first_retry(&settled), now);
            rounds.settling.start(Arc::clone(&settled), self.store.settle_all(settled));
        }
        if open && rounds.may_claim() && self.is_claim_worthwhile(&rounds.news, now) {
            self.due.add(std::mem::take(&mut rounds.news));
            let (asked, answer) = self.claim(now);
            rounds.claiming.start(asked, answer);
        }
    }

    fn claim(&self, now: DateTime<Utc>) -> (Asked, Answer<ClaimRound>) {
        let (mail, webhooks) = (self.circuits.mail(now), self.circuits.webhooks(&self.held, now));
        let asked = Asked { mail: mail.is_some(), webhooks: webhooks.is_some() };
        let book = Arc::clone(&self.book);
        // links have to be on disk before anybody can follow them
        let link = move |one: &Claimed| link::mail_link(&book, one);
        (asked, self.store.claim_round(now, mail.into_iter().chain(webhooks).collect(), link))
    }

    /// Whether something may be due where there is room for it.
    fn is_claim_worthwhile(&self, news: &Due, now: DateTime<Utc>) -> bool {
        let has_room = |name: &str| self.circuits.can_take_more(name, &self.held, now);
        let webhooks = if news.everywhere || self.due.everywhere {
            let names = &self.book.endpoints;
            // what is for one that is gone has to be given up
            names.is_empty() || names.keys().any(|name| has_room(name))
        } else {
            news.endpoints.iter().chain(&self.due.endpoints).any(|name| has_room(name))
        };
        (webhooks && self.circuits.webhooks(&self.held, now).is_some())
            || ((news.mail || self.due.mail) && self.circuits.mail(now).is_some())
    }

    /// Takes what was claimed, and notes what was left.
    fn take(&mut self, asked: Asked, round: ClaimRound, now: DateTime<Utc>) {
        let mut claims = round.claims.into_iter();
        if let Some(Claims { claimed, left, is_cut }) = asked.mail.then(|| claims.next()).flatten() {
            self.due.mail = is_cut || !left.is_empty();
            self.take_claimed(claimed, now);
        }
        if let Some(Claims { claimed, left, is_cut }) = asked.webhooks.then(|| claims.next()).flatten() {
            self.due.everywhere = is_cut;
            self.due.endpoints = left;
            self.take_claimed(claimed, now);
        }
    }

    /// Mail goes out, webhooks wait for their place.
    fn take_claimed(&mut self, claimed: Vec<Claimed>, now: DateTime<Utc>) {
        for one in claimed {
            if one.channel == Channel::Webhook {
                self.held.hold(one, now);
            } else {
                self.start(one, now, now);
            }
        }
    }

    fn put_back_held(&mut self, now: DateTime<Utc>) {
        let held = self.held.take_all();
        held.into_iter().for_each(|one| self.end(ended::put_back(one, now)));
    }

    /// Starts as many sends as there are places.
    fn start_sends(&mut self, now: DateTime<Utc>) {
        while self.circuits.webhooks_in_flight() < WEBHOOKS_IN_FLIGHT_MOST {
            let circuits = &self.circuits;
            let Some((one, since)) = self.held.next(|name| circuits.has_place(name, now)) else { return };
            if Held::is_too_old(since, now) {
                self.end(ended::put_back(one, now));
            } else {
                self.start(one, since, now);
            }
        }
    }

    fn start(&mut self, one: Claimed, since: DateTime<Utc>, now: DateTime<Utc>) {
        match self.circuits.admit(&one, now) {
            Admission::Go => self.sending.start(Arc::clone(&self.book), one, now - since, now),
            refused => self.end(ended::unsent(one, refused, now)),
        }
    }

    /// Notes what came of a claim, to be settled.
    fn end(&mut self, settled: Settled) {
        settled.endpoint.iter().for_each(|endpoint| self.held.ended(endpoint));
        self.ended.push(settled);
    }

    async fn finish(&mut self, now: DateTime<Utc>) {
        self.start_sends(now);
        while let Some((sent, outcome)) = self.sending.next().await {
            self.judge(&sent, &outcome, now);
            self.start_sends(now);
        }
    }

    fn judge(&mut self, sent: &UnderWay, outcome: &Outcome, now: DateTime<Utc>) {
        let claimed = &sent.claimed;
        self.circuits.settle(claimed, outcome, now);
        self.end(ended::sent(&self.book, claimed, outcome, now));
        if claimed.channel != Channel::Webhook {
            return;
        }
        if *outcome == Outcome::Delivered {
            self.held.delivered(&claimed.recipient, sent.waited);
        } else {
            let held = self.held.failed(&claimed.recipient);
            held.into_iter().for_each(|one| self.end(ended::put_back(one, now)));
            self.due.endpoints.insert(claimed.recipient.clone());
        }
    }

    /// Brings what ended into the store; what the store does not take now stays for the next time.
    async fn settle(&mut self) -> Result<(), StoreError> {
        if self.ended.is_empty() {
            return Ok(());
        }
        let settled = Arc::new(std::mem::take(&mut self.ended));
        let answer = self.store.settle_all(Arc::clone(&settled)).await;
        self.has_settled(settled, answer)
    }

    fn has_settled(
        &mut self,
        settled: Arc<Vec<Settled>>,
        answer: Result<Vec<String>, StoreError>,
    ) -> Result<(), StoreError> {
        match answer {
            Ok(missing) => {
                settled.iter().filter_map(|one| one.endpoint.as_ref()).for_each(|endpoint| self.held.settled(endpoint));
                for id in missing {
                    tracing::error!(delivery.id = id, "a delivery that was sent is not in the store");
                }
                Ok(())
            }
            Err(error) => {
                self.ended.extend(Arc::unwrap_or_clone(settled));
                Err(error)
            }
        }
    }

    /// Says how it stands, and what places there are for commits to take: none at an endpoint where older ones wait.
    fn show(&self, news: &Due, now: DateTime<Utc>) {
        let names = self.book.endpoints.keys();
        let free = names.map(|name| {
            let places =
                if self.due.has(name) || news.has(name) { 0 } else { self.circuits.places_left(name, &self.held, now) };
            (Arc::from(name.as_str()), places)
        });
        self.places.open(free);
        let standing = self.standing(now);
        self.standing.send_if_modified(|shown| {
            let is_new = *shown != standing;
            *shown = standing;
            is_new
        });
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
