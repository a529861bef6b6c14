//! `siaga replay` as people see it: the lines, their sums, and what is left of both where one rule is asked for.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops where it fails")]

use std::array::from_fn;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const RULE: &str = "klaster-penginapan";
/// It finds nothing in the fixture.
const SILENT: &str = "inap-ganda-tiga";
const KINDS: [&str; 5] = ["open", "repeat", "escalate", "hold", "resolve"];

/// Findings by rule and what became of them.
type Sums = BTreeMap<String, [usize; KINDS.len()]>;

fn replay(language: &str, arguments: &[&str]) -> Output {
    let records = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/oku-raya.ndjson");
    let mut command = Command::new(env!("CARGO_BIN_EXE_siaga"));
    command.env_clear().env("SIAGA_LANG", language).arg("replay").arg("--records").arg(records);
    command.args(["--until", "2025-03-01T00:00:00+07:00"]).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// As the lines have them.
fn counted(lines: &str) -> Sums {
    let mut sums = Sums::new();
    for line in lines.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let kind = line["disposition"]["kind"].as_str().unwrap();
        let place = KINDS.iter().position(|known| *known == kind).unwrap();
        sums.entry(line["rule"].as_str().unwrap().to_owned()).or_default()[place] += 1;
    }
    sums
}

/// As the table below them has them.
fn table(told: &str) -> Sums {
    let rows = told.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let rows = rows.skip_while(|words| words.get(1..) != Some(&KINDS)).skip(1).take_while(|words| words.len() == 6);
    rows.map(|words| (words[0].to_owned(), from_fn(|place| words[place + 1].parse().unwrap()))).collect()
}

#[test]
fn the_sums_are_those_of_the_lines() {
    let output = replay("en", &["--format", "json"]);
    let (lines, told) = (text(&output.stdout), text(&output.stderr));
    let sums = counted(lines);
    assert!(sums.len() > 10, "{sums:?}");
    assert_eq!(table(told), sums);
    let last = told.lines().last().unwrap();
    let numbers = last.split(|sign: char| !sign.is_ascii_digit()).filter_map(|word| word.parse().ok());
    let numbers: Vec<usize> = numbers.collect();
    let [rows, accepted, duplicates, quarantined, failures, ..] = numbers[..] else { panic!("{last}") };
    assert_eq!((rows, failures), (accepted + duplicates + quarantined, 0), "{last}");
    assert!(accepted > 8_000, "{last}");
}

#[test]
fn one_rule_is_shown_alone_and_judged_among_all() {
    let all = replay("id", &["--format", "json"]);
    let one = replay("id", &["--rule", RULE, "--format", "json"]);
    let is_its = |line: &&str| serde_json::from_str::<Value>(line).unwrap()["rule"] == RULE;
    let expected: Vec<&str> = text(&all.stdout).lines().filter(is_its).collect();
    assert!(expected.len() > 10, "{} findings", expected.len());
    assert_eq!(text(&one.stdout).lines().collect::<Vec<_>>(), expected);
    let of_all = table(text(&all.stderr));
    assert_eq!(table(text(&one.stderr)), Sums::from([(RULE.to_owned(), of_all[RULE])]));
    let none = replay("id", &["--rule", SILENT]);
    assert!(none.stdout.is_empty() && !of_all.contains_key(SILENT));
    assert_eq!(table(text(&none.stderr)), Sums::from([(SILENT.to_owned(), [0; KINDS.len()])]));
}

#[test]
fn a_rule_that_the_pack_does_not_have_is_no_empty_list() {
    let output = replay("en", &["--rule", "klaster-penginapa"]);
    assert!(!output.status.success() && output.stdout.is_empty());
    let told = text(&output.stderr);
    let meant = format!("did you mean `{RULE}`?");
    assert!(told.contains("there is no rule `klaster-penginapa`") && told.contains(&meant), "{told}");
}
