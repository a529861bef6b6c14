//! `siaga explain` as people and programs see it: what decided at a record is what rhai says, from files and a store alike.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test stops where it fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead as _;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use serde_json::Value;
use siaga::alert::Act;
use siaga::clock::Clock;
use siaga::engine::World;
use siaga::engine::reference::{Answered, Reference, View};
use siaga::intake::row::Row;
use siaga::intake::{Submitter, file, sort};
use siaga::pack::Pack;
use siaga::pack::files::Files;
use siaga::pipeline::packs::Packs;
use siaga::pipeline::{Pipeline, Post, Setup};
use siaga::record::Record;
use siaga::record::parse::{Parsed, Received};
use siaga::store::log::{ActOnAlert, Appended, EdgeTime, NewEntry, NewRecord};
use siaga::store::people::AlertFilter;
use siaga::store::{Scope, Store};
use siaga::subject::{subject_of, subjects_of};

/// The days around the vote hold every kind of record, and are few enough for a debug build.
const DAYS: [&str; 7] =
    ["2024-11-23", "2024-11-24", "2024-11-25", "2024-11-26", "2024-11-27", "2024-11-28", "2024-11-29"];

fn fixture() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/oku-raya.ndjson")
}

/// A folder with those days' records, and a configuration beside them.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let all = std::io::BufReader::new(std::fs::File::open(fixture()).unwrap()).lines();
    let is_wanted = |line: &String| DAYS.iter().any(|day| line.contains(&format!("\"received_at\":\"{day}")));
    let lines: Vec<String> = all.map(Result::unwrap).filter(is_wanted).collect();
    std::fs::write(folder.path().join("data.ndjson"), lines.join("\n")).unwrap();
    std::fs::write(folder.path().join("siaga.toml"), "store = \"siaga.db\"\n").unwrap();
    folder
}

fn siaga(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_siaga"));
    command.current_dir(folder).env_clear().env("SIAGA_LANG", "en").args(arguments).output().unwrap()
}

