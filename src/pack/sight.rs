//! What people are shown of a condition that holds, as far as the rule alone says it.

use std::sync::Arc;

use chrono_tz::Tz;

use crate::record::schema::{FieldId, Schema, Type, core};
use crate::record::shown::{Bound, Naming, Shown};
use crate::record::value::Value;

use super::expr::{Node, Part};
use super::rule::Rule;

/// What people are shown of a condition that holds.
#[derive(Clone, Debug)]
pub enum Sight {
    /// Always the same words.
    Words(&'static str),
    /// A value and what it was held against.
    Value {
        /// What names both.
        naming: Option<Naming>,
        /// What it was held against, where that is constant.
        bound: Option<Bound>,
    },
}

/// What a value was held against where it is one of several.
pub const ONE_OF: &str = "salah satu dari";

impl Sight {
    /// Of a condition, among the rule's values.
    pub fn of(node: &Node, schema: &Schema, zone: Tz, values: &[(String, Node)]) -> Self {
        match node {
            Node::Compare(comparison, left, right) => {
                // a constant is read as a value of the field beside it
                let about = if matches!(**left, Node::Constant(_)) { right } else { left };
                let naming = naming(about, schema, values);
                let bound = constant(right)
                    .map(|value| Bound { how: comparison.sign(), value: Shown::named(value.slot(), naming, zone) });
                Sight::Value { naming, bound }
            }
            Node::In(value, choices) => {
                let naming = naming(value, schema, values);
                let choices: Option<Arc<[Shown]>> =
                    choices.iter().map(|choice| Some(Shown::named(constant(choice)?.slot(), naming, zone))).collect();
                let bound = choices.map(|choices| Bound { how: ONE_OF, value: Shown::Listed(choices) });
                Sight::Value { naming, bound }
            }
            Node::Seen(_) | Node::InForce(_) | Node::Has(_) => Sight::Words("ada"),
            Node::Not(inner) if matches!(**inner, Node::Seen(_) | Node::InForce(_) | Node::Has(_)) => {
                Sight::Words("tidak ada")
            }
            _ => Sight::Words("ya"),
        }
    }
}

/// Notes in a rule what people are shown of its conjuncts.
pub fn find(rule: &mut Rule, schema: &Schema, zone: Tz) {
    let unless = rule.deadline.iter_mut().flat_map(|deadline| &mut deadline.unless);
    for conjunct in rule.when.iter_mut().chain(unless) {
        conjunct.sight = Sight::of(&conjunct.node, schema, zone, &rule.values);
    }
}

/// What names the values of an expression that reads a field as it stands, also by way of the rule's `values`.
pub fn naming(node: &Node, schema: &Schema, values: &[(String, Node)]) -> Option<Naming> {
    match field(node, values)? {
        core::KABUPATEN => Some(Naming::Kabupaten),
        core::KECAMATAN => Some(Naming::Kecamatan),
        id => match schema.field(id)?.ty {
            Type::Choice(_) => Some(Naming::Choice),
            _ => None,
        },
    }
}

fn field(node: &Node, values: &[(String, Node)]) -> Option<FieldId> {
    match node {
        Node::Trigger(Part::Field(field)) | Node::Picked(_, _, Part::Field(field)) => Some(*field),
        Node::Value(index) => values.get(*index).and_then(|(_, node)| self::field(node, values)),
        _ => None,
    }
}

fn constant(node: &Node) -> Option<&Value> {
    match node {
        Node::Constant(value) => Some(value),
        _ => None,
    }
}
