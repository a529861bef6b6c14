//! In which order a rule's conjuncts are judged, and which messages repeat each other: found once, used at every finding.

use super::expr::Node;
use super::rule::{Cost, Rule, Turn};

/// Notes in a rule the order of its conjuncts and the messages that repeat the one before.
pub fn find(rule: &mut Rule) {
    let mut values: Vec<Cost> = Vec::new();
    for (_, node) in &rule.values {
        values.push(cost(node, &values));
    }
    let turns = rule.when.iter().enumerate();
    rule.judged = turns.map(|(place, conjunct)| Turn { cost: cost(&conjunct.node, &values), place }).collect();
    rule.judged.sort_unstable();
    let mut before: Option<&Node> = None;
    for message in &mut rule.notify {
        message.repeats = before == Some(&message.text);
        before = Some(&message.text);
    }
}

/// What a node costs; `values` are the costs of the rule's values that stand before it.
fn cost(node: &Node, values: &[Cost]) -> Cost {
    let mut cost = Cost::Trigger;
    node.walk(&mut |node| cost = cost.max(own_cost(node, values)));
    cost
}

fn own_cost(node: &Node, values: &[Cost]) -> Cost {
    match node {
        Node::Script(..) => Cost::Script,
        Node::Value(index) => values.get(*index).copied().unwrap_or(Cost::Script),
        Node::Picked(..)
        | Node::Seen(_)
        | Node::Count(_)
        | Node::Distinct(..)
        | Node::Overlaps(..)
        | Node::MedianCount(..)
        | Node::UsualGap
        | Node::InForce(_) => Cost::Dossier,
        _ => Cost::Trigger,
    }
}
