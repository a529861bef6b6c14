//! The scenarios of `fixtures/scenarios`: which alerts, when, how urgent, why, and who is told. What is not listed is silence.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops where it fails")]

mod support {
    pub mod drive;
}

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};
use siaga::alert::CloseReason;
use siaga::entry::Step;
use siaga::intake::file;
use support::drive::{Drive, at, pack_with, told};

/// What a scenario is expected to come to: `fixtures/expected/*.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    /// The clock runs on to here.
    until: String,
    /// Added to the pack's `timeline.toml`.
    #[serde(default)]
    timeline: String,
    /// What people do meanwhile.
    #[serde(default)]
    act: Vec<Act>,
    /// Every disposition, in order.
    expect: Vec<Expect>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Act {
    at: String,
    /// The alert by the order of opening, from 1.
    alert: usize,
    /// The reason for closing it.
    close: String,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Expect {
    /// When it was decided, local time.
    at: String,
    rule: String,
    record: String,
    disposition: String,
    #[serde(default)]
    reason: String,
    severity: String,
    #[serde(default)]
    told: Vec<String>,
}

#[test]
fn a_a_declaration_with_foreign_guests() {
    check("a-deklarasi");
}

#[test]
fn b_a_foreigners_nik_in_the_voter_list() {
    check("b-daftar-pemilih");
}

#[test]
fn c_the_silent_period_begins_at_midnight() {
    check("c-tengah-malam");
}

#[test]
fn d_a_rerun_at_one_polling_station() {
    check("d-psu");
}

#[test]
fn e_a_naturalised_citizen() {
    check("e-naturalisasi");
}

#[test]
fn g_a_silent_feed_over_election_night() {
    check("g-sumber-senyap");
}

/// Severity and term are those of the phase in which the record happened, to the second.
#[test]
fn the_last_second_of_the_campaign_and_the_first_of_the_silent_period_differ() {
    let report = |time: &str| {
        json!({"id": "x-1", "source": "bawaslu-oku", "kind": "activity.reported", "occurred_at": time,
            "person": {"passport": {"number": "U2900001", "issuer": "UTO"}, "name": "CONTOH SATU"},
            "place": {"kabupaten": "16.01", "kecamatan": "16.01.14"},
            "activity": {"event_id": "acara-1", "event_kind": "campaign", "role": "speaks", "officer": "petugas-1",
                "agency": "bawaslu-oku", "evidence": "foto/1"}})
    };
    let hint = |time: &str| {
        json!({"id": "x-2", "source": "desa", "kind": "stay.hint", "occurred_at": time,
            "person": {"passport": {"number": "U2900001", "issuer": "UTO"}},
            "place": {"kabupaten": "16.01", "kecamatan": "16.01.14"},
            "lodging": {"id": "hotel-contoh-1", "name": "Hotel Contoh 1"}})
    };
    let rows = [
        ("2024-11-23T23:59:59+07:00", "kampanye", "siaga-2", "2024-11-24T23:59:59+07:00"),
        ("2024-11-23T16:59:59Z", "kampanye", "siaga-2", "2024-11-24T23:59:59+07:00"),
        ("2024-11-24T00:00:00+07:00", "tenang", "siaga-1", "2024-11-24T12:00:00+07:00"),
        ("2024-11-23T17:00:00Z", "tenang", "siaga-1", "2024-11-24T12:00:00+07:00"),
    ];
    for (time, phase, severity, due) in rows {
        let mut drive = Drive::new(pack_with(|_| ()));
        drive.record(&report(time));
        let finding = &drive.only("kegiatan-kampanye").findings[0];
        assert_eq!((finding.phase.as_ref(), finding.severity.word()), (phase, severity), "{time}");
        let steps = drive.record(&hint(time));
        let timers: Vec<_> = steps.iter().flat_map(|step| &step.effects.timers_set).map(|timer| timer.due).collect();
        assert_eq!(timers, [at(due)], "{time}");
        let steps = drive.until("2024-11-24T00:00:00+07:00");
        let moved: Vec<_> = steps.iter().flat_map(|step| &step.effects.timers_set).map(|timer| timer.due).collect();
        let shortened = if phase == "kampanye" { vec![at("2024-11-24T11:59:59+07:00")] } else { vec![] };
        assert_eq!(moved, shortened, "{time}: the shorter term takes hold at midnight");
    }
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn check(name: &str) {
    let path = fixtures().join("expected").join(format!("{name}.toml"));
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let scenario: Scenario = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let drive = run(name, &scenario);
    let got = found(&drive.steps);
    assert!(got == scenario.expect, "{name}: expected\n{:#?}\ngot\n{:#?}\n{}", scenario.expect, got, toml_of(&got));
    let failures: Vec<_> = drive.steps.iter().flat_map(|step| &step.effects.failures).collect();
    assert!(failures.is_empty(), "{failures:?}");
}

fn run(name: &str, scenario: &Scenario) -> Drive {
    let pack = pack_with(|files| {
        if let Some(text) = files.texts.get_mut("timeline.toml") {
            text.push_str(&scenario.timeline);
        }
    });
    let mut drive = Drive::new(pack);
    let mut acts = scenario.act.iter().peekable();
    for row in file::read(&fixtures().join("scenarios").join(format!("{name}.ndjson"))).unwrap() {
        let json = row.unwrap().json().unwrap().clone();
        while let Some(act) = acts.next_if(|act| at(&act.at) <= received_at(&json)) {
            close(&mut drive, act);
        }
        drive.record(&json);
    }
    acts.for_each(|act| close(&mut drive, act));
    drive.until(&scenario.until);
    drive
}

fn received_at(json: &Value) -> chrono::DateTime<chrono::Utc> {
    at(json["received_at"].as_str().unwrap())
}

fn close(drive: &mut Drive, act: &Act) {
    let mut opened = Vec::new();
    for (disposed, alert, _) in drive.steps.iter().flat_map(told) {
        if disposed.disposition.word() == "open" {
            opened.push(alert.clone());
        }
    }
    let (reason, _) = CloseReason::BY_PEOPLE.iter().find(|(_, word)| *word == act.close).unwrap();
    drive.close(&act.at, &opened[act.alert - 1], *reason);
}

fn found(steps: &[Step]) -> Vec<Expect> {
    let mut found = Vec::new();
    for step in steps {
        for (disposed, _, notices) in told(step) {
            let (finding, disposition) = (&disposed.finding, &disposed.disposition);
            assert!(notices.iter().all(|notice| notice.severity == finding.severity));
            found.push(Expect {
                at: siaga::replay::local(step.at, chrono_tz::Asia::Jakarta),
                rule: finding.key.rule.to_string(),
                record: finding.key.trigger.to_string(),
                disposition: disposition.word().to_owned(),
                reason: siaga::replay::reason(disposition, chrono_tz::Asia::Jakarta),
                severity: finding.severity.to_string(),
                told: notices.iter().map(|notice| notice.agency.to_string()).collect(),
            });
        }
    }
    found
}

/// What was found, as it would stand in the expectations.
fn toml_of(found: &[Expect]) -> String {
    let entry = |e: &Expect| {
        let reason = if e.reason.is_empty() { String::new() } else { format!("reason = {:?}\n", e.reason) };
        let told = if e.told.is_empty() { String::new() } else { format!("told = {:?}\n", e.told) };
        format!(
            "[[expect]]\nat = {:?}\nrule = {:?}\nrecord = {:?}\ndisposition = {:?}\n{reason}severity = {:?}\n{told}",
            e.at, e.rule, e.record, e.disposition, e.severity,
        )
    };
    found.iter().map(entry).collect::<Vec<_>>().join("\n")
}
