//! `/v1/thresholds`: what the tunable numbers are, what holds now, and setting one at run time.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

use super::App;
use super::access::Caller;
use super::paging::{Logged, json};
use super::problem::Problem;
use crate::entry::{Position, ThresholdChange};
use crate::pack::Pack;
use crate::pack::thresholds::{Threshold, Thresholds};
use crate::record::value::Value;
use crate::store::log::{NewEntry, SetThreshold};

/// A threshold as people look at it.
#[derive(Debug, Serialize)]
pub struct ThresholdView {
    name: String,
    unit: String,
    meaning: String,
    min: f64,
    max: f64,
    whole: bool,
    default: f64,
    phase: BTreeMap<String, f64>,
    kabupaten: BTreeMap<String, f64>,
    kabupaten_phase: BTreeMap<String, BTreeMap<String, f64>>,
    /// What holds from now on, by kabupaten and phase.
    in_force: BTreeMap<String, BTreeMap<String, f64>>,
    /// What was set at run time, in log order; of two for the same phase and kabupaten the later one holds.
    set: Vec<SetView>,
}

#[derive(Debug, Serialize)]
struct SetView {
    position: Position,
    at: DateTime<FixedOffset>,
    /// The agency that set it.
    by: Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phase: Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kabupaten: Option<Arc<str>>,
    /// None where it was taken back.
    value: Option<f64>,
}

/// All of them.
#[derive(Debug, Serialize)]
pub struct ThresholdList {
    items: Vec<ThresholdView>,
}

/// Shows all, in the pack's order.
pub async fn list(State(app): State<App>) -> Result<Json<ThresholdList>, Problem> {
    let changes = app.read(|store| store.threshold_changes()).await?;
    let pack = app.pack();
    let tuned = tuned(&pack, &changes);
    let items = tuned.all().iter().map(|threshold| view(&pack, &tuned, threshold, &changes)).collect();
    Ok(Json(ThresholdList { items }))
}

/// Shows one.
pub async fn show(State(app): State<App>, Path(name): Path<String>) -> Result<Json<ThresholdView>, Problem> {
    let pack = app.pack();
    let threshold = find(&pack, &name)?;
    let changes = app.read(|store| store.threshold_changes()).await?;
    Ok(Json(view(&pack, &tuned(&pack, &changes), threshold, &changes)))
}

/// The pack's thresholds with everything that was set over them.
fn tuned(pack: &Pack, changes: &[SetThreshold]) -> Thresholds {
    let mut thresholds = pack.thresholds.clone();
    for set in changes {
        let phase = set.change.phase.as_deref().map(|word| pack.timeline.phase_id(word));
        // one for a phase that this pack does not have holds nowhere
        if phase != Some(None) {
            thresholds.set(set.position, &set.change, phase.flatten());
        }
    }
    thresholds
}

fn in_force(pack: &Pack, tuned: &Thresholds, name: &str) -> InForce {
    let value = |code: &str, phase: &str| {
        let (id, phase) = (tuned.id(name)?, pack.timeline.phase_id(phase)?);
        match tuned.value(id, phase, Some(code), Position::MAX) {
            Value::Int(whole) => Some(whole as f64),
            Value::Number(number) => Some(number),
            _ => None,
        }
    };
    let by_phase = |code: &String| {
        let phases = pack.timeline.phases.iter().map(|phase| phase.id.to_string());
        phases.filter_map(|phase| Some((phase.clone(), value(code, &phase)?))).collect()
    };
    pack.area.iter().map(|code| (code.clone(), by_phase(code))).collect()
}

fn set_view(pack: &Pack, set: &SetThreshold) -> SetView {
    SetView {
        position: set.position,
        at: set.at.with_timezone(&pack.timeline.zone).fixed_offset(),
        by: set.by.clone(),
        phase: set.change.phase.clone(),
        kabupaten: set.change.kabupaten.clone(),
        value: set.change.value,
    }
}

fn view(pack: &Pack, tuned: &Thresholds, threshold: &Threshold, changes: &[SetThreshold]) -> ThresholdView {
    let set = changes.iter().filter(|set| set.change.name.as_ref() == threshold.name);
    let word = |id| pack.timeline.phase_word(id).to_owned();
    let mut kabupaten_phase: BTreeMap<String, BTreeMap<String, f64>> = BTreeMap::new();
    for ((code, phase), value) in &threshold.kabupaten_phase {
        kabupaten_phase.entry(code.clone()).or_default().insert(word(*phase), *value);
    }
    ThresholdView {
        name: threshold.name.clone(),
        unit: threshold.unit.clone(),
        meaning: threshold.meaning.clone(),
        min: threshold.min,
        max: threshold.max,
        whole: threshold.whole,
        default: threshold.default,
        phase: threshold.phase.iter().map(|(phase, value)| (word(*phase), *value)).collect(),
        kabupaten: threshold.kabupaten.clone(),
        kabupaten_phase,
        in_force: in_force(pack, tuned, &threshold.name),
        set: set.map(|set| set_view(pack, set)).collect(),
    }
}

