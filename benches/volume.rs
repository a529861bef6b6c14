//! A year of travellers through the shipped rules: records a second and memory, beside a pass that only reads them.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a benchmark's own output and inputs"
)]

#[path = "support/volume.rs"]
mod volume;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use siaga::intake::file;
use siaga::intake::row::Row;
use siaga::pack::files::Files;
use siaga::record::parse::{Reader, Received};
use siaga::replay::passes::{InPasses, Passes};
use siaga::replay::pipe::{BATCH, Hand};
use siaga::replay::{Replay, lines};

const SEED: u64 = 27_112_024;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let value = |name: &str| arguments.iter().position(|argument| argument == name).map(|place| &arguments[place + 1]);
    if let Some(way) = value("--way") {
        return run(way, Path::new(value("--file").unwrap()));
    }
    // tests of all targets run benchmarks too, and have no use for them
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    let count: usize = value("--records").map_or(1_000_000, |count| count.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("volume.ndjson");
    let mut out = BufWriter::new(File::create(&path).unwrap());
    volume::Volume::new(count, SEED).for_each(|line| writeln!(out, "{line}").unwrap());
    out.into_inner().unwrap().sync_all().unwrap();
    println!("{count} records, {} bytes each", path.metadata().unwrap().len() / count as u64);
    println!("{:<34}{:>10}{:>14}{:>12}  ", "", "seconds", "records/s", "memory MiB");
    let threads = std::thread::available_parallelism().unwrap().to_string();
    for way in ["read", "replay:1", &format!("replay:{threads}")] {
        let child = Command::new(&arguments[0]).args(["--way", way, "--file"]).arg(&path).status().unwrap();
        assert!(child.success(), "{way}: {child}");
    }
}

fn run(way: &str, path: &Path) {
    let pack = Arc::new(siaga::pack::build(Files::built_in()).pack.unwrap());
    let started = Instant::now();
    let hand_out = |hand: &mut Hand<'_>| {
        let mut rows = file::read(path).unwrap().map(Result::unwrap);
        let mut batch = || rows.by_ref().take(BATCH).collect::<Vec<Row>>();
        let mut next = batch();
        while !next.is_empty() && hand(next) {
            next = batch();
        }
        Ok(())
    };
    let mut count = 0;
    let mut replay = None;
    let told = if way == "read" {
        let mut reader = Reader::new(&pack.schema, pack.timeline.zone);
        let mut read = |row: &Row| reader.read(&row.raw, Received::Stated).is_some();
        let read: io::Result<()> = hand_out(&mut |rows| {
            count += rows.iter().filter(|row| read(row)).count();
            true
        });
        read.map(|()| String::new()).unwrap()
    } else {
        let threads = way.split(':').nth(1).unwrap().parse().unwrap();
        let mut found = 0;
        let counts = match Passes::of(path.metadata().unwrap().len()) {
            Some(passes) => {
                let replay = InPasses { pack: pack.clone(), threads, passes, until: None };
                let show = |_: &str| -> io::Result<()> {
                    found += 1;
                    Ok(())
                };
                replay.run(hand_out, |_| {}, |_| Some(String::new()), show).unwrap()
            }
            None => {
                // kept until the clock has stopped: a daemon does not end after each record either
                let replay = replay.insert(Replay::with_threads(pack.clone(), threads).for_lines());
                let take = |_: &[Row], steps| -> io::Result<()> {
                    found += lines(&pack, steps).len();
                    Ok(())
                };
                replay.stream(hand_out, take).unwrap();
                replay.counts
            }
        };
        count = counts.accepted;
        format!("{found} findings, {counts:?}")
    };
    let took = started.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = count as f64 / took;
    println!("{way:<34}{took:>10.2}{rate:>14.0}{:>12}  {told}", peak_mib());
}

/// The most memory that this process has held, as Linux counts it.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|peak| peak.trim().trim_end_matches("kB").trim().parse::<u64>().ok()).unwrap_or_default() / 1024
}
