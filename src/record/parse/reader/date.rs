//! Dates and times in the two forms that nearly all senders write.

use chrono::{DateTime, Datelike as _, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use chrono_tz::Tz;

use crate::record::parse::time;

/// Years whose months are remembered.
const YEARS: std::ops::Range<u32> = 1901..2101;

/// Instants of texts, as [`time::instant`] gives them.
#[derive(Debug)]
pub struct Dates {
    zone: Tz,
    /// How the days of each month begin, once somebody asked for one of them.
    months: Box<[Month]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Month {
    Unasked,
    /// Each of its days begins at midnight so far from UTC.
    Even(FixedOffset),
    /// The clocks are changed in it.
    Changing,
}

/// A date as it is written; the month may have no such day.
#[derive(Clone, Copy, Debug)]
struct Written {
    year: u32,
    month: u32,
    day: u32,
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

    /// The instant of a trimmed text that is written otherwise.
    pub fn unusual(&self, text: &str) -> Option<DateTime<Utc>> {
        time::instant(text, self.zone)
    }

    /// The instant of a text in one of the two forms.
    #[inline]
    pub fn usual(&mut self, text: &[u8]) -> Option<DateTime<Utc>> {
        let (date, rest) = text.split_first_chunk::<10>()?;
        let date = Written::of(date)?;
        match rest {
            [] => self.start_of(date),
            [b'T', h, hh, b':', m, mm, b':', s, ss, zone @ ..] => {
                let time = date.day()?.and_hms_opt(two(*h, *hh)?, two(*m, *mm)?, two(*s, *ss)?)?;
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

    #[inline]
    fn start_of(&mut self, date: Written) -> Option<DateTime<Utc>> {
        let index = (date.year - YEARS.start) * 12 + date.month - 1;
        let month = self.months.get_mut(index as usize)?;
        if *month == Month::Unasked {
            *month = ask(date, self.zone);
        }
        match *month {
            Month::Even(offset) => utc(date.day()?.and_time(NaiveTime::MIN), offset),
            Month::Unasked | Month::Changing => None,
        }
    }
}

/// How the days of a date's month begin.
#[cold]
fn ask(date: Written, zone: Tz) -> Month {
    let day = |day| Written { day, ..date }.day();
    let days = day(1).map_or(0, |first| u32::from(first.num_days_in_month()));
    let offset = |date: NaiveDate| {
        let ahead = date.and_time(NaiveTime::MIN) - time::start_of(date, zone)?.naive_utc();
        FixedOffset::east_opt(i32::try_from(ahead.num_seconds()).ok()?)
    };
    let mut offsets = (1..=days).map(|n| day(n).and_then(offset));
    match offsets.next().flatten() {
        Some(first) if offsets.all(|other| other == Some(first)) => Month::Even(first),
        _ => Month::Changing,
    }
}

impl Written {
    #[inline]
    fn of(text: &[u8; 10]) -> Option<Self> {
        let [a, b, c, d, b'-', m, mm, b'-', n, nn] = *text else {
            return None;
        };
        let date = Written { year: two(a, b)? * 100 + two(c, d)?, month: two(m, mm)?, day: two(n, nn)? };
        ((1..=12).contains(&date.month) && YEARS.contains(&date.year)).then_some(date)
    }

    fn day(self) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(i32::try_from(self.year).ok()?, self.month, self.day)
    }
}

fn utc(local: NaiveDateTime, ahead: FixedOffset) -> Option<DateTime<Utc>> {
    Some(local.checked_sub_offset(ahead)?.and_utc())
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

    fn instant(dates: &mut Dates, text: &str) -> Option<DateTime<Utc>> {
        dates.usual(text.as_bytes()).or_else(|| dates.unusual(text))
    }

    #[test]
    fn every_day_begins_when_it_does() {
        for zone in ZONES {
            let mut dates = Dates::new(zone);
            let days = NaiveDate::from_ymd_opt(1900, 1, 1).unwrap().iter_days();
            for day in days.take_while(|day| day.year() < 2103) {
                let text = day.to_string();
                assert_eq!(instant(&mut dates, &text), time::instant(&text, zone), "{text} {zone}");
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
            prop_assert_eq!(instant(&mut Dates::new(ZONES[index]), &text), time::instant(&text, ZONES[index]));
        }
    }
}
