//! The tables in `fixtures/intake/` through the real binary: every row ends as stated beside its file.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

#[path = "support/process.rs"]
#[expect(dead_code, reason = "other tests start the daemon too")]
mod process;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use process::{SIAGA, Site};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};
use siaga::store::Store;
use siaga::store::log::StoredBody;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/intake")
}

/// The files with an expectation beside them.
fn cases() -> Vec<(PathBuf, Value)> {
    let mut cases: Vec<(PathBuf, Value)> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter_map(|path| {
            let stem = path.file_name()?.to_str()?.split('.').next()?.to_owned();
            let beside = folder().join(format!("{stem}.expected.json"));
            let is_table = path.extension().is_some_and(|ending| ending != "json");
            let expected = is_table.then(|| std::fs::read(beside).ok()).flatten()?;
            Some((path, serde_json::from_slice(&expected).unwrap()))
        })
        .collect();
    cases.sort_by(|a, b| a.0.cmp(&b.0));
    cases
}

fn arguments(path: &Path, expected: &Value) -> Vec<String> {
    let mut arguments: Vec<String> = ["import", "--format", "json"].map(str::to_owned).to_vec();
    for (field, value) in expected["set"].as_object().unwrap() {
        arguments.extend(["--set".to_owned(), format!("{field}={}", value.as_str().unwrap())]);
    }
    arguments.push(path.to_str().unwrap().to_owned());
    arguments
}

