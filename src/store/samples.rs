//! Sample records, alerts and deliveries for the store's tests.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::alert::finding::Written;
use crate::alert::{Alert, AlertEvent, AlertEventKind, Disposition, Finding, FindingKey};
use crate::alert::{FindingChange, Severity, Status};
use crate::entry::{Cause, Effects, Position, Step, Timer};
use crate::notice::{Notice, Occasion};
use crate::record::RecordKey;
use crate::store::Store;
use crate::store::log::{Appended, EdgeTime, NewEntry, NewRecord};
use crate::store::outbox::{Channel, NewDelivery, delivery_id};
use crate::subject::{Subject, SubjectKind};

/// A store in a directory that goes with it.
pub(super) struct Place {
    pub(super) store: Store,
    pub(super) directory: TempDir,
}

pub(super) fn place() -> Place {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&directory.path().join("siaga.db"), second(0)).unwrap();
    Place { store, directory }
}

/// So many seconds into the samples' time.
pub(super) fn second(count: i64) -> DateTime<Utc> {
    let start: DateTime<Utc> = "2024-11-20T00:00:00Z".parse().unwrap();
    start + TimeDelta::seconds(count)
}

pub(super) fn wall(count: i64) -> EdgeTime {
    EdgeTime::Wall(second(count))
}

pub(super) fn person(key: &str) -> Subject {
    subject(SubjectKind::Person, key)
}

pub(super) fn subject(kind: SubjectKind, key: &str) -> Subject {
    Subject { kind, key: Arc::from(key) }
}

pub(super) fn key(id: &str) -> RecordKey {
    RecordKey { source: Arc::from("apoa"), id: Arc::from(id) }
}

/// A check-in of one person at `occurred`; `says` tells revisions apart.
pub(super) fn check_in(id: &str, who: &str, occurred: i64, says: &str) -> NewRecord {
    let body = format!(r#"{{"id":"{id}","says":"{says}"}}"#);
    NewRecord {
        key: key(id),
        kind: Arc::from("lodging.check_in"),
        occurred_at: second(occurred),
        received_at: None,
        withdrawn: false,
        subjects: vec![person(who), subject(SubjectKind::Lodging, "hotel-contoh-1")],
        content_hash: Sha256::digest(format!("{id} {who} {occurred} {says}")).into(),
        body: body.into_bytes(),
        unknown_fields: 0,
    }
}

pub(super) fn append(store: &Store, record: NewRecord, time: EdgeTime) -> Appended {
    let entry = NewEntry::Record(Box::new(record));
    store.append(vec![entry], time).wait().unwrap().remove(0)
}

/// Commits all that is in the log, without anything that came of it.
pub(super) fn judge(store: &Store) {
    store.commit(Vec::new(), store.head().unwrap(), Vec::new(), drop).wait().unwrap();
}

pub(super) fn position(appended: &Appended) -> Position {
    match appended {
        Appended::At { position, .. } => *position,
        other => panic!("not in the log: {other:?}"),
    }
}

pub(super) fn finding(who: &str, trigger: &str) -> Finding {
    Written {
        key: FindingKey { rule: Arc::from("inap-berpindah"), trigger: key(trigger), firing: 0 },
        subject: person(who),
        occurred_at: second(1),
        at: second(1),
        phase: Arc::from("tenang"),
        kabupaten: Some(Arc::from("16.01")),
        severity: Severity::Siaga2,
        notify: [].into(),
        basis: [].into(),
        evidence: [].into(),
        exempt: false,
    }
    .into()
}

pub(super) fn alert(id: &str, who: &str, told: &[&str]) -> Alert {
    Alert {
        id: Arc::from(id),
        rule: Arc::from("inap-berpindah"),
        subject: person(who),
        occasion: "case".to_owned(),
        status: Status::Baru,
        severity: Severity::Siaga2,
        held: None,
        opened_at: second(1),
        updated_at: second(1),
        findings: vec![finding(who, "a-1")],
        revision: 1,
        told: told.iter().map(|agency| Arc::from(*agency)).collect(),
    }
}

/// A step that opens an alert for a finding and sets a timer.
pub(super) fn opening(position: Position, alert: Alert) -> Step {
    let finding = alert.findings[0].clone();
    let event = AlertEvent {
        alert: alert.id.clone(),
        at: alert.opened_at,
        what: AlertEventKind::Disposed { finding: Some(finding.key().owned()), disposition: Disposition::Open },
    };
    let timer = Timer { due: second(3600), key: finding.key().owned() };
    Step {
        position,
        at: alert.opened_at,
        cause: Cause::Entry,
        subject: alert.subject.clone(),
        effects: Effects {
            findings: vec![FindingChange::Added(finding)],
            timers_set: vec![timer],
            alerts: vec![alert],
            events: vec![event],
            ..Effects::default()
        },
    }
}

pub(super) fn delivery(alert: &str, recipient: &str, severity: Severity) -> NewDelivery {
    NewDelivery {
        id: delivery_id(alert, 1, recipient, Channel::Email),
        alert: Arc::from(alert),
        revision: 1,
        agency: Arc::from("kanim-contoh"),
        channel: Channel::Email,
        recipient: recipient.into(),
        notice: notice(alert, severity),
        created_at: second(1),
        not_before: second(1),
        lease_until: None,
    }
}

fn notice(alert: &str, severity: Severity) -> Notice {
    Notice {
        alert: Arc::from(alert),
        revision: 1,
        agency: Arc::from("kanim-contoh"),
        agency_name: "Kanim Contoh".to_owned(),
        occasion: Occasion::Opened,
        rule: Arc::from("inap-berpindah"),
        title: "Contoh".to_owned(),
        severity,
        phase: "Masa Tenang".to_owned(),
        kabupaten: "OKU".to_owned(),
        occurred_at: second(1),
        opened_at: second(1),
        at: second(1),
        findings: 1,
        message: "contoh".into(),
        action: String::new(),
        why: String::new(),
        false_positives: String::new(),
        evidence: Vec::new(),
        evidence_hidden: 0,
        basis: Vec::new(),
    }
}
