//! Passport numbers, country codes and the machine readable zone, each in one form.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use chrono_tz::Tz;
use mrz::{MrzData, MrzDate};
use serde_json::{Map, Value};

use super::field::stated;
use super::time;
use crate::record::reject::{RejectCode, Rejection};

/// Longer than any passport number; ICAO allows nine characters, some issuers print more.
pub const MAX_NUMBER_CHARS: usize = 20;

const NUMBER: &str = "person.passport.number";
const ISSUER: &str = "person.passport.issuer";
const MRZ: &str = "person.passport.mrz";

/// Set where a passport's dates contradict each other. Whoever sends a record cannot state it.
pub const INCONSISTENT: &str = "person.passport.inconsistent";

/// A passport number in upper case without spaces; `None` where it is none.
pub fn number(text: &str) -> Option<String> {
    let number = squeezed(text);
    let fits = (1..=MAX_NUMBER_CHARS).contains(&number.len());
    (fits && number.bytes().all(|b| b.is_ascii_alphanumeric())).then_some(number)
}

/// Three upper-case letters; the `D` and `D<<` of German zones become `DEU`.
pub fn country(text: &str) -> Option<String> {
    let code = squeezed(text);
    match code.trim_end_matches('<') {
        "D" => Some("DEU".to_owned()),
        code if code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()) => Some(code.to_owned()),
        _ => None,
    }
}

/// Upper case without white space. The lines of a zone run together; its length says where they part.
pub fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<String>().to_uppercase()
}

/// Checks a normalised passport's zone against its own digits and the stated number and issuer, fills in what was not
/// stated, and marks dates that contradict each other.
pub fn settle(passport: &mut Map<String, Value>, days: &Days) -> Vec<Rejection> {
    let zone = match passport.get("mrz").and_then(Value::as_str).map(named).transpose() {
        Ok(zone) => zone,
        Err(fault) => return vec![fault],
    };
    if days.contradict(zone.as_ref()) {
        passport.insert("inconsistent".to_owned(), Value::from(true));
    }
    let Some(Named { number: read_number, issuer: read_issuer, .. }) = zone else {
        return Vec::new();
    };
    [(NUMBER, "number", read_number), (ISSUER, "issuer", read_issuer)]
        .into_iter()
        .filter_map(|(path, name, read)| agree(passport, path, name, read))
        .collect()
}

/// The days that a record states beside the zone.
pub struct Days {
    /// When its holder was born.
    pub born: Option<NaiveDate>,
    /// The passport's last day.
    pub expires: Option<NaiveDate>,
    /// When the record happened.
    pub occurred: Option<NaiveDate>,
}

impl Days {
    /// Those of a record that was brought into its one form.
    pub fn of(root: &Map<String, Value>, zone: Tz) -> Self {
        let instant = |path| time::instant(stated(root, path)?.as_str()?, zone);
        Days::of_instants(["person.born_on", "person.passport.expires_on", "occurred_at"].map(instant), zone)
    }

    /// The days of birth, of expiry and of the record.
    pub fn of_instants(instants: [Option<DateTime<Utc>>; 3], zone: Tz) -> Self {
        let [born, expires, occurred] =
            instants.map(|instant| instant.map(|instant| instant.with_timezone(&zone).date_naive()));
        Days { born, expires, occurred }
    }

    /// Whether the zone says other days, the passport ended before the record, or its holder was born after it. A slip
    /// of the pen is the usual cause of each.
    pub fn contradict(&self, zone: Option<&Named>) -> bool {
        // a zone has two digits of a year
        let differ = |stated: Option<NaiveDate>, read: Option<NaiveDate>| {
            let short = |day: NaiveDate| (day.year().rem_euclid(100), day.month(), day.day());
            stated.zip(read).is_some_and(|(stated, read)| short(stated) != short(read))
        };
        let before = |a: Option<NaiveDate>, b: Option<NaiveDate>| a.zip(b).is_some_and(|(a, b)| a < b);
        before(self.expires, self.occurred)
            || before(self.occurred, self.born)
            || zone.is_some_and(|zone| differ(self.born, zone.born) || differ(self.expires, zone.expires))
    }
}

