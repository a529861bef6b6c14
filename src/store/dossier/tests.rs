//! Order and bound of a dossier.

use std::sync::Arc;

use super::dossier;
use crate::store::StoreError;
use crate::store::samples::{append, check_in, judge, person, place, subject, wall};
use crate::subject::SubjectKind;

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
    store.read(|connection| {
        let found = dossier(connection, &person("UTO:X1"), i64::MAX, 2)?;
        let ids: Vec<_> = found.records.iter().map(|record| record.key.id.to_string()).collect();
        assert_eq!(ids, ["out-0", "in-3", "in-4"]);
        assert_eq!(found.cut, 3);
        Ok(())
    })
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
