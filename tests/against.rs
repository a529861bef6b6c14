//! What two packs make of the same records: each way of differing is told, and only those.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use siaga::alert::Severity;
use siaga::compare::{Change, Side, compare};
use siaga::intake::file;
use siaga::intake::row::Row;
use siaga::pack::Pack;
use siaga::pack::files::Files;
use siaga::replay::Replay;

/// The built-in pack with a file rewritten; one that is rewritten to nothing is left out.
fn pack(path: &str, rewrite: impl Fn(&str) -> String) -> Arc<Pack> {
    let mut files = Files::built_in();
    let text = rewrite(files.texts.get(path).unwrap());
    if text.is_empty() {
        files.texts.remove(path);
    } else {
        files.texts.insert(path.to_owned(), text);
    }
    let loaded = siaga::pack::build(files);
    let drawn = loaded.render(false);
    Arc::new(loaded.pack.ok_or(drawn).unwrap())
}

fn rows() -> Vec<Row> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/oku-raya.ndjson");
    file::read(&path).unwrap().collect::<Result<_, _>>().unwrap()
}

fn side(pack: &Arc<Pack>, rows: &[Row]) -> Side {
    let mut side = Side::default();
    side.note(&Replay::new(pack.clone()).feed(rows));
    side
}

fn counts(changes: &[Change]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for change in changes {
        *counts.entry(change.word()).or_default() += 1;
    }
    counts
}

const RULE: &str = "kerja/kerja-izin-kunjungan.rhai";

#[test]
fn a_pack_does_not_differ_from_itself() {
    let (pack, rows) = (pack(RULE, str::to_owned), rows());
    let changes = compare(side(&pack, &rows), side(&pack, &rows));
    assert!(changes.len() > 100, "{}", changes.len());
    assert!(changes.iter().all(|change| matches!(change, Change::Same(_))));
}

#[test]
fn a_rule_that_is_gone_loses_its_alerts_and_gives_them_back_the_other_way_around() {
    let (whole, without, rows) = (pack(RULE, str::to_owned), pack(RULE, |_| String::new()), rows());
    let lost = compare(side(&whole, &rows), side(&without, &rows));
    let gained = compare(side(&without, &rows), side(&whole, &rows));
    let of_rule = |changes: &[Change]| -> Vec<String> {
        let differ = changes.iter().filter(|change| !matches!(change, Change::Same(_)));
        differ.map(|change| format!("{} {}", change.outcome().rule, change.outcome().alert)).collect()
    };
    assert_eq!(of_rule(&lost), of_rule(&gained));
    assert!(!of_rule(&lost).is_empty());
    assert!(of_rule(&lost).iter().all(|line| line.starts_with("kerja-izin-kunjungan ")));
    assert!(lost.iter().all(|change| matches!(change, Change::Lost(_) | Change::Same(_))));
    assert_eq!(counts(&lost).get("lost"), counts(&gained).get("gained"));
}

#[test]
fn another_severity_changes_every_alert_of_its_rule() {
    let (before, rows) = (pack(RULE, str::to_owned), rows());
    let after = pack(RULE, |text| text.replace("siaga-2", "siaga-1"));
    let changes = compare(side(&before, &rows), side(&after, &rows));
    for change in &changes {
        match change {
            Change::Same(same) => assert_ne!(same.rule.as_ref(), "kerja-izin-kunjungan"),
            Change::Changed { before, after } => {
                assert_eq!((before.first, after.first), (Severity::Siaga2, Severity::Siaga1));
                assert_eq!((&before.alert, &before.told), (&after.alert, &after.told));
            }
            other => assert!(matches!(other, Change::Changed { .. }), "{other:?}"),
        }
    }
    assert!(counts(&changes).contains_key("changed"));
}

#[test]
fn a_lower_threshold_opens_earlier_and_more() {
    let (before, rows) = (pack(RULE, str::to_owned), rows());
    let after = pack("thresholds.toml", |text| {
        let (head, rest) = text.split_once("[klaster_minimal]").unwrap();
        let (default, tail) = rest.split_once("default = ").unwrap();
        let (_, tail) = tail.split_once('\n').unwrap();
        format!("{head}[klaster_minimal]{default}default = 3\n{tail}")
    });
    let changes = compare(side(&before, &rows), side(&after, &rows));
    let (mut earlier, mut gained) = (0, 0);
    for change in &changes {
        match change {
            Change::Changed { before, after } if after.opened_at < before.opened_at => earlier += 1,
            Change::Gained(_) => gained += 1,
            _ => {}
        }
        if !matches!(change, Change::Same(_)) {
            assert!(change.outcome().rule.starts_with("klaster-"), "{change:?}");
        }
    }
    assert!(earlier > 0 && gained > 0, "{earlier} earlier, {gained} gained");
}