/// Whom a zone names.
pub struct Named {
    /// The passport's number.
    pub number: Option<String>,
    /// Its issuer.
    pub issuer: Option<String>,
    /// When its holder was born, the century guessed.
    pub born: Option<NaiveDate>,
    /// Its last day, the century guessed.
    pub expires: Option<NaiveDate>,
}

/// What a normalised zone says of the passport.
///
/// # Errors
/// It cannot be read, or its digits do not hold.
pub fn named(zone: &str) -> Result<Named, Rejection> {
    let data = read(zone)?;
    Ok(Named {
        number: number(data.full_document_number()),
        issuer: country(&data.issuing_country),
        born: day(data.date_of_birth),
        expires: day(data.date_of_expiry),
    })
}

fn day(read: MrzDate) -> Option<NaiveDate> {
    let date = read.calendar()?;
    NaiveDate::from_ymd_opt(date.year, date.month, date.day)
}

/// A fault where the stated member differs from what the zone says; where nothing is stated, the zone's word is taken.
fn agree(passport: &mut Map<String, Value>, path: &str, name: &str, read: Option<String>) -> Option<Rejection> {
    let read = read?;
    match passport.get(name) {
        None => {
            passport.insert(name.to_owned(), Value::from(read));
            None
        }
        Some(Value::String(stated)) if *stated != read => {
            let what = format!("the machine readable zone names another `{path}`");
            Some(Rejection::at(RejectCode::Mrz, MRZ, &what, "compare both with the passport"))
        }
        Some(_) => None,
    }
}

fn read(zone: &str) -> Result<MrzData, Rejection> {
    let fault = |what: &str, help: &str| Rejection::at(RejectCode::Mrz, MRZ, what, help);
    let lines = lines(zone).ok_or_else(|| {
        fault("the machine readable zone has the wrong length", "copy its two lines of 44 characters, with every `<`")
    })?;
    let parsed = match lines.as_slice() {
        [one, two, three] => mrz::parse_td1(one, two, three),
        [one, two] if one.starts_with('V') && one.len() == 44 => mrz::parse_mrv_a(one, two),
        [one, two] if one.starts_with('V') => mrz::parse_mrv_b(one, two),
        [one, two] if one.len() == 44 => mrz::parse_td3(one, two),
        [one, two] => mrz::parse_td2(one, two),
        _ => {
            return Err(fault("the machine readable zone has no lines", "leave it out"));
        }
    };
    let data = parsed.map_err(|_| {
        fault("the machine readable zone cannot be read", "copy it again; it has only `A` to `Z`, digits and `<`")
    })?;
    if data.checks.all_valid() {
        Ok(data)
    } else {
        let what = format!("check digits of the machine readable zone do not hold: {}", failed(&data));
        Err(fault(&what, "copy it again from the passport; a slip of the pen is the usual cause"))
    }
}

/// The lines of a zone by its length: passports and visas 44, cards 36 or 30 characters a line.
fn lines(zone: &str) -> Option<Vec<&str>> {
    let width = match zone.len() {
        88 => 44,
        72 => 36,
        90 => 30,
        _ => return None,
    };
    (0..zone.len() / width).map(|line| zone.get(line * width..(line + 1) * width)).collect()
}

fn failed(data: &MrzData) -> String {
    let checks = &data.checks;
    [
        ("document number", checks.document_number),
        ("date of birth", checks.date_of_birth),
        ("date of expiry", checks.date_of_expiry),
        ("personal number", checks.personal_number),
        ("whole zone", checks.composite),
    ]
    .into_iter()
    .filter(|(_, check)| *check == Some(false))
    .map(|(name, _)| name)
    .collect::<Vec<_>>()
    .join(", ")
}
