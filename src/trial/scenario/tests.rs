//! Every kind of mismatch is found, and broken files are told with their places.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::pack::Pack;
use crate::pack::files::Files;
use crate::words::Language;

/// A hint of a stay on 7 October that nobody reports: `inap-belum-lapor` opens a day later.
const HINT: &str = r#"
title = "contoh"
[[step]]
records = [
  { id = "a", kind = "stay.hint", occurred_at = "2024-10-07T10:00:00+07:00", person.passport = { number = "U1", issuer = "UTO" }, place = { kabupaten = "16.01", kecamatan = "16.01.14" }, lodging.id = "hotel-contoh-1" },
  { id = "b", kind = "stay.hint", occurred_at = "2024-10-07T11:00:00+07:00", person.passport = { number = "U2", issuer = "UTO" }, place = { kabupaten = "16.01", kecamatan = "16.01.14" }, lodging.id = "hotel-contoh-1" },
]
"#;

fn pack() -> Arc<Pack> {
    let loaded = crate::pack::build(Files::built_in());
    Arc::new(loaded.pack.expect("the built-in pack loads"))
}

fn files(texts: &[(&str, &str)]) -> Files {
    let texts = texts.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect::<BTreeMap<_, _>>();
    Files { root: "contoh".to_owned(), texts }
}

fn outcome(pack: &Arc<Pack>, text: &str) -> Outcome {
    let read = read(pack, files(&[("scenarios/contoh.toml", text)]));
    assert!(read.diagnostics.is_empty(), "{}", read.render(Language::English, false));
    run(pack, read.scenarios.first().expect("it is read"))
}

fn words(pack: &Pack, outcome: &Outcome) -> Vec<String> {
    let mismatches = outcome.steps.iter().flat_map(|step| &step.mismatches);
    let texts = mismatches.flat_map(|mismatch| mismatch.texts(pack.timeline.zone));
    texts.map(|text| text.render(Language::English)).collect()
}

