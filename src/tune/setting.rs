//! A threshold set to a value, over what holds already.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::engine::World;
use crate::entry::{Position, ThresholdChange};
use crate::pack::Pack;
use crate::pack::expr::ThresholdId;
use crate::record::value::Value;
use crate::timeline::PhaseId;

use super::Question;

/// What the threshold is set to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Setting {
    /// As it is now.
    AsItIs,
    /// To this value.
    To(f64),
}

/// How settings are made: the part that moves, and what was set before.
#[derive(Clone, Debug)]
pub struct Settings {
    name: Arc<str>,
    phase: Option<Arc<str>>,
    phase_id: Option<PhaseId>,
    kabupaten: Option<Arc<str>>,
    before: Vec<(ThresholdChange, Option<PhaseId>)>,
}

impl Settings {
    /// For the part of the threshold that a question is about. A change for a phase that the pack does not have holds
    /// nowhere and is left out.
    pub fn new(pack: &Pack, question: &Question, phase_id: Option<PhaseId>) -> Self {
        let known = |change: &ThresholdChange| {
            let phase = change.phase.as_deref().map(|word| pack.timeline.phase_id(word));
            (phase != Some(None)).then(|| (change.clone(), phase.flatten()))
        };
        Settings {
            name: Arc::from(question.threshold.as_str()),
            phase: question.phase.as_deref().map(Arc::from),
            phase_id,
            kabupaten: question.kabupaten.as_deref().map(Arc::from),
            before: question.set.iter().filter_map(known).collect(),
        }
    }

    /// The changes that make a setting, in their order; all stand before the first entry of a log.
    fn changes(&self, setting: Setting) -> Vec<(Position, ThresholdChange, Option<PhaseId>)> {
        let own = match setting {
            Setting::AsItIs => None,
            Setting::To(value) => {
                let change = ThresholdChange {
                    name: self.name.clone(),
                    phase: self.phase.clone(),
                    kabupaten: self.kabupaten.clone(),
                    value: Some(value),
                };
                Some((change, self.phase_id))
            }
        };
        let all = self.before.iter().cloned().chain(own);
        let first = -i64::try_from(self.before.len()).unwrap_or(0);
        (first..).zip(all).map(|(position, (change, phase))| (position, change, phase)).collect()
    }

    /// The present value in the part that moves; where that is everything, the one that holds where nothing narrower
    /// is set.
    pub fn present(&self, pack: &Pack, threshold: ThresholdId) -> Option<f64> {
        let stated = pack.thresholds.get(threshold)?;
        let set = self.before.iter().rev().find(|(change, _)| {
            change.name == self.name && change.phase == self.phase && change.kabupaten == self.kabupaten
        });
        if let Some(value) = set.and_then(|(change, _)| change.value) {
            return Some(value);
        }
        let by_phase = self.phase_id.and_then(|phase| stated.phase.get(&phase));
        let code = self.kabupaten.as_deref();
        let by_code = code.and_then(|code| stated.kabupaten.get(code));
        let both = code.zip(self.phase_id).and_then(|(code, id)| stated.kabupaten_phase.get(&(code.to_owned(), id)));
        Some(both.or(by_code).or(by_phase).copied().unwrap_or(stated.default))
    }

    /// The present value in each phase and kabupaten of the part that moves.
    pub fn in_force(&self, pack: &Arc<Pack>, threshold: ThresholdId) -> Vec<(PhaseId, f64)> {
        let mut thresholds = pack.thresholds.clone();
        for (position, change, phase) in self.changes(Setting::AsItIs) {
            thresholds.set(position, &change, phase);
        }
        let phases = (0..pack.timeline.phases.len()).filter_map(|place| u8::try_from(place).ok().map(PhaseId));
        let phases = phases.filter(|phase| self.phase_id.is_none_or(|only| only == *phase));
        let codes =
            || pack.area.iter().filter(|code| self.kabupaten.as_deref().is_none_or(|only| only == code.as_str()));
        let value = |phase: PhaseId, code: &str| match thresholds.value(threshold, phase, Some(code), Position::MAX) {
            #[expect(clippy::cast_precision_loss, reason = "thresholds are small numbers")]
            Value::Int(n) => Some(n as f64),
            Value::Number(n) => Some(n),
            _ => None,
        };
        phases.flat_map(|phase| codes().filter_map(move |code| Some((phase, value(phase, code)?)))).collect()
    }

    /// What was set at run time for a narrower part, where it holds whatever the threshold is set to here.
    pub fn held(&self) -> Vec<&ThresholdChange> {
        let breadth = |change: &ThresholdChange| (change.kabupaten.is_some(), change.phase.is_some());
        let meets = |own: &Option<Arc<str>>, other: &Option<Arc<str>>| own.is_none() || other.is_none() || own == other;
        let mut last = BTreeMap::new();
        for (change, _) in self.before.iter().filter(|(change, _)| change.name == self.name) {
            last.insert((&change.kabupaten, &change.phase), change);
        }
        let narrower = |change: &&ThresholdChange| {
            breadth(change) > (self.kabupaten.is_some(), self.phase.is_some())
                && meets(&self.kabupaten, &change.kabupaten)
                && meets(&self.phase, &change.phase)
                && change.value.is_some()
        };
        last.into_values().filter(narrower).collect()
    }

    /// The rules under a setting.
    pub fn world(&self, pack: &Arc<Pack>, setting: Setting) -> World {
        let mut world = World::new(pack.clone());
        for (position, change, _) in self.changes(setting) {
            world.set_threshold(position, &change);
        }
        world
    }
}
