//! Dates and times of records as instants.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// Nobody in the records was born earlier.
const MIN_YEAR: i32 = 1900;

/// `9999-12-31` is how some registers write "without end".
const MAX_YEAR: i32 = 9999;

/// An RFC 3339 instant or a date alone, which is its local 00:00; cut to milliseconds.
pub fn instant(text: &str, zone: Tz) -> Option<DateTime<Utc>> {
    let time = match DateTime::parse_from_rfc3339(text) {
        Ok(time) => time.with_timezone(&Utc),
        Err(_) => start_of(date(text)?, zone)?,
    };
    let in_range = (MIN_YEAR..=MAX_YEAR).contains(&time.year());
    DateTime::from_timestamp_millis(time.timestamp_millis()).filter(|_| in_range)
}

/// `YYYY-MM-DD` and nothing looser: chrono alone would take `2024-1-5`.
fn date(text: &str) -> Option<NaiveDate> {
    (text.len() == 10).then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten()
}

/// The first instant of a day; where the clock skips midnight, the hour after.
pub fn start_of(date: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
    let midnight = date.and_time(NaiveTime::MIN);
    zone.from_local_datetime(&midnight)
        .earliest()
        .or_else(|| zone.from_local_datetime(&(midnight + TimeDelta::hours(1))).earliest())
        .map(|time| time.with_timezone(&Utc))
}
