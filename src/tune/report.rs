//! The curve as programs read it. Nothing in it names a person: near misses are told by their records.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::Serialize;

use crate::pack::Pack;
use crate::record::RecordKey;
use crate::replay::local;

use super::coverage::Ends;
use super::curve::{Counts, Curve, Tally};
use super::history::Span;
use super::limit::{Busiest, Limit, busiest};
use super::near::NearMiss;
use super::plan::Method;
use super::{History, Plan};

/// The whole answer.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The threshold.
    pub threshold: About,
    /// `one-pass` or `each-value`.
    pub method: &'static str,
    /// Nothing changes between two neighbouring values.
    pub complete: bool,
    /// The rules whose alerts it moves; `reads` says whether they read it or are suppressed by one that does.
    pub rules: Vec<RuleLine>,
    /// What the records cover.
    pub coverage: CoverageLine,
    /// As things are.
    pub now: PointLine,
    /// By value, rising.
    pub values: Vec<PointLine>,
    /// Which values keep the limit that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<LimitLine>,
    /// Triggers that do not fire now and would at another value, the closest first.
    pub near_misses: Vec<NearLine>,
}

/// The threshold, and which part of it moves.
#[derive(Debug, Serialize)]
pub struct About {
    /// Its name.
    pub name: String,
    /// What it counts.
    pub unit: String,
    /// What it means.
    pub meaning: String,
    /// Least value.
    pub min: f64,
    /// Greatest value.
    pub max: f64,
    /// Whole numbers only.
    pub whole: bool,
    /// The present value, of the part that moves.
    pub present: Option<f64>,
    /// Only this phase's value moves.
    pub phase: Option<String>,
    /// Only this kabupaten's value moves.
    pub kabupaten: Option<Arc<str>>,
}

/// A rule.
#[derive(Debug, Serialize)]
pub struct RuleLine {
    /// Its id.
    pub id: Arc<str>,
    /// Its title.
    pub title: String,
    /// Whether it reads the threshold.
    pub reads: bool,
    /// Whether it runs in the shadow, and is counted as if it were let out.
    pub shadow: bool,
}

/// What the records cover.
#[derive(Debug, Serialize)]
pub struct CoverageLine {
    /// All records, revisions too.
    pub records: usize,
    /// The earliest.
    pub from: Option<String>,
    /// The latest.
    pub to: Option<String>,
    /// Records that did not hold to the schema.
    pub unfit: usize,
    /// Those of the kinds that the rules read.
    pub kinds: BTreeMap<String, KindLine>,
    /// How the triggers of the rules that read the threshold ended.
    pub triggers: BTreeMap<Arc<str>, Ends>,
    /// The same in a sentence.
    pub says: String,
}

/// Records of a kind.
#[derive(Debug, Serialize)]
pub struct KindLine {
    /// How many.
    pub records: usize,
    /// The earliest.
    pub from: Option<String>,
    /// The latest.
    pub to: Option<String>,
}

/// What there would be at a value.
#[derive(Debug, Serialize)]
pub struct PointLine {
    /// The value; none for how it is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// Over all.
    pub alerts: Counts,
    /// By agency that is told.
    pub agencies: BTreeMap<Arc<str>, AgencyLine>,
    /// By rule.
    pub rules: BTreeMap<Arc<str>, Counts>,
    /// By phase.
    pub phases: BTreeMap<Arc<str>, Counts>,
    /// By kabupaten; empty for the whole area.
    pub kabupaten: BTreeMap<Arc<str>, Counts>,
    /// New alerts by day.
    pub days: BTreeMap<NaiveDate, usize>,
    /// The busiest day of an agency.
    pub busiest: Option<Busiest>,
}

/// What an agency would be told.
#[derive(Debug, Serialize)]
pub struct AgencyLine {
    /// Over all phases.
    #[serde(flatten)]
    pub alerts: Counts,
    /// New alerts by phase.
    pub phases: BTreeMap<Arc<str>, usize>,
    /// The most new alerts on one day.
    pub busiest_day: usize,
}

/// Which values keep a limit.
#[derive(Debug, Serialize)]
pub struct LimitLine {
    /// New alerts of one agency on one day.
    pub at_most: usize,
    /// Only in this phase.
    pub phase: Option<String>,
    /// The lowest value that keeps it; none when no value does.
    pub lowest: Option<f64>,
    /// The highest.
    pub highest: Option<f64>,
    /// Runs of neighbouring values that keep it.
    pub ranges: Vec<(f64, f64)>,
}

/// A near miss.
#[derive(Debug, Serialize)]
pub struct NearLine {
    /// The rule.
    pub rule: Arc<str>,
    /// The record.
    pub record: RecordKey,
    /// When it happened.
    pub at: String,
    /// What the records say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operand: Option<String>,
    /// What they were held against.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bound: Option<String>,
    /// How far apart these are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub apart: Option<f64>,
    /// The closest value at which it would fire.
    pub fires_at: Option<f64>,
}

