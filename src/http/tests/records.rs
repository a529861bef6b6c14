//! `POST /v1/records`: every form of body, and what is refused how early.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::body::{Bytes, HttpBody};
use hyper::body::Frame;

use super::*;

fn record(id: &str) -> String {
    format!(
        r#"{{"id":"{id}","source":"apoa","kind":"lodging.check_in","occurred_at":"2024-11-20T21:15:00+07:00","person":{{"passport":{{"number":"X7654321","issuer":"UTO"}},"name":"{NAME}"}},"place":{{"kabupaten":"16.01"}},"lodging":{{"id":"hotel-contoh-1","name":"Hotel Contoh","check_in":"2024-11-20T21:15:00+07:00"}}}}"#
    )
}

async fn post(site: &Site, token: &str, content_type: &str, body: String) -> Answer {
    let mut request = request("POST", "/v1/records", Some(token), body);
    request.headers_mut().insert("content-type", content_type.parse().unwrap());
    send(site, request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_form_of_body_is_taken() {
    let site = site(Vec::new());
    let token = token(&site, KANIM, Source);
    let event = |id: &str| {
        let data = record(id);
        format!(r#"{{"specversion":"1.0","id":"e-{id}","source":"/apoa","type":"id.siaga.record","data":{data}}}"#)
    };
    let cases = [
        ("application/json", record("a"), 1, 0, 0),
        ("application/json", record("a"), 0, 1, 0),
        ("application/json", format!("[{},{}]", record("b"), record("c")), 2, 0, 0),
        ("application/x-ndjson", format!("{}\n{}\n", record("d"), record("a")), 1, 1, 0),
        ("application/cloudevents+json", event("e"), 1, 0, 0),
        ("application/cloudevents-batch+json", format!("[{},{}]", event("f"), event("g")), 2, 0, 0),
        ("application/json; charset=utf-8", format!("[{},{{}},3]", record("h")), 1, 0, 2),
        ("application/json", "[]".to_owned(), 0, 0, 0),
    ];
    let mut all = 0_usize;
    for (content_type, body, accepted, duplicates, quarantined) in cases {
        let answer = post(&site, &token, content_type, body).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{content_type}: {}", answer.text);
        let receipt = answer.json();
        let aside = receipt["quarantined"].as_array().unwrap().len();
        assert_eq!(
            (&receipt["accepted"], &receipt["duplicates"], aside),
            (&accepted.into(), &duplicates.into(), quarantined)
        );
        all += usize::try_from(accepted).unwrap();
    }
    assert_eq!(logged(&site), all, "what was accepted is in the log");
    settled(&site).await;
}

/// Silence is not calm: a feed that stopped is named with whom to ask, until it says that there is nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_stopped_is_named() {
    let site = site(Vec::new());
    let token = token(&site, KANIM, Source);
    let silent = async || send(&site, request("GET", "/readyz", None, "")).await.json()["sources_silent"].clone();
    assert_eq!(silent().await, Value::Null, "of the others nothing was ever heard");
    assert_eq!(post(&site, &token, "application/json", record("a")).await.status, StatusCode::ACCEPTED);
    let named = silent().await;
    assert_eq!((&named[0]["source"], &named[0]["ask"]), (&"apoa".into(), &KANIM.into()), "{named}");
    let metrics = async || send(&site, request("GET", "/metrics", None, "")).await.text;
    assert!(metrics().await.contains("siaga_source_silent{source=\"apoa\"} 1"));
    let now = clock::now().to_rfc3339();
    let nil = format!(r#"{{"id":"n","source":"apoa","kind":"source.heartbeat","occurred_at":"{now}"}}"#);
    assert_eq!(post(&site, &token, "application/json", nil).await.status, StatusCode::ACCEPTED);
    assert_eq!(silent().await, Value::Null);
    assert!(metrics().await.contains("siaga_source_silent{source=\"apoa\"} 0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_taken_with_its_attributes_in_headers() {
    let site = site(Vec::new());
    let token = token(&site, KANIM, Source);
    let nameless = record("x").replace(r#""id":"x","source":"apoa","#, "");
    let attributes =
        [("ce-specversion", "1.0"), ("ce-id", "e%2D1"), ("ce-source", "apoa"), ("ce-type", "id.siaga.record")];
    let event = async |left_out: &str, content_type: &str, body: String| {
        let mut request = request("POST", "/v1/records", Some(&token), body);
        request.headers_mut().insert("content-type", content_type.parse().unwrap());
        for (name, value) in attributes.into_iter().filter(|(name, _)| *name != left_out) {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        send(&site, request).await
    };
    let taken = event("", "application/json", nameless.clone()).await;
    assert_eq!(taken.json()["accepted"], 1, "{}", taken.text);
    let same = post(&site, &token, "application/json", record("e-1")).await;
    assert_eq!(same.json()["duplicates"], 1, "the attributes name it: {}", same.text);
    let lacks = event("ce-type", "application/json", nameless.clone()).await;
    assert!(lacks.text.contains("the event has no `type`"), "{}", lacks.text);
    assert_eq!(event("", "application/json", "<a/>".to_owned()).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(event("", "text/xml", nameless.clone()).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let base64 = data_encoding::BASE64.encode(record("e-2").as_bytes());
    let structured =
        format!(r#"{{"specversion":"1.0","id":"e-2","source":"apoa","type":"t","data_base64":"{base64}"}}"#);
    let taken = post(&site, &token, "application/cloudevents+json", structured).await;
    assert_eq!(taken.json()["accepted"], 1, "{}", taken.text);
    settled(&site).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_stand_is_kept_counted_and_retrievable() {
    let site = site(Vec::new());
    let source = token(&site, KANIM, Source);
    let bad = [
        record("no-person").replace("\"person\"", "\"persona\""),
        record("bad-date").replace("\"occurred_at\":\"2024-11-20T21:15:00+07:00\"", "\"occurred_at\":\"20/11/2024\""),
        record("bps").replace("16.01", "1601"),
    ];
    let answer = post(&site, &source, "application/json", format!("[{},{}]", bad.join(","), record("good"))).await;
    let receipt = answer.json();
    assert_eq!(receipt["accepted"], 1);
    insta::assert_snapshot!(serde_json::to_string_pretty(&receipt["quarantined"]).unwrap());
    let coordinator = token(&site, KANIM, Coordinator);
    let list = get_json(&site, "/v1/quarantine?limit=2", &coordinator).await;
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
    assert!(!list.to_string().contains(NAME), "a list shows no bodies");
    let rest =
        get_json(&site, &format!("/v1/quarantine?cursor={}", list["next"].as_str().unwrap()), &coordinator).await;
    assert_eq!((rest["items"].as_array().unwrap().len(), &rest["next"]), (1, &Value::Null));
    let id = &list["items"][0]["id"];
    let whole = get_json(&site, &format!("/v1/quarantine/{id}"), &coordinator).await;
    assert_eq!(whole["body"], bad[2]);
    let metrics = send(&site, request("GET", "/metrics", None, "")).await.text;
    assert!(metrics.contains("siaga_quarantined{code=\"bps-code\"} 1"), "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_sends_only_what_it_was_made_for() {
    let site = site(Vec::new());
    let activity = record("act").replace("lodging.check_in", "activity.reported");
    let cases = [
        (token_for(&site, KANIM, Source, &["apoa"], &["*"]), record("a"), 1),
        (token_for(&site, KANIM, Source, &["desa"], &["*"]), record("b"), 0),
        (token_for(&site, KANIM, Source, &["apoa"], &["crossing.entry"]), record("c"), 0),
        (token_for(&site, KANIM, Source, &[], &[]), record("d"), 0),
        (token_for(&site, KANIM, Source, &["apoa"], &["*"]), activity, 0),
    ];
    for (token, body, accepted) in cases {
        let receipt = post(&site, &token, "application/json", body.clone()).await.json();
        assert_eq!(receipt["accepted"], accepted, "{body} {receipt}");
    }
    settled(&site).await;
}

/// A body that goes on for ever, and counts how much of it was asked for.
struct Endless(Arc<AtomicUsize>);

impl HttpBody for Endless {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        const PIECE: &[u8] = &[b' '; 64 * 1024];
        self.0.fetch_add(PIECE.len(), Ordering::Relaxed);
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(PIECE)))))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_large_is_not_read() {
    let site = site(Vec::new());
    let token = token(&site, KANIM, Source);
    let read = Arc::new(AtomicUsize::new(0));
    let endless = || Body::new(Endless(read.clone()));
    let answer = send(&site, request("POST", "/v1/records", Some(&token), endless())).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(read.swap(0, Ordering::Relaxed) <= MAX_BODY_BYTES + 128 * 1024);
    let mut declared = request("POST", "/v1/records", Some(&token), endless());
    declared.headers_mut().insert("content-length", "104857600".parse().unwrap());
    assert_eq!(send(&site, declared).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let nobody = send(&site, request("POST", "/v1/records", None, endless())).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
    assert_eq!(read.load(Ordering::Relaxed), 0, "nothing is read of a body that says so itself, or from nobody");
}

/// A body that never comes.
struct Never;

impl HttpBody for Never {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Poll::Pending
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_come_is_given_up() {
    let mut site = site(Vec::new());
    site.app.request_timeout = Duration::from_millis(50);
    let token = token(&site, KANIM, Source);
    let answer = send(&site, request("POST", "/v1/records", Some(&token), Body::new(Never))).await;
    assert_eq!(answer.status, StatusCode::REQUEST_TIMEOUT);
    assert_eq!(site.app.room.available_permits(), super::super::records::ROOM, "its room is given back");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_room_a_sender_is_asked_to_wait() {
    let site = site(Vec::new());
    let token = token(&site, KANIM, Source);
    let all = u32::try_from(super::super::records::ROOM).unwrap();
    let taken = site.app.room.clone().try_acquire_many_owned(all).unwrap();
    let answer = post(&site, &token, "application/json", record("a")).await;
    assert_eq!((answer.status, answer.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "2"));
    drop(taken);
    assert_eq!(post(&site, &token, "application/json", record("a")).await.status, StatusCode::ACCEPTED);
    settled(&site).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_in_quarantine_is_set_right_and_both_versions_are_kept() {
    let site = site(Vec::new());
    let source = token(&site, KANIM, Source);
    let keeper = token(&site, KANIM, Coordinator);
    let wrong = record("fix-1").replace("16.01", "1601");
    let kept = post(&site, &source, "application/json", wrong).await;
    assert_eq!(kept.json()["quarantined"].as_array().unwrap().len(), 1, "{}", kept.text);
    let waits = get_json(&site, "/v1/quarantine", &keeper).await;
    let path = format!("/v1/quarantine/{}", waits["items"][0]["id"]);
    let ask = async |verb: &str, body: &str| {
        send(&site, request("POST", &format!("{path}/{verb}"), Some(&keeper), body.to_owned())).await
    };
    for (verb, body, status) in [
        ("retry", "", StatusCode::UNPROCESSABLE_ENTITY),
        ("fix", "{}", StatusCode::UNPROCESSABLE_ENTITY),
        ("fix", r#"{"set":{"place":"16.01"}}"#, StatusCode::UNPROCESSABLE_ENTITY),
        ("fix", r#"{"set":{"/place/kabupaten":"1609"}}"#, StatusCode::UNPROCESSABLE_ENTITY),
        ("drop", r#"{"reason":" "}"#, StatusCode::UNPROCESSABLE_ENTITY),
        ("fix", r#"{"set":{"/place/kabupaten":"16.01"}}"#, StatusCode::OK),
        ("fix", r#"{"set":{"/place/kabupaten":"16.08"}}"#, StatusCode::CONFLICT),
        ("drop", r#"{"reason":"too late"}"#, StatusCode::CONFLICT),
    ] {
        let answer = ask(verb, body).await;
        assert_eq!(answer.status, status, "{verb} {body}: {}", answer.text);
    }
    let row = get_json(&site, &path, &keeper).await;
    assert_eq!(row["settled_how"], format!("fixed by {KANIM}: /place/kabupaten"));
    assert!(row["body"].as_str().unwrap().contains("1601"), "the first version is kept: {row}");
    let again = post(&site, &source, "application/json", record("fix-1")).await;
    assert_eq!(again.json()["duplicates"], 1, "the second one is the record: {}", again.text);
    settled(&site).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_are_taken_by_the_packs_profiles() {
    let site = site(Vec::new());
    let token = token(&site, KANIM, Source);
    let table = "Daftar tamu\nNama;Kewarganegaraan;No Paspor;Penerbit;Tgl Checkin\n\
                 CONTOH SATU;Kenya;X1000001;UTO;20/11/2024\n\
                 CONTOH DUA;Peru;X1000002;UTO;11/25/2024\n\
                 CONTOH SATU;Kenya;X1000001;UTO;20/11/2024\n\
                 Jumlah;2\n";
    let send_to = async |path: &str, content_type: &str, body: Vec<u8>| {
        let mut request = request("POST", path, Some(&token), body);
        request.headers_mut().insert("content-type", content_type.parse().unwrap());
        send(&site, request).await
    };
    let path = "/v1/records?profile=apoa-tamu&lodging.id=hotel-contoh-1";
    let answer = send_to(path, "text/csv; charset=utf-8", table.as_bytes().to_vec()).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text);
    let receipt = answer.json();
    assert_eq!((&receipt["accepted"], &receipt["duplicates"], &receipt["skipped"]), (&1.into(), &1.into(), &3.into()));
    let aside = &receipt["quarantined"][0];
    assert_eq!((&aside["index"], &aside["code"]), (&4.into(), &"date".into()), "{aside}");
    assert_eq!((&aside["cells"][0]["column"], &aside["cells"][0]["guess"]), (&"E".into(), &"25 November 2024".into()));

    let workbook = std::fs::read("fixtures/intake/04-tamu-november.xlsx").unwrap();
    let xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let receipt = send_to("/v1/records?lodging.id=hotel-contoh-4", xlsx, workbook).await.json();
    assert_eq!((&receipt["accepted"], &receipt["duplicates"]), (&3.into(), &1.into()), "{receipt}");

    for (path, body, said) in [
        ("/v1/records", table.to_owned(), "lodging.id"),
        ("/v1/records?profile=apoa", table.to_owned(), "there is no table profile `apoa`"),
        ("/v1/records", "a;b\n1;2\n".to_owned(), "the headers are not recognised"),
        ("/v1/records", "\u{89}PNG".to_owned(), "help:"),
    ] {
        let answer = send_to(path, "text/csv", body.into_bytes()).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text);
        assert!(answer.text.contains(said), "{}", answer.text);
    }
    let long = format!(
        "Nama;Kewarganegaraan;No Paspor;Penerbit;Tgl Checkin\n{}",
        "A;Kenya;X1;UTO;20/11/2024\n".repeat(10_001)
    );
    let answer = send_to("/v1/records?lodging.id=h", "text/csv", long.into_bytes()).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{}", answer.text);
    settled(&site).await;
}
