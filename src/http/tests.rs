//! Requests through the whole router, over a store in a directory of its own.

mod access;
mod answers;
mod page;
mod records;
mod socket;

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, StatusCode};
use chrono::{DateTime, Days, Utc};
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt as _;

use super::access::token_hash;
use super::*;
use crate::alert::finding::Written;
use crate::alert::{
    Alert, AlertEvent, AlertEventKind, Disposition, Evidence, FindingChange, FindingKey, HoldReason, Message, Severity,
    Status,
};
use crate::clock;
use crate::entry::{Cause, Effects, Position, Step};
use crate::outbox::Waker;
use crate::pack::files::Files;
use crate::pipeline::packs::Packs;
use crate::pipeline::{Pipeline, Post, Setup};
use crate::record::RecordKey;
use crate::record::schema::Group;
use crate::store::access::TokenRecord;
use crate::store::log::{Appended, EdgeTime, NewEntry, StoredBody};
use crate::subject::{Subject, SubjectKind};

static PACK: LazyLock<Arc<Pack>> = LazyLock::new(|| {
    let loaded = crate::pack::build(Files::built_in());
    Arc::new(loaded.pack.unwrap())
});

/// The agency that most tests are about.
const KANIM: &str = "kanim-muaraenim";
/// Another one, that sees places, work and sponsors only.
const DISNAKER: &str = "disnaker-oku";
/// A passport key that must never come out.
const KEY: &str = "UTO:X7654321";
/// A name that only those may read who see identities.
const NAME: &str = "ERIKSSON ANNA";

pub(super) struct Site {
    pub(super) app: App,
    pub(super) store: Store,
    _directory: TempDir,
}

impl Drop for Site {
    fn drop(&mut self) {
        self.app.pipeline.stop();
    }
}

/// A site with these alerts, all opened by one entry.
pub(super) fn site(alerts: Vec<Alert>) -> Site {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&directory.path().join("siaga.db"), clock::now()).unwrap();
    if !alerts.is_empty() {
        seed(&store, alerts);
    }
    let packs = Packs::new(PACK.clone(), 3);
    let setup = Setup {
        store: store.clone(),
        packs: packs.clone(),
        clock: Clock::Wall,
        post: Post::nowhere(),
        committed: Box::new(|_| {}),
    };
    let pipeline = Pipeline::start(setup).unwrap();
    let (outbox, clock) = (Waker::default(), Clock::Wall);
    let folders = Board::default();
    let parts = Parts { store: store.clone(), packs, pipeline, outbox, clock, folders };
    Site { app: App::new(parts, Duration::from_secs(30)), store, _directory: directory }
}

fn seed(store: &Store, alerts: Vec<Alert>) {
    let appended = done(store.append(vec![NewEntry::Tick], EdgeTime::Wall(time()))).unwrap();
    let Some(Appended::At { position, .. }) = appended.first() else { panic!("no entry") };
    let steps = alerts.into_iter().map(|alert| opening(*position, alert)).collect::<Vec<_>>();
    done(store.commit(steps, *position, Vec::new(), drop)).unwrap();
}

fn opening(position: Position, alert: Alert) -> Step {
    let what = AlertEventKind::Disposed { finding: None, disposition: Disposition::Open };
    let event = AlertEvent { alert: alert.id.clone(), at: alert.opened_at, what };
    let subject = alert.subject.clone();
    let (at, cause) = (alert.opened_at, Cause::Entry);
    let findings = alert.findings.iter().cloned().map(FindingChange::Added).collect();
    Step {
        position,
        at,
        cause,
        subject,
        effects: Effects { findings, alerts: vec![alert], events: vec![event], ..Effects::default() },
    }
}

pub(super) fn time() -> DateTime<Utc> {
    "2024-11-24T08:00:00+07:00".parse().unwrap()
}