impl Method {
    /// The word for programs.
    pub fn word(self) -> &'static str {
        match self {
            Method::OnePass => "one-pass",
            Method::EachValue => "each-value",
        }
    }
}

/// Puts the answer together.
pub fn report(plan: &Plan, history: &History, curve: &Curve, limit: Option<&Limit>) -> Report {
    let rule = |rule: &Arc<crate::pack::rule::Rule>| RuleLine {
        id: rule.id.clone(),
        title: rule.title.clone(),
        reads: plan.is_reader(rule),
        shadow: plan.shadows.contains(&rule.id),
    };
    Report {
        threshold: about(plan),
        method: curve.method.word(),
        complete: curve.complete,
        rules: plan.moved.iter().map(rule).collect(),
        coverage: coverage(plan, history, curve),
        now: point(None, curve, &curve.now),
        values: curve.points.iter().map(|one| point(Some(one.value), curve, &one.tally)).collect(),
        limit: limit.map(|limit| {
            let kept = limit.kept(curve);
            LimitLine {
                at_most: limit.at_most,
                phase: limit.phase.clone(),
                lowest: kept.lowest(),
                highest: kept.highest(),
                ranges: kept.ranges,
            }
        }),
        near_misses: curve.near.iter().map(|miss| near(&plan.pack, miss)).collect(),
    }
}

fn about(plan: &Plan) -> About {
    let stated = plan.stated();
    let text = |text: Option<&String>| text.cloned().unwrap_or_default();
    About {
        name: text(stated.map(|threshold| &threshold.name)),
        unit: text(stated.map(|threshold| &threshold.unit)),
        meaning: text(stated.map(|threshold| &threshold.meaning)),
        min: stated.map_or(0.0, |threshold| threshold.min),
        max: stated.map_or(0.0, |threshold| threshold.max),
        whole: stated.is_some_and(|threshold| threshold.whole),
        present: plan.present(),
        phase: plan.phase.map(|phase| plan.pack.timeline.phase_word(phase).to_owned()),
        kabupaten: plan.kabupaten.clone(),
    }
}

fn coverage(plan: &Plan, history: &History, curve: &Curve) -> CoverageLine {
    let time = |at| local(at, plan.pack.timeline.zone);
    let kind = |span: Option<&Span>| KindLine {
        records: span.map_or(0, |span| span.records),
        from: span.map(|span| time(span.first)),
        to: span.map(|span| time(span.last)),
    };
    let names = plan.kinds.iter().map(|kind| plan.pack.schema.kind_name(*kind));
    let span = history.span();
    CoverageLine {
        records: span.map_or(0, |span| span.records),
        from: span.map(|span| time(span.first)),
        to: span.map(|span| time(span.last)),
        unfit: history.unfit,
        kinds: names.map(|name| (name.to_owned(), kind(history.kinds.get(name)))).collect(),
        triggers: curve.judgements.by_rule().clone(),
        says: super::coverage::says(plan, history, curve).to_string(),
    }
}

fn point(value: Option<f64>, curve: &Curve, tally: &Tally) -> PointLine {
    let days = tally.by(|cell| cell.day).into_iter().map(|(day, counts)| (day, counts.open));
    PointLine {
        value,
        alerts: tally.sum(),
        agencies: agencies(curve, tally),
        rules: tally.by(|cell| cell.rule.clone()),
        phases: tally.by(|cell| cell.phase.clone()),
        kabupaten: tally.by(|cell| cell.kabupaten.clone().unwrap_or_else(|| Arc::from(""))),
        days: days.filter(|(_, alerts)| *alerts > 0).collect(),
        busiest: busiest(curve, tally, |_| true),
    }
}

fn agencies(curve: &Curve, tally: &Tally) -> BTreeMap<Arc<str>, AgencyLine> {
    let mut lines: BTreeMap<Arc<str>, AgencyLine> = curve
        .by_agency(tally, |_| true)
        .into_iter()
        .map(|(agency, alerts)| (agency, AgencyLine { alerts, phases: BTreeMap::new(), busiest_day: 0 }))
        .collect();
    for ((agency, phase), counts) in curve.by_agency_and(tally, |_| true, |cell| cell.phase.clone()) {
        if let Some(line) = lines.get_mut(&agency).filter(|_| counts.open > 0) {
            line.phases.insert(phase, counts.open);
        }
    }
    for ((agency, _), counts) in curve.by_agency_and(tally, |_| true, |cell| cell.day) {
        if let Some(line) = lines.get_mut(&agency) {
            line.busiest_day = line.busiest_day.max(counts.open);
        }
    }
    lines
}

fn near(pack: &Pack, miss: &NearMiss) -> NearLine {
    let (operand, bound) = miss.words(pack.timeline.zone).unzip();
    NearLine {
        rule: miss.rule.clone(),
        record: miss.record.clone(),
        at: local(miss.at, pack.timeline.zone),
        operand,
        bound,
        apart: miss.apart,
        fires_at: miss.fires_at,
    }
}
