//! What the host functions tell: loops over all records of the dossier.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use rhai::{Dynamic, ImmutableString, Map, NativeCallContext};

use crate::record::Record;
use crate::record::schema::{FieldId, core};
use crate::record::slot::Slot;
use crate::subject::{SubjectKind, subject_of};

use super::map::{Key, SUBJECT, dynamic, record_map};
use super::operators::{Missing, Span, Time, held};
use super::{Outcome, Seat};

/// The most records and windows that the language looks at for what is usual, and the fewest records.
const USUAL_GAP_RECORDS: usize = 64;
const USUAL_GAP_LEAST: usize = 4;
const MAX_WINDOWS: i64 = 1_000;
/// The most working days that may be added to a time.
const MAX_WORKING_DAYS: i64 = 5_200;

impl Seat {
    /// Records of a kind up to the trigger, in order, that lie in the window and are equal where asked.
    pub fn matching(&self, context: &NativeCallContext<'_>, kind: &str, rest: &[Dynamic]) -> Outcome<Vec<&Record>> {
        let trigger = &self.sight.trigger;
        let mut from = None;
        let mut equal = Map::new();
        for argument in rest {
            if let Some(span) = argument.read_lock::<Span>() {
                // a window from before all time is none
                from = trigger
                    .occurred_at
                    .checked_sub_signed(span.0)
                    .or((span.0 < TimeDelta::zero()).then_some(DateTime::<Utc>::MAX_UTC));
            } else if let Some(map) = argument.read_lock::<Map>() {
                equal = map.clone();
            } else if argument.is::<Missing>() {
                return Ok(Vec::new());
            } else {
                return Err("a window is a span of time".into());
            }
        }
        let mut matching = Vec::new();
        for record in self.sight.records.iter() {
            let is_meant = self.kind_word(record) == kind
                && (record.occurred_at, &record.key) <= (trigger.occurred_at, &trigger.key)
                && from.is_none_or(|from| record.occurred_at >= from);
            if is_meant && self.is_equal(context, record, &equal)? {
                matching.push(record.as_ref());
            }
        }
        matching.sort_by(|a, b| (a.occurred_at, &a.key).cmp(&(b.occurred_at, &b.key)));
        Ok(matching)
    }

