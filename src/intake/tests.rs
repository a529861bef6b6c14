//! Bodies, files and senders, as tables.

use std::io::Write;

use chrono::{TimeZone, Utc};
use serde_json::{Value as Json, json};

use super::body::{BodyError, MAX_BODY_BYTES, MAX_ROWS, read_body};
use super::*;

fn record(id: &str) -> Json {
    json!({"id": id, "source": "apoa", "kind": "source.heartbeat", "occurred_at": "2024-11-20T21:00:00+07:00"})
}

fn event(data: Json) -> Json {
    json!({"specversion": "1.0", "id": "e1", "source": "apoa", "type": "contoh.record", "data": data})
}

fn sorted(content_type: Option<&str>, body: &[u8]) -> Intake {
    sort_for(&Submitter::LOCAL, read_body(content_type, body).unwrap())
}

fn sort_for(allowed: &Submitter, rows: Vec<Row>) -> Intake {
    let now = Utc.with_ymd_and_hms(2024, 11, 20, 15, 0, 0).unwrap();
    sort(&Schema::default(), rows, Received::Edge(now), chrono_tz::Asia::Jakarta, allowed)
}

/// Ids that were accepted, then index, code and pointer of what was not.
fn outcome(intake: &Intake) -> String {
    let accepted = intake.accepted.iter().map(|p| p.record.key.id.to_string());
    let others = intake.quarantined.iter().map(|q| format!("{}:{}:{}", q.index, q.code, q.pointer));
    accepted.chain(others).collect::<Vec<_>>().join(" ")
}

#[test]
fn every_form_of_body() {
    const JSON: Option<&str> = Some("application/json");
    const LINES: Option<&str> = Some("application/x-ndjson");
    const EVENT: Option<&str> = Some("application/cloudevents+json; charset=UTF-8");
    const EVENTS: Option<&str> = Some("application/cloudevents-batch+json");
    let (a, b) = (record("a"), record("b"));
    let mut bare = record("a");
    bare.as_object_mut().unwrap().remove("id");
    bare.as_object_mut().unwrap().remove("source");
    let cases = [
        (None, a.to_string(), "a"),
        (JSON, format!("\u{feff}{a}"), "a"),
        (JSON, serde_json::to_string_pretty(&a).unwrap(), "a"),
        (JSON, json!([a, b]).to_string(), "a b"),
        (JSON, "[]".to_owned(), ""),
        (JSON, json!([a, 5, {}, b]).to_string(), "a b 1:not-an-object: 2:missing:/id"),
        (JSON, "5".to_owned(), "0:not-an-object:"),
        (JSON, format!("{a}\n{b}\n"), "a b"),
        (LINES, format!("{a}\r\n\r\n{b}"), "a b"),
        (LINES, format!("{a}\n{{\"id\": \n{b}"), "a b 1:not-json:"),
        (LINES, format!("{a}\n[{b}]"), "a 1:not-an-object:"),
        (LINES, a.to_string(), "a"),
        (EVENT, event(a.clone()).to_string(), "a"),
        (EVENT, event(bare.clone()).to_string(), "e1"),
        (EVENT, event(json!(null)).to_string(), "0:missing:/data"),
        (EVENT, event(json!("x")).to_string(), "0:not-an-object:"),
        (EVENT, a.to_string(), "0:missing:/specversion"),
        (EVENTS, json!([event(a.clone()), event(bare.clone())]).to_string(), "a e1"),
        (JSON, event(a.clone()).to_string(), "a"),
        (JSON, event(a.clone()).to_string().replace("specversion", "\\u0073pec\\u0076ersion"), "a"),
        (JSON, event(a.clone()).to_string().replace("specversion", "s\\u0070ecversion"), "a"),
        (JSON, a.to_string().replace("{", "{\"id\": \"z\", "), "0:duplicate-key:/id"),
        (JSON, format!("[{a}, {}1{}]", "[".repeat(200), "]".repeat(200)), "a 1:too-deep:"),
        (JSON, format!("[{a}, {{\"x\": [{}1]}}]", "1,".repeat(5000)), "a 1:too-many:"),
    ];
    for (content_type, body, expected) in cases {
        assert_eq!(outcome(&sorted(content_type, body.as_bytes())), expected, "{content_type:?} {body:.300}");
    }
}

