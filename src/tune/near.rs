//! Near misses: the triggers that come closest to firing.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::engine::judge::Bench;
use crate::engine::operand::{Compared, Meeting};
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
    /// What the records say, in words; none where the curve comes from replays.
    pub operand: Option<String>,
    /// What they were held against, in words.
    pub bound: Option<String>,
    /// How far apart these are: a number, or hours.
    pub apart: Option<f64>,
    /// The value closest to the present one at which it would fire, among those looked at.
    pub fires_at: Option<f64>,
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
        other.0.into_iter().for_each(|miss| self.offer(|| Some(miss)));
    }

    pub(super) fn offer(&mut self, miss: impl FnOnce() -> Option<NearMiss>) {
        let Some(miss) = miss() else { return };
        let place = self.0.partition_point(|known| order(known, &miss) != std::cmp::Ordering::Greater);
        if place < MOST {
            self.0.insert(place, miss);
            self.0.truncate(MOST);
        }
    }
}

fn order(a: &NearMiss, b: &NearMiss) -> std::cmp::Ordering {
    let apart = |miss: &NearMiss| miss.apart.unwrap_or(f64::INFINITY);
    apart(a).total_cmp(&apart(b)).then_with(|| (a.at, &a.record, &a.rule).cmp(&(b.at, &b.record, &b.rule)))
}

/// A trigger at which the one comparison does not hold as things are; `None` where it holds at no other value either.
pub(super) fn below(
    bench: &Bench<'_>,
    meeting: &Meeting,
    compared: &Compared,
    plan: &Plan,
    fires_at: &[f64],
) -> Option<NearMiss> {
    if fires_at.is_empty() {
        return None;
    }
    let apart = apart(&compared.operand, &compared.bound)?;
    let zone = plan.pack.timeline.zone;
    let thresholds = &bench.world.thresholds;
    let present = thresholds.value(
        plan.threshold,
        meeting.phase(),
        meeting.kabupaten().map(AsRef::as_ref),
        crate::entry::Position::MAX,
    );
    let present = as_number(&present)?;
    Some(NearMiss {
        rule: bench.rule.id.clone(),
        subject: bench.subject.clone(),
        record: bench.trigger.key.clone(),
        at: bench.trigger.occurred_at,
        operand: Some(Shown::of(&compared.operand, zone).to_string()),
        bound: Some(format!("{} {}", compared.comparison.sign(), Shown::of(&compared.bound, zone))),
        apart: Some(apart),
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

/// What the values next to the present ones would open beside what is open now, the closest in time first.
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
                    operand: None,
                    bound: None,
                    apart: None,
                    fires_at: Some(point.value),
                });
            }
        }
    }
    near
}
