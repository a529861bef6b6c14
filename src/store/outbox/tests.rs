//! The life of a delivery.

use chrono::TimeDelta;

use super::queue::{in_flight, next_recipient};
use super::{Channel, ClaimLimits, Claimed, DeliveryFilter, DeliveryState, Paused, Settlement};
use super::{NewDelivery, delivery_id};
use crate::alert::Severity;
use crate::store::samples::{delivery, place, second};
use crate::store::{Scope, Store, StoreError, millis};

const LEASE_SECONDS: i64 = 60;

fn limits() -> ClaimLimits {
    ClaimLimits {
        most: 10,
        per_recipient: 4,
        ahead: std::collections::HashMap::new(),
        lease: TimeDelta::seconds(LEASE_SECONDS),
        paused: Vec::new(),
        on_trial: Vec::new(),
    }
}

fn claim(store: &Store, at: i64, limits: ClaimLimits) -> Vec<Claimed> {
    store.claim(second(at), limits).wait().unwrap()
}

fn alerts(claimed: &[Claimed]) -> Vec<&str> {
    claimed.iter().map(|one| &*one.alert).collect()
}

fn enqueue(store: &Store, deliveries: Vec<NewDelivery>) {
    store.enqueue(deliveries).wait().unwrap();
}

fn settle(store: &Store, id: &str, settlement: Settlement, at: i64) {
    store.settle(id, settlement, second(at)).wait().unwrap();
}

fn state(store: &Store) -> DeliveryState {
    let filter = DeliveryFilter::everything(Scope::All);
    store.deliveries(&filter, None, 1).unwrap().items[0].state
}

fn retry(at: i64) -> Settlement {
    Settlement::Retry { at: second(at), outcome: "timed out".to_owned() }
}

#[test]
fn the_id_tells_alert_revision_recipient_and_channel_apart() {
    let base = delivery_id("S-1", 1, "a", Channel::Email);
    assert!(base.starts_with("S-1-") && base.len() == 4 + 16, "{base}");
    assert_eq!(base, delivery_id("S-1", 1, "a", Channel::Email));
    for other in [
        delivery_id("S-2", 1, "a", Channel::Email),
        delivery_id("S-1", 2, "a", Channel::Email),
        delivery_id("S-1", 1, "b", Channel::Email),
        delivery_id("S-1", 1, "a", Channel::Webhook),
    ] {
        assert_ne!(base, other);
    }
}

#[test]
fn the_most_urgent_goes_first_then_the_oldest() {
    let place = place();
    let mut older = delivery("S-3", "c", Severity::Siaga2);
    older.created_at = second(0);
    let mut later = delivery("S-4", "d", Severity::Siaga1);
    later.not_before = second(500);
    enqueue(
        &place.store,
        vec![delivery("S-1", "a", Severity::Siaga3), delivery("S-2", "b", Severity::Siaga2), older, later],
    );
    assert_eq!(place.store.next_delivery_at(second(0)).unwrap(), Some(second(1)));
    let claimed = claim(&place.store, 10, limits());
    assert_eq!(alerts(&claimed), ["S-3", "S-2", "S-1"]);
    assert_eq!(claimed[0].attempt, 1);
    assert!(claim(&place.store, 11, limits()).is_empty());
    let lease_ends = second(10 + LEASE_SECONDS);
    assert_eq!(place.store.next_delivery_at(second(11)).unwrap(), Some(lease_ends));
}

#[test]
fn a_lease_that_ran_out_is_claimed_again_under_the_same_id() {
    let place = place();
    let store = &place.store;
    enqueue(store, vec![delivery("S-1", "a", Severity::Siaga2)]);
    let first = claim(store, 10, limits()).remove(0);
    let again = claim(store, 10 + LEASE_SECONDS, limits()).remove(0);
    assert_eq!((&again.id, again.attempt), (&first.id, 2));
    let attempts = store.attempts(&first.id, &Scope::All).unwrap();
    assert_eq!(attempts.len(), 1);
    assert!(attempts[0].outcome.contains("lease"));
    // the first sender comes back after all: the other side has it
    settle(store, &first.id, Settlement::Delivered, 90);
    settle(store, &again.id, retry(100), 95);
    assert_eq!(state(store), DeliveryState::Delivered);
    assert!(claim(store, 1000, limits()).is_empty());
    assert_eq!(store.attempts(&first.id, &Scope::All).unwrap().len(), 3);
}

#[test]
fn a_retry_waits_for_its_time() {
    let place = place();
    let store = &place.store;
    enqueue(store, vec![delivery("S-1", "a", Severity::Siaga2)]);
    let claimed = claim(store, 10, limits()).remove(0);
    settle(store, &claimed.id, retry(40), 12);
    assert!(claim(store, 39, limits()).is_empty());
    let again = claim(store, 40, limits()).remove(0);
    assert_eq!((again.attempt, again.first_attempt_at), (2, second(10)));
}

#[test]
fn those_named_are_claimed_and_no_others() {
    let place = place();
    let store = &place.store;
    let all = vec![delivery("S-1", "a", Severity::Siaga1), delivery("S-2", "a", Severity::Siaga2)];
    let ids = vec![all[1].id.clone(), "none".to_owned()];
    enqueue(store, all);
    let these = |at| store.claim_these(ids.clone(), second(at), TimeDelta::seconds(LEASE_SECONDS)).wait().unwrap();
    assert!(these(0).is_empty());
    assert_eq!(alerts(&these(10)), ["S-2"]);
    assert!(these(11).is_empty());
    assert_eq!(these(10 + LEASE_SECONDS)[0].attempt, 2);
}

