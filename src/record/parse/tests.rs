//! Tables of good and bad records.

use chrono::TimeZone;
use serde_json::{Value as Json, json};

use super::*;
use crate::record::schema::core;
use crate::record::slot::Slot;

const ZONE: Tz = chrono_tz::Asia::Jakarta;
const MRZ: &str = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10";

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2024, 11, 20, 15, 0, 0).unwrap()
}

fn good() -> Json {
    json!({
        "id": "apoa-000123", "source": "apoa", "kind": "lodging.check_in",
        "occurred_at": "2024-11-20T21:15:00+07:00",
        "person": {
            "passport": {"number": "X1234567", "issuer": "UTO", "expires_on": "2029-01-31"},
            "name": "ERIKSSON ANNA MARIA", "nationality": "UTO", "sex": "F", "born_on": "1984-08-12", "nik_hash": null
        },
        "place": {"kabupaten": "16.01", "kecamatan": "16.01.14", "address": "Jalan Contoh 1", "tps": null, "lat": -4.13, "lon": 104.17},
        "lodging": {"id": "hotel-contoh-1", "name": "Hotel Contoh", "check_in": "2024-11-20T21:00:00+07:00", "check_out": null}
    })
}

/// The good record with one member set; `pointer`'s parent must exist.
fn with(pointer: &str, value: Json) -> Json {
    let mut record = good();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = record.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    parent.insert(name.to_owned(), value);
    record
}

fn without(pointer: &str) -> Json {
    let mut record = good();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    record.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
    record
}

fn edge(json: &Json) -> Result<Parsed, Vec<Rejection>> {
    parse(&Schema::default(), json, Received::Edge(now()), ZONE)
}

#[test]
fn the_contracts_example_stands() {
    let parsed = edge(&good()).unwrap();
    let record = parsed.record;
    assert_eq!(record.key.to_string(), "apoa/apoa-000123");
    assert_eq!(record.received_at, now());
    assert_eq!(record.occurred_at.to_rfc3339(), "2024-11-20T14:15:00+00:00");
    assert_eq!(record.unknown_fields, 0);
    assert_eq!(record.value(core::LODGING_ID), Slot::Text("hotel-contoh-1"));
    assert_eq!(record.value(core::NIK_HASH), Slot::Missing);
    assert_eq!(record.value(core::PASSPORT_EXPIRES_ON).as_time().unwrap().to_rfc3339(), "2029-01-30T17:00:00+00:00");
}

fn deep(levels: usize) -> Json {
    (0..levels).fold(json!(1), |inner, _| json!({ "a": inner }))
}

