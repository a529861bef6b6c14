//! Instructions of the hot paths, counted by valgrind and held against a baseline: they tell what changed where times only
//! tell that the machine was busy.
//!
//! Without an argument it does nothing. `--check` compares, `--accept` writes the baseline anew. Each path is run in a
//! process of its own, once and twice as often: the difference is what the path itself takes, without all that comes
//! before it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::exit,
    reason = "a benchmark's own output and inputs"
)]

#[path = "instructions/paths.rs"]
mod paths;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How far a count may be from the baseline, in percent.
const TOLERANCE: i64 = 10;
const BASELINE: &str = "benches/instructions/baseline.toml";
const ACCEPT: &str = "bash tests/instructions --accept";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["--run", path, times] => paths::run(path, times.parse().unwrap()),
        words if words.contains(&"--check") => check(&counted()),
        words if words.contains(&"--accept") => accept(&counted()),
        _ => {}
    }
}

/// Instructions of one operation, by path.
fn counted() -> BTreeMap<String, i64> {
    let count = |path: &paths::Path| {
        let once = instructions(path.name, path.times);
        let twice = instructions(path.name, 2 * path.times);
        (path.name.to_owned(), (twice - once) / i64::from(path.times * path.operations))
    };
    // valgrind counts the same however busy the machine is
    std::thread::scope(|scope| {
        let counts: Vec<_> = paths::ALL.iter().map(|path| scope.spawn(move || count(path))).collect();
        counts.into_iter().map(|count| count.join().unwrap()).collect()
    })
}

fn instructions(path: &str, times: u32) -> i64 {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe().unwrap())
        .args(["--run", path, &times.to_string()])
        .output()
        .unwrap_or_else(|error| panic!("valgrind does not start: {error}\nhelp: `apt-get install valgrind`"));
    let told = String::from_utf8_lossy(&output.stderr);
    let count = told.lines().find_map(|line| line.split("Collected : ").nth(1));
    match count.and_then(|count| count.trim().parse().ok()) {
        Some(count) if output.status.success() => count,
        _ => panic!("`{path}` did not run:\n{told}"),
    }
}

fn check(counted: &BTreeMap<String, i64>) {
    let baseline: BTreeMap<String, i64> = toml::from_str(&std::fs::read_to_string(file()).unwrap()).unwrap();
    println!("{:<20} {:>12} {:>12} {:>8}", "instructions", "baseline", "now", "");
    let mut exceeded = Vec::new();
    let mut better = false;
    for (path, now) in counted {
        let Some(known) = baseline.get(path) else {
            exceeded.push(format!("`{path}` is not in `{BASELINE}`"));
            continue;
        };
        // in tenths of a percent
        let change = (now - known) * 1000 / known.max(&1);
        let shown = format!("{}{}.{}", if change < 0 { "-" } else { "+" }, change.abs() / 10, change.abs() % 10);
        println!("{path:<20} {known:>12} {now:>12} {shown:>7}%");
        if change > TOLERANCE * 10 {
            exceeded.push(format!("`{path}` takes {now} instructions, {shown} % against the {known} of the baseline"));
        }
        better |= change < -TOLERANCE * 10;
    }
    if better {
        println!("note: better by more than {TOLERANCE} %; to hold it: `{ACCEPT}`");
    }
    if !exceeded.is_empty() {
        println!("error: {}", exceeded.join("\nerror: "));
        println!("help: find what made it so (`callgrind_annotate`), or accept it: `{ACCEPT}`");
        std::process::exit(1);
    }
}

fn accept(counted: &BTreeMap<String, i64>) {
    let lines: String = counted.iter().map(|(path, count)| format!("{path} = {count}\n")).collect();
    let head = "# Instructions of one operation, by path; written by `bash tests/instructions --accept`.\n";
    std::fs::write(file(), format!("{head}{lines}")).unwrap();
    print!("{lines}");
}

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(BASELINE)
}
