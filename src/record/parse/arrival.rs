//! The stay permit that an entry without a visa brings: nobody issues it, it follows from the crossing. The day of arrival
//! is its first.

use chrono::Days;
use chrono_tz::Tz;
use serde_json::{Map, Value as Json};

use super::time;
use crate::record::schema::Schema;

/// The kind of record that it follows from.
const ENTRY: &str = "crossing.entry";
/// Longer stays than this need a visa.
const MOST_DAYS: i64 = 366;

/// What an entry of some kind brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// How its visa index begins; digits may follow.
    pub prefix: String,
    /// The kind of permit.
    pub kind: String,
    /// For how many days, that of the arrival included.
    pub days: i64,
    /// Whether it allows work, where that is known.
    pub may_work: Option<bool>,
    /// Whether it allows reporting, where that is known.
    pub may_report: Option<bool>,
}

impl Arrival {
    /// Whether an index begins as this one, and is not that of a longer number.
    fn is_of(&self, index: &str) -> bool {
        let rest = index.strip_prefix(self.prefix.as_str());
        let is_word = !self.prefix.ends_with(|c: char| c.is_ascii_digit());
        rest.is_some_and(|rest| rest.is_empty() || (is_word && rest.bytes().all(|b| b.is_ascii_digit())))
    }
}

/// Writes the permit of an entry into its record and marks it, where the record states the kind or the index of an entry
/// without a visa and not how long it is valid. What was written before is worked out again; nobody else can mark a
/// permit.
pub fn settle(schema: &Schema, root: &mut Map<String, Json>, zone: Tz) {
    let is_entry = root.get("kind").and_then(Json::as_str) == Some(ENTRY);
    let arrived = root.get("occurred_at").and_then(Json::as_str).and_then(|text| time::instant(text, zone));
    let Some(Json::Object(permit)) = root.get_mut("permit") else { return };
    if permit.remove("derived") == Some(Json::Bool(true)) && is_entry {
        permit.remove("valid_from");
        permit.remove("valid_until");
    }
    if let Some(day) = arrived.filter(|_| is_entry).map(|at| at.with_timezone(&zone).date_naive())
        && !permit.contains_key("valid_until")
        && let Some(arrival) = of(schema, permit)
        && let Some(days) = days(arrival, permit)
        && let Some(last) = day.checked_add_days(Days::new(days - 1))
    {
        permit.entry("kind").or_insert_with(|| Json::from(arrival.kind.as_str()));
        for (name, may) in [("may_work", arrival.may_work), ("may_report", arrival.may_report)] {
            if let Some(may) = may {
                permit.entry(name).or_insert(Json::Bool(may));
            }
        }
        permit.insert("valid_from".to_owned(), Json::from(day.to_string()));
        permit.insert("valid_until".to_owned(), Json::from(last.to_string()));
        permit.insert("derived".to_owned(), Json::Bool(true));
    }
    if permit.is_empty() {
        root.remove("permit");
    }
}

/// What an entry brings by its index; without one, what every entry of its kind brings.
fn of<'s>(schema: &'s Schema, permit: &Map<String, Json>) -> Option<&'s Arrival> {
    let stated = |name: &str| permit.get(name).and_then(Json::as_str);
    let kind = stated("kind");
    let mut fitting = schema.arrivals().iter().filter(|arrival| kind.is_none_or(|kind| kind == arrival.kind));
    match stated("index") {
        Some(index) => fitting.find(|arrival| arrival.is_of(index)),
        None => {
            kind?;
            let first = fitting.next()?;
            let told = |arrival: &Arrival| (arrival.days, arrival.may_work, arrival.may_report);
            fitting.all(|other| told(other) == told(first)).then_some(first)
        }
    }
}

/// For how many days: as stated, or what is usual. None where what is stated cannot be.
fn days(arrival: &Arrival, permit: &Map<String, Json>) -> Option<u64> {
    let days = match permit.get("days") {
        Some(stated) => stated.as_i64()?,
        None => arrival.days,
    };
    u64::try_from(days).ok().filter(|_| (1..=MOST_DAYS).contains(&days))
}
