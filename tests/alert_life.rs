//! The life of alerts on a driven log: raised, corrected, withdrawn, answered, held and released.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops where it fails")]

mod support {
    pub mod drive;
}

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};
use siaga::alert::{Act, CloseReason, Disposition, Status};
use siaga::entry::{EntryBody, Step, ThresholdChange};
use support::drive::{Drive, at, pack_with, told};

fn person(number: &str) -> Value {
    json!({"passport": {"number": number, "issuer": "UTO"}, "name": format!("CONTOH {number}")})
}

fn place(kecamatan: &str) -> Value {
    json!({"kabupaten": kecamatan.get(..5), "kecamatan": kecamatan})
}

fn lodging(id: &str) -> Value {
    json!({"id": id, "name": format!("Hotel {id}")})
}

fn hint(id: &str, time: &str, who: &str, hotel: &str) -> Value {
    json!({"id": id, "source": "desa", "kind": "stay.hint", "occurred_at": time, "person": person(who),
        "place": place("16.01.14"), "lodging": lodging(hotel)})
}

fn check_in(id: &str, time: &str, who: &str, hotel: &str, kecamatan: &str) -> Value {
    json!({"id": id, "source": "apoa", "kind": "lodging.check_in", "occurred_at": time, "person": person(who),
        "place": place(kecamatan), "lodging": {"id": hotel, "name": hotel, "check_in": time}})
}

fn campaign(id: &str, time: &str, who: &str) -> Value {
    json!({"id": id, "source": "bawaslu-oku", "kind": "activity.reported", "occurred_at": time, "person": person(who),
        "place": place("16.01.14"), "activity": {"event_id": "acara-1", "event_kind": "campaign", "role": "speaks",
            "officer": "petugas-1", "agency": "bawaslu-oku", "evidence": "foto/1"}})
}

fn permit(id: &str, kind: &str, time: &str, who: &str, until: &str) -> Value {
    json!({"id": id, "source": "kanim-muaraenim", "kind": kind, "occurred_at": time, "person": person(who),
        "place": place("16.01.14"), "permit": {"kind": "visit", "index": "C7RAHASIA", "number": "2C-RAHASIA-77",
            "valid_from": time.get(..10), "valid_until": until, "may_work": false, "sponsor_name": "PT Contoh 1"}})
}

fn work(id: &str, time: &str, who: &str, kecamatan: &str) -> Value {
    json!({"id": id, "source": "disnaker-oku", "kind": "work.found", "occurred_at": time, "person": person(who),
        "place": place(kecamatan), "work": {"employer_id": "pt-contoh-1", "employer_name": "PT Contoh 1",
            "position": "teknisi", "site": "Pabrik Contoh"}})
}

fn also(mut record: Value, more: Value) -> Value {
    let more = more.as_object().unwrap().clone();
    record.as_object_mut().unwrap().extend(more);
    record
}

/// One line for each disposition: when, rule, what, why, severity, who is told.
fn lines(steps: &[Step]) -> Vec<String> {
    let mut lines = Vec::new();
    for step in steps {
        let time = step.at.with_timezone(&chrono_tz::Asia::Jakarta).format("%d.%m %H:%M:%S");
        for (disposed, _, notices) in told(step) {
            let told: Vec<&str> = notices.iter().map(|notice| notice.agency.as_ref()).collect();
            let what = match &disposed.disposition {
                Disposition::Repeat { .. } => "repeat".to_owned(),
                other => format!("{} {}", other.word(), other.reason()).trim_end().to_owned(),
            };
            let finding = &disposed.finding;
            let line = format!("{time} {}: {what}, {} -> {}", finding.rule(), finding.severity, told.join(" "));
            lines.push(line.trim_end_matches([' ', '-', '>']).to_owned());
        }
    }
    lines
}

fn drive() -> Drive {
    Drive::new(pack_with(|_| ()))
}