/// An alert of which some agencies were told; each has a person of its own.
pub(super) fn alert(id: &str, told: &[&str]) -> Alert {
    let rule: Arc<str> = "kerja-izin-kunjungan".into();
    let subject = Subject { kind: SubjectKind::Person, key: format!("{KEY}{id}").into() };
    let trigger = RecordKey { source: "apoa".into(), id: format!("r-{id}").into() };
    let message =
        |text: &str, groups: &[Group]| Message { text: text.into(), groups: groups.iter().copied().collect() };
    let line = |text: &str, value: &str, groups: &[Group]| Evidence {
        text: text.into(),
        value: value.into(),
        bound: None,
        holds: true,
        groups: groups.iter().copied().collect(),
    };
    let finding = Written {
        key: FindingKey { rule: rule.clone(), trigger, firing: 0 },
        subject: subject.clone(),
        occurred_at: time(),
        at: time(),
        phase: "tenang".into(),
        kabupaten: Some("16.01".into()),
        severity: Severity::Siaga1,
        notify: [
            (
                "kanim".into(),
                message(&format!("{NAME}: bekerja dengan izin kunjungan"), &[Group::Identity, Group::Permit]),
            ),
            ("disnaker".into(), message("PT Contoh: perlu dicek", &[Group::Work])),
        ]
        .into(),
        basis: PACK.citations.iter().take(1).map(|citation| citation.id.clone()).collect(),
        evidence: [
            line("record.work.employer_id", "pt-contoh", &[Group::Work]),
            line("permit().kind == \"visit\"", "visit", &[Group::Permit]),
        ]
        .into(),
        exempt: false,
    };
    Alert {
        id: id.into(),
        rule,
        subject,
        occasion: "case".to_owned(),
        status: Status::Baru,
        severity: Severity::Siaga1,
        held: None,
        opened_at: time(),
        updated_at: time(),
        findings: vec![finding.into()],
        revision: 1,
        told: told.iter().map(|agency| Arc::from(*agency)).collect(),
    }
}

/// The token of an agency and role, good for everything that it may send.
pub(super) fn token(site: &Site, agency: &str, role: Role) -> String {
    token_for(site, agency, role, &["*"], &["*"])
}

pub(super) fn token_for(site: &Site, agency: &str, role: Role, sources: &[&str], kinds: &[&str]) -> String {
    let token = super::access::new_token().unwrap();
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let record = TokenRecord {
        hash: token_hash(&token),
        agency: agency.to_owned(),
        role: role.word().to_owned(),
        sources: words(sources),
        kinds: words(kinds),
        created_at: clock::now(),
        expires_at: clock::now().checked_add_days(Days::new(1)),
    };
    done(site.store.token_add(record, "uji")).unwrap();
    token
}

/// Waits for a write from within the runtime.
pub(super) fn done<T>(answer: crate::store::Answer<T>) -> Result<T, StoreError> {
    tokio::task::block_in_place(|| answer.wait())
}

pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) response: Response<()>,
    pub(super) text: String,
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.response.headers().get(name).map_or("", |value| value.to_str().unwrap())
    }
}

pub(super) async fn send(site: &Site, request: Request<Body>) -> Answer {
    let response = router(&site.app).oneshot(request).await.unwrap();
    let (head, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let text = String::from_utf8(body.to_vec()).unwrap();
    Answer { status: head.status, response: Response::from_parts(head, ()), text }
}

pub(super) fn request(method: &str, path: &str, token: Option<&str>, body: impl Into<Body>) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    request.header("content-type", "application/json").body(body.into()).unwrap()
}

pub(super) async fn get_json(site: &Site, path: &str, token: &str) -> Value {
    let answer = send(site, request("GET", path, Some(token), "")).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
    answer.json()
}

/// How many entries are in the log, without the pipeline's own ticks.
pub(super) fn logged(site: &Site) -> usize {
    let entries = site.store.tail(0, 10_000).unwrap();
    entries.iter().filter(|entry| entry.body != StoredBody::Tick).count()
}

/// Waits until the pipeline has judged everything that is in the log.
pub(super) async fn settled(site: &Site) {
    let (pipeline, head) = (site.app.pipeline.clone(), site.store.head().unwrap());
    assert!(tokio::task::spawn_blocking(move || pipeline.wait_for(head)).await.unwrap());
}
