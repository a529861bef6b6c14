//! Records a second from bytes: plain serde, trees, the reader that borrows, and the whole intake.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark's own output and inputs")]

mod parse {
    pub mod generator;
    #[expect(dead_code, reason = "what is measured is the parsing")]
    pub mod typed;
}

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use parse::generator::full_records;
use parse::typed::Typed;
use siaga::intake::row::Row;
use siaga::intake::{Submitter, sort};
use siaga::record::parse::{Interner, Reader, Received};
use siaga::record::schema::Schema;

/// Each figure is the best of so many runs.
const RUNS: usize = 15;
const ZONE: chrono_tz::Tz = chrono_tz::Asia::Jakarta;

/// Does something with every line, and says what came of them.
type Run<'a> = Box<dyn FnMut(&[String]) -> usize + 'a>;

fn main() {
    // `cargo test --benches` asks every benchmark to run as a test
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/oku-raya.ndjson");
    let fixture: Vec<String> = std::fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect();
    table("records with 46 leaf fields over all sections", &full_records(5000));
    table("fixtures/oku-raya.ndjson", &fixture);
}

fn table(title: &str, lines: &[String]) {
    let bytes: usize = lines.iter().map(String::len).sum();
    println!("{title}: {} records of {} bytes, best of {RUNS} runs, one thread", lines.len(), bytes / lines.len());
    println!("{:<52} {:>8} {:>10} {:>9} {:>8}", "", "ns each", "records/s", "x serde", "taken");
    let schema = Schema::default();
    let mut serde = None;
    for (what, mut run) in ways(&schema) {
        let (took, count) = best(|| run(lines));
        let serde = serde.get_or_insert(took);
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let each = took.as_secs_f64() / lines.len() as f64;
        let ratio = serde.as_secs_f64() / took.as_secs_f64();
        println!("{what:<52} {:>8.0} {:>10.0} {ratio:>9.2} {count:>8}", each * 1e9, 1.0 / each);
    }
    println!();
}

fn ways(schema: &Schema) -> Vec<(&'static str, Run<'_>)> {
    let count = |lines: &[String], mut each: Box<dyn FnMut(&str) -> bool>| {
        lines.iter().filter(|line| each(black_box(line.as_str()))).count()
    };
    let mut reader = Reader::new(schema, ZONE);
    let mut owning = Reader::new(schema, ZONE);
    let mut interner = Interner::default();
    vec![
        (
            "serde_json, typed: borrowed texts, no checks",
            Box::new(move |lines| {
                count(lines, Box::new(|line| black_box(serde_json::from_str::<Typed<'_>>(line)).is_ok()))
            }),
        ),
        (
            "serde_json, a tree",
            Box::new(move |lines| {
                count(lines, Box::new(|line| black_box(serde_json::from_str::<serde_json::Value>(line)).is_ok()))
            }),
        ),
        (
            "Reader: slots, all checks, fingerprint",
            Box::new(move |lines| {
                let mut read =
                    |line: &String| black_box(reader.read(black_box(line.as_bytes()), Received::Stated)).is_some();
                lines.iter().filter(|line| read(line)).count()
            }),
        ),
        (
            "Reader, then an owned record",
            Box::new(move |lines| {
                let mut read = |line: &String| {
                    let reading = owning.read(line.as_bytes(), Received::Stated)?;
                    Some(black_box(reading.to_record(&mut interner, None)))
                };
                lines.iter().filter(|line| read(line).is_some()).count()
            }),
        ),
        (
            "intake: records, canonical bytes, SHA-256",
            Box::new(move |lines| {
                let rows = lines.iter().enumerate().map(|(index, line)| Row::read(index, line.as_bytes()));
                black_box(sort(schema, rows, Received::Stated, ZONE, &Submitter::LOCAL)).accepted.len()
            }),
        ),
        (
            "the thorough way: tree, checks, canonical, SHA-256",
            Box::new(move |lines| {
                let parsed = |line: &String| {
                    let json: serde_json::Value = serde_json::from_str(line).unwrap();
                    black_box(siaga::record::parse::parse(schema, &json, Received::Stated, ZONE)).is_ok()
                };
                lines.iter().filter(|line| parsed(line)).count()
            }),
        ),
    ]
}

fn best<T>(mut run: impl FnMut() -> T) -> (Duration, T) {
    let mut once = || {
        let started = Instant::now();
        let result = run();
        (started.elapsed(), result)
    };
    let first = once();
    (1..RUNS).fold(first, |best, _| {
        let next = once();
        if next.0 < best.0 { next } else { best }
    })
}
