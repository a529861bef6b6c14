//! What a rule reads of the dossier: which kinds, and how far back. It decides what is judged again.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use crate::record::schema::{KindId, core};

use super::expr::{Node, Pick};
use super::rule::Rule;

/// Notes in a rule what it reads.
pub fn find(rule: &mut Rule) {
    let mut reads = BTreeSet::new();
    let mut looks_back = Some(TimeDelta::zero());
    let nodes = rule.values.iter().map(|(_, node)| node).chain(rule.when.iter().map(|c| &c.node));
    for node in nodes.chain(rule.notify.iter().map(|message| &message.text)).chain(&rule.area) {
        let unbounded = look(node, &rule.on, &mut reads);
        for query in node.queries() {
            looks_back = looks_back.zip(query.constant_window()).map(|(a, b)| a.max(b));
        }
        if unbounded {
            looks_back = None;
        }
    }
    rule.reads = reads;
    rule.looks_back = looks_back;
    if let Some(deadline) = &rule.deadline {
        look(&deadline.due, &rule.on, &mut rule.moves);
        let mut uses_values = false;
        deadline.due.walk(&mut |node| uses_values |= matches!(node, Node::Value(_)));
        if uses_values {
            rule.moves.extend(&rule.reads);
        }
    }
    rule.answers = rule
        .deadline
        .iter()
        .flat_map(|deadline| &deadline.unless)
        .flat_map(Node::queries)
        .map(|query| query.kind)
        .collect();
}

/// Adds the kinds that a node reads; whether it reads all the way back.
fn look(node: &Node, on: &[KindId], reads: &mut BTreeSet<KindId>) -> bool {
    let mut unbounded = false;
    node.walk(&mut |node| match node {
        Node::UsualGap => {
            reads.extend(on);
            unbounded = true;
        }
        Node::Picked(Pick::Permit, ..) => reads.extend(core::PERMIT_KINDS),
        Node::Overlaps(..) => {
            reads.insert(core::LODGING_CHECK_OUT);
            unbounded = true;
        }
        _ => {}
    });
    reads.extend(node.queries().iter().map(|query| query.kind));
    unbounded
}