#[test]
fn a_phase_raises_what_nobody_has_looked_into_and_never_lowers() {
    let mut drive = drive();
    for (index, act) in
        [None, Some(Act::Acknowledge), Some(Act::Review), Some(Act::Close { reason: CloseReason::Handled })]
            .into_iter()
            .enumerate()
    {
        drive.record(&campaign(&format!("k-{index}"), "2024-11-20T10:00:00+07:00", &format!("X{index}")));
        let id = drive.alerts("kegiatan-kampanye")[index].id.clone();
        if let Some(act) = act {
            drive.act("2024-11-20T11:00:00+07:00", &id, act);
        }
    }
    let steps = drive.until("2024-11-24T00:00:00+07:00");
    let raised =
        "24.11 00:00:00 kegiatan-kampanye: escalate siaga-2 to siaga-1, siaga-1 -> kanim-muaraenim bawaslu-oku";
    assert_eq!(lines(&steps), [raised, raised]);
    let notice = &steps[0].effects.notices[0];
    assert_eq!((&*notice.phase, notice.at), ("Masa tenang", at("2024-11-24T00:00:00+07:00")), "as of now");
    let severities = |drive: &Drive| -> Vec<&str> {
        drive.alerts("kegiatan-kampanye").iter().map(|alert| alert.severity.word()).collect()
    };
    assert_eq!(severities(&drive), ["siaga-1", "siaga-1", "siaga-2", "siaga-2"]);
    let steps = drive.until("2024-12-20T00:00:00+07:00");
    assert_eq!(lines(&steps), [""; 0], "later phases lower nothing, and tell nobody again");
    assert_eq!(severities(&drive), ["siaga-1", "siaga-1", "siaga-2", "siaga-2"]);
}