/// What stands first in the answer to a bad record, for each way of being bad.
fn bad_records() -> Vec<(&'static str, Json, &'static str, &'static str)> {
    let many: Vec<u32> = (0..600).collect();
    let wrong_digit = MRZ.replace("C36UTO", "C35UTO");
    vec![
        ("an array", json!([]), "not-an-object", ""),
        ("no id", without("/id"), "missing", "/id"),
        ("an empty id", with("/id", json!(" ")), "missing", "/id"),
        ("a number as id", with("/id", json!(123)), "type", "/id"),
        ("a long id", with("/id", json!("x".repeat(201))), "identity", "/id"),
        ("a source with a slash", with("/source", json!("a/b")), "identity", "/source"),
        ("no source", without("/source"), "missing", "/source"),
        ("an unknown kind", with("/kind", json!("lodging.checkin")), "kind", "/kind"),
        ("no time", without("/occurred_at"), "missing", "/occurred_at"),
        ("no zone", with("/occurred_at", json!("2024-11-20T21:15:00")), "date", "/occurred_at"),
        ("no such day", with("/occurred_at", json!("2024-02-30")), "date", "/occurred_at"),
        ("a short date", with("/person/born_on", json!("1984-8-12")), "date", "/person/born_on"),
        ("day first", with("/person/born_on", json!("12/08/1984")), "date", "/person/born_on"),
        ("a year out of range", with("/person/born_on", json!("0984-08-12")), "date", "/person/born_on"),
        ("a number as date", with("/lodging/check_in", json!(45616)), "type", "/lodging/check_in"),
        ("25 hours ahead", with("/occurred_at", json!("2024-11-21T23:00:00+07:00")), "future", "/occurred_at"),
        ("withdrawn as text", with("/withdrawn", json!("yes")), "type", "/withdrawn"),
        ("a section as text", with("/lodging", json!("Hotel Contoh")), "type", "/lodging"),
        ("a list as name", with("/lodging/name", json!(["Hotel"])), "type", "/lodging/name"),
        ("text as latitude", with("/place/lat", json!("-4.13")), "type", "/place/lat"),
        ("latitude off the globe", with("/place/lat", json!(104.17)), "range", "/place/lat"),
        ("a number beyond 2^53", with("/extra", json!(90_071_992_547_409_930_u64)), "range", "/extra"),
        ("no such sex", with("/person/sex", json!("female")), "choice", "/person/sex"),
        ("no person", without("/person"), "missing", "/person"),
        ("no passport", without("/person/passport"), "missing", "/person/passport/number"),
        ("no issuer", without("/person/passport/issuer"), "missing", "/person/passport/issuer"),
        ("no lodging", without("/lodging"), "missing", "/lodging/id"),
        (
            "a number with a slash",
            with("/person/passport/number", json!("X12/3")),
            "identity",
            "/person/passport/number",
        ),
        ("a country by name", with("/person/nationality", json!("Utopia")), "identity", "/person/nationality"),
        ("a short hash", with("/person/nik_hash", json!("abc")), "nik-hash", "/person/nik_hash"),
        ("a NIK as hash", with("/person/nik_hash", json!("1601145208840001")), "nik", "/person/nik_hash"),
        ("a NIK in an unknown field", with("/ktp", json!({"no": " 1601145208840001 "})), "nik", "/ktp/no"),
        ("a NIK as a number", with("/ktp", json!(1_601_145_208_840_001_u64)), "nik", "/ktp"),
        ("a spaced NIK", with("/ktp", json!("160114 520884 0001")), "nik", "/ktp"),
        ("a NIK within text", with("/notes", json!("NIK:1601145208840001 benar")), "nik", "/notes"),
        ("a NIK as a name", with("/ktp", json!({"1601145208840001": 1})), "nik", "/ktp"),
        ("a photograph", with("/person/foto", json!("abc")), "photo", "/person/foto"),
        ("a photograph in camel case", with("/person/passportPhoto", json!("abc")), "photo", "/person/passportPhoto"),
        ("a data URI", with("/notes", json!("data:image/png;base64,iVBO")), "photo", "/notes"),
        ("base64", with("/extra", json!("iVBOR/+0".repeat(300))), "photo", "/extra"),
        ("a short zone", with("/person/passport/mrz", json!("P<UTO")), "mrz", "/person/passport/mrz"),
        ("a slip in the zone", with("/person/passport/mrz", json!(wrong_digit)), "mrz", "/person/passport/mrz"),
        ("another passport's zone", with("/person/passport/mrz", json!(MRZ)), "mrz", "/person/passport/mrz"),
        ("a BPS kabupaten", with("/place/kabupaten", json!("1601")), "bps-code", "/place/kabupaten"),
        ("a BPS kecamatan", with("/place/kecamatan", json!("1601130")), "bps-code", "/place/kecamatan"),
        ("a code as a number", with("/place/kabupaten", json!(16.1)), "bps-code", "/place/kabupaten"),
        ("a name as code", with("/place/kecamatan", json!("Baturaja Timur")), "region", "/place/kecamatan"),
        ("no such kecamatan", with("/place/kecamatan", json!("16.01.99")), "region", "/place/kecamatan"),
        ("a kecamatan elsewhere", with("/place/kabupaten", json!("16.08")), "region", "/place/kecamatan"),
        ("long text", with("/notes", json!("saya ".repeat(900))), "too-long", "/notes"),
        ("a control character", with("/lodging/name", json!("Hotel\u{7}")), "control", "/lodging/name"),
        ("text turned round", with("/lodging/name", json!("Hotel\u{202e}")), "control", "/lodging/name"),
        ("two lines of a name", with("/lodging/name", json!("Hotel\nBcc: x")), "control", "/lodging/name"),
        ("seventeen deep", with("/extra", deep(17)), "too-deep", "/extra/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a"),
        ("600 items", with("/extra", json!(many)), "too-many", ""),
    ]
}

