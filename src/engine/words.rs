//! Values in words, for messages and evidence, in the pack's language.

use chrono::{Locale, TimeDelta};
use chrono_tz::Tz;

use crate::record::value::Value;

/// A value as people read it.
pub fn words(value: &Value, zone: Tz) -> String {
    match value {
        Value::Missing => "(tidak tercatat)".to_owned(),
        Value::Bool(true) => "ya".to_owned(),
        Value::Bool(false) => "tidak".to_owned(),
        Value::Int(n) => n.to_string(),
        Value::Number(n) => n.to_string().replace('.', ","),
        Value::Text(text) => text.to_string(),
        Value::Time(time) => {
            let local = time.with_timezone(&zone);
            let is_midnight = local.time() == chrono::NaiveTime::MIN;
            let form = if is_midnight { "%-d %B %Y" } else { "%-d %B %Y %H.%M %Z" };
            local.format_localized(form, Locale::id_ID).to_string()
        }
        Value::Span(span) => span_words(*span),
        Value::WorkingDays(n) => format!("{n} hari kerja"),
    }
}

fn span_words(span: TimeDelta) -> String {
    let sign = if span < TimeDelta::zero() { "-" } else { "" };
    let span = span.abs();
    let (days, hours, minutes) = (span.num_days(), span.num_hours() % 24, span.num_minutes() % 60);
    let parts: Vec<String> = [(days, "hari"), (hours, "jam"), (minutes, "menit")]
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, unit)| format!("{n} {unit}"))
        .collect();
    if parts.is_empty() { format!("{} detik", span.num_seconds()) } else { format!("{sign}{}", parts.join(" ")) }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::schema::{Schema, Type};

    #[test]
    fn every_word_of_the_schema_has_a_name() {
        for field in Schema::default().fields() {
            let Type::Choice(choices) = field.ty else { continue };
            for word in choices {
                assert!(choice_name(word).is_some(), "{}: {word}", field.path);
            }
        }
    }
}
