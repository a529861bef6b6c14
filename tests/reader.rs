//! Whatever the reader takes is what [`parse`] makes of it, for records as they come and for damaged ones.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "what a test sets up has to work")]

use std::sync::LazyLock;

use chrono::{DateTime, TimeZone, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;
use serde_json::Value as Json;

use siaga::intake::row::Row;
use siaga::record::fingerprint;
use siaga::record::parse::{Interner, Parsed, Reader, Received, parse};
use siaga::record::schema::{FieldId, Group, Schema, Type};
use siaga::record::slot::{Fields, Slot};

const ZONE: Tz = chrono_tz::Asia::Jakarta;

static SCHEMA: LazyLock<Schema> = LazyLock::new(Schema::default);

static LINES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/oku-raya.ndjson");
    std::fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()
});

/// A few rows of every kind, with and without a zone.
static SAMPLES: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let mut taken = std::collections::BTreeMap::<(&str, bool), usize>::new();
    let first = LINES.iter().map(String::as_str).filter(|line| {
        let kind = line.split("\"kind\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or("");
        let count = taken.entry((kind, line.contains("\"mrz\""))).or_default();
        *count += 1;
        *count <= 3
    });
    first.collect()
});

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2024, 11, 20, 15, 0, 0).unwrap()
}

fn slowly(line: &[u8], received: Received) -> Option<Parsed> {
    parse(&SCHEMA, Row::read(0, line).json().ok()?, received, ZONE).ok()
}

/// Reads a line both ways and says whether the fast one took it.
fn agrees(reader: &mut Reader, line: &[u8], received: Received) -> Result<bool, TestCaseError> {
    let slow = slowly(line, received);
    let Some(fast) = reader.read(line, received) else {
        return Ok(false);
    };
    let shown = String::from_utf8_lossy(line);
    let Some(Parsed { record, canonical, content_hash }) = slow else {
        return Err(TestCaseError::fail(format!("must not stand: {shown}")));
    };
    prop_assert_eq!(fast.kind(), record.kind, "{}", &shown);
    prop_assert_eq!((fast.source(), fast.id()), (&*record.key.source, &*record.key.id), "{}", &shown);
    prop_assert_eq!(fast.occurred_at(), record.occurred_at, "{}", &shown);
    prop_assert_eq!(fast.received_at(), record.received_at, "{}", &shown);
    prop_assert_eq!(fast.withdrawn(), record.withdrawn, "{}", &shown);
    prop_assert_eq!(fast.unknown_fields(), record.unknown_fields, "{}", &shown);
    for index in 0..SCHEMA.fields().len() {
        let field = FieldId(u16::try_from(index).unwrap());
        prop_assert_eq!(fast.slot(field), record.slot(field), "{:?} of {}", SCHEMA.field(field), &shown);
        if let Slot::Text(text) = fast.slot(field) {
            prop_assert_eq!(fast.hashed(field).1, Some(fingerprint::text_hash(text)));
        }
    }
    let owned = fast.to_record(&mut Interner::default(), None);
    prop_assert!(owned.values().eq(record.values()), "{}", &shown);
    prop_assert_eq!(format!("{owned:?}"), format!("{record:?}"));
    let some: Vec<FieldId> = record.values().map(|(field, _)| field).step_by(2).collect();
    let fewer = fast.to_record(&mut Interner::default(), Some(&some));
    prop_assert!(fewer.values().eq(record.values().step_by(2)), "{}", &shown);
    let parsed = fast.to_parsed(&mut Interner::default());
    prop_assert_eq!(String::from_utf8_lossy(&parsed.canonical), String::from_utf8_lossy(&canonical));
    prop_assert_eq!(parsed.content_hash, content_hash);
    prop_assert_eq!(format!("{:?}", parsed.record), format!("{record:?}"));
    let json: Json = serde_json::from_slice(&canonical).unwrap();
    prop_assert_eq!(fast.fingerprint(), fingerprint::of(json.as_object().unwrap()), "{}", &shown);
    Ok(true)
}

