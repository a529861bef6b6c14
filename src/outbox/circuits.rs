//! The circuits of the mail relay and of every endpoint, and what they leave to be claimed.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::deliver::Outcome;
use crate::deliver::circuit::{Admission, Circuit, IN_FLIGHT_MOST};
use crate::store::outbox::{Channel, ClaimLimits, Claimed, Paused};

use super::held::Held;

/// How long a claim holds: more than twice as long as the longest send, so that no second attempt overtakes one.
pub const LEASE: TimeDelta = TimeDelta::seconds(60);

/// The most webhooks in flight, all endpoints together; mail has the relay's own few beside them.
pub const WEBHOOKS_IN_FLIGHT_MOST: usize = 32;

/// The most in flight for one endpoint, or for the relay.
pub(super) const PER_ENDPOINT: usize = IN_FLIGHT_MOST as usize;

/// One circuit each, made when it is first asked for.
#[derive(Debug, Default)]
pub(super) struct Circuits {
    relay: Circuit,
    endpoints: BTreeMap<Arc<str>, Circuit>,
}

/// A channel that rests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resting {
    /// The endpoint's name; none is the mail relay.
    pub endpoint: Option<String>,
    /// Until when; none is until the program starts anew with other settings.
    pub until: Option<DateTime<Utc>>,
    /// Why, without personal data.
    pub reason: String,
}

impl Circuits {
    pub(super) fn admit(&mut self, claimed: &Claimed, now: DateTime<Utc>) -> Admission {
        self.of(claimed).admit(now)
    }

    pub(super) fn settle(&mut self, claimed: &Claimed, outcome: &Outcome, now: DateTime<Utc>) {
        self.of(claimed).settle(outcome, now);
    }

    fn of(&mut self, claimed: &Claimed) -> &mut Circuit {
        match claimed.channel {
            Channel::Email => &mut self.relay,
            Channel::Webhook => self.endpoints.entry(claimed.recipient.clone()).or_default(),
        }
    }

    /// What may be claimed of mail; none when the relay has no room.
    pub(super) fn mail(&self, now: DateTime<Utc>) -> Option<ClaimLimits> {
        if self.relay.look(now) != Admission::Go {
            return None;
        }
        let most = if self.relay.is_on_trial() { 1 } else { PER_ENDPOINT };
        let most = most.saturating_sub(in_flight(&self.relay));
        (most > 0).then(|| limits(most, vec![Paused::Channel(Channel::Webhook)], Vec::new()))
    }

    /// What may be claimed of webhooks, in flight and ahead of that. Those of a disabled endpoint are, for they have
    /// to be given up.
    pub(super) fn webhooks(&self, held: &Held, now: DateTime<Utc>) -> Option<ClaimLimits> {
        let ahead: HashMap<_, _> =
            held.ahead().map(|(name, count)| ((Channel::Webhook, name.clone()), count)).collect();
        let places = WEBHOOKS_IN_FLIGHT_MOST + ahead.values().sum::<usize>();
        let most = places.saturating_sub(self.webhooks_in_flight() + held.len());
        let mut paused = vec![Paused::Channel(Channel::Email)];
        let mut on_trial = Vec::new();
        for (name, circuit) in &self.endpoints {
            if let Admission::Open { .. } = circuit.look(now) {
                paused.push(Paused::Recipient(Channel::Webhook, name.clone()));
            } else if circuit.is_on_trial() {
                on_trial.push((Channel::Webhook, name.clone()));
            }
        }
        (most > 0).then(|| ClaimLimits { ahead, ..limits(most, paused, on_trial) })
    }

    /// How many more may be claimed for an endpoint whose circuit is closed, in flight or ahead of that.
    pub(super) fn places_left(&self, endpoint: &str, held: &Held, now: DateTime<Utc>) -> usize {
        let places = (PER_ENDPOINT + held.ahead_for(endpoint)).saturating_sub(held.claimed_for(endpoint));
        let Some(circuit) = self.endpoints.get(endpoint) else { return places };
        match circuit.look(now) {
            Admission::Go | Admission::Busy if !circuit.is_on_trial() => places.saturating_sub(in_flight(circuit)),
            _ => 0,
        }
    }

