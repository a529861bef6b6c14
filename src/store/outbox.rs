//! The outbox: deliveries that wait, are being sent, are delivered or dead.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};

use crate::alert::{AlertId, Severity};
use crate::notice::Notice;
use crate::store::access::{self, MailLink};
use crate::store::counts::Tally;
use crate::store::{Answer, Scope, Store, StoreError};

mod list;
pub(super) mod queue;

/// How a notice travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// To a mail address.
    Email,
    /// To a named endpoint.
    Webhook,
}

impl Channel {
    /// All channels with their words.
    pub const ALL: [(Channel, &'static str); 2] = [(Channel::Email, "email"), (Channel::Webhook, "webhook")];

    /// The word of this channel.
    pub fn word(self) -> &'static str {
        match self {
            Channel::Email => "email",
            Channel::Webhook => "webhook",
        }
    }

    /// The channel that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == word).map(|(channel, _)| *channel)
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A notice to one recipient on one channel.
#[derive(Clone, Debug)]
pub struct NewDelivery {
    /// [`delivery_id`] of it: two with the same id are one.
    pub id: String,
    /// The alert.
    pub alert: AlertId,
    /// Which sending of the alert.
    pub revision: u32,
    /// The agency told.
    pub agency: Arc<str>,
    /// How it travels.
    pub channel: Channel,
    /// The mail address, or the endpoint's name.
    pub recipient: Arc<str>,
    /// What it says.
    pub notice: Notice,
    /// When it came up, by the edge's clock: its age counts from here.
    pub created_at: DateTime<Utc>,
    /// The earliest time to send it.
    pub not_before: DateTime<Utc>,
    /// It goes in already claimed, for a sender that has room for it, and its lease ends then; none waits for a
    /// claim.
    pub lease_until: Option<DateTime<Utc>>,
}

/// The id of a delivery: its alert's, then the first 8 bytes of SHA-256 over alert, revision, recipient and channel, in
/// hexadecimal. Every retry carries it.
pub fn delivery_id(alert: &str, revision: u32, recipient: &str, channel: Channel) -> String {
    let text = format!("{alert}\0{revision}\0{recipient}\0{channel}");
    let digest = Sha256::digest(text.as_bytes());
    format!("{alert}-{}", hex::encode(digest.get(..8).unwrap_or(&digest)))
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeliveryState {
    /// For its time to be sent.
    Waiting,
    /// Being sent, under a lease.
    Claimed,
    /// The other side took it.
    Delivered,
    /// Given up; people can revive it.
    Dead,
}

impl DeliveryState {
    /// All states with their words.
    pub const ALL: [(DeliveryState, &'static str); 4] = [
        (DeliveryState::Waiting, "waiting"),
        (DeliveryState::Claimed, "claimed"),
        (DeliveryState::Delivered, "delivered"),
        (DeliveryState::Dead, "dead"),
    ];

    /// The word of this state.
    pub fn word(self) -> &'static str {
        match self {
            DeliveryState::Waiting => "waiting",
            DeliveryState::Claimed => "claimed",
            DeliveryState::Delivered => "delivered",
            DeliveryState::Dead => "dead",
        }
    }

    /// The state that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == word).map(|(state, _)| *state)
    }
}

/// What is not to be claimed for now, because its circuit is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Paused {
    /// A whole channel.
    Channel(Channel),
    /// One recipient on a channel.
    Recipient(Channel, Arc<str>),
}

/// How much to claim.
#[derive(Clone, Debug)]
pub struct ClaimLimits {
    /// At most so many.
    pub most: usize,
    /// At most so many in flight for one recipient, those claimed earlier included.
    pub per_recipient: usize,
    /// Recipients of which so many more may be claimed ahead of those in flight.
    pub ahead: HashMap<(Channel, Arc<str>), usize>,
    /// How long the claim holds: longer than a send can take.
    pub lease: TimeDelta,
    /// What is left alone.
    pub paused: Vec<Paused>,
    /// What is on trial: one in flight instead of `per_recipient`.
    pub on_trial: Vec<(Channel, Arc<str>)>,
}

/// What one of the limits of a round let claim, and what it left.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Claims {
    /// To be sent now, the most urgent first, then the oldest.
    pub claimed: Vec<Claimed>,
    /// Recipients with more that is due, for whom no more may be claimed now.
    pub left: BTreeSet<Arc<str>>,
    /// It was enough before everything that is due was looked at.
    pub is_cut: bool,
}

