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
