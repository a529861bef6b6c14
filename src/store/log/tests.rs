//! What is appended comes back: identity, revisions, time, order.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::TimeDelta;

use super::{ActOnAlert, Appended, EdgeTime, NewEntry, NewRecord, SetThreshold, Standing, StoredBody};
use crate::alert::Act;
use crate::entry::{Position, ThresholdChange};
use crate::store::packs::PackInForce;
use crate::store::quarantine::NewQuarantined;
use crate::store::samples::{append, check_in, judge, key, person, place, position, second, wall};
use crate::store::{Store, whole_millisecond};
use crate::subject::Subject;

fn standings(store: &Store) -> Vec<Standing> {
    let entries = store.tail(0, 100).unwrap();
    entries
        .into_iter()
        .filter_map(|entry| match entry.body {
            StoredBody::Record { standing, .. } => Some(standing),
            _ => None,
        })
        .collect()
}

fn ids(store: &Store, subject: &Subject, as_of: i64) -> Vec<(String, u32)> {
    judge(store);
    let dossier = store.dossier(subject, as_of).unwrap();
    let name = |record: &super::StoredRecord| (record.key.id.to_string(), record.revision);
    dossier.records.iter().map(name).collect()
}

#[test]
fn a_record_comes_back_as_it_was() {
    let place = place();
    let record = check_in("a-1", "UTO:X1", 5, "first");
    let at = position(&append(&place.store, record.clone(), wall(10)));
    let entries = place.store.tail(0, 10).unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!((entries[0].position, entries[0].at), (at, second(10)));
    let StoredBody::Record { record: stored, standing } = &entries[0].body else { panic!("not a record") };
    assert_eq!(stored.key, record.key);
    assert_eq!(stored.body, record.body);
    assert_eq!((stored.occurred_at, stored.received_at), (second(5), second(10)));
    assert_eq!(*standing, Standing::Newest { replaced: None });
    assert_eq!(place.store.record(&key("a-1")).unwrap().as_ref(), Some(&**stored));
}

#[test]
fn the_same_content_again_is_a_duplicate() {
    let place = place();
    append(&place.store, check_in("a-1", "UTO:X1", 5, "first"), wall(10));
    let again = append(&place.store, check_in("a-1", "UTO:X1", 5, "first"), wall(11));
    assert_eq!(again, Appended::Duplicate);
    let counts = place.store.counts().unwrap();
    assert_eq!((counts.entries, counts.records, counts.duplicates), (1, 1, 1));
    assert_eq!(place.store.last_at().unwrap(), Some(second(10)));
}

#[test]
fn within_one_call_a_duplicate_is_seen_too() {
    let place = place();
    let record = || NewEntry::Record(Box::new(check_in("a-1", "UTO:X1", 5, "first")));
    let appended = place.store.append(vec![record(), record()], wall(10)).wait().unwrap();
    assert_eq!(appended[1], Appended::Duplicate);
}

#[test]
fn a_revision_moves_the_record_to_its_new_subject() {
    let place = place();
    let store = &place.store;
    let first = position(&append(store, check_in("a-1", "UTO:X1", 5, "first"), wall(10)));
    let second_at = append(store, check_in("a-1", "UTO:X2", 4, "second"), wall(11));
    assert!(matches!(second_at, Appended::At { revision: 2, .. }));
    let now = position(&second_at);

    assert_eq!(ids(store, &person("UTO:X1"), now), []);
    assert_eq!(ids(store, &person("UTO:X2"), now), [("a-1".to_owned(), 2)]);
    // a step for the first entry still sees what there was then
    assert_eq!(ids(store, &person("UTO:X1"), first), [("a-1".to_owned(), 1)]);
    assert_eq!(ids(store, &person("UTO:X2"), first), []);

    let Standing::Newest { replaced: Some(replaced) } = standings(store).remove(1) else {
        panic!("it replaced the first")
    };
    assert_eq!((replaced.position, replaced.occurred_at), (first, second(5)));
    assert!(replaced.subjects_before.contains(&person("UTO:X1")));
}