#[test]
fn bodies_that_are_refused_whole() {
    let mut many = format!("[{}", "1,".repeat(MAX_ROWS));
    many.push_str("1]");
    let cases = [
        (None, "", 400, "the body is not JSON at line 1, column 1: it is empty"),
        (None, "  \n ", 400, "the body is not JSON"),
        (None, "halo", 400, "the body is not JSON at line 1, column 1: expected value"),
        (None, "{\"id\": \"a\",\n \"x\" 1}", 400, "the body is not JSON at line 2, column 6: expected `:`"),
        (None, "[{}, ", 400, "the body is not JSON"),
        (Some("application/x-ndjson"), "halo\nhalo", 400, "the body is not JSON at line 1"),
        (Some("application/x-ndjson"), "\n\n", 400, "the body is not JSON at line 1, column 1: it is empty"),
        (Some("text/csv"), "id,source", 415, "the content type is not read here; help: use `application/json`"),
        (Some("application/json; charset=latin1"), "{}", 415, "the content type"),
        (None, &many, 413, "the body has more than 10000 records; help: send it in parts"),
    ];
    for (content_type, body, status, words) in cases {
        let error = read_body(content_type, body.as_bytes()).expect_err(body);
        assert_eq!(error.status(), status, "{body:.100}");
        assert!(error.to_string().starts_with(words), "{error}");
    }
    let large = vec![b' '; MAX_BODY_BYTES + 1];
    assert_eq!(read_body(None, &large), Err(BodyError::TOO_MANY_BYTES));
}

#[test]
fn a_bad_row_is_kept_byte_for_byte() {
    let bad = br#"{"id":  "a",   "id": "b"}"#;
    let intake = sorted(None, &[b"[", bad.as_slice(), b"]"].concat());
    assert_eq!(intake.quarantined[0].body, bad);
    let latin1 = b"{\"id\": \"caf\xe9\"}";
    let body = [record("a").to_string().as_bytes(), b"\n", latin1.as_slice()].concat();
    let intake = sorted(Some("application/x-ndjson"), &body);
    assert_eq!(outcome(&intake), "a 1:not-json:");
    assert_eq!(intake.quarantined[0].body, latin1);
}

#[test]
fn what_must_not_be_sent_is_not_kept_either() {
    let mut bad = record("a");
    bad["notes"] = json!("1601145208840001");
    let quarantined = &sorted(None, bad.to_string().as_bytes()).quarantined[0];
    assert_eq!((quarantined.code, quarantined.source.as_deref()), (RejectCode::Nik, Some("apoa")));
    let kept: Json = serde_json::from_slice(&quarantined.body).unwrap();
    assert_eq!(kept["notes"], crate::record::parse::REDACTED);
    assert_eq!(kept["id"], "a");
}

#[test]
fn a_token_covers_its_sources_and_kinds() {
    let only = |names: &[&str]| Scope::Only(names.iter().map(|name| Arc::from(*name)).collect());
    let submitter = |sources, kinds, officer| Submitter { sources, kinds, officer };
    let mut report = record("r");
    report["kind"] = json!("activity.reported");
    report["activity"] = json!({"event_kind": "campaign", "role": "attends"});
    let rows = || vec![Row::read(0, record("a").to_string().as_bytes()), Row::read(1, report.to_string().as_bytes())];
    let cases = [
        (Submitter::LOCAL, "a r"),
        (submitter(Scope::All, Scope::All, false), "a 1:not-yours:/kind"),
        (submitter(only(&["apoa"]), only(&["source.heartbeat"]), true), "a 1:not-yours:/kind"),
        (submitter(only(&["other"]), Scope::All, true), "0:not-yours:/source 1:not-yours:/source"),
    ];
    for (allowed, expected) in cases {
        assert_eq!(outcome(&sort_for(&allowed, rows())), expected, "{allowed:?}");
    }
}

#[test]
fn a_token_without_sources_is_told_so() {
    let allowed = Submitter { sources: Scope::Only(BTreeSet::new()), kinds: Scope::All, officer: true };
    let intake = sort_for(&allowed, vec![Row::read(0, record("a").to_string().as_bytes())]);
    assert_eq!(outcome(&intake), "0:not-yours:/source");
    assert!(intake.quarantined[0].detail.contains("bound to no source"), "{}", intake.quarantined[0].detail);
}

