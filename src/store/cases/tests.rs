//! Steps commit whole or not at all; people see what their agency was told.

use chrono::TimeDelta;

use crate::alert::{Alert, CloseReason, FindingChange, Severity, Status, Withdrawal};
use crate::entry::{Cause, Effects, RuleFailure, Step, Timer};
use crate::store::audit::AuditVerdict;
use crate::store::log::{StoredBody, StoredEntry};
use crate::store::people::AlertFilter;
use crate::store::recent::{Coming, Kept};
use crate::store::samples::{alert, append, check_in, delivery, finding, opening, person, place, second, wall};
use crate::store::{Scope, Store, StoreError};

fn agency(id: &str) -> Scope {
    Scope::Agency(id.to_owned())
}

fn ids(store: &Store, filter: &AlertFilter) -> Vec<String> {
    let page = store.alerts(filter, None, 100).unwrap();
    page.items.iter().map(|alert| alert.id.to_string()).collect()
}

#[test]
fn a_step_comes_back_with_the_progress() {
    let place = place();
    let store = &place.store;
    let alert = alert("S-1", "UTO:X1", &["polres-oku"]);
    let sent = delivery("S-1", "a@contoh.example", Severity::Siaga2);
    store.commit(vec![opening(3, alert.clone())], 3, vec![sent.clone(), sent], drop).wait().unwrap();
    assert_eq!(store.progress().unwrap(), 3);
    let state = store.subject_state(&person("UTO:X1")).unwrap();
    assert_eq!(state.findings, alert.findings);
    assert_eq!(state.alerts, [alert]);
    assert_eq!(state.timers.len(), 1);
    assert_eq!(store.next_due().unwrap(), Some(second(3600)));
    assert_eq!(store.timers_waiting().unwrap(), [(person("UTO:X1"), state.timers[0].clone())]);
    assert_eq!(store.subjects_with_open_alerts().unwrap(), [person("UTO:X1")]);
    assert_eq!(store.alert_events("S-1", &Scope::All).unwrap().len(), 1);
    let counts = store.counts().unwrap();
    assert_eq!(counts.dispositions, [("open".to_owned(), 1)]);
    assert_eq!(counts.alerts, [("baru".to_owned(), Severity::Siaga2, 1)]);
    let deliveries: u64 = counts.deliveries.iter().map(|(_, _, count)| count).sum();
    assert_eq!(deliveries, 1, "the same delivery twice is one");
}

#[test]
fn alerts_of_the_first_version_keep_their_findings() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("siaga.db");
    let alert = alert("S-1", "UTO:X1", &[]);
    let finding = &alert.findings[0];
    let mut body = serde_json::to_value(&alert).unwrap();
    body["findings"] = serde_json::to_value(&alert.findings).unwrap();
    let old = rusqlite::Connection::open(&path).unwrap();
    old.execute_batch(include_str!("../schema.sql")).unwrap();
    old.pragma_update(None, "user_version", 1).unwrap();
    old.execute(
        "INSERT INTO alert VALUES ('S-1', ?1, 'person', 'UTO:X1', 'baru', 1, 2, 0, NULL, 1000, ?2)",
        [&*alert.rule, &body.to_string()],
    )
    .unwrap();
    old.execute(
        "INSERT INTO finding VALUES ('person', 'UTO:X1', ?1, ?2, ?3, 0, ?4)",
        [
            &*alert.rule,
            &*finding.about.trigger.source,
            &*finding.about.trigger.id,
            &serde_json::to_string(finding).unwrap(),
        ],
    )
    .unwrap();
    drop(old);
    let store = Store::open(&path, second(1)).unwrap();
    assert_eq!(store.alert("S-1", &Scope::All).unwrap(), Some(alert.clone()));
    assert_eq!(store.subject_state(&alert.subject).unwrap().alerts, [alert]);
}

#[test]
fn a_state_of_the_first_version_keeps_its_findings_and_dossiers() {
    let place = place();
    append(&place.store, check_in("a-1", "UTO:X1", 1, ""), wall(1));
    let step = opening(1, alert("S-1", "UTO:X1", &[]));
    place.store.commit(vec![step.clone()], 1, Vec::new(), drop).wait().unwrap();
    let before = place.store.subject_state(&step.subject).unwrap();
    let dossier = place.store.dossier(&step.subject, 1).unwrap();
    assert!(!before.findings.is_empty() && !dossier.records.is_empty());
    let path = place.directory.path().join("siaga.db");
    drop(place.store);
    let state = rusqlite::Connection::open(place.directory.path().join("siaga.db.state")).unwrap();
    state
        .execute_batch(
            "ALTER TABLE finding RENAME TO today;
             CREATE TABLE finding (subject_kind TEXT NOT NULL, subject_key TEXT NOT NULL, rule TEXT NOT NULL,
               trigger_source TEXT NOT NULL, trigger_id TEXT NOT NULL, firing INTEGER NOT NULL, body TEXT NOT NULL, alert TEXT,
               PRIMARY KEY (subject_kind, subject_key, rule, trigger_source, trigger_id, firing)) STRICT, WITHOUT ROWID;
             INSERT INTO finding SELECT * FROM today;
             DROP TABLE today;
             DELETE FROM state_meta WHERE key = 'filed';
             INSERT INTO dossier VALUES ('person', 'UTO:X1', 'lodging.check_in', 1732060801000, 'apoa', 'a-1', 1, NULL),
                                        ('record', 'apoa/a-1', 'lodging.check_in', 1732060801000, 'apoa', 'a-1', 1, NULL);
             PRAGMA user_version = 1;",
        )
        .unwrap();
    drop(state);
    let store = Store::open(&path, second(1)).unwrap();
    assert_eq!(store.subject_state(&step.subject).unwrap(), before);
    assert_eq!(store.dossier(&step.subject, 1).unwrap(), dossier);
}

