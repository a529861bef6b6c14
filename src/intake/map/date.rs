//! Dates and times as people write them in tables: day before month, months by name, day numbers of spreadsheets.

use std::ops::RangeInclusive;

use chrono::{Datelike as _, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike as _};

use super::fault::Doubt;
use crate::intake::sheet::{Cell, TIME_ALONE};
use crate::record::reject::RejectCode;
use crate::words::{Text, say};

/// Months by how they begin, as Indonesians and Englishmen write and shorten them.
const MONTHS: [&[&str]; 12] = [
    &["januari", "january", "jan"],
    &["februari", "pebruari", "february", "feb", "peb"],
    &["maret", "march", "mar", "mrt"],
    &["april", "apr"],
    &["mei", "may"],
    &["juni", "june", "jun"],
    &["juli", "july", "jul"],
    &["agustus", "august", "agu", "agt", "ags", "agst", "aug"],
    &["september", "sept", "sep"],
    &["oktober", "october", "okt", "oct"],
    &["november", "nopember", "nov", "nop"],
    &["desember", "december", "des", "dec"],
];
const WEEKDAYS: [&str; 16] = [
    "senin",
    "selasa",
    "rabu",
    "kamis",
    "jumat",
    "jum'at",
    "sabtu",
    "minggu",
    "ahad",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];
/// How close a word is to a month's name before it is offered as a guess.
const CLOSE: f64 = 0.84;
/// The days between the first days of the two ways in which spreadsheets number days.
const EPOCHS_APART: i64 = 1462;
/// The day numbers of 1 January 1905 and of 31 December 2099, counted from 1900.
const SERIALS: RangeInclusive<f64> = 1828.0..=73050.0;

/// How the dates of a column are to be read.
#[derive(Clone, Debug)]
pub struct Manner {
    /// The years that they lie in.
    pub years: RangeInclusive<i32>,
    /// Day numbers count from 1904.
    pub from_1904: bool,
    /// Other dates of the column put the month first.
    pub months_first: bool,
    /// A program has turned some of the column's dates round.
    pub turned: bool,
}

/// A date, and the time where the cell states one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The day.
    pub day: NaiveDate,
    /// The time of day.
    pub time: Option<NaiveTime>,
}

impl Moment {
    fn of(at: NaiveDateTime) -> Self {
        Moment { day: at.date(), time: Some(at.time()).filter(|time| *time != NaiveTime::MIN) }
    }
}

/// The words by which a day is offered: no order of day and month can be mistaken.
pub fn in_words(day: NaiveDate) -> String {
    let month = usize::try_from(day.month0()).ok().and_then(|month| MONTHS.get(month)?.first()).copied().unwrap_or("");
    let mut letters = month.chars();
    let month: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    format!("{} {month} {}", day.day(), day.year())
}

/// Reads a date.
///
/// # Errors
/// It is none, or could be two.
pub fn read(cell: &Cell, manner: &Manner) -> Result<Moment, Doubt> {
    match cell {
        Cell::Date(at) => of_date_cell(*at, manner),
        Cell::Number(number) => of_serial(*number, manner),
        Cell::Text(text) => of_text(text, manner),
        Cell::Empty | Cell::Bool(_) | Cell::Error(_) => Err(no_date()),
    }
}

fn doubt(reason: Text) -> Doubt {
    Doubt::new(RejectCode::Date, reason)
}

fn no_date() -> Doubt {
    doubt(say("cell-date"))
}

/// Written as a date, and not in the calendar.
fn no_such_day(month: u32, day: u32) -> Doubt {
    let is_one = (1..=12).contains(&month) && (1..=31).contains(&day);
    if is_one { doubt(say("cell-date-none")) } else { no_date() }
}

fn guess(reason: Text, day: NaiveDate) -> Doubt {
    doubt(reason).guess(in_words(day), day.to_string())
}

/// Within the years of the column.
fn within(moment: Moment, manner: &Manner) -> Result<Moment, Doubt> {
    if manner.years.contains(&moment.day.year()) {
        return Ok(moment);
    }
    let (first, last) = (i64::from(*manner.years.start()), i64::from(*manner.years.end()));
    Err(doubt(say("cell-date-years").with("first", first.to_string()).with("last", last.to_string())))
}