fn prints(folder: &Path, arguments: &[&str]) -> String {
    let output = siaga(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn objects(lines: &str) -> Vec<Value> {
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn pack() -> Arc<Pack> {
    Arc::new(siaga::pack::build(Files::built_in()).pack.expect("the built-in pack loads"))
}

fn parsed(pack: &Pack, folder: &Path) -> Vec<Parsed> {
    let rows: Vec<Row> = file::read(&folder.join("data.ndjson")).unwrap().collect::<Result<_, _>>().unwrap();
    sort(&pack.schema, rows, Received::Stated, pack.timeline.zone, &Submitter::LOCAL).accepted
}

/// The newest revision of each record, unless it is withdrawn.
fn newest(pack: &Pack, folder: &Path) -> Vec<Arc<Record>> {
    let mut newest: BTreeMap<_, Arc<Record>> = BTreeMap::new();
    for Parsed { record, .. } in parsed(pack, folder) {
        let known = newest.get(&record.key);
        if known.is_none_or(|known| known.received_at <= record.received_at) {
            newest.insert(record.key.clone(), Arc::new(record));
        }
    }
    newest.into_values().filter(|record| !record.withdrawn).collect()
}

/// Some records of each kind.
fn some(records: &[Arc<Record>], of_each: usize) -> Vec<Arc<Record>> {
    let mut taken: BTreeMap<_, usize> = BTreeMap::new();
    let mut is_wanted = |record: &&Arc<Record>| {
        let count = taken.entry(record.kind).or_default();
        *count += 1;
        *count <= of_each
    };
    records.iter().rev().filter(|record| is_wanted(record)).cloned().collect()
}

fn name(record: &Record) -> String {
    format!("{}/{}", record.key.source, record.key.id)
}

/// Compares what was said of a rule without a deadline with rhai's answers; whether its conjuncts were asked.
fn compare(said: &Value, answered: Option<&[Answered]>) -> bool {
    let Some(answered) = answered else {
        assert!(["outside-area", "not-in-phase"].contains(&said["asked"].as_str().unwrap()), "{said}");
        return false;
    };
    assert_eq!(said["asked"], "all", "{said}");
    let conjuncts = said["conjuncts"].as_array().unwrap();
    assert_eq!(conjuncts.len(), answered.len(), "{said}");
    for (conjunct, answer) in conjuncts.iter().zip(answered) {
        let wanted: &[&str] = match answer.holds {
            Ok(true) => &["holds"],
            Ok(false) => &["not-held", "missing"],
            Err(_) => &["failed"],
        };
        assert!(wanted.contains(&conjunct["outcome"].as_str().unwrap()), "{conjunct} {answer:?}");
    }
    let first = answered.iter().position(|answer| answer.holds == Ok(false));
    match first {
        Some(first) => {
            assert_eq!(said["decided_by"], conjuncts[first], "{said}");
            assert_eq!((&said["outcome"], &said["finding"]), (&"not-held".into(), &Value::Null), "{said}");
            if let Some(seen) = &answered[first].seen {
                assert_eq!(said["decided_by"]["value"], seen.value.as_str(), "{said}");
                assert_eq!(said["decided_by"]["bound"].as_str(), seen.bound.as_deref(), "{said}");
            }
        }
        None => {
            assert!(answered.iter().all(|answer| answer.holds == Ok(true)), "{said}");
            assert_eq!((&said["outcome"], &said["decided_by"]), (&"found".into(), &Value::Null), "{said}");
            assert!(said["finding"]["alert"].is_string() && !said["history"][0].is_null(), "{said}");
        }
    }
    true
}

#[test]
fn what_decided_is_what_rhai_says() {
    let folder = folder();
    let (files, pack) = (Files::built_in(), pack());
    let reference = Reference::new(&pack, &files);
    let thresholds = Arc::new(World::new(pack.clone()).thresholds.clone());
    let all = newest(&pack, folder.path());
    let (mut asked, mut deciding) = (0, BTreeSet::new());
    for record in some(&all, 4) {
        let arguments = ["explain", "record", &name(&record), "--records", "data.ndjson", "--format", "json"];
        let said = objects(&prints(folder.path(), &arguments));
        let rules: Vec<&str> = said.iter().map(|said| said["rule"].as_str().unwrap()).collect();
        assert_eq!(rules, pack.rules.iter().map(|rule| rule.id.as_ref()).collect::<Vec<_>>());
        for (said, rule) in said.iter().zip(&pack.rules) {
            if !rule.on.contains(&record.kind) {
                assert_eq!((&said["asked"], &said["outcome"]), (&"other-kind".into(), &Value::Null), "{said}");
                continue;
            }
            let Some(subject) = subject_of(&record, rule.per) else {
                assert_eq!(said["asked"], "no-subject", "{said}");
                continue;
            };
            // what a deadline asks, it asks as of another time than rhai is asked here
            if rule.deadline.is_some() {
                assert!(said["deadline"].is_object(), "{said}");
                continue;
            }
            let case = all.iter().filter(|other| subject_of(other, rule.per).as_ref() == Some(&subject));
            let mut case: Vec<Arc<Record>> = case.cloned().collect();
            case.sort_by(|a, b| a.order().cmp(&b.order()));
            let mut view = View::new(&pack, &thresholds, &Arc::new(case), &record, 1);
            let answered = reference.asked(&rule.id, &mut view).unwrap();
            if compare(said, answered.as_deref()) {
                asked += 1;
                deciding.insert((rule.id.clone(), said["decided_by"]["text"].to_string()));
            }
        }
    }
    assert!(asked >= 20 && deciding.len() >= 8, "{asked} {deciding:#?}");
}

/// Lets a store's pipeline judge the records, and somebody take the first alert about a polling place.
fn fill(folder: &Path) -> String {
    let pack = pack();
    let store = Store::open(&folder.join("siaga.db"), siaga::clock::now()).unwrap();
    let pipeline = Pipeline::start(Setup {
        store: store.clone(),
        packs: Packs::new(pack.clone(), 0),
        clock: Clock::Records,
        post: Post::nowhere(),
        committed: Box::new(|_| {}),
    })
    .unwrap();
    let append = |entries| {
        let appended = store.append(entries, EdgeTime::Records).wait().unwrap();
        let last = appended.iter().rev().find_map(Appended::position).unwrap();
        assert!(pipeline.wait_for(last), "{:?}", pipeline.status().failures);
    };
    append(parsed(&pack, folder).into_iter().map(|parsed| entry(&pack, parsed)).collect());
    let wanted = AlertFilter { rule: Some("tps-tanpa-akreditasi".to_owned()), ..AlertFilter::everything(Scope::All) };
    let alert = store.alerts(&wanted, None, 50).unwrap().items.pop().unwrap();
    append(vec![NewEntry::Act(ActOnAlert {
        alert: alert.id.clone(),
        subject: alert.subject.clone(),
        by: Arc::from("bawaslu-oku"),
        act: Act::Acknowledge,
    })]);
    pipeline.stop();
    alert.id.to_string()
}

fn entry(pack: &Pack, parsed: Parsed) -> NewEntry {
    let record = parsed.record;
    NewEntry::Record(Box::new(NewRecord {
        kind: Arc::from(pack.schema.kind_name(record.kind)),
        subjects: subjects_of(&record),
        key: record.key,
        occurred_at: record.occurred_at,
        received_at: Some(record.received_at),
        withdrawn: record.withdrawn,
        content_hash: parsed.content_hash,
        body: parsed.canonical,
        unknown_fields: record.unknown_fields,
    }))
}

#[test]
fn a_store_says_the_same_as_the_files_that_filled_it() {
    let folder = folder();
    let alert = fill(folder.path());
    let all = newest(&pack(), folder.path());
    for record in some(&all, 1) {
        let name = name(&record);
        let ask = ["explain", "record", name.as_str(), "--agency", "bawaslu-oku", "--format", "json"];
        let of_store = prints(folder.path(), &ask);
        let of_files = prints(folder.path(), &[&ask[..], &["--records", "data.ndjson"]].concat());
        assert_eq!(of_store, of_files);
    }
    for language in ["en", "id"] {
        let said = prints(folder.path(), &["--lang", language, "explain", "alert", &alert]);
        insta::assert_snapshot!(format!("alert_{language}"), said);
    }
    let said = &objects(&prints(folder.path(), &["explain", "alert", &alert, "--format", "json"]))[0];
    assert_eq!(said["acknowledged"][0]["agency"], "bawaslu-oku");
    let misspelt = siaga(folder.path(), &["explain", "alert", &format!("{alert}x")]);
    let help = format!("error: there is no alert `{alert}x`\nhelp: did you mean `{alert}`?\n");
    assert!(String::from_utf8(misspelt.stderr).unwrap().ends_with(&help));
}

#[test]
fn people_read_what_decided_in_their_language() {
    let folder = folder();
    for (what, record) in [("found", "apoa/apoa-003075"), ("waits", "kanim-muaraenim/kanim-muaraenim-000703")] {
        for language in ["en", "id"] {
            let ask = ["--lang", language, "explain", "record", record, "--records", "data.ndjson"];
            insta::assert_snapshot!(format!("record_{what}_{language}"), prints(folder.path(), &ask));
        }
    }
    let ask = ["explain", "record", "kanim-muaraenim/kanim-muaraenim-000703", "--all", "--records", "data.ndjson"];
    insta::assert_snapshot!("record_all", prints(folder.path(), &ask));
}

#[test]
fn people_read_why_an_agency_was_or_was_not_told() {
    let folder = folder();
    let asked = [
        ("bawaslu-oku/bawaslu-oku-000068", "kpu-oku"),
        ("bawaslu-oku/bawaslu-oku-000068", "bawaslu-okus"),
        ("bawaslu-oku/bawaslu-oku-000068", "polres-oku"),
        ("desa/desa-000039", "kanim-muaraenim"),
    ];
    for language in ["en", "id"] {
        let said = asked.map(|(record, agency)| {
            let ask = ["--lang", language, "explain", "record", record, "--agency", agency, "--records", "data.ndjson"];
            prints(folder.path(), &ask)
        });
        insta::assert_snapshot!(format!("agency_{language}"), said.join("\n"));
    }
}

#[test]
fn rules_and_codes_have_their_page() {
    let folder = folder();
    let catalogue = prints(folder.path(), &["doc"]);
    for rule in &pack().rules {
        let page = prints(folder.path(), &["explain", "rule", &rule.id]);
        assert!(page.starts_with(&format!("## {}\n", rule.id)) && page.contains(&rule.title), "{page}");
        assert!(catalogue.contains(page.trim_end()), "{page}");
    }
    assert!(prints(folder.path(), &["explain", "sg012"]).starts_with("SG012: "));
}

#[test]
fn what_is_not_there_is_said_with_what_may_be_meant() {
    let folder = folder();
    let of_files = |record| ["explain", "record", record, "--records", "data.ndjson"];
    let agency = ["--agency", "bawaslu-okuu"];
    for (arguments, wanted) in [
        (vec!["explain", "rule", "inap-gandaa"], "there is no rule `inap-gandaa`\nhelp: did you mean `inap-ganda`?"),
        (vec!["explain", "SG12"], "there is no code `SG12`\nhelp: did you mean `SG012`?"),
        (
            of_files("desa/desa-0000399").to_vec(),
            "there is no record `desa/desa-0000399`\nhelp: did you mean `desa/desa-000039`?",
        ),
        (
            [&of_files("desa/desa-000039")[..], &agency].concat(),
            "there is no agency `bawaslu-okuu`\nhelp: did you mean `bawaslu-oku`?",
        ),
    ] {
        let output = siaga(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert_eq!(String::from_utf8(output.stderr).unwrap(), format!("error: {wanted}\n"));
    }
}