#[test]
fn every_fault_has_its_code_and_place() {
    for (name, record, code, pointer) in bad_records() {
        let faults = edge(&record).expect_err(name);
        assert_eq!((faults[0].code.as_str(), faults[0].pointer.as_str()), (code, pointer), "{name}: {faults:?}");
    }
}

#[test]
fn a_message_repeats_nothing_of_the_record() {
    for (name, record, _, _) in bad_records() {
        for fault in edge(&record).expect_err(name) {
            let personal = ["1601145208840001", "ERIKSSON", "X1234567", "L898902", "Utopia", "female", "Bcc"];
            assert!(!personal.iter().any(|p| fault.detail.contains(p)), "{name}: {fault}");
        }
    }
}

#[test]
fn what_senders_read() {
    let shown = [
        "no id",
        "an unknown kind",
        "no zone",
        "25 hours ahead",
        "no such sex",
        "no person",
        "no passport",
        "no issuer",
        "a country by name",
        "a NIK as hash",
        "a photograph",
        "a slip in the zone",
        "another passport's zone",
        "a BPS kabupaten",
        "a BPS kecamatan",
        "a code as a number",
        "a name as code",
        "a kecamatan elsewhere",
        "latitude off the globe",
        "seventeen deep",
        "two lines of a name",
    ];
    let lines: Vec<String> = bad_records()
        .into_iter()
        .filter(|(name, ..)| shown.contains(name))
        .flat_map(|(name, record, ..)| {
            let faults = edge(&record).expect_err(name);
            std::iter::once(format!("{name}:")).chain(faults.into_iter().map(|f| format!("  {} {f}", f.code)))
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn all_faults_of_a_record_are_told_at_once() {
    let mut record = with("/person/sex", json!("female"));
    record["occurred_at"] = json!("yesterday");
    record["place"]["kabupaten"] = json!("1608");
    let found: Vec<_> = edge(&record).unwrap_err().iter().map(|f| f.code.as_str()).collect();
    assert_eq!(found, ["date", "bps-code", "choice"]);
}

/// Records that are as good as the good one, and say the same.
#[test]
fn equal_content_has_equal_bytes() {
    let hash = edge(&good()).unwrap().content_hash;
    let mut padded = with("/person/passport/number", json!(" x123 4567"));
    padded["person"]["passport"]["issuer"] = json!("uto");
    let same = [
        padded,
        with("/withdrawn", json!(false)),
        with("/received_at", json!("2024-11-20T22:00:00+07:00")),
        with("/lodging/room", json!("")),
        with("/permit", json!({"kind": null})),
        without("/person/nik_hash"),
        without("/place/kabupaten"),
        serde_json::from_str(&serde_json::to_string_pretty(&good()).unwrap()).unwrap(),
    ];
    for record in same {
        assert_eq!(edge(&record).unwrap().content_hash, hash, "{record}");
    }
    assert_ne!(edge(&with("/lodging/room", json!("7"))).unwrap().content_hash, hash);
}

#[test]
fn what_is_stated_otherwise_is_filled_in() {
    let mut record = with("/person/passport", json!({ "mrz": MRZ }));
    record["place"] = json!({"kecamatan": "16.09.01"});
    let record = edge(&record).unwrap().record;
    assert_eq!(record.value(core::PASSPORT_NUMBER), Slot::Text("L898902C3"));
    assert_eq!(record.value(core::PASSPORT_ISSUER), Slot::Text("UTO"));
    assert_eq!(record.value(core::KABUPATEN), Slot::Text("16.09"));
}

/// Dates that contradict each other are marked, on both ways of reading; nobody can state the mark.
#[test]
fn contradicting_dates_of_a_passport_are_marked() {
    let passport = |expires: &str, mark: Json| {
        let mut record = with("/person/passport", json!({"mrz": MRZ, "expires_on": expires, "inconsistent": mark}));
        record["person"]["born_on"] = json!("1974-08-12");
        record["occurred_at"] = json!("2012-04-15T21:15:00+07:00");
        record["lodging"] = json!({"id": "hotel-contoh-1"});
        record
    };
    let born = |born: &str| {
        let mut record = passport("2012-04-15", json!(null));
        record["person"]["born_on"] = json!(born);
        record
    };
    let without_zone = |expires: &str| {
        let mut record = passport(expires, json!(null));
        record["person"]["passport"] = json!({"number": "X1234567", "issuer": "UTO", "expires_on": expires});
        record
    };
    let rows = [
        ("the zone and the dates agree, on the last day", passport("2012-04-15", json!(null)), false),
        ("the zone says another last day", passport("2012-05-14", json!(null)), true),
        ("a sender cannot take the mark away", passport("2012-05-14", json!(false)), true),
        ("nor set it", passport("2012-04-15", json!(true)), false),
        ("the zone says another birth", born("1974-12-08"), true),
        ("another century is no contradiction of two digits", passport("2112-04-15", json!(null)), false),
        ("born after the record", born("2012-04-16"), true),
        ("ended the day before", without_zone("2012-04-14"), true),
        ("ends on that day", without_zone("2012-04-15"), false),
        ("without end", without_zone("9999-12-31"), false),
    ];
    for (name, json, is_marked) in rows {
        let parsed = edge(&json).unwrap_or_else(|faults| panic!("{name}: {faults:?}"));
        let mark = |record: &Record| record.value(core::PASSPORT_INCONSISTENT) == Slot::Bool(true);
        assert_eq!(mark(&parsed.record), is_marked, "{name}");
        let canonical = String::from_utf8(parsed.canonical.clone()).unwrap();
        assert_eq!(canonical.contains("inconsistent"), is_marked, "{name}");
        let stored = Record::from_stored(&Schema::default(), &parsed.canonical, now(), ZONE).unwrap();
        assert_eq!(mark(&stored), is_marked, "{name}, from the store");
        assert_eq!(edge(&serde_json::from_str(&canonical).unwrap()).unwrap().canonical, parsed.canonical, "{name}");
        let fast = with_reader(&Schema::default(), ZONE, |reader, interner| {
            let line = json.to_string();
            reader.read(line.as_bytes(), Received::Edge(now())).map(|reading| mark(&reading.to_record(interner, None)))
        });
        assert!(fast.is_none_or(|fast| fast == is_marked), "{name}, read fast");
        let is_stated = json["person"]["passport"]["inconsistent"].is_boolean();
        assert_eq!(fast.is_some(), !is_stated, "{name}, left to the other way");
    }
}

/// A schema as a pack makes it: for how many days which entries are allowed.
fn with_arrivals() -> Schema {
    let arrival = |prefix: &str, kind: &str, days| arrival::Arrival {
        prefix: prefix.to_owned(),
        kind: kind.to_owned(),
        days,
        may_work: Some(false),
        may_report: None,
    };
    let mut schema = Schema::default();
    schema.set_arrivals(vec![arrival("A", "visa-free", 30), arrival("B1", "voa", 30), arrival("B2", "voa", 30)]);
    schema
}

fn crossing(kind: &str, permit: Json) -> Json {
    json!({"id": "1", "source": "perlintasan", "kind": kind, "occurred_at": "2024-08-31T23:50:00+07:00",
        "person": {"passport": {"number": "X1", "issuer": "UTO"}}, "crossing": {"checkpoint": "TPI Contoh 1"},
        "permit": permit})
}

#[test]
fn the_permit_of_an_entry_follows_from_its_day() {
    let schema = with_arrivals();
    let derived = |kind: &str, until: &str| {
        Some(
            json!({"kind": kind, "may_work": false, "valid_from": "2024-08-31", "valid_until": until, "derived": true}),
        )
    };
    let also = |mut permit: Option<Json>, name: &str, value: Json| {
        permit.as_mut().unwrap()[name] = value;
        permit
    };
    let stays = |permit: Json| Some(permit);
    let cases = [
        (json!({"kind": "voa"}), derived("voa", "2024-09-29")),
        (json!({"index": "A1"}), also(derived("visa-free", "2024-09-29"), "index", json!("A1"))),
        (json!({"kind": "voa", "days": 60}), also(derived("voa", "2024-10-29"), "days", json!(60))),
        (json!({"kind": "voa", "may_work": true}), also(derived("voa", "2024-09-29"), "may_work", json!(true))),
        // what was worked out before is worked out again
        (
            json!({"kind": "voa", "valid_from": "2024-08-01", "valid_until": "2030-01-01", "derived": true}),
            derived("voa", "2024-09-29"),
        ),
        // stated by the sender
        (
            json!({"kind": "voa", "valid_until": "2024-09-10"}),
            stays(json!({"kind": "voa", "valid_until": "2024-09-10"})),
        ),
        (json!({"kind": "itas", "index": "E23"}), stays(json!({"kind": "itas", "index": "E23"}))),
        (json!({"kind": "voa", "index": "B211A"}), stays(json!({"kind": "voa", "index": "B211A"}))),
        (json!({"kind": "voa", "index": "A1"}), stays(json!({"kind": "voa", "index": "A1"}))),
        (json!({"kind": "voa", "days": 0}), stays(json!({"kind": "voa", "days": 0}))),
        (json!({"derived": true}), None),
    ];
    for (permit, expected) in cases {
        let parsed = parse(&schema, &crossing("crossing.entry", permit.clone()), Received::Stated, ZONE).unwrap();
        let kept: Json = serde_json::from_slice(&parsed.canonical).unwrap();
        assert_eq!(kept.get("permit"), expected.as_ref(), "{permit}");
        let again = Record::from_stored(&schema, &parsed.canonical, now(), ZONE).unwrap();
        for field in [core::PERMIT_KIND, core::PERMIT_VALID_FROM, core::PERMIT_VALID_UNTIL, core::PERMIT_DERIVED] {
            assert_eq!(again.value(field), parsed.record.value(field), "{permit}");
        }
        let fast = with_reader(&schema, ZONE, |reader, interner| {
            reader.read(&parsed.canonical, Received::Stated).map(|reading| reading.to_record(interner, None))
        });
        assert!(fast.is_none_or(|fast| fast.value(core::PERMIT_DERIVED).is_missing()), "{permit}");
    }
    let permit = json!({"kind": "voa", "derived": true});
    let exit = parse(&schema, &crossing("crossing.exit", permit), Received::Stated, ZONE).unwrap();
    assert!(exit.record.value(core::PERMIT_VALID_UNTIL).is_missing(), "a departure brings nothing");
    assert!(exit.record.value(core::PERMIT_DERIVED).is_missing(), "nobody else can mark a permit");
}

#[test]
fn good_in_unusual_ways() {
    let records = [
        with("/withdrawn", json!(true)),
        with("/place", json!({"kabupaten": "18.08", "kecamatan": "18.08.01"})),
        with("/person/passport", json!({"number": "C01X00T47", "issuer": "D"})),
        with("/notes", json!("baris satu\nbaris dua")),
        with("/notes", json!("menginap 2024-11-20 2024-11-21")),
        with("/has_photo", json!(true)),
        with("/permit", json!({"valid_until": "9999-12-31"})),
        with("/lodging.id", json!("a dotted name reaches no section")),
        with("/extra", deep(14)),
    ];
    for record in records {
        edge(&record).unwrap_or_else(|faults| panic!("{record}: {faults:?}"));
    }
    let mut bare = with("/withdrawn", json!(true));
    bare.as_object_mut().unwrap().remove("person");
    assert!(edge(&bare).unwrap().record.withdrawn);
}

#[test]
fn unknown_members_are_kept_and_counted() {
    let mut record = with("/extra", json!({"a": 1, "b": 2}));
    record["lodging"]["stars"] = json!(3);
    record["lodging.id"] = json!("x");
    let parsed = edge(&record).unwrap();
    assert_eq!(parsed.record.unknown_fields, 3);
    assert!(String::from_utf8(parsed.canonical).unwrap().contains(r#""stars":3"#));
}

#[test]
fn history_states_when_it_was_received() {
    let at = |record: &Json| {
        parse(&Schema::default(), record, Received::Stated, ZONE).map(|parsed| parsed.record.received_at.to_rfc3339())
    };
    assert_eq!(at(&with("/received_at", json!("2024-11-22"))).unwrap(), "2024-11-21T17:00:00+00:00");
    assert_eq!(at(&good()).unwrap(), "2024-11-20T14:15:00+00:00");
    assert_eq!(at(&with("/received_at", json!("soon"))).unwrap_err()[0].pointer, "/received_at");
    assert_eq!(at(&with("/received_at", json!("2024-11-01"))).unwrap_err()[0].code, RejectCode::Future);
}

#[test]
fn nothing_refused_stays_in_what_is_kept() {
    let mut record = with("/ktp", json!({"no": "1601145208840001", "1601145208840001": 1}));
    record["person"]["foto"] = json!("abc");
    record["person"]["nik_hash"] = json!(1_601_145_208_840_001_u64);
    assert!(redact(&mut record));
    let kept = record.to_string();
    assert!(!kept.contains("1601145208840001") && !kept.contains("abc"), "{kept}");
    assert!(kept.contains("ERIKSSON"));
    assert!(!redact(&mut good()));
}

mod any_json {
    use proptest::prelude::*;

    use super::*;

    fn value() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            any::<i64>().prop_map(Json::from),
            (-1000i64..1000).prop_map(Json::from),
            any::<f64>().prop_map(Json::from),
            ".{0,40}".prop_map(Json::from),
            "[0-9. -]{0,20}".prop_map(Json::from),
            "[A-Z0-9<]{88}".prop_map(Json::from),
            prop::sample::select(vec!["2024-11-20", "16.01", "16.01.14", "UTO", "lodging.check_in", "visit", " x1 "])
                .prop_map(Json::from),
        ];
        leaf.prop_recursive(4, 40, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Json::from),
                prop::collection::btree_map(".{0,12}", inner, 0..6)
                    .prop_map(|members| Json::Object(members.into_iter().collect())),
            ]
        })
    }

    /// The good record with members of the schema, or beside it, set to anything.
    fn near_good() -> impl Strategy<Value = Json> {
        let schema = Schema::default();
        let mut paths: Vec<String> = schema.fields().iter().map(|f| f.path.clone()).collect();
        paths.extend(["id", "source", "kind", "occurred_at", "withdrawn", "person", "extra", "a~b"].map(String::from));
        prop::collection::vec((prop::sample::select(paths), value()), 0..5).prop_map(|changes| {
            let mut record = good();
            for (path, value) in changes {
                set(&mut record, &path, value);
            }
            record
        })
    }

    fn set(record: &mut Json, path: &str, value: Json) {
        let (name, rest) = path.split_once('.').unwrap_or((path, ""));
        let Some(members) = record.as_object_mut() else {
            return;
        };
        if rest.is_empty() {
            members.insert(name.to_owned(), value);
        } else {
            set(members.entry(name).or_insert_with(|| json!({})), rest, value);
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_always_says_why(json in value()) {
            if let Err(faults) = edge(&json) {
                prop_assert!(!faults.is_empty() && faults.len() <= MAX_FAULTS);
            }
        }

        #[test]
        fn is_stable_and_points_at_what_is_there(json in near_good()) {
            match edge(&json) {
                Ok(parsed) => {
                    let again: Json = serde_json::from_slice(&parsed.canonical).unwrap();
                    let again = edge(&again).unwrap();
                    prop_assert_eq!(&again.canonical, &parsed.canonical);
                    prop_assert_eq!(again.content_hash, parsed.content_hash);
                    let stored = Record::from_stored(&Schema::default(), &parsed.canonical, now(), ZONE).unwrap();
                    prop_assert!(stored.values().eq(parsed.record.values()));
                    prop_assert_eq!(stored.unknown_fields, parsed.record.unknown_fields);
                }
                Err(faults) => {
                    for fault in faults {
                        let there = json.pointer(&fault.pointer).is_some();
                        prop_assert!(there || fault.code == RejectCode::Missing, "{}", fault);
                    }
                }
            }
        }
    }
}