#[test]
fn what_a_silent_phase_only_notes_opens_when_the_phase_ends() {
    let pack = pack_with(|files| {
        let text = files.texts.get_mut("pemilu/kegiatan-kampanye.rhai").unwrap();
        *text = text.replace(r#"severity: #{ otherwise: "siaga-2","#, r#"severity: #{ otherwise: "silent","#);
    });
    let mut drive = Drive::new(pack);
    let steps = drive.record(&campaign("k-1", "2024-11-20T10:00:00+07:00", "X1"));
    assert_eq!(lines(&steps), ["20.11 10:00:00 kegiatan-kampanye: hold silent-phase, silent"]);
    let steps = drive.until("2024-11-24T00:00:00+07:00");
    assert_eq!(lines(&steps), ["24.11 00:00:00 kegiatan-kampanye: open, siaga-1 -> kanim-muaraenim bawaslu-oku"]);
    assert_eq!(drive.only("kegiatan-kampanye").held, None);
}

#[test]
fn a_revision_moves_a_record_to_the_right_person_and_whoever_was_told_is_told() {
    let mut drive = drive();
    drive.record(&campaign("k-1", "2024-11-20T10:00:00+07:00", "X1"));
    let moved =
        also(campaign("k-1", "2024-11-20T10:00:00+07:00", "X2"), json!({"received_at": "2024-11-20T12:00:00+07:00"}));
    let steps = drive.record(&moved);
    assert_eq!(
        lines(&steps),
        [
            "20.11 12:00:00 kegiatan-kampanye: resolve evidence-withdrawn, siaga-2 -> kanim-muaraenim bawaslu-oku",
            "20.11 12:00:00 kegiatan-kampanye: open, siaga-2 -> kanim-muaraenim bawaslu-oku",
        ]
    );
    let keys: Vec<&str> = drive.alerts("kegiatan-kampanye").iter().map(|alert| alert.subject.key.as_ref()).collect();
    assert_eq!(keys, ["UTO:X1", "UTO:X2"]);
}

#[test]
fn a_withdrawn_record_takes_its_alert_with_it() {
    let mut drive = drive();
    drive.record(&campaign("k-1", "2024-11-20T10:00:00+07:00", "X1"));
    let gone = also(
        campaign("k-1", "2024-11-20T10:00:00+07:00", "X1"),
        json!({"received_at": "2024-11-20T12:00:00+07:00", "withdrawn": true}),
    );
    let steps = drive.record(&gone);
    let over = "20.11 12:00:00 kegiatan-kampanye: resolve evidence-withdrawn, siaga-2 -> kanim-muaraenim bawaslu-oku";
    assert_eq!(lines(&steps), [over]);
    assert_eq!(drive.only("kegiatan-kampanye").findings, []);
    assert_eq!(lines(&drive.record(&gone)), [""; 0], "said again, it changes nothing");
}

#[test]
fn a_correction_reaches_those_who_were_told_and_those_who_are_responsible_now() {
    let mut drive = drive();
    drive.record(&permit("i-1", "permit.issued", "2024-10-01T09:00:00+07:00", "X1", "2024-11-29"));
    drive.record(&work("w-1", "2024-10-10T10:00:00+07:00", "X1", "16.01.14"));
    let elsewhere = also(
        work("w-1", "2024-10-10T10:00:00+07:00", "X1", "16.08.01"),
        json!({"received_at": "2024-10-11T08:00:00+07:00"}),
    );
    let steps = drive.record(&elsewhere);
    let told: BTreeSet<&str> =
        steps.iter().flat_map(|step| &step.effects.notices).map(|notice| notice.agency.as_ref()).collect();
    assert_eq!(told, ["disnaker-oku", "disnaker-okut", "kanim-muaraenim"].into());
}

#[test]
fn a_correction_reaches_only_those_who_read_something_else_now() {
    let mut drive = drive();
    drive.record(&permit("i-1", "permit.issued", "2024-10-01T09:00:00+07:00", "X1", "2024-11-29"));
    drive.record(&work("w-1", "2024-10-10T10:00:00+07:00", "X1", "16.01.14"));
    let mut renamed = work("w-1", "2024-10-10T10:00:00+07:00", "X1", "16.01.14");
    renamed["person"]["name"] = json!("CONTOH LAIN");
    let steps = drive.record(&also(renamed, json!({"received_at": "2024-10-11T08:00:00+07:00"})));
    let told: Vec<&str> =
        steps.iter().flat_map(|step| &step.effects.notices).map(|notice| notice.agency.as_ref()).collect();
    assert_eq!(told, ["kanim-muaraenim"], "disnaker is told of no name");
}

#[test]
fn an_earlier_record_that_comes_late_is_judged_with_the_later_one() {
    let mut drive = drive();
    let second = check_in("g-2", "2024-10-11T14:00:00+07:00", "X1", "hotel-contoh-2", "16.01.13");
    let first = check_in("g-1", "2024-10-10T14:00:00+07:00", "X1", "hotel-contoh-1", "16.01.14");
    let stay = |mut record: Value, until: &str| {
        record["lodging"]["planned_check_out"] = json!(until);
        record
    };
    let steps = drive.record(&stay(second, "2024-10-12T12:00:00+07:00"));
    assert_eq!(lines(&steps), [""; 0]);
    let late = also(stay(first, "2024-10-13T12:00:00+07:00"), json!({"received_at": "2024-10-12T09:00:00+07:00"}));
    let steps = drive.record(&late);
    assert_eq!(lines(&steps), ["12.10 09:00:00 inap-ganda: open, siaga-3 -> kanim-muaraenim"]);
    let finding = &drive.only("inap-ganda").findings[0];
    assert_eq!((finding.about.trigger.id.as_ref(), finding.about.at), ("g-2", at("2024-10-11T14:00:00+07:00")));
}

#[test]
fn the_newest_trigger_moves_the_deadline() {
    let mut drive = drive();
    let steps = drive.record(&permit("i-1", "permit.issued", "2024-10-01T09:00:00+07:00", "X1", "2024-10-15"));
    let due = |steps: &[Step]| -> Vec<_> {
        let set = steps.iter().flat_map(|s| &s.effects.timers_set).map(|t| (t.key.rule.to_string(), t.due));
        set.filter(|(rule, _)| rule.contains("izin-") || rule.ends_with("-izin")).collect()
    };
    let both = |reminder: &str, over: &str| {
        vec![("izin-segera-habis".to_owned(), at(reminder)), ("lewat-izin".to_owned(), at(over))]
    };
    assert_eq!(due(&steps), both("2024-10-05T00:00:00+07:00", "2024-10-16T00:00:00+07:00"));
    let steps = drive.record(&permit("i-2", "permit.extended", "2024-10-03T09:00:00+07:00", "X1", "2024-11-04"));
    assert_eq!(due(&steps), both("2024-10-25T00:00:00+07:00", "2024-11-05T00:00:00+07:00"));
    let cleared = steps.iter().flat_map(|step| &step.effects.timers_cleared).count();
    assert_eq!(cleared, 2, "one timer per rule and person");
    assert_eq!(lines(&drive.until("2024-10-24T23:59:59+07:00")), [""; 0]);
    let steps = drive.until("2024-10-25T00:00:00+07:00");
    assert_eq!(lines(&steps), ["25.10 00:00:00 izin-segera-habis: open, siaga-3 -> kanim-muaraenim"]);
}

const UNTIL_THE_PERMIT_ENDS: &str = r#"
rule("contoh-tenggat", #{
  title: "Contoh tenggat", flags: "Contoh.", why: "Contoh.", action: "Contoh.", false_positives: "Contoh.",
  severity: "siaga-3", notify: ["kanim"], basis: ["uu-6-2011-69"], per: "person", on: ["crossing.entry"],
  deadline: permit().valid_until, unless: seen("crossing.exit"), message: `contoh`, status: "draft",
});
"#;

