//! Webhooks against receivers of every status and a zoo of those that misbehave.

#![expect(clippy::unwrap_used, reason = "what a test sets up has to work")]

mod support {
    pub mod notices;
    pub mod receiver;
}

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use siaga::alert::{CloseReason, Severity};
use siaga::deliver::Outcome;
use siaga::deliver::settings::EndpointSettings;
use siaga::deliver::webhook::{Endpoint, REPLY_MOST_BYTES};
use siaga::notice::Occasion;
use standardwebhooks::Webhook;
use support::notices::{certificate, delivery, notice};
use support::receiver::{Beast, Call, answering, beast};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// Long enough for a busy machine, short enough to wait for.
const TEST_TIMEOUT: Duration = Duration::from_secs(2);

const KEY: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// A reply's bytes that may be under way in the buffers of two sockets and a client.
const IN_BUFFERS_BYTES: usize = 32 << 20;

const LOOPBACK: &str = "allow_http = true\nallow_cidrs = [\"127.0.0.0/8\", \"::1/128\"]";

fn endpoint(url: &str, more: &str) -> Endpoint {
    let toml = format!("url = \"{url}\"\nsecret = \"{KEY}\"\n{more}");
    let settings: EndpointSettings = toml::from_str(&toml).unwrap();
    Endpoint::new(&settings).unwrap().with_timeout(TEST_TIMEOUT)
}

fn loopback(port: u16) -> Endpoint {
    endpoint(&format!("http://127.0.0.1:{port}/siaga?kunci=rahasia"), LOOPBACK)
}

fn secured(port: u16, pem: &str) -> Endpoint {
    let more = format!("allow_cidrs = [\"127.0.0.0/8\"]\nca_pem = '''{pem}'''");
    endpoint(&format!("https://127.0.0.1:{port}/"), &more)
}

async fn post(endpoint: &Endpoint, now: DateTime<Utc>) -> Outcome {
    let notice = notice(Occasion::Opened);
    endpoint.deliver(&delivery(&notice), now).await
}

fn retry(reason: &str) -> Outcome {
    Outcome::Retry { reason: reason.to_owned(), wait: None }
}

fn body(call: &Call) -> Value {
    serde_json::from_slice(&call.1).unwrap()
}

fn header<'a>(call: &'a Call, name: &str) -> &'a str {
    call.0.get(name).unwrap().to_str().unwrap()
}

#[tokio::test]
async fn the_event_is_thin_and_signed_over_its_raw_body() {
    let (port, mut calls) = answering(202, &[]).await;
    let outcome = post(&loopback(port), Utc::now()).await;
    assert_eq!(outcome, Outcome::Delivered);
    let call = calls.recv().await.unwrap();
    Webhook::new(KEY).unwrap().verify(&call.1, &call.0).unwrap();
    assert_eq!(header(&call, "webhook-id"), "d-0123456789abcdef");
    assert_eq!(header(&call, "content-type"), "application/cloudevents+json");
    let expected = json!({
        "specversion": "1.0",
        "id": "d-0123456789abcdef",
        "source": "/siaga",
        "type": "id.siaga.alert.opened",
        "subject": "A-7K2M",
        "time": "2024-11-25T00:00:00+07:00",
        "datacontenttype": "application/json",
        "data": {
            "alert": "A-7K2M",
            "rule": "inap-berpindah",
            "title": "Berpindah penginapan berulang",
            "severity": "siaga-1",
            "phase": "Masa tenang",
            "kabupaten": "Kabupaten Ogan Komering Ulu",
            "findings": 3,
            "revision": 1,
            "link": "https://siaga.contoh.example/a/token",
        },
    });
    assert_eq!(body(&call), expected);
}

#[tokio::test]
async fn a_full_event_adds_what_the_agency_may_see() {
    let (port, mut calls) = answering(200, &[]).await;
    let url = format!("http://127.0.0.1:{port}/");
    let endpoint = endpoint(&url, &format!("detail = \"full\"\n{LOOPBACK}"));
    assert_eq!(post(&endpoint, Utc::now()).await, Outcome::Delivered);
    let body = body(&calls.recv().await.unwrap());
    let notice = notice(Occasion::Opened);
    assert_eq!(body["data"]["message"], notice.message.to_string());
    assert_eq!(body["data"]["action"], notice.action);
    assert_eq!(body["data"]["basis"], json!(notice.basis));
    let line = json!({"text": "penginapan >= threshold(\"inap_berpindah\")", "value": "3", "bound": "2"});
    assert_eq!(body["data"]["evidence"], json!([line]));
    assert_eq!(body["data"]["severity"], "siaga-1");
}

