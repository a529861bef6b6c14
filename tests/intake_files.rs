//! The tables in `fixtures/intake/` through the real binary: every row ends as stated beside its file.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

#[path = "support/process.rs"]
#[expect(dead_code, reason = "other tests start the daemon too")]
mod process;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use process::{SIAGA, Site};
use serde_json::{Value, json};

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

/// Killed in the middle, again and again, and run once more: every row is there once.
#[test]
fn a_killed_import_neither_loses_nor_doubles_a_row() {
    const ROWS: usize = 6_000;
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
    for lines in [500, 1_500, 3_500] {
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
    let again = import(&site, &arguments);
    assert_eq!((of(&again, "accepted"), of(&again, "duplicate")), (0, ROWS * 9 / 10));
    let numbers = |lines: &[Value]| -> std::collections::BTreeSet<u64> {
        lines.iter().filter_map(|line| line["quarantine"].as_u64()).collect()
    };
    assert_eq!((numbers(&again).len(), numbers(&again)), (ROWS / 10, numbers(&lines)), "each waits once");
}