#[test]
fn when_one_part_fails_nothing_of_it_is_kept() {
    let place = place();
    let store = &place.store;
    let good = opening(1, alert("S-1", "UTO:X1", &[]));
    let mut bad = opening(2, alert("S-2", "UTO:X2", &[]));
    // an event of an alert that there is not
    bad.effects.events[0].alert = "S-none".into();
    let sent = delivery("S-1", "a@contoh.example", Severity::Siaga2);
    let answer = store.commit(vec![good.clone(), bad], 2, vec![sent], drop).wait();
    assert!(matches!(answer, Err(StoreError::Database(_))), "{answer:?}");
    assert_eq!(store.progress().unwrap(), 0);
    let state = store.subject_state(&person("UTO:X1")).unwrap();
    assert!(state.findings.is_empty() && state.alerts.is_empty() && state.timers.is_empty());
    assert_eq!(store.next_delivery_at(second(0)).unwrap(), None);
    assert_eq!(store.counts().unwrap().dispositions, []);
    // and the store goes on
    store.commit(vec![good], 1, Vec::new(), drop).wait().unwrap();
}

#[test]
fn no_step_is_applied_twice_or_ahead_of_its_progress() {
    let place = place();
    let store = &place.store;
    let step = || opening(5, alert("S-1", "UTO:X1", &[]));
    store.commit(vec![step()], 5, Vec::new(), drop).wait().unwrap();
    for (position, progress) in [(5, 5), (5, 6), (7, 6), (6, 4)] {
        let mut step = step();
        step.position = position;
        assert_eq!(
            store.commit(vec![step], progress, Vec::new(), drop).wait(),
            Err(StoreError::OutOfStep { progress: 5 })
        );
    }
    store.commit(Vec::new(), 5, Vec::new(), drop).wait().unwrap();
    store.commit(Vec::new(), 9, Vec::new(), drop).wait().unwrap();
    assert_eq!(store.progress().unwrap(), 9);
}

#[test]
fn no_effect_is_on_disk_before_its_entry() {
    for lands in [true, false] {
        let place = place();
        let (store, recent) = (&place.store, &place.store.inner.recent);
        let entry = StoredEntry { position: 1, at: second(0), body: StoredBody::Tick };
        let coming = recent.add(vec![Kept { entry, moved: None }]);
        assert_eq!((store.tail(0, 9).unwrap().len(), store.tail_ahead(0, 9).unwrap_or_default().len()), (0, 1));
        std::thread::scope(|scope| {
            let commits =
                scope.spawn(|| store.commit(vec![opening(1, alert("S-1", "UTO:X1", &[]))], 1, vec![], drop).wait());
            // it has taken what it needs of the entry
            while recent.ahead(0, 9).is_some_and(|coming| !coming.is_empty()) {
                std::thread::yield_now();
            }
            assert_eq!(store.progress().unwrap(), 0);
            if lands {
                coming.into_iter().for_each(Coming::land)
            } else {
                drop(coming)
            }
            assert_eq!(commits.join().unwrap().is_ok(), lands);
            assert_eq!(store.progress().unwrap(), i64::from(lands));
        });
    }
}