/// What a round of claiming took, and left.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClaimRound {
    /// One for each of the limits.
    pub claims: Vec<Claims>,
    /// When the next one is due or a lease ends, later than now; none when nothing waits.
    pub next_at: Option<DateTime<Utc>>,
}

/// A delivery to be sent now.
#[derive(Clone, Debug, PartialEq)]
pub struct Claimed {
    /// The id that every retry carries.
    pub id: String,
    /// The alert.
    pub alert: AlertId,
    /// Which sending of the alert.
    pub revision: u32,
    /// The agency told.
    pub agency: Arc<str>,
    /// How it travels.
    pub channel: Channel,
    /// The mail address, or the endpoint's name.
    pub recipient: Arc<str>,
    /// What it says.
    pub notice: Notice,
    /// When it came up.
    pub created_at: DateTime<Utc>,
    /// The how manieth attempt this is, from 1; one whose process died counts.
    pub attempt: u32,
    /// When the first of these attempts began.
    pub first_attempt_at: DateTime<Utc>,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// The other side took it.
    Delivered,
    /// Again, at a later time.
    Retry {
        /// When.
        at: DateTime<Utc>,
        /// What happened, without personal data.
        outcome: String,
    },
    /// Never again.
    Dead {
        /// What happened, without personal data.
        outcome: String,
    },
    /// No attempt was made after all: it waits as if it had not been claimed.
    PutBack,
}

/// How the claim of one delivery ended, and what is to be put into the outbox with that.
#[derive(Clone, Debug)]
pub struct Settled {
    /// The delivery.
    pub id: String,
    /// The endpoint that it is for, where it is a webhook.
    pub endpoint: Option<Arc<str>>,
    /// How its attempt ended.
    pub settlement: Settlement,
    /// When.
    pub at: DateTime<Utc>,
    /// Deliveries that tell of it.
    pub tell: Vec<NewDelivery>,
}

/// A delivery as people see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// Its id.
    pub id: String,
    /// The alert.
    pub alert: AlertId,
    /// Which sending of the alert.
    pub revision: u32,
    /// The agency told.
    pub agency: Arc<str>,
    /// How it travels.
    pub channel: Channel,
    /// The mail address, or the endpoint's name.
    pub recipient: String,
    /// The severity that it was sent with.
    pub severity: Severity,
    /// Where it stands.
    pub state: DeliveryState,
    /// How many attempts have begun.
    pub attempts: u32,
    /// When it is due, or its lease ends; none once it is settled.
    pub due_at: Option<DateTime<Utc>>,
    /// How the last attempt ended.
    pub last_outcome: Option<String>,
    /// When it came up.
    pub created_at: DateTime<Utc>,
    /// When it was delivered or given up.
    pub settled_at: Option<DateTime<Utc>>,
}

/// One attempt that ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// When.
    pub at: DateTime<Utc>,
    /// How.
    pub outcome: String,
}

/// Which deliveries are wanted. What is none does not restrict.
#[derive(Clone, Debug)]
pub struct DeliveryFilter {
    /// Whose eyes it is for: an agency sees those made out to it.
    pub scope: Scope,
    /// Of this alert.
    pub alert: Option<String>,
    /// In this state.
    pub state: Option<DeliveryState>,
    /// On this channel.
    pub channel: Option<Channel>,
    /// Sent with exactly this severity.
    pub severity: Option<Severity>,
    /// That came up before this time.
    pub created_before: Option<DateTime<Utc>>,
}

impl DeliveryFilter {
    /// Everything that a scope may see.
    pub fn everything(scope: Scope) -> Self {
        Self { scope, alert: None, state: None, channel: None, severity: None, created_before: None }
    }
}

