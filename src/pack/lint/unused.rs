//! Thresholds that nobody uses, and values of them for phases in which nobody does.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;

use crate::pack::diagnostic::{Code, Diagnostic};
use crate::pack::expr::{Node, ThresholdId};
use crate::pack::rule::Rule;
use crate::pack::tables::ThresholdFile;
use crate::pack::thresholds::Thresholds;
use crate::timeline::Timeline;
use crate::words::say;

/// Where a threshold is declared: its name, and the phases that it has values for.
#[derive(Debug)]
pub struct Declared {
    name: Range<usize>,
    phases: Vec<(String, Range<usize>)>,
}

/// Where the thresholds of a file are declared, in their order.
pub fn declared(file: &BTreeMap<Spanned<String>, ThresholdFile>) -> Vec<Declared> {
    let place = |(name, file): (&Spanned<String>, &ThresholdFile)| {
        let by_kabupaten = file.kabupaten_phase.values().flat_map(BTreeMap::keys);
        let phases = file.phase.keys().chain(by_kabupaten).map(|phase| (phase.get_ref().clone(), phase.span()));
        Declared { name: name.span(), phases: phases.collect() }
    };
    file.iter().map(place).collect()
}

/// What nobody uses of the thresholds; `text` is that of their file.
pub fn thresholds(
    text: &str,
    thresholds: &Thresholds,
    places: &[Declared],
    rules: &[Arc<Rule>],
    timeline: &Timeline,
) -> Vec<Diagnostic> {
    const PATH: &str = "thresholds.toml";
    let mut used: BTreeMap<ThresholdId, Vec<bool>> = BTreeMap::new();
    for rule in rules {
        for id in uses(rule) {
            let phases = used.entry(id).or_insert_with(|| vec![false; rule.phases.len()]);
            phases.iter_mut().zip(&rule.phases).for_each(|(used, active)| *used |= active);
        }
    }
    let mut found = Vec::new();
    for (index, (threshold, place)) in thresholds.all().iter().zip(places).enumerate() {
        let Some(phases) = used.get(&ThresholdId(index)) else {
            let message = say("lint-unused").with("threshold", threshold.name.as_str());
            let problem = Diagnostic::error(Code::Unused, PATH, text, place.name.clone(), message);
            found.push(problem.help(say("lint-unused-help")).warning());
            continue;
        };
        for (word, span) in &place.phases {
            let phase = timeline.phase_id(word);
            let is_idle = phase.is_some_and(|phase| phases.get(usize::from(phase.0)) == Some(&false));
            if is_idle {
                let message =
                    say("lint-idle-threshold").with("threshold", threshold.name.as_str()).with("phase", word.as_str());
                let problem = Diagnostic::error(Code::Idle, PATH, text, span.clone(), message);
                found.push(problem.help(say("lint-idle-threshold-help")).warning());
            }
        }
    }
    found
}

/// The thresholds that a rule uses.
fn uses(rule: &Rule) -> BTreeSet<ThresholdId> {
    let deadline = rule
        .deadline
        .iter()
        .flat_map(|deadline| deadline.unless.iter().map(|unless| &unless.node).chain([&deadline.due]));
    let said = rule.values.iter().map(|(_, node)| node).chain(rule.notify.iter().map(|message| &message.text));
    let asked = rule.when.iter().map(|conjunct| &conjunct.node).chain(&rule.area);
    let mut used = BTreeSet::new();
    for node in said.chain(asked).chain(deadline) {
        node.walk(&mut |node| {
            if let Node::Threshold(id) = node {
                used.insert(*id);
            }
        });
    }
    used
}