#[test]
fn a_dead_one_can_be_revived() {
    let place = place();
    let store = &place.store;
    enqueue(store, vec![delivery("S-1", "a", Severity::Siaga2)]);
    let id = claim(store, 10, limits()).remove(0).id;
    let outcome = "550 no such mailbox".to_owned();
    settle(store, &id, Settlement::Dead { outcome }, 12);
    let dead = store.dead_letters(Scope::All, None, 10).unwrap().items;
    assert_eq!(dead[0].last_outcome.as_deref(), Some("550 no such mailbox"));
    assert_eq!((dead[0].due_at, dead[0].settled_at), (None, Some(second(12))));
    assert_eq!(store.next_delivery_at(second(0)).unwrap(), None);
    store.revive(&id, "kesbangpol-oku", second(20)).wait().unwrap();
    let again = claim(store, 20, limits()).remove(0);
    assert_eq!((again.attempt, again.first_attempt_at), (1, second(20)));
    let twice = store.revive(&id, "kesbangpol-oku", second(21)).wait();
    assert_eq!(twice, Err(StoreError::NotFound("dead delivery")));
    let unknown = store.settle("none", Settlement::Delivered, second(1)).wait();
    assert_eq!(unknown, Err(StoreError::NotFound("delivery")));
}

#[test]
fn an_open_circuit_and_a_busy_recipient_hold_up_nobody_else() {
    let place = place();
    let store = &place.store;
    let mut webhook = delivery("S-w", "pusat", Severity::Siaga1);
    webhook.channel = Channel::Webhook;
    webhook.id = delivery_id("S-w", 1, "pusat", Channel::Webhook);
    let mut all = vec![webhook, delivery("S-p", "paused", Severity::Siaga1), delivery("S-z", "z", Severity::Siaga3)];
    all.extend((0..5).map(|number| delivery(&format!("S-{number}"), "a", Severity::Siaga1)));
    enqueue(store, all);
    let mut some = limits();
    some.per_recipient = 2;
    some.paused = vec![Paused::Channel(Channel::Webhook), Paused::Recipient(Channel::Email, "paused".into())];
    let claimed = claim(store, 10, some.clone());
    assert_eq!(claimed.len(), 3);
    assert_eq!(alerts(&claimed)[2], "S-z");
    // two are in flight for `a`, so there is room for none
    assert!(claim(store, 11, some.clone()).is_empty());
    settle(store, &claimed[0].id, Settlement::Delivered, 12);
    assert_eq!(claim(store, 12, some.clone()).len(), 1);
    some.paused.clear();
    some.on_trial = vec![(Channel::Email, "paused".into()), (Channel::Email, "a".into())];
    let mut tried = claim(store, 13, some.clone());
    tried.sort_by(|a, b| a.alert.cmp(&b.alert));
    assert_eq!(alerts(&tried), ["S-p", "S-w"]);
    settle(store, &claimed[1].id, Settlement::Delivered, 13);
    some.on_trial.clear();
    some.most = 1;
    assert_eq!(claim(store, 13, some).len(), 1);
}

#[test]
fn an_agency_sees_its_own_deliveries() {
    let place = place();
    let store = &place.store;
    enqueue(store, vec![delivery("S-1", "a", Severity::Siaga2)]);
    let seen_by = |agency: &str| {
        let scope = Scope::Agency(agency.to_owned());
        let filter = DeliveryFilter::everything(scope);
        store.deliveries(&filter, None, 10).unwrap().items.len()
    };
    assert_eq!(seen_by("kanim-contoh"), 1);
    assert_eq!(seen_by("polres-oku"), 0);
    let count = |since| store.deliveries_since(Channel::Email, "a", second(since));
    assert_eq!((count(1), count(2)), (Ok(1), Ok(0)));
    assert_eq!(store.counts().unwrap().oldest_waiting, Some(second(1)));
}

/// A claim looks at every recipient: it may not walk through what waits for each of them.
#[test]
fn a_long_queue_is_passed_in_one_step() {
    const MOST_INSTRUCTIONS: i32 = 200;
    let place = place();
    let many = (0..2_000).map(|number| delivery(&format!("S-{number}"), "a@contoh.example", Severity::Siaga2));
    enqueue(&place.store, many.chain([delivery("S-1", "b@contoh.example", Severity::Siaga2)]).collect());
    let mut state = rusqlite::Connection::open(place.directory.path().join("siaga.db.state")).unwrap();
    // a statement that takes more is broken off
    state.progress_handler(MOST_INSTRUCTIONS, Some(|| true)).unwrap();
    let mut seen = Vec::new();
    let mut next = next_recipient(&state, None).unwrap();
    while let Some(recipient) = next {
        next = next_recipient(&state, Some(&recipient)).unwrap();
        seen.push(recipient.1);
    }
    assert_eq!(seen.iter().map(|name| &**name).collect::<Vec<_>>(), ["a@contoh.example", "b@contoh.example"]);
    // nothing is under way, however much waits
    assert_eq!(in_flight(&state, millis(second(2))).unwrap().len(), 0);
}