#[tokio::test]
async fn each_occasion_is_a_type_of_event() {
    let (port, mut calls) = answering(204, &[]).await;
    let endpoint = loopback(port);
    let from = Severity::Siaga3;
    let reason = CloseReason::Handled;
    for (occasion, expected) in [
        (Occasion::Opened, "id.siaga.alert.opened"),
        (Occasion::Escalated { from }, "id.siaga.alert.escalated"),
        (Occasion::Corrected, "id.siaga.alert.corrected"),
        (Occasion::Resolved { reason }, "id.siaga.alert.resolved"),
        (Occasion::Test, "id.siaga.alert.test"),
    ] {
        let notice = notice(occasion);
        let outcome = endpoint.deliver(&delivery(&notice), Utc::now()).await;
        assert_eq!(outcome, Outcome::Delivered);
        assert_eq!(body(&calls.recv().await.unwrap())["type"], expected);
    }
}

#[tokio::test]
async fn a_retry_has_the_same_id_and_body_and_a_signature_of_its_own() {
    let (port, mut calls) = answering(500, &[]).await;
    let endpoint = loopback(port);
    let first_at = Utc::now() - TimeDelta::seconds(5);
    for now in [first_at, first_at + TimeDelta::seconds(5)] {
        assert_eq!(post(&endpoint, now).await, retry("the endpoint answers 500"));
    }
    let (first, second) = (calls.recv().await.unwrap(), calls.recv().await.unwrap());
    for call in [&first, &second] {
        Webhook::new(KEY).unwrap().verify(&call.1, &call.0).unwrap();
    }
    assert_eq!(header(&first, "webhook-id"), header(&second, "webhook-id"));
    assert_eq!(first.1, second.1);
    let timestamp = |call: &Call| header(call, "webhook-timestamp").parse::<i64>().unwrap();
    assert_eq!(timestamp(&first), first_at.timestamp());
    assert_eq!(timestamp(&second), timestamp(&first) + 5);
    assert_ne!(header(&first, "webhook-signature"), header(&second, "webhook-signature"));
}

#[tokio::test]
async fn each_status_has_its_outcome() {
    let barred = |code: u16| Outcome::Misconfigured { reason: format!("the endpoint does not let siaga in ({code})") };
    let gone = Outcome::Gone { reason: "the endpoint says that it is gone (410)".to_owned() };
    let lost = Outcome::Misconfigured { reason: "the endpoint is not at its address (404)".to_owned() };
    let rows = [
        (200, Outcome::Delivered),
        (204, Outcome::Delivered),
        (304, retry("the endpoint points elsewhere, which is not followed (304)")),
        (400, retry("the endpoint answers 400")),
        (401, barred(401)),
        (403, barred(403)),
        (404, lost),
        (408, retry("the endpoint answers 408")),
        (410, gone),
        (422, retry("the endpoint answers 422")),
        (429, retry("the endpoint asks for fewer calls (429)")),
        (500, retry("the endpoint answers 500")),
        (503, retry("the endpoint is not available (503)")),
    ];
    for (status, expected) in rows {
        let (port, mut calls) = answering(status, &[]).await;
        let outcome = post(&loopback(port), Utc::now()).await;
        assert_eq!(outcome, expected, "{status}");
        calls.recv().await.unwrap();
        assert!(calls.try_recv().is_err(), "{status}: called twice");
    }
}

#[tokio::test]
async fn retry_after_is_read_as_seconds_and_as_a_date() {
    let now = "2024-11-25T00:00:00+07:00".parse().unwrap();
    for (status, value, expected_s) in [
        (429, "120", Some(120)),
        (429, " 7 ", Some(7)),
        (503, "0", Some(0)),
        (503, "Sun, 24 Nov 2024 17:02:00 GMT", Some(120)),
        (503, "Sunday, 24-Nov-24 17:02:00 GMT", Some(120)),
        (429, "Sun, 24 Nov 2024 16:59:00 GMT", None),
        (429, "soon", None),
        (429, "-5", None),
        (500, "120", None),
    ] {
        let (port, _calls) = answering(status, &[("retry-after", value.to_owned())]).await;
        let outcome = post(&loopback(port), now).await;
        let Outcome::Retry { wait, .. } = outcome else { panic!("{status} {value}: {outcome:?}") };
        assert_eq!(wait, expected_s.map(Duration::from_secs), "{status} {value}");
    }
}

