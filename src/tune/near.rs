//! Near misses: the triggers that come closest to firing.

use std::cmp::Ordering;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::engine::judge::Bench;
use crate::engine::operand::{Compared, Meeting};
use crate::entry::Position;
use crate::record::RecordKey;
use crate::record::shown::Shown;
use crate::record::value::Value;
use crate::subject::Subject;

use super::Plan;
use super::curve::{Curve, Point};

/// How many near misses are kept.
pub const MOST: usize = 10;

/// A trigger that does not fire as things are, and would at another value.
#[derive(Clone, Debug, PartialEq)]
pub struct NearMiss {
    /// The rule's id.
    pub rule: Arc<str>,
    /// Whom or what it is about; for this machine's own terminal only.
    pub subject: Subject,
    /// The record.
    pub record: RecordKey,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// What the records say and what they were held against; none where the curve comes from replays.
    pub compared: Option<Compared>,
    /// How far apart these are: a number, or hours.
    pub apart: Option<f64>,
    /// The value closest to the present one at which it would fire, among those looked at.
    pub fires_at: Option<f64>,
}

impl NearMiss {
    /// What the records say, and the bound, in words.
    pub fn words(&self, zone: Tz) -> Option<(String, String)> {
        let Compared { operand, comparison, bound, .. } = self.compared.as_ref()?;
        let bound = format!("{} {}", comparison.sign(), Shown::of(bound.slot(), zone));
        Some((Shown::of(operand.slot(), zone).to_string(), bound))
    }
}

/// The closest ones so far.
#[derive(Clone, Debug, Default)]
pub struct Nearest(Vec<NearMiss>);

impl Nearest {
    /// The closest first.
    pub fn into_sorted(self) -> Vec<NearMiss> {
        self.0
    }

    pub(super) fn add(&mut self, other: Nearest) {
        other.0.into_iter().for_each(|miss| self.offer(miss));
    }

    /// Of one rule and subject only the closest is kept, so that a large one does not fill the list.
    pub(super) fn offer(&mut self, miss: NearMiss) {
        let is_same = |known: &NearMiss| known.rule == miss.rule && known.subject == miss.subject;
        match self.0.iter().position(is_same) {
            Some(place) if self.0.get(place).is_some_and(|known| order(known, &miss) != Ordering::Greater) => return,
            Some(place) => drop(self.0.remove(place)),
            None => {}
        }
        let place = self.0.partition_point(|known| order(known, &miss) != Ordering::Greater);
        if place < MOST {
            self.0.insert(place, miss);
            self.0.truncate(MOST);
        }
    }
}

fn order(a: &NearMiss, b: &NearMiss) -> Ordering {
    let apart = |miss: &NearMiss| miss.apart.unwrap_or(f64::INFINITY);
    apart(a).total_cmp(&apart(b)).then_with(|| (a.at, &a.record, &a.rule).cmp(&(b.at, &b.record, &b.rule)))
}

/// A trigger at which the one comparison does not hold as things are; `None` where it holds at no other value either.
pub(super) fn below(
    bench: &Bench<'_>,
    meeting: &Meeting,
    compared: Compared,
    plan: &Plan,
    fires_at: &[f64],
) -> Option<NearMiss> {
    if fires_at.is_empty() {
        return None;
    }
    let kabupaten = meeting.kabupaten().map(AsRef::as_ref);
    let present = bench.world.thresholds.value(plan.threshold, meeting.phase(), kabupaten, Position::MAX);
    let present = as_number(&present)?;
    Some(NearMiss {
        rule: bench.rule.id.clone(),
        subject: bench.subject.clone(),
        record: bench.trigger.key.clone(),
        at: bench.trigger.occurred_at,
        apart: Some(apart(&compared.operand, &compared.bound)?),
        compared: Some(compared),
        fires_at: fires_at.iter().copied().min_by(|a, b| (a - present).abs().total_cmp(&(b - present).abs())),
    })
}

fn apart(operand: &Value, bound: &Value) -> Option<f64> {
    const HOUR_MS: f64 = 3_600_000.0;
    #[expect(clippy::cast_precision_loss, reason = "spans are far below 2^52 milliseconds")]
    match (operand, bound) {
        (Value::Span(a), Value::Span(b)) => Some((*a - *b).num_milliseconds().abs() as f64 / HOUR_MS),
        (a, b) => Some((as_number(a)? - as_number(b)?).abs()),
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
pub(super) fn as_number(value: &Value) -> Option<f64> {
    match value {
        Value::Int(n) => Some(*n as f64),
        Value::Number(n) => Some(*n),
        _ => None,
    }
}

/// What the values next to the present ones would open beside what is open now, of one value the earliest first.
pub(super) fn next_to_open(plan: &Plan, curve: &Curve) -> Vec<NearMiss> {
    let Some(present) = plan.present() else { return Vec::new() };
    let mut points: Vec<&Point> = curve.points.iter().filter(|point| point.value != present).collect();
    points.sort_by(|a, b| (a.value - present).abs().total_cmp(&(b.value - present).abs()));
    let mut near: Vec<NearMiss> = Vec::new();
    for point in points {
        for opened in point.tally.opened.difference(&curve.now.opened) {
            let is_known = near.iter().any(|miss| miss.rule == opened.rule && miss.record == opened.record);
            if near.len() < MOST && !is_known {
                near.push(NearMiss {
                    rule: opened.rule.clone(),
                    subject: opened.subject.clone(),
                    record: opened.record.clone(),
                    at: opened.at,
                    compared: None,
                    apart: None,
                    fires_at: Some(point.value),
                });
            }
        }
    }
    near
}
