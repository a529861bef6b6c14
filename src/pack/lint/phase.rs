//! Phases that a rule speaks of and in which it never runs.

use rhai::{Expr, Position};

use crate::pack::diagnostic::{Code, Diagnostic};
use crate::pack::expr::Node;
use crate::pack::rule::Rule;
use crate::pack::script::Script;
use crate::record::value::Value;
use crate::timeline::Timeline;
use crate::words::say;

/// Comparisons with, and severities for, phases in which the rule never runs.
pub fn find(script: &Script<'_>, rule: &Rule, timeline: &Timeline) -> Vec<Diagnostic> {
    let is_idle = |word: &str| timeline.phase_id(word).is_some_and(|phase| !rule.is_active_in(phase));
    let mut found = Vec::new();
    if let Some(Expr::Map(map, _)) = script.key("severity").map(|key| key.value.as_ref()) {
        for (phase, _) in map.0.iter().filter(|(phase, _)| is_idle(&phase.name)) {
            found.push(idle(script, phase.pos, &phase.name));
        }
    }
    for (at, node) in super::parts(script, rule) {
        for word in compared(node, rule.deadline.is_some()) {
            if is_idle(word) {
                let message = say("lint-idle").with("phase", word);
                found.push(script.error(Code::Idle, at, message).help(say("lint-idle-help")).warning());
            }
        }
    }
    found
}

fn idle(script: &Script<'_>, at: Position, phase: &str) -> Diagnostic {
    let message = say("lint-idle").with("phase", phase);
    script.error(Code::Idle, at, message).help(say("lint-idle-help")).warning()
}

/// The phases that an expression compares with the one in which the rule runs: where it waits, that is the phase as
/// of now alone.
fn compared(node: &Node, waits: bool) -> Vec<&str> {
    let is_phase = |node: &Node| matches!(node, Node::PhaseNow) || (!waits && matches!(node, Node::Phase));
    let word = |node| match node {
        &Node::Constant(Value::Text(ref word)) => Some(word.as_ref()),
        _ => None,
    };
    let mut found = Vec::new();
    node.walk(&mut |node| match node {
        Node::Compare(_, left, right) if is_phase(left) => found.extend(word(right)),
        Node::Compare(_, left, right) if is_phase(right) => found.extend(word(left)),
        Node::In(value, choices) if is_phase(value) => found.extend(choices.iter().filter_map(word)),
        _ => {}
    });
    found
}