fn import(site: &Site, arguments: &[String]) -> Vec<Value> {
    let output = site.verb(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code().is_some_and(|code| code < 2), "{errors}");
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What became of the rows, in the form of the expectations.
fn outcome(lines: &[Value], rows: &Value) -> Value {
    let count = |outcome: &str| lines.iter().filter(|line| line["outcome"] == outcome).count();
    let mut skipped: BTreeMap<&str, usize> = BTreeMap::new();
    for line in lines {
        if let Some(why) = line["skipped"].as_str() {
            *skipped.entry(why).or_default() += 1;
        }
    }
    let blank = usize::try_from(rows.as_u64().unwrap()).unwrap() - lines.len();
    if blank > 0 {
        *skipped.entry("empty").or_default() += blank;
    }
    let quarantined = lines.iter().filter(|line| line["outcome"] == "quarantined").map(|line| {
        let cells = line["cells"].as_array().unwrap().iter();
        let cells: Vec<Value> = cells
            .map(|cell| json!({ "column": cell["column"], "code": cell["code"], "guess": cell["guess"] }))
            .collect();
        json!({ "row": line["row"], "cells": cells })
    });
    json!({
        "accepted": count("accepted"),
        "duplicates": count("duplicate"),
        "quarantined": quarantined.collect::<Vec<_>>(),
        "skipped": skipped,
    })
}

#[test]
fn every_row_of_every_file_ends_as_stated_beside_it() {
    let cases = cases();
    assert_eq!(cases.len(), 12);
    let mut wrong = Vec::new();
    for (path, expected) in cases {
        let directory = tempfile::tempdir().unwrap();
        let site = Site::new(directory.path(), "");
        let lines = import(&site, &arguments(&path, &expected));
        let outcome = outcome(&lines, &expected["rows"]);
        for key in ["accepted", "duplicates", "quarantined", "skipped"] {
            if outcome[key] != expected[key] {
                wrong.push(format!("{} {key}:\n  {}\n  expected {}", path.display(), outcome[key], expected[key]));
            }
        }
        let number = |key: &str| expected[key].as_u64().unwrap();
        let aside = u64::try_from(expected["quarantined"].as_array().unwrap().len()).unwrap();
        let skipped: u64 = expected["skipped"].as_object().unwrap().values().filter_map(Value::as_u64).sum();
        assert_eq!(number("accepted") + number("duplicates") + aside + skipped, number("rows"), "{}", path.display());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The rows of a file come again: nothing is recorded twice, nothing waits twice in quarantine.
#[test]
fn a_report_sent_back_changes_nothing_until_it_is_corrected() {
    for (path, expected) in cases().into_iter().take(4) {
        let directory = tempfile::tempdir().unwrap();
        let site = Site::new(directory.path(), "");
        let report = directory.path().join("laporan.xlsx");
        let mut first = arguments(&path, &expected);
        first.extend(["--report".to_owned(), report.to_str().unwrap().to_owned()]);
        let lines = import(&site, &first);
        let again = import(&site, &arguments(&report, &expected));
        let of = |lines: &[Value], outcome: &str| lines.iter().filter(|line| line["outcome"] == outcome).count();
        assert_eq!(of(&again, "accepted"), 0, "{}", path.display());
        assert_eq!(of(&again, "duplicate"), of(&lines, "accepted") + of(&lines, "duplicate"), "{}", path.display());
        let numbers = |lines: &[Value]| -> Vec<(Value, Value)> {
            let aside = lines.iter().filter(|line| line["outcome"] == "quarantined");
            aside.map(|line| (line["row"].clone(), line["quarantine"].clone())).collect()
        };
        assert_eq!(numbers(&again), numbers(&lines), "{}", path.display());
    }
}

#[test]
fn a_corrected_row_is_accepted_and_leaves_quarantine() {
    let directory = tempfile::tempdir().unwrap();
    let site = Site::new(directory.path(), "");
    let table = |date: &str, zeros: &str| {
        format!(
            "Nama;Kewarganegaraan;No Paspor;Penerbit;Tgl Checkin\n\
             CONTOH SATU;Kenya;00123456;UTO;20/11/2024\n\
             CONTOH DUA;Peru;00223456;UTO;{date}\n\
             CONTOH TIGA;Fiji;{zeros};UTO;21/11/2024\n"
        )
    };
    let path = directory.path().join("tamu.csv");
    let arguments: Vec<String> =
        ["import", "--format", "json", "--set", "lodging.id=hotel-contoh-1", "tamu.csv"].map(str::to_owned).to_vec();
    let outcomes = |text: String| -> Vec<String> {
        std::fs::write(&path, text).unwrap();
        let lines = import(&site, &arguments);
        lines.iter().skip(1).map(|line| line["outcome"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(outcomes(table("11/25/2024", "323456")), ["accepted", "quarantined", "quarantined"]);
    assert_eq!(outcomes(table("25 November 2024", "00323456")), ["duplicate", "accepted", "accepted"]);
    let waiting = site.verb(&["quarantine", "list"]);
    let text = String::from_utf8_lossy(&waiting.stdout).into_owned();
    assert!(!text.contains("apoa-tamu"), "nothing waits any more: {text}");
}

#[test]
fn a_file_of_another_kind_is_refused_with_what_is_missing() {
    let directory = tempfile::tempdir().unwrap();
    let site = Site::new(directory.path(), "");
    std::fs::write(
        directory.path().join("tamu.csv"),
        "Nama;Kewarganegaraan;No Pasporr;Penerbit;Tgl Checkin;Jam;No Kamar\nCONTOH;Kenya;X1;UTO;20/11/2024;;\n",
    )
    .unwrap();
    let output = site.verb(&["--lang", "id", "import", "tamu.csv", "--set", "lodging.id=hotel-contoh-1"]);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("`No Paspor`") && text.contains("`No Pasporr`"), "{text}");
}

/// A list without guests is a sign of life of that lodging; it needs its day.
#[test]
fn a_nil_report_comes_by_a_spreadsheet_too() {
    let directory = tempfile::tempdir().unwrap();
    let site = Site::new(directory.path(), "");
    let table = "Nama;Kewarganegaraan;No Paspor;Penerbit;Tgl Checkin\n\
                 NIHIL;;;;20/11/2024\n\
                 Tidak ada tamu;;;;21/11/2024\n\
                 ;;nihil;;22/11/2024\n\
                 NIHIL;;;;\n\
                 NIHIL;Kenya;X1000001;UTO;23/11/2024\n";
    std::fs::write(directory.path().join("tamu.csv"), table).unwrap();
    let arguments: Vec<String> =
        ["import", "--format", "json", "--set", "lodging.id=hotel-contoh-1", "tamu.csv"].map(str::to_owned).to_vec();
    let lines = import(&site, &arguments);
    let outcomes: Vec<&str> = lines.iter().skip(1).map(|line| line["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["accepted", "accepted", "accepted", "quarantined", "accepted"]);
    assert_eq!((&lines[4]["cells"][0]["column"], &lines[4]["code"]), (&json!("E"), &json!("missing")));
    let store = Store::join(&site.store()).unwrap();
    let kinds: Vec<(String, String)> = store
        .tail(0, 100)
        .unwrap()
        .into_iter()
        .filter_map(|entry| match entry.body {
            StoredBody::Record { record, .. } => {
                let body: Value = serde_json::from_slice(&record.body).unwrap();
                Some((record.kind.to_string(), format!("{} {}", body["occurred_at"], body["lodging"])))
            }
            _ => None,
        })
        .collect();
    let nil = |day: &str| ("source.heartbeat".to_owned(), format!("\"{day}\" {{\"id\":\"hotel-contoh-1\"}}"));
    assert_eq!(kinds[..3], [nil("2024-11-20"), nil("2024-11-21"), nil("2024-11-22")]);
    assert_eq!(kinds[3].0, "lodging.check_in", "a guest of that name is a guest");
}

/// Killed in the middle, fifty times, and run once more: every row is there once.
#[test]
fn a_killed_import_neither_loses_nor_doubles_a_row() {
    const ROWS: usize = 50_000;
    const KILLS: usize = 50;
    let directory = tempfile::tempdir().unwrap();
    let site = Site::new(directory.path(), "");
    let mut table = "Nama;Kewarganegaraan;No Paspor;Penerbit;Tgl Checkin\n".to_owned();
    for row in 0..ROWS {
        // every tenth has its day and month exchanged
        let date = if row % 10 == 0 { "11/25/2024" } else { "25/11/2024" };
        writeln!(table, "CONTOH {row};Kenya;X{row:07};UTO;{date}").unwrap();
    }
    std::fs::write(directory.path().join("tamu.csv"), table).unwrap();
    let arguments: Vec<String> =
        ["import", "--format", "json", "--set", "lodging.id=hotel-contoh-1", "tamu.csv"].map(str::to_owned).to_vec();
    let mut random = ChaCha8Rng::seed_from_u64(5);
    for cycle in 0..KILLS {
        let lines = 1 + moment(cycle, &mut random);
        let mut child = Command::new(SIAGA)
            .args(&arguments)
            .args(["--config", "siaga.toml"])
            .current_dir(directory.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let read = BufReader::new(child.stdout.take().unwrap()).lines().take(lines).count();
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(read, lines);
    }
    let of = |lines: &[Value], outcome: &str| lines.iter().filter(|line| line["outcome"] == outcome).count();
    let lines = import(&site, &arguments);
    assert_eq!(of(&lines, "accepted") + of(&lines, "duplicate"), ROWS * 9 / 10);
    assert!(of(&lines, "duplicate") > 0, "what was committed before the kill is known");
    let waiting: BTreeSet<u64> = lines.iter().filter_map(|line| line["quarantine"].as_u64()).collect();
    assert_eq!(waiting.len(), ROWS / 10);
    let store = Store::join(&site.store()).unwrap();
    let counts = store.counts().unwrap();
    assert_eq!((counts.records, counts.revisions), (45_000, 45_000), "each row is there once");
    assert_eq!(counts.quarantined.iter().map(|(_, count)| count).sum::<u64>(), 5_000, "each waits once");
}

/// How many rows come before a kill: mostly few, since all of them are read again, and every tenth time many.
fn moment(cycle: usize, random: &mut ChaCha8Rng) -> usize {
    if cycle % 10 == 9 { (cycle / 10 + 1) * 9_000 } else { usize::try_from(random.next_u64() % 2_500).unwrap() }
}
