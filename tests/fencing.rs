//! Two daemons on one store: the second is refused, or takes over; then the older one writes no more and ends.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

mod support {
    #[expect(dead_code, reason = "other tests look at other sides of a process")]
    pub mod process;
}

use std::process::Command;

use serde_json::Value;
use siaga::store::Store;
use siaga::store::audit::AuditVerdict;
use support::process::{Caller, Daemon, Site, wait_until};

fn record(id: &str) -> String {
    format!(
        r#"{{"id":"{id}","source":"hotel-contoh-1","kind":"source.heartbeat","occurred_at":"2024-10-01T08:00:00+07:00"}}"#
    )
}

fn taking_over(site: &Site) -> Command {
    let mut command = site.daemon();
    command.arg("--take-over");
    command
}

#[tokio::test]
async fn a_second_daemon_is_refused_until_the_first_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::new(folder.path(), "");
    let caller = Caller::new();
    let first = Daemon::start(site.daemon());
    let refused = site.verb(&["run"]);
    let told = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(2), "{told}");
    assert!(told.contains("another siaga runs on the store `siaga.db`") && told.contains("--take-over"), "{told}");
    first.ready(&caller).await;
    first.kill();

    let second = Daemon::start(site.daemon());
    let third = Daemon::start(taking_over(&site));
    drop(second);
    third.ready(&caller).await;
    wait_until(async || match site.verb(&["run"]).status.code() {
        Some(2) => Ok(()),
        other => Err(format!("{other:?}")),
    })
    .await;
    assert_eq!(third.stop().0, Some(0));
}

#[tokio::test]
async fn the_second_daemon_on_a_store_fences_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::new(folder.path(), "");
    let token = site.token("operator", "officer");
    let caller = Caller::new();
    let mut first = Daemon::start(site.daemon());
    assert_eq!(caller.post(first.address, &token, record("satu")).await.unwrap().status, 202);

    let second = Daemon::start(taking_over(&site));
    second.ready(&caller).await;
    let refused = caller.post(first.address, &token, record("dua")).await.unwrap();
    assert_eq!(refused.status, 503, "{}", refused.text());
    assert!(refused.text().contains("this process can write nothing more"), "{}", refused.text());
    let (code, said) = first.ended();
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("another process has taken the store over"), "{said}");

    let again = caller.post(second.address, &token, record("dua")).await.unwrap();
    assert_eq!(again.json()["accepted"], 1, "the first daemon wrote it all the same");
    let resent = caller.post(second.address, &token, record("satu")).await.unwrap();
    assert_eq!(resent.json()["duplicates"], 1, "what the first acknowledged is gone");
    second.idle(&caller).await;
    let ready: Value = caller.get(second.address, "/readyz", "").await.unwrap().json();
    assert_eq!((&ready["ready"], &ready["epoch"]), (&Value::from(true), &Value::from(2)));
    assert_eq!(second.stop().0, Some(0));

    let store = Store::join(&site.store()).unwrap();
    assert_eq!(store.counts().unwrap().records, 2);
    assert_eq!(store.progress().unwrap(), store.head().unwrap());
    assert!(matches!(store.audit_verify().unwrap(), AuditVerdict::Whole { .. }));
}

/// Nobody sends anything: the older daemon notices by what it has to do anyway.
#[tokio::test]
async fn asked_whether_it_is_ready_a_fenced_daemon_says_why_not_and_ends() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::new(folder.path(), "");
    let caller = Caller::new();
    let mut first = Daemon::start(site.daemon());
    let second = Daemon::start(taking_over(&site));
    second.ready(&caller).await;
    let answer = caller.get(first.address, "/readyz", "").await.unwrap();
    assert_eq!(answer.status, 503);
    assert!(answer.text().contains("another process has taken the store over"), "{}", answer.text());
    assert_eq!(first.ended().0, Some(2));
    assert_eq!(second.stop().0, Some(0));
}