fn of_date_cell(at: NaiveDateTime, manner: &Manner) -> Result<Moment, Doubt> {
    if at.date() == TIME_ALONE {
        return Err(no_date());
    }
    if manner.turned
        && let Some(day) = turned(at.date())
    {
        return Err(guess(say("cell-date-turned"), day));
    }
    let moment = Moment::of(at);
    within(moment, manner).map_err(|doubt| other_epoch(at.date(), manner).unwrap_or(doubt))
}

/// The day with its day and month exchanged, where that is another day.
pub fn turned(day: NaiveDate) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(day.year(), day.day(), day.month()).filter(|turned| *turned != day)
}

/// A day that makes sense only by the other way of numbering days.
fn other_epoch(day: NaiveDate, manner: &Manner) -> Option<Doubt> {
    let days = TimeDelta::days(EPOCHS_APART);
    let other = [day.checked_add_signed(days), day.checked_sub_signed(days)];
    let other = other.into_iter().flatten().find(|day| manner.years.contains(&day.year()))?;
    Some(guess(say("cell-date-epoch"), other))
}

/// A day number without a date's format.
fn of_serial(number: f64, manner: &Manner) -> Result<Moment, Doubt> {
    let number = if manner.from_1904 { number + 1462.0 } else { number };
    if !SERIALS.contains(&number) {
        let digits = format!("{number}");
        return if digits.len() == 8 { of_digits(&digits, manner) } else { Err(no_date()) };
    }
    #[expect(clippy::cast_possible_truncation, reason = "within the range of day numbers")]
    let seconds = (number.fract() * 86_400.0).round() as i64;
    #[expect(clippy::cast_possible_truncation, reason = "within the range of day numbers")]
    let days = number.trunc() as i64;
    let at = TIME_ALONE.and_time(NaiveTime::MIN) + TimeDelta::days(days) + TimeDelta::seconds(seconds);
    within(Moment::of(at), manner).map_err(|doubt| other_epoch(at.date(), manner).unwrap_or(doubt))
}

fn of_text(text: &str, manner: &Manner) -> Result<Moment, Doubt> {
    let text = text.trim().to_lowercase();
    let text = without_weekday(&text);
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return of_digits(text, manner);
    }
    let (parts, rest) = split(text).ok_or_else(no_date)?;
    let [first, second, third] = parts;
    let number = |part: &str| part.parse::<u32>().ok().filter(|_| part.len() <= 4);
    let day = match (number(first), number(second), number(third)) {
        (Some(year), Some(month), Some(day)) if first.len() == 4 => {
            date(year, month, day).ok_or_else(|| no_such_day(month, day))?
        }
        (Some(day), Some(month), Some(_)) => of_numbers(day, month, third, manner)?,
        (Some(day), None, Some(_)) => of_named(second, day, third, manner)?,
        (None, Some(day), Some(_)) => of_named(first, day, third, manner)?,
        _ => return Err(no_date()),
    };
    let time = match rest.trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | '-' | '|')) {
        "" => None,
        rest => Some(time_of_text(rest)?).filter(|time| *time != NaiveTime::MIN),
    };
    within(Moment { day, time }, manner)
}

fn without_weekday(text: &str) -> &str {
    let rest = WEEKDAYS.iter().find_map(|day| text.strip_prefix(day));
    rest.map_or(text, |rest| rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ',' | '/' | '-')))
}

/// The three parts of a date, and what follows.
fn split(text: &str) -> Option<([&str; 3], &str)> {
    let mut parts = [""; 3];
    let mut rest = text;
    for (place, part) in parts.iter_mut().enumerate() {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '/' | '-' | '.' | ','));
        let digits = rest.starts_with(|c: char| c.is_ascii_digit());
        let within = |c: char| if digits { c.is_ascii_digit() } else { c.is_alphabetic() };
        let end = rest.find(|c| !within(c)).unwrap_or(rest.len());
        *part = rest.get(..end).filter(|part| !part.is_empty())?;
        rest = rest.get(end..)?;
        if place == 2 && digits && end == 2 {
            rest = rest.strip_prefix('t').unwrap_or(rest);
        }
    }
    Some((parts, rest))
}

fn date(year: u32, month: u32, day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}