#[test]
fn the_answer_has_the_contracts_members() {
    let intake = sorted(None, b"[{\"id\": \"a\"}]");
    let shown = serde_json::to_value(&intake.quarantined[0]).unwrap();
    let names: Vec<&String> = shown.as_object().unwrap().keys().collect();
    assert_eq!(names, ["also", "code", "detail", "index", "pointer"]);
    assert_eq!(shown["code"], "missing");
}

fn file(name: &str, content: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::File::create(&path).unwrap().write_all(content).unwrap();
    (folder, path)
}

#[test]
fn files_are_read_row_by_row() {
    let (a, b) = (record("a"), record("b"));
    let long = "x".repeat(file::MAX_LINE_BYTES + 10);
    let cases = [
        ("r.ndjson", format!("\u{feff}{a}\n\n{long}\nhalo\n{b}"), "a b 1:too-long: 2:not-json:"),
        ("r.JSONL", format!("{}\n", event(a.clone())), "a"),
        ("r.json", json!([a, b]).to_string(), "a b"),
        ("r.json", a.to_string(), "a"),
        ("r.ndjson", String::new(), ""),
    ];
    for (name, content, expected) in cases {
        let (_folder, path) = file(name, content.as_bytes());
        let rows = file::read(&path).unwrap().collect::<Result<Vec<_>, _>>().unwrap();
        assert_eq!(outcome(&sort_for(&Submitter::LOCAL, rows.clone())), expected, "{name}");
        let mut lines = file::lines(&path).unwrap();
        for row in rows {
            let line = lines.next_line().unwrap().unwrap();
            assert!(row.unrefused().is_none() || line.unrefused().is_some(), "{name}");
            assert_eq!(line.into_row(), row, "{name}");
        }
        assert!(lines.next_line().is_none(), "{name}");
    }
}

#[test]
fn files_that_are_refused_say_why() {
    let cases = [
        ("r.csv", "id", "is not a file of records; help: `.ndjson`, `.jsonl` and `.json` are read"),
        ("r", "{}", "is not a file of records"),
        ("r.json", "halo", "the body is not JSON at line 1, column 1"),
    ];
    for (name, content, words) in cases {
        let (_folder, path) = file(name, content.as_bytes());
        let error = file::read(&path).expect_err(name).to_string();
        assert!(error.contains(words), "{error}");
    }
    let absent = file::read(std::path::Path::new("/nonexistent/r.ndjson")).unwrap_err().to_string();
    assert!(absent.starts_with("cannot read `/nonexistent/r.ndjson`"), "{absent}");
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_rows_or_a_refusal(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
        let _ = read_body(None, &bytes).map(|rows| sort_for(&Submitter::LOCAL, rows));
    }

    #[test]
    fn anything_like_json_is_rows_or_a_refusal(text in r#"[\[\]{}:,"a0.e\n -]{0,60}"#) {
        for content_type in [None, Some("application/x-ndjson"), Some("application/cloudevents+json")] {
            let _ = read_body(content_type, text.as_bytes()).map(|rows| sort_for(&Submitter::LOCAL, rows));
        }
    }
}

/// The fixtures say themselves which of their lines cannot stand, and why.
#[test]
fn the_fixtures_stand_but_for_the_rows_that_should_not() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let counts: Json = serde_json::from_slice(&std::fs::read(folder.join("oku-raya.counts.json")).unwrap()).unwrap();
    let expected: Vec<(usize, &str)> = counts["quarantined_rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["line"].as_u64().unwrap() as usize, row["reason"].as_str().unwrap()))
        .collect();
    let intake = read_all(&folder.join("oku-raya.ndjson"));
    let found: Vec<(usize, &str)> = intake.quarantined.iter().map(|q| (q.index + 1, reason(q.code))).collect();
    assert_eq!(found, expected);
}

fn read_all(path: &std::path::Path) -> Intake {
    let rows = file::read(path).unwrap().map(Result::unwrap);
    sort(&Schema::default(), rows, Received::Stated, chrono_tz::Asia::Jakarta, &Submitter::LOCAL)
}

fn reason(code: RejectCode) -> &'static str {
    match code {
        RejectCode::Date => "bad-date",
        RejectCode::Future => "future-date",
        RejectCode::Missing => "missing-person",
        RejectCode::Mrz => "mrz-check-digit",
        RejectCode::Nik => "plain-nik",
        other => other.as_str(),
    }
}
