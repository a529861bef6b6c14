//! How long `tune` takes over a store of 100,000 records, beside ten replays of them.

#![expect(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a benchmark's own output and inputs")]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use serde_json::Value as Json;
use siaga::intake::entries::entries;
use siaga::intake::row::Row;
use siaga::intake::{Submitter, file, sort};
use siaga::pack::Pack;
use siaga::pack::files::Files;
use siaga::pack::thresholds::{Threshold, Thresholds};
use siaga::record::parse::Received;
use siaga::replay::{Replay, lines};
use siaga::store::Store;
use siaga::store::log::EdgeTime;
use siaga::tune::{Curve, History, Method, Plan, Question, tune};

/// Records in the store: the fixtures again and again, each time about other people and places.
const RECORDS: usize = 100_000;
/// Each time is the best of so many runs.
const RUNS: usize = 3;
/// Values that are replayed.
const VALUES: usize = 10;
/// What names somebody or something, and is another in each copy.
const NAMES: [&str; 10] = [
    "id",
    "person.passport.number",
    "person.nik_hash",
    "lodging.id",
    "permit.sponsor_id",
    "work.employer_id",
    "activity.event_id",
    "plan.lodging_id",
    "plan.sponsor_id",
    "voter.nik_hash",
];

fn main() {
    // tests of all targets run benchmarks too, and have no use for them
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let loaded = siaga::pack::build(Files::built_in());
    let told = loaded.render(false);
    let pack = Arc::new(loaded.pack.unwrap_or_else(|| panic!("{told}")));
    let rows = rows();
    let folder = tempfile::tempdir().unwrap();
    let store = fill(&pack, &rows, folder.path());
    println!("{} records in the store; best of {RUNS} runs", rows.len());
    println!(
        "{:<26} {:>12} {:>7} {:>9} {:>9} {:>14} {:>7}",
        "", "", "values", "read ms", "tune ms", "10 replays ms", "ratio"
    );
    for name in
        ["inap_ganda_minimal", "inap_ganda_banyak", "klaster_minimal", "inap_belum_lapor_jam", "sumber_senyap_jam"]
    {
        measure(&pack, &store, &rows, name);
    }
}

fn measure(pack: &Arc<Pack>, store: &Store, rows: &[Row], name: &str) {
    let threshold = pack.thresholds.get(pack.thresholds.id(name).unwrap()).unwrap();
    let all = Plan::new(pack, &Question { threshold: name.to_owned(), ..Question::default() }).unwrap();
    let values = if all.method == Method::OnePass { Vec::new() } else { ten_values(threshold) };
    let plan = Plan::new(pack, &Question { threshold: name.to_owned(), values, ..Question::default() }).unwrap();
    let (reading, history) = best(|| History::of_store(&plan, store).unwrap());
    let (tuning, curve) = best(|| tune(&plan, &history));
    let (replays, opened) = once(|| replays(pack, &plan, threshold, rows));
    for (value, opened) in &opened {
        let point = curve.points.iter().find(|point| point.value == *value).unwrap();
        assert_eq!(point.tally.sum().open, *opened, "`{name}` at {value}");
    }
    let ten = replays.mul_f64(VALUES as f64 / opened.len() as f64);
    let ratio = ten.as_secs_f64() / (reading + tuning).as_secs_f64();
    println!(
        "{name:<26} {:>12} {:>7} {:>9.1} {:>9.1} {:>14.0} {ratio:>7.0}",
        words(&curve),
        curve.points.len(),
        ms(reading),
        ms(tuning),
        ms(ten),
    );
}

fn words(curve: &Curve) -> &'static str {
    curve.method.word()
}

fn ten_values(threshold: &Threshold) -> Vec<f64> {
    let width = threshold.max - threshold.min;
    (0..VALUES).map(|n| (threshold.min + width * n as f64 / (VALUES - 1) as f64).round()).collect()
}

/// Alerts that a replay opens at a few of the values: the time of ten is taken from theirs.
fn replays(pack: &Arc<Pack>, plan: &Plan, threshold: &Threshold, rows: &[Row]) -> Vec<(f64, usize)> {
    let replay = |value: f64| {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let mut replay = Replay::with_threads(Arc::new(with(pack, &threshold.name, value)), cores);
        let steps = replay.feed(rows);
        let opened = lines(pack, steps).into_iter().filter(|line| line.kind() == "open");
        (value, opened.filter(|line| plan.moved.iter().any(|rule| rule.id == line.rule)).count())
    };
    [threshold.min, threshold.max].into_iter().map(replay).collect()
}

/// The pack with one threshold at a value everywhere.
fn with(pack: &Pack, name: &str, value: f64) -> Pack {
    let set = |threshold: &Threshold| Threshold {
        default: value,
        phase: Default::default(),
        kabupaten: Default::default(),
        kabupaten_phase: Default::default(),
        ..threshold.clone()
    };
    let all = pack.thresholds.all().iter();
    let all = all.map(|threshold| if threshold.name == name { set(threshold) } else { threshold.clone() });
    Pack { thresholds: Thresholds::new(all.collect()), ..pack.clone() }
}

fn rows() -> Vec<Row> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/oku-raya.ndjson");
    let own: Vec<Row> = file::read(&path).unwrap().map(Result::unwrap).collect();
    let copies = (0..).flat_map(|copy| own.iter().map(move |row| copied(row, copy)));
    copies.take(RECORDS).collect()
}

fn copied(row: &Row, copy: usize) -> Row {
    let Ok(mut json) = row.json().cloned() else { return row.clone() };
    for name in NAMES {
        if let Some(Json::String(text)) = json.pointer_mut(&format!("/{}", name.replace('.', "/"))) {
            if name.ends_with("nik_hash") {
                text.replace_range(..2, &format!("{copy:02}"));
            } else {
                text.push_str(&copy.to_string());
            }
        }
    }
    if let Some(passport) = json.pointer_mut("/person/passport").and_then(Json::as_object_mut) {
        passport.remove("mrz");
    }
    Row::of(row.index, json)
}

fn fill(pack: &Pack, rows: &[Row], folder: &Path) -> Store {
    let store = Store::open(&folder.join("siaga.db"), DateTime::<Utc>::UNIX_EPOCH).unwrap();
    for rows in rows.chunks(2_000) {
        let intake = sort(&pack.schema, rows.to_vec(), Received::Stated, pack.timeline.zone, &Submitter::LOCAL);
        let news = entries(&pack.schema, intake.accepted, &intake.quarantined, Received::Stated, "fixtures");
        store.append(news, EdgeTime::Records).wait().unwrap();
    }
    store
}

fn best<T>(run: impl Fn() -> T) -> (Duration, T) {
    (1..RUNS).map(|_| once(&run)).fold(once(&run), |best, run| if run.0 < best.0 { run } else { best })
}

fn once<T>(run: impl FnOnce() -> T) -> (Duration, T) {
    let started = Instant::now();
    let result = run();
    (started.elapsed(), result)
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