#[test]
fn each_kind_of_mismatch_is_found() {
    let pack = pack();
    let a = r#"{ rule = "inap-belum-lapor", what = "open", record = "a", severity = "siaga-3", told = ["kanim-muaraenim"] }"#;
    let b = r#"{ rule = "inap-belum-lapor", what = "open", record = "uji/b" }"#;
    let anyone = r#"{ rule = "inap-belum-lapor", what = "open" }"#;
    let other = r#"{ rule = "lewat-izin", what = "open" }"#;
    let rows = [
        (format!("{a}, {b}"), vec![]),
        (format!("{b}, {a}"), vec![]),
        // the line that says less leaves its event to the one that needs it
        (format!("{anyone}, {a}"), vec![]),
        (format!("{a}, {anyone}"), vec![]),
        (
            a.to_owned(),
            vec![
                r#"happened, and is not expected: { rule = "inap-belum-lapor", what = "open", severity = "siaga-3", record = "uji/b", at = "2024-10-08T11:00:00+07:00", told = ["kanim-muaraenim"] }"#,
            ],
        ),
        (format!("{a}, {b}, {other}"), vec![r#"expected, and did not happen: { rule = "lewat-izin", what = "open" }"#]),
        (
            format!("{}, {b}", a.replace("siaga-3", "siaga-1")),
            vec!["inap-belum-lapor open uji/a: `severity` is siaga-3, expected siaga-1"],
        ),
        (
            format!("{}, {b}", a.replace("kanim-muaraenim", "bawaslu-oku")),
            vec!["inap-belum-lapor open uji/a: `told` is kanim-muaraenim, expected bawaslu-oku"],
        ),
        (
            format!("{}, {b}", a.replace("\"kanim-muaraenim\"", "")),
            vec!["inap-belum-lapor open uji/a: `told` is kanim-muaraenim, expected nobody"],
        ),
        (
            format!("{}, {b}", a.replace("open\"", "hold\", reason = \"shadow\"")),
            vec![
                "inap-belum-lapor open uji/a: `what` is open, expected hold",
                "inap-belum-lapor open uji/a: `reason` is nothing, expected shadow",
            ],
        ),
        (
            format!("{a}, {}", b.replace(" }", ", at = \"2024-10-08T11:00:01+07:00\" }")),
            vec!["inap-belum-lapor open uji/b: `at` is 2024-10-08T11:00:00+07:00, expected 2024-10-08T11:00:01+07:00"],
        ),
        (
            format!("{}, {b}", a.replace("\"a\"", "\"b\"")),
            vec!["inap-belum-lapor open uji/a: `record` is uji/a, expected uji/b"],
        ),
    ];
    for (lines, wrong) in rows {
        let text = format!("{HINT}[[step]]\nadvance_to = 2024-10-09\nexpect = [{lines}]\n");
        let outcome = outcome(&pack, &text);
        assert_eq!(words(&pack, &outcome), wrong, "{lines}");
        assert_eq!(outcome.passed(), wrong.is_empty(), "{lines}");
    }
}

#[test]
fn silence_is_asserted_only_where_it_is_written() {
    let pack = pack();
    let quiet = "[[step]]\nadvance_to = 2024-10-08\nexpect = []\n";
    for (expect, wrong) in [("", 0), ("expect = []\n", 2)] {
        let outcome = outcome(&pack, &format!("{HINT}{quiet}[[step]]\nadvance_to = 2024-10-09\n{expect}"));
        assert_eq!(words(&pack, &outcome).len(), wrong, "{expect:?}");
        let [_, _, last] = outcome.steps.as_slice() else { unreachable!("there are three steps") };
        assert_eq!(last.happened.len(), 2);
        assert!(last.traces.iter().any(|trace| trace.key.rule.as_ref() == "inap-belum-lapor"));
    }
}

#[test]
fn people_act_on_one_open_alert() {
    let pack = pack();
    let open = format!("{HINT}[[step]]\nadvance_to = 2024-10-09\n");
    let close = r#"what = "close", reason = "handled", by = "kanim-muaraenim""#;
    let rows = [
        (r#"{ rule = "lewat-izin", what = "review" }"#.to_owned(), "the act finds no open alert of `lewat-izin`"),
        (
            format!(r#"{{ rule = "inap-belum-lapor", {close} }}"#),
            "the act fits 2 open alerts of `inap-belum-lapor`: name one by its `record`",
        ),
        (format!(r#"{{ rule = "inap-belum-lapor", record = "a", {close} }}"#), ""),
    ];
    for (act, wrong) in rows {
        let outcome = outcome(&pack, &format!("{open}[[step]]\nact = {act}\nexpect = []\n"));
        assert_eq!(words(&pack, &outcome).join("; "), wrong, "{act}");
    }
    // what nobody has looked into rises with the silent period; what was closed or looked into does not
    let acts = [("a", "close\", reason = \"handled"), ("b", "review")];
    let acts = acts.map(|(record, what)| {
        format!("[[step]]\nat = 2024-10-10\nact = {{ rule = \"inap-belum-lapor\", record = \"{record}\", what = \"{what}\" }}\n")
    });
    let outcome = outcome(&pack, &format!("{open}{}[[step]]\nadvance_to = 2024-11-30\nexpect = []\n", acts.concat()));
    assert_eq!(words(&pack, &outcome), Vec::<String>::new());
}

#[test]
fn thresholds_are_set_before_or_on_the_way() {
    let pack = pack();
    let name = "inap_belum_lapor_jam";
    let later = "[[step]]\nadvance_to = 2024-10-08T12:00:00+07:00\nexpect = []\n";
    for text in [
        HINT.replace("title", &format!("thresholds.{name} = 48\ntitle")) + later,
        format!("{HINT}[[step]]\nthresholds.{name} = 48\n{later}"),
    ] {
        assert_eq!(words(&pack, &outcome(&pack, &text)), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn broken_files_are_told_with_their_places() {
    let broken = r#"titel = "contoh"
thresholds = { tidak_ada = 3, inap_belum_lapor_jam = -4 }

[[timeline.voting_day]]
id = "psu"
date = "2024-13-01"
phase = "pungutt"

[[step]]
records = [
  { kind = "stay.hin", occurred_at = "2024-10-07T10:00:00+07:00" },
  { kind = "stay.hint", occurred_at = "7 Oktober", person.pasport = { number = "U1", issuer = "UTO" } },
  { kind = "crossing.entry", occurred_at = "2024-10-07T10:00:00+07:00", person.passport = { number = "U1", issuer = "UTO" } },
]
expect = [
  { rule = "inap-belum-lapr", what = "opens", severity = "siaga-4", told = ["kanim"], record = "tiada" },
  { rule = "lewat-izin", what = "hold", reason = "suppressed by sumber" },
  { rule = "lewat-izin", what = "repeat", reason = "kemarin" },
  { rule = "lewat-izin" },
]

[[step]]
advance_to = "2024-11-01T00:00:00+07:00"
at = "2024-11-01T00:00:00+07:00"

[[step]]
advance_to = "2024-10-01T00:00:00+07:00"
expects = []

[[step]]
act = { rule = "lewat-izin", what = "close" }

[[step]]
act = { rule = "lewat-izin", what = "review", reason = "handled" }
advance_to = "2024-12-01T00:00:00+07:00"

[[step]]
act = { rule = "lewat-izin", what = "review", reason = "handled" }

[[step.record]]
kind = "stay.hint"
occurred_at = "2024-10-07T10:00:00+07:00"
"#;
    let silent = "title = \"contoh\"\n\n[[step]]\nadvance_to = \"besok\"\n";
    let no_toml = "title = contoh\n\n[[step]\nadvance_to = \n";
    let read = read(
        &pack(),
        files(&[
            ("scenarios/bisu.toml", silent),
            ("scenarios/bukan-toml.toml", no_toml),
            ("scenarios/kosong.toml", "title = \"contoh\"\n"),
            ("scenarios/rusak.toml", broken),
        ]),
    );
    assert!(read.scenarios.is_empty(), "none can be used");
    insta::assert_snapshot!(read.render(Language::English, false));
}

#[test]
fn a_missing_alert_is_told_with_what_stopped_it() {
    let pack = pack();
    let answered = HINT.replace(
        "\n]",
        "\n  { kind = \"lodging.check_in\", occurred_at = \"2024-10-07T16:00:00+07:00\", person.passport = { number = \"U1\", issuer = \"UTO\" }, place = { kabupaten = \"16.01\", kecamatan = \"16.01.14\" }, lodging = { id = \"hotel-contoh-1\", check_in = \"2024-10-07T16:00:00+07:00\" } },\n]",
    );
    let opens = r#"{ rule = "inap-belum-lapor", what = "open" }"#;
    let text = format!("{answered}[[step]]\nadvance_to = 2024-10-09\nexpect = [\n  {opens},\n  {opens},\n]\n");
    let outcome = outcome(&pack, &text);
    let because = |step: &StepOutcome| {
        let texts: Vec<_> = step.mismatches.iter().flat_map(|mismatch| step.because(&pack, mismatch)).collect();
        texts.iter().map(|text| text.render(Language::English)).collect::<Vec<_>>()
    };
    let reasons: Vec<String> = outcome.steps.iter().flat_map(because).collect();
    assert_eq!(words(&pack, &outcome), [format!("expected, and did not happen: {opens}")]);
    let came =
        "a, 8 Oktober 2024 10.00 WIB: its deadline was 8 Oktober 2024 10.00 WIB; by now, what it waited for has come";
    assert_eq!(reasons, [came]);
}
