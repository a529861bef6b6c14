//! Tunable numbers: the pack's values by phase and kabupaten, and what was set at run time over them.

use std::collections::BTreeMap;

use crate::entry::{Position, ThresholdChange};
use crate::record::value::Value;
use crate::timeline::PhaseId;

use super::expr::ThresholdId;

/// One tunable number.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    /// Its word.
    pub name: String,
    /// What it counts.
    pub unit: String,
    /// What it means.
    pub meaning: String,
    /// Least sensible value.
    pub min: f64,
    /// Greatest sensible value.
    pub max: f64,
    /// Whether its values are whole numbers.
    pub whole: bool,
    /// The value where nothing else holds.
    pub default: f64,
    /// By phase.
    pub phase: BTreeMap<PhaseId, f64>,
    /// By kabupaten.
    pub kabupaten: BTreeMap<String, f64>,
    /// By both.
    pub kabupaten_phase: BTreeMap<(String, PhaseId), f64>,
}

/// The thresholds of a pack with what was set over them, as of any place in the log.
#[derive(Clone, Debug, Default)]
pub struct Thresholds {
    all: Vec<Threshold>,
    changes: Vec<Set>,
}

#[derive(Clone, Debug)]
struct Set {
    from: Position,
    id: ThresholdId,
    phase: Option<PhaseId>,
    kabupaten: Option<String>,
    value: Option<f64>,
}

impl Thresholds {
    /// From the pack's own values.
    pub fn new(all: Vec<Threshold>) -> Self {
        Thresholds { all, changes: Vec::new() }
    }

    /// All thresholds in the pack's order.
    pub fn all(&self) -> &[Threshold] {
        &self.all
    }

    /// The threshold of a name.
    pub fn id(&self, name: &str) -> Option<ThresholdId> {
        self.all.iter().position(|threshold| threshold.name == name).map(ThresholdId)
    }

    /// The threshold of an id.
    pub fn get(&self, id: ThresholdId) -> Option<&Threshold> {
        self.all.get(id.0)
    }

    /// Whether something was set at run time.
    pub fn is_changed(&self) -> bool {
        !self.changes.is_empty()
    }

    /// Takes a change made at run time; one for a threshold that this pack does not have is left out.
    pub fn set(&mut self, from: Position, change: &ThresholdChange, phase: Option<PhaseId>) {
        let Some(id) = self.id(&change.name) else { return };
        let kabupaten = change.kabupaten.as_deref().map(str::to_owned);
        self.changes.push(Set { from, id, phase, kabupaten, value: change.value });
    }

    /// The value at a phase and kabupaten as of a position: run time over pack, narrow over wide, late over early.
    pub fn value(&self, id: ThresholdId, phase: PhaseId, kabupaten: Option<&str>, as_of: Position) -> Value {
        let Some(threshold) = self.get(id) else { return Value::Missing };
        let value = self.set_at(id, phase, kabupaten, as_of).unwrap_or_else(|| threshold.of_pack(phase, kabupaten));
        #[expect(clippy::cast_possible_truncation, reason = "whole thresholds lie within their min and max")]
        if threshold.whole { Value::Int(value as i64) } else { Value::Number(value) }
    }

    /// The least and the greatest value that a threshold has anywhere, at any position.
    pub fn range(&self, id: ThresholdId) -> Option<(f64, f64)> {
        let threshold = self.get(id)?;
        let set = self.changes.iter().filter(|set| set.id == id).filter_map(|set| set.value);
        let values = threshold.values().chain(set);
        Some(values.fold((threshold.default, threshold.default), |(low, high), n| (low.min(n), high.max(n))))
    }

    fn set_at(&self, id: ThresholdId, phase: PhaseId, kabupaten: Option<&str>, as_of: Position) -> Option<f64> {
        let known = || self.changes.iter().filter(|set| set.id == id && set.from <= as_of);
        let last = |phase: Option<PhaseId>, kabupaten: Option<&str>| {
            let of_it = known().filter(|set| set.phase == phase && set.kabupaten.as_deref() == kabupaten);
            of_it.max_by_key(|set| set.from)?.value
        };
        let phase = Some(phase);
        let narrow = kabupaten.and_then(|_| last(phase, kabupaten).or_else(|| last(None, kabupaten)));
        narrow.or_else(|| last(phase, None)).or_else(|| last(None, None))
    }
}

impl Threshold {
    fn values(&self) -> impl Iterator<Item = f64> {
        let narrow = self.phase.values().chain(self.kabupaten.values()).chain(self.kabupaten_phase.values());
        narrow.copied().chain([self.default])
    }

    fn of_pack(&self, phase: PhaseId, kabupaten: Option<&str>) -> f64 {
        let narrow = kabupaten.filter(|_| !self.kabupaten_phase.is_empty());
        let both = narrow.and_then(|code| self.kabupaten_phase.get(&(code.to_owned(), phase)));
        both.or_else(|| kabupaten.and_then(|code| self.kabupaten.get(code)))
            .or_else(|| self.phase.get(&phase))
            .copied()
            .unwrap_or(self.default)
    }
}
