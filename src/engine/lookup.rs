//! The dossier functions: what a rule can ask of the records of its subject.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};

use crate::pack::expr::{Comparison, MatchKey, Node, Part, Pick, Query};
use crate::record::Record;
use crate::record::schema::{FieldId, core};
use crate::record::value::Value;
use crate::subject::{SubjectKind, subject_of};

use super::dossier::Logged;
use super::eval::{Fault, Looking, Scope, compare};

/// How many of the latest records the usual gap is taken over.
const USUAL_GAP_RECORDS: usize = 64;
/// With fewer records than this there is nothing usual.
const USUAL_GAP_LEAST: usize = 4;
/// The most windows that a median is taken over.
const MAX_WINDOWS: i64 = 1_000;

impl<'a> Scope<'a> {
    fn matching(&self, query: &Query) -> Result<Vec<&'a Logged>, Fault> {
        let window = query.window.as_deref().map(|window| self.span_of(window)).transpose()?;
        // all arguments are evaluated, so that one that fails is a failure whatever the others are
        let wanted: Vec<(MatchKey, Value)> =
            query.equal.iter().map(|(key, node)| Ok((*key, self.value(node)?))).collect::<Result<_, Fault>>()?;
        let from = match window {
            None => None,
            Some(None) => return Ok(Vec::new()),
            Some(Some(span)) => match self.trigger.occurred_at.checked_sub_signed(span) {
                Some(from) => Some(from),
                None if span > TimeDelta::zero() => Some(DateTime::<Utc>::MIN_UTC),
                None => return Ok(Vec::new()),
            },
        };
        let range = match self.looking {
            Looking::Back => self.dossier.until(query.kind, from, self.trigger),
            Looking::Forward => self.dossier.since(query.kind, from.unwrap_or(self.trigger.occurred_at)),
        };
        let is_trigger = |record: &Record| self.looking == Looking::Forward && record.key == self.trigger.key;
        let matches = |logged: &&Logged| {
            !is_trigger(&logged.record)
                && wanted.iter().all(|(key, value)| compare(Comparison::Equal, &keyed(&logged.record, *key), value))
        };
        Ok(range.iter().filter(matches).collect())
    }

    /// Whether some record matches.
    pub fn any(&self, query: &Query) -> Result<bool, Fault> {
        Ok(!self.matching(query)?.is_empty())
    }

    /// How many records match.
    pub fn count(&self, query: &Query) -> Result<i64, Fault> {
        Ok(as_int(self.matching(query)?.len()))
    }

    /// How many distinct keys the matching records have.
    pub fn distinct(&self, key: MatchKey, query: &Query) -> Result<i64, Fault> {
        let matching = self.matching(query)?;
        let keys: HashSet<String> =
            matching.iter().filter_map(|logged| distinct_key(&keyed(&logged.record, key))).collect();
        Ok(as_int(keys.len()))
    }

    /// A part of one of the matching records.
    pub fn picked(&self, pick: Pick, query: &Query, part: Part) -> Result<Value, Fault> {
        if pick == Pick::Permit {
            return Ok(self.permit(part));
        }
        let matching = self.matching(query)?;
        let one = if pick == Pick::First { matching.first() } else { matching.last() };
        Ok(one.map_or(Value::Missing, |logged| self.part(&logged.record, part)))
    }

    /// The subject's usual gap between the trigger's kinds.
    pub fn usual_gap(&self) -> Value {
        let recent = self.dossier.instants_until(&self.rule.on, self.trigger, USUAL_GAP_RECORDS);
        if recent.len() < USUAL_GAP_LEAST {
            return Value::Missing;
        }
        let mut gaps: Vec<i64> = recent
            .iter()
            .zip(recent.iter().skip(1))
            .map(|(earlier, later)| (*later - *earlier).num_milliseconds())
            .collect();
        gaps.sort_unstable();
        median(&gaps).and_then(|ms| TimeDelta::try_milliseconds(ms as i64)).map_or(Value::Missing, Value::Span)
    }

    /// The subject's usual count in a window, over a longer past; windows without records count as none.
    pub fn median_count(&self, window: &Node, query: &Query) -> Result<Value, Fault> {
        let over = query.window.as_deref().map_or(Ok(None), |over| self.span_of(over))?;
        let (Some(window), Some(over)) = (self.span_of(window)?, over) else { return Ok(Value::Missing) };
        let step = window.num_milliseconds();
        if step <= 0 {
            return Ok(Value::Missing);
        }
        let windows = (over.num_milliseconds() / step).min(MAX_WINDOWS);
        let mut counts: Vec<i64> = (1..windows)
            .map(|back| {
                let ago = |windows: i64| {
                    let span = step.checked_mul(windows).and_then(TimeDelta::try_milliseconds);
                    let at = span.and_then(|span| self.trigger.occurred_at.checked_sub_signed(span));
                    at.unwrap_or(DateTime::<Utc>::MIN_UTC)
                };
                as_int(self.dossier.count_between(query.kind, ago(back + 1), ago(back)))
            })
            .collect();
        counts.sort_unstable();
        Ok(median(&counts).map_or(Value::Number(0.0), Value::Number))
    }

    /// Whether a matching record is valid at the trigger, or, for an answer, now.
    pub fn in_force(&self, query: &Query) -> Result<bool, Fault> {
        let at = if self.looking == Looking::Back { self.trigger.occurred_at } else { self.now };
        Ok(self.matching(query)?.iter().any(|logged| self.is_valid(&logged.record, at)))
    }

    fn is_valid(&self, record: &Record, at: DateTime<Utc>) -> bool {
        let section = self.world.pack.schema.kind_name(record.kind).split('.').next().unwrap_or("");
        let (from, until) = match section {
            "permit" => (record.value(core::PERMIT_VALID_FROM).as_time(), record.value(core::PERMIT_VALID_UNTIL)),
            "residence" => (None, record.value(core::RESIDENCE_VALID_UNTIL)),
            "work" => (None, record.value(core::WORK_VALID_UNTIL)),
            "accreditation" => (None, record.value(core::ACCREDITATION_VALID_UNTIL)),
            _ => (None, &Value::Missing),
        };
        from.is_none_or(|from| from <= at) && until.as_time().is_none_or(|until| at < self.day_end(until))
    }

    /// A document that states a day is valid to that day's end.
    fn day_end(&self, until: DateTime<Utc>) -> DateTime<Utc> {
        let timeline = &self.world.pack.timeline;
        let date = timeline.date(until);
        if timeline.midnight(date) == until { until + TimeDelta::days(1) } else { until }
    }

    /// A part of the permit in force at the trigger; what an extension leaves out, the permit before it says.
    fn permit(&self, part: Part) -> Value {
        let at = self.trigger.occurred_at;
        let granted = || {
            let issued = self.dossier.until(core::PERMIT_ISSUED, None, self.trigger);
            let extended = self.dossier.until(core::PERMIT_EXTENDED, None, self.trigger);
            issued.iter().chain(extended).map(|logged| logged.record.as_ref())
        };
        let revoked = self.dossier.until(core::PERMIT_REVOKED, None, self.trigger);
        let number = |record: &Record| record.value(core::PERMIT_NUMBER).clone();
        let is_revoked = |record: &Record| {
            revoked.iter().any(|logged| {
                let by = number(&logged.record);
                logged.record.order() > record.order() && (by.is_missing() || by == number(record))
            })
        };
        let Some(newest) = granted()
            .filter(|record| self.is_valid(record, at) && !is_revoked(record))
            .max_by(|a, b| a.order().cmp(&b.order()))
        else {
            return Value::Missing;
        };
        let mut same: Vec<&Record> = granted()
            .filter(|record| {
                record.order() <= newest.order() && (number(record) == number(newest) || number(newest).is_missing())
            })
            .collect();
        same.sort_by(|a, b| b.order().cmp(&a.order()));
        same.into_iter()
            .map(|record| self.part(record, part))
            .find(|value| !value.is_missing())
            .unwrap_or(Value::Missing)
    }

    /// Distinct values of a field over the trigger's stay and the earlier ones that overlap it by more than a span.
    pub fn overlaps(&self, field: FieldId, at_least: &Node, query: &Query) -> Result<i64, Fault> {
        let at_least = self.span_of(at_least)?;
        let matching = self.matching(query)?;
        let Some(at_least) = at_least else { return Ok(0) };
        let (start, end) = self.stay(self.trigger);
        let mut values = HashSet::new();
        for logged in matching {
            let (other_start, other_end) = self.stay(&logged.record);
            let shared = end.min(other_end) - start.max(other_start);
            if logged.record.key == self.trigger.key || shared > at_least {
                values.extend(distinct_key(logged.record.value(field)));
            }
        }
        Ok(as_int(values.len()))
    }

    /// When a stay begins and ends, as far as is known at the trigger; one without any end counts as a night.
    fn stay(&self, record: &Record) -> (DateTime<Utc>, DateTime<Utc>) {
        let time = |field: FieldId| record.value(field).as_time();
        let start = time(core::CHECK_IN).unwrap_or(record.occurred_at);
        let left = self
            .dossier
            .until(core::LODGING_CHECK_OUT, Some(start), self.trigger)
            .iter()
            .find(|out| {
                out.record.value(core::LODGING_ID) == record.value(core::LODGING_ID) && same_person(&out.record, record)
            })
            .map(|out| out.record.occurred_at);
        let end = time(core::CHECK_OUT).or(left).or_else(|| time(core::PLANNED_CHECK_OUT));
        (start, end.unwrap_or(start + TimeDelta::days(1)))
    }
}

