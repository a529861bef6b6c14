//! How long packs of 100 to 100,000 rules take to load, checks included, and how much memory at most.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a benchmark's own output and inputs"
)]

#[path = "load/pack.rs"]
mod pack;

use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// Rules of the packs.
const SIZES: [usize; 4] = [100, 1_000, 10_000, 100_000];
/// Each row of the table is the best of so many runs.
const RUNS: usize = 3;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        // `cargo test --benches` asks every benchmark to run as a test
        words if words.contains(&"--test") => {}
        ["child", folder] => child(Path::new(folder)),
        ["write", folder, rules] => pack::write(Path::new(folder), rules.parse().unwrap()),
        _ => table(),
    }
}

fn table() {
    println!("{:>8} {:>8} {:>12} {:>12} {:>14}", "rules", "threads", "text MB", "load ms", "peak MB more");
    let scratch = tempfile::tempdir().unwrap();
    for rules in SIZES {
        let folder = scratch.path().join(rules.to_string());
        pack::write(&folder, rules);
        let text = bytes_below(&folder) as f64 / 1e6;
        for threads in [1, 2] {
            let runs: Vec<(f64, f64)> = (0..RUNS).map(|_| measured(&folder, threads)).collect();
            let (ms, peak) = runs.into_iter().min_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
            println!("{rules:>8} {threads:>8} {text:>12.1} {ms:>12.1} {peak:>14.1}");
        }
    }
}

fn bytes_below(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .map(|entry| match entry.metadata().unwrap() {
            data if data.is_dir() => bytes_below(&entry.path()),
            data => data.len(),
        })
        .sum()
}

/// Milliseconds and megabytes of a load in a process of its own.
fn measured(folder: &Path, threads: usize) -> (f64, f64) {
    let last = threads - 1;
    let output = Command::new("taskset")
        .args(["-c", &format!("0-{last}")])
        .arg(std::env::current_exe().unwrap())
        .arg("child")
        .arg(folder)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let mut numbers = said.split_whitespace().map(|word| word.parse().unwrap());
    (numbers.next().unwrap(), numbers.next().unwrap())
}

/// Loads a pack and says how long it took and how much memory the process came to need.
fn child(folder: &Path) {
    let before = status("VmRSS:");
    let started = Instant::now();
    let loaded = siaga::pack::load(folder);
    let took = started.elapsed().as_secs_f64() * 1e3;
    let peak = status("VmHWM:") - before;
    assert!(loaded.diagnostics.is_empty(), "{} mistakes", loaded.diagnostics.len());
    assert!(loaded.pack.is_some_and(|pack| !pack.rules.is_empty()));
    println!("{took} {peak}");
}

/// A line of the kernel's account of this process, in megabytes.
fn status(what: &str) -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(what)).unwrap();
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse().unwrap();
    kilobytes * 1024.0 / 1e6
}