/// What is to be set.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Setting {
    /// To be stated, be it as null: what was set for this phase and kabupaten is then taken back.
    #[serde(deserialize_with = "Option::deserialize")]
    pub(super) value: Option<f64>,
    pub(super) phase: Option<Arc<str>>,
    pub(super) kabupaten: Option<Arc<str>>,
}

/// How the body of a setting looks.
pub(super) const SETTING: &str = r#"{"value": 3, "phase": "tenang", "kabupaten": "16.01"}, of which only `value` is needed; null takes back what was set"#;

/// What setting a threshold did.
#[derive(Debug, Serialize)]
pub struct Changed {
    /// The entry from which on it holds.
    position: Position,
    /// Where another value holds from then on; nowhere, where what is set more narrowly holds on.
    changed: Vec<Change>,
}

#[derive(Debug, Serialize)]
struct Change {
    kabupaten: String,
    phase: String,
    from: f64,
    to: f64,
}

/// Sets one, from its place in the log on.
pub async fn set(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Changed>, Problem> {
    let pack = app.pack();
    let threshold = find(&pack, &name)?;
    let setting: Setting = json(body, SETTING)?;
    check(&pack, threshold, &setting)?;
    let Setting { value, phase, kabupaten } = setting;
    let change = ThresholdChange { name: threshold.name.as_str().into(), phase, kabupaten, value };
    let entry = NewEntry::Threshold { change, by: caller.agency };
    let appended = app.store.append(vec![entry], app.clock.edge_time()).await?;
    let position = Logged::last(&appended)?.position;
    let changes = app.read(|store| store.threshold_changes()).await?;
    let until = |end: Position| {
        let known: Vec<SetThreshold> = changes.iter().filter(|set| set.position < end).cloned().collect();
        in_force(&pack, &tuned(&pack, &known), &name)
    };
    Ok(Json(Changed { position, changed: differences(&until(position), &until(position + 1)) }))
}

type InForce = BTreeMap<String, BTreeMap<String, f64>>;

fn differences(before: &InForce, after: &InForce) -> Vec<Change> {
    let mut changed = Vec::new();
    for (kabupaten, phases) in after {
        for (phase, to) in phases {
            let from = before.get(kabupaten).and_then(|phases| phases.get(phase)).copied().unwrap_or(*to);
            if from.total_cmp(to).is_ne() {
                changed.push(Change { kabupaten: kabupaten.clone(), phase: phase.clone(), from, to: *to });
            }
        }
    }
    changed
}

pub(super) fn find<'a>(pack: &'a Pack, name: &str) -> Result<&'a Threshold, Problem> {
    let found = pack.thresholds.id(name).and_then(|id| pack.thresholds.get(id));
    found.ok_or(Problem::NotFound("threshold"))
}

pub(super) fn check(pack: &Pack, threshold: &Threshold, setting: &Setting) -> Result<(), Problem> {
    let Threshold { min, max, unit, .. } = threshold;
    if setting.value.is_some_and(|value| !(*min..=*max).contains(&value)) {
        return Err(Problem::Invalid(format!("`value` is {min} to {max} {unit}")));
    }
    if threshold.whole && setting.value.is_some_and(|value| value.fract() != 0.0) {
        return Err(Problem::Invalid(format!("`value` is a whole number of {unit}")));
    }
    if let Some(phase) = setting.phase.as_deref().filter(|word| pack.timeline.phase_id(word).is_none()) {
        let words: Vec<&str> = pack.timeline.phases.iter().map(|phase| phase.id.as_ref()).collect();
        let phase: String = phase.chars().take(40).collect();
        return Err(Problem::Invalid(format!(
            "there is no phase `{phase}`; help: it is one of `{}`",
            words.join("`, `")
        )));
    }
    let in_area = |code: &str| pack.area.iter().any(|own| own == code);
    if setting.kabupaten.as_deref().is_some_and(|code| !in_area(code)) {
        return Err(Problem::Invalid(format!("`kabupaten` is one of `{}`", pack.area.join("`, `"))));
    }
    Ok(())
}
