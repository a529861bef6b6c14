//! The records and alerts that are sent: all different, all fictitious.

use serde_json::json;

/// One guest report; its place in the series makes it another guest of another lodging.
pub fn record(number: usize) -> String {
    let nationalities = ["ARG", "JPN", "KEN", "NOR", "PER", "EGY", "NZL", "MEX"];
    let nationality = nationalities.get(number % nationalities.len()).copied().unwrap_or_default();
    // the guests of an hour over a few weeks
    let (day, hour, minute) = (1 + number / 40_000 % 20, number / 1_700 % 24, number / 30 % 60);
    let lodging = number * 7919 % 400;
    let guest = number * 104_729 % 10_000_000;
    json!({
        "id": format!("apoa-{number:07}"),
        "source": "apoa",
        "kind": "lodging.check_in",
        "occurred_at": format!("2024-11-{day:02}T{hour:02}:{minute:02}:00+07:00"),
        "person": {
            "passport": { "number": format!("X{guest:07}"), "issuer": "UTO", "expires_on": "2028-06-21" },
            "name": format!("CONTOH {number}"),
            "nationality": nationality,
            "sex": if number.is_multiple_of(2) { "F" } else { "M" },
            "born_on": "1975-02-11",
        },
        "place": { "kabupaten": "16.01", "kecamatan": "16.01.14" },
        "lodging": {
            "id": format!("hotel-contoh-{lodging}"),
            "name": format!("Hotel Contoh {lodging}"),
            "check_in": format!("2024-11-{day:02}T{hour:02}:{minute:02}:00+07:00"),
        },
    })
    .to_string()
}

/// The same as an alert for Alertmanager: an alert of its own, in a group of its own.
pub fn alert(number: usize) -> String {
    let lodging = number * 7919 % 400;
    json!({
        "labels": {
            "alertname": "tamu-contoh",
            "id": format!("apoa-{number:07}"),
            "severity": "siaga-2",
            "kabupaten": "16.01",
            "lodging": format!("hotel-contoh-{lodging}"),
        },
        "annotations": { "summary": format!("Hotel Contoh {lodging}: tamu dilaporkan") },
    })
    .to_string()
}