#[tokio::test]
async fn a_redirect_to_a_metadata_address_is_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let target = "http://169.254.169.254/latest/meta-data".to_owned();
        let (port, mut calls) = answering(status, &[("location", target)]).await;
        let outcome = post(&loopback(port), Utc::now()).await;
        let expected = format!("the endpoint points elsewhere, which is not followed ({status})");
        assert_eq!(outcome, retry(&expected));
        calls.recv().await.unwrap();
    }
}

#[tokio::test]
async fn a_redirect_to_itself_is_not_followed_either() {
    let (port, mut calls) = answering(307, &[("location", "/".to_owned())]).await;
    assert_eq!(post(&loopback(port), Utc::now()).await.word(), "retry");
    calls.recv().await.unwrap();
    assert!(calls.try_recv().is_err());
}

#[tokio::test]
async fn a_name_that_leads_inside_is_refused_before_anything_is_sent() {
    let (port, mut calls) = answering(200, &[]).await;
    let url = format!("http://localhost:{port}/");
    let outcome = post(&endpoint(&url, "allow_http = true"), Utc::now()).await;
    let expected = retry("the endpoint's name leads to a loopback address");
    assert_eq!(outcome, expected);
    assert!(calls.try_recv().is_err());
    let allowed = endpoint(&url, LOOPBACK);
    assert_eq!(post(&allowed, Utc::now()).await, Outcome::Delivered);
}

#[tokio::test]
async fn receivers_that_misbehave_are_tried_again() {
    let broke = "the connection to the endpoint broke";
    let late = "time-out while waiting for the endpoint";
    let rows = [
        ("drips its header", Beast::DripsHeader, retry(late)),
        ("silent", Beast::Silent, retry(late)),
        ("resets", Beast::Resets, retry(broke)),
        ("closes", Beast::Closes, retry(broke)),
        ("babbles", Beast::Babbles, retry(broke)),
        // it has said that it took the event
        ("drips its body", Beast::DripsBody, Outcome::Delivered),
    ];
    let mut attempts = JoinSet::new();
    for (what, kind, expected) in rows {
        attempts.spawn(async move {
            let (port, receiver) = beast(kind).await;
            let outcome = post(&loopback(port), Utc::now()).await;
            assert_eq!(outcome, expected, "{what}");
            receiver.await.unwrap();
        });
    }
    while let Some(attempt) = attempts.join_next().await {
        attempt.unwrap();
    }
}

#[tokio::test]
async fn of_a_gigabyte_of_reply_hardly_anything_is_taken() {
    let (port, receiver) = beast(Beast::Gushes).await;
    assert_eq!(post(&loopback(port), Utc::now()).await, Outcome::Delivered);
    let gushed = receiver.await.unwrap();
    assert!(gushed < REPLY_MOST_BYTES + IN_BUFFERS_BYTES, "{gushed}");
}

#[tokio::test]
async fn a_receiver_that_is_not_there_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let outcome = post(&loopback(port), Utc::now()).await;
    assert_eq!(outcome, retry("no connection to the endpoint"));
}

#[tokio::test]
async fn only_a_trusted_certificate_of_the_right_name_will_do() {
    let (pem, tls) = certificate("127.0.0.1");
    let (_, stranger) = certificate("127.0.0.1");
    let (other_pem, other_name) = certificate("lain.contoh.example");
    let refused = || retry("the endpoint's certificate is not accepted");
    for (what, pem, tls, expected) in [
        ("trusted", &pem, tls, Outcome::Delivered),
        ("unknown", &pem, stranger, refused()),
        ("of another name", &other_pem, other_name, refused()),
    ] {
        let (port, receiver) = beast(Beast::Tls(tls)).await;
        assert_eq!(post(&secured(port, pem), Utc::now()).await, expected, "{what}");
        receiver.await.unwrap();
    }
    let (port, _calls) = answering(200, &[]).await;
    let outcome = post(&secured(port, &pem), Utc::now()).await;
    assert_eq!(outcome, retry("no TLS with the endpoint"));
}
