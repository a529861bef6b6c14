//! Claimed webhooks that wait for a place at their endpoint: the most urgent first, then the oldest.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::alert::Severity;
use crate::store::outbox::Claimed;

/// The most that are claimed ahead for one endpoint: as many as two commits of a flood put in, so that a quick one is kept
/// busy while they are under way.
pub(super) const AHEAD_MOST: usize = 2_048;

/// An endpoint whose deliveries wait longer than this for their place gets fewer of them claimed ahead.
const QUICK: TimeDelta = TimeDelta::milliseconds(500);

/// How long one may wait for its place before its lease is too short for a send.
const HELD_MOST: TimeDelta = TimeDelta::seconds(20);

/// The order of sending.
type Place = (Reverse<Severity>, DateTime<Utc>, String);

/// What is held for one endpoint, and how much may be.
#[derive(Debug, Default)]
struct Queue {
    waiting: BTreeMap<Place, One>,
    /// So many are with it no longer, and claimed until that is settled.
    unsettled: usize,
    ahead: usize,
}

#[derive(Debug)]
struct One {
    claimed: Claimed,
    since: DateTime<Utc>,
}

/// Claimed webhooks by endpoint.
#[derive(Debug, Default)]
pub(super) struct Held {
    queues: BTreeMap<Arc<str>, Queue>,
    count: usize,
}

impl Held {
    pub(super) fn hold(&mut self, claimed: Claimed, now: DateTime<Utc>) {
        let place = (Reverse(claimed.notice.severity), claimed.created_at, claimed.id.clone());
        let queue = self.queues.entry(claimed.recipient.clone()).or_default();
        let before = queue.waiting.insert(place, One { claimed, since: now });
        self.count += usize::from(before.is_none());
    }

    /// How many are held, for all endpoints.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// How many are claimed for an endpoint beside those in flight.
    pub(super) fn claimed_for(&self, endpoint: &str) -> usize {
        self.queues.get(endpoint).map_or(0, |queue| queue.waiting.len() + queue.unsettled)
    }

    /// One for an endpoint ended, and is to be settled.
    pub(super) fn ended(&mut self, endpoint: &Arc<str>) {
        self.queues.entry(endpoint.clone()).or_default().unsettled += 1;
    }

    /// One that ended is settled.
    pub(super) fn settled(&mut self, endpoint: &str) {
        if let Some(queue) = self.queues.get_mut(endpoint) {
            queue.unsettled = queue.unsettled.saturating_sub(1);
        }
    }

    /// How many may be claimed for an endpoint ahead of those in flight.
    pub(super) fn ahead_for(&self, endpoint: &str) -> usize {
        self.queues.get(endpoint).map_or(0, |queue| queue.ahead)
    }

    /// Every endpoint of which more may be claimed than can be in flight.
    pub(super) fn ahead(&self) -> impl Iterator<Item = (&Arc<str>, usize)> {
        self.queues.iter().filter(|(_, queue)| queue.ahead > 0).map(|(name, queue)| (name, queue.ahead))
    }

    /// The next to be sent among the endpoints that have a place.
    pub(super) fn next(&mut self, has_place: impl Fn(&str) -> bool) -> Option<(Claimed, DateTime<Utc>)> {
        let free = self.queues.iter().filter(|(name, queue)| !queue.waiting.is_empty() && has_place(name));
        let first = free.min_by_key(|(_, queue)| queue.waiting.keys().next().cloned())?.0.clone();
        let (_, one) = self.queues.get_mut(&first)?.waiting.pop_first()?;
        self.count -= 1;
        Some((one.claimed, one.since))
    }

    /// Whether one that is held since then is too old to be sent under its lease.
    pub(super) fn is_too_old(since: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        now - since > HELD_MOST
    }

    /// One arrived that had waited so long for its place: a quick endpoint gets more claimed ahead, a slow one fewer.
    pub(super) fn delivered(&mut self, endpoint: &Arc<str>, waited: TimeDelta) {
        let queue = self.queues.entry(endpoint.clone()).or_default();
        queue.ahead = if waited <= QUICK { (queue.ahead + 1).min(AHEAD_MOST) } else { queue.ahead * 7 / 8 };
    }