#[test]
fn nearly_every_good_row_is_read_here() {
    let mut reader = Reader::new(&SCHEMA, ZONE);
    let good = LINES.iter().filter(|line| slowly(line.as_bytes(), Received::Stated).is_some()).count();
    let read = LINES.iter().filter(|line| agrees(&mut reader, line.as_bytes(), Received::Stated).unwrap()).count();
    assert!(read * 100 >= good * 99, "{read} of {good}");
    let read = LINES.iter().filter(|line| agrees(&mut reader, line.as_bytes(), Received::Edge(now())).unwrap()).count();
    assert!(read * 100 >= LINES.len() * 30, "{read}");
}

#[test]
fn reading_again_allocates_nothing() {
    let mut reader = Reader::new(&SCHEMA, ZONE);
    let mut read = |line: &str| reader.read(line.as_bytes(), Received::Stated).is_some();
    // zones of passports are left to the library that checks them
    let lines = LINES.iter().map(String::as_str).filter(|line| !line.contains("mrz"));
    let stand: Vec<&str> = lines.filter(|line| read(line)).collect();
    let allocated = allocation_counter::measure(|| assert!(stand.iter().all(|line| read(line))));
    assert!(stand.len() > 5000 && allocated.count_total == 0, "{allocated:?}");
}

/// A sender's habits: what is common in other systems and in none of the fixtures.
#[test]
fn other_ways_of_writing_are_read_too() {
    let full = r#"{"id":"a-1","source":"apoa","kind":"lodging.check_in","occurred_at":"2024-11-20T21:15:00+07:00",
        "person":{"passport":{"number":" x12 34567","issuer":"uto","expires_on":null,"mrz":""},"name":"N\u00e9 \"A\" B","sex":"F"},
        "place":{"kecamatan":"16.01.14","address":"Jl. Contoh 1\/2\nRT 1","lat":-4.130000,"lon":1.0417e2},
        "lodging":{"id":"hotel-contoh-1","name":"Hotel é","check_out":null,"stars":5.0},"permit":null,"work":{},
        "plan":{"people":2.0},"app":{"version":"1.2","debug":false,"ref":null}}"#;
    let mut reader = Reader::new(&SCHEMA, ZONE);
    for line in [full.replace("1.0417e2", "104.170"), full.replace("1.0417e2", "104").replace(['\n', ' '], "")] {
        assert!(agrees(&mut reader, line.as_bytes(), Received::Stated).unwrap(), "{line}");
    }
    assert!(!agrees(&mut reader, full.as_bytes(), Received::Stated).unwrap());
}

