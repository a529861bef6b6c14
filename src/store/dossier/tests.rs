//! Order and bound of a dossier.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use rusqlite::Connection;

use super::{Dossier, dossier, file_all};
use crate::store::samples::{append, check_in, judge, person, place, second, subject, wall};
use crate::store::{Store, StoreError, state_meta};
use crate::subject::{Subject, SubjectKind};

#[test]
fn it_is_ordered_by_when_things_happened_and_not_by_arrival() {
    let place = place();
    let store = &place.store;
    for (id, occurred) in [("b", 30), ("c", 10), ("a", 30), ("d", 20)] {
        append(store, check_in(id, "UTO:X1", occurred, ""), wall(100));
    }
    append(store, check_in("e", "UTO:X2", 5, ""), wall(100));
    judge(store);
    let ids = |subject| {
        let records = store.dossier(&subject, i64::MAX).unwrap().records;
        let ids: Vec<_> = records.iter().map(|record| record.key.id.to_string()).collect();
        ids.concat()
    };
    assert_eq!(ids(person("UTO:X1")), "cdab");
    assert_eq!(ids(subject(SubjectKind::Lodging, "hotel-contoh-1")), "ecdab");
    assert_eq!(ids(person("UTO:X3")), "");
}

#[test]
fn the_bound_keeps_the_newest_of_each_kind_and_says_what_it_cut() -> Result<(), StoreError> {
    let place = place();
    let store = &place.store;
    for number in 0..5 {
        append(store, check_in(&format!("in-{number}"), "UTO:X1", number, ""), wall(100));
    }
    let mut out = check_in("out-0", "UTO:X1", 0, "");
    out.kind = Arc::from("lodging.check_out");
    append(store, out, wall(100));
    judge(store);
    let person = person("UTO:X1");
    let read = |store: &Store, most: usize| {
        store.read(|connection| {
            let filed = state_meta(connection, "filed")?;
            let changes =
                store.inner.unfiled.changes(connection, std::slice::from_ref(&person), filed, store.head()?)?;
            let found = dossier(connection, &person, i64::MAX, &changes[0], most)?;
            Ok((found.records.iter().map(|record| record.key.id.to_string()).collect::<Vec<_>>(), found.cut))
        })
    };
    for is_filed in [false, true] {
        if is_filed {
            file_now(store);
        }
        let (ids, cut) = read(store, 2)?;
        assert_eq!(ids, ["out-0", "in-3", "in-4"], "filed: {is_filed}");
        assert_eq!(cut, 3, "filed: {is_filed}");
    }
    // one that is filed leaves, and a new one enters: an older one takes the place that is free
    let mut gone = check_in("in-4", "UTO:X1", 4, "gone");
    gone.withdrawn = true;
    append(store, gone, wall(101));
    append(store, check_in("in-2b", "UTO:X1", 2, ""), wall(101));
    judge(store);
    for (most, kept, gone) in [(2, vec!["out-0", "in-2b", "in-3"], 3), (3, vec!["out-0", "in-2", "in-2b", "in-3"], 2)] {
        let (ids, cut) = read(store, most)?;
        assert_eq!((ids, cut), (kept.into_iter().map(str::to_owned).collect(), gone));
    }
    Ok(())
}

/// Has all filed that is judged.
fn file_now(store: &Store) {
    let (unfiled, readers) = (Arc::clone(&store.inner.unfiled), Arc::clone(&store.inner.readers));
    let work = move |state: &Connection| {
        file_all(state, &unfiled, &readers, state_meta(state, "filed")?, state_meta(state, "progress")?, false)
    };
    store.write_state(work).wait().unwrap();
}

#[test]
fn several_dossiers_come_in_the_order_asked_for() {
    let place = place();
    let store = &place.store;
    for (id, who) in [("a", "UTO:X1"), ("b", "UTO:X2"), ("c", "UTO:X1")] {
        append(store, check_in(id, who, 1, ""), wall(100));
    }
    judge(store);
    let subjects = [person("UTO:X2"), person("UTO:X3"), person("UTO:X1")];
    let each: Vec<_> = subjects.iter().map(|subject| store.dossier(subject, 2).unwrap()).collect();
    assert_eq!(each.iter().map(|dossier| dossier.records.len()).collect::<Vec<_>>(), [1, 0, 1]);
    assert_eq!(store.dossiers(&subjects, 2).unwrap(), each);
    let states = store.subject_states(&subjects).unwrap();
    assert_eq!(states.len(), subjects.len());
}

/// What happens to a store.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// A record comes in or comes again: which, about whom, when it happened, whether it is taken back.
    Record(u8, u8, i64, bool),
    /// All that is in the log is judged.
    Judge,
    /// All that is judged is filed.
    File,
    /// The process ends, and another one begins.
    Restart,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        8 => (0..4_u8, 0..3_u8, 0..5_i64, prop::bool::weighted(0.2)).prop_map(|(id, who, at, gone)| Event::Record(id, who, at, gone)),
        3 => Just(Event::Judge),
        2 => Just(Event::File),
        1 => Just(Event::Restart),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_dossier_is_the_same_whether_or_not_it_is_filed(events in prop::collection::vec(event(), 1..30)) {
        let place = place();
        let path = place.directory.path().join("siaga.db");
        let mut store = place.store;
        // after each entry: the newest revisions so far, by id
        let mut stood = vec![BTreeMap::new()];
        let mut says = 0;
        for event in events {
            match event {
                Event::Record(id, who, at, withdrawn) => {
                    says += 1;
                    let mut record = check_in(&format!("a-{id}"), &format!("UTO:X{who}"), at, &says.to_string());
                    record.withdrawn = withdrawn;
                    record.subjects.push(subject(SubjectKind::Record, &format!("apoa/a-{id}")));
                    let mut now = stood.last().cloned().unwrap_or_default();
                    now.insert(id, record.clone());
                    append(&store, record, wall(100));
                    stood.push(now);
                }
                Event::Judge => judge(&store),
                Event::File => file_now(&store),
                Event::Restart => {
                    drop(store);
                    store = Store::open(&path, second(100)).unwrap();
                }
            }
        }
        let judged = usize::try_from(store.progress().unwrap()).unwrap();
        let whom = (0..3).map(|who| person(&format!("UTO:X{who}")));
        let records = (0..4).map(|id| subject(SubjectKind::Record, &format!("apoa/a-{id}")));
        let subjects: Vec<Subject> = whom.chain(records).chain([subject(SubjectKind::Lodging, "hotel-contoh-1")]).collect();
        for (as_of, now) in stood.iter().take(judged + 1).enumerate() {
            let found = store.dossiers(&subjects, i64::try_from(as_of).unwrap()).unwrap();
            for (subject, Dossier { records, cut }) in subjects.iter().zip(found) {
                let theirs = now.values().filter(|record| !record.withdrawn && record.subjects.contains(subject));
                let mut wanted: Vec<_> = theirs.map(|record| (record.occurred_at, record.key.clone(), record.body.clone())).collect();
                wanted.sort();
                let found: Vec<_> = records.into_iter().map(|record| (record.occurred_at, record.key, record.body)).collect();
                prop_assert_eq!((found, cut), (wanted, 0), "{:?} as of {}", subject.kind, as_of);
            }
        }
    }
}
