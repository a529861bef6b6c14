//! A state that is missing, ahead of its log, or another's.

use std::path::{Path, PathBuf};

use crate::alert::Severity;
use crate::store::migrate::{state_path, with_ending};
use crate::store::outbox::{DeliveryFilter, DeliveryState, Settlement};
use crate::store::samples::{Place, alert, append, check_in, delivery, opening, person, place, second, wall};
use crate::store::{Scope, Store, StoreError};

fn path(place: &Place) -> PathBuf {
    place.directory.path().join("siaga.db")
}

/// Three entries with an alert each, all delivered.
fn filled() -> (Place, PathBuf) {
    let place = place();
    for number in 1..=3 {
        append(&place.store, check_in(&format!("a-{number}"), "UTO:X1", number, ""), wall(number));
        judge(&place.store, number);
        let id = told(number).id;
        place.store.settle(&id, Settlement::Delivered, second(50 + number)).wait().unwrap();
    }
    let path = path(&place);
    (place, path)
}

fn name(number: i64) -> String {
    format!("S-{number}")
}

fn told(number: i64) -> crate::store::outbox::NewDelivery {
    delivery(&name(number), "a@contoh.example", Severity::Siaga2)
}

/// Judges one entry as it always is.
fn judge(store: &Store, number: i64) {
    let step = opening(number, alert(&name(number), "UTO:X1", &[]));
    store.commit(vec![step], number, vec![told(number)], drop).wait().unwrap();
}

fn states(store: &Store) -> Vec<DeliveryState> {
    let page = store.deliveries(&DeliveryFilter::everything(Scope::All), None, 10).unwrap();
    let mut states: Vec<_> = page.items.iter().map(|one| (one.alert.clone(), one.state)).collect();
    states.sort();
    states.into_iter().map(|(_, state)| state).collect()
}

fn lose_the_last_entry(path: &Path) {
    let log = rusqlite::Connection::open(path).unwrap();
    log.execute_batch("DELETE FROM payload WHERE position = 3; DELETE FROM record WHERE newest = 3; DELETE FROM log WHERE position = 3")
        .unwrap();
}

#[test]
fn a_missing_state_is_made_anew_and_judged_from_the_first_entry() {
    let (place, path) = filled();
    drop(place.store);
    for ending in ["", "-wal", "-shm"] {
        drop(std::fs::remove_file(with_ending(&state_path(&path), ending)));
    }
    let store = Store::open(&path, second(100)).unwrap();
    assert_eq!((store.progress().unwrap(), store.head().unwrap()), (0, 3));
    assert_eq!(store.alert("S-1", &Scope::All).unwrap(), None);
    for number in 1..=3 {
        judge(&store, number);
    }
    // nobody knows what was delivered: it goes out again, under the same ids
    assert_eq!(states(&store), [DeliveryState::Waiting; 3]);
    assert_eq!(store.dossier(&person("UTO:X1"), 3).unwrap().records.len(), 3);
    assert!(matches!(store.audit_verify().unwrap(), crate::store::audit::AuditVerdict::Whole { .. }));
}

#[test]
fn a_state_ahead_of_its_log_is_set_aside_and_what_was_delivered_is_known() {
    let (place, path) = filled();
    drop(place.store);
    lose_the_last_entry(&path);
    assert_eq!(Store::join(&path).err(), Some(StoreError::Astray));
    let store = Store::open(&path, second(100)).unwrap();
    assert_eq!((store.progress().unwrap(), store.head().unwrap()), (0, 2));
    let aside = with_ending(&state_path(&path), ".aside-2");
    assert!(aside.exists(), "nothing of it is thrown away");
    for number in 1..=2 {
        judge(&store, number);
    }
    assert_eq!(states(&store), [DeliveryState::Delivered; 2]);
    // another third entry: what it has to tell is told, though one of the same id was delivered
    append(&store, check_in("a-4", "UTO:X1", 4, ""), wall(101));
    judge(&store, 3);
    assert_eq!(states(&store)[2], DeliveryState::Waiting);
    drop(store);
    let store = Store::open(&path, second(102)).unwrap();
    assert_eq!(store.progress().unwrap(), 3, "it is set aside once");
    assert!(matches!(store.audit_verify().unwrap(), crate::store::audit::AuditVerdict::Whole { .. }));
}

