//! Where the pipeline asks for places: what there is room for is committed already claimed, and needs no claim.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use tokio::sync::Notify;

use super::circuits::LEASE;
use super::due::Due;
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
    /// What was reserved and not posted yet.
    reservations: VecDeque<Reservation>,
    posted: Vec<Claimed>,
    due: Due,
}

/// What a commit that is under way was given.
#[derive(Debug, Default)]
struct Reservation {
    /// So many places at each endpoint.
    places: BTreeMap<Arc<str>, usize>,
    /// Where the rest waits for a claim.
    left: Due,
}

/// What came since the last time.
#[derive(Debug, Default)]
pub(super) struct News {
    /// On disk, claimed, to be sent.
    pub(super) claimed: Vec<Claimed>,
    /// Where something may wait for a claim.
    pub(super) due: Due,
}

impl Places {
    /// Says that something may be due.
    pub fn wake(&self) {
        self.shared().due = Due::anywhere();
        self.called.notify_one();
    }

    /// Marks as claimed what there is a place for, as of `now`; the rest waits for a claim.
    pub fn reserve(&self, deliveries: &mut [NewDelivery], now: DateTime<Utc>) {
        let mut shared = self.shared();
        let mut reservation = Reservation::default();
        for delivery in deliveries {
            let is_webhook = delivery.channel == Channel::Webhook;
            match shared.free.get_mut(&delivery.recipient).filter(|_| is_webhook) {
                Some(free) if *free > 0 && delivery.not_before <= now => {
                    *free -= 1;
                    *reservation.places.entry(delivery.recipient.clone()).or_default() += 1;
                    delivery.lease_until = Some(now + LEASE);
                }
                free => {
                    reservation.left.note(delivery);
                    if let Some(free) = free {
                        // what comes later must not overtake it
                        *free = 0;
                    }
                }
            }
        }
        shared.reservations.push_back(reservation);
    }

    /// Says what came of the oldest reservation: what is on disk and claimed, and whether more waits.
    pub fn posted(&self, claimed: Vec<Claimed>, waiting: bool) {
        let mut shared = self.shared();
        let left = shared.reservations.pop_front().map(|reservation| reservation.left);
        if claimed.is_empty() && !waiting {
            return;
        }
        shared.posted.extend(claimed);
        if waiting {
            shared.due.add(left.unwrap_or_else(Due::anywhere));
        }
        drop(shared);
        self.called.notify_one();
    }

    pub(super) async fn called(&self) {
        self.called.notified().await;
    }

    pub(super) fn news(&self) -> News {
        let mut shared = self.shared();
        News { claimed: std::mem::take(&mut shared.posted), due: std::mem::take(&mut shared.due) }
    }

    /// Sets how many places there are at each endpoint, those that are reserved included.
    pub(super) fn open(&self, places: impl Iterator<Item = (Arc<str>, usize)>) {
        let mut shared = self.shared();
        let mut taken: BTreeMap<Arc<str>, usize> = BTreeMap::new();
        let posted = shared.posted.iter().map(|one| (&one.recipient, 1));
        let reserved = shared.reservations.iter().flat_map(|reservation| &reservation.places);
        let reserved = reserved.map(|(name, count)| (name, *count));
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

#[cfg(test)]
mod tests {
    use super::super::held::tests::{at, claimed};
    use super::*;
    use crate::alert::Severity;

    fn delivery(id: &str, channel: Channel, to: &str) -> NewDelivery {
        let Claimed { id, alert, revision, agency, notice, created_at, .. } = claimed(id, to, Severity::Siaga2, 0);
        NewDelivery {
            id,
            alert,
            revision,
            agency,
            channel,
            recipient: to.into(),
            notice,
            created_at,
            not_before: created_at,
            lease_until: None,
        }
    }

    #[test]
    fn what_has_no_place_waits_where_it_goes_and_is_not_overtaken() {
        let places = Places::default();
        places.open([("a".into(), 1), ("b".into(), 1)].into_iter());
        let mut first = [("d-1", "a"), ("d-2", "a")].map(|(id, to)| delivery(id, Channel::Webhook, to));
        places.reserve(&mut first, at(0));
        assert_eq!(first.map(|one| one.lease_until.is_some()), [true, false]);
        // its place is taken until the outbox knows of it
        places.open([("a".into(), 1), ("b".into(), 1)].into_iter());
        let mut second = [("d-3", "a", Channel::Webhook), ("d-4", "b", Channel::Webhook), ("d-5", "x", Channel::Email)]
            .map(|(id, to, channel)| delivery(id, channel, to));
        places.reserve(&mut second, at(0));
        assert_eq!(second.map(|one| one.lease_until.is_some()), [false, true, false]);

        assert_eq!(places.news().due, Due::default(), "nothing is on disk");
        places.posted(vec![claimed("d-1", "a", Severity::Siaga2, 0)], true);
        let news = places.news();
        assert_eq!((news.claimed.len(), news.due.mail, news.due.has("a"), news.due.has("b")), (1, false, true, false));
        places.posted(vec![claimed("d-4", "b", Severity::Siaga2, 0)], true);
        let news = places.news();
        assert_eq!((news.claimed.len(), news.due.mail, news.due.has("a"), news.due.has("b")), (1, true, true, false));
        assert_eq!(places.news().due, Due::default());
    }
}