/// Day before month; a month beyond twelve is a slip that a person has to settle.
fn of_numbers(day: u32, month: u32, year: &str, manner: &Manner) -> Result<NaiveDate, Doubt> {
    let year = full_year(year, manner)?;
    match (date(year, month, day), date(year, day, month)) {
        (None, Some(turned)) => Err(guess(say("cell-date-months-first"), turned)),
        (Some(stated), Some(turned)) if manner.months_first && stated != turned => {
            Err(guess(say("cell-date-column-months-first"), turned))
        }
        (Some(stated), _) => Ok(stated),
        (None, None) => Err(no_such_day(month, day)),
    }
}

fn of_named(month: &str, day: u32, year: &str, manner: &Manner) -> Result<NaiveDate, Doubt> {
    let year = full_year(year, manner)?;
    let of = |month: usize| date(year, u32::try_from(month + 1).unwrap_or(0), day);
    if let Some(month) = MONTHS.iter().position(|names| names.contains(&month)) {
        return of(month).ok_or_else(|| no_such_day(1, day));
    }
    let names = MONTHS.iter().enumerate().filter_map(|(place, names)| Some((place, *names.first()?)));
    let close =
        names.map(|(place, name)| (strsim::jaro_winkler(month, name), place)).max_by(|a, b| a.0.total_cmp(&b.0));
    match close.filter(|(score, _)| *score >= CLOSE).and_then(|(_, month)| of(month)) {
        Some(day) => Err(guess(say("cell-date-month"), day)),
        None => Err(no_date()),
    }
}

/// Two digits are a year of the column's.
fn full_year(text: &str, manner: &Manner) -> Result<u32, Doubt> {
    let year: i32 = text.parse().map_err(|_| no_date())?;
    let year = match text.len() {
        4 => Some(year),
        2 => manner.years.clone().find(|known| known.rem_euclid(100) == year),
        _ => return Err(no_date()),
    };
    let (first, last) = (manner.years.start(), manner.years.end());
    let beyond = || doubt(say("cell-date-years").with("first", first.to_string()).with("last", last.to_string()));
    year.and_then(|year| u32::try_from(year).ok()).ok_or_else(beyond)
}

/// Digits only: a day number, `20240925`, or something that a person has to settle.
fn of_digits(text: &str, manner: &Manner) -> Result<Moment, Doubt> {
    let part = |from: usize, to: usize| text.get(from..to).and_then(|part| part.parse::<u32>().ok()).unwrap_or(0);
    match text.len() {
        5 => of_serial(text.parse().map_err(|_| no_date())?, manner),
        8 => {
            let iso = date(part(0, 4), part(4, 6), part(6, 8)).filter(|day| manner.years.contains(&day.year()));
            let local = date(part(4, 8), part(2, 4), part(0, 2)).filter(|day| manner.years.contains(&day.year()));
            match (iso, local) {
                (Some(day), None) => Ok(Moment { day, time: None }),
                (_, Some(day)) => Err(guess(say("cell-date-digits"), day)),
                (None, None) => Err(no_date()),
            }
        }
        _ => Err(no_date()),
    }
}

/// Reads a time of day.
///
/// # Errors
/// It is none.
pub fn time(cell: &Cell) -> Result<NaiveTime, Doubt> {
    match cell {
        Cell::Date(at) => Ok(at.time()),
        Cell::Number(part) if (0.0..1.0).contains(part) => {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds of a day")]
            let seconds = (part * 86_400.0).round() as u32;
            NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0).ok_or_else(no_time)
        }
        Cell::Number(hours) => time_of_text(&format!("{hours:.2}")),
        Cell::Text(text) => time_of_text(text),
        Cell::Empty | Cell::Bool(_) | Cell::Error(_) => Err(no_time()),
    }
}

fn no_time() -> Doubt {
    doubt(say("cell-time"))
}