fn dated(says: &str, received: i64) -> NewRecord {
    let mut record = check_in("a-1", "UTO:X1", 5, says);
    record.received_at = Some(second(received));
    record
}

#[test]
fn an_older_revision_that_comes_late_is_logged_and_changes_nothing() {
    let place = place();
    let store = &place.store;
    append(store, dated("newer", 20), EdgeTime::Records);
    let late = append(store, dated("older", 10), EdgeTime::Records);
    assert!(matches!(late, Appended::At { revision: 2, at, .. } if at == second(20)), "{late:?}");
    assert_eq!(standings(store)[1], Standing::Stale);
    assert_eq!(store.record(&key("a-1")).unwrap().unwrap().revision, 1);
    // reading the same file again changes nothing
    assert_eq!(append(store, dated("older", 10), EdgeTime::Records), Appended::Duplicate);
    let third = append(store, dated("newest", 20), EdgeTime::Records);
    assert!(matches!(third, Appended::At { revision: 3, .. }), "at equal times the later arrival wins: {third:?}");
    assert_eq!(store.record(&key("a-1")).unwrap().unwrap().revision, 3);
    assert_eq!(store.counts().unwrap().stale, 1);
}

#[test]
fn the_same_content_received_again_is_newer_than_what_lies_between() {
    let place = place();
    let store = &place.store;
    append(store, dated("first", 10), EdgeTime::Records);
    assert_eq!(append(store, dated("first", 12), EdgeTime::Records), Appended::Duplicate);
    append(store, dated("between", 11), EdgeTime::Records);
    assert_eq!(standings(store)[1], Standing::Stale);
}

#[test]
fn a_record_cannot_be_received_after_now() {
    let place = place();
    let mut record = check_in("a-1", "UTO:X1", 5, "first");
    record.received_at = Some(second(99));
    append(&place.store, record, wall(10));
    let stored = place.store.record(&key("a-1")).unwrap().unwrap();
    assert_eq!(stored.received_at, second(10));
}

#[test]
fn a_withdrawn_record_leaves_its_dossiers_and_can_come_back() {
    let place = place();
    let store = &place.store;
    append(store, check_in("a-1", "UTO:X1", 5, "first"), wall(10));
    let mut gone = check_in("a-1", "UTO:X1", 5, "withdrawn");
    gone.withdrawn = true;
    let gone = position(&append(store, gone, wall(11)));
    assert_eq!(ids(store, &person("UTO:X1"), gone), []);
    assert!(store.record(&key("a-1")).unwrap().unwrap().withdrawn);

    let back = position(&append(store, check_in("a-1", "UTO:X1", 5, "first"), wall(12)));
    assert_eq!(ids(store, &person("UTO:X1"), back), [("a-1".to_owned(), 3)]);
    let Standing::Newest { replaced: Some(replaced) } = standings(store).remove(2) else {
        panic!("it replaced the withdrawal")
    };
    assert!(replaced.subjects_before.is_empty());
}

#[test]
fn time_never_runs_backwards() {
    let place = place();
    let store = &place.store;
    append(store, check_in("a-1", "UTO:X1", 5, "x"), wall(100));
    let early = append(store, check_in("a-2", "UTO:X1", 6, "x"), wall(50));
    assert!(matches!(early, Appended::At { at, .. } if at == second(100)));
    let by_record = append(store, check_in("a-3", "UTO:X1", 200, "x"), EdgeTime::Records);
    assert!(matches!(by_record, Appended::At { at, .. } if at == second(200)));
    let tick = store.append(vec![NewEntry::Tick], EdgeTime::Records).wait().unwrap();
    assert!(matches!(tick[0], Appended::At { at, .. } if at == second(200)));
}

#[test]
fn times_are_cut_to_the_millisecond_before_they_are_compared() {
    let place = place();
    let store = &place.store;
    let fine = |micros| second(10) + TimeDelta::microseconds(micros);
    assert_eq!(whole_millisecond(fine(1999)), fine(1000));
    let dated = |says, micros| {
        let mut record = check_in("a-1", "UTO:X1", 5, says);
        record.received_at = Some(fine(micros));
        record
    };
    append(store, dated("first", 1900), EdgeTime::Records);
    // earlier within the same millisecond: the same time, so the later arrival wins
    append(store, dated("second", 1100), EdgeTime::Records);
    let newest = store.record(&key("a-1")).unwrap().unwrap();
    assert_eq!((newest.revision, newest.received_at), (2, fine(1000)));
}

