//! Dates and times in the two forms that nearly all senders write.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;

use crate::record::parse::time;

/// Years whose months are remembered; the first is left out because its start may lie in the year before.
const YEARS: std::ops::Range<i32> = 1901..2101;

/// Instants of texts, as [`time::instant`] gives them.
#[derive(Debug)]
pub struct Dates {
    zone: Tz,
    /// How far the clocks are ahead of UTC throughout a month, once somebody asked.
    months: Box<[Month]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Month {
    Unasked,
    /// At all of its midnights.
    Ahead(FixedOffset),
    /// The clocks are changed in it.
    Changing,
}

impl Dates {
    /// Before the first date.
    pub fn new(zone: Tz) -> Self {
        Dates { zone, months: vec![Month::Unasked; YEARS.len() * 12].into() }
    }

    /// Where a date alone begins.
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// The instant of a trimmed text.
    #[inline]
    pub fn instant(&mut self, text: &str) -> Option<DateTime<Utc>> {
        self.usual(text.as_bytes()).or_else(|| time::instant(text, self.zone))
    }

    #[inline]
    fn usual(&mut self, text: &[u8]) -> Option<DateTime<Utc>> {
        let (day, rest) = text.split_first_chunk::<10>()?;
        let date = date(day)?;
        match rest {
            [] => self.midnight(date),
            [b'T', h, hh, b':', m, mm, b':', s, ss, zone @ ..] => {
                let time = date.and_hms_opt(two(*h, *hh)?, two(*m, *mm)?, two(*s, *ss)?)?;
                let ahead = match zone {
                    [b'Z'] => 0,
                    [b'+', h, hh, b':', m, mm] => seconds(*h, *hh, *m, *mm)?,
                    [b'-', h, hh, b':', m, mm] => -seconds(*h, *hh, *m, *mm)?,
                    _ => return None,
                };
                utc(time, FixedOffset::east_opt(ahead)?)
            }
            _ => None,
        }
    }

    fn midnight(&mut self, date: NaiveDate) -> Option<DateTime<Utc>> {
        let midnight = date.and_hms_opt(0, 0, 0)?;
        let index = usize::try_from((date.year() - YEARS.start) * 12).ok()? + usize::try_from(date.month0()).ok()?;
        let month = self.months.get_mut(index)?;
        if *month == Month::Unasked {
            *month = ask(date, self.zone);
        }
        match month {
            Month::Ahead(ahead) => utc(midnight, *ahead),
            Month::Unasked | Month::Changing => None,
        }
    }
}

fn ask(date: NaiveDate, zone: Tz) -> Month {
    let ahead = |day: u32| {
        let midnight = date.with_day(day)?.and_hms_opt(0, 0, 0)?;
        Some(zone.offset_from_local_datetime(&midnight).single()?.fix())
    };
    let days = 1..=u32::from(date.num_days_in_month());
    match ahead(1) {
        Some(first) if days.into_iter().all(|day| ahead(day) == Some(first)) => Month::Ahead(first),
        _ => Month::Changing,
    }
}

fn utc(local: NaiveDateTime, ahead: FixedOffset) -> Option<DateTime<Utc>> {
    Some(local.checked_sub_offset(ahead)?.and_utc())
}

#[inline]
fn date(text: &[u8; 10]) -> Option<NaiveDate> {
    let [a, b, c, d, b'-', m, mm, b'-', n, nn] = *text else {
        return None;
    };
    let year = i32::try_from(two(a, b)? * 100 + two(c, d)?).ok().filter(|year| YEARS.contains(year))?;
    NaiveDate::from_ymd_opt(year, two(m, mm)?, two(n, nn)?)
}

#[inline]
fn two(tens: u8, units: u8) -> Option<u32> {
    let (tens, units) = (tens.wrapping_sub(b'0'), units.wrapping_sub(b'0'));
    (tens < 10 && units < 10).then(|| u32::from(tens) * 10 + u32::from(units))
}

#[inline]
fn seconds(h: u8, hh: u8, m: u8, mm: u8) -> Option<i32> {
    let (hours, minutes) = (two(h, hh)?, two(m, mm)?);
    (hours < 24 && minutes < 60).then(|| i32::try_from(hours * 3600 + minutes * 60).ok())?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ZONES: [Tz; 5] = [
        chrono_tz::Asia::Jakarta,
        chrono_tz::Asia::Jayapura,
        chrono_tz::America::Santiago,
        chrono_tz::Africa::Casablanca,
        chrono_tz::Pacific::Apia,
    ];

    #[test]
    fn every_day_begins_when_it_does() {
        for zone in ZONES {
            let mut dates = Dates::new(zone);
            let days = NaiveDate::from_ymd_opt(1900, 1, 1).unwrap().iter_days();
            for day in days.take_while(|day| day.year() < 2103) {
                let text = day.to_string();
                assert_eq!(dates.instant(&text), time::instant(&text, zone), "{text} {zone}");
            }
        }
    }

    proptest! {
        #[test]
        fn times_are_those_of_chrono(
            text in "(1899|1900|1901|19[0-9]{2}|20[0-9]{2}|2100|9999)-[01][0-9]-[0-3][0-9]\
                     ([Tt ][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{1,4})?(Z|z|[+-][0-2][0-9]:[0-6][0-9]|))?",
            index in 0_usize..5,
        ) {
            prop_assert_eq!(Dates::new(ZONES[index]).instant(&text), time::instant(&text, ZONES[index]));
        }
    }
}
