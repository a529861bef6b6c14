//! The curve of a threshold is what replays with each of its values would print.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use siaga::intake::row::Row;
use siaga::intake::{Submitter, file, sort};
use siaga::ledger::{Appended, Ledger};
use siaga::machine::Machine;
use siaga::pack::Pack;
use siaga::pack::files::Files;
use siaga::pack::thresholds::{Threshold, Thresholds};
use siaga::record::parse::{Parsed, Received};
use siaga::replay::lines;
use siaga::tune::curve::{Counts, Tally};
use siaga::tune::history::Collector;
use siaga::tune::{Curve, Method, Plan, Question, tune};

static PACK: LazyLock<Arc<Pack>> = LazyLock::new(|| Arc::new(siaga::pack::build(Files::built_in()).pack.unwrap()));

/// Of the lodgings that only say that they are there, a few are enough: they are half of the rows.
static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/oku-raya.ndjson");
    file::read(&path).unwrap().map(Result::unwrap).collect()
});

static PARSED: LazyLock<Vec<Parsed>> = LazyLock::new(|| {
    let pack = &PACK;
    let rows = ROWS.clone();
    sort(&pack.schema, rows, Received::Stated, pack.timeline.zone, &Submitter::LOCAL).accepted
});

type ByAgency = BTreeMap<(String, String, String), [usize; 3]>;

#[test]
fn time_it() {
    let t = std::time::Instant::now();
    let n = PARSED.len();
    let a = t.elapsed();
    let mut machine = Machine::new(PACK.clone());
    let mut ledger = Ledger::default();
    let mut steps = Vec::new();
    for parsed in PARSED.iter() {
        if let Appended::Entry(entry) | Appended::Stale(entry) = ledger.append(parsed.clone()) {
            steps.extend(machine.process(&entry));
        }
    }
    let b = t.elapsed();
    let l = lines(&PACK, steps).len();
    let c = t.elapsed();
    for name in PACK.thresholds.all() {
        let t = std::time::Instant::now();
        let plan = Plan::new(&PACK, &Question { threshold: name.name.clone(), ..Question::default() }).unwrap();
        let mut collector = Collector::new(&plan);
        collector.take(ROWS.clone());
        let history = collector.finish();
        let d = t.elapsed();
        let curve = tune(&plan, &history);
        eprintln!(
            "{} {:?} {} values, collect {d:?} tune {:?} now {:?} first {:?} last {:?} near {:?} {:?}",
            name.name,
            curve.method,
            curve.points.len(),
            t.elapsed() - d,
            curve.now.sum(),
            curve.points[0].tally.sum(),
            curve.points.last().unwrap().tally.sum(),
            curve.near.len(),
            curve.judgements
        );
    }
    panic!("{n} parse {a:?} machine {b:?} {l} {c:?}");
}
