//! How many alerts there would be at each value of a threshold, on records of the past.
//!
//! At every value the counts are those of a replay with that value set at run time before the first record. Where the
//! threshold only decides conditions of `when`, one pass over the records keeps what each comparison saw; then only
//! subjects for which the threshold decides anything are replayed, once for each way in which it can come out. Where it
//! moves a deadline or a window, the subjects concerned are replayed at each value. Both ways end in the same machine
//! that `replay` runs, so that merging, `once_per`, suppression, phase boundaries and late records are its own.

pub mod coverage;
pub mod curve;
pub mod history;
pub mod limit;
pub mod near;
pub mod page;
pub mod plan;
pub mod report;

mod classes;
mod observe;
mod run;
mod setting;
mod values;
mod workers;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::engine::{Judged, World};
use crate::entry::{EntryBody, ThresholdChange};
use crate::subject::{Subject, subject_of};

use coverage::Judgements;
use curve::{Point, Tally, Told};
use near::NearMiss;
use run::{Counted, Group, Who};
use setting::Setting;
use values::Values;

pub use curve::Curve;
pub use history::History;
pub use plan::{Method, Plan, PlanError};

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// The threshold's name.
    pub threshold: String,
    /// Only its value in this phase moves.
    pub phase: Option<String>,
    /// Only its value in this kabupaten moves.
    pub kabupaten: Option<String>,
    /// The values to look at; where there is none, all that make a difference.
    pub values: Vec<f64>,
    /// What was set at run time already, in log order: it holds for all records.
    pub set: Vec<ThresholdChange>,
}

/// Told how many of how many replays are done.
pub type Progress<'a> = dyn Fn(usize, usize) + Sync + 'a;

/// Works out the curve.
pub fn tune(plan: &Plan, history: &History) -> Curve {
    tune_telling(plan, history, &|_, _| {})
}

/// The same for who waits for it.
pub fn tune_telling(plan: &Plan, history: &History, progress: &Progress<'_>) -> Curve {
    match plan.method {
        Method::OnePass => one_pass(plan, history, progress),
        Method::EachValue => each_value(plan, history, progress),
    }
}

fn replay(plan: &Plan, history: &History, runs: &[(Setting, Who)], progress: &Progress<'_>) -> Vec<Counted> {
    let done = AtomicUsize::new(0);
    workers::each(runs, |(setting, who)| {
        let counted = run::run(plan, history, *setting, who);
        progress(done.fetch_add(1, Ordering::Relaxed) + 1, runs.len());
        counted
    })
}

fn one_pass(plan: &Plan, history: &History, progress: &Progress<'_>) -> Curve {
    let mut values = values_of(plan, &[]);
    let mut observed = observe(plan, history, &values.values);
    if plan.asked.is_empty() && plan.stated().is_some_and(|threshold| !threshold.whole) {
        values = values_of(plan, &observed.operands);
        observed = observe(plan, history, &values.values);
    }
    let settings = settings_of(&values.values);
    let shares = classes::share(observed.deciding, settings.len());
    let runs: Vec<(Setting, Who)> = settings
        .iter()
        .zip(shares)
        .filter(|(_, shares)| !shares.is_empty())
        .map(|(setting, shares)| (*setting, Who::Some(shares)))
        .collect();
    let mut judgements = observed.judgements;
    without_subject(plan, history, &mut judgements);
    let counted = replay(plan, history, &runs, progress);
    assemble(Method::OnePass, values, counted, judgements, observed.nearest.into_sorted())
}