fn time_of_text(text: &str) -> Result<NaiveTime, Doubt> {
    let lower = text.trim().to_lowercase();
    let text = lower.strip_prefix("pukul").or_else(|| lower.strip_prefix("jam")).unwrap_or(&lower).trim();
    let text = text.strip_suffix("wib").unwrap_or(text).trim();
    let (text, half) = match (text.strip_suffix("am"), text.strip_suffix("pm")) {
        (Some(text), _) => (text.trim(), Some(0)),
        (_, Some(text)) => (text.trim(), Some(12)),
        _ => (text, None),
    };
    let parts: Option<Vec<u32>> = text.split([':', '.']).map(|part| part.parse().ok()).collect();
    let (hour, minute, second) = match parts.as_deref() {
        Some([hour]) if half.is_some() => (*hour, 0, 0),
        Some([hour, minute]) => (*hour, *minute, 0),
        Some([hour, minute, second]) => (*hour, *minute, *second),
        _ => return Err(no_time()),
    };
    let hour = match half {
        Some(half) if (1..=12).contains(&hour) => hour % 12 + half,
        Some(_) => return Err(no_time()),
        None => hour,
    };
    NaiveTime::from_hms_opt(hour, minute, second)
        .map(|time| time.with_nanosecond(0).unwrap_or(time))
        .ok_or_else(no_time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manner() -> Manner {
        Manner { years: 2020..=2030, from_1904: false, months_first: false, turned: false }
    }

    fn text(text: &str) -> Result<Moment, Doubt> {
        read(&Cell::Text(text.to_owned()), &manner())
    }

    #[test]
    fn one_day_is_written_in_many_ways() {
        for written in [
            "25/09/2024",
            "25-09-24",
            "25.9.2024",
            "25 September 2024",
            "25 Sept 2024",
            "25-Sep-24",
            "2024-09-25",
            "Rabu, 25 September 2024",
            "20240925",
            "45560",
            "September 25, 2024",
            "25/09/2024 00:00:00",
        ] {
            let read = text(written).unwrap_or_else(|doubt| panic!("{written}: {doubt:?}"));
            assert_eq!((read.day.to_string().as_str(), read.time), ("2024-09-25", None), "{written}");
        }
        assert_eq!(text("3 Nopember 2024").map(|read| read.day.to_string()).as_deref(), Ok("2024-11-03"));
        let with_time = text("2024-09-25T14:30:00").map(|read| read.time);
        assert_eq!(with_time, Ok(NaiveTime::from_hms_opt(14, 30, 0)));
        assert_eq!(text("25/09/2024 14.30 WIB").map(|read| read.time), Ok(NaiveTime::from_hms_opt(14, 30, 0)));
    }

    #[test]
    fn what_is_no_date_or_could_be_two_is_doubted_with_the_guess() {
        for (written, guess) in [
            ("09/25/2024", Some("25 September 2024")),
            ("25092024", Some("25 September 2024")),
            ("25 Septembr 2024", Some("25 September 2024")),
            ("31/02/2024", None),
            ("44098", Some("25 September 2024")),
            ("25/09/42", None),
            ("25/09/1924", None),
            ("kemarin", None),
            ("", None),
        ] {
            let mut manner = manner();
            manner.years = 2023..=2030;
            let doubt = read(&Cell::Text(written.to_owned()), &manner).expect_err(written);
            assert_eq!(doubt.guess.as_deref(), guess, "{written}");
        }
    }

    #[test]
    fn a_column_that_puts_months_first_makes_its_other_dates_doubtful() {
        let mut manner = manner();
        manner.months_first = true;
        let doubt = read(&Cell::Text("05/11/2024".to_owned()), &manner).unwrap_err();
        assert_eq!(doubt.guess.as_deref(), Some("11 Mei 2024"));
        assert!(read(&Cell::Text("11/11/2024".to_owned()), &manner).is_ok());
    }

    #[test]
    fn day_numbers_count_from_either_first_day() {
        let day = |number: f64, from_1904| {
            read(&Cell::Number(number), &Manner { from_1904, ..manner() }).map(|read| read.day)
        };
        let expected = NaiveDate::from_ymd_opt(2024, 9, 25).unwrap();
        assert_eq!(day(45560.0, false), Ok(expected));
        assert_eq!(day(44098.0, true), Ok(expected));
    }

    #[test]
    fn times_are_read_with_points_too() {
        for (written, hour, minute) in
            [("21:15", 21, 15), ("21.15", 21, 15), ("pukul 9.05 WIB", 9, 5), ("2:30 PM", 14, 30)]
        {
            assert_eq!(time(&Cell::Text(written.to_owned())), Ok(NaiveTime::from_hms_opt(hour, minute, 0).unwrap()));
        }
        assert_eq!(time(&Cell::Number(0.5)), Ok(NaiveTime::from_hms_opt(12, 0, 0).unwrap()));
        assert!(time(&Cell::Text("malam".to_owned())).is_err());
        assert!(time(&Cell::Text("25:00".to_owned())).is_err());
    }
}
