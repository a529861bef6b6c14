//! The outbox's writes under way, one of each kind: what ends meanwhile shares the next one, and its commit.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use super::due::Due;
use crate::store::outbox::{ClaimRound, Settled, Settlement};
use crate::store::{Answer, StoreError};

/// Deliveries also come from other processes, whose commits wake nobody here; and the clock may be set.
const LOOK_AT_LEAST_EVERY: Duration = Duration::from_secs(30);

/// Of what is due sooner than this the commit that put it in has told.
const LOOK_AT_MOST_EVERY: Duration = Duration::from_millis(100);

/// A store that is busy or full is left alone for a moment.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// What is under way in the store, and when to look into it again.
pub(super) struct Rounds {
    pub(super) settling: Settling,
    pub(super) claiming: Claiming,
    rest_until: Option<Instant>,
    look_at: Instant,
    /// Where something may be due since the last claim began.
    pub(super) news: Due,
}

impl Default for Rounds {
    fn default() -> Self {
        let look_at = Instant::now() + LOOK_AT_LEAST_EVERY;
        Rounds {
            settling: Settling::default(),
            claiming: Claiming::default(),
            rest_until: None,
            look_at,
            news: Due::anywhere(),
        }
    }
}

impl Rounds {
    pub(super) fn is_idle(&self) -> bool {
        self.settling.0.is_none() && self.claiming.0.is_none()
    }

    pub(super) fn may_settle(&self) -> bool {
        self.settling.0.is_none() && !self.is_resting()
    }

    pub(super) fn may_claim(&self) -> bool {
        self.claiming.0.is_none() && !self.is_resting()
    }

    pub(super) fn is_resting(&self) -> bool {
        self.rest_until.is_some_and(|until| until > Instant::now())
    }

    /// After a store that is busy or full: neither settles nor claims for a moment, and looks again then.
    pub(super) fn rest(&mut self, error: StoreError) -> Result<(), StoreError> {
        if error.is_fatal() {
            return Err(error);
        }
        tracing::warn!(store.error = %error, "the outbox could not use the store and tries again");
        self.rest_until = Some(Instant::now() + STORE_PAUSE);
        self.news = Due::anywhere();
        Ok(())
    }

    /// Looks again at a time, at the latest.
    pub(super) fn look_by(&mut self, at: Option<DateTime<Utc>>, now: DateTime<Utc>) {
        if let Some(at) = at {
            let wait = (at - now).to_std().unwrap_or_default().max(LOOK_AT_MOST_EVERY);
            self.look_at = self.look_at.min(Instant::now() + wait);
        }
    }

    /// Notices that it is time to look again.
    pub(super) fn look_if_due(&mut self) {
        let now = Instant::now();
        if self.look_at <= now {
            self.look_at = now + LOOK_AT_LEAST_EVERY;
            self.news = Due::anywhere();
        }
    }

    /// When there is something to do, if nothing happens until then.
    pub(super) fn until(&self) -> Instant {
        let rested = self.rest_until.filter(|until| *until > Instant::now());
        rested.map_or(self.look_at, |until| until.min(self.look_at))
    }
}

/// The settlement under way.
#[derive(Default)]
pub(super) struct Settling(Option<UnderWay>);

/// What is being settled, and where the answer comes.
type UnderWay = (Arc<Vec<Settled>>, Answer<Vec<String>>);

impl Settling {
    pub(super) fn start(&mut self, settled: Arc<Vec<Settled>>, answer: Answer<Vec<String>>) {
        self.0 = Some((settled, answer));
    }

    /// What it came to; never, when there is none.
    pub(super) async fn ended(&mut self) -> (Arc<Vec<Settled>>, Result<Vec<String>, StoreError>) {
        let Some((_, answer)) = &mut self.0 else { return std::future::pending().await };
        let answer = answer.await;
        let settled = self.0.take().map(|(settled, _)| settled).unwrap_or_default();
        (settled, answer)
    }
}

/// The claim under way.
#[derive(Default)]
pub(super) struct Claiming(Option<(Asked, Answer<ClaimRound>)>);

/// Of what a claim was asked, in the order of its limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) mail: bool,
    pub(super) webhooks: bool,
}

impl Claiming {
    pub(super) fn start(&mut self, asked: Asked, answer: Answer<ClaimRound>) {
        self.0 = Some((asked, answer));
    }

    /// What it came to; never, when there is none.
    pub(super) async fn ended(&mut self) -> Result<(Asked, ClaimRound), StoreError> {
        let Some((asked, answer)) = &mut self.0 else { return std::future::pending().await };
        let (asked, answer) = (*asked, answer.await);
        self.0 = None;
        Ok((asked, answer?))
    }
}

/// When the first of these is to be tried again.
pub(super) fn first_retry(settled: &[Settled]) -> Option<DateTime<Utc>> {
    let retries = settled.iter().filter_map(|one| match &one.settlement {
        Settlement::Retry { at, .. } => Some(*at),
        Settlement::Delivered | Settlement::Dead { .. } | Settlement::PutBack => None,
    });
    retries.min()
}
