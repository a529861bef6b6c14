//! How soon the daemon is ready and how little it takes, with 100,000 records in its store.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test stops where it fails, and says what it measured"
)]

mod support {
    #[expect(dead_code, reason = "other tests look at other sides of a process")]
    pub mod process;
}

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use siaga::clock::Clock;
use siaga::intake::body::read_body;
use siaga::intake::entries::entries;
use siaga::intake::{Submitter, sort};
use siaga::pack::Pack;
use siaga::pack::files::Files;
use siaga::pipeline::packs::Packs;
use siaga::pipeline::{Pipeline, Post, Setup};
use siaga::record::parse::Received;
use siaga::store::Store;
use siaga::store::log::EdgeTime;
use support::process::{Caller, Daemon, Site};

const RECORDS: usize = 100_000;
/// Times that the fixtures are taken: as many as a debug build judges in a while that is worth it.
const COPIES: usize = 2;
/// Of one time.
const NEW_RECORDS: usize = 8_868;
/// Lines of the fixtures that are read at a time.
const LINES: usize = 500;
const IDLE_MOST_KIB: u64 = 100 * 1024;
/// The benchmark holds it to a second; a debug build on a busy machine only to this.
const READY_WITHIN: Duration = Duration::from_secs(5);

#[tokio::test]
async fn with_a_hundred_thousand_records_it_is_ready_soon_and_stays_small() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::new(folder.path(), "");
    let began = Instant::now();
    let store = site.store();
    tokio::task::spawn_blocking(move || fill(&store)).await.unwrap();
    eprintln!("filled in {:.1} s", began.elapsed().as_secs_f64());

    let caller = Caller::new();
    let daemon = Daemon::start(site.daemon());
    let ready = daemon.ready(&caller).await;
    daemon.idle(&caller).await;
    let idle = daemon.memory_kib("VmRSS");
    eprintln!("ready after {} ms, idle with {} MiB", ready.as_millis(), idle / 1024);
    assert!(ready < READY_WITHIN, "ready after {ready:?}");
    assert!(idle < IDLE_MOST_KIB, "idle with {idle} KiB");
    assert_eq!(daemon.stop().0, Some(0));
}

/// The fixtures a few times over, each time with other ids and passports, and travellers between them up to the
/// number; all judged as they would have been.
fn fill(path: &Path) {
    let pack = Arc::new(siaga::pack::build(Files::built_in()).pack.unwrap());
    let store = Store::open(path, siaga::clock::now()).unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/oku-raya.ndjson");
    let text = std::fs::read_to_string(fixtures).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let travellers = (RECORDS - COPIES * NEW_RECORDS).div_ceil(lines.len());
    for (part, some) in lines.chunks(LINES).enumerate() {
        let mut rows = String::new();
        for (index, line) in some.iter().enumerate() {
            let number = part * LINES + index;
            let copies = (0..COPIES).map(|copy| copied(line, copy));
            let travellers = (0..travellers).map(|more| traveller(line, number * travellers + more));
            for row in copies.chain(travellers) {
                rows.push_str(&row.to_string());
                rows.push('\n');
            }
        }
        append(&store, &pack, &rows);
    }
    let head = store.head().unwrap();
    let pipeline = Pipeline::start(Setup {
        store: store.clone(),
        packs: Packs::new(pack, 0),
        clock: Clock::Records,
        post: Post::nowhere(),
        committed: Box::new(|_| {}),
    })
    .unwrap();
    assert!(pipeline.wait_for(head), "{:?}", pipeline.status().failures);
    pipeline.stop();
    let counts = store.counts().unwrap();
    eprintln!("{} records, {} findings, {} deadlines", counts.records, counts.findings, counts.timers);
    assert!(counts.records >= RECORDS as u64);
}

fn copied(line: &Value, copy: usize) -> Value {
    let mut row = line.clone();
    row["id"] = format!("{copy}-{}", line["id"].as_str().unwrap()).into();
    if let Some(passport) = row.pointer_mut("/person/passport").and_then(Value::as_object_mut) {
        // it names the number that is changed here
        passport.remove("mrz");
        let number = passport["number"].as_str().unwrap().replace('X', ["A", "B"][copy]);
        passport.insert("number".to_owned(), number.into());
    }
    row
}

/// Somebody who crosses the border once, when `line` came in.
fn traveller(line: &Value, number: usize) -> Value {
    let at = &line["received_at"];
    let kind = ["crossing.entry", "crossing.exit"][number % 2];
    json!({
        "id": format!("lewat-{number}"), "source": "perlintasan", "kind": kind, "occurred_at": at, "received_at": at,
        "person": { "passport": { "number": format!("L{number:06}"), "issuer": "UTO" }, "name": "CONTOH LEWAT" },
        "crossing": { "checkpoint": "TPI Contoh 1" },
    })
}

fn append(store: &Store, pack: &Pack, lines: &str) {
    let rows = read_body(Some("application/x-ndjson"), lines.as_bytes()).unwrap();
    let intake = sort(&pack.schema, rows, Received::Stated, pack.timeline.zone, &Submitter::LOCAL);
    let news = entries(&pack.schema, intake.accepted, &intake.quarantined, Received::Stated, "contoh");
    store.append(news, EdgeTime::Records).wait().unwrap();
}