    pub fn is_equal(&self, context: &NativeCallContext<'_>, record: &Record, equal: &Map) -> Outcome<bool> {
        for (path, wanted) in equal {
            let own = self.keyed(record, path);
            let wanted = match wanted.read_lock::<Map>() {
                Some(section) => section.get(SUBJECT).cloned().unwrap_or(Dynamic::from(Missing)),
                None => wanted.clone(),
            };
            let wanted = wanted.clone().try_cast::<Key>().map_or(wanted, |key| key.0.into());
            if !context.call_native_fn::<bool>("==", (own, wanted))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub fn keyed(&self, record: &Record, path: &str) -> Dynamic {
        match SubjectKind::from_word(path) {
            Some(kind) => {
                subject_of(record, kind).map_or(Dynamic::from(Missing), |subject| subject.key.to_string().into())
            }
            None => self.field(path).map_or(Dynamic::from(Missing), |field| dynamic(record.value(field))),
        }
    }

    pub fn field(&self, path: &str) -> Option<FieldId> {
        self.sight.pack.schema.field_id(path)
    }

    pub fn kind_word(&self, record: &Record) -> &str {
        self.sight.pack.schema.kind_name(record.kind)
    }

    pub fn distinct(&self, path: &str, records: &[&Record]) -> Outcome<Dynamic> {
        let mut known: Vec<String> = Vec::new();
        for record in records {
            let key = match SubjectKind::from_word(path) {
                Some(kind) => subject_of(record, kind).map(|subject| subject.key.to_string()),
                None => self.field(path).and_then(|field| told_apart(record.value(field))),
            };
            known.extend(key.filter(|key| !known.contains(key)));
        }
        Ok(count(known.len()))
    }

    pub fn overlaps(&self, path: &str, records: &[&Record], least: &Dynamic) -> Outcome<Dynamic> {
        let Some(field) = self.field(path) else { return Err("no such field".into()) };
        let Some(least) = least.read_lock::<Span>().map(|span| span.0) else { return Ok(0_i64.into()) };
        let (start, end) = self.stay(&self.sight.trigger);
        let together = records.iter().filter(|record| {
            let (other_start, other_end) = self.stay(record);
            record.key == self.sight.trigger.key || end.min(other_end) - start.max(other_start) > least
        });
        let values: HashSet<String> = together.filter_map(|record| told_apart(record.value(field))).collect();
        Ok(count(values.len()))
    }

    /// From check-in to check-out: the record's own, else the one reported up to the trigger, else the planned one,
    /// else a night.
    pub fn stay(&self, record: &Record) -> (DateTime<Utc>, DateTime<Utc>) {
        let trigger = &self.sight.trigger;
        let start = record.value(core::CHECK_IN).as_time().unwrap_or(record.occurred_at);
        let mut left: Vec<&Record> = self
            .sight
            .records
            .iter()
            .map(AsRef::as_ref)
            .filter(|out| self.kind_word(out) == "lodging.check_out")
            .filter(|out| {
                (out.occurred_at, &out.key) <= (trigger.occurred_at, &trigger.key) && out.occurred_at >= start
            })
            .filter(|out| out.value(core::LODGING_ID) == record.value(core::LODGING_ID) && is_same_guest(out, record))
            .collect();
        left.sort_by_key(|out| out.occurred_at);
        let stated = record.value(core::CHECK_OUT).as_time();
        let reported = left.first().map(|out| out.occurred_at);
        let planned = record.value(core::PLANNED_CHECK_OUT).as_time();
        (start, stated.or(reported).or(planned).unwrap_or(start + TimeDelta::days(1)))
    }

    pub fn median_count(&self, kind: &str, window: &Dynamic, over: &Dynamic) -> Outcome<Dynamic> {
        let (Some(window), Some(over)) = (window.read_lock::<Span>(), over.read_lock::<Span>()) else {
            return Ok(Dynamic::from(Missing));
        };
        let step = window.0.num_milliseconds();
        if step <= 0 {
            return Ok(Dynamic::from(Missing));
        }
        let trigger = self.sight.trigger.occurred_at.timestamp_millis();
        let mut counts = Vec::new();
        for back in 1..(over.0.num_milliseconds() / step).min(MAX_WINDOWS) {
            let ago = |record: &Record| trigger.saturating_sub(record.occurred_at.timestamp_millis());
            let within = |record: &Record| ago(record) > step * back && ago(record) <= step.saturating_mul(back + 1);
            let of_kind = self.sight.records.iter().filter(|record| self.kind_word(record) == kind);
            counts.push(i64::try_from(of_kind.filter(|record| within(record)).count()).unwrap_or(i64::MAX));
        }
        Ok(middle(&mut counts).unwrap_or(0.0).into())
    }

    pub fn usual_gap(&self) -> Dynamic {
        let trigger = &self.sight.trigger;
        let mut instants: Vec<i64> = Vec::new();
        for record in self.sight.records.iter() {
            let is_before = (record.occurred_at, &record.key) <= (trigger.occurred_at, &trigger.key);
            let at = record.occurred_at.timestamp_millis();
            if self.rule.on.contains(&record.kind) && is_before && !instants.contains(&at) {
                instants.push(at);
            }
        }
        instants.sort_unstable();
        let recent: Vec<i64> = instants.iter().rev().take(USUAL_GAP_RECORDS).copied().collect();
        if recent.len() < USUAL_GAP_LEAST {
            return Dynamic::from(Missing);
        }
        let mut gaps: Vec<i64> =
            recent.iter().zip(recent.iter().skip(1)).map(|(later, earlier)| later - earlier).collect();
        match middle(&mut gaps).and_then(|ms| TimeDelta::try_milliseconds(ms as i64)) {
            Some(gap) => Dynamic::from(Span(gap)),
            None => Dynamic::from(Missing),
        }
    }

    /// Whether a document covers an instant; one that names a day covers all of that day.
    pub fn is_valid(&self, record: &Record, at: DateTime<Utc>) -> bool {
        let time = |path: &str| self.field(path).and_then(|field| record.value(field).as_time());
        let (from, until) = match self.kind_word(record).split('.').next() {
            Some("permit") => (time("permit.valid_from"), time("permit.valid_until")),
            Some(section @ ("residence" | "work" | "accreditation")) => (None, time(&format!("{section}.valid_until"))),
            _ => (None, None),
        };
        self.covers(from, until, at)
    }

    fn covers(&self, from: Option<DateTime<Utc>>, until: Option<DateTime<Utc>>, at: DateTime<Utc>) -> bool {
        let timeline = &self.sight.pack.timeline;
        let is_day = |until: DateTime<Utc>| timeline.midnight(timeline.date(until)) == until;
        let end = until.map(|until| if is_day(until) { until + TimeDelta::days(1) } else { until });
        from.is_none_or(|from| from <= at) && end.is_none_or(|end| at < end)
    }

    pub fn permit(&self) -> Map {
        let trigger = &self.sight.trigger;
        let order = |record: &Record| (record.occurred_at, record.key.clone());
        let number = |record: &Record| record.value(core::PERMIT_NUMBER).as_text().map(str::to_owned);
        let mut known: Vec<&Record> = self.sight.records.iter().map(AsRef::as_ref).collect();
        known.retain(|record| order(record) <= order(trigger));
        known.sort_by_key(|record| order(record));
        let of = |words: &[&str]| -> Vec<&Record> {
            known.iter().filter(|record| words.contains(&self.kind_word(record))).copied().collect()
        };
        let granted = of(&["permit.issued", "permit.extended"]);
        let revoked = of(&["permit.revoked"]);
        let stands = |record: &Record| {
            let ends = |by: &&Record| number(by).is_none() || number(by) == number(record);
            !revoked.iter().filter(|by| order(by) > order(record)).any(ends)
        };
        let mut standing = granted.iter().filter(|record| self.is_valid(record, trigger.occurred_at) && stands(record));
        let newest = standing.next_back().copied().or_else(|| {
            let entry = *of(&["crossing.entry"]).last()?;
            let has_left = of(&["crossing.exit"]).iter().any(|exit| order(exit) > order(entry));
            let from = entry.value(core::PERMIT_VALID_FROM).as_time();
            let until = Some(entry.value(core::PERMIT_VALID_UNTIL).as_time()?);
            (!has_left && self.covers(from, until, trigger.occurred_at) && stands(entry)).then_some(entry)
        });
        let mut fields = match record_map(&self.sight.pack.schema, newest).remove("permit") {
            Some(section) => section.cast::<Map>(),
            None => Map::new(),
        };
        let Some(newest) = newest else { return fields };
        for older in granted.iter().rev().filter(|older| order(older) < order(newest)) {
            if number(newest).is_some() && number(older) != number(newest) {
                continue;
            }
            let section = record_map(&self.sight.pack.schema, Some(older)).remove("permit").map(Dynamic::cast::<Map>);
            for (name, value) in section.unwrap_or_default() {
                if let Some(slot) = fields.get_mut(&name).filter(|slot| slot.is::<Missing>()) {
                    *slot = value;
                }
            }
        }
        fields
    }

    pub fn threshold(&self, name: &str) -> Outcome<Dynamic> {
        let thresholds = &self.sight.thresholds;
        let Some(id) = thresholds.id(name) else { return Err("no such threshold".into()) };
        Ok(dynamic(thresholds.value(id, self.phase, self.kabupaten.as_deref(), self.sight.as_of).slot()))
    }

    pub fn listed(&self, name: &str, key: &Dynamic) -> Outcome<bool> {
        let Some(list) = self.sight.pack.lists.iter().find(|list| list.name == name) else {
            return Err("no such list".into());
        };
        let key = key.read_lock::<ImmutableString>();
        Ok(key.is_some_and(|key| list.keys.iter().any(|known| **known == **key)))
    }

    pub fn phase_word(&self) -> String {
        self.sight.pack.timeline.phase_word(self.phase).to_owned()
    }

    pub fn move_days(&self, time: Time, days: Option<i64>) -> Outcome<Time> {
        let days = held(days.filter(|days| (-MAX_WORKING_DAYS..=MAX_WORKING_DAYS).contains(days)))?;
        held(self.sight.pack.timeline.add_working_days(time.0, days).map(Time))
    }
}

/// Whether two records are about one guest, by passport, else by NIK.
fn is_same_guest(a: &Record, b: &Record) -> bool {
    let key = |record: &Record, kind| subject_of(record, kind).map(|subject| subject.key);
    match (key(a, SubjectKind::Person), key(b, SubjectKind::Person)) {
        (Some(a), Some(b)) => a == b,
        _ => match (key(a, SubjectKind::Nik), key(b, SubjectKind::Nik)) {
            (Some(a), Some(b)) => a == b,
            _ => false,
        },
    }
}

/// A value in words that differ where values differ.
fn told_apart(value: Slot<'_>) -> Option<String> {
    match value {
        Slot::Missing => None,
        Slot::Text(text) => Some(text.to_string()),
        // the two zeroes are one number
        Slot::Number(number) => Some(format!("{:e}", number + 0.0)),
        other => Some(format!("{other:?}")),
    }
}

fn middle(values: &mut [i64]) -> Option<f64> {
    values.sort_unstable();
    let upper = *values.get(values.len() / 2)?;
    let lower = *values.get((values.len() - 1) / 2)?;
    #[expect(clippy::cast_precision_loss, reason = "counts and gaps are far below 2^52")]
    Some((lower as f64 + upper as f64) / 2.0)
}

/// A number of things.
pub fn count(n: usize) -> Dynamic {
    i64::try_from(n).unwrap_or(i64::MAX).into()
}
