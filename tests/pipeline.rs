//! The store and the pipeline come to what a replay of the same records comes to.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use siaga::clock::Clock;
use siaga::entry::Step;
use siaga::intake::{Submitter, file, sort};
use siaga::pack::Pack;
use siaga::pack::files::Files;
use siaga::pipeline::packs::Packs;
use siaga::pipeline::{Pipeline, Post, Setup};
use siaga::record::parse::{Parsed, Received};
use siaga::replay::{Replay, lines};
use siaga::store::Store;
use siaga::store::log::{Appended, EdgeTime, NewEntry, NewRecord};
use siaga::subject::subjects_of;

/// Enough of the records to hold every kind of mess, and few enough for a debug build.
const ROWS: usize = 4_000;

fn pack() -> Arc<Pack> {
    Arc::new(siaga::pack::build(Files::built_in()).pack.expect("the built-in pack loads"))
}

fn rows() -> Vec<siaga::intake::row::Row> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/oku-raya.ndjson");
    file::read(&path).unwrap().take(ROWS).collect::<Result<_, _>>().unwrap()
}

fn parsed(pack: &Pack) -> Vec<Parsed> {
    sort(&pack.schema, rows(), Received::Stated, pack.timeline.zone, &Submitter::LOCAL).accepted
}

fn entry(pack: &Pack, parsed: Parsed) -> NewEntry {
    let record = parsed.record;
    NewEntry::Record(Box::new(NewRecord {
        kind: Arc::from(pack.schema.kind_name(record.kind)),
        subjects: subjects_of(&record),
        key: record.key,
        occurred_at: record.occurred_at,
        received_at: Some(record.received_at),
        withdrawn: record.withdrawn,
        content_hash: parsed.content_hash,
        body: parsed.canonical,
        unknown_fields: record.unknown_fields,
    }))
}

/// Runs records through a store in parts, with a restart between any two, and gives the lines that come of it.
fn through_the_store(parts: usize) -> Vec<String> {
    let pack = pack();
    let folder = tempfile::tempdir().unwrap();
    let seen: Arc<Mutex<Vec<Step>>> = Arc::default();
    let all = parsed(&pack);
    let size = all.len().div_ceil(parts);
    let mut all = all.into_iter().peekable();
    while all.peek().is_some() {
        let store = Store::open(&folder.path().join("siaga.db"), siaga::clock::now()).unwrap();
        let steps = seen.clone();
        let pipeline = Pipeline::start(Setup {
            store: store.clone(),
            packs: Packs::new(pack.clone(), 0),
            clock: Clock::Records,
            post: Post::nowhere(),
            committed: Box::new(move |committed| steps.lock().unwrap().extend_from_slice(committed)),
        })
        .unwrap();
        let entries = all.by_ref().take(size).map(|parsed| entry(&pack, parsed)).collect();
        let appended = store.append(entries, EdgeTime::Records).wait().unwrap();
        let last = appended.iter().rev().find_map(|appended| match appended {
            Appended::At { position, .. } => Some(*position),
            _ => None,
        });
        assert!(last.is_none_or(|last| pipeline.wait_for(last)), "{:?}", pipeline.status().failures);
        pipeline.stop();
    }
    let steps = std::mem::take(&mut *seen.lock().unwrap());
    lines(&pack, steps).iter().map(|line| serde_json::to_string(line).unwrap()).collect()
}

fn replayed() -> Vec<String> {
    let pack = pack();
    let mut replay = Replay::new(pack.clone());
    let steps = replay.feed(&rows());
    lines(&pack, steps).iter().map(|line| serde_json::to_string(line).unwrap()).collect()
}

#[test]
fn the_daemons_pipeline_finds_what_a_replay_finds_also_over_restarts() {
    let wanted = replayed();
    assert!(wanted.len() > 50, "only {} lines", wanted.len());
    for parts in [1, 5] {
        let got = through_the_store(parts);
        let count = |lines: &[String]| {
            lines.iter().fold(BTreeMap::new(), |mut counts: BTreeMap<String, i32>, line| {
                *counts.entry(line.clone()).or_default() += 1;
                counts
            })
        };
        let (have, want) = (count(&got), count(&wanted));
        let missing: Vec<_> = want.keys().filter(|line| !have.contains_key(*line)).take(3).collect();
        let extra: Vec<_> = have.keys().filter(|line| !want.contains_key(*line)).take(3).collect();
        assert!(missing.is_empty() && extra.is_empty(), "{parts} parts: missing {missing:#?}, extra {extra:#?}");
        assert_eq!(got, wanted, "{parts} parts: the same lines in another order");
    }
}
