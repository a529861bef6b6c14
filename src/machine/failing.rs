//! Which rules fail so often in a row that they should be stopped.

use std::collections::BTreeMap;
use std::sync::Arc;

/// How often a rule may fail in a row before it is stopped: once and again can be a record that nobody thought of.
const MOST_FAILURES_IN_A_ROW: u32 = 3;

/// The rules that failed the last time that they were judged, by place.
#[derive(Debug, Default)]
pub(super) struct Failing {
    in_a_row: BTreeMap<u32, u32>,
    over: Vec<Arc<str>>,
}

impl Failing {
    /// The rule at a place was judged, and did not fail.
    pub(super) fn held_up(&mut self, place: u32) {
        if !self.in_a_row.is_empty() {
            self.in_a_row.remove(&place);
        }
    }

    /// It could not be judged.
    pub(super) fn failed(&mut self, place: u32, rule: &Arc<str>) {
        let times = self.in_a_row.entry(place).or_default();
        *times += 1;
        if *times == MOST_FAILURES_IN_A_ROW {
            self.over.push(rule.clone());
        }
    }

    /// Those that failed too often since this was last asked for.
    pub(super) fn take(&mut self) -> Vec<Arc<str>> {
        std::mem::take(&mut self.over)
    }
}