#[test]
fn findings_and_timers_change_and_go() {
    let place = place();
    let store = &place.store;
    let first = alert("S-1", "UTO:X1", &[]);
    store.commit(vec![opening(1, first.clone())], 1, Vec::new(), drop).wait().unwrap();
    let mut changed = finding("UTO:X1", "a-1");
    changed.severity = Severity::Siaga1;
    let moved = Timer {
        // finer than the store keeps
        due: second(60) + TimeDelta::microseconds(1),
        key: changed.key().owned(),
    };
    let step =
        |position, effects| Step { position, at: second(0), cause: Cause::Entry, subject: person("UTO:X1"), effects };
    let effects = Effects {
        findings: vec![FindingChange::Changed(changed.clone())],
        timers_set: vec![moved.clone()],
        ..Effects::default()
    };
    store.commit(vec![step(2, effects)], 2, Vec::new(), drop).wait().unwrap();
    let state = store.subject_state(&person("UTO:X1")).unwrap();
    assert_eq!(state.findings, std::slice::from_ref(&changed));
    assert_eq!(state.timers[0].due, second(60));

    let mut closed = first;
    closed.findings.clear();
    closed.status = Status::Ditutup { reason: CloseReason::EvidenceWithdrawn, at: second(9) };
    let effects = Effects {
        findings: vec![FindingChange::Withdrawn(changed, Withdrawal::EvidenceWithdrawn)],
        timers_cleared: vec![moved],
        alerts: vec![closed.clone()],
        failures: vec![RuleFailure { rule: "lain".into(), reason: "too many steps".to_owned() }],
        ..Effects::default()
    };
    store.commit(vec![step(3, effects)], 3, Vec::new(), drop).wait().unwrap();
    let state = store.subject_state(&person("UTO:X1")).unwrap();
    assert!(state.findings.is_empty() && state.timers.is_empty());
    assert_eq!(state.alerts, [closed]);
    assert_eq!(store.subjects_with_open_alerts().unwrap(), []);
    assert_eq!(store.counts().unwrap().rule_failures, [("lain".to_owned(), 1)]);
    assert_eq!(store.failed_rules().unwrap()[0].last_reason, "too many steps");
    // the kabupaten of its findings is still known
    let mut filter = AlertFilter::everything(Scope::All);
    filter.kabupaten = Some("16.01".to_owned());
    assert_eq!(ids(store, &filter), ["S-1"]);
}

#[test]
fn an_agency_sees_what_it_was_told_of() {
    let place = place();
    let store = &place.store;
    let steps = vec![
        opening(1, alert("S-1", "UTO:X1", &["polres-oku", "kanim-contoh"])),
        opening(2, alert("S-2", "UTO:X2", &["kanim-contoh"])),
        opening(3, alert("S-3", "UTO:X3", &[])),
    ];
    store.commit(steps, 3, Vec::new(), drop).wait().unwrap();
    let of = |scope| ids(store, &AlertFilter::everything(scope));
    assert_eq!(of(Scope::All), ["S-3", "S-2", "S-1"]);
    assert_eq!(of(agency("kanim-contoh")), ["S-2", "S-1"]);
    assert_eq!(of(agency("polres-oku")), ["S-1"]);
    assert_eq!(of(agency("kpu-oku")), Vec::<String>::new());
    assert!(store.alert("S-2", &agency("polres-oku")).unwrap().is_none());
    assert!(store.alert("S-1", &agency("polres-oku")).unwrap().is_some());
    assert!(store.alert_events("S-2", &agency("polres-oku")).unwrap().is_empty());
    assert_eq!(store.alert_events("S-1", &agency("polres-oku")).unwrap().len(), 1);
}

#[test]
fn filters_and_pages() {
    let place = place();
    let store = &place.store;
    let steps = (0..5)
        .map(|number| {
            let mut one: Alert = alert(&format!("S-{number}"), "UTO:X1", &[]);
            one.opened_at = second(number / 2);
            if number == 3 {
                one.severity = Severity::Siaga1;
                one.status = Status::Diterima;
            }
            opening(number + 1, one)
        })
        .collect::<Vec<_>>();
    store.commit(steps, 5, Vec::new(), drop).wait().unwrap();
    let mut cursor: Option<String> = None;
    let mut seen = Vec::new();
    loop {
        let everything = AlertFilter::everything(Scope::All);
        let page = store.alerts(&everything, cursor.as_deref(), 2).unwrap();
        seen.extend(page.items.iter().map(|alert| alert.id.to_string()));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, ["S-4", "S-3", "S-2", "S-1", "S-0"]);

    let mut filter = AlertFilter::everything(Scope::All);
    filter.severity = Some(Severity::Siaga1);
    filter.states = vec!["diterima".to_owned(), "ditinjau".to_owned()];
    filter.rule = Some("inap-berpindah".to_owned());
    filter.held = Some(false);
    assert_eq!(ids(store, &filter), ["S-3"]);
    filter.held = Some(true);
    assert_eq!(ids(store, &filter), Vec::<String>::new());
}

#[test]
fn the_audit_log_tells_when_a_row_was_changed() {
    let place = place();
    let store = &place.store;
    let opened = opening(1, alert("S-1", "UTO:X1", &[]));
    let changed = opening(2, alert("S-1", "UTO:X1", &["polres-oku"]));
    store.commit(vec![opened, changed], 2, Vec::new(), drop).wait().unwrap();
    store.audit_up().wait().unwrap();
    let rows = store.audit(None, 10).unwrap().items;
    let words: Vec<_> = rows.iter().map(|row| row.what.as_str()).collect();
    assert_eq!(words, ["alert.changed", "alert.opened", "store.opened"]);
    let head = store.audit_head().unwrap();
    assert_eq!(head, Some(rows[0].hash));
    assert_eq!(store.audit_verify().unwrap(), AuditVerdict::Whole { rows: 3, head });
    for (tampering, broken) in
        [("UPDATE audit SET actor = 'lain' WHERE seq = 3", 3), ("DELETE FROM audit WHERE seq = 1", 2)]
    {
        store.write(|connection| Ok(connection.execute(tampering, [])?)).wait().unwrap();
        assert_eq!(store.audit_verify().unwrap(), AuditVerdict::Broken { seq: broken });
    }
}
