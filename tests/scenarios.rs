//! The scenario files of the shipped pack come out as they say, and what files cannot say of the midnight at which it matters most.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops where it fails")]

mod support {
    #[expect(dead_code, reason = "nobody acts on an alert here")]
    pub mod drive;
}

use std::path::Path;

use serde_json::json;
use siaga::pack::files::Files;
use siaga::trial::scenario;
use siaga::words::Language;
use support::drive::{Drive, at, pack_with};

#[test]
fn the_shipped_scenarios_come_out_as_they_say() {
    let pack = pack_with(|_| ());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/pilkada-2024");
    let files = Files::scenarios(&folder).unwrap();
    assert_eq!(files.texts, Files::built_in_scenarios().texts, "the program carries them as they stand in the folder");
    let read = scenario::read(&pack, files);
    assert!(read.diagnostics.is_empty(), "{}", read.render(Language::English, false));
    assert_eq!(read.scenarios.len(), read.files.texts.len());
    for scenario in &read.scenarios {
        let outcome = scenario::run(&pack, scenario);
        let mut wrong = Vec::new();
        for step in &outcome.steps {
            let zone = pack.timeline.zone;
            let texts = step.mismatches.iter().flat_map(|mismatch| mismatch.texts(zone));
            wrong
                .extend(texts.map(|text| format!("{}:{} {}", outcome.file, step.line, text.render(Language::English))));
        }
        assert!(wrong.is_empty() && outcome.passed(), "{}", wrong.join("\n"));
        assert!(outcome.steps.iter().any(|step| !step.traces.is_empty()), "{} is traced", outcome.scenario);
    }
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
        assert_eq!((finding.about.phase.as_ref(), finding.severity.word()), (phase, severity), "{time}");
        let steps = drive.record(&hint(time));
        let timers: Vec<_> = steps.iter().flat_map(|step| &step.effects.timers_set).map(|timer| timer.due).collect();
        assert_eq!(timers, [at(due)], "{time}");
        let steps = drive.until("2024-11-24T00:00:00+07:00");
        let moved: Vec<_> = steps.iter().flat_map(|step| &step.effects.timers_set).map(|timer| timer.due).collect();
        let shortened = if phase == "kampanye" { vec![at("2024-11-24T11:59:59+07:00")] } else { vec![] };
        assert_eq!(moved, shortened, "{time}: the shorter term takes hold at midnight");
    }
}