#[test]
fn a_deadline_moves_with_the_records_that_it_reads() {
    let pack = pack_with(|files| {
        files.texts.retain(|path, _| !path.ends_with(".rhai"));
        let stable = UNTIL_THE_PERMIT_ENDS.replace("status: \"draft\"", &tests_of_a_sample());
        files.texts.insert("contoh/contoh-tenggat.rhai".to_owned(), stable);
    });
    let mut drive = Drive::new(pack);
    drive.record(&json!({ "id": "masuk", "source": "uji", "kind": "crossing.entry", "person": person("X1"),
        "occurred_at": "2024-10-01T09:00:00+07:00", "crossing": { "checkpoint": "TPI Contoh 1" } }));
    let mut late = permit("izin", "permit.issued", "2024-10-01T08:00:00+07:00", "X1", "2024-10-20");
    late["received_at"] = json!("2024-10-02T08:00:00+07:00");
    drive.record(&late);
    assert_eq!(drive.until("2024-10-19T23:59:59+07:00").len(), 0);
    assert_eq!(lines(&drive.until("2024-10-20T00:00:00+07:00")).len(), 1);
}

fn tests_of_a_sample() -> String {
    let record = r#"#{ kind: "crossing.entry", occurred_at: "2024-10-01T09:00:00+07:00",
        person: #{ passport: #{ number: "X1", issuer: "UTO" } }, crossing: #{ checkpoint: "TPI Contoh 1" } }"#;
    format!(
        "tests: [ #{{ name: \"a\", records: [{record}], fires: [] }}, \
         #{{ name: \"b\", records: [{record}], fires: [\"contoh-tenggat\"] }} ]"
    )
}

#[test]
fn a_deadline_that_is_past_already_fires_at_that_entry() {
    let mut drive = drive();
    let late = also(
        permit("i-1", "permit.issued", "2024-09-01T09:00:00+07:00", "X1", "2024-09-29"),
        json!({"received_at": "2024-10-10T08:00:00+07:00"}),
    );
    let steps = drive.record(&late);
    assert_eq!(
        lines(&steps),
        [
            "10.10 08:00:00 izin-segera-habis: open, siaga-3 -> kanim-muaraenim",
            "10.10 08:00:00 lewat-izin: open, siaga-2 -> kanim-muaraenim",
        ]
    );
}

