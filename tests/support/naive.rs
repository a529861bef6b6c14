//! What dossier functions tell, by loops over all records: what indexes are compared with.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use siaga::engine::eval::{Looking, compare};
use siaga::pack::expr::{Comparison, MatchKey, Node, Part, Query};
use siaga::record::Record;
use siaga::record::schema::{FieldId, core};
use siaga::record::slot::Slot;
use siaga::record::value::Value;
use siaga::subject::{SubjectKind, subject_of};

/// All records of a subject, in order, seen from one of them.
pub struct Naive<'a> {
    pub records: &'a [Arc<Record>],
    pub trigger: &'a Record,
    pub looking: Looking,
}

impl Naive<'_> {
    pub fn matching(&self, query: &Query) -> Vec<&Record> {
        let trigger = self.trigger;
        let from = match query.window.as_deref() {
            None if self.looking == Looking::Back => None,
            None => Some(trigger.occurred_at),
            Some(Node::Constant(Value::Span(span))) => match trigger.occurred_at.checked_sub_signed(*span) {
                None if *span > TimeDelta::zero() => Some(DateTime::<Utc>::MIN_UTC),
                None => return Vec::new(),
                from => from,
            },
            Some(_) => return Vec::new(),
        };
        let wanted: Vec<(MatchKey, Value)> = query.equal.iter().map(|(key, node)| (*key, self.wanted(node))).collect();
        let is_meant = |record: &&Record| {
            let is_in_time = match self.looking {
                Looking::Back => record.order() <= trigger.order(),
                Looking::Forward => record.key != trigger.key,
            };
            record.kind == query.kind
                && is_in_time
                && from.is_none_or(|from| record.occurred_at >= from)
                && wanted
                    .iter()
                    .all(|(key, value)| compare(Comparison::Equal, keyed(record, *key).slot(), value.slot()))
        };
        self.records.iter().map(AsRef::as_ref).filter(is_meant).collect()
    }

    fn wanted(&self, node: &Node) -> Value {
        match node {
            Node::Constant(value) => value.clone(),
            Node::TriggerSubject(kind) => keyed(self.trigger, MatchKey::Subject(*kind)),
            Node::Trigger(Part::Field(field)) => self.trigger.value(*field).into(),
            _ => Value::Missing,
        }
    }

    pub fn distinct(&self, key: MatchKey, query: &Query) -> usize {
        let keys = self.matching(query).into_iter().filter_map(|record| told_apart(keyed(record, key).slot()));
        keys.collect::<BTreeSet<String>>().len()
    }

    pub fn overlaps(&self, field: FieldId, at_least: TimeDelta, query: &Query) -> usize {
        let (start, end) = self.stay(self.trigger);
        let together = self.matching(query).into_iter().filter(|record| {
            let (other_start, other_end) = self.stay(record);
            record.key == self.trigger.key || end.min(other_end) - start.max(other_start) > at_least
        });
        together.filter_map(|record| told_apart(record.value(field))).collect::<BTreeSet<String>>().len()
    }

    pub fn stay(&self, record: &Record) -> (DateTime<Utc>, DateTime<Utc>) {
        let time = |field: FieldId| record.value(field).as_time();
        let start = time(core::CHECK_IN).unwrap_or(record.occurred_at);
        let ends = |out: &&Arc<Record>| {
            out.kind == core::LODGING_CHECK_OUT
                && out.occurred_at >= start
                && out.order() <= self.trigger.order()
                && out.value(core::LODGING_ID) == record.value(core::LODGING_ID)
                && same_person(out, record)
        };
        let left = self.records.iter().find(ends).map(|out| out.occurred_at);
        let end = time(core::CHECK_OUT).or(left).or_else(|| time(core::PLANNED_CHECK_OUT));
        (start, end.unwrap_or(start + TimeDelta::days(1)))
    }

    pub fn median_count(&self, window: TimeDelta, over: TimeDelta, query: &Query) -> f64 {
        let mut counts: Vec<usize> = Vec::new();
        for back in 1..(over.num_milliseconds() / window.num_milliseconds()) {
            let ago =
                |windows: i64| self.trigger.occurred_at - TimeDelta::milliseconds(window.num_milliseconds() * windows);
            let within = |record: &&Arc<Record>| {
                record.kind == query.kind && record.occurred_at >= ago(back + 1) && record.occurred_at < ago(back)
            };
            counts.push(self.records.iter().filter(within).count());
        }
        counts.sort_unstable();
        let nth = |n: usize| counts.get(n).map_or(0.0, |count| f64::from(u32::try_from(*count).unwrap_or(u32::MAX)));
        if counts.is_empty() { 0.0 } else { (nth(counts.len() / 2) + nth((counts.len() - 1) / 2)) / 2.0 }
    }
}

fn same_person(a: &Record, b: &Record) -> bool {
    let both = |kind| subject_of(a, kind).zip(subject_of(b, kind));
    both(SubjectKind::Person).or_else(|| both(SubjectKind::Nik)).is_some_and(|(a, b)| a == b)
}

pub fn keyed(record: &Record, key: MatchKey) -> Value {
    match key {
        MatchKey::Field(field) => record.value(field).into(),
        MatchKey::Subject(kind) => subject_of(record, kind).map_or(Value::Missing, |subject| Value::Text(subject.key)),
    }
}

fn told_apart(value: Slot<'_>) -> Option<String> {
    match value {
        Slot::Missing => None,
        Slot::Text(text) => Some(text.to_owned()),
        Slot::Number(number) => Some(format!("{:?}", number + 0.0)),
        other => Some(format!("{other:?}")),
    }
}
