//! Which waiting deadlines a phase boundary can move: few, and only where a threshold differs between the phases.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use crate::pack::expr::{Node, ThresholdId};
use crate::pack::rule::Rule;
use crate::timeline::PhaseId;

use super::World;

impl World {
    /// The places of the rules whose waiting deadlines can be due at another time after a boundary than before it.
    pub fn moved_at(&self, boundary: DateTime<Utc>) -> Vec<u32> {
        let phases = self.phases_about(boundary);
        let rules = (0..).zip(&self.pack.rules).filter(|(_, rule)| self.is_moved(rule, &phases));
        rules.map(|(place, _)| place).collect()
    }

    /// The phases that are in force somewhere right before an instant or from it on.
    fn phases_about(&self, boundary: DateTime<Utc>) -> BTreeSet<PhaseId> {
        let timeline = &self.pack.timeline;
        let before = boundary - TimeDelta::nanoseconds(1);
        let calendars = timeline.by_kabupaten.values().chain([&timeline.whole_area]);
        let phases = calendars.flat_map(|calendar| [calendar.phase_at(before), calendar.phase_at(boundary)]);
        let days = timeline.voting_days.iter();
        let days = days.filter(|day| day.hours.contains(&before) || day.hours.contains(&boundary));
        phases.chain(days.map(|day| day.phase)).collect()
    }

    fn is_moved(&self, rule: &Rule, phases: &BTreeSet<PhaseId>) -> bool {
        let Some(deadline) = &rule.deadline else { return false };
        // where the finding belongs, and what the dossier says, can be told otherwise too
        let mut is_moved = rule.area.is_some() || !rule.moves.is_empty();
        deadline.due.walk(&mut |node| {
            is_moved |= match node {
                Node::PhaseNow | Node::Value(_) => true,
                Node::Threshold(id) => self.differs(*id, phases),
                _ => false,
            };
        });
        is_moved
    }

    /// Whether a threshold has different values in some phases, at one place or at any.
    fn differs(&self, id: ThresholdId, phases: &BTreeSet<PhaseId>) -> bool {
        let Some(threshold) = self.thresholds.get(id) else { return true };
        let narrow = threshold.kabupaten.keys().chain(threshold.kabupaten_phase.keys().map(|(code, _)| code));
        let mut places = narrow.map(|code| Some(code.as_str())).chain([None]);
        let values = |place| phases.iter().map(move |phase| self.thresholds.value(id, *phase, place, 0));
        self.thresholds.is_changed()
            || places.any(|place| values(place).zip(values(place).skip(1)).any(|(one, next)| one != next))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::pack::files::Files;

    #[test]
    fn deadlines_move_where_a_threshold_differs() {
        let pack = crate::pack::build(Files::built_in()).pack.unwrap();
        let world = World::new(Arc::new(pack));
        let moved = |boundary: &str| -> Vec<&str> {
            let boundary = DateTime::parse_from_rfc3339(boundary).unwrap().to_utc();
            world.moved_at(boundary).into_iter().filter_map(|place| world.rule(place)).map(|rule| &*rule.id).collect()
        };
        let silent = moved("2024-11-24T00:00:00+07:00");
        for id in ["belum-checkout", "inap-belum-lapor", "izin-segera-habis", "sumber-senyap"] {
            assert!(silent.contains(&id), "{id} in {silent:?}");
        }
        for id in ["lewat-izin", "pindah-tanpa-lapor", "sktt-14", "inap-ganda"] {
            assert!(!silent.contains(&id), "{id} in {silent:?}");
        }
        // nothing begins
        assert_eq!(moved("2024-11-25T00:00:00+07:00"), ["sumber-senyap"]);
    }
}