    /// Whether it is worth a claim: at least half of what may be claimed ahead is free, for one commit for each place would be
    /// too many; or it needs none of that, on trial or to be given up.
    pub(super) fn can_take_more(&self, endpoint: &str, held: &Held, now: DateTime<Utc>) -> bool {
        let free = self.places_left(endpoint, held, now);
        let needs_none = |circuit: &Circuit| match circuit.look(now) {
            Admission::Disabled { .. } => true,
            Admission::Go => circuit.is_on_trial(),
            Admission::Busy | Admission::Open { .. } => false,
        };
        (free > 0 && free * 2 >= held.ahead_for(endpoint)) || self.endpoints.get(endpoint).is_some_and(needs_none)
    }

    /// Whether one more may be sent to an endpoint, or needs no place because it will not be sent.
    pub(super) fn has_place(&self, endpoint: &str, now: DateTime<Utc>) -> bool {
        self.endpoints.get(endpoint).is_none_or(|circuit| circuit.look(now) != Admission::Busy)
    }

    /// How many webhooks are in flight.
    pub(super) fn webhooks_in_flight(&self) -> usize {
        self.endpoints.values().map(in_flight).sum()
    }

    /// When the next circuit that rests at `now` may be tried.
    pub(super) fn next_trial_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.resting(now).into_iter().filter_map(|resting| resting.until).min()
    }

    /// The channels that rest at `now`.
    pub(super) fn resting(&self, now: DateTime<Utc>) -> Vec<Resting> {
        let endpoints = self.endpoints.iter().map(|(name, circuit)| (Some(name), circuit));
        std::iter::once((None, &self.relay))
            .chain(endpoints)
            .filter_map(|(name, circuit)| {
                let (until, reason) = match circuit.look(now) {
                    Admission::Open { until, reason } => (Some(until), reason),
                    Admission::Disabled { reason } => (None, reason),
                    Admission::Go | Admission::Busy => return None,
                };
                Some(Resting { endpoint: name.map(|name| name.to_string()), until, reason })
            })
            .collect()
    }
}

fn in_flight(circuit: &Circuit) -> usize {
    usize::try_from(circuit.in_flight()).unwrap_or(usize::MAX)
}

fn limits(most: usize, paused: Vec<Paused>, on_trial: Vec<(Channel, Arc<str>)>) -> ClaimLimits {
    ClaimLimits { most, per_recipient: PER_ENDPOINT, ahead: HashMap::new(), lease: LEASE, paused, on_trial }
}

#[cfg(test)]
mod tests {
    use super::super::held::AHEAD_MOST;
    use super::super::held::tests::{at, claimed};
    use super::*;
    use crate::alert::Severity;

    fn one() -> Claimed {
        claimed("d-1", "a", Severity::Siaga2, 0)
    }

    #[test]
    fn what_ended_takes_a_place_until_it_is_settled() {
        let (mut circuits, mut held, endpoint) = (Circuits::default(), Held::default(), Arc::from("a"));
        assert_eq!(circuits.admit(&one(), at(0)), Admission::Go);
        (0..AHEAD_MOST).for_each(|_| held.delivered(&endpoint, TimeDelta::zero()));
        assert_eq!(circuits.places_left("a", &held, at(0)), AHEAD_MOST + PER_ENDPOINT - 1);
        (0..AHEAD_MOST).for_each(|_| held.ended(&endpoint));
        assert_eq!(circuits.places_left("a", &held, at(0)), PER_ENDPOINT - 1);
        assert!(!circuits.can_take_more("a", &held, at(0)));
        (0..AHEAD_MOST / 2).for_each(|_| held.settled("a"));
        assert!(circuits.can_take_more("a", &held, at(0)));
    }

    #[test]
    fn a_claim_is_worth_it_on_trial_for_one_and_for_what_is_given_up() {
        let retry = Outcome::Retry { reason: "503".to_owned(), wait: None };
        let (mut circuits, held) = (Circuits::default(), Held::default());
        assert!(circuits.can_take_more("a", &held, at(0)));
        while circuits.admit(&one(), at(0)) == Admission::Go {
            circuits.settle(&one(), &retry, at(0));
        }
        assert!(!circuits.can_take_more("a", &held, at(0)), "it rests");
        let trial = circuits.next_trial_at(at(0)).unwrap();
        assert!(circuits.can_take_more("a", &held, trial));
        assert_eq!(circuits.admit(&one(), trial), Admission::Go);
        assert!(!circuits.can_take_more("a", &held, trial), "the trial is under way");
        circuits.settle(&one(), &Outcome::Gone { reason: "410".to_owned() }, trial);
        assert!(circuits.can_take_more("a", &held, trial), "what is left has to be given up");
    }
}