#[test]
fn a_later_step_escalates_the_same_alert() {
    let mut drive = drive();
    drive.record(&permit("i-1", "permit.issued", "2024-09-01T09:00:00+07:00", "X1", "2024-09-29"));
    drive.until("2024-11-28T23:59:59+07:00");
    let steps = drive.until("2024-11-29T00:00:00+07:00");
    assert_eq!(lines(&steps), ["29.11 00:00:00 lewat-izin: escalate siaga-2 to siaga-1, siaga-1 -> kanim-muaraenim"]);
    assert_eq!(drive.only("lewat-izin").findings.len(), 2);
    let left = json!({"id": "x-1", "source": "perlintasan", "kind": "crossing.exit", "occurred_at": "2024-11-30T09:00:00+07:00",
        "person": person("X1"), "crossing": {"checkpoint": "TPI Contoh 1"}});
    drive.record(&left);
    let reason = CloseReason::AnsweredLate;
    assert_eq!(drive.only("lewat-izin").status, Status::Ditutup { reason, at: at("2024-11-30T09:00:00+07:00") });
}

#[test]
fn a_threshold_set_at_run_time_moves_waiting_deadlines() {
    let mut drive = drive();
    drive.record(&hint("h-1", "2024-10-07T10:00:00+07:00", "X1", "hotel-contoh-1"));
    let change = |value| {
        let name = Arc::from("inap_belum_lapor_jam");
        EntryBody::Threshold(ThresholdChange { name, phase: None, kabupaten: None, value: Some(value) })
    };
    drive.entry("2024-10-07T11:00:00+07:00", change(48.0));
    assert_eq!(lines(&drive.until("2024-10-08T10:00:00+07:00")), [""; 0]);
    let steps = drive.entry("2024-10-08T12:00:00+07:00", change(6.0));
    assert_eq!(lines(&steps), ["08.10 12:00:00 inap-belum-lapor: open, siaga-3 -> kanim-muaraenim"]);
}

#[test]
fn an_answer_that_is_taken_back_brings_the_deadline_back() {
    let mut drive = drive();
    drive.record(&hint("petunjuk", "2024-10-10T10:00:00+07:00", "X1", "hotel-contoh-1"));
    let answer = check_in("inap", "2024-10-10T20:00:00+07:00", "X1", "hotel-contoh-1", "16.01.14");
    drive.record(&answer);
    assert!(lines(&drive.until("2024-10-12T00:00:00+07:00")).is_empty());
    let taken_back = json!({ "withdrawn": true, "received_at": "2024-10-12T08:00:00+07:00" });
    let opened = lines(&drive.record(&also(answer, taken_back)));
    assert!(opened.iter().any(|line| line.contains("inap-belum-lapor") && line.contains("open")), "{opened:#?}");
}

#[test]
fn nobody_is_told_about_an_exempt_person() {
    let mut drive = drive();
    drive.record(&campaign("k-1", "2024-11-20T10:00:00+07:00", "D0000001"));
    drive.record(&hint("h-1", "2024-11-20T10:00:00+07:00", "D0000001", "hotel-contoh-1"));
    drive.record(&hint("h-2", "2024-11-20T10:00:00+07:00", "X1", "hotel-contoh-1"));
    drive.until("2024-12-05T00:00:00+07:00");
    assert_eq!(
        lines(&drive.steps),
        [
            "20.11 10:00:00 kegiatan-kampanye: hold exempt, siaga-2",
            "21.11 10:00:00 inap-belum-lapor: hold exempt, siaga-3",
            "21.11 10:00:00 inap-belum-lapor: open, siaga-3 -> kanim-muaraenim",
            "24.11 00:00:00 inap-belum-lapor: escalate siaga-3 to siaga-2, siaga-2 -> kanim-muaraenim",
        ]
    );
    let sent = serde_json::to_string(&notices(&drive)).unwrap();
    assert!(!sent.contains("D0000001"), "{sent}");
}