#[test]
fn what_is_not_a_record_comes_back_too() {
    let place = place();
    let store = &place.store;
    let change = ThresholdChange {
        name: "inap_berpindah".into(),
        phase: None,
        kabupaten: Some("16.01".into()),
        value: Some(3.5),
    };
    let act =
        ActOnAlert { alert: "S-1".into(), subject: person("UTO:X1"), by: "polres-oku".into(), act: Act::Acknowledge };
    let files = BTreeMap::from([("pack.toml".to_owned(), "name = \"uji\"".to_owned())]);
    let entries = vec![
        NewEntry::Pack { hash: "00ff".to_owned(), files: files.clone().into() },
        NewEntry::Tick,
        NewEntry::Threshold { change: change.clone(), by: "kesbangpol-oku".into() },
        NewEntry::Act(act.clone()),
    ];
    store.append(entries, wall(1)).wait().unwrap();
    let bodies: Vec<_> = store.tail(0, 10).unwrap().into_iter().map(|entry| entry.body).collect();
    let pack = PackInForce { hash: "00ff".to_owned(), stopped: Vec::new() };
    assert_eq!(
        bodies,
        [StoredBody::Pack(pack.clone()), StoredBody::Tick, StoredBody::Threshold(change.clone()), StoredBody::Act(act)]
    );
    assert_eq!(store.pack_at(4).unwrap(), Some(pack));
    assert_eq!(store.pack_files("00ff").unwrap(), Some(files));
    assert_eq!(store.pack_files("00fe").unwrap(), None);
    let set = SetThreshold { position: 3, at: second(1), by: Some("kesbangpol-oku".into()), change };
    assert_eq!(store.threshold_changes().unwrap(), [set]);
}

#[test]
fn quarantine_keeps_the_bytes_and_counts_a_sender_that_repeats_itself() {
    let place = place();
    let store = &place.store;
    let broken = |body: &[u8]| {
        NewEntry::Quarantine(NewQuarantined {
            source: Some("apoa".to_owned()),
            id: None,
            code: "missing-field".to_owned(),
            pointer: "/id".to_owned(),
            detail: "`id` is missing".to_owned(),
            body: body.to_vec(),
            submitted_by: "kanim-contoh".to_owned(),
        })
    };
    let appended = store.append(vec![broken(b"\xff{"), broken(b"\xff{"), broken(b"{}")], wall(1)).wait().unwrap();
    assert_eq!(appended[0], appended[1]);
    let Appended::Quarantined { id } = appended[0] else { panic!("not in quarantine") };
    let kept = store.quarantined(id).unwrap().unwrap();
    assert_eq!((kept.body.as_slice(), kept.times), (&b"\xff{"[..], 2));
    assert!(store.tail(0, 10).unwrap().is_empty());
    assert_eq!(store.counts().unwrap().quarantined, [("missing-field".to_owned(), 2)]);

    let first = store.quarantine(None, 1).unwrap();
    let next = store.quarantine(first.next.as_deref(), 1).unwrap();
    assert_eq!((next.items[0].id, next.next), (id, None));
    store.quarantine_drop(id, "uji", "kanim-contoh", second(2)).wait().unwrap();
    assert_eq!(store.quarantined(id).unwrap().unwrap().settled_how.as_deref(), Some("dropped: uji"));
    assert_eq!(store.quarantine(None, 10).unwrap().items.len(), 1);
    assert!(store.quarantine_drop(id, "uji", "kanim-contoh", second(2)).wait().is_err());
    assert!(store.quarantine(Some("nonsense"), 1).is_err());
}

