//! Tables of good and bad records.

use chrono::TimeZone;
use serde_json::{Value as Json, json};

use super::*;
use crate::record::schema::core;
use crate::record::value::Value;

const ZONE: Tz = chrono_tz::Asia::Jakarta;
const MRZ: &str =
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10";

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
    record
        .pointer_mut(parent)
        .unwrap()
        .as_object_mut()
        .unwrap()
        .remove(name);
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
    assert_eq!(
        record.value(core::LODGING_ID),
        &Value::text("hotel-contoh-1")
    );
    assert_eq!(record.value(core::NIK_HASH), &Value::Missing);
    assert_eq!(
        record
            .value(core::PASSPORT_EXPIRES_ON)
            .as_time()
            .unwrap()
            .to_rfc3339(),
        "2029-01-30T17:00:00+00:00"
    );
}