/// One alert for a lodging's whole case must not carry an exempt guest's name when it is told again.
#[test]
fn an_exempt_person_never_shares_an_alert_with_another() {
    let pack = pack_with(|files| {
        let text = files.texts.get_mut("penginapan/inap-belum-lapor.rhai").unwrap();
        *text = text.replace("once_per: \"record\"", "once_per: \"case\"");
    });
    for order in [["X1", "D0000001"], ["D0000001", "X1"]] {
        let mut drive = Drive::new(pack.clone());
        for (index, who) in order.iter().enumerate() {
            drive.record(&hint(
                &format!("h-{index}"),
                &format!("2024-11-20T1{index}:00:00+07:00"),
                who,
                "hotel-contoh-1",
            ));
        }
        drive.until("2024-12-05T00:00:00+07:00");
        let sent = serde_json::to_string(&notices(&drive)).unwrap();
        assert!(sent.contains("CONTOH X1") && !sent.contains("D0000001"), "{order:?}: {sent}");
        assert_eq!(drive.alerts("inap-belum-lapor").len(), 2);
    }
}

#[test]
fn a_record_that_turns_out_to_be_about_an_exempt_person_is_taken_back() {
    let mut drive = drive();
    drive.record(&hint("h-1", "2024-11-20T10:00:00+07:00", "X1", "hotel-contoh-1"));
    drive.until("2024-11-21T12:00:00+07:00");
    let other = also(
        hint("h-1", "2024-11-20T10:00:00+07:00", "D0000001", "hotel-contoh-1"),
        json!({"received_at": "2024-11-21T13:00:00+07:00"}),
    );
    let steps = drive.record(&other);
    assert_eq!(
        lines(&steps),
        [
            "21.11 13:00:00 inap-belum-lapor: resolve evidence-withdrawn, siaga-3 -> kanim-muaraenim",
            "21.11 13:00:00 inap-belum-lapor: hold exempt, siaga-3",
        ]
    );
    let sent = serde_json::to_string(&notices(&drive)).unwrap();
    assert!(!sent.contains("D0000001"), "{sent}");
}

fn silence(drive: &mut Drive) {
    for (index, hour) in [6, 7, 8, 9].into_iter().enumerate() {
        let time = format!("2024-11-20T{hour:02}:00:00+07:00");
        drive.record(
            &json!({"id": format!("n-{index}"), "source": "apoa", "kind": "source.heartbeat", "occurred_at": time,
            "place": place("16.01.14"), "lodging": lodging("hotel-contoh-1")}),
        );
    }
}

#[test]
fn what_a_silent_feed_explains_is_held_and_looked_at_again_when_it_is_over() {
    let mut drive = drive();
    silence(&mut drive);
    drive.record(&hint("h-1", "2024-11-20T11:00:00+07:00", "X1", "hotel-contoh-1"));
    drive.record(&hint("h-2", "2024-11-20T12:00:00+07:00", "X2", "hotel-contoh-1"));
    drive.until("2024-11-24T12:00:00+07:00");
    let tail = lines(&drive.steps);
    assert_eq!(
        tail,
        [
            "21.11 09:00:00 sumber-senyap: open, siaga-2 -> kanim-muaraenim operator",
            "21.11 11:00:00 inap-belum-lapor: hold suppressed by sumber-senyap, siaga-3",
            "21.11 12:00:00 inap-belum-lapor: hold suppressed by sumber-senyap, siaga-3",
        ]
    );
    let caught_up = also(
        check_in("c-1", "2024-11-20T10:30:00+07:00", "X1", "hotel-contoh-1", "16.01.14"),
        json!({"received_at": "2024-11-24T13:00:00+07:00"}),
    );
    drive.record(&caught_up);
    let steps = drive.record(&json!({"id": "n-9", "source": "apoa", "kind": "source.heartbeat",
        "occurred_at": "2024-11-24T13:05:00+07:00", "place": place("16.01.14"), "lodging": lodging("hotel-contoh-1")}));
    assert_eq!(
        lines(&steps),
        [
            "24.11 13:05:00 sumber-senyap: resolve answered-late, siaga-2 -> kanim-muaraenim operator",
            "24.11 13:05:00 inap-belum-lapor: open, siaga-2 -> kanim-muaraenim",
        ],
        "the guest who was reported is settled, the other is told, as urgent as the phase is now"
    );
}

