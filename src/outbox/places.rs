//! Where the pipeline asks for places: what there is room for is committed already claimed, and needs no claim.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use tokio::sync::Notify;

use super::circuits::LEASE;
use crate::store::outbox::{Channel, Claimed, NewDelivery};

/// The places that the outbox has to give; clones are the same.
///
/// For each [`Places::reserve`] there is one [`Places::posted`], in the same order.
#[derive(Clone, Debug, Default)]
pub struct Places {
    shared: Arc<Mutex<Shared>>,
    called: Arc<Notify>,
}

#[derive(Debug, Default)]
struct Shared {
    /// What is free at each endpoint; none of it while older deliveries wait for one.
    free: BTreeMap<Arc<str>, usize>,
    /// What was reserved and not posted yet, reservation by reservation.
    reserved: VecDeque<BTreeMap<Arc<str>, usize>>,
    posted: Vec<Claimed>,
    waiting: bool,
}

/// What came since the last time.
#[derive(Debug, Default)]
pub(super) struct News {
    /// On disk, claimed, to be sent.
    pub(super) claimed: Vec<Claimed>,
    /// Something may wait for a claim.
    pub(super) waiting: bool,
}

impl Places {
    /// Says that something may be due.
    pub fn wake(&self) {
        self.shared().waiting = true;
        self.called.notify_one();
    }

    /// Marks as claimed what there is a place for, as of `now`; the rest waits for a claim.
    pub fn reserve(&self, deliveries: &mut [NewDelivery], now: DateTime<Utc>) {
        let mut shared = self.shared();
        let mut reserved = BTreeMap::new();
        for delivery in deliveries.iter_mut().filter(|delivery| delivery.channel == Channel::Webhook) {
            let Some(free) = shared.free.get_mut(&delivery.recipient) else { continue };
            if *free == 0 || delivery.not_before > now {
                // what comes later must not overtake it
                *free = 0;
                continue;
            }
            *free -= 1;
            *reserved.entry(delivery.recipient.clone()).or_default() += 1;
            delivery.lease_until = Some(now + LEASE);
        }
        shared.reserved.push_back(reserved);
    }

    /// Says what came of the oldest reservation: what is on disk and claimed, and whether more waits.
    pub fn posted(&self, claimed: Vec<Claimed>, waiting: bool) {
        let mut shared = self.shared();
        shared.reserved.pop_front();
        if claimed.is_empty() && !waiting {
            return;
        }
        shared.posted.extend(claimed);
        shared.waiting |= waiting;
        drop(shared);
        self.called.notify_one();
    }

    pub(super) async fn called(&self) {
        self.called.notified().await;
    }

    pub(super) fn news(&self) -> News {
        let mut shared = self.shared();
        News { claimed: std::mem::take(&mut shared.posted), waiting: std::mem::take(&mut shared.waiting) }
    }

    /// Sets how many places there are at each endpoint, those that are reserved included.
    pub(super) fn open(&self, places: impl Iterator<Item = (Arc<str>, usize)>) {
        let mut shared = self.shared();
        let mut taken: BTreeMap<Arc<str>, usize> = BTreeMap::new();
        let posted = shared.posted.iter().map(|one| (&one.recipient, 1));
        let reserved = shared.reserved.iter().flatten().map(|(name, count)| (name, *count));
        for (name, count) in posted.chain(reserved) {
            *taken.entry(name.clone()).or_default() += count;
        }
        shared.free = places
            .map(|(name, places)| {
                let taken = taken.get(&name).copied().unwrap_or_default();
                (name, places.saturating_sub(taken))
            })
            .collect();
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