impl Store {
    /// Puts deliveries into the outbox that no step made: a repeat, another channel, a digest, a test.
    /// One whose id exists is left as it is. No log would bring them back: they are on disk when the answer is there.
    pub fn enqueue(&self, deliveries: Vec<NewDelivery>) -> Answer<()> {
        self.write_state_synced(move |connection| queue::insert(connection, deliveries).map(drop))
    }

    /// Takes due deliveries for sending: waiting ones, and claimed ones whose lease is over; the most urgent
    /// first, then the oldest. The transaction is over before anything is sent.
    pub fn claim(&self, now: DateTime<Utc>, limits: ClaimLimits) -> Answer<Vec<Claimed>> {
        self.write_state(move |connection| Ok(queue::claim(connection, now, &limits)?.claimed))
    }

    /// Claims by several limits in one transaction, keeps the links of what it claims, and says when there is
    /// something to do again.
    pub fn claim_round(
        &self,
        now: DateTime<Utc>,
        limits: Vec<ClaimLimits>,
        link: impl Fn(&Claimed) -> Option<MailLink> + Send + 'static,
    ) -> Answer<ClaimRound> {
        self.write_state(move |connection| {
            let claims = limits.iter().map(|limits| queue::claim(connection, now, limits));
            let claims = claims.collect::<Result<Vec<_>, _>>()?;
            let links: Vec<_> = claims.iter().flat_map(|claims| &claims.claimed).filter_map(link).collect();
            access::add_links(connection, &links)?;
            Ok(ClaimRound { claims, next_at: queue::next_at(connection, now)? })
        })
    }

    /// Takes these deliveries and no others, as [`Store::claim`] does but without its limits: those of them that
    /// are due, in the order given.
    pub fn claim_these(&self, ids: Vec<String>, now: DateTime<Utc>, lease: TimeDelta) -> Answer<Vec<Claimed>> {
        self.write_state(move |connection| queue::claim_these(connection, &ids, now, lease))
    }

    /// Says how an attempt ended. `Delivered` holds however late it comes; a late `Retry` or `Dead`, when another
    /// attempt has already ended the claim, is noted among the attempts and changes nothing.
    ///
    /// Errors: `NotFound`.
    pub fn settle(&self, id: &str, settlement: Settlement, now: DateTime<Utc>) -> Answer<()> {
        let id = id.to_owned();
        self.write_state(move |connection| {
            let mut tally = Tally::default();
            queue::settle(connection, &id, &settlement, now, &mut tally)?;
            tally.add_to_state(connection)
        })
    }

    /// Settles many in one transaction, all or none; the answer has those that are not there. Other writes
    /// go first: what is not settled when the process ends, or the power does, is sent again, under the same id.
    pub fn settle_all(&self, settled: Arc<Vec<Settled>>) -> Answer<Vec<String>> {
        self.inner.state.submit_patient(move |connection| {
            let (mut missing, mut tally) = (Vec::new(), Tally::default());
            for one in settled.iter() {
                // the coordinator first: settled alone, an endpoint that is gone would never be told of
                queue::insert(connection, one.tell.clone())?;
                match queue::settle(connection, &one.id, &one.settlement, one.at, &mut tally) {
                    Ok(()) => {}
                    Err(StoreError::NotFound(_)) => missing.push(one.id.clone()),
                    Err(error) => return Err(error),
                }
            }
            tally.add_to_state(connection)?;
            Ok(missing)
        })
    }

    /// Puts a dead delivery back to be sent now, its attempts counted anew.
    ///
    /// Errors: `NotFound` unless it is dead.
    pub fn revive(&self, id: &str, by: &str, now: DateTime<Utc>) -> Answer<()> {
        let (id, by) = (id.to_owned(), by.to_owned());
        self.write_state_synced(move |connection| queue::revive(connection, &id, &by, now))
    }

    /// When the next delivery is due, or a lease ends, later than `after`: what is due by then can be claimed
    /// now. None when nothing waits.
    ///
    /// # Errors
    /// What the database says.
    pub fn next_delivery_at(&self, after: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.read(|connection| queue::next_at(connection, after))
    }
}

#[cfg(test)]
mod tests;