#[test]
fn closing_the_alert_that_suppresses_releases_what_it_held() {
    let mut drive = drive();
    silence(&mut drive);
    drive.record(&hint("h-1", "2024-11-20T11:00:00+07:00", "X1", "hotel-contoh-1"));
    drive.until("2024-11-21T11:00:00+07:00");
    let id = drive.only("sumber-senyap").id.clone();
    let steps = drive.close("2024-11-21T12:00:00+07:00", &id, CloseReason::Handled);
    assert_eq!(lines(&steps), ["21.11 12:00:00 inap-belum-lapor: open, siaga-3 -> kanim-muaraenim"]);
}

/// Of two findings of one entry, the one that explains the other opens first.
#[test]
fn what_suppresses_comes_first_within_one_entry() {
    let mut drive = drive();
    let stay = |id: &str, hour: usize, kecamatan: &str| {
        let mut record = check_in(id, &format!("2024-10-10T{hour}:00:00+07:00"), "X1", id, kecamatan);
        record["lodging"]["planned_check_out"] = json!("2024-10-13T12:00:00+07:00");
        record
    };
    // two of three stays were reported as ended; corrections say that they went on
    let close_first = |mut record: Value| {
        record["lodging"]["check_out"] = json!("2024-10-10T11:00:00+07:00");
        record
    };
    drive.record(&close_first(stay("g-1", 10, "16.01.14")));
    drive.record(&close_first(stay("g-2", 10, "16.01.13")));
    drive.record(&stay("g-3", 12, "16.01.09"));
    assert_eq!(lines(&drive.steps), [""; 0]);
    drive.record(&also(stay("g-1", 10, "16.01.14"), json!({"received_at": "2024-10-10T13:00:00+07:00"})));
    let steps = drive.record(&also(stay("g-2", 10, "16.01.13"), json!({"received_at": "2024-10-10T14:00:00+07:00"})));
    let held: Vec<String> = lines(&steps).into_iter().filter(|line| line.contains("hold suppressed")).collect();
    assert!(!held.is_empty() && lines(&steps)[0].contains("inap-ganda-tiga: open"), "{:?}", lines(&steps));
}

/// Every notice that went out.
fn notices(drive: &Drive) -> Vec<&siaga::notice::Notice> {
    drive.steps.iter().flat_map(|step| &step.effects.notices).collect()
}

#[test]
fn each_agency_is_shown_its_own_groups_of_fields_and_no_more() {
    let mut drive = drive();
    drive.record(&permit("i-1", "permit.issued", "2024-09-03T09:00:00+07:00", "X1", "2024-11-29"));
    drive.record(&work("w-1", "2024-10-10T10:00:00+07:00", "X1", "16.01.14"));
    drive.record(&campaign("k-1", "2024-10-11T10:00:00+07:00", "X1"));
    let told_to = |agency: &str| -> String {
        let own: Vec<_> = notices(&drive).into_iter().filter(|notice| notice.agency.as_ref() == agency).collect();
        assert!(!own.is_empty(), "{agency} was told nothing");
        serde_json::to_string(&own).unwrap()
    };
    let permit =
        ["2C-RAHASIA-77", "C7RAHASIA", "2024-11-29", "29 November 2024", "3 September 2024", "izin kunjungan", "visit"];
    for (agency, never) in [
        ("disnaker-oku", [permit.as_slice(), &["CONTOH X1", "X1", "UTO"]].concat()),
        ("bawaslu-oku", [permit.as_slice(), &["may_work", "permit()", "UTO", "PT Contoh 1"]].concat()),
        ("kanim-muaraenim", vec!["2C-RAHASIA-77", "C7RAHASIA"]),
    ] {
        let sent = told_to(agency);
        for words in never {
            assert!(!sent.contains(words), "{agency} is shown {words}: {sent}");
        }
    }
    assert!(told_to("kanim-muaraenim").contains("sampai 29 November 2024"), "whoever may see the permit does");
}