    /// One did not arrive: nothing is claimed ahead until the endpoint works again. What is held is given back.
    pub(super) fn failed(&mut self, endpoint: &str) -> Vec<Claimed> {
        let Some(queue) = self.queues.get_mut(endpoint) else { return Vec::new() };
        queue.ahead = 0;
        let waiting = std::mem::take(&mut queue.waiting);
        self.count -= waiting.len();
        waiting.into_values().map(|one| one.claimed).collect()
    }

    /// Gives everything back.
    pub(super) fn take_all(&mut self) -> Vec<Claimed> {
        self.count = 0;
        let queues = self.queues.values_mut().map(|queue| std::mem::take(&mut queue.waiting));
        queues.flat_map(BTreeMap::into_values).map(|one| one.claimed).collect()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::notice::{Notice, Occasion};
    use crate::record::shown::Shown;
    use crate::store::outbox::Channel;

    pub(in crate::outbox) fn at(millis: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_732_400_000_000 + millis).unwrap()
    }

    pub(in crate::outbox) fn claimed(id: &str, to: &str, severity: Severity, created: i64) -> Claimed {
        let notice = Notice {
            alert: id.into(),
            revision: 1,
            agency: "kanim".into(),
            agency_name: String::new(),
            occasion: Occasion::Opened,
            rule: "aturan-contoh".into(),
            title: String::new(),
            severity,
            phase: String::new(),
            kabupaten: String::new(),
            occurred_at: at(created),
            opened_at: at(created),
            at: at(created),
            findings: 1,
            message: Shown::default(),
            action: String::new(),
            why: String::new(),
            false_positives: String::new(),
            evidence: Vec::new(),
            evidence_hidden: 0,
            basis: Vec::new(),
        };
        Claimed {
            id: id.to_owned(),
            alert: id.into(),
            revision: 1,
            agency: "kanim".into(),
            channel: Channel::Webhook,
            recipient: to.into(),
            notice,
            created_at: at(created),
            attempt: 1,
            first_attempt_at: at(created),
        }
    }

    #[test]
    fn the_most_urgent_goes_first_then_the_oldest_where_there_is_a_place() {
        let mut held = Held::default();
        held.hold(claimed("d-1", "a", Severity::Siaga3, 0), at(0));
        held.hold(claimed("d-2", "a", Severity::Siaga2, 2), at(2));
        held.hold(claimed("d-3", "b", Severity::Siaga2, 1), at(2));
        held.hold(claimed("d-4", "a", Severity::Siaga1, 3), at(3));
        let mut order = Vec::new();
        order.extend(held.next(|name| name == "b").map(|(one, _)| one.id));
        order.extend(std::iter::from_fn(|| held.next(|name| name == "a")).map(|(one, _)| one.id));
        assert_eq!(order, ["d-3", "d-4", "d-2", "d-1"]);
        assert_eq!((held.len(), held.next(|_| true).is_none()), (0, true));
    }

    #[test]
    fn a_quick_endpoint_gets_more_ahead_a_slow_one_fewer_and_one_that_fails_none() {
        let mut held = Held::default();
        let endpoint: Arc<str> = "a".into();
        for _ in 0..2 * AHEAD_MOST {
            held.delivered(&endpoint, TimeDelta::zero());
        }
        assert_eq!(held.ahead_for("a"), AHEAD_MOST);
        held.delivered(&endpoint, TimeDelta::seconds(1));
        assert_eq!(held.ahead_for("a"), AHEAD_MOST * 7 / 8);
        held.hold(claimed("d-1", "a", Severity::Siaga1, 0), at(0));
        assert_eq!(held.failed("a").len(), 1);
        assert_eq!((held.ahead_for("a"), held.len()), (0, 0));
    }

    #[test]
    fn the_lease_outlasts_waiting_and_sending() {
        let sending = TimeDelta::from_std(crate::deliver::webhook::WEBHOOK_TIMEOUT).unwrap();
        assert!(HELD_MOST + sending * 2 < super::super::circuits::LEASE);
    }
}