fn each_value(plan: &Plan, history: &History, progress: &Progress<'_>) -> Curve {
    let values = values_of(plan, &[]);
    let settings = settings_of(&values.values);
    // without a trigger of a rule that reads the threshold a subject comes out the same whatever its value is
    let (moved, fixed): (Vec<&Subject>, Vec<&Subject>) =
        history.by_subject.keys().partition(|subject| has_trigger(plan, history, subject));
    let (moved, fixed) = (Group::new(history, moved.into_iter()), Group::new(history, fixed.into_iter()));
    let (moved, all) = (Arc::new(moved), (0..settings.len()).collect());
    let each = settings.iter().enumerate().map(|(place, setting)| (*setting, Who::All(moved.clone(), vec![place])));
    let once = (plan.moved.len() > plan.readers.len()).then(|| (Setting::AsItIs, Who::All(Arc::new(fixed), all)));
    let runs: Vec<(Setting, Who)> = once.into_iter().chain(each).collect();
    let counted = replay(plan, history, &runs, progress);
    let mut judgements = Judgements::default();
    for ((rule, judged), times) in counted.last().map(|now| &now.judged).into_iter().flatten() {
        if *judged != Judged::NoSubject && plan.readers.iter().any(|reader| reader.id == *rule) {
            judgements.count(rule, *judged, *times);
        }
    }
    without_subject(plan, history, &mut judgements);
    let mut curve = assemble(Method::EachValue, values, counted, judgements, Vec::new());
    curve.near = near::next_to_open(plan, &curve);
    curve
}

fn has_trigger(plan: &Plan, history: &History, subject: &Subject) -> bool {
    let readers = || plan.readers.iter().filter(|rule| rule.per == subject.kind);
    let entries = history.by_subject.get(subject).into_iter().flatten().filter_map(|place| history.entries.get(*place));
    let mut kinds = entries.filter_map(|entry| match &entry.body {
        EntryBody::Record { record, .. } => Some(record.kind),
        _ => None,
    });
    kinds.any(|kind| readers().any(|rule| rule.on.contains(&kind)))
}

/// The values to look at, given the numbers that were compared with the threshold as it stands.
fn values_of(plan: &Plan, operands: &[f64]) -> Values {
    match plan.stated() {
        _ if !plan.asked.is_empty() => Values::asked(&plan.asked),
        Some(threshold) if threshold.whole => Values::whole(threshold),
        Some(threshold) => Values::decimal(threshold, operands, plan.is_plain()),
        None => Values::asked(&[]),
    }
}

fn settings_of(values: &[f64]) -> Vec<Setting> {
    values.iter().map(|value| Setting::To(*value)).chain([Setting::AsItIs]).collect()
}

fn observe(plan: &Plan, history: &History, values: &[f64]) -> observe::Observed {
    let worlds: Vec<World> =
        settings_of(values).iter().map(|setting| plan.settings.world(&plan.pack, *setting)).collect();
    observe::Pass { plan, history, worlds: &worlds, values }.run()
}

/// Triggers that do not state what their rule is about belong to no subject.
fn without_subject(plan: &Plan, history: &History, judgements: &mut Judgements) {
    for entry in &history.entries {
        let EntryBody::Record { record, .. } = &entry.body else { continue };
        let triggered = plan.readers.iter().filter(|rule| rule.on.contains(&record.kind) && !record.withdrawn);
        for rule in triggered.filter(|rule| subject_of(record, rule.per).is_none()) {
            judgements.without_subject(rule, 1);
        }
    }
}

fn assemble(
    method: Method,
    values: Values,
    counted: Vec<Counted>,
    judgements: Judgements,
    near: Vec<NearMiss>,
) -> Curve {
    let mut tallies: Vec<Tally> = values.values.iter().map(|_| Tally::default()).chain([Tally::default()]).collect();
    let mut told = Told::new();
    for counted in counted {
        told.extend(counted.told);
        for (place, tally) in counted.tallies {
            if let Some(sum) = tallies.get_mut(place) {
                sum.add(tally);
            }
        }
    }
    let now = tallies.pop().unwrap_or_default();
    let points = values.values.into_iter().zip(tallies).map(|(value, tally)| Point { value, tally }).collect();
    Curve { method, complete: values.complete, now, points, judgements, near, told }
}
