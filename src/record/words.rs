//! Values in the words of the pack's language, Indonesian: times, spans, numbers, names of the schema's closed lists.

use std::fmt;

use chrono::{DateTime, Locale, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

/// Where nothing was stated.
pub const MISSING: &str = "(tidak tercatat)";

/// Yes or no.
pub fn yes_or_no(value: bool) -> &'static str {
    if value { "ya" } else { "tidak" }
}

/// Writes a decimal number, with a comma.
pub fn write_number(f: &mut fmt::Formatter<'_>, number: f64) -> fmt::Result {
    f.write_str(&number.to_string().replace('.', ","))
}

/// Writes an instant in a zone; where it is a day's beginning, the day alone.
pub fn write_time(f: &mut fmt::Formatter<'_>, time: DateTime<Utc>, zone: Tz) -> fmt::Result {
    let local = time.with_timezone(&zone);
    let is_midnight = local.time() == NaiveTime::MIN;
    let form = if is_midnight { "%-d %B %Y" } else { "%-d %B %Y %H.%M %Z" };
    write!(f, "{}", local.format_localized(form, Locale::id_ID))
}

/// Writes a span in days, hours and minutes; seconds only where it is shorter.
pub fn write_span(f: &mut fmt::Formatter<'_>, span: TimeDelta) -> fmt::Result {
    let sign = if span < TimeDelta::zero() { "-" } else { "" };
    let span = span.abs();
    let (days, hours, minutes) = (span.num_days(), span.num_hours() % 24, span.num_minutes() % 60);
    let mut before = sign;
    for (n, unit) in [(days, "hari"), (hours, "jam"), (minutes, "menit")].into_iter().filter(|(n, _)| *n > 0) {
        write!(f, "{before}{n} {unit}")?;
        before = " ";
    }
    if before == " " { Ok(()) } else { write!(f, "{} detik", span.num_seconds()) }
}

/// What people call the words of the schema's closed lists; abbreviations that everybody knows stay as they are.
const CHOICES: &[(&str, &str)] = &[
    ("visa-free", "bebas visa"),
    ("voa", "visa saat kedatangan"),
    ("visit", "visa kunjungan"),
    ("itas", "ITAS"),
    ("itap", "ITAP"),
    ("campaign", "kampanye"),
    ("voting", "pemungutan suara"),
    ("press", "pers"),
    ("religious", "keagamaan"),
    ("social", "sosial"),
    ("other", "lainnya"),
    ("attends", "hadir"),
    ("speaks", "berpidato"),
    ("wears-attributes", "memakai atribut"),
    ("organises", "mengurus"),
    ("funds", "mendanai"),
    ("reports", "meliput"),
    ("observes", "memantau"),
    ("at-tps", "di TPS"),
    ("person", "perseorangan"),
    ("company", "perusahaan"),
    ("ngo", "LSM"),
    ("state", "negara"),
    ("foreign-person", "perseorangan asing"),
    ("foreign-company", "perusahaan asing"),
    ("foreign-ngo", "LSM asing"),
    ("foreign-state", "negara asing"),
    ("DPS", "DPS"),
    ("DPT", "DPT"),
    ("DPTb", "DPTb"),
    ("DPK", "DPK"),
    ("F", "perempuan"),
    ("M", "laki-laki"),
    ("X", "tidak disebut"),
];

/// What people call a word of one of the schema's closed lists.
pub fn choice_name(word: &str) -> Option<&'static str> {
    CHOICES.iter().find(|(known, _)| *known == word).map(|(_, name)| *name)
}
