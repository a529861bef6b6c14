//! A name, a passport and an address go through the whole daemon: no log, metric, subject, thin body or URL shows them.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops where it fails")]

mod support {
    pub mod aiosmtpd;
    #[expect(dead_code, reason = "this receiver always listens")]
    pub mod desk;
    #[expect(dead_code, reason = "other tests look at other sides of a process")]
    pub mod process;
}

use mail_parser::MessageParser;
use serde_json::{Value, json};
use support::aiosmtpd::Aiosmtpd;
use support::desk::Desk;
use support::process::{Caller, Daemon, KEY, Site, wait_until};

/// Each stands nowhere but in the records, the configuration or the requests.
const NAME: &str = "KENARIWATI ZUHDIANSYAH";
const PASSPORT: &str = "K7654321";
const ADDRESS: &str = "Jalan Kenari Buntu 77";
const BIRTHDAY: &str = "1983-02-17";
const RECIPIENT: &str = "piket-kenari";
const HOOK: &str = "jalur-kenari-rahasia";

#[tokio::test]
async fn no_log_metric_subject_thin_body_or_url_says_who_it_is_about() {
    let folder = tempfile::tempdir().unwrap();
    let mail = Aiosmtpd::start(folder.path()).await;
    let (thin, failing) = (Desk::answering(204).await, Desk::answering(500).await);
    let site = Site::new(&folder.path().join("siaga"), &channels(&mail, &thin, &failing));
    let token = site.token("operator", "officer");
    let mut command = site.daemon();
    command.env("SIAGA_LOG", "trace");
    let (daemon, caller) = (Daemon::start(command), Caller::new());
    let mut asked = ask(&daemon, &caller, &token).await;

    let (mut calls, mut failed) = (Vec::new(), Vec::new());
    wait_until(async || {
        calls.extend(thin.calls());
        failed.extend(failing.calls());
        let mails = mail.mails().len();
        let all = !calls.is_empty() && !failed.is_empty() && mails >= 2;
        if all { Ok(()) } else { Err(format!("{} calls, {} failed, {mails} mails", calls.len(), failed.len())) }
    })
    .await;
    asked.push(caller.get(daemon.address, "/metrics", "").await.unwrap().text().to_owned());
    let (code, log) = daemon.stop();
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("a delivery arrived") && log.contains("a delivery did not arrive"), "{log}");

    hides("the log", &log, &[NAME, PASSPORT, ADDRESS, BIRTHDAY, RECIPIENT, HOOK, &token, KEY]);
    for answer in &asked {
        hides("an answer", answer, &[NAME, PASSPORT, ADDRESS, BIRTHDAY]);
    }
    for call in calls.iter().chain(&failed) {
        let shown = format!("{:?}\n{}", call.headers, String::from_utf8_lossy(&call.body));
        hides("a thin webhook", &shown, &[NAME, PASSPORT, ADDRESS, BIRTHDAY, RECIPIENT, &token]);
    }
    let mut named = false;
    for bytes in mail.mails() {
        let parsed = MessageParser::default().parse(&bytes).unwrap();
        let text = parsed.body_text(0).unwrap().into_owned();
        named |= text.contains(NAME);
        let headers: String = parsed.headers_raw().map(|(name, value)| format!("{name}:{value}")).collect();
        let urls = text.split_whitespace().filter(|word| word.contains("://")).collect::<Vec<_>>().join("\n");
        hides("a mail's header", &format!("{headers}\n{}", parsed.subject().unwrap()), &[NAME, PASSPORT, ADDRESS]);
        hides("a mail's link", &urls, &[NAME, PASSPORT, ADDRESS, BIRTHDAY]);
    }
    assert!(named, "no mail names anybody, so nothing was put to the test");
}

/// One agency by mail, one by a thin webhook, one by a webhook that fails.
fn channels(mail: &Aiosmtpd, thin: &Desk, failing: &Desk) -> String {
    let endpoint = |name: &str, port: u16| {
        format!(
            "[endpoint.{name}]\nurl = \"http://127.0.0.1:{port}/{HOOK}\"\nsecret = \"{KEY}\"\n\
             allow_http = true\nallow_cidrs = [\"127.0.0.0/8\"]\n"
        )
    };
    format!(
        "public_url = \"https://siaga.contoh.example\"\n\
         [email]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nfrom = \"siaga@contoh.example\"\n{}{}\
         [agency.bawaslu-oku]\nemail = [\"{RECIPIENT}@contoh.example\"]\nwebhook = [\"rusak\"]\n\
         [agency.kanim-muaraenim]\nemail = [\"kanim@contoh.example\"]\nwebhook = [\"tipis\"]\n",
        mail.port,
        endpoint("tipis", thin.port),
        endpoint("rusak", failing.port),
    )
}

/// Sends records that stand, records that do not, and questions; what was answered.
async fn ask(daemon: &Daemon, caller: &Caller, token: &str) -> Vec<String> {
    let mut answers = Vec::new();
    let mut wrong = record("salah", "activity.reported");
    wrong["place"]["kabupaten"] = json!("1601");
    wrong["person"]["born_on"] = json!([NAME]);
    let second = {
        let mut second = record("dua", "activity.reported");
        second["place"]["kabupaten"] = json!("16.09");
        second["place"]["kecamatan"] = json!("16.09.01");
        second
    };
    let bodies = [
        record("satu", "activity.reported").to_string(),
        second.to_string(),
        wrong.to_string(),
        format!("{{\"{NAME}\": {PASSPORT} {ADDRESS}"),
        record("tiga", NAME).to_string(),
    ];
    for body in bodies {
        answers.push(caller.post(daemon.address, token, body).await.unwrap().text().to_owned());
    }
    assert!(answers[0].contains("\"accepted\":1"), "{answers:?}");
    for path in [format!("/v1/alerts/{PASSPORT}"), format!("/v1/alerts?cursor={PASSPORT}"), format!("/a/{PASSPORT}")] {
        answers.push(caller.get(daemon.address, &path, token).await.unwrap().text().to_owned());
    }
    answers
}

fn record(id: &str, kind: &str) -> Value {
    json!({
        "id": id, "source": "bawaslu", "kind": kind,
        "occurred_at": "2024-11-20T16:00:00+07:00", "received_at": "2024-11-20T17:00:00+07:00",
        "person": { "passport": { "number": PASSPORT, "issuer": "UTO" }, "name": NAME, "born_on": BIRTHDAY },
        "place": { "kabupaten": "16.01", "kecamatan": "16.01.14", "address": ADDRESS },
        "activity": { "event_id": "acara-contoh-1", "event_kind": "campaign", "role": "speaks",
                      "officer": "petugas-contoh-1", "agency": "Bawaslu", "evidence": "foto contoh" },
    })
}

fn hides(what: &str, text: &str, secrets: &[&str]) {
    for secret in secrets {
        for (number, line) in text.lines().enumerate() {
            assert!(!line.contains(secret), "{what} shows `{secret}` in line {}: {line}", number + 1);
        }
    }
}
