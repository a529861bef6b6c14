//! `/v1/thresholds/{name}`: what a tunable number is, and setting it at run time.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};

use super::App;
use super::access::Caller;
use super::paging::{Logged, json};
use super::problem::Problem;
use crate::entry::{Position, ThresholdChange};
use crate::pack::Pack;
use crate::pack::thresholds::Threshold;
use crate::store::log::NewEntry;

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
    /// What was set at run time, in log order; of two for the same phase and kabupaten the later one holds.
    set: Vec<SetView>,
}

#[derive(Debug, Serialize)]
struct SetView {
    position: Position,
    #[serde(skip_serializing_if = "Option::is_none")]
    phase: Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kabupaten: Option<Arc<str>>,
    value: f64,
}

/// Shows one.
pub async fn show(State(app): State<App>, Path(name): Path<String>) -> Result<Json<ThresholdView>, Problem> {
    let threshold = find(&app.pack, &name)?;
    let changes = app.read(|store| store.threshold_changes()).await?;
    let set =
        changes.into_iter().filter(|(_, change)| change.name.as_ref() == threshold.name).map(|(position, change)| {
            SetView { position, phase: change.phase, kabupaten: change.kabupaten, value: change.value }
        });
    Ok(Json(view(&app.pack, threshold, set.collect())))
}

fn view(pack: &Pack, threshold: &Threshold, set: Vec<SetView>) -> ThresholdView {
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
        set,
    }
}

/// What is to be set.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Setting {
    value: f64,
    phase: Option<Arc<str>>,
    kabupaten: Option<Arc<str>>,
}

/// Sets one, from its place in the log on.
pub async fn set(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Logged>, Problem> {
    let threshold = find(&app.pack, &name)?;
    let setting: Setting = json(body)?;
    check(&app.pack, threshold, &setting)?;
    let Setting { value, phase, kabupaten } = setting;
    let change = ThresholdChange { name: threshold.name.as_str().into(), phase, kabupaten, value };
    let entry = NewEntry::Threshold { change, by: caller.agency };
    let appended = app.store.append(vec![entry], app.clock.edge_time()).await?;
    app.pipeline.wake();
    Ok(Json(Logged::last(&appended)?))
}

fn find<'a>(pack: &'a Pack, name: &str) -> Result<&'a Threshold, Problem> {
    let found = pack.thresholds.id(name).and_then(|id| pack.thresholds.get(id));
    found.ok_or(Problem::NotFound("threshold"))
}

fn check(pack: &Pack, threshold: &Threshold, setting: &Setting) -> Result<(), Problem> {
    let Threshold { min, max, unit, .. } = threshold;
    if !(*min..=*max).contains(&setting.value) {
        return Err(Problem::Invalid(format!("`value` is {min} to {max} {unit}")));
    }
    if threshold.whole && setting.value.fract() != 0.0 {
        return Err(Problem::Invalid(format!("`value` is a whole number of {unit}")));
    }
    if let Some(phase) = setting.phase.as_deref().filter(|word| pack.timeline.phase_id(word).is_none()) {
        let words: Vec<&str> = pack.timeline.phases.iter().map(|phase| phase.id.as_str()).collect();
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