/// By passport where both state one, else by NIK.
fn same_person(a: &Record, b: &Record) -> bool {
    let both = |kind| subject_of(a, kind).zip(subject_of(b, kind));
    both(SubjectKind::Person).or_else(|| both(SubjectKind::Nik)).is_some_and(|(a, b)| a == b)
}

/// What a record is matched or told apart by.
fn keyed(record: &Record, key: MatchKey) -> Value {
    match key {
        MatchKey::Field(field) => record.value(field).clone(),
        MatchKey::Subject(kind) => subject_of(record, kind).map_or(Value::Missing, |subject| Value::Text(subject.key)),
    }
}

fn distinct_key(value: &Value) -> Option<String> {
    match value {
        Value::Missing => None,
        Value::Text(text) => Some(text.to_string()),
        // the two zeroes are one number
        Value::Number(number) => Some(format!("{:?}", number + 0.0)),
        other => Some(format!("{other:?}")),
    }
}

fn median(sorted: &[i64]) -> Option<f64> {
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    let lower = if sorted.len().is_multiple_of(2) { *sorted.get(middle.checked_sub(1)?)? } else { upper };
    #[expect(clippy::cast_precision_loss, reason = "counts and gaps are far below 2^52")]
    Some((lower as f64 + upper as f64) / 2.0)
}

fn as_int(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