#[test]
fn the_state_of_another_log_is_set_aside_with_all_it_knows() {
    let (place, path) = filled();
    drop(place.store);
    let (other, other_path) = filled();
    drop(other.store);
    std::fs::copy(state_path(&other_path), state_path(&path)).unwrap();
    assert_eq!(Store::join(&path).err(), Some(StoreError::Astray));
    let store = Store::open(&path, second(100)).unwrap();
    assert_eq!(store.progress().unwrap(), 0);
    judge(&store, 1);
    assert_eq!(states(&store), [DeliveryState::Waiting]);
}

/// A power failure can take the state's last commits, and not what of them is in the audit log.
#[test]
fn what_a_state_lost_is_said_again_and_nothing_of_the_audit_log_is() {
    let (place, path) = filled();
    place.store.audit_up().wait().unwrap();
    let before = place.store.audit(None, 100).unwrap().items;
    drop(place.store);
    for ending in ["", "-wal", "-shm"] {
        drop(std::fs::remove_file(with_ending(&state_path(&path), ending)));
    }
    let store = Store::open(&path, second(100)).unwrap();
    judge(&store, 1);
    store.audit_up().wait().unwrap();
    let after = store.audit(None, 100).unwrap().items;
    assert!(after.ends_with(&before));
    let new: Vec<_> = after[..after.len() - before.len()].iter().map(|row| row.what.as_str()).collect();
    assert_eq!(new, ["alert.opened", "store.opened"]);
}

#[test]
fn an_older_store_of_one_file_is_parted() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("siaga.db");
    let old = rusqlite::Connection::open(&path).unwrap();
    for schema in ["schema", "schema-2", "schema-3"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store");
        old.execute_batch(&std::fs::read_to_string(folder.join(format!("{schema}.sql"))).unwrap()).unwrap();
    }
    old.execute_batch(
        "PRAGMA user_version = 3;
         INSERT INTO log (position, at, type) VALUES (1, 1000, 'tick');
         UPDATE meta SET value = 1 WHERE key = 'progress';
         UPDATE meta SET value = 7 WHERE key = 'epoch';
         INSERT INTO counter VALUES ('entries', '', 1), ('delivered', 'email', 1);
         INSERT INTO timer VALUES ('person', 'UTO:X1', 'aturan', 'apoa', 'a-1', 0, 5000);
         INSERT INTO delivery VALUES ('d-1', 'S-1', 1, 'kanim', 'email', 'a', 2, '{}', 'delivered', 1, NULL, 'delivered', 1, 1, 2);
         INSERT INTO delivery_attempt VALUES (1, 'd-1', 2, 'delivered');",
    )
    .unwrap();
    drop(old);
    // left over from a first try that broke off
    std::fs::write(state_path(&path), "").unwrap();
    let store = Store::open(&path, second(100)).unwrap();
    assert_eq!((store.epoch().unwrap(), store.progress().unwrap(), store.head().unwrap()), (8, 1, 1));
    assert_eq!(store.next_due().unwrap().map(|due| due.timestamp_millis()), Some(5000));
    assert_eq!(states(&store), [DeliveryState::Delivered]);
    assert_eq!(store.attempts("d-1", &Scope::All).unwrap().len(), 1);
    let counts = store.counts().unwrap();
    assert_eq!((counts.entries, counts.deliveries.len()), (1, 1));
}

#[test]
fn a_row_is_checked_without_building_a_table() {
    let (place, path) = filled();
    let state = state_path(&path);
    for (file, change) in [
        (&path, "INSERT INTO log (at, type) VALUES (1, 'tick')"),
        (&state, "UPDATE delivery SET state = 'dead', due_at = NULL WHERE rowid = 1"),
    ] {
        let connection = rusqlite::Connection::open(file).unwrap();
        let mut statement = connection.prepare(&format!("EXPLAIN {change}")).unwrap();
        let steps: Vec<String> = statement.query_map([], |row| row.get(1)).unwrap().collect::<Result<_, _>>().unwrap();
        assert!(steps.contains(&"TypeCheck".to_owned()), "{change}: {steps:?}");
        assert!(!steps.contains(&"OpenEphemeral".to_owned()), "{change}: {steps:?}");
    }
    drop(place);
}