#[test]
fn what_waits_under_a_records_name_is_settled_when_the_record_stands() {
    let place = place();
    let store = &place.store;
    let waits = |id: &str, body: &str| {
        NewEntry::Quarantine(NewQuarantined {
            source: Some("apoa".to_owned()),
            id: Some(id.to_owned()),
            code: "date".to_owned(),
            pointer: "/occurred_at".to_owned(),
            detail: "contoh".to_owned(),
            body: body.as_bytes().to_vec(),
            submitted_by: "kanim-contoh".to_owned(),
        })
    };
    let rows = vec![waits("a-1", "satu"), waits("a-1", "dua"), waits("a-2", "tiga")];
    store.append(rows, wall(1)).wait().unwrap();
    assert_eq!(store.counts().unwrap().quarantined, [("date".to_owned(), 3)]);
    let record = || vec![NewEntry::Record(Box::new(check_in("a-1", "UTO:X1", 1, "")))];
    store.append(record(), wall(2)).wait().unwrap();
    assert_eq!(store.counts().unwrap().quarantined, [("date".to_owned(), 1)]);
    let settled = store.quarantined(1).unwrap().unwrap();
    assert_eq!((settled.settled_at, settled.settled_how.as_deref()), (Some(second(2)), Some("corrected")));
    let audited = store.audit(None, 2).unwrap().items;
    assert!(audited.iter().all(|row| row.what == "quarantine.corrected"), "{audited:?}");

    store.append(vec![waits("a-1", "satu")], wall(3)).wait().unwrap();
    store.append(record(), wall(4)).wait().unwrap();
    assert_eq!(store.counts().unwrap().quarantined, [("date".to_owned(), 2)], "a duplicate corrects nothing");

    let first = self::place();
    let entries = vec![waits("a-1", "satu"), record().remove(0)];
    first.store.append(entries, wall(1)).wait().unwrap();
    assert_eq!(first.store.counts().unwrap().quarantined, [], "what began to wait in the same append is settled too");
}

#[test]
fn the_tail_has_no_gaps_however_it_is_cut() {
    let place = place();
    let store = &place.store;
    let entries =
        (0..25).map(|number| NewEntry::Record(Box::new(check_in(&format!("a-{number}"), "UTO:X1", 1, "")))).collect();
    store.append(entries, wall(1)).wait().unwrap();
    let mut after = 0;
    let mut seen = Vec::new();
    loop {
        let part = store.tail(after, 4).unwrap();
        let Some(last) = part.last() else { break };
        after = last.position;
        seen.extend(part.into_iter().map(|entry| entry.position));
    }
    assert_eq!(seen, (1..=25).collect::<Vec<_>>());
}

#[test]
fn each_position_knows_the_pack_in_force_and_a_rule_is_stopped_in_that_one_only() {
    let place = place();
    let store = &place.store;
    let pack = |hash: &str| NewEntry::Pack { hash: hash.to_owned(), files: Arc::default() };
    let stop = |rule: &str, of: &str| NewEntry::Stop { rule: rule.into(), of: of.to_owned() };
    let append = |entry| store.append(vec![entry], wall(1)).wait().unwrap().remove(0).position();
    assert_eq!((store.pack_at(0).unwrap(), append(NewEntry::Tick)), (None, Some(1)));
    assert_eq!((append(pack("aa")), append(NewEntry::Tick), append(stop("satu", "aa"))), (Some(2), Some(3), Some(4)));
    assert_eq!((append(stop("satu", "aa")), append(stop("dua", "aa"))), (None, Some(5)));
    assert_eq!((append(pack("bb")), append(stop("tiga", "aa"))), (Some(6), None));
    let in_force = |hash: &str, stopped: &[&str]| {
        let stopped = stopped.iter().map(|rule| Arc::from(*rule)).collect();
        Some(PackInForce { hash: hash.to_owned(), stopped })
    };
    let expected = [(0, in_force("aa", &[])), (3, in_force("aa", &[])), (4, in_force("aa", &["satu"]))];
    let later = [(5, in_force("aa", &["satu", "dua"])), (6, in_force("bb", &[])), (Position::MAX, in_force("bb", &[]))];
    for (position, pack) in expected.into_iter().chain(later) {
        assert_eq!(store.pack_at(position).unwrap(), pack, "at {position}");
    }
}