#[test]
fn packs_with_their_own_fields_are_read_too() {
    let mut schema = Schema::default();
    schema.add_field("vehicle.plate", Type::Text, Group::Work, false);
    schema.add_field("person.phone", Type::Text, Group::Identity, true);
    schema.add_kind("vehicle.seen", &["vehicle.plate|place"]);
    let line = |vehicle: &str| {
        format!(
            r#"{{"id":"a","source":"s","kind":"vehicle.seen","occurred_at":"2024-11-20","vehicle":{{{vehicle}}},"person":{{"phone":"0812"}}}}"#
        )
    };
    let stands = line(r#""plate":"BG 1 X""#);
    let row = Row::read(0, stands.as_bytes());
    let slow = parse(&schema, row.json().unwrap(), Received::Stated, ZONE).unwrap();
    let mut reader = Reader::new(&schema, ZONE);
    let fast = reader.read(stands.as_bytes(), Received::Stated).unwrap().to_parsed(&mut Interner::default());
    assert_eq!(format!("{fast:?}"), format!("{slow:?}"));
    assert!(reader.read(line(r#""wheels":4"#).as_bytes(), Received::Stated).is_none());
}

/// What nobody met twice is forgotten before it takes too much.
#[test]
fn a_sender_of_ever_new_members_is_read_all_the_same() {
    let mut reader = Reader::new(&SCHEMA, ZONE);
    let line = |n: usize| {
        let members: String = (0..20).map(|m| format!("\"m{}\":{m},", n * 20 + m)).collect();
        SAMPLES[0].replacen('{', &format!("{{{members}"), 1)
    };
    let taken = (0..200).filter(|n| agrees(&mut reader, line(*n).as_bytes(), Received::Stated).unwrap()).count();
    assert!(taken > 150, "{taken}");
}

/// One way of changing a line's bytes.
#[derive(Clone, Debug)]
enum Damage {
    Flip(usize, u8),
    Cut(usize, usize),
    Insert(usize, &'static str),
    /// Puts another line's piece in.
    Graft(usize, usize, usize),
    /// Puts something in place of the value that follows the nth colon.
    Value(usize, &'static str),
    /// Puts something in place of the name before the nth colon.
    Name(usize, &'static str),
    Spread,
    Escape(usize),
}

const PIECES: &[&str] = &[
    " ",
    "\n",
    "\t",
    ",",
    ":",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\\",
    "\\n",
    "\\u00e9",
    "\\ud800",
    "\\/",
    "0",
    "-",
    "e5",
    ".0",
    "null",
    "true",
    "\u{e9}",
    "\u{a0}",
    "\u{85}",
    "\u{202e}",
    "\u{7f}",
    "\u{0}",
    "\"id\":\"x\",",
    "\"extra\":5,",
    "\"extra\":{\"a\":1},",
    "\"withdrawn\":true,",
    "\"withdrawn\":false,",
    "\"place\":null,",
    "\"place\":{},",
    "\"foto\":\"x\",",
    "\"has_photo\":true,",
    "\"1601145208840001\":1,",
    "\"a.b\":null,",
    "\"received_at\":\"2024-11-01\",",
    "\"lodging\":{\"stars\":3},",
];

const VALUES: &[&str] = &[
    "null",
    "true",
    "false",
    "0",
    "-0",
    "5",
    "5.0",
    "-4.130",
    "91",
    "1e2",
    "0.0000001",
    "1601145208840001",
    "9007199254740993",
    "123456789012345",
    "\"\"",
    "\" \"",
    "\" x1 23 \"",
    "\"uto\"",
    "\"D\"",
    "\"D<<\"",
    "\"UTO\"",
    "\"utopia\"",
    "\"2024-11-20\"",
    "\"2024-02-30\"",
    "\"2024-11-20T21:15:00+07:00\"",
    "\"2024-11-20T21:15:00Z\"",
    "\"2024-11-20T21:15:00.5Z\"",
    "\"2024-11-20 21:15:00Z\"",
    "\" 2024-11-20 \"",
    "\"1900-01-01\"",
    "\"9999-12-31\"",
    "\"2024-11-20T24:15:00Z\"",
    "\"16.01\"",
    "\"16.01.14\"",
    "\"16.09.01\"",
    "\"16.01.99\"",
    "\"18.08\"",
    "\"18.08.01\"",
    "\"1601\"",
    "\"1601145208840001\"",
    "\"160114-520884-0001\"",
    "\"NIK 1601145208840001.\"",
    "\"2024-11-20 2024-11-21\"",
    "\"data:image/png,x\"",
    "\" DATA:,\"",
    "\"data: x\"",
    "\"a\\nb\"",
    "\"a\\u0007\"",
    "\"a\\u00e9\\/\"",
    "\"caf\u{e9}\"",
    "\"\u{a0}x\u{a0}\"",
    "\"a\u{202e}\"",
    "\"a\u{85}b\"",
    "{}",
    "{\"a\":1}",
    "[]",
    "\"visit\"",
    "\"F\"",
    "\"campaign\"",
    "\"lodging.check_in\"",
    "\"stay.hint\"",
    "\"source.heartbeat\"",
    "\"a/b\"",
    "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"",
    "\"ABCDEFabcdefABCDEFabcdefABCDEFabcdefABCDEFabcdefABCDEFabcdefABCD\"",
    "\"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\\nL898902C36UTO7408122F1204159ZE184226B<<<<<10\"",
    "\"p<utoeriksson<<anna<maria<<<<<<<<<<<<<<<<<<< L898902C36UTO7408122F1204159ZE184226B<<<<<10\"",
];

const NAMES: &[&str] = &[
    "id",
    "source",
    "kind",
    "notes",
    "number",
    "kabupaten",
    "name",
    "foto",
    "passportPhoto",
    "withdrawn",
    "place",
    "a~b",
    "\u{e9}",
    "\\u0069d",
    "",
];

fn damage() -> impl Strategy<Value = Damage> {
    let at = 0_usize..2000;
    prop_oneof![
        1 => (at.clone(), any::<u8>()).prop_map(|(at, byte)| Damage::Flip(at, byte)),
        1 => (at.clone(), 0_usize..40).prop_map(|(at, count)| Damage::Cut(at, count)),
        2 => (at.clone(), prop::sample::select(PIECES)).prop_map(|(at, piece)| Damage::Insert(at, piece)),
        1 => (at.clone(), at.clone(), 0_usize..60).prop_map(|(line, from, count)| Damage::Graft(line, from, count)),
        6 => (0_usize..40, prop::sample::select(VALUES)).prop_map(|(nth, value)| Damage::Value(nth, value)),
        2 => (0_usize..40, prop::sample::select(NAMES)).prop_map(|(nth, name)| Damage::Name(nth, name)),
        1 => Just(Damage::Spread),
        1 => at.prop_map(Damage::Escape),
    ]
}

impl Damage {
    fn done_to(&self, line: &[u8]) -> Vec<u8> {
        let mut line = line.to_vec();
        let place = |at: usize| at % line.len().max(1);
        match self {
            Damage::Flip(at, byte) => {
                let at = place(*at);
                line[at] = *byte;
            }
            Damage::Cut(at, count) => {
                let at = place(*at);
                line.drain(at..(at + count).min(line.len()));
            }
            Damage::Insert(at, piece) => {
                // members fit behind a bracket
                let is_member = piece.ends_with(',') && piece.len() > 1;
                let starts: Vec<usize> = (0..line.len()).filter(|at| line[*at] == b'{').collect();
                let at = if is_member && !starts.is_empty() { starts[at % starts.len()] + 1 } else { place(*at) };
                line.splice(at..at, piece.bytes());
            }
            Damage::Graft(other, from, count) => {
                let other = SAMPLES[other % SAMPLES.len()].as_bytes();
                let from = from % other.len();
                let at = place(from);
                line.splice(at..at, other[from..(from + count).min(other.len())].iter().copied());
            }
            Damage::Value(nth, value) => {
                if let Some(colon) = colon(&line, *nth) {
                    let end = line[colon..].windows(2).position(|two| matches!(two, b",\"" | b"}," | b"}}"));
                    line.splice(colon + 1..colon + end.unwrap_or(1).max(1), value.bytes());
                }
            }
            Damage::Name(nth, name) => {
                if let Some(colon) = colon(&line, *nth) {
                    let start = line[..colon - 1].iter().rposition(|byte| *byte == b'"').unwrap_or(0) + 1;
                    line.splice(start.min(colon - 1)..colon - 1, name.bytes());
                }
            }
            Damage::Spread => {
                let text = String::from_utf8_lossy(&line).into_owned();
                if let Ok(json) = serde_json::from_str::<Json>(&text) {
                    line = serde_json::to_vec_pretty(&json).unwrap();
                }
            }
            Damage::Escape(at) => {
                let at = place(*at);
                if line[at].is_ascii_alphanumeric() {
                    let escaped = format!("\\u{:04x}", line[at]);
                    line.splice(at..=at, escaped.bytes());
                }
            }
        }
        line
    }
}

fn colon(line: &[u8], nth: usize) -> Option<usize> {
    let colons: Vec<usize> = (1..line.len()).filter(|at| line[*at] == b':' && line[at - 1] == b'"').collect();
    colons.get(nth % colons.len().max(1)).copied()
}

fn damaged() -> impl Strategy<Value = Vec<u8>> {
    (0..SAMPLES.len(), prop::collection::vec(damage(), 0..4)).prop_map(|(index, damages)| {
        damages.iter().fold(SAMPLES[index].as_bytes().to_vec(), |line, damage| damage.done_to(&line))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_is_read_is_what_parsing_makes_of_it(lines in prop::collection::vec(damaged(), 1..8)) {
        let mut reader = Reader::new(&SCHEMA, ZONE);
        for line in lines.iter().chain(&lines) {
            agrees(&mut reader, line, Received::Stated)?;
            agrees(&mut reader, line, Received::Edge(now()))?;
        }
    }

    #[test]
    fn equal_content_has_equal_fingerprints(line in damaged(), damage in damage()) {
        let print = |line: &[u8]| {
            let canonical = slowly(line, Received::Stated)?.canonical;
            let json: Json = serde_json::from_slice(&canonical).unwrap();
            Some((fingerprint::of(json.as_object().unwrap()), canonical))
        };
        if let (Some(a), Some(b)) = (print(&line), print(&damage.done_to(&line))) {
            prop_assert_eq!(a.0 == b.0, a.1 == b.1, "{:?} {:?}", a, b);
        }
    }
}
