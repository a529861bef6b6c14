//! What a rule reads of the dossier: which kinds, and how far back. It decides what is judged again.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use crate::record::schema::{FieldId, KindId, core};

use super::expr::{MatchKey, Node, Part, Pick};
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
        .flat_map(|unless| unless.node.queries())
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

/// The fields of records that rules read, besides those that the program itself reads.
pub fn fields<'a>(rules: impl IntoIterator<Item = &'a Rule>) -> BTreeSet<FieldId> {
    let mut fields = BTreeSet::new();
    for rule in rules {
        let deadline = rule
            .deadline
            .iter()
            .flat_map(|deadline| deadline.unless.iter().map(|unless| &unless.node).chain([&deadline.due]));
        let said = rule.values.iter().map(|(_, node)| node).chain(rule.notify.iter().map(|message| &message.text));
        let asked = rule.when.iter().map(|conjunct| &conjunct.node).chain(&rule.area);
        said.chain(asked).chain(deadline).for_each(|node| node.walk(&mut |node| fields_of(node, &mut fields)));
    }
    fields
}

fn fields_of(node: &Node, fields: &mut BTreeSet<FieldId>) {
    match node {
        Node::Trigger(Part::Field(field)) | Node::Picked(_, _, Part::Field(field)) | Node::Overlaps(field, ..) => {
            fields.insert(*field);
        }
        Node::Distinct(MatchKey::Field(field), _) => {
            fields.insert(*field);
        }
        _ => {}
    }
    let keys = node.own_query().into_iter().flat_map(|query| &query.equal);
    fields.extend(keys.filter_map(|(key, _)| match key {
        MatchKey::Field(field) => Some(field),
        MatchKey::Subject(_) => None,
    }));
}
